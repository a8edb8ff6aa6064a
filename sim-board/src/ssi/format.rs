//! What a sound's format means to an SSI: how many slots of how many bits, and how the SDMA moves them.

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::{Priority, RequestLine};
use dmaengine_core::{BusAddr, BusWidth, Direction, SlaveConfig};
use sim_imx_sdma::peripheral::SsiLines;

use super::SsiError;

/// Words of a FIFO (i.MX 6Dual/6Quad RM, chapter "Synchronous Serial Interface (SSI)").
pub(super) const FIFO: u32 = 15;
/// Slots of a frame, at most: `STCCR.DC` has five bits.
const SLOTS: u32 = 32;
/// A burst, at most, so that half a FIFO is left while the SDMA is on its way.
const BURST: u32 = 8;

/// One of the SSIs of i.MX6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SsiInstance {
    /// At 0x0202_8000.
    Ssi1,
    /// At 0x0202_C000.
    Ssi2,
    /// At 0x0203_0000.
    Ssi3,
}

impl SsiInstance {
    /// Where its registers lie (i.MX 6Dual/6Quad RM, chapter "Memory Maps").
    #[must_use]
    pub const fn base(self) -> u32 {
        match self {
            Self::Ssi1 => 0x0202_8000,
            Self::Ssi2 => 0x0202_C000,
            Self::Ssi3 => 0x0203_0000,
        }
    }

    /// Its request lines.
    #[must_use]
    pub const fn lines(self) -> SsiLines {
        match self {
            Self::Ssi1 => SsiLines::SSI1,
            Self::Ssi2 => SsiLines::SSI2,
            Self::Ssi3 => SsiLines::SSI3,
        }
    }
}

/// How frames look: samples of one to four bytes, one for each channel.
///
/// | Bytes | On the wire |
/// |---|---|
/// | 1 | a slot of 8 bits |
/// | 2 | a slot of 16 bits |
/// | 3, packed | a slot of 24 bits |
/// | 4 | two slots of 16 bits, the lower half first: the SSI has no words of more than 24 bits |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SsiFormat {
    sample: u32,
    channels: u32,
}

impl SsiFormat {
    /// Samples of this width in memory, and so many channels.
    ///
    /// # Errors
    /// [`SsiError::Width`] for samples of eight bytes; [`SsiError::Slots`] if the frame would have none or more than 32.
    pub fn new(width: BusWidth, channels: u16) -> Result<Self, SsiError> {
        let this = Self { sample: width.bytes().into(), channels: channels.into() };
        match this.slots() {
            _ if width == BusWidth::Eight => Err(SsiError::Width { bytes: width.bytes() }),
            slots @ (0 | 33..) => Err(SsiError::Slots { slots, limit: SLOTS }),
            _ => Ok(this),
        }
    }

    /// Slots of a frame.
    #[must_use]
    pub const fn slots(self) -> u32 {
        if self.sample == 4 { 2 * self.channels } else { self.channels }
    }

    /// Bytes of a frame in memory.
    #[must_use]
    pub const fn frame_bytes(self) -> usize {
        (self.sample * self.channels) as usize
    }

    /// Bits of a slot.
    pub(super) const fn bits(self) -> u32 {
        if self.sample == 4 { 16 } else { 8 * self.sample }
    }

    /// How wide the SDMA's accesses are, and its items in memory.
    #[must_use]
    pub const fn width(self) -> BusWidth {
        match self.sample {
            1 => BusWidth::One,
            3 => BusWidth::Three,
            _ => BusWidth::Two,
        }
    }

    /// Words of a burst: whole frames if there are any of at most eight words, else the largest part of a frame that it is a
    /// multiple of. A burst that is half a frame does no harm: the words of a channel are in order, and each start begins
    /// with a whole frame. It only means that a period can end while the FIFO holds a part of the next frame.
    #[must_use]
    pub fn burst(self) -> u16 {
        let slots = self.slots();
        let words = if slots <= BURST {
            BURST / slots * slots
        } else {
            (1..=BURST).rev().find(|words| slots % words == 0).unwrap_or(1)
        };
        words as u16
    }

    /// Frames of silence that are sent first, while the SDMA is on its way: as many as the FIFO takes, at least one.
    #[must_use]
    pub const fn lead_in(self) -> u32 {
        if self.slots() > FIFO { 1 } else { FIFO / self.slots() }
    }

    /// What the driver of the SDMA has to know to move these frames from or to an SSI.
    ///
    /// Of high priority, as device trees have it for an SSI that sounds (Linux 6.12 `imx6qdl.dtsi` says 0, which is
    /// `DMA_PRIO_HIGH`).
    ///
    /// # Errors
    /// [`SsiError::Direction`] if it is neither to a device nor from one.
    pub fn slave_config(
        self,
        instance: SsiInstance,
        direction: Direction,
    ) -> Result<SlaveConfig<Peripheral>, SsiError> {
        let (offset, line) = match direction {
            Direction::MemToDev => (super::regs::STX0, instance.lines().tx[0]),
            Direction::DevToMem => (super::regs::SRX0, instance.lines().rx[0]),
            _ => return Err(SsiError::Direction { direction }),
        };
        let line = RequestLine::new(line).ok_or(SsiError::Direction { direction })?;
        let ssi = Peripheral::ssi_shared(line).with_priority(Priority::High);
        let address = BusAddr((instance.base() + offset).into());
        Ok(SlaveConfig::new(address, self.width(), ssi).with_max_burst(self.burst()))
    }
}
