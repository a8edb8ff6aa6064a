//! Resume of a channel that is not paused: an error at best, a start at worst.
use backend_mock::Mock;
use dmaengine_core::Active;

fn resume(active: Active<'_, Mock>) {
    let _ = active.resume();
}

fn main() {}
