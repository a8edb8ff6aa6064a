//! One client: its stream, in whatever state, and the model of what that stream must be.
//!
//! A step takes the stream out of `stream`, does one thing to it and puts back what has become of it. The model is moved by
//! what the call says it did, and held against the device, the desk and the stream's own positions after every step.

use dmaengine_core::{Micros, Sleepable};
use pcm_dmaengine::{Frames, HwParams, Link, PcmStatistics, PeriodHalf, SampleFormat, SwParams};

use crate::desk::Desk;
use crate::ledger::Ledger;
use crate::machine::{Machine, Processor, Truth};
use crate::noise::Noise;
use crate::random::Random;
use crate::side::{Side, Stream};
use crate::witness::{Phase, Witness};
use crate::world::World;

/// What a look at a running stream must find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Going,
    Over,
    /// The engine's positions are too coarse to say.
    Unknown,
}

pub struct Client<'a, M: Machine, D: Side> {
    pub world: &'a World<'a, M>,
    pub n: usize,
    pub channels: u16,
    pub half: PeriodHalf<'a, M::Engine>,
    pub witness: &'a Witness<'a>,
    pub link: Option<Link<'a, M::Engine>>,
    pub stream: Stream<'a, M::Engine, D>,
    pub params: HwParams,
    pub sw: SwParams,
    pub noise: Noise,
    pub silence: Vec<u8>,
    /// Of the ring that it has: where it is.
    pub ring: usize,
    /// The next frame to write.
    pub serial: u64,
    /// What was written for this run, and for the one before.
    pub ledger: Ledger,
    pub old: Option<Ledger>,
    /// The run of `ledger` was started.
    pub started: bool,
    pub held: bool,
    pub draining: bool,
    /// The engine went on and the peripheral did not: that ends a run.
    pub stranded: bool,
    /// Where the engine was when a capture was drained.
    pub rest_hw: u64,
    /// Nobody has seen the XRUN yet that ends this run.
    pub xrun_is_new: bool,
    /// The gap since an XRUN ends when a run begins, which waits for a stop, or never comes to it: since when there is one, until there
    /// is another that is known.
    pub gap: Option<Micros>,
    /// A capture lost so many frames in all from these positions on.
    pub gaps: Vec<(u64, u64)>,
    /// Where the engine was when it was held, and what the device had lost.
    pub lost_before: Option<(u64, u64)>,
    /// The smallest stop threshold since the start, and whether it was never more than the ring.
    pub least_threshold: u64,
    pub strict: bool,
    /// A call did less than it was asked to: the next one must say why.
    pub cut_short: bool,
    pub started_at: Micros,
    pub unseen_at_start: u64,
    /// What the statistics were when it was opened, and what they were last.
    pub opened_with: PcmStatistics,
    pub latest: PcmStatistics,
    pub missed: u64,
    pub xruns_are_known: bool,
}

/// What the opening does with a client, whichever way it goes.
pub trait Actor {
    fn step(&mut self, cpu: &dyn Processor, context: &mut Sleepable<'_>, random: &mut Random, closing: bool);
    fn is_closed(&self) -> bool;
}

impl<'a, M: Machine, D: Side> Client<'a, M, D> {
    pub fn new(
        world: &'a World<'a, M>,
        n: usize,
        channels: u16,
        half: PeriodHalf<'a, M::Engine>,
        witness: &'a Witness<'a>,
        link: Option<Link<'a, M::Engine>>,
        stream: Stream<'a, M::Engine, D>,
    ) -> Self {
        let format = SampleFormat::S8;
        let params = HwParams { format, rate: 1, channels: 1, period_size: Frames(1), periods: 2 };
        let statistics = half.statistics();
        let desk = world.desk(n);
        desk.playback.set(D::PLAYBACK);
        Self {
            world,
            n,
            channels,
            half,
            witness,
            link,
            stream,
            params,
            sw: SwParams::new(&params),
            noise: Noise::of(1),
            silence: Vec::new(),
            ring: 0,
            serial: 0,
            ledger: Ledger::default(),
            old: None,
            started: false,
            held: false,
            draining: false,
            stranded: false,
            rest_hw: 0,
            xrun_is_new: false,
            gap: None,
            gaps: Vec::new(),
            lost_before: None,
            least_threshold: 0,
            strict: true,
            cut_short: false,
            started_at: Micros::ZERO,
            unseen_at_start: 0,
            opened_with: statistics,
            latest: statistics,
            missed: statistics.frames_missed,
            xruns_are_known: true,
        }
    }

    pub fn desk(&self) -> &'a Desk {
        self.world.desk(self.n)
    }

    pub fn truth(&self) -> Truth {
        self.world.machine.truth(self.n)
    }

    pub fn is_exact(&self) -> bool {
        self.world.machine.is_exact()
    }

    /// The desk knows all that has ended a run.
    pub fn is_known(&self) -> bool {
        self.xruns_are_known && !self.world.uncertain.get()
    }

    /// Its stop may take longer than it should.
    pub fn is_slow(&self) -> bool {
        self.desk().slow.get()
    }

    pub fn buffer(&self) -> u64 {
        self.params.buffer_size().0
    }

    pub fn appl(&self) -> u64 {
        self.desk().appl.get()
    }

    pub fn set_appl(&self, appl: u64) {
        self.desk().appl.set(appl);
    }

    pub fn bytes(&self, frames: u64) -> usize {
        frames as usize * self.params.frame_bytes() as usize
    }

    /// The engine is at this run, and not still at the one before.
    pub fn has_begun(&self) -> bool {
        self.started && self.truth().run != self.ledger.before
    }

    /// The engine is at this run, as far as the device can tell: it may have begun while the engine still waited for a stop.
    pub fn surely_moves(&self) -> bool {
        self.has_begun() && self.ledger.most_lead == 0
    }

    /// How far the engine has come in this run, at most.
    pub fn most(&self) -> u64 {
        if self.has_begun() { self.truth().most } else { 0 }
    }

    /// What is available to the client when the engine has come so far.
    pub fn avail(&self, hw: u64) -> u64 {
        if D::PLAYBACK { (hw + self.buffer()).saturating_sub(self.appl()) } else { hw.saturating_sub(self.appl()) }
    }

    /// What a look must find now.
    pub fn fate(&self) -> Fate {
        let limit = if self.draining { self.buffer() } else { self.sw.stop_threshold.0 };
        match () {
            () if !self.desk().live.get() || self.cut_short || self.desk().doomed.get() => Fate::Over,
            () if self.held => Fate::Going,
            () if !self.is_exact() => Fate::Unknown,
            () if !self.has_begun() => {
                let waited = self.world.now() - self.started_at;
                if waited < self.params.patience() { Fate::Going } else { Fate::Unknown }
            }
            () if self.avail(self.most()) >= limit => Fate::Over,
            () => Fate::Going,
        }
    }

    /// A look found it going.
    pub fn is_going(&mut self, fate: Fate) {
        assert_ne!(fate, Fate::Over, "the end of a run went unnoticed: {:?}", self.desk().end.get());
    }

    /// The stream was prepared anew: nothing is written, nothing is heard.
    pub fn prepared(&mut self, behind_a_stop: bool) {
        self.quiet(behind_a_stop);
        let least = self.truth().least;
        let mut old = std::mem::take(&mut self.ledger);
        if self.started {
            old.loose_from = behind_a_stop.then_some(least).or(old.loose_from);
            self.old = Some(old);
        }
        (self.started, self.held, self.draining, self.stranded, self.cut_short) = (false, false, false, false, false);
        self.gaps.clear();
        (self.lost_before, self.strict, self.least_threshold) = (None, true, u64::MAX);
        self.note_thresholds();
        self.set_appl(0);
        self.desk().end.set(None);
    }

    /// It is quiescent, unless it is behind a stop.
    pub fn quiet(&mut self, behind_a_stop: bool) {
        self.desk().slow.set(self.world.slow.get() || self.is_slow() && behind_a_stop);
    }

    pub fn note_thresholds(&mut self) {
        let stop = self.sw.stop_threshold.0;
        self.least_threshold = self.least_threshold.min(stop);
        self.strict &= stop <= self.buffer();
    }

    /// What the device has played since the last look is what was written.
    fn check_played(&mut self) {
        if !D::PLAYBACK || self.params.rate == 1 {
            return;
        }
        if self.ledger.run.is_none() && self.has_begun() {
            self.ledger.run = Some(self.truth().run);
        }
        let (noise, silence, buffer) = (&self.noise, &self.silence[..], self.params.buffer_size().0);
        let mut ledgers = [Some(&mut self.ledger).filter(|_| self.started), self.old.as_mut()];
        let mut seen = 0;
        self.world.machine.played(self.n, &mut |run, bytes| {
            for ledger in ledgers.iter_mut().flatten().filter(|ledger| ledger.run == Some(run)) {
                seen += ledger.check(bytes, noise, silence, buffer);
            }
        });
        self.world.account.borrow_mut().frames += seen;
    }

    /// Its own positions, as the stream tells them, against the device's.
    fn check_positions(&mut self) {
        let (hw, appl, avail, delay) = match &self.stream {
            Stream::Prepared(stream) => (stream.hw_ptr(), stream.appl_ptr(), stream.avail(), stream.delay()),
            Stream::Running(stream) => (stream.hw_ptr(), stream.appl_ptr(), stream.avail(), stream.delay()),
            Stream::Paused(stream) => (stream.hw_ptr(), stream.appl_ptr(), stream.avail(), stream.delay()),
            _ => return,
        };
        let most = self.most();
        assert_eq!(appl.0, self.appl(), "the client's position");
        // On real registers, time passes between two looks.
        assert!(avail.0 >= self.avail(hw.0), "available: {avail}");
        if self.is_exact() {
            if self.desk().live.get() && self.is_known() || !self.started {
                assert_eq!(hw.0, most, "the engine's position");
            }
            assert_eq!(avail.0, self.avail(hw.0), "available");
            let queued = self.buffer() as i64 - avail.0 as i64;
            assert_eq!(delay, if D::PLAYBACK { queued } else { avail.0 as i64 });
        }
        assert!(hw.0 <= self.most(), "the engine is at {hw}, and the device at {most}");
    }

    fn check_statistics(&mut self) {
        let (new, old, desk) = (self.half.statistics(), self.latest, self.desk());
        assert!(new.xruns >= old.xruns && new.frames_dropped >= old.frames_dropped, "{new:?} after {old:?}");
        assert!(new.frames_missed >= old.frames_missed && new.longest_gap >= old.longest_gap, "{new:?} after {old:?}");
        assert!(new.time_in_stop >= old.time_in_stop && new.time_in_stop <= self.world.now(), "{new:?} after {old:?}");
        if self.is_known() {
            assert_eq!(new.xruns, self.opened_with.xruns + desk.xruns.get(), "XRUNs");
            if desk.unknown.get() == 0 {
                assert_eq!(new.frames_dropped, self.opened_with.frames_dropped + desk.dropped.get(), "frames dropped");
            }
        }
        let missed = new.frames_missed - self.missed.min(new.frames_missed);
        match self.gap.filter(|_| missed > 0) {
            _ if !self.is_known() => {}
            Some(since) => {
                // On real registers, time passes between the XRUN and what is noted of it here.
                let most = self.params.frames_in(self.world.now() - since).0 + u64::from(!self.is_exact()) * 8;
                assert!(missed <= most, "{missed} frames missed, and {most} is the most");
            }
            None if self.is_exact() => assert_eq!(new.frames_missed, self.missed, "frames missed"),
            None => {}
        }
        self.missed = new.frames_missed;
        self.latest = new;
    }

    /// After every step.
    fn check(&mut self) {
        self.witness.check();
        self.check_played();
        self.check_positions();
        self.check_statistics();
        self.world.machine.check();
        let desk = self.desk();
        match &self.stream {
            // Nobody has told the desk yet.
            _ if self.cut_short || !self.is_known() => {}
            // One that was ended while it slept may still owe its stop.
            Stream::Suspended(_) if !desk.live.get() => {}
            Stream::Suspended(_) => assert_ne!(self.witness.phase() == Phase::Stopped, self.held),
            Stream::Running(_) | Stream::Rest(_) | Stream::Paused(_) => {
                let stopped = self.witness.phase() == Phase::Stopped;
                assert_eq!(stopped, !desk.live.get(), "whether the peripheral of a run stands still");
            }
            _ => {
                assert!(!desk.live.get());
                assert_eq!(self.witness.phase(), Phase::Stopped, "the peripheral runs without its stream");
            }
        }
    }
}

impl<M: Machine, D: Side> Actor for Client<'_, M, D> {
    fn step(&mut self, cpu: &dyn Processor, context: &mut Sleepable<'_>, random: &mut Random, closing: bool) {
        if self.is_closed() {
            return;
        }
        let (world, name) = (self.world, self.stream.name());
        world.journal.note(format!("{:>12} {} {name}: ", world.now().0, self.n));
        {
            let mut account = world.account.borrow_mut();
            account.steps += 1;
            *account.visits.entry(name).or_default() += 1;
        }
        if closing || !self.by_the_way(cpu, random) {
            let stream = std::mem::replace(&mut self.stream, Stream::Closed);
            self.stream = match stream {
                Stream::Open(stream) => self.open(stream, random, closing),
                Stream::Setup(stream) => self.setup(stream, random, closing),
                Stream::Prepared(stream) => self.ready(stream, random, closing),
                Stream::Undone(stream) => self.undone(stream, cpu, context, random, closing),
                Stream::Running(stream) => self.running(stream, cpu, context, random, closing),
                Stream::Rest(stream) => self.rest(stream, context, random, closing),
                Stream::Paused(stream) => self.paused(stream, random, closing),
                Stream::Suspended(stream) => self.suspended(stream, random, closing),
                Stream::Xrun(stream) => self.xrun(stream, cpu, context, random, closing),
                Stream::Stopped(stream) => self.stopped(stream, cpu, context, random, closing),
                Stream::Faulted(stream) => self.faulted(stream, context, random, closing),
                Stream::Disconnected(stream) => self.disconnected(stream, context),
                Stream::Closed => Stream::Closed,
            };
        }
        world.journal.add(&format!(" -> {}, {} at {}", self.stream.name(), self.most(), self.appl()));
        self.check();
    }

    fn is_closed(&self) -> bool {
        matches!(self.stream, Stream::Closed)
    }
}
