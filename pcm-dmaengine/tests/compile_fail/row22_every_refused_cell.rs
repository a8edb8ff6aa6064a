//! Misuse: every operation that ALSA refuses because of the state, called on that state's type. The façade's transition table has the same
//! refusals as error numbers (sound/core/pcm_native.c).

use backend_mock::Mock;
use pcm_dmaengine::*;

fn open<D: Way>(open: Open<'_, Mock, D>) {
    open.delay();
    open.drain();
    open.forward();
    open.hw_free();
    open.hwsync();
    open.pause();
    open.prepare();
    open.readi();
    open.readn();
    open.reset();
    open.resume();
    open.rewind();
    open.set_sw_params();
    open.start();
    open.stop();
    open.suspend();
    open.writei();
    open.writen();
    open.xrun();
}

fn setup<D: Way>(setup: Setup<'_, Mock, D>) {
    setup.delay();
    setup.forward();
    setup.hwsync();
    setup.pause();
    setup.readi();
    setup.readn();
    setup.reset();
    setup.resume();
    setup.rewind();
    setup.start();
    setup.suspend();
    setup.writei();
    setup.writen();
    setup.xrun();
}

fn stopped<D: Way>(stopped: Stopped<'_, Mock, D>) {
    stopped.delay();
    stopped.forward();
    stopped.hwsync();
    stopped.pause();
    stopped.readi();
    stopped.readn();
    stopped.resume();
    stopped.rewind();
    stopped.start();
    stopped.suspend();
    stopped.writei();
    stopped.writen();
    stopped.xrun();
}

fn prepared<D: Way>(prepared: Prepared<'_, Mock, D>) {
    prepared.pause();
    prepared.resume();
    prepared.xrun();
}

fn undone<D: Way>(undone: Undone<'_, Mock, D>) {
    undone.pause();
    undone.resume();
    undone.xrun();
}

fn running<D: Way>(running: Running<'_, Mock, D>) {
    running.hw_free();
    running.hw_params();
    running.prepare();
    running.resume();
    running.start();
}

fn xrun<D: Way>(xrun: Xrun<'_, Mock, D>) {
    xrun.delay();
    xrun.forward();
    xrun.hw_free();
    xrun.hw_params();
    xrun.hwsync();
    xrun.pause();
    xrun.readi();
    xrun.readn();
    xrun.reset();
    xrun.resume();
    xrun.rewind();
    xrun.start();
    xrun.writei();
    xrun.writen();
}

fn faulted<D: Way>(faulted: Faulted<'_, Mock, D>) {
    faulted.delay();
    faulted.forward();
    faulted.hw_free();
    faulted.hw_params();
    faulted.hwsync();
    faulted.pause();
    faulted.readi();
    faulted.readn();
    faulted.resume();
    faulted.rewind();
    faulted.start();
    faulted.writei();
    faulted.writen();
}

fn draining(draining: Draining<'_, Mock>) {
    draining.hw_free();
    draining.hw_params();
    draining.pause();
    draining.prepare();
    draining.reset();
    draining.resume();
    draining.start();
    draining.writei();
    draining.writen();
    draining.xrun();
}

fn leftover(leftover: Leftover<'_, Mock>) {
    leftover.delay();
    leftover.forward();
    leftover.hw_free();
    leftover.hw_params();
    leftover.hwsync();
    leftover.pause();
    leftover.reset();
    leftover.resume();
    leftover.rewind();
    leftover.start();
    leftover.xrun();
}

fn paused<D: Way>(paused: Paused<'_, Mock, D>) {
    paused.hw_free();
    paused.hw_params();
    paused.pause();
    paused.start();
    paused.xrun();
}

fn suspended<D: Way>(suspended: Suspended<'_, Mock, D>) {
    suspended.delay();
    suspended.drain();
    suspended.forward();
    suspended.hw_free();
    suspended.hw_params();
    suspended.hwsync();
    suspended.pause();
    suspended.readi();
    suspended.readn();
    suspended.rewind();
    suspended.start();
    suspended.suspend();
    suspended.writei();
    suspended.writen();
    suspended.xrun();
}

fn disconnected<D: Way>(disconnected: Disconnected<'_, Mock, D>) {
    disconnected.delay();
    disconnected.drain();
    disconnected.forward();
    disconnected.hw_free();
    disconnected.hw_params();
    disconnected.hwsync();
    disconnected.pause();
    disconnected.prepare();
    disconnected.readi();
    disconnected.readn();
    disconnected.reset();
    disconnected.resume();
    disconnected.rewind();
    disconnected.set_sw_params();
    disconnected.start();
    disconnected.stop();
    disconnected.suspend();
    disconnected.writei();
    disconnected.writen();
    disconnected.xrun();
}

fn main() {}
