//! Misuse: waiting for the stop in the period callback, which the wait would wait for.
//! The dmaengine documentation (client.rst) forbids it in a sentence.

use backend_mock::Mock;
use dmaengine_core::{Callback, Event};
use pcm_dmaengine::{Elapsed, PeriodHalf};

fn on_period(half: &PeriodHalf<'_, Mock>, callback: &Callback<'_, Mock>, event: Event) {
    if half.elapsed(callback, event) == Elapsed::Xrun {
        callback.synchronize();
    }
}

fn main() {}
