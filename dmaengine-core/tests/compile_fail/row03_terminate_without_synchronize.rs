//! `terminate_async` and nothing after it. The PCM layer of Linux did so until 2024 (commit e8343410ddf0).
#![deny(unused_must_use)]

use backend_mock::Mock;
use dmaengine_core::Active;

fn trigger_stop(active: Active<'_, Mock>) {
    active.terminate_async();
}

fn main() {}
