//! `ap_2_ap`: memory to memory, from a BD's buffer to its extended buffer, through the burst unit alone.
//!
//! It waits for no request. Inferred: that it offers the core (`done 0`) after each burst of eight words, as the other scripts do
//! after theirs, and that it works for any alignment (QNX' driver says so). r7 means nothing to it: QNX puts the base of
//! memory there, Freescale's platform SDK nothing, and both work.

use super::items;
use super::walk::{Run, Transfer, Turn};
use super::{bd, burst};
use crate::machine::{Fault, Machine};

/// Memory to memory.
pub(super) struct ApToAp;

impl Transfer for ApToAp {
    fn open<M: Machine>(machine: &mut M, buffer: u32) {
        let destination = machine.regs().r[6];
        burst::set_source(machine, buffer);
        burst::set_destination(machine, destination);
    }

    fn requested<M: Machine>(_: &mut M) -> bool {
        true
    }

    fn burst<M: Machine>(machine: &mut M) -> Turn {
        items::watermark(machine, burst::BURST, 1);
        Turn::Go
    }

    /// One copy moves a burst, or what could be read of it; r0 is in bytes here.
    fn items<M: Machine>(machine: &mut M) -> Run {
        while machine.regs().r[0] > 0 {
            let left = machine.regs().r[0];
            let Ok(moved) = burst::copy(machine, left) else { return Run::Fault };
            machine.regs().r[0] -= moved;
            if burst::flush(machine).is_err() {
                return Run::Fault;
            }
            machine.spend(1);
            if machine.out_of_time() {
                return Run::OutOfTime;
            }
        }
        Run::Moved
    }

    fn end<M: Machine>(machine: &mut M) -> Result<(), Fault> {
        burst::flush(machine)
    }

    fn count<M: Machine>(machine: &mut M) {
        let [left, _, _, _, mode, after, ..] = machine.regs().r;
        bd::set_count(machine, (mode & bd::COUNT) - after - left);
    }
}
