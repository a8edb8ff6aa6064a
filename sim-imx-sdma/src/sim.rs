//! The whole: the core, its scripts, and the world it stands in.

use crate::bus::{Bus, Width};
use crate::config::{Config, Variant};
use crate::core::{Core, Stop};
use crate::report::Report;
use crate::script;
use crate::script::table::Scripts;
use crate::time::{Clock, Cycles};
use crate::trouble::Trouble;
use crate::view::View;
use crate::window::RegisterAccess;

/// How far to run. All moments count from power-on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Up to a moment.
    Time(Cycles),
    /// Until the interrupt line is up, but not beyond a moment.
    Interrupt {
        /// The moment.
        limit: Cycles,
    },
    /// Until the core sleeps and no channel is about to run, but not beyond a moment. A device may wake it later.
    Idle {
        /// The moment.
        limit: Cycles,
    },
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The moment came.
    Time,
    /// The interrupt line is up.
    Interrupt,
    /// The core sleeps.
    Idle,
}

/// A simulated SDMA with a bus around it. Several live side by side; none knows of another.
///
/// It stands still until it is told to run, but for the few cycles that each access to a register takes. An access to the bus
/// that has begun is finished, so that a run may end a few cycles late.
///
/// ```
/// use sim_imx_sdma::time::Cycles;
/// use sim_imx_sdma::{Config, Ended, RegisterAccess, ReportKind, Sdma, Until, Variant};
///
/// let mut sdma = Sdma::new(Config::new(Variant::Imx6));
/// sdma.bus().add_ram(0x1000_0000, 0x1_0000).expect("there is room");
///
/// sdma.write32(0x010, 1 << 0); // EVTOVR: channel 0 waits for no request
/// sdma.write32(0x00C, 1 << 0); // HSTART: but nobody gave it a priority
/// assert_eq!(sdma.run_until(Until::Idle { limit: Cycles(1000) }), Ended::Idle);
/// assert_eq!(sdma.read32(0x008), 1, "it waits");
/// assert!(!sdma.interrupt());
///
/// sdma.read32(0x020);
/// assert_eq!(sdma.reports()[0].kind, ReportKind::UnknownRegister { offset: 0x020 });
/// ```
#[derive(Debug)]
pub struct Sdma {
    scripts: Scripts,
    core: Core,
}

impl Sdma {
    /// One that has just been powered on, at cycle 0.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { scripts: config.scripts.clone(), core: Core::new(config) }
    }

    /// Whose SDMA it is.
    #[must_use]
    pub fn variant(&self) -> Variant {
        self.core.config.variant
    }

    /// How fast it runs: turns cycles into time.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.core.config.clock
    }

    /// The bus around it: to put memory and devices on, and to look at them.
    pub fn bus(&mut self) -> &mut Bus {
        &mut self.core.bus
    }

    /// The moment.
    #[must_use]
    pub fn now(&self) -> Cycles {
        self.core.now
    }

    /// Lets time pass.
    pub fn run_until(&mut self, until: Until) -> Ended {
        let (limit, stop, ended) = match until {
            Until::Time(limit) => (limit, Stop::Never, Ended::Time),
            Until::Interrupt { limit } => (limit, Stop::Interrupt, Ended::Interrupt),
            Until::Idle { limit } => (limit, Stop::Idle, Ended::Idle),
        };
        let Self { scripts, core } = self;
        if core.run(limit, stop, |core| script::run(core, scripts)) { ended } else { Ended::Time }
    }

    /// Lets so much time pass.
    pub fn run_for(&mut self, cycles: Cycles) {
        self.run_until(Until::Time(self.core.now + cycles));
    }

    /// The interrupt line.
    #[must_use]
    pub fn interrupt(&self) -> bool {
        self.core.interrupts.level(self.core.now)
    }

    /// Reads a register with a width. Only 32 bit gives anything.
    pub fn read(&mut self, offset: u32, width: Width) -> u32 {
        self.run_for(self.register_access());
        self.core.read_register(offset, width)
    }

    /// Writes a register with a width. Only 32 bit does anything.
    pub fn write(&mut self, offset: u32, width: Width, value: u32) {
        self.run_for(self.register_access());
        self.core.write_register(offset, width, value);
    }

    fn register_access(&self) -> Cycles {
        Cycles(self.core.config.costs.register_access.into())
    }

    /// What there was to complain about, from the beginning on. Only so many are kept; [`reports_dropped`](Self::reports_dropped)
    /// counts the others.
    #[must_use]
    pub fn reports(&self) -> &[Report] {
        &self.core.reports.kept
    }

    /// How many reports found no more room.
    #[must_use]
    pub fn reports_dropped(&self) -> u64 {
        self.core.reports.dropped
    }

    /// Forgets the reports, so that a test may see what comes after.
    pub fn clear_reports(&mut self) {
        self.core.reports = Default::default();
    }

    /// Makes something go wrong.
    pub fn cause(&mut self, trouble: Trouble) {
        self.core.troubles.cause(trouble);
    }

    /// Nothing goes wrong any more that has not yet.
    pub fn clear_troubles(&mut self) {
        self.core.troubles.clear();
    }

    /// Takes the SDMA's power away and gives it back: registers and RAM are as after power-on. The bus and what is on it, time and
    /// reports go on.
    pub fn lose_power(&mut self) {
        self.core.lose_power();
    }

    /// The inside, which no driver sees.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View(&self.core)
    }

    /// Writes a word of the core's RAM, which no driver can: to set a scene without channel 0, or to spoil one. `false` if
    /// there is no RAM at that address of data space.
    pub fn plant(&mut self, address: u16, word: u32) -> bool {
        self.core.ram.write(address, word)
    }
}

impl RegisterAccess for Sdma {
    fn read32(&mut self, offset: u32) -> u32 {
        self.read(offset, Width::Four)
    }

    fn write32(&mut self, offset: u32, value: u32) {
        self.write(offset, Width::Four, value);
    }
}

// Drivers put it behind a lock.
const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<Sdma>();
};
