//! Hazard 3: the wait for a channel that is only paused and was never stopped. Linux needed two commits in 2024: one
//! for a stream that is closed so (6a7db25aad8c), one for a stream that is suspended so and could not go on
//! (88e98af9f4b5).
use backend_mock::Mock;
use dmaengine_core::{Paused, Sleepable};

fn sync_stop(paused: Paused<'_, Mock>, context: &Sleepable<'_>) {
    let _ = paused.synchronize(context);
}

fn main() {}
