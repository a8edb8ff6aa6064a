//! Buffer descriptors and channel control blocks (i.MX 6ULL RM chapter 46; Linux 6.12 drivers/dma/imx-sdma.c).

use dmaengine_core::BusWidth;
use dmaengine_core::error::PrepError;

bitflags::bitflags! {
    /// The flags of a [`Mode`] word.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Status: u32 {
        /// The SDMA owns the descriptor. The script takes the bit back when it is through with it.
        #[doc(alias = "BD_DONE")]
        const DONE = 1 << 16;
        /// The next descriptor is the first one.
        #[doc(alias = "BD_WRAP")]
        const WRAP = 1 << 17;
        /// Goes on with the next descriptor, if the SDMA owns that; otherwise the channel stops, and says nothing.
        #[doc(alias = "BD_CONT")]
        const CONT = 1 << 18;
        /// Interrupts when it is through.
        #[doc(alias = "BD_INTR")]
        const INTR = 1 << 19;
        /// The script found an error.
        #[doc(alias = "BD_RROR")]
        const RROR = 1 << 20;
        /// The last of a list. Only scripts that talk to a DSP look at it.
        #[doc(alias = "BD_LAST")]
        const LAST = 1 << 21;
        /// The extended address counts. Linux always sets it.
        #[doc(alias = "BD_EXTD")]
        const EXTD = 1 << 23;
    }
}

/// The first word of a buffer descriptor: a count in bits 15:0, [`Status`] in 23:16, a command in 31:24.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "sdma_mode_count")]
#[repr(transparent)]
pub struct Mode(pub u32);

impl Mode {
    /// The largest count.
    #[doc(alias = "SDMA_BD_MAX_CNT")]
    pub const MAX_COUNT: u16 = 0xFFFF;

    /// The word of these parts.
    #[must_use]
    pub const fn new(count: u16, status: Status, command: u8) -> Self {
        Self(count as u32 | status.bits() | (command as u32) << 24)
    }

    /// Most scripts: bytes; written back with what was really done. `per_2_per`: words of 32 bit. Channel 0: see
    /// [`Command`].
    ///
    /// [`Command`]: super::Command
    #[must_use]
    pub const fn count(self) -> u16 {
        self.0 as u16
    }

    /// With these flags as well.
    #[must_use]
    pub const fn with(self, status: Status) -> Self {
        Self(self.0 | status.bits())
    }

    /// The flags.
    #[must_use]
    pub const fn status(self) -> Status {
        Status::from_bits_truncate(self.0)
    }

    /// Channel 0: what to do. Others: the width of the device's register. The UART scripts set its lowest bit, beside
    /// [`RROR`](Status::RROR), for a character that came with an error, so a descriptor is handed back with a whole new
    /// word.
    #[must_use]
    pub const fn command(self) -> u8 {
        (self.0 >> 24) as u8
    }
}

/// A buffer descriptor, as it lies in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "sdma_buffer_descriptor")]
#[repr(C)]
pub struct BufferDescriptor {
    /// How much, what, and whose.
    pub mode: Mode,
    /// The bus address of the memory.
    pub buffer: u32,
    /// Memory to memory: the destination. Channel 0: an address of the SDMA's own. Others: nothing.
    #[doc(alias = "ext_buffer_addr")]
    pub extended: u32,
}

static_assertions::const_assert_eq!(size_of::<BufferDescriptor>(), 12);

impl BufferDescriptor {
    /// Its three words.
    #[must_use]
    pub const fn words(self) -> [u32; 3] {
        [self.mode.0, self.buffer, self.extended]
    }
}

/// A channel control block, as it lies in memory; block n of the array at MC0PTR is channel n's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "sdma_channel_control")]
#[doc(alias = "CCB")]
#[repr(C)]
pub struct ControlBlock {
    /// The bus address of the descriptor that is being done; the script moves it on.
    #[doc(alias = "current_bd_ptr")]
    pub current: u32,
    /// The bus address of the first descriptor, which [`WRAP`](Status::WRAP) leads back to.
    #[doc(alias = "base_bd_ptr")]
    pub base: u32,
    /// Not used.
    pub descriptor: u32,
    /// Not used by the driver. In old firmware, bit 28 tells of an error of data.
    pub status: u32,
}

static_assertions::const_assert_eq!(size_of::<ControlBlock>(), 16);

impl ControlBlock {
    /// For a channel that begins with the descriptor at this bus address.
    #[must_use]
    pub const fn at(base: u32) -> Self {
        Self { current: base, base, descriptor: 0, status: 0 }
    }

    /// Its four words.
    #[must_use]
    pub const fn words(self) -> [u32; 4] {
        [self.current, self.base, self.descriptor, self.status]
    }
}

/// What a script moves at once: the code of it in each descriptor, and what addresses and lengths are multiples of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The [`command`](Mode::command).
    pub command: u8,
    /// Addresses in memory are multiples of so many bytes; a power of two.
    pub address_align: u32,
    /// Lengths are multiples of so many bytes.
    pub length_align: u32,
}

impl Unit {
    /// Bytes from anywhere to anywhere: memory to memory.
    pub const COPY: Self = Self { command: 0, address_align: 1, length_align: 1 };

    /// Words of a device's register. 24 bit are packed: three bytes that may begin anywhere.
    ///
    /// # Errors
    /// [`PrepError::Width`]: no script has 64 bit.
    pub const fn of(width: BusWidth) -> Result<Self, PrepError> {
        let (command, address_align) = match width {
            BusWidth::Four => (0, 4),
            BusWidth::One => (1, 1),
            BusWidth::Two => (2, 2),
            BusWidth::Three => (3, 1),
            BusWidth::Eight => return Err(PrepError::Width { bytes: width.bytes() }),
        };
        Ok(Self { command, address_align, length_align: width.bytes() as u32 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_word_is_taken_apart_as_it_was_put_together() {
        let status = Status::DONE | Status::EXTD | Status::CONT | Status::INTR | Status::WRAP;
        let mode = Mode::new(1_920, status, 2);
        assert_eq!(mode.0, 0x028F_0780);
        assert_eq!((mode.count(), mode.status(), mode.command()), (1_920, status, 2));
        // What a script writes back: less, an error, and not the SDMA's any more.
        let closed = Mode(0x0112_0003);
        assert_eq!((closed.count(), closed.status(), closed.command()), (3, Status::WRAP | Status::RROR, 1));
    }

    /// Linux counts the flags from the third byte: BD_DONE 0x01, BD_WRAP 0x02, ... BD_EXTD 0x80.
    #[test]
    fn flags_are_where_linux_has_them() {
        let flags = [
            (Status::DONE, 0x01),
            (Status::WRAP, 0x02),
            (Status::CONT, 0x04),
            (Status::INTR, 0x08),
            (Status::RROR, 0x10),
            (Status::LAST, 0x20),
            (Status::EXTD, 0x80),
        ];
        for (flag, byte) in flags {
            assert_eq!(flag.bits(), byte << 16);
        }
    }

    #[test]
    fn widths_have_the_codes_of_linux_and_eight_bytes_have_none() {
        let codes =
            [(BusWidth::One, 1, 1, 1), (BusWidth::Two, 2, 2, 2), (BusWidth::Three, 3, 1, 3), (BusWidth::Four, 0, 4, 4)];
        for (width, command, address_align, length_align) in codes {
            assert_eq!(Unit::of(width), Ok(Unit { command, address_align, length_align }));
        }
        assert_eq!(Unit::of(BusWidth::Eight), Err(PrepError::Width { bytes: 8 }));
    }

    #[test]
    fn a_control_block_begins_at_its_base() {
        assert_eq!(ControlBlock::at(0x1000_3000).words(), [0x1000_3000, 0x1000_3000, 0, 0]);
    }
}
