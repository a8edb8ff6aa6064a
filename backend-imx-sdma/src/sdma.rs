//! The driver as a whole: how it is set up, given firmware, put to sleep and woken.

use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU32, Ordering};

use dmaengine_core::lock::{Locked, MasksInterrupts};
use dmaengine_core::{
    BusAddr, BusWidths, Caps, Direction, Facts, Micros, Platform, Region, ResidueGranularity, Sleepable,
};

use crate::channel_zero::{Bus, CHANNEL_0_PRIORITY, Program};
use crate::error::{FirmwareLoadError, InitError, SuspendError};
use crate::firmware::Firmware;
use crate::memory::SharedMemory;
use crate::regs::{Chn0Addr, Config, ContextSwitch, Mmio, Registers, Reset, offset};
use crate::settings::Settings;
use crate::shared::Shared;
use crate::soc::Soc;
use crate::stop::{Fence, StopMethod};
use crate::words::ControlBlock;

/// The SDMA as an engine: `P` is the machine, `R` the way to the registers, `S` the way to know that a channel has stopped.
///
/// SDMA channel n + 1 is channel n of the engine; channel 0 is the driver's own.
pub struct ImxSdma<P: Platform, R = Mmio, S = Fence> {
    pub(crate) regs: R,
    pub(crate) platform: P,
    pub(crate) memory: SharedMemory,
    pub(crate) soc: Soc,
    pub(crate) settings: Settings,
    pub(crate) facts: Facts,
    pub(crate) shared: Locked<P::Lock, Shared>,
    /// The channels of which channel 0's queue has something to tell that no descriptor says. Written with the lock of `shared` held;
    /// who reads it without finds all that was there before he was sent to look.
    over: AtomicU32,
    stop: PhantomData<S>,
}

/// How many channels a client can have: all but channel 0.
pub const CHANNELS: u8 = 31;

/// How long the block may take to reset itself; the manual says 16 cycles of its clock.
const RESET_BOUND: Micros = Micros(100);

impl<P, R, S> Bus for ImxSdma<P, R, S>
where
    P: Platform,
    R: Registers,
{
    type Registers = R;

    fn regs(&self) -> &R {
        &self.regs
    }

    fn memory(&self) -> &SharedMemory {
        &self.memory
    }

    fn say_over(&self, channels: u32) {
        self.over.store(channels, Ordering::Release);
    }
}

impl<P, R, S> ImxSdma<P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    /// Resets the block, sets it up, and has channel 0 run once. Busy-waits, within bounds; no interrupt needs to work yet.
    ///
    /// What it leaves: the scripts of the ROM, no firmware, every channel without priority and every request line without a
    /// channel.
    ///
    /// # Errors
    /// [`InitError`]: the block does not answer. Its clocks may be off, or `equal_clocks` may be wrong.
    pub fn new(soc: Soc, regs: R, platform: P, memory: SharedMemory, settings: Settings) -> Result<Self, InitError> {
        let facts = Facts {
            channels: CHANNELS,
            caps: Self::caps(),
            stop: S::kind(settings.stop_bound),
            residue: ResidueGranularity::Segment,
            widths: BusWidths::all().difference(BusWidths::EIGHT),
            align: 1,
            max_segment: u32::from(u16::MAX),
            max_segments: u32::from(memory.segments()),
        };
        let shared = Locked::new(Shared::new(soc.rom));
        let this =
            Self { regs, platform, memory, soc, settings, facts, shared, over: AtomicU32::new(0), stop: PhantomData };
        this.init()?;
        Ok(this)
    }

    fn caps() -> Caps {
        let caps = Caps::MEMCPY | Caps::SLAVE_SG | Caps::CYCLIC | Caps::DEV_TO_DEV | Caps::TERMINATE_ATOMIC;
        if S::FENCED { caps | Caps::QUEUE_AFTER_STOP } else { caps }
    }

    /// Whether channel 0's queue may have something to tell of a channel.
    #[inline]
    pub(crate) fn may_be_over(&self, channel: u8) -> bool {
        self.over.load(Ordering::Acquire) >> channel & 1 == 1
    }

    /// Its registers, for a look at them.
    pub fn registers(&self) -> &R {
        &self.regs
    }

    fn wait(&self, bound: Micros, mut until: impl FnMut() -> bool) -> Result<(), Micros> {
        let start = self.platform.now();
        loop {
            let waited = self.platform.now() - start;
            if until() {
                return Ok(());
            }
            if waited >= bound {
                return Err(waited);
            }
            self.platform.delay(Micros(1));
        }
    }

    /// A reset, and all that has to be set up after it.
    fn init(&self) -> Result<(), InitError> {
        self.reset_block()?;
        self.shared.with(|shared| shared.zero.drop_commands());
        self.set_up()
    }

    /// Stops everything, at once. Contexts and programs stay.
    pub(crate) fn reset_block(&self) -> Result<(), InitError> {
        let regs = &self.regs;
        regs.write(offset::STOP_STAT, u32::MAX);
        regs.write(offset::RESET, Reset::RESET.bits());
        self.wait(RESET_BOUND, || regs.read(offset::RESET) & Reset::RESET.bits() == 0)
            .map_err(|waited| InitError::Reset { waited, bound: RESET_BOUND })
    }

    /// The order is Linux's (6.12 drivers/dma/imx-sdma.c, sdma_init), with a first run of channel 0 behind it.
    pub(crate) fn set_up(&self) -> Result<(), InitError> {
        let regs = &self.regs;
        regs.write(offset::MC0PTR, 0);
        regs.write(offset::INTRMASK, 0);
        self.shared.with(|shared| shared.wire_again(regs, &self.soc, 0));
        // No DSP on any of these chips, and nothing runs without its host.
        regs.write(offset::HOSTOVR, 0);
        regs.write(offset::DSPOVR, u32::MAX);

        self.memory.clear_load_buffer();
        self.memory.set_control_block(0, ControlBlock::at(self.memory.channel_0_descriptor()));
        regs.write(offset::CHN0ADDR, Chn0Addr::ROM.word());
        // The first switch has to be a static one: it saves a whole context, and later ones only what has changed.
        let config = if self.settings.equal_clocks { Config::ACR } else { Config::empty() };
        regs.write_ordered(offset::CONFIG, config.word(ContextSwitch::Static));
        regs.write_ordered(offset::MC0PTR, self.memory.control_blocks());
        regs.write(offset::chnpri(0), CHANNEL_0_PRIORITY);
        regs.write(offset::INTR, u32::MAX);
        let read = regs.read(offset::MC0PTR);
        if read != self.memory.control_blocks() {
            return Err(InitError::NoRegisters { wrote: self.memory.control_blocks(), read });
        }

        // Any command will do. The context of channel 1 is nobody's yet.
        self.shared.with(|shared| shared.zero.fence(self, 1));
        self.settle_zero().map_err(|waited| InitError::NoAnswer { waited, bound: self.settings.command_bound })?;
        regs.write(offset::CONFIG, config.word(ContextSwitch::Dynamic));
        Ok(())
    }

    /// Waits for channel 0 to have nothing to do, without an interrupt.
    fn settle_zero(&self) -> Result<(), Micros> {
        let settled = self.wait(self.settings.command_bound, || {
            self.shared.with(|shared| {
                shared.zero.advance(self);
                shared.zero.is_idle()
            })
        });
        self.regs.write(offset::INTR, 1);
        settled
    }

    /// Loads firmware into the SDMA and takes its scripts into use: before transfers are started that need them. Those that need one
    /// can be prepared when this has returned. Transfers with scripts of the ROM go on meanwhile; what runs with scripts of an earlier
    /// image loses them under its feet, and what was prepared with them fails when it is started. While the driver is suspended
    /// this only says what [`resume`](Self::resume) is to load.
    ///
    /// # Errors
    /// [`FirmwareLoadError`]; then there is no firmware, also if there was some before, and transfers that need it are refused.
    #[doc(alias = "sdma_load_firmware")]
    pub fn load_firmware(
        &self,
        firmware: &Firmware<'static>,
        context: &Sleepable<'_>,
    ) -> Result<(), FirmwareLoadError> {
        self.shared.with(|shared| shared.set_firmware(&self.soc, None));
        if !self.shared.with(|shared| shared.is_asleep()) {
            self.install(firmware, context)?;
        }
        self.shared.with(|shared| shared.set_firmware(&self.soc, Some(*firmware)));
        Ok(())
    }

    /// Brings the code into the SDMA's memory.
    fn install(&self, firmware: &Firmware<'static>, context: &Sleepable<'_>) -> Result<(), FirmwareLoadError> {
        let code = firmware.ram_code();
        let region = Region::new(NonNull::from(code).cast(), code.len());
        let bus = self.platform.map(&region, Direction::MemToDev).map_err(FirmwareLoadError::Map)?;
        let loaded = self.program(bus, firmware, context);
        // A command that has not come to its end may still read the code: it stays mapped then.
        let no_answer = matches!(loaded, Err(FirmwareLoadError::NoAnswer { .. }));
        if !no_answer || !self.shared.with(|shared| shared.zero.forget_program()) {
            self.platform.unmap(&Region { bus, ..region }, Direction::MemToDev);
        }
        loaded
    }

    /// Has channel 0 load the code, and sleeps until it has.
    fn program(
        &self,
        bus: BusAddr,
        firmware: &Firmware<'static>,
        context: &Sleepable<'_>,
    ) -> Result<(), FirmwareLoadError> {
        let len = firmware.ram_code().len();
        if bus.0 % 4 != 0 || bus.0 + len as u64 > 1 << 32 {
            return Err(FirmwareLoadError::Address { bus });
        }
        let program = Program { from: bus.0 as u32, to: firmware.load_address(), halfwords: (len / 2) as u16 };
        self.shared.with(|shared| shared.zero.program(self, program));
        let (start, bound) = (self.platform.now(), self.settings.command_bound);
        loop {
            let answer = self.shared.with(|shared| {
                shared.zero.advance(self);
                shared.zero.programmed()
            });
            let waited = self.platform.now() - start;
            match answer {
                Some(true) => return Ok(()),
                Some(false) => return Err(FirmwareLoadError::Bus { bus }),
                None if waited >= bound => return Err(FirmwareLoadError::NoAnswer { waited, bound }),
                None => context.sleep(Micros(50).min(bound - waited)),
            }
        }
    }

    /// The version of the firmware that is loaded, if one is.
    pub fn firmware(&self) -> Option<(u32, u32)> {
        self.shared.with(|shared| shared.firmware().map(|firmware| firmware.version()))
    }

    /// Gets ready for the block's power to go. From here on no register is touched; transfers that are started wait for
    /// [`resume`](Self::resume). Any context.
    ///
    /// # Errors
    /// [`SuspendError`] while a channel runs or stops; then nothing has happened.
    #[doc(alias = "sdma_suspend")]
    pub fn suspend(&self) -> Result<(), SuspendError> {
        self.shared.with(|shared| shared.suspend())
    }

    /// Sets the block up again after it has lost its power: its registers, its programs, each channel's priority and lines.
    /// What was started meanwhile begins. If it was not suspended, nothing happens.
    ///
    /// # Errors
    /// [`InitError`], also for firmware that could not be loaded again; then it sleeps on, and this can be tried again.
    #[doc(alias = "sdma_resume")]
    pub fn resume(&self, context: &Sleepable<'_>) -> Result<(), InitError> {
        if !self.shared.with(|shared| shared.is_asleep()) {
            return Ok(());
        }
        self.init()?;
        if let Some(firmware) = self.shared.with(|shared| shared.firmware()) {
            // Channel 0 interrupts when it has loaded the code, and somebody has to take that.
            self.shared.with(|shared| shared.set_asleep(false));
            let installed = self.install(&firmware, context);
            self.shared.with(|shared| shared.set_asleep(true));
            installed.map_err(InitError::Firmware)?;
        }
        self.shared.with(|shared| shared.wake(self, &self.soc));
        Ok(())
    }
}

impl<P: Platform, R, S> fmt::Debug for ImxSdma<P, R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImxSdma({}, {:?})", self.soc.name, self.memory)
    }
}
