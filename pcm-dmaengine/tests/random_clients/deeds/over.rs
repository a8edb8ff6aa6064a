//! What is over: undone, XRUN, stopped, faulted, DISCONNECTED; and the ways back.

use dmaengine_core::{Micros, Sleepable};
use pcm_dmaengine::{Broken, Disconnected, Fault, Faulted, Frames, Lost, Stopped, Undone, Xrun, XrunCause};

use crate::client::Client;
use crate::desk::End;
use crate::machine::{Machine, Processor};
use crate::random::Random;
use crate::side::{Side, Stream};

/// The ways back that all these states have.
macro_rules! way_back {
    ($self:ident, $state:ident, $stream:ident, $prepared:ident, $cpu:ident, $context:ident, $way:expr, $dropped:expr) => {
        match $way {
            0 => {
                $self.world.deed("prepare");
                let from = $self.world.now();
                match $stream.prepare($context) {
                    Ok(prepared) => {
                        $self.waited(from, 2);
                        $self.$prepared(false);
                        Stream::Prepared(prepared)
                    }
                    Err(kept) => {
                        assert!($self.is_slow(), "{}", kept.error);
                        Stream::$state(kept.value)
                    }
                }
            }
            1 => {
                $self.world.deed("prepare_atomic");
                let (from, mut stream, mut outcome) = ($self.world.now(), Some($stream), None);
                $cpu.masked($context, &mut || outcome = stream.take().map(|stream| stream.prepare_atomic()));
                match outcome.expect("it was called") {
                    Ok(prepared) => {
                        $self.waited(from, 1);
                        $self.$prepared(false);
                        Stream::Prepared(prepared)
                    }
                    Err(kept) => {
                        assert!($self.is_slow(), "{}", kept.error);
                        Stream::$state(kept.value)
                    }
                }
            }
            2 if $self.world.machine.queues() => {
                $self.world.deed("prepare_queued");
                let prepared = $stream.prepare_queued();
                $self.$prepared(true);
                Stream::Prepared(prepared)
            }
            _ => {
                $self.world.deed("recover");
                match $stream.recover($context) {
                    Ok((prepared, lost)) => {
                        $self.has_lost(lost, $dropped);
                        $self.$prepared(true);
                        Stream::Prepared(prepared)
                    }
                    Err(faulted) => panic!("{}", faulted.fault()),
                }
            }
        }
    };
}

impl<'a, M: Machine, D: Side> Client<'a, M, D> {
    /// What became of a run: it must be what has ended it.
    pub(crate) fn broken(&mut self, broken: Broken<'a, M::Engine, D>) -> Stream<'a, M::Engine, D> {
        let desk = self.desk();
        let (live, end) = (desk.live.get(), desk.end.take());
        self.world.journal.add(&format!(" ({broken})"));
        match broken {
            Broken::Xrun(xrun) => {
                let report = *xrun.report();
                self.xrun_is_new = false;
                assert!(report.at <= self.world.now());
                // It may have gone on before it heard that it was over.
                let is_known = end.is_some() || self.cut_short;
                let at_end = if is_known { desk.appl_at_end.get() } else { self.appl() };
                let is_there = [self.appl(), at_end].contains(&report.appl_ptr.0);
                // When a linked one ended it, nobody has looked.
                assert!(is_there || report.cause == XrunCause::Linked, "{report:?}: the client is at {}", self.appl());
                self.set_appl(report.appl_ptr.0);
                assert!(report.hw_ptr.0 <= self.most(), "{report:?}, and the device is at {}", self.most());
                assert_eq!(report.avail.0, self.avail(report.hw_ptr.0), "available");
                if report.cause == XrunCause::Overtaken {
                    assert!(report.avail.0 >= self.least_threshold, "{report:?}: too early");
                }
                match end {
                    // The device went when it had had its XRUN and slept.
                    Some(End::Gone) if desk.gone.get() => {}
                    // One that was linked was first, and this desk has not heard of it.
                    Some(_) if report.cause == XrunCause::Linked && self.link.is_some() => {}
                    Some(End::Xrun { cause, at, hw }) => {
                        assert_eq!(report.cause, cause);
                        let apart = report.at.0.abs_diff(at.0);
                        assert!(apart == 0 || !self.is_exact() && apart < 50, "{report:?}: at {at}");
                        assert!(hw.is_none_or(|hw| hw == report.hw_ptr.0), "{report:?}: at {hw:?}");
                        if hw.is_none() && !D::PLAYBACK {
                            desk.unknown.set(desk.unknown.get() - 1);
                            desk.dropped.set(desk.dropped.get() + report.avail.0);
                        }
                    }
                    None if live || self.cut_short || report.cause == XrunCause::Linked => {
                        let linked = report.cause == XrunCause::Linked && self.link.is_some();
                        assert!(linked || report.cause == XrunCause::Overtaken, "{report:?}");
                        if self.is_exact() && !linked && report.at == self.world.now() {
                            assert_eq!(report.hw_ptr.0, self.most(), "the engine's position");
                        }
                        let end = End::Xrun { cause: report.cause, at: report.at, hw: Some(report.hw_ptr.0) };
                        if self.cut_short {
                            // That was before; who was linked with it then has stopped then.
                            desk.finish(end);
                        } else {
                            if report.cause == XrunCause::Overtaken {
                                self.world.desks.end(self.n, end);
                            }
                            desk.finish(end);
                        }
                        desk.end.set(None);
                    }
                    end => panic!("{report:?}, and what has ended it is {end:?}"),
                }
                let mut account = self.world.account.borrow_mut();
                account.xruns += 1;
                account.dropped += if D::PLAYBACK { 0 } else { report.avail.0 };
                Stream::Xrun(xrun)
            }
            Broken::Faulted(faulted) => {
                desk.live.set(false);
                match faulted.fault() {
                    Fault::Stalled { waited } => {
                        assert!(waited >= self.params.patience(), "dead after {waited}");
                        let unseen = self.unseen_at_start != self.world.unseen.get();
                        let explained = self.is_slow() || unseen || self.world.machine.is_shaken() || !self.has_begun();
                        let moves = self.is_exact() && self.most() > 0;
                        assert!(explained && !moves, "it is not dead");
                    }
                    Fault::StoppedByAnother | Fault::Peripheral(_) | Fault::Engine(_) => {
                        assert!(self.stranded, "nobody has stopped it: {}", faulted.fault());
                    }
                    other => panic!("{other}"),
                }
                Stream::Faulted(faulted)
            }
            Broken::Disconnected(gone) => {
                assert!(desk.gone.get() && end == Some(End::Gone), "the device is there: {end:?}");
                Stream::Disconnected(gone)
            }
            other => panic!("{other}"),
        }
    }

    /// A wait took no longer than it may: so many bounds, and what sleeping costs.
    fn waited(&self, from: Micros, bounds: u64) {
        use dmaengine_core::Engine;
        let bound = self.world.machine.dma().engine().facts().stop.bound().0 * bounds;
        let most = Micros(bound + if bounds > 1 { 10_000 } else { 0 } + 1_000);
        let waited = self.world.now() - from;
        assert!(waited <= most, "waited for {waited}, and {most} is the most");
    }

    /// What a recovery says that it cost.
    fn has_lost(&self, lost: Lost, dropped: Frames) {
        assert_eq!(lost.frames, dropped + self.params.frames_in(lost.time));
    }

    /// It was prepared with what was written; nobody knows what of it the run before still plays.
    fn prepared_again(&mut self, behind_a_stop: bool) {
        self.quiet(behind_a_stop);
        let mut old = self.ledger.clone();
        old.loose_from = Some(0);
        self.ledger.again();
        (self.old, self.started) = (Some(old), false);
        self.desk().end.set(None);
    }

    pub(crate) fn undone(
        &mut self,
        stream: Undone<'a, M::Engine, D>,
        cpu: &dyn Processor,
        context: &mut Sleepable<'_>,
        random: &mut Random,
        closing: bool,
    ) -> Stream<'a, M::Engine, D> {
        let mut stream = stream;
        match random.up_to(7) {
            _ if closing => Stream::Stopped(stream.stop()),
            0 => {
                self.world.deed("stop");
                Stream::Stopped(stream.stop())
            }
            1 => {
                self.other_sw_params(random, &mut |sw| stream.set_sw_params(sw));
                Stream::Undone(stream)
            }
            2 if !self.is_slow() && random.one_in(4) => {
                self.world.deed("drop it");
                drop(stream);
                self.dropped()
            }
            way => way_back!(self, Undone, stream, prepared_again, cpu, context, way % 4, Frames(0)),
        }
    }

    pub(crate) fn xrun(
        &mut self,
        stream: Xrun<'a, M::Engine, D>,
        cpu: &dyn Processor,
        context: &mut Sleepable<'_>,
        random: &mut Random,
        closing: bool,
    ) -> Stream<'a, M::Engine, D> {
        let mut stream = stream;
        match random.up_to(24) {
            _ if closing => Stream::Stopped(stream.stop()),
            0..2 => {
                self.world.deed("stop");
                Stream::Stopped(stream.stop())
            }
            2 => {
                self.world.deed("suspend");
                Stream::Suspended(stream.suspend())
            }
            3 => {
                self.other_sw_params(random, &mut |sw| stream.set_sw_params(sw));
                Stream::Xrun(stream)
            }
            4 if !self.is_slow() && random.one_in(8) => {
                self.world.deed("drop it");
                drop(stream);
                self.dropped()
            }
            5..9 => {
                self.world.deed("recover");
                let report = *stream.report();
                match stream.recover(context) {
                    Ok((prepared, lost)) => {
                        let since = self.world.now() - report.at;
                        assert!(lost.time <= since && (!self.is_exact() || lost.time == since), "{lost:?} in {since}");
                        self.has_lost(lost, if D::PLAYBACK { Frames(0) } else { report.avail });
                        self.prepared(true);
                        Stream::Prepared(prepared)
                    }
                    Err(faulted) => panic!("{}", faulted.fault()),
                }
            }
            way => {
                let dropped = if D::PLAYBACK { Frames(0) } else { stream.report().avail };
                way_back!(self, Xrun, stream, prepared, cpu, context, way % 3, dropped)
            }
        }
    }

    pub(crate) fn stopped(
        &mut self,
        stream: Stopped<'a, M::Engine, D>,
        cpu: &dyn Processor,
        context: &mut Sleepable<'_>,
        random: &mut Random,
        closing: bool,
    ) -> Stream<'a, M::Engine, D> {
        let mut stream = stream;
        match random.up_to(15) {
            _ if closing => self.reset(stream, context),
            0 => self.reset(stream, context),
            1 if random.one_in(6) => {
                self.world.deed("disconnect");
                self.desk().gone();
                Stream::Disconnected(stream.disconnect())
            }
            2 => {
                self.other_sw_params(random, &mut |sw| stream.set_sw_params(sw));
                Stream::Stopped(stream)
            }
            3 if !self.is_slow() && random.one_in(8) => {
                self.world.deed("drop it");
                drop(stream);
                self.dropped()
            }
            4..7 => {
                self.world.deed("synchronize");
                let from = self.world.now();
                match stream.synchronize(context) {
                    Ok(setup) => {
                        self.waited(from, 2);
                        self.quiet(false);
                        Stream::Setup(setup)
                    }
                    Err(kept) => {
                        assert!(self.is_slow(), "{}", kept.error);
                        Stream::Stopped(kept.value)
                    }
                }
            }
            way => way_back!(self, Stopped, stream, prepared, cpu, context, way % 4, Frames(0)),
        }
    }

    fn reset(&mut self, stream: Stopped<'a, M::Engine, D>, context: &mut Sleepable<'_>) -> Stream<'a, M::Engine, D> {
        self.world.deed("reset the channel");
        let setup = stream.reset(context).unwrap_or_else(|kept| panic!("{}", kept.error));
        self.quiet(false);
        Stream::Setup(setup)
    }

    pub(crate) fn faulted(
        &mut self,
        stream: Faulted<'a, M::Engine, D>,
        context: &mut Sleepable<'_>,
        random: &mut Random,
        closing: bool,
    ) -> Stream<'a, M::Engine, D> {
        if closing || random.one_in(2) {
            self.world.deed("reset the channel");
            let setup = stream.reset(context).unwrap_or_else(|kept| panic!("{}", kept.error));
            self.quiet(false);
            return Stream::Setup(setup);
        }
        self.world.deed("recover");
        let (prepared, lost) = stream.recover(context).unwrap_or_else(|faulted| panic!("{}", faulted.fault()));
        self.has_lost(lost, Frames(0));
        self.prepared(false);
        Stream::Prepared(prepared)
    }

    pub(crate) fn disconnected(
        &mut self,
        stream: Disconnected<'a, M::Engine, D>,
        context: &mut Sleepable<'_>,
    ) -> Stream<'a, M::Engine, D> {
        self.world.deed("close");
        let (channel, ring) = stream.close(context).unwrap_or_else(|kept| panic!("{}", kept.error));
        self.world.rings.borrow_mut().take_back(ring);
        drop(channel);
        Stream::Closed
    }
}
