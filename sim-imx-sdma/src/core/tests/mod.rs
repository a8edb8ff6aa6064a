//! The core with programs that are nothing but switch points, so that each rule can be seen alone.

mod acceptance;
mod contexts;
mod runs;
mod trouble;

use alloc::vec::Vec;

use super::{Core, State, Stop};
use crate::bus::{BusError, Peripheral, Width};
use crate::config::{Config, Variant};
use crate::machine::{Machine, Step};
use crate::report::ReportKind;
use crate::time::Cycles;

/// The programs, by where the program counter is. Each takes 20 cycles from switch point to switch point.
const BOOT: u16 = 0;
const YIELDS: u16 = 0x20;
const YIELDS_TO_EQUALS: u16 = 0x21;
const ENDS: u16 = 0x22;
const ENDS_WITH_INTERRUPT: u16 = 0x23;
/// While a line of r1 (31..0) or r0 (47..32) is up, writes 0 to the address in r6, which takes it down; else `done 4`.
const SERVES: u16 = 0x24;
/// As it, but a request that comes late is not seen: it looks, takes 20 cycles, and only then says `done 4`.
const LOOKS_EARLY: u16 = 0x25;
/// Counts r2 up each turn, at two program counters in turn.
const COUNTS: u16 = 0x26;
const COUNTS_ON: u16 = 0x27;
const NO_PROGRAM: u16 = 0x30;

fn program(core: &mut Core) -> Option<Step> {
    let pc = core.regs().pc;
    if (SERVES..=LOOKS_EARLY).contains(&pc) {
        return Some(serve(core, pc));
    }
    if !works(core) {
        return Some(Step::OutOfTime);
    }
    Some(match pc {
        BOOT | ENDS => Step::ClearHe,
        YIELDS => Step::Yield,
        YIELDS_TO_EQUALS => Step::YieldGe,
        ENDS_WITH_INTERRUPT => Step::ClearHeAndInterrupt,
        COUNTS | COUNTS_ON => {
            core.regs().r[2] += 1;
            core.regs().pc = COUNTS + COUNTS_ON - pc;
            Step::Yield
        }
        _ => return None,
    })
}

/// 20 cycles of work, counted in r7; `false` if time was up before they were done.
fn works(core: &mut Core) -> bool {
    while core.regs().r[7] < 20 {
        if core.out_of_time() {
            return false;
        }
        core.spend(1);
        core.regs().r[7] += 1;
    }
    core.regs().r[7] = 0;
    true
}

fn serve(core: &mut Core, pc: u16) -> Step {
    let [high, low, ..] = core.regs().r;
    if core.events() & (u64::from(high) << 32 | u64::from(low)) == 0 {
        core.spend(if pc == LOOKS_EARLY { 20 } else { 0 });
        return Step::ClearEp;
    }
    let device = core.regs().r[6];
    core.write(device, Width::Four, 0).expect("the device answers");
    Step::Yield
}

/// A device whose lines are what was written to it, or what was arranged for a moment.
#[derive(Debug, Default)]
struct Lines {
    lines: u64,
    arranged: Vec<(Cycles, u64)>,
}

impl Peripheral for Lines {
    fn advance(&mut self, now: Cycles) {
        while let Some((_, lines)) = self.arranged.first().copied().filter(|(at, _)| *at <= now) {
            self.lines = lines;
            self.arranged.remove(0);
        }
    }

    fn read(&mut self, _: Cycles, _: u32, _: Width) -> Result<u32, BusError> {
        Ok(self.lines as u32)
    }

    fn write(&mut self, _: Cycles, _: u32, _: Width, value: u32) -> Result<(), BusError> {
        self.lines = value.into();
        Ok(())
    }

    fn lines(&self) -> u64 {
        self.lines
    }

    fn next_change(&self) -> Option<Cycles> {
        self.arranged.first().map(|(at, _)| *at)
    }
}

const DEVICE: u32 = 0x0202_8000;

const EVTOVR: u32 = 0x010;
const HOSTOVR: u32 = 0x018;
const DSPOVR: u32 = 0x014;
const INTR: u32 = 0x004;
const STOP_STAT: u32 = 0x008;
const HSTART: u32 = 0x00C;
const EVTPEND: u32 = 0x01C;
const RESET: u32 = 0x024;
const EVTERR: u32 = 0x028;
const INTRMASK: u32 = 0x02C;
const PSW: u32 = 0x030;
const EVTERRDBG: u32 = 0x034;
const CONFIG: u32 = 0x038;
const SDMA_LOCK: u32 = 0x03C;
const CHN0ADDR: u32 = 0x05C;
const EVT_MIRROR2: u32 = 0x064;
const CHNPRI: u32 = 0x100;
const CHNENBL: u32 = 0x200;

struct Rig {
    core: Core,
    /// Who came to a switch point.
    turns: Vec<u8>,
}

impl Rig {
    /// Just powered on.
    fn cold() -> Self {
        let mut core = Core::new(Config::new(Variant::Imx6));
        for event in 0..48 {
            core.write_register(CHNENBL + 4 * event, Width::Four, 0);
        }
        core.write_register(EVTOVR, Width::Four, u32::MAX);
        core.write_register(CHN0ADDR, Width::Four, 0x4050);
        Self { core, turns: Vec::new() }
    }

    /// Channel 0 has run once and ended, with static switching, as a driver does it.
    fn booted() -> Self {
        let mut this = Self::cold();
        this.set(CONFIG, 0);
        this.set(CHNPRI, 7);
        this.set(HSTART, 1);
        this.run(100);
        assert_eq!((this.core.current(), this.get(STOP_STAT)), (None, 0));
        this.turns.clear();
        this
    }

    fn set(&mut self, offset: u32, value: u32) {
        self.core.write_register(offset, Width::Four, value);
    }

    fn get(&mut self, offset: u32) -> u32 {
        self.core.read_register(offset, Width::Four)
    }

    /// Gives a channel a context with a program and a priority, and starts it.
    fn start(&mut self, channel: u8, pc: u16, priority: u32) {
        self.load(channel, pc);
        self.set(CHNPRI + 4 * u32::from(channel), priority);
        self.set(HSTART, 1 << channel);
    }

    fn load(&mut self, channel: u8, pc: u16) {
        let base = self.core.context(channel);
        for word in 0..32 {
            self.core.ram.write(base + word, if word == 0 { pc.into() } else { 0 });
        }
    }

    /// A device with request lines; channel 5 serves them, at priority 2.
    fn device(&mut self, pc: u16, lines: u64, arranged: &[(u64, u64)]) {
        let arranged = arranged.iter().map(|(at, lines)| (self.core.now + Cycles(*at), *lines)).collect();
        self.core.bus.add_peripheral(DEVICE, 4, Lines { lines: 0, arranged }).expect("there is room");
        self.set(EVTOVR, 0);
        for event in (0..48).filter(|event| lines >> event & 1 == 1) {
            self.set(CHNENBL + 4 * event, 1 << 5);
        }
        self.start(5, pc, 2);
        let base = self.core.context(5);
        self.core.ram.write(base + 2, (lines >> 32) as u32);
        self.core.ram.write(base + 3, lines as u32);
        self.core.ram.write(base + 8, DEVICE);
    }

    fn run(&mut self, cycles: u64) {
        let until = self.core.now + Cycles(cycles);
        self.run_until(until, Stop::Never);
    }

    fn run_until(&mut self, until: Cycles, stop: Stop) -> bool {
        let turns = &mut self.turns;
        self.core.run(until, stop, |core| {
            let step = program(core);
            if step != Some(Step::OutOfTime) {
                turns.push(core.ccr);
            }
            step
        })
    }

    /// Runs up to where the channel on the core is in the middle of its program.
    fn run_into(&mut self, channel: u8) {
        for _ in 0..5000 {
            if self.core.current() == Some(channel) && self.core.state == State::Running {
                return;
            }
            self.run(1);
        }
        panic!("channel {channel} never came onto the core");
    }

    fn told(&self) -> Vec<ReportKind> {
        self.core.reports.kept.iter().map(|report| report.kind).collect()
    }
}
