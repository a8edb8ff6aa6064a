//! From a request to a plan: between memory and a device, and between memory and memory.

use dmaengine_core::config::{FlowController, SlaveSg};
use dmaengine_core::error::PrepError;
use dmaengine_core::{BusWidth, Cyclic, Direction, SlaveConfig};

use super::kind::{Kind, Program};
use super::{MultiFifo, Peripheral, Priority};
use crate::regs::DoneLane;
use crate::soc::Soc;
use crate::soc::instances::Window;
use crate::soc::scripts::ScriptAddresses;
use crate::words::{ContextArgs, Unit};

/// The code of [`PrepError::Engine`] for software "done" on a chip that has none.
pub const NO_SOFTWARE_DONE: u16 = 1;

/// What plans depend on.
#[derive(Clone, Copy, Debug)]
pub struct Chip<'a> {
    /// Where the scripts are, those of the firmware included once it is loaded.
    pub scripts: &'a ScriptAddresses,
    /// How many request lines there are: 48, of i.MX31 32.
    pub request_lines: u8,
    /// Its eCSPI has erratum ERR009165: i.MX6 before i.MX6UL, and i.MX7.
    pub err009165: bool,
    /// It has DONE0_CONFIG: i.MX8M.
    pub done_config: bool,
    /// The shared peripheral bus (SPBA): where its devices have their registers. `None` if there is none.
    pub spba: Option<Window>,
}

impl<'a> Chip<'a> {
    /// A chip, with the scripts that it has now.
    #[must_use]
    pub const fn new(soc: &Soc, scripts: &'a ScriptAddresses, spba: Option<Window>) -> Self {
        let Soc { request_lines, err009165, done_config, .. } = *soc;
        Self { scripts, request_lines, err009165, done_config, spba }
    }
}

/// What a script leaves in the count of a descriptor when it is through with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// The bytes that it moved.
    Moved,
    /// The bytes that it did not move. So says NXP's kernel of the scripts for several FIFOs.
    Remaining,
    /// The words of 32 bit that it moved.
    Words,
    /// It is never through with one.
    Endless,
    /// It takes no descriptors. It interrupts at each request, and that is a period.
    NoDescriptors,
}

impl Count {
    /// The bytes that were moved, of a descriptor that was asked for so much and has come back with this.
    #[inline]
    pub(crate) fn bytes(self, asked: u32, count: u32) -> u32 {
        // Mostly it is simply that.
        if !matches!(self, Self::Remaining | Self::Words) {
            count
        } else if self == Self::Words {
            4 * count
        } else {
            asked - count
        }
    }
}

/// How a transfer is done: all that is programmed but memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What the script is given.
    pub context: ContextArgs,
    /// The request lines that make the channel run, bit n for line n. None: it runs when it is started (EVTOVR).
    pub lines: u64,
    /// For CHNPRI.
    pub priority: Priority,
    /// For the descriptors.
    pub unit: Unit,
    /// What comes back in the descriptors.
    pub count: Count,
    /// The lane of the software "done" that has to be on.
    pub software_done: Option<DoneLane>,
}

/// Plans a ring.
///
/// # Errors
/// - [`PrepError::Direction`]: the device does not go that way.
/// - [`PrepError::NoProgram`]: the script is in firmware that is not loaded, or that this chip does not have.
/// - [`PrepError::NoSuchLine`], [`PortWindow`](PrepError::PortWindow), [`FlowController`](PrepError::FlowController).
/// - [`PrepError::Unreachable`]: the device lies above 4 GB. [`PrepError::Misaligned`]: its register is not aligned to
///   its width, or bursts of two FIFOs (of S/PDIF: left and right) are not whole pairs.
/// - [`PrepError::Width`]: 64 bit; a UART received in other than bytes.
/// - [`PrepError::Burst`]: no words, or more than the script can be told.
/// - [`PrepError::Engine`] with [`NO_SOFTWARE_DONE`].
pub fn cyclic(chip: &Chip<'_>, request: &Cyclic<Peripheral>) -> Result<Plan, PrepError> {
    slave(chip, request.direction, &request.config)
}

/// Plans a list.
///
/// # Errors
/// As [`cyclic`]. [`PrepError::Direction`] also for HDMI, which has no end.
pub fn slave_sg(chip: &Chip<'_>, request: &SlaveSg<Peripheral>) -> Result<Plan, PrepError> {
    has_an_end(request)?;
    slave(chip, request.direction, &request.config)
}

/// Whether the device can be served from a list.
pub(crate) fn has_an_end(request: &SlaveSg<Peripheral>) -> Result<(), PrepError> {
    match request.config.peripheral.kind {
        Kind::Hdmi { .. } => Err(PrepError::Direction { direction: request.direction }),
        _ => Ok(()),
    }
}

/// Plans a copy.
///
/// # Errors
/// [`PrepError::NoProgram`].
pub fn memcpy(chip: &Chip<'_>) -> Result<Plan, PrepError> {
    let context = ContextArgs { pc: Program::AP_2_AP.address(chip.scripts)?, ..ContextArgs::default() };
    let (priority, unit, count) = (Priority::Low, Unit::COPY, Count::Moved);
    Ok(Plan { context, lines: 0, priority, unit, count, software_done: None })
}

/// Plans either, but for the shape of the memory.
pub(crate) fn slave(
    chip: &Chip<'_>,
    direction: Direction,
    config: &SlaveConfig<Peripheral>,
) -> Result<Plan, PrepError> {
    let Peripheral { line, kind, priority } = config.peripheral;
    let program = kind.program(direction, chip.err009165)?;
    let mut unit = Unit::of(config.width)?;
    let address = device(chip, config)?;
    let width = u32::from(config.width.bytes());
    let bytes = u32::from(config.max_burst) * width;
    let lines = 1 << line.number();
    let mut count = Count::Moved;
    let mut software_done = None;

    // No script's field is narrower than that, but for several FIFOs.
    let mut limit = u32::from(u16::MAX);
    let mut context =
        ContextArgs { r0: (lines >> 32) as u32, r1: lines as u32, r6: address, r7: bytes, ..ContextArgs::default() };
    // Words until it is the first FIFO's turn again.
    let mut round = 1;
    match kind {
        Kind::Uart | Kind::UartShared if direction == Direction::DevToMem && config.width != BusWidth::One => {
            return Err(PrepError::Width { bytes: config.width.bytes() });
        }
        Kind::SsiDual | Kind::Spdif => round = 2,
        Kind::MultiSai(fifos) => {
            limit = MultiFifo::WATERMARK / width;
            round = fifos.round();
            context.r7 |= fifos.bits();
            count = Count::Remaining;
            software_done = fifos.software_done();
        }
        Kind::Hdmi { buffers } => {
            context = ContextArgs { r4: buffers, r6: address, ..ContextArgs::default() };
            count = Count::NoDescriptors;
        }
        _ => {}
    }
    burst(config, limit)?;
    // Bursts and descriptors begin at the first FIFO: what leaves a round unfinished swaps the channels.
    unit.length_align = round * width;
    if bytes % unit.length_align != 0 {
        return Err(PrepError::Misaligned { value: u64::from(bytes), align: unit.length_align });
    }
    if software_done.is_some() && !chip.done_config {
        return Err(PrepError::Engine { code: NO_SOFTWARE_DONE });
    }
    context.pc = program.address(chip.scripts)?;
    Ok(Plan { context, lines, priority, unit, count, software_done })
}

/// What any device's configuration must be, and the address of its register.
pub(super) fn device(chip: &Chip<'_>, config: &SlaveConfig<Peripheral>) -> Result<u32, PrepError> {
    let line = config.peripheral.line.number();
    if line >= chip.request_lines {
        return Err(PrepError::NoSuchLine { line, count: chip.request_lines });
    }
    if config.flow_controller != FlowController::Engine {
        return Err(PrepError::FlowController);
    }
    if config.port_window != 1 {
        return Err(PrepError::PortWindow { words: config.port_window, limit: 1 });
    }
    let address = config.address.0;
    let align = Unit::of(config.width)?.address_align;
    if address % u64::from(align) != 0 {
        return Err(PrepError::Misaligned { value: address, align });
    }
    u32::try_from(address).map_err(|_| PrepError::Unreachable { address })
}

/// A burst of at least a word and of at most `limit`.
pub(super) fn burst(config: &SlaveConfig<Peripheral>, limit: u32) -> Result<u32, PrepError> {
    match u32::from(config.max_burst) {
        words if (1..=limit).contains(&words) => Ok(words),
        _ => Err(PrepError::Burst { words: config.max_burst, limit }),
    }
}

#[cfg(test)]
mod tests;
