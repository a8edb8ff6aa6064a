//! The pause was refused, and the client suspends its device all the same.
#![deny(unused_must_use)]

use backend_mock::Mock;
use dmaengine_core::Active;

fn suspend(active: Active<'_, Mock>) {
    active.pause();
}

fn main() {}
