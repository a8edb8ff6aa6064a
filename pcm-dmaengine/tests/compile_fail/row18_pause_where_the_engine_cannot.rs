//! Misuse: pausing a stream whose engine cannot; ALSA answers -ENOSYS. And the same hidden in a suspend that is to be
//! resumed, which in Linux is a stream that is RUNNING without a transfer (sound/core/pcm_dmaengine.c).

use dmaengine_core::EngineCyclic;
use pcm_dmaengine::{Capture, Link, Running};

fn pause<E: EngineCyclic>(running: Running<'_, E, Capture>) {
    let _ = running.pause();
}

fn suspend<E: EngineCyclic>(running: Running<'_, E, Capture>) {
    let _ = running.suspend_paused();
}

fn pause_two<'a, E: EngineCyclic>(link: Link<'a, E>, one: Running<'a, E, Capture>, two: Running<'a, E, Capture>) {
    let _ = link.pause((one, two));
}

fn main() {}
