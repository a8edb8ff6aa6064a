//! What the channels share: channel 0, the free descriptors, the scripts, and the registers in which each channel has a bit.
//! One lock guards it. It is taken inside a channel's lock and held for a few register writes; nobody waits in it.

use crate::channel_zero::{Bus, CHANNEL_0_PRIORITY, ChannelZero};
use crate::error::SuspendError;
use crate::firmware::Firmware;
use crate::memory::Blocks;
use crate::peripheral::{Count, Plan};
use crate::regs::{DoneLane, Registers, offset};
use crate::soc::Soc;
use crate::soc::scripts::ScriptAddresses;

/// What a channel's registers are set to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wiring {
    /// The request lines that set its EP.
    pub(crate) lines: u64,
    /// 0: never scheduled.
    pub(crate) priority: u8,
    /// The script looks at the level of its lines, so that it can be made to look when an edge may have been missed.
    pub(crate) looks: bool,
    /// The lane of the software "done" that has to be on.
    pub(crate) software_done: Option<DoneLane>,
}

impl Wiring {
    #[inline]
    pub(crate) fn of(plan: &Plan) -> Self {
        let looks = plan.count != Count::NoDescriptors;
        Self { lines: plan.lines, priority: plan.priority as u8, looks, software_done: plan.software_done }
    }
}

/// Behind the lock.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) zero: ChannelZero,
    pub(crate) blocks: Blocks,
    scripts: ScriptAddresses,
    firmware: Option<Firmware<'static>>,
    images: u32,
    /// The channels that have a transfer in the hardware.
    running: u32,
    /// EVTOVR: the channels that wait for no event.
    event_override: u32,
    /// Which channels each request line sets; what CHNENBL was written, since it is memory without a reset value.
    enabled: [u32; 48],
    /// The lanes of the software "done" that were switched on.
    lanes: u64,
    wirings: [Wiring; 32],
    /// It may have no power: no register is touched.
    asleep: bool,
}

impl Shared {
    pub(crate) const fn new(scripts: ScriptAddresses) -> Self {
        Self {
            zero: ChannelZero::new(),
            blocks: Blocks::new(),
            scripts,
            firmware: None,
            images: 0,
            running: 0,
            event_override: 1,
            enabled: [0; 48],
            lanes: 0,
            wirings: [Wiring { lines: 0, priority: 0, looks: false, software_done: None }; 32],
            asleep: false,
        }
    }

    /// Where the scripts lie, those of the firmware included.
    pub(crate) fn scripts(&self) -> &ScriptAddresses {
        &self.scripts
    }

    pub(crate) fn firmware(&self) -> Option<Firmware<'static>> {
        self.firmware
    }

    pub(crate) fn set_firmware(&mut self, soc: &Soc, firmware: Option<Firmware<'static>>) {
        self.scripts = firmware.map_or(soc.rom, |firmware| firmware.merge(&soc.rom));
        self.firmware = firmware;
        self.images = self.images.wrapping_add(1);
    }

    /// Which image is loaded, or none: a number that changes with each.
    pub(crate) fn images(&self) -> u32 {
        self.images
    }

    /// Says whether a channel has a transfer in the hardware.
    pub(crate) fn set_running(&mut self, channel: u8, runs: bool) {
        let bit = 1 << channel;
        self.running = if runs { self.running | bit } else { self.running & !bit };
    }

    /// The block is being reset because of one channel: the others lose their transfers.
    pub(crate) fn lose_all_but(&mut self, bus: &impl Bus, channel: u8) {
        let others = self.running & !(1 << channel);
        self.zero.lose(bus, others);
    }

    /// Lets nothing reach the hardware any more, if it has nothing to do.
    pub(crate) fn suspend(&mut self) -> Result<(), SuspendError> {
        if self.running != 0 || !self.zero.is_idle() {
            return Err(SuspendError { channels: self.running });
        }
        self.zero.hold_loads();
        self.asleep = true;
        Ok(())
    }

    /// Whether no register may be touched.
    pub(crate) fn is_asleep(&self) -> bool {
        self.asleep
    }

    /// The registers are there again, or not; loads still wait.
    pub(crate) fn set_asleep(&mut self, asleep: bool) {
        self.asleep = asleep;
    }

    /// The hardware is there again, with its programs. What was set and started meanwhile is made up for.
    pub(crate) fn wake(&mut self, bus: &impl Bus, soc: &Soc) {
        self.asleep = false;
        self.wire_again(bus.regs(), soc, CHANNEL_0_PRIORITY);
        self.zero.go_on(bus);
    }

    /// Wires a channel as a plan wants it, which it mostly is.
    #[inline]
    pub(crate) fn wire_for(&mut self, regs: &impl Registers, soc: &Soc, channel: u8, plan: &Plan) {
        if self.wirings[usize::from(channel)] != Wiring::of(plan) {
            self.wire(regs, soc, channel, Wiring::of(plan));
        }
    }

    /// Sets a channel's priority, its events, and whether it waits for them. Writes what differs.
    #[inline(never)]
    pub(crate) fn wire(&mut self, regs: &impl Registers, soc: &Soc, channel: u8, wiring: Wiring) {
        let old = core::mem::replace(&mut self.wirings[usize::from(channel)], wiring);
        let bit = 1 << channel;
        let write = |offset, value| {
            if !self.asleep {
                regs.write(offset, value);
            }
        };
        if old.priority != wiring.priority {
            write(offset::chnpri(channel), u32::from(wiring.priority));
        }
        for line in bits(old.lines ^ wiring.lines) {
            self.enabled[usize::from(line)] ^= bit;
            write(offset::chnenbl(soc.registers.chnenbl(), line), self.enabled[usize::from(line)]);
        }
        let overrides = if wiring.lines == 0 { self.event_override | bit } else { self.event_override & !bit };
        // Without a priority it does not matter.
        if wiring.priority != 0 && overrides != self.event_override {
            self.event_override = overrides;
            write(offset::EVTOVR, overrides);
        }
        if wiring.looks && wiring.lines & !old.lines != 0 {
            // Only a rising edge sets EP, and the line may have been high for long. Scripts look at the level; one that finds it low
            // goes to sleep again.
            write(offset::EVTPEND, bit);
        }
        if let Some(lane) = wiring.software_done {
            self.lanes |= 1 << lane.index();
            if !self.asleep {
                switch_on(regs, lane);
            }
        }
    }

    /// Sets all of it, after the block has lost its registers; also what never had a value. Edges may have been missed. Channel 0
    /// has the priority that it is given here.
    pub(crate) fn wire_again(&self, regs: &impl Registers, soc: &Soc, priority_0: u32) {
        for line in 0..soc.request_lines {
            regs.write(offset::chnenbl(soc.registers.chnenbl(), line), self.enabled[usize::from(line)]);
        }
        regs.write(offset::chnpri(0), priority_0);
        let mut look = 0;
        for (channel, wiring) in (0..).zip(&self.wirings).skip(1) {
            regs.write(offset::chnpri(channel), u32::from(wiring.priority));
            look |= u32::from(wiring.looks && wiring.lines != 0) << channel;
        }
        regs.write(offset::EVTOVR, self.event_override);
        if look != 0 {
            regs.write(offset::EVTPEND, look);
        }
        bits(self.lanes).filter_map(DoneLane::new).for_each(|lane| switch_on(regs, lane));
    }
}

fn switch_on(regs: &impl Registers, lane: DoneLane) {
    regs.write(lane.offset(), lane.enabled(regs.read(lane.offset())));
}

/// The bits of a word that are set, lowest first.
fn bits(mut word: u64) -> impl Iterator<Item = u8> {
    core::iter::from_fn(move || {
        let lowest = word.trailing_zeros() as u8;
        word &= word.wrapping_sub(1);
        (lowest < 64).then_some(lowest)
    })
}
