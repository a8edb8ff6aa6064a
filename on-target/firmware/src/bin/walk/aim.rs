//! The moment of an interrupt, walked through a routine.
//!
//! The private timer is set right before the routine, in one round after the other to a later moment, two counts of 10 ns at a time; an
//! instruction takes 32 ns, so each is met. While the simulation computes the timer stands still, so all rounds of a walk take the same time.
//!
//! Where interrupts are masked, one that is due comes at the end of the stretch. That it did not come before proves that they were masked
//! for as long, so the walk goes on from there. In all, each moment between the first and the last is one at which the interrupt
//! came, or one at which it had to wait; [`walk`] fails if two rounds leave out an instruction between them.
//!
//! The module has `unsafe` because it looks at the instructions that were interrupted.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use board::lock::IrqLock;
use board::timer::private;
use board::{gic, hardware, irq, watchdog};
use dmaengine_core::Micros;
use dmaengine_core::lock::Locked;

/// Counts from one round to the next, fewer than the 3.2 of an instruction; and those that two neighbours may be apart, rounded up.
const STEP: u32 = 2;
const APART: u32 = 5;
/// No round takes as long: not even one in which all waits run out.
const ROUND: Micros = Micros(500_000);
const TICK: Micros = Micros(50);

/// Where the interrupt came, and how long after it was due.
#[derive(Clone, Copy)]
struct Hit {
    at: u32,
    late: u32,
    is_over: bool,
}

/// When it is due in this round, what it does, and whether the routine is over.
static AIM: AtomicU32 = AtomicU32::new(0);
static ACTION: Locked<IrqLock, Option<fn()>> = Locked::new(None);
static IS_OVER: AtomicBool = AtomicBool::new(false);
static HIT: Locked<IrqLock, Option<Hit>> = Locked::new(None);
/// How late it says to be where nothing holds it up: the instructions from there to the look at the timer.
static PROMPT: AtomicU32 = AtomicU32::new(0);

/// What a walk has found.
#[derive(Debug)]
pub struct Walked {
    what: &'static str,
    /// Different instructions before which the interrupt came.
    pub instructions: usize,
    /// Stretches at whose end it came late.
    pub stretches: usize,
    rounds: u32,
}

static WALKED: Locked<IrqLock, Vec<Walked>> = Locked::new(Vec::new());

/// The routine begins: from here on the interrupt is on its way. No other comes but those that it causes.
#[inline(never)]
pub fn here() {
    hardware::tick(None);
    private::once_and_count(AIM.load(Ordering::Relaxed));
}

/// The routine is over: if the interrupt has not come by now, it comes here.
#[inline(never)]
pub fn over() {
    wait();
    hardware::tick(Some(TICK));
}

fn wait() {
    IS_OVER.store(true, Ordering::Release);
    while HIT.with(|hit| hit.is_none()) {
        core::hint::spin_loop();
    }
}

/// Whether the interrupt has come in this round.
pub fn has_come() -> bool {
    HIT.with(|hit| hit.is_some())
}

fn interrupt() {
    let (late, at) = (private::late(), irq::interrupted());
    private::stop();
    let is_over = IS_OVER.load(Ordering::Acquire);
    if !is_over {
        if let Some(action) = ACTION.with(|action| *action) {
            action();
        }
    }
    HIT.with(|hit| *hit = Some(Hit { at, late, is_over }));
}

fn shoot(aim: u32, round: &mut impl FnMut()) -> Hit {
    AIM.store(aim, Ordering::Relaxed);
    IS_OVER.store(false, Ordering::Relaxed);
    HIT.with(|hit| *hit = None);
    watchdog::feed(ROUND);
    round();
    HIT.with(|hit| hit.take()).expect("the round waits for it")
}

/// Gets ready: finds out how late "at once" is.
pub fn set_up() {
    hardware::hold_private_timer(true);
    irq::handle(gic::PRIVATE_TIMER, irq::HIGH, interrupt);
    let prompt = (1..100).map(|aim| {
        shoot(aim, &mut || {
            here();
            (0..100).for_each(|n| _ = core::hint::black_box(n));
            wait();
        })
    });
    PROMPT.store(prompt.map(|hit| hit.late).min().unwrap_or_default(), Ordering::Relaxed);
}

/// When it came in the round before.
struct Came {
    when: u32,
    at: u32,
    was_late: bool,
}

/// Whether no instruction is left out between the two: the same, the next, or one to which the first may jump (Arm ARM v7-A, A5).
fn follows(first: u32, second: u32) -> bool {
    // SAFETY: the core was about to fetch it from there.
    let instruction = unsafe { (first as usize as *const u32).read() };
    let bits = |from: u32, count: u32| instruction >> from & ((1 << count) - 1);
    let may_jump = match bits(25, 3) {
        // B, BL; LDM with the program counter; LDR of it; BX and what calculates it.
        0b101 => true,
        0b100 => bits(20, 1) == 1 && bits(15, 1) == 1,
        0b010 | 0b011 => bits(20, 1) == 1 && bits(12, 4) == 15,
        _ => bits(12, 4) == 15,
    };
    second == first || second == first + 4 || may_jump
}

/// Runs `round` again and again, which calls [`here`] and [`over`] around a routine, and has the interrupt come at each instruction in
/// between and do `action`.
///
/// A routine that sleeps is over when it sleeps: from there on it is always the same instruction.
pub fn walk(what: &'static str, action: fn(), mut round: impl FnMut()) -> Walked {
    ACTION.with(|place| *place = Some(action));
    let (mut positions, mut stretches) = (BTreeSet::new(), BTreeSet::new());
    let (mut aim, mut rounds, mut last) = (1, 0, None);
    loop {
        let hit = shoot(aim, &mut round);
        if hit.is_over {
            break;
        }
        rounds += 1;
        let late = hit.late.saturating_sub(PROMPT.load(Ordering::Relaxed));
        let came = aim + late;
        match last {
            // Asleep: the later it is due, the later it comes, at the same instruction.
            Some(Came { when, at, was_late: true }) if came > when + APART && hit.at == at => break,
            Some(Came { at, was_late: true, .. }) => assert_eq!(hit.at, at, "{what}: it was met late, and not at once"),
            Some(Came { at, .. }) if late <= APART => {
                assert!(follows(at, hit.at), "{what}: {at:#x}, then {:#x}", hit.at)
            }
            _ => {}
        }
        positions.insert(hit.at);
        let was_late = late > APART;
        if was_late {
            stretches.insert(hit.at);
        }
        last = Some(Came { when: came, at: hit.at, was_late });
        // Masked from there to here: here is where the next round meets it at once.
        aim = if was_late { came - STEP } else { aim + STEP };
    }
    let walked = Walked { what, instructions: positions.len(), stretches: stretches.len(), rounds };
    ACTION.with(|place| *place = None);
    walked
}

/// Keeps what a walk has found for the [report].
pub fn note(walked: Walked) {
    WALKED.with(|all| all.push(walked));
}

/// Prints a line for each walk.
pub fn report() {
    for Walked { what, instructions, stretches, rounds } in WALKED.with(core::mem::take) {
        board::println!(
            "{what:58} {instructions:4} instructions, {stretches:2} stretches with interrupts masked, {rounds:4} rounds"
        );
    }
}
