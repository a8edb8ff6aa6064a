//! What a simulated SDMA is: which chip's, how fast, and what each thing it does costs.

use crate::script::table::Scripts;
use crate::time::Clock;

/// Whose SDMA it is: which registers there are, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Variant {
    /// i.MX31: 32 request lines, CHNENBL from 0x080 on.
    Imx31,
    /// i.MX25 and i.MX35: 48 request lines, CHNENBL from 0x200 on, EVT_MIRROR at 0x054.
    Imx35,
    /// i.MX6 and i.MX7: EVT_MIRROR at 0x060 and EVT_MIRROR2 at 0x064.
    Imx6,
    /// i.MX8M: as i.MX6, and DONE0_CONFIG and DONE1_CONFIG.
    Imx8m,
}

impl Variant {
    /// How many request lines there are.
    #[must_use]
    pub const fn events(self) -> u32 {
        match self {
            Self::Imx31 => 32,
            _ => 48,
        }
    }
}

/// What things cost, in cycles of the core (i.MX 6ULL RM chapter 46, "context switching" and "scheduler", where not marked).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Costs {
    /// A switch from channel to channel with static context switching: a save and a restore, half each.
    ///
    /// Inferred: the halves; only the sum is published.
    pub static_switch: u32,
    /// A switch from channel to channel with dynamic context switching, on average.
    pub dynamic_switch: u32,
    /// The least that a dynamic switch takes: from sleep, when nothing is left to save.
    ///
    /// Inferred: that it is then; only the minimum is published.
    pub dynamic_switch_least: u32,
    /// From a request's edge until its channel can be elected.
    pub request: u32,
    /// From a change of HE, HO, EO, DO or EP by a register until it counts in an election.
    pub condition: u32,
    /// How long a software reset is held.
    pub reset: u32,
    /// One item between the core and memory.
    ///
    /// Inferred: 8 words take a burst of some 12 cycles of a bus that runs twice as fast.
    pub memory_access: u32,
    /// One item between the core and a peripheral, over its peripheral DMA unit.
    ///
    /// Inferred: two wait states on the way to a peripheral and back.
    pub peripheral_access: u32,
    /// One item between the core and a peripheral on the shared bus (`ld`, `st`).
    ///
    /// Inferred: 2 cycles of the instruction and wait states of the peripheral.
    pub spba_access: u32,
    /// One word of the core's own memory or registers (`ld`, `st`): 2.
    pub ram_access: u32,
    /// The time that passes with each access of a driver to a register, so that a loop that polls gets somewhere. It may be 0;
    /// then only `run_until` and `run_for` make time pass.
    ///
    /// Inferred: an access over two bus bridges.
    pub register_access: u32,
}

impl Default for Costs {
    fn default() -> Self {
        Self {
            static_switch: 26,
            dynamic_switch: 8,
            dynamic_switch_least: 5,
            request: 6,
            condition: 3,
            reset: 16,
            memory_access: 1,
            peripheral_access: 4,
            spba_access: 4,
            ram_access: 2,
            register_access: 8,
        }
    }
}

/// Where the number and the priority of the current channel lie in PSW.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PswLayout {
    /// CCR in bits 4 to 0, CCP in bits 7 to 5.
    ///
    /// Unconfirmed: it is the layout of the upper byte, and the core's own CCR has 5 bits.
    #[default]
    FiveBitChannel,
    /// CCR in bits 3 to 0, CCP in bits 7 to 4, as the manuals print it. Channel 16 then reads as channel 0.
    AsPrinted,
}

/// Where the shared peripherals lie on the system's bus, and how far apart: each has 4 KB in the core's data space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spba {
    /// The address that slot 0 would have.
    pub base: u32,
    /// From slot to slot, in bytes.
    pub spacing: u32,
}

/// A simulated SDMA, before it is made.
///
/// ```
/// use sim_imx_sdma::{Config, Sdma, Variant};
///
/// let sdma = Sdma::new(Config::new(Variant::Imx6).seed(7));
/// assert_eq!(sdma.now().0, 0);
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) variant: Variant,
    pub(crate) clock: Clock,
    pub(crate) costs: Costs,
    pub(crate) scripts: Scripts,
    pub(crate) psw: PswLayout,
    pub(crate) spba: Spba,
    pub(crate) seed: u64,
}

impl Config {
    /// As the chip is: core at 66 MHz, published costs, the scripts of its ROM.
    #[must_use]
    pub fn new(variant: Variant) -> Self {
        // The i.MX6 and i.MX7 figures make the windows come out where their scripts look for them.
        // Unconfirmed: the older parts' base, which is where their shared bus begins.
        let spba = match variant {
            Variant::Imx31 | Variant::Imx35 => Spba { base: 0x5000_0000, spacing: 0x4000 },
            Variant::Imx6 => Spba { base: 0x0200_0000, spacing: 0x4000 },
            Variant::Imx8m => Spba { base: 0x3080_0000, spacing: 0x1_0000 },
        };
        Self {
            variant,
            clock: Clock::IMX6,
            costs: Costs::default(),
            scripts: match variant {
                Variant::Imx31 => Scripts::imx31(),
                Variant::Imx35 => Scripts::imx35(),
                Variant::Imx6 => Scripts::imx6(),
                Variant::Imx8m => Scripts::imx7(),
            },
            psw: PswLayout::default(),
            spba,
            seed: 0,
        }
    }

    /// How fast the core runs.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// What things cost.
    #[must_use]
    pub fn costs(mut self, costs: Costs) -> Self {
        self.costs = costs;
        self
    }

    /// Which scripts lie where in ROM, and in RAM once something was loaded there.
    #[must_use]
    pub fn scripts(mut self, scripts: Scripts) -> Self {
        self.scripts = scripts;
        self
    }

    /// How PSW is laid out.
    #[must_use]
    pub fn psw(mut self, layout: PswLayout) -> Self {
        self.psw = layout;
        self
    }

    /// Where the shared peripherals lie, for chips with several shared buses.
    #[must_use]
    pub fn spba(mut self, spba: Spba) -> Self {
        self.spba = spba;
        self
    }

    /// What the memory without a reset value (CHNENBL) is filled with at power-on.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}
