//! What all transfer scripts have in common: the walk along the chain of buffer descriptors, one burst per request.
//!
//! ```text
//! START    keep the arguments in the scratch words
//! FIND     the current BD, from the CCB                   none -> STOP
//! LOAD     the BD                                         not the engine's -> STOP, empty -> CLOSE
//! CHECK    is the request line high?                      no -> SLEEP
//! BURST    how much this time: r0 items
//! ITEMS    move them                                      error -> FAIL
//! END      let the last write arrive; `done 0`            error -> FAIL
//! AFTER    more to do in this BD?                         yes -> CHECK
//! CLOSE    mode word back, `notify 1` if it has I
//! NEXT     CCB to the next BD                             the mode has C -> LOAD
//! STOP     `done 2`; a new start begins at FIND
//! SLEEP    `done 4`; the next request begins at CHECK
//! FAIL     count what was done, set R                     -> CLOSE
//! ```
//!
//! Between two of them, and between two items, the time may be up; then the script goes on there. It leaves the core at SLEEP, at
//! STOP and after END, and a channel that is stopped meanwhile lies there, frozen, with private copies of everything:
//!
//! | register | | scratch word | |
//! |---|---|---|---|
//! | r0 | items left in this burst | 0x18 | CCB |
//! | r1 | mask over EVENTS | 0x19 | BD |
//! | r3 | CCPTR | 0x1A | mask over EVENTS2 |
//! | r4 | mode word | 0x1B | watermark |
//! | r5 | bytes left in this BD | 0x1D | bytes left in this BD |
//! | r6 | 0x7000, the core registers | 0x1E | the BD's buffer |
//! | r7 | watermark | 0x1F | the device's address |
//!
//! Started again without a fresh context, it goes on with the old BD, and will write into it.
//!
//! At each of these three places nothing is buffered in the burst unit. A switch that is forced on a script elsewhere has to
//! [`flush`](burst::flush) first, or what it had collected for memory is lost.
//!
//! Inferred: that the program counter of a waiting script lies within the script. On the chip it lies in a helper of the ROM, with
//! the way back in r7; nothing that can be seen from outside the context depends on it.
//!
//! Inferred: that it clears EP only after its look at the level of the lines, again after each burst, and leaves the core with
//! `done 0` once a burst. It rests on published RAM scripts, which call the same helpers of the ROM.

use super::{Chip, bd, burst, per};
use crate::machine::{Fault, Machine, Scratch, Step};

pub(super) const START: u16 = 0;
const FIND: u16 = 1;
const LOAD: u16 = 2;
pub(super) const CHECK: u16 = 3;
const SLEEP: u16 = 4;
const BURST: u16 = 5;
const ITEMS: u16 = 6;
const END: u16 = 7;
const AFTER: u16 = 8;
const CLOSE: u16 = 9;
const NEXT: u16 = 10;
const STOP: u16 = 11;
const FAIL: u16 = 12;
/// How many words of a script are places where it can stand.
pub(super) const LABELS: u16 = 13;

pub(super) const CCB: u16 = 0x18;
pub(super) const BD: u16 = 0x19;
pub(super) const MASK2: u16 = 0x1A;
pub(super) const WATERMARK: u16 = 0x1B;
pub(super) const REMAINING: u16 = 0x1D;
pub(super) const BUFFER: u16 = 0x1E;
pub(super) const DEVICE: u16 = 0x1F;

/// Where the core registers begin in the data space.
const CORE: u32 = 0x7000;

/// What the instructions of each part take, without its accesses. Inferred: from the length of the published RAM variants; the
/// check and the `done 4` after it are the "8 to 10 cycles" within which an edge can be lost.
const PROLOGUE: u32 = 8;
const OPEN: u32 = 10;
const CHECKED: u32 = 8;
const TURN: u32 = 8;
const ENDED: u32 = 4;
const FAILED: u32 = 10;

/// How a run of items ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// All of this burst are moved.
    Moved,
    /// Not all, but the time is up.
    OutOfTime,
    /// An access failed.
    Fault,
    /// The BD is to be closed now, with these bits in the mode word and the count of what is there.
    Close(u32),
}

/// How a burst begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// r0 items are to be moved.
    Go,
    /// Not now: `done 0`, and look again.
    Later,
    /// There is no way to begin.
    Fault,
}

/// What makes one transfer script differ from another.
pub(super) trait Transfer {
    /// At the start of a context, before its registers are put to use.
    fn prologue<M: Machine>(_: &mut M, _: Chip) {}

    /// A BD was loaded: points the units at its buffer and at the device.
    fn open<M: Machine>(machine: &mut M, buffer: u32);

    /// The request is there.
    fn requested<M: Machine>(machine: &mut M) -> bool {
        let events = machine.events();
        let mask = u64::from(machine.scratch(MASK2)) << 32 | u64::from(machine.regs().r[1]);
        events & mask != 0
    }

    /// Decides how much to move: r0 := items, r5 := bytes left after them.
    fn burst<M: Machine>(machine: &mut M) -> Turn;

    /// Moves r0 items.
    fn items<M: Machine>(machine: &mut M) -> Run;

    /// After the burst: what was written has arrived, or not.
    fn end<M: Machine>(machine: &mut M) -> Result<(), Fault>;

    /// After an error: the count of what was really done into r4.
    fn count<M: Machine>(machine: &mut M);

    /// A last word about r4 before the BD is closed.
    fn closing<M: Machine>(_: &mut M, _: Chip) {}
}

/// Goes on at a label, until the script leaves the core or its time is up. `None`: there is no such label.
pub(super) fn run<T: Transfer, M: Machine>(machine: &mut M, entry: u16, label: u16, chip: Chip) -> Option<Step> {
    let mut label = label;
    loop {
        let leaves = match label {
            START => {
                prologue::<T, M>(machine, chip);
                Ok(FIND)
            }
            FIND => Ok(if find(machine) { LOAD } else { STOP }),
            LOAD => Ok(load::<T, M>(machine)),
            CHECK => {
                let requested = T::requested(machine);
                machine.regs().r[6] = CORE;
                machine.spend(CHECKED);
                Ok(if requested { BURST } else { SLEEP })
            }
            SLEEP => Err((Step::ClearEp, CHECK)),
            BURST => {
                machine.spend(TURN);
                match T::burst(machine) {
                    Turn::Go => Ok(ITEMS),
                    Turn::Later => Err((Step::Yield, CHECK)),
                    Turn::Fault => Ok(FAIL),
                }
            }
            ITEMS => match T::items(machine) {
                Run::Moved => Ok(END),
                Run::OutOfTime => Err((Step::OutOfTime, ITEMS)),
                Run::Fault => Ok(FAIL),
                Run::Close(bits) => Ok(early::<T, M>(machine, bits)),
            },
            END => {
                machine.spend(ENDED);
                if T::end(machine).is_ok() { Err((Step::Yield, AFTER)) } else { Ok(FAIL) }
            }
            AFTER => {
                machine.spend(ENDED);
                Ok(if machine.regs().r[5] == 0 { CLOSE } else { CHECK })
            }
            CLOSE => {
                T::closing(machine, chip);
                close(machine);
                Ok(NEXT)
            }
            NEXT => Ok(next(machine)),
            STOP => Err((Step::ClearHe, FIND)),
            FAIL => {
                fail::<T, M>(machine);
                Ok(CLOSE)
            }
            _ => return None,
        };
        let (step, at) = match leaves {
            Ok(next) => (None, next),
            Err((step, next)) => (Some(step), next),
        };
        machine.regs().pc = entry + at;
        if step.is_some() {
            return step;
        }
        if machine.out_of_time() {
            return Some(Step::OutOfTime);
        }
        label = at;
    }
}

fn prologue<T: Transfer, M: Machine>(machine: &mut M, chip: Chip) {
    machine.spend(PROLOGUE);
    T::prologue(machine, chip);
    let [mask2, _, _, _, _, _, device, watermark] = machine.regs().r;
    machine.regs().r[3] = u32::from(machine.ccptr());
    machine.set_scratch(WATERMARK, watermark);
    machine.set_scratch(MASK2, mask2);
    machine.set_scratch(DEVICE, device);
}

fn find<M: Machine>(machine: &mut M) -> bool {
    let found = bd::find(machine);
    if found {
        keep_place(machine);
    }
    found
}

/// The CCB and the BD into their scratch words; r3 is CCPTR again.
fn keep_place<M: Machine>(machine: &mut M) {
    let [_, _, ccb, bd, ..] = machine.regs().r;
    machine.set_scratch(CCB, ccb);
    machine.set_scratch(BD, bd);
    machine.regs().r[3] = u32::from(machine.ccptr());
}

/// The other way round, for the helpers.
fn take_place<M: Machine>(machine: &mut M) {
    let (ccb, bd) = (machine.scratch(CCB), machine.scratch(BD));
    machine.regs().r[2] = ccb;
    machine.regs().r[3] = bd;
}

fn load<T: Transfer, M: Machine>(machine: &mut M) -> u16 {
    machine.spend(OPEN);
    take_place(machine);
    let usable = bd::load(machine);
    let regs = machine.regs();
    let buffer = regs.r[5];
    regs.r[5] = regs.r[4] & bd::COUNT;
    let count = regs.r[5];
    keep_place(machine);
    if !usable {
        return STOP;
    }
    machine.set_scratch(BUFFER, buffer);
    machine.set_scratch(REMAINING, count);
    T::open(machine, buffer);
    if count == 0 { CLOSE } else { CHECK }
}

fn close<M: Machine>(machine: &mut M) {
    take_place(machine);
    bd::close(machine);
    keep_place(machine);
}

fn next<M: Machine>(machine: &mut M) -> u16 {
    take_place(machine);
    let goes_on = bd::next(machine);
    keep_place(machine);
    if goes_on { LOAD } else { STOP }
}

/// The units are made usable again, the BD gets its count and R.
fn fail<T: Transfer, M: Machine>(machine: &mut M) {
    machine.spend(FAILED);
    T::count(machine);
    burst::clear_error(machine);
    per::clear_error(machine);
    machine.regs().r[4] |= bd::RROR;
}

/// The BD is closed before it is full.
fn early<T: Transfer, M: Machine>(machine: &mut M, bits: u32) -> u16 {
    if T::end(machine).is_err() {
        return FAIL;
    }
    T::count(machine);
    machine.regs().r[4] |= bits;
    CLOSE
}
