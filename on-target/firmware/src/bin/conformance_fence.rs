//! The conformance suite, with the fence of channel 0.
#![no_std]
#![no_main]

extern crate alloc;

#[path = "../conformance/mod.rs"]
mod conformance;

use backend_imx_sdma::Fence;
use dmaengine_core::Sleepable;
use dmaengine_core::conformance::Abilities;

/// The SDMA cannot pause, repeat rows, or know less than a descriptor; and a stop is over before there could be a second one.
fn every_statement_holds(_: &mut Sleepable<'_>) {
    let all = || Abilities::none().memcpy().cyclic().slave_sg().terminate_atomic().queue_after_stop();
    conformance::run::<Fence>(true, all, &[19, 32, 33, 36, 44, 65]);
}

board::tests![every_statement_holds];
