//! The scripts: what the programs in ROM and RAM do, as step machines whose state lies where theirs does.
//!
//! [`table`] says which script lies where. The transfer scripts share one walk along the descriptors ([`walk`]), which stands on
//! the treatment of one descriptor ([`bd`]) and on the core's two DMA units ([`burst`], [`per`]); each adds how it moves
//! items, with the tools of [`items`].
//! The program counter of a script in the middle of its work is its entry plus a label, and all else that it has to remember is in
//! the registers and scratch words of its channel: so it can be cut short between any two items, saved, restored, and frozen.

mod ap_2_ap;
mod app;
mod bd;
pub(crate) mod burst;
mod channel0;
mod ecspi;
mod hdmi;
mod items;
mod per;
mod per_2_per;
mod sai;
mod shp;
pub(crate) mod table;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod uart;
mod walk;

use crate::machine::{Machine, Step};
use table::ScriptKind;

/// What differs from chip to chip, and may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chip {
    /// How far apart the peripherals lie on the bus, as a power of two of the 4 KiB that their windows do.
    window_shift: u32,
    /// The SAI scripts leave in a BD what remains, not what was done.
    sai_counts_what_remains: bool,
}

impl Chip {
    /// The window in the data space for a device's address on the bus.
    ///
    /// Inferred: on i.MX6 and before; the helper of i.MX7's ROM is published.
    fn window(self, address: u32) -> u32 {
        (address & 0xFFF | address >> self.window_shift & !0xFFF) & 0xFFFF
    }
}

/// Runs the script that the program counter is in, until it leaves the core or its time is up. `None`: no script is known
/// there, the instruction is illegal.
pub(crate) fn run<M: Machine>(machine: &mut M, scripts: &table::Scripts) -> Option<Step> {
    let pc = machine.regs().pc;
    let (kind, label) = scripts.at(pc)?;
    let (entry, chip) = (pc - label, scripts.chip());
    match kind {
        ScriptKind::Startup => match channel0::startup(machine, label) {
            Step::OutOfTime if !machine.out_of_time() => run(machine, scripts),
            step => Some(step),
        },
        ScriptKind::Channel0 => channel0::run(machine, entry, label),
        ScriptKind::Ap2Ap => walk::run::<ap_2_ap::ApToAp, M>(machine, entry, label, chip),
        ScriptKind::App2Mcu => walk::run::<app::AppToMcu, M>(machine, entry, label, chip),
        ScriptKind::Mcu2App => walk::run::<app::McuToApp, M>(machine, entry, label, chip),
        ScriptKind::Shp2Mcu => walk::run::<shp::ShpToMcu<1>, M>(machine, entry, label, chip),
        ScriptKind::Mcu2Shp => walk::run::<shp::McuToShp<1>, M>(machine, entry, label, chip),
        ScriptKind::Uart2Mcu => walk::run::<uart::UartToMcu<uart::Peripheral>, M>(machine, entry, label, chip),
        ScriptKind::Uartsh2Mcu => walk::run::<uart::UartToMcu<uart::Shared>, M>(machine, entry, label, chip),
        ScriptKind::Ssish2Mcu | ScriptKind::Spdif2Mcu => walk::run::<shp::ShpToMcu<2>, M>(machine, entry, label, chip),
        ScriptKind::Mcu2Ssish | ScriptKind::Mcu2Spdif => walk::run::<shp::McuToShp<2>, M>(machine, entry, label, chip),
        ScriptKind::Sai2Mcu => walk::run::<sai::SaiToMcu, M>(machine, entry, label, chip),
        ScriptKind::Mcu2Sai => walk::run::<sai::McuToSai, M>(machine, entry, label, chip),
        ScriptKind::Per2Per => walk::run::<per_2_per::PerToPer, M>(machine, entry, label, chip),
        ScriptKind::Mcu2Ecspi => walk::run::<ecspi::McuToEcspi, M>(machine, entry, label, chip),
        ScriptKind::HdmiDma => hdmi::run(machine, entry, label),
    }
}
