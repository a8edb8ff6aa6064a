//! From a request to a plan: from device to device, past memory.
//!
//! `per_2_per` takes two request lines and moves the smaller of two bursts when both were pulled. Its r7 has the
//! smaller burst's size (LWML) and the larger's (HWML); r0 is the mask of the line that belongs to LWML, r1 of that to
//! HWML; LWE and HWE say which half of the lines each is in. All three go with the burst, whichever device it is of.
//! Linux 6.12 exchanges sizes and masks when the source has the larger burst, and forgets LWE and HWE, so that two
//! lines on different sides of 32 are never seen.

use dmaengine_core::error::PrepError;
use dmaengine_core::{BusWidth, DevToDev, Direction, SlaveConfig};

use super::Peripheral;
use super::kind::{Kind, Program};
use super::plan::{Chip, Count, Plan, burst, device};
use crate::words::{ContextArgs, Unit};

bitflags::bitflags! {
    /// The flags of r7 (Linux 6.12 drivers/dma/imx-sdma.c).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Flags: u32 {
        /// A word of the source is swallowed after every N.
        const PS = 1 << 8;
        /// A word is added at the destination after every N.
        const PA = 1 << 9;
        /// Both devices are S/PDIF on the SPBA: left and right register take turns.
        const SPDIF = 1 << 10;
        /// The source is on the SPBA.
        const SP = 1 << 11;
        /// The destination is on the SPBA.
        const DP = 1 << 12;
        /// The source has two FIFOs.
        const SD = 1 << 13;
        /// The destination has two FIFOs.
        const DD = 1 << 14;
        /// The line of the lower watermark is 32 or above.
        const LWE = 1 << 28;
        /// The line of the higher watermark is 32 or above.
        const HWE = 1 << 29;
        /// Goes on until it is stopped; descriptors have no end.
        const CONT = 1 << 31;
    }
}

/// The most words that LWML or HWML can say.
const LIMIT: u32 = 0xFF;

/// When a transfer from device to device is through with a descriptor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Until {
    /// Never: it goes on with its first one until it is stopped, so nothing tells of periods. What Linux does.
    #[default]
    Stopped,
    /// When it has moved as many words as the descriptor counts. It tells of periods, and stops if a descriptor was not
    /// handed back in time.
    Counted,
}

/// What is done about devices whose clocks drift apart: after each N words one is left out, or one too many is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pad {
    flag: Flags,
    every: u8,
}

impl Pad {
    /// A word of the source is swallowed after every so many: an odd number up to 15.
    #[must_use]
    pub const fn swallow(every: u8) -> Option<Self> {
        Self::new(Flags::PS, every)
    }

    /// A word is added for the destination after every so many: an odd number up to 15.
    #[must_use]
    pub const fn add(every: u8) -> Option<Self> {
        Self::new(Flags::PA, every)
    }

    const fn new(flag: Flags, every: u8) -> Option<Self> {
        if every % 2 == 1 && every <= 15 { Some(Self { flag, every }) } else { None }
    }

    const fn bits(self) -> u32 {
        self.flag.bits() | (self.every as u32) << 24
    }
}

/// Plans a transfer from device to device. Both are audio devices with registers of 32 bit; Linux has an ASRC on one
/// side. The more urgent of the two priorities counts.
///
/// # Errors
/// As [`cyclic`](super::cyclic), for each device, and
/// - [`PrepError::Direction`]: one of them can be no end of such a transfer, or S/PDIF has another kind opposite:
///   `per_2_per` would go to the second of two registers on both sides.
/// - [`PrepError::Width`]: other than 32 bit. [`PrepError::Burst`]: more than 255 words.
/// - [`PrepError::Unreachable`]: S/PDIF that is not on the SPBA.
pub fn dev_to_dev(
    chip: &Chip<'_>,
    request: &DevToDev<Peripheral>,
    until: Until,
    pad: Option<Pad>,
) -> Result<Plan, PrepError> {
    let (source, destination) = (End::new(chip, &request.source)?, End::new(chip, &request.destination)?);
    let mut flags = Flags::empty();
    flags.set(Flags::SP, source.on_spba);
    flags.set(Flags::DP, destination.on_spba);
    flags.set(Flags::SD, source.fifos == 2);
    flags.set(Flags::DD, destination.fifos == 2);
    flags.set(Flags::SPDIF, spdif(&source, &destination)?);
    flags.set(Flags::CONT, until == Until::Stopped);

    // Everything that belongs to a burst goes with it.
    let (lower, higher) =
        if source.burst <= destination.burst { (&source, &destination) } else { (&destination, &source) };
    flags.set(Flags::LWE, lower.line > 31);
    flags.set(Flags::HWE, higher.line > 31);
    let context = ContextArgs {
        pc: Program::PER_2_PER.address(chip.scripts)?,
        r0: 1 << (lower.line % 32),
        r1: 1 << (higher.line % 32),
        r2: source.address,
        r4: 0,
        r6: destination.address,
        r7: flags.bits() | lower.burst | higher.burst << 16 | pad.map_or(0, Pad::bits),
    };
    let count = match until {
        Until::Stopped => Count::Endless,
        Until::Counted => Count::Words,
    };
    let lines = 1 << source.line | 1 << destination.line;
    let priority = request.source.peripheral.priority.max(request.destination.peripheral.priority);
    Ok(Plan { context, lines, priority, unit: Unit::of(BusWidth::Four)?, count, software_done: None })
}

/// One of the two devices.
struct End {
    kind: Kind,
    line: u8,
    address: u32,
    burst: u32,
    fifos: u8,
    on_spba: bool,
}

impl End {
    fn new(chip: &Chip<'_>, config: &SlaveConfig<Peripheral>) -> Result<Self, PrepError> {
        let Peripheral { line, kind, .. } = config.peripheral;
        let fifos = kind.fifos_of_per_2_per().ok_or(REFUSED)?;
        let address = device(chip, config)?;
        if config.width != BusWidth::Four {
            return Err(PrepError::Width { bytes: config.width.bytes() });
        }
        let on_spba = chip.spba.is_some_and(|spba| spba.contains(address));
        Ok(Self { kind, line: line.number(), address, burst: burst(config, LIMIT)?, fifos, on_spba })
    }
}

const REFUSED: PrepError = PrepError::Direction { direction: Direction::DevToDev };

/// Whether both are S/PDIF; then both have to be on the SPBA. One alone is refused.
fn spdif(source: &End, destination: &End) -> Result<bool, PrepError> {
    match (source.kind, destination.kind) {
        (Kind::Spdif, Kind::Spdif) => match [source, destination].into_iter().find(|end| !end.on_spba) {
            Some(end) => Err(PrepError::Unreachable { address: u64::from(end.address) }),
            None => Ok(true),
        },
        (Kind::Spdif, _) | (_, Kind::Spdif) => Err(REFUSED),
        _ => Ok(false),
    }
}

#[cfg(test)]
mod tests;
