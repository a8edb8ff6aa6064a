//! One run of a stream after another, and what must be true of each: every word that the device gave or took after the restart
//! is there once and in order, and memory that came back is left alone.

use core::ops::RangeInclusive;

use backend_imx_sdma::StopMethod;
use dmaengine_core::{Active, Outcome, PrepError, Resolved, Sleepable, Transfer};
use sim_board::Engine;
use sim_imx_sdma::Until;
use sim_imx_sdma::bus::Watch;
use sim_imx_sdma::time::Cycles;

use crate::bench::{BURST, BURST_TIME, Bench, CHANNELS, PERIOD, PERIODS, Processor, RING, Ring, Way};
use crate::cures::{Cure, Next, Stopped};

/// What nobody plays and no device gives.
const POISON: u32 = 0xDEAD_BEEF;
/// Transfers that the board has descriptors for.
const BLOCKS: usize = 64;

/// A stream: the run under way, and all that were.
pub struct Stream<'d, S: StopMethod> {
    pub bench: &'d Bench<S>,
    active: Option<Active<'d, Engine<S>>>,
    transfer: Option<Transfer<'d, Engine<S>, Ring>>,
    spare: Option<Ring>,
    /// When the device's clock began to tick.
    pub since: Cycles,
    runs: Vec<Run>,
    watch: Option<Watch>,
    residue: Residue,
}

/// What the residue of a run that was stopped is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residue {
    Exact,
    WholePeriods,
    /// The hardware has not told all.
    Whatever,
}

/// A run. It began after so many words of the device's, and its ring was filled with this.
struct Run {
    began: RangeInclusive<u64>,
    tag: u32,
}

impl Run {
    fn word(&self, way: Way, n: u64, given: &[u32]) -> u32 {
        match way {
            Way::Capture => given.get((self.began.start() + n) as usize).copied().unwrap_or(POISON),
            Way::Playback => self.tag << 12 | (n % RING as u64) as u32,
        }
    }
}

impl<'d, S: StopMethod> Stream<'d, S> {
    /// The first run, and the device that runs from now on.
    pub fn begin(bench: &'d Bench<S>) -> Self {
        let idle = bench.dma.channel(crate::bench::STREAM).unwrap();
        let (first, spare): (Ring, Ring) = (vec![0; RING].leak(), vec![0; RING].leak());
        fill(first, bench.way, 0);
        spare.fill(POISON);
        let prepared = idle.prep_cyclic(first, &bench.request()).unwrap();
        let (active, transfer) = idle.start(prepared).unwrap();
        bench.desk.room.set(PERIODS as u64);
        bench.hand_over(transfer.generation());
        let since = bench.switch_on();
        let runs = vec![Run { began: 0..=0, tag: 0 }];
        let (active, transfer, spare) = (Some(active), Some(transfer), Some(spare));
        let residue = if S::FENCED { Residue::Exact } else { Residue::WholePeriods };
        Self { bench, active, transfer, spare, since, runs, watch: None, residue }
    }

    /// It is not what it is usually.
    pub fn expect(&mut self, residue: Residue) {
        self.residue = residue;
    }

    /// Lets it run until nobody has read for too long, and the interrupt that finds it out comes at this place of a burst period.
    pub fn overrun(&mut self, cpu: &Processor<'_>, phase: u64) {
        let desk = &self.bench.desk;
        let limit = self.bench.board.after(20_000);
        while desk.unread.get() < desk.room.get() && desk.stopped.get().is_none() {
            assert!(self.bench.now() < limit && desk.failed.get().is_none(), "the stream stands still");
            cpu.run_until(self.bench.board.after(50));
        }
        let next = (self.bench.now() - self.since).0 + (PERIOD as u64 / BURST) * BURST_TIME + 1_500;
        let moment = (next + (BURST_TIME + phase - next % BURST_TIME) % BURST_TIME) + self.since.0;
        cpu.hold_off_interrupts(true);
        self.bench.board.hw(|hw| hw.run_until(Until::Time(Cycles(moment))));
        cpu.hold_off_interrupts(false);
        cpu.run_until(Cycles(moment));
        while desk.stopped.get().is_none() {
            assert!(self.bench.now() < limit, "no overrun");
            cpu.run_until(self.bench.board.after(10));
        }
    }

    /// Lets it run for so long. Unless an overrun of so many periods stops it in the interrupt, the thread stops it then.
    pub fn run(&mut self, cpu: &Processor<'_>, time: Cycles, room: u64) {
        let bench = self.bench;
        bench.desk.room.set(room);
        cpu.run_until(bench.now() + time);
        if bench.desk.stopped.get().is_none() {
            bench.note_stop();
        }
    }

    /// Starts it again. Answers how many words the device had moved when the new run began, if that is known.
    pub fn restart(&mut self, cpu: &Processor<'_>, context: &mut Sleepable<'_>, cure: Cure<S>) -> Option<u64> {
        self.restart_while(cpu, context, cure, || ())
    }

    /// The same; something else happens right after the stop.
    pub fn restart_while(
        &mut self,
        cpu: &Processor<'_>,
        context: &mut Sleepable<'_>,
        cure: Cure<S>,
        then: impl FnOnce(),
    ) -> Option<u64> {
        let (_, moved) = self.bench.desk.stopped.get().expect("a stop was asked for");
        let transfer = self.transfer.take().unwrap();
        self.look_at_running(&transfer, moved);
        let address = self.bench.ring_address();
        let next = self.take_spare();
        let stopped = Stopped { stopping: self.active.take().unwrap().terminate_async(), old: transfer, next };
        then();
        let Next { active, transfer, old, spare, quiet } = cure(self.bench, cpu, context, stopped);
        (self.active, self.transfer) = (Some(active), Some(transfer));
        if let Some(since) = self.bench.switch_on_again() {
            self.since = since;
        }
        let tag = self.runs.last().unwrap().tag + u32::from(old.is_some());
        let ended = old.as_ref().and_then(|old| self.ended(old, moved, quiet));
        match old {
            Some(old) => self.take_back(old.buffer, ended, address),
            None => {
                self.spare = spare;
                self.spare.as_mut().unwrap().fill(POISON);
            }
        }
        let began = ended.map_or(moved..=moved + BURST, |ended| ended..=ended);
        self.runs.push(Run { began, tag });
        ended
    }

    /// How many words the device had moved when the current run began.
    pub fn began(&self) -> u64 {
        *self.runs.last().unwrap().began.end()
    }

    /// Stops for good. What it had is all there again.
    pub fn end(mut self, context: &Sleepable<'_>) {
        let (transfer, moved) = (self.transfer.take().unwrap(), self.bench.moved());
        self.look_at_running(&transfer, moved);
        self.unwatch();
        let address = self.bench.ring_address();
        let idle = self.active.take().unwrap().terminate_sync(context).unwrap();
        let old = transfer.try_resolve().unwrap();
        let ended = self.ended(&old, moved, Some(self.bench.moved()));
        self.take_back(old.buffer, ended, address);
        drop(idle);
        self.bench.board.hw(|hw| hw.run_for(Cycles(3 * BURST_TIME)));
        self.unwatch();
        self.check_played();
        self.check_descriptors();
        self.bench.check();
    }

    /// How many words the device had moved when the old run was over: what the residue says, and what the device says.
    fn ended(&self, old: &Resolved<Ring>, moved: u64, quiet: Option<u64>) -> Option<u64> {
        let Outcome::Aborted { residue } = old.outcome else { return quiet };
        let transferred = (4 * RING as u64 - residue) / 4;
        let began = self.runs.last().unwrap().began.clone();
        if began.start() != began.end() || self.residue == Residue::Whatever {
            return quiet;
        }
        let fits = |ended: &u64| (ended - began.start()) % RING as u64 == transferred % RING as u64;
        if self.residue == Residue::WholePeriods {
            let quiet = quiet?;
            let whole = quiet - (quiet - began.start()) % PERIOD as u64;
            let is_whole =
                fits(&whole) || (whole == quiet && whole.checked_sub(PERIOD as u64).is_some_and(|whole| fits(&whole)));
            assert!(is_whole, "{transferred} words of whole periods, with {} moved", quiet - began.start());
            return Some(quiet);
        }
        let ended = (moved..=moved + BURST).find(fits);
        let ended = ended.unwrap_or_else(|| panic!("{transferred} words cannot be: {began:?}, {moved} at the stop"));
        assert!(quiet.is_none_or(|quiet| quiet == ended), "residue {residue}: {quiet:?} at the device, not {ended}");
        Some(ended)
    }

    /// The memory of a run is here again: looks at it, and watches it from now on.
    fn take_back(&mut self, ring: Ring, ended: Option<u64>, address: u32) {
        let ended = ended.expect("who has the memory knows how far it came");
        self.check_ring(ring, ended, 0, true);
        fill(ring, Way::Capture, 0);
        self.spare = Some(ring);
        let now = self.bench.now();
        self.watch = Some(self.bench.board.hw(|hw| hw.bus().watch(address..address + 4 * RING as u32, now)));
    }

    fn unwatch(&mut self) {
        if let Some(watch) = self.watch.take() {
            assert_eq!(self.bench.board.hw(|hw| hw.bus().unwatch(watch)), [], "memory that came back was touched");
        }
    }

    fn take_spare(&mut self) -> Ring {
        self.unwatch();
        let spare = self.spare.take().unwrap();
        assert!(spare.iter().all(|word| *word == POISON), "memory that came back has changed");
        fill(spare, self.bench.way, self.runs.last().unwrap().tag + 1);
        spare
    }

    /// A look at a ring under way. The burst that is just being moved may be there or not.
    fn look_at_running(&mut self, transfer: &Transfer<'d, Engine<S>, Ring>, moved: u64) {
        let mut bytes = [0; 4 * RING];
        transfer.copy_out(0, &mut bytes).unwrap();
        let words: Vec<_> = bytes.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect();
        self.check_ring(&words, moved, BURST, false);
    }

    /// Whether a ring has what was moved up to there; of what is at most `slack` words away nothing is said.
    fn check_ring(&mut self, ring: &[u32], ended: u64, slack: u64, is_fresh: bool) {
        let (way, run) = (self.bench.way, self.runs.last_mut().unwrap());
        if way == Way::Playback {
            assert!((0..).zip(ring).all(|(n, word)| *word == run.tag << 12 | n), "the SDMA wrote where it reads");
            return;
        }
        let wrong = self.bench.ssi(|ssi, _| {
            let wrong = |began: u64| {
                let run = Run { began: began..=began, tag: 0 };
                let n = ended - began;
                let old = (is_fresh && n < RING as u64).then_some(n..RING as u64).into_iter().flatten();
                let new = n.saturating_sub(RING as u64) + slack..n.saturating_sub(slack);
                let wrong = |n: &u64| ring[*n as usize % RING] != run.word(way, *n, ssi.given(0));
                new.clone().find(wrong).or_else(|| old.clone().find(|n| ring[*n as usize] != POISON))
            };
            match run.began.clone().find(|began| wrong(*began).is_none()) {
                Some(began) if ended - began > 2 * slack => run.began = began..=began,
                Some(_) => {}
                None => return wrong(*run.began.start()),
            }
            None
        });
        assert_eq!(wrong, None, "a word of the run from {:?} to {ended}, {ring:x?}", run.began);
    }

    /// What was played is one run after the other, each from its beginning.
    fn check_played(&self) {
        if self.bench.way == Way::Capture {
            return;
        }
        self.bench.ssi(|ssi, _| {
            let (mut run, mut n) = (0, 0);
            for (place, word) in (0..).zip(ssi.taken(0)) {
                // A run that was stopped before its first word leaves no trace.
                while self.runs.get(run + 1).is_some_and(|next| {
                    let begins = next.began.contains(&place);
                    begins && (*next.began.end() == place || self.runs[run].word(Way::Playback, n, &[]) != *word)
                }) {
                    (run, n) = (run + 1, 0);
                }
                let expected = self.runs.get(run).map(|run| run.word(Way::Playback, n, &[]));
                assert_eq!(Some(*word), expected, "word {place} that was played, {n} of run {run}");
                n += 1;
            }
        });
    }

    /// As many transfers can be prepared as at the beginning.
    fn check_descriptors(&self) {
        let mut prepared = Vec::new();
        let idle: Vec<_> = (0..CHANNELS as u8).map(|channel| self.bench.dma.channel(channel).unwrap()).collect();
        for idle in &idle {
            let limit = loop {
                let (target, source): (Ring, &[u32]) = (vec![0].leak(), &[0]);
                match idle.prep_memcpy(target, source) {
                    Ok(copy) => prepared.push(copy),
                    Err(kept) => break kept.error,
                }
            };
            if prepared.len() >= BLOCKS {
                assert!(matches!(limit, PrepError::NoDescriptor { .. }));
            }
        }
        assert_eq!(prepared.len(), BLOCKS, "transfers that can be prepared");
    }
}

fn fill(ring: &mut [u32], way: Way, tag: u32) {
    match way {
        Way::Capture => ring.fill(POISON),
        Way::Playback => (0..).zip(ring).for_each(|(n, word)| *word = tag << 12 | n),
    }
}
