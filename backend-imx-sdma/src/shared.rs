//! What the channels share: channel 0, the free descriptors, the scripts, and the registers in which each channel has a bit.
//! One lock guards it. It is taken inside a channel's lock and held for a few register writes; nobody waits in it.

use crate::channel_zero::{Bus, ChannelZero};
use crate::memory::Blocks;
use crate::peripheral::Plan;
use crate::regs::{self, Registers};
use crate::soc::scripts::ScriptAddresses;

/// What a channel's registers are set to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wiring {
    /// The request lines that set its EP.
    pub(crate) lines: u64,
    /// 0: never scheduled.
    pub(crate) priority: u8,
}

impl Wiring {
    pub(crate) fn of(plan: &Plan) -> Self {
        Self { lines: plan.lines, priority: plan.priority as u8 }
    }
}

/// Behind the lock.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) zero: ChannelZero,
    pub(crate) blocks: Blocks,
    pub(crate) scripts: ScriptAddresses,
    /// EVTOVR: the channels that wait for no event.
    event_override: u32,
    /// Which channels each request line sets; what CHNENBL was written, since it is memory without a reset value.
    enabled: [u32; 48],
    wirings: [Wiring; 32],
}

impl Shared {
    pub(crate) const fn new(scripts: ScriptAddresses) -> Self {
        Self {
            zero: ChannelZero::new(),
            blocks: Blocks::new(),
            scripts,
            event_override: 0,
            enabled: [0; 48],
            wirings: [Wiring { lines: 0, priority: 0 }; 32],
        }
    }

    /// Sets a channel's priority, its events, and whether it waits for them. Writes what differs.
    pub(crate) fn wire(&mut self, regs: &impl Registers, enable: u32, channel: u8, wiring: Wiring) {
        let old = core::mem::replace(&mut self.wirings[usize::from(channel)], wiring);
        let bit = 1 << channel;
        if old.priority != wiring.priority {
            regs.write(regs::chnpri(channel), u32::from(wiring.priority));
        }
        for line in bits(old.lines ^ wiring.lines) {
            self.enabled[line] ^= bit;
            regs.write(enable + 4 * line as u32, self.enabled[line]);
        }
        let overrides = if wiring.lines == 0 { self.event_override | bit } else { self.event_override & !bit };
        if overrides != self.event_override {
            self.event_override = overrides;
            regs.write(regs::EVTOVR, overrides);
        }
    }

    /// Sets everything again, after the block has lost its registers.
    pub(crate) fn wire_again(&self, bus: &impl Bus, enable: u32, lines: u8) {
        let regs = bus.regs();
        for line in 0..usize::from(lines) {
            regs.write(enable + 4 * line as u32, self.enabled[line]);
        }
        for (channel, wiring) in self.wirings.iter().enumerate().skip(1) {
            regs.write(regs::chnpri(channel as u8), u32::from(wiring.priority));
        }
        regs.write(regs::EVTOVR, self.event_override);
    }
}

/// The bits of a word that are set, lowest first.
fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let lowest = word.trailing_zeros() as usize;
        word &= word.wrapping_sub(1);
        (lowest < 64).then_some(lowest)
    })
}
