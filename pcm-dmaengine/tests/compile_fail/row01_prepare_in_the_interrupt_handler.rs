//! Misuse: waiting for the stop inside the interrupt handler, where nothing may sleep. One of the two repairs that the
//! pcm|dmaengine|imx-sdma thread of August 2020 found impossible: the stop comes from the period interrupt.

use backend_mock::Mock;
use dmaengine_core::Atomic;
use pcm_dmaengine::{Capture, Xrun};

fn interrupt_handler(atomic: &Atomic<'_>, xrun: Xrun<'_, Mock, Capture>) {
    let _ = xrun.prepare(atomic);
}

fn main() {}
