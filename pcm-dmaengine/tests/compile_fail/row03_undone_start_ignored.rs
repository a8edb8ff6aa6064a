//! Misuse: a start that failed, and the stop that took it back thrown away with the answer. As row03_stop_and_forget.
#![deny(unused_must_use)]

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Undone};

fn note(undone: Undone<'_, Mock, Capture>) -> Undone<'_, Mock, Capture> {
    println!("{}", undone.error());
    undone
}

fn ignore(undone: Undone<'_, Mock, Capture>) {
    note(undone);
}

fn main() {}
