//! Misuse: a peripheral's driver that sleeps in its trigger, with the stream's lock held and maybe in an interrupt.

use backend_mock::Mock;
use dmaengine_core::{Atomic, Sleepable};
use pcm_dmaengine::{Capture, Dai, DaiError, Stopped, Trigger};

struct Codec;

impl Dai for Codec {
    fn trigger(&self, _trigger: Trigger, context: &Atomic<'_>) -> Result<(), DaiError> {
        settle(context);
        Ok(())
    }
}

fn settle(context: &Sleepable<'_>) {
    let _ = context;
}

fn stop_in_the_trigger(stopped: Stopped<'_, Mock, Capture>, context: &Atomic<'_>) {
    let _ = stopped.synchronize(context);
}

fn main() {}
