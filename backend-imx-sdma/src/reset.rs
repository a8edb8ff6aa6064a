//! The last way out of a stop that does not come.
//!
//! First the softer one: RESCHED makes the core leave the script that holds it as if it had said `done`, so that channel 0 gets its turn
//! and the fence is passed. If that does not help, the whole block is reset. Then nothing touches memory any more, and all
//! other transfers are lost with it: they fail, and their clients are told.
//!
//! Contexts and programs lie in memory that a reset leaves alone (i.MX 6ULL RM chapter 46); registers are set up again.

use dmaengine_core::lock::MasksInterrupts;
use dmaengine_core::{Micros, Platform};

use crate::channel::Channel;
use crate::regs::{Registers, Reset, offset};
use crate::sdma::ImxSdma;
use crate::stop::StopMethod;

/// How long the core is given to come to the fence after RESCHED: the time of a short script.
const RESCHED_TIME: Micros = Micros(20);

impl<P, R, S> ImxSdma<P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    /// Makes a channel stop. False if not even the reset of the block has worked.
    pub(crate) fn reset_channel(&self, channel: &mut Channel) -> bool {
        self.regs.write(offset::RESET, Reset::RESCHED.bits());
        self.platform.delay(RESCHED_TIME);
        if self.come_to_rest(channel).is_some() {
            return true;
        }
        if self.reset_block().is_err() {
            return false;
        }
        // From here on nothing touches memory, whether channel 0 answers or not.
        self.shared.with(|shared| shared.lose_all_but(self, channel.number));
        self.quiet(channel);
        if self.set_up().is_err() {
            return true;
        }
        // Its interrupt is when the others are told.
        self.shared.with(|shared| shared.zero.fence(self, channel.number));
        true
    }
}
