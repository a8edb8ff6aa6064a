//! What a client says about a transfer: directions, the device's side of it, and the kinds of transfer.

mod interleaved;

pub use interleaved::{Chunk, Interleaved, InterleavedSlave};

use crate::BusAddr;
use crate::error::PrepError;

/// Which way the data goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[doc(alias = "dma_transfer_direction")]
pub enum Direction {
    /// Memory to memory.
    #[doc(alias = "DMA_MEM_TO_MEM")]
    MemToMem,
    /// Memory to a device: playback, transmission.
    #[doc(alias = "DMA_MEM_TO_DEV")]
    MemToDev,
    /// A device to memory: capture, reception.
    #[doc(alias = "DMA_DEV_TO_MEM")]
    DevToMem,
    /// A device to another device, past memory.
    #[doc(alias = "DMA_DEV_TO_DEV")]
    DevToDev,
}

/// The width of one access to the device's register, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[doc(alias = "dma_slave_buswidth")]
#[repr(u8)]
pub enum BusWidth {
    /// 8 bit.
    One = 1,
    /// 16 bit.
    Two = 2,
    /// 24 bit, packed.
    Three = 3,
    /// 32 bit.
    Four = 4,
    /// 64 bit.
    Eight = 8,
}

impl BusWidth {
    /// The width in bytes.
    pub const fn bytes(self) -> u8 {
        self as u8
    }
}

bitflags::bitflags! {
    /// A set of widths, as an engine declares what it can do.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct BusWidths: u8 {
        /// 8 bit.
        const ONE = 1 << 0;
        /// 16 bit.
        const TWO = 1 << 1;
        /// 24 bit, packed.
        const THREE = 1 << 2;
        /// 32 bit.
        const FOUR = 1 << 3;
        /// 64 bit.
        const EIGHT = 1 << 4;
    }
}

impl BusWidths {
    /// Whether the set has this width.
    pub const fn has(self, width: BusWidth) -> bool {
        self.contains(match width {
            BusWidth::One => Self::ONE,
            BusWidth::Two => Self::TWO,
            BusWidth::Three => Self::THREE,
            BusWidth::Four => Self::FOUR,
            BusWidth::Eight => Self::EIGHT,
        })
    }
}

/// The device's side of a slave transfer. It goes into each preparation by value: changing it later changes nothing
/// that is prepared, queued or running.
///
/// `P` is whatever the engine wants to know about the peripheral beyond this: its request line, its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "dma_slave_config")]
#[non_exhaustive]
pub struct SlaveConfig<P = ()> {
    /// The device's data register, as the engine sees it.
    pub address: BusAddr,
    /// The width of that register.
    pub width: BusWidth,
    /// How many words of that width make one burst; usually half the device's FIFO.
    pub max_burst: u16,
    /// The size of a window of registers that the engine goes round, in words of that width; 1 for a single register.
    #[doc(alias = "src_port_window_size")]
    #[doc(alias = "dst_port_window_size")]
    pub port_window: u16,
    /// Who says when a transfer is over.
    pub flow_controller: FlowController,
    /// What this engine wants to know about the peripheral.
    pub peripheral: P,
}

impl<P> SlaveConfig<P> {
    /// A device whose data register lies at `address`, moved one word at a time.
    pub const fn new(address: BusAddr, width: BusWidth, peripheral: P) -> Self {
        let flow_controller = FlowController::Engine;
        Self { address, width, max_burst: 1, port_window: 1, flow_controller, peripheral }
    }

    /// With bursts of that many words.
    #[must_use]
    pub fn with_max_burst(mut self, words: u16) -> Self {
        self.max_burst = words;
        self
    }

    /// With a window of that many words.
    #[must_use]
    pub fn with_port_window(mut self, words: u16) -> Self {
        self.port_window = words;
        self
    }

    /// With the device saying when a transfer is over.
    #[must_use]
    pub fn with_flow_controller(mut self, who: FlowController) -> Self {
        self.flow_controller = who;
        self
    }
}

/// A cyclic transfer: the buffer is gone through again and again, with an event after each period, until it is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "dmaengine_prep_dma_cyclic")]
pub struct Cyclic<P = ()> {
    /// [`MemToDev`](Direction::MemToDev) or [`DevToMem`](Direction::DevToMem).
    pub direction: Direction,
    /// Bytes between two period events; the buffer is a whole number of them.
    pub period: u32,
    /// The device's side.
    pub config: SlaveConfig<P>,
}

impl<P> Cyclic<P> {
    /// Checks what every engine needs: a way that is a slave's, and whole periods.
    pub(crate) fn check(&self, len: u64) -> Result<(), PrepError> {
        if !matches!(self.direction, Direction::MemToDev | Direction::DevToMem) {
            return Err(PrepError::Direction { direction: self.direction });
        }
        if len == 0 || self.period == 0 {
            return Err(PrepError::Zero);
        }
        if len % u64::from(self.period) != 0 {
            return Err(PrepError::PeriodDoesNotDivide { len, period: self.period });
        }
        Ok(())
    }
}

/// A transfer from one device to another that goes on until it is stopped, with an event after each period. No memory takes
/// part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "DMA_DEV_TO_DEV")]
pub struct DevToDev<P = ()> {
    /// The device that gives.
    pub source: SlaveConfig<P>,
    /// The device that takes.
    pub destination: SlaveConfig<P>,
    /// Bytes between two period events.
    pub period: u32,
}

/// Who says when a slave transfer is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[doc(alias = "device_fc")]
pub enum FlowController {
    /// The engine, by the length it was given.
    #[default]
    Engine,
    /// The device.
    Device,
}

/// A slave transfer over one list of buffers, once, as an engine is asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlaveSg<P = ()> {
    /// [`MemToDev`](Direction::MemToDev) or [`DevToMem`](Direction::DevToMem).
    pub direction: Direction,
    /// The device's side.
    pub config: SlaveConfig<P>,
}
