//! The scripts: what the programs in ROM and RAM do, as step machines whose state lies where theirs does.

pub(crate) mod table;

use crate::machine::{Machine, Step};
use table::ScriptKind;

/// Runs the script that the program counter is in, until it leaves the core or its time is up. `None`: no script is known
/// there, the instruction is illegal.
pub(crate) fn run<M: Machine>(machine: &mut M, scripts: &table::Scripts) -> Option<Step> {
    let (kind, label) = scripts.at(machine.regs().pc)?;
    match kind {
        ScriptKind::Ap2Ap => {
            let _ = label;
            None
        }
    }
}
