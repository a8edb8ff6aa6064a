//! `synchronize` with interrupts masked. Linux has a debug assertion in it ("might sleep"); the thread of August 2020
//! asked whether the trigger might call it, which holds the stream's spin lock.
use backend_mock::Mock;
use dmaengine_core::{Sleepable, Stopping};

fn trigger(stopping: Stopping<'_, Mock>, context: &mut Sleepable<'_>) {
    let masked = context.atomic();
    let _ = stopping.synchronize(context);
    drop(masked);
}

fn main() {}
