//! A period interrupt finds the overrun and stops the stream with something that sleeps. In Linux a trigger may be
//! called from there, and only a debug kernel says that it must not sleep.
use backend_mock::Mock;
use dmaengine_core::{Atomic, Micros, StopHandle, Transfer};

fn overrun(context: &Atomic<'_>, stop: &StopHandle<'_, Mock>, ring: Transfer<'_, Mock, &'static mut [u8]>) {
    stop.terminate_async();
    let _ = ring.wait(context, Micros(1_000));
}

fn main() {}
