//! `synchronize` in the channel's own callback, which would wait for itself. In Linux it is a sentence in the comment
//! above `dmaengine_synchronize` (include/linux/dmaengine.h).
use backend_mock::Mock;
use dmaengine_core::{Callback, Stopping};

fn period_elapsed(callback: &Callback<'_, Mock>, stopping: Stopping<'_, Mock>) {
    let _ = stopping.synchronize(callback);
}

fn main() {}
