//! Where this driver differs from Linux 6.12 on purpose: one short table. What a trace shows is rewritten by the entries that
//! apply, and then has to be met word for word. An entry is good for its scenarios alone, and needed in each of them.

use std::cell::RefCell;
use std::collections::BTreeSet;

/// A difference by name. [`TABLE`] says what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Id {
    Reset,
    FirstRun,
    OneRank,
    DspOverride,
    CommandInterrupts,
    AtStart,
    NoStopInPrep,
    Unchanged,
    EventPending,
    Lines,
    RamScripts,
    CodeInside,
    Residue,
    Unissued,
    Round,
    OfTheTransfer,
    InInterrupt,
    Folded,
    Error,
    RingStops,
    Pieces,
    Release,
}
use Id::*;

/// An entry: the difference, the scenarios, what this driver does, and why.
pub type Entry = (Id, &'static str, &'static str, &'static str);

/// All of them.
#[rustfmt::skip]
pub const TABLE: &[Entry] = &[
    (Reset, "S01", "stops all channels, resets the block, clears INTRMASK and INTR", "a boot loader may have left it running"),
    (FirstRun, "S01 S02 S03", "channel 0 runs once in new(), which then sets CONFIG to dynamic", "no transfer waits for the first run"),
    (OneRank, "S01", "CHNPRI0 is 7 at once, not 1 first", "channel 0 never runs at 1"),
    (DspOverride, "S01 S03 S05 S06 S09 S13", "DSPOVR is all ones from the beginning", "no chip here has a DSP"),
    (CommandInterrupts, "S01 S02 S03 S05 S06 S09 S13", "commands of channel 0 have INTR, and their interrupt is taken", "nobody polls for their end"),
    (AtStart, "S03 S05 S06 S09 S13", "registers and context are written when a transfer starts", "one that is only prepared, or refused, changes nothing"),
    (NoStopInPrep, "S03 S05 S09 S13", "a preparation does not write STOP", "it would stop the transfer that runs"),
    (Unchanged, "S03 S05 S06 S09 S13", "a register that has its value is not written again", "the driver knows what it wrote"),
    (EventPending, "S03 S05 S09 S13", "EVTPEND follows a newly connected request line", "its rising edge may have been missed"),
    (Lines, "S03", "a 64-bit build keeps request lines 32 to 47", "Linux shifts them out of its long"),
    (RamScripts, "S01 S02", "per_2_per is absent until firmware names it", "Linux's table points into empty RAM"),
    (CodeInside, "S01 S02", "an image whose scripts lie outside its code is refused; the tests lengthen it", "there is nothing to run"),
    (Residue, "S03 S05", "the residue falls with each closed descriptor", "Linux waits for the interrupt, or for the whole list"),
    (Unissued, "S03 S05", "all is left of a transfer that is not issued", "Linux says 0, as if it were done"),
    (Round, "S03 S13", "after a whole round, all of the next is left", "Linux says 0"),
    (OfTheTransfer, "S05", "the status is the transfer's own", "Linux tells the channel's of the next one"),
    (InInterrupt, "S05 S06", "completion is told in the interrupt", "Linux defers it to a tasklet"),
    (Folded, "S03 S13", "periods that end together are told together", "a late client is not called in bursts"),
    (Error, "S05", "an error in a list fails the transfer", "Linux loses it and says COMPLETE"),
    (RingStops, "S09", "an error in a ring stops it: STOP, a fence, Failed", "Linux goes on and forgets it"),
    (Pieces, "S06", "a copy is cut into pieces of 65,532 bytes and has no spare descriptor", "Linux's second piece is misaligned"),
    (Release, "S06", "a released channel gets priority 0, and no STOP if it is idle", "Linux's priority stays"),
];

/// The table with one scenario's view of it: which entries were needed.
#[derive(Debug)]
pub struct Differences {
    scenario: String,
    used: RefCell<BTreeSet<Id>>,
}

impl Differences {
    pub fn of(scenario: &str) -> Self {
        Self { scenario: scenario.into(), used: RefCell::default() }
    }

    /// Takes an entry into use.
    pub fn apply(&self, id: Id) {
        let (_, scenarios, what, _) = TABLE.iter().find(|entry| entry.0 == id).expect("each has an entry");
        let listed = scenarios.split(' ').any(|name| name == self.scenario);
        assert!(listed, "{id:?} ({what}) is needed in {}, and not listed for it", self.scenario);
        self.used.borrow_mut().insert(id);
    }

    /// What Linux has, or what is to be expected instead; they differ by this entry or not at all.
    pub fn replace<T: PartialEq>(&self, id: Id, linux: T, expected: T) -> T {
        if linux != expected {
            self.apply(id);
        }
        expected
    }

    /// Each entry of this scenario was needed.
    pub fn all_needed(&self) {
        let used = self.used.borrow();
        for (id, scenarios, what, _) in TABLE {
            let listed = scenarios.split(' ').any(|name| name == self.scenario);
            assert!(!listed || used.contains(id), "{id:?} ({what}) is listed for {}, and not needed", self.scenario);
        }
    }
}

/// The table as the crate's documentation has it.
pub fn documentation() -> String {
    let rows = TABLE.iter().map(|(_, scenarios, what, why)| format!("| {what} | {why} | {scenarios} |\n"));
    rows.collect()
}
