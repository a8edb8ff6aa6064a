//! The board: the SDMA and what is around it, as the driver sees them.
//!
//! The module has `unsafe` because it implements [`Platform`] and gives the driver its memory.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::ptr::NonNull;

use backend_imx_sdma::error::InitError;
use backend_imx_sdma::soc::instances;
use backend_imx_sdma::{ImxSdma, Registers, Settings, SharedMemory, Soc, StopMethod};
use dmaengine_core::{BusAddr, Direction, Micros, Platform, PrepError, Region};
use sim_imx_sdma::time::Cycles;
use sim_imx_sdma::{Config, RegisterAccess, Sdma, Variant};
use spin::Mutex;

use crate::loan::{self, Lent};
use crate::lock::SimLock;

/// The driver on this board, with a way to know that a channel has stopped.
pub type Engine<S> = ImxSdma<Board, Board, S>;

/// How many transfers the driver has descriptors for, and how many segments each has.
const TRANSFERS: usize = 64;
const SEGMENTS: u16 = 64;

/// An i.MX6. A handle: clones are the same board.
#[derive(Clone)]
pub struct Board {
    sdma: Arc<Mutex<Sdma>>,
    lent: Lent,
}

impl Default for Board {
    fn default() -> Self {
        Self::new()
    }
}

impl Board {
    /// A board with an SDMA as i.MX6 has it.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Config::new(Variant::Imx6))
    }

    /// A board with this SDMA.
    ///
    /// # Panics
    /// Never: the bus of a new SDMA is empty.
    #[must_use]
    pub fn with(config: Config) -> Self {
        let (mut sdma, lent) = (Sdma::new(config), Lent::default());
        sdma.bus().add_memory(loan::BASE, loan::LEN, lent.clone()).expect("the bus is empty");
        Self { sdma: Arc::new(Mutex::new(sdma)), lent }
    }

    /// Does something with the hardware: puts devices on its bus, looks at it, makes trouble.
    pub fn hw<R>(&self, f: impl FnOnce(&mut Sdma) -> R) -> R {
        f(&mut self.sdma.lock())
    }

    /// The driver, set up.
    ///
    /// # Errors
    /// As [`ImxSdma::new`].
    pub fn sdma<S: StopMethod>(&self, settings: Settings) -> Result<Engine<S>, InitError> {
        self.sdma_behind(self.clone(), settings)
    }

    /// The driver, set up, behind registers that the test gives it: a [`Recorder`](backend_imx_sdma::regs::Recorder) around this
    /// board, for instance.
    ///
    /// # Errors
    /// As [`ImxSdma::new`].
    pub fn sdma_behind<R: Registers, S: StopMethod>(
        &self,
        regs: R,
        settings: Settings,
    ) -> Result<ImxSdma<Self, R, S>, InitError> {
        let mut settings = settings;
        settings.spba = instances::IMX6Q.spba;
        ImxSdma::new(Soc::IMX6Q, regs, self.clone(), self.shared_memory(), settings)
    }

    /// Memory that the driver and the SDMA share.
    ///
    /// # Panics
    /// If the bus is full.
    #[must_use]
    pub fn shared_memory(&self) -> SharedMemory {
        let memory = vec![0_u32; SharedMemory::bytes_for(TRANSFERS, SEGMENTS) / 4].leak();
        let bytes = size_of_val(memory);
        let ptr = NonNull::from(memory).cast();
        // SAFETY: leaked, and used by nobody but the driver and the device.
        let bus = unsafe { self.lent.0.lock().lend(ptr, bytes, true) }.expect("the bus is full");
        // SAFETY: it is there for ever, nobody else has it, and the device sees it at `bus`. The simulated device runs inside
        // calls of the same program, so there is no cache in between.
        unsafe { SharedMemory::new(ptr, BusAddr(bus.into()), bytes, SEGMENTS) }
    }

    /// Words of lent memory at a bus address, the driver's own among it.
    ///
    /// # Panics
    /// If not all of it is lent in one piece.
    #[must_use]
    pub fn words(&self, bus: u32, count: usize) -> Vec<u32> {
        let mut bytes = vec![0; 4 * count];
        self.hw(|hw| hw.bus().peek(bus, &mut bytes)).expect("lent memory");
        bytes.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect()
    }

    /// How often the SDMA has touched memory that was not lent to it, or not any more.
    #[must_use]
    pub fn trespasses(&self) -> u64 {
        self.lent.0.lock().trespasses()
    }

    /// Takes the SDMA's power away and gives it back, as a suspended system does: its registers and its RAM are as after
    /// power-on. Memory and devices keep what they have.
    pub fn lose_power(&self) {
        self.hw(Sdma::lose_power);
    }

    /// So many microseconds from now.
    #[must_use]
    pub fn after(&self, micros: u64) -> Cycles {
        self.hw(|hw| hw.now() + hw.clock().from_micros(micros))
    }
}

impl Registers for Board {
    fn read(&self, offset: u32) -> u32 {
        self.hw(|hw| hw.read32(offset))
    }

    fn write(&self, offset: u32, value: u32) {
        self.hw(|hw| hw.write32(offset, value));
    }

    fn barrier(&self) {}
}

// SAFETY: memory that is mapped is seen by the device at the address that is answered, and by nobody at that address after it was
// unmapped. Program and device are one program: nothing is cached.
unsafe impl Platform for Board {
    type Lock = SimLock;

    fn now(&self) -> Micros {
        self.hw(|hw| Micros(hw.clock().nanos(hw.now()) / 1_000))
    }

    fn delay(&self, time: Micros) {
        self.hw(|hw| hw.run_for(hw.clock().from_micros(time.0)));
    }

    fn map(&self, region: &Region, direction: Direction) -> Result<BusAddr, PrepError> {
        let writable = direction != Direction::MemToDev;
        // SAFETY: the library keeps the memory alive, and away from everybody else, until it calls `unmap`.
        let bus = unsafe { self.lent.0.lock().lend(region.ptr, region.len, writable) };
        bus.map(|bus| BusAddr(bus.into())).ok_or(PrepError::Unreachable { address: region.ptr.as_ptr().addr() as u64 })
    }

    fn unmap(&self, region: &Region, _direction: Direction) {
        self.lent.0.lock().give_back(region.bus.0 as u32);
    }

    fn sync_for_cpu(&self, _part: &Region) {}

    fn sync_for_device(&self, _part: &Region) {}
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Board at {} us", self.now().0)
    }
}
