//! Misuse: an XRUN that is looked at and thrown away, and its unfinished stop with it.
//! As row03_stop_and_forget.
#![deny(unused_must_use)]

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Xrun};

fn note(xrun: Xrun<'_, Mock, Capture>) -> Xrun<'_, Mock, Capture> {
    println!("{:?}", xrun.report());
    xrun
}

fn ignore(xrun: Xrun<'_, Mock, Capture>) {
    note(xrun);
}

fn main() {}
