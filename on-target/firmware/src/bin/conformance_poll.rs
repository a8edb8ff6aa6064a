//! The conformance suite, with a look at who is on the core.
#![no_std]
#![no_main]

extern crate alloc;

#[path = "../conformance/mod.rs"]
mod conformance;

use backend_imx_sdma::Poll;
use dmaengine_core::Sleepable;
use dmaengine_core::conformance::Abilities;

/// The SDMA cannot pause, repeat rows, or know less than a descriptor; nothing waits behind a stop of which no interrupt tells, and channel 0 is not asked.
fn every_statement_holds(_: &mut Sleepable<'_>) {
    let all = || Abilities::none().memcpy().cyclic().slave_sg().terminate_atomic();
    conformance::run::<Poll>(false, all, &[19, 32, 33, 36, 44, 46, 47, 57, 65]);
}

board::tests![every_statement_holds];
