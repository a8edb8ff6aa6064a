//! OPEN, SETUP and PREPARED: nothing runs.

use pcm_dmaengine::{
    DaiError, HwParams, NotStarted, Open, Prepared, Recovery, Setup, StartError, SwParams, Trigger, XrunCause,
};

use crate::client::Client;
use crate::ledger::Ledger;
use crate::machine::Machine;
use crate::noise::Noise;
use crate::random::Random;
use crate::side::{Side, Stream, way};

impl<'a, M: Machine, D: Side> Client<'a, M, D> {
    pub(crate) fn open(
        &mut self,
        stream: Open<'a, M::Engine, D>,
        random: &mut Random,
        closing: bool,
    ) -> Stream<'a, M::Engine, D> {
        match random.up_to(12) {
            _ if closing => self.close(stream),
            0 => self.close(stream),
            1..4 => {
                self.world.deed("recovery");
                let queue = if self.world.machine.queues() { Recovery::QUEUE_AFTER_STOP } else { Recovery::SYNC_STOP };
                Stream::Open(stream.with_recovery(random.of(&[Recovery::SYNC_STOP, Recovery::ATOMIC, queue])))
            }
            4 => {
                self.world.deed("wrong hw_params");
                let params = self.choose(&stream, random);
                let ring = self.world.rings.borrow_mut().lend(params.buffer_bytes() as usize, random);
                let rate = HwParams { rate: 0, ..params };
                let wrong = if random.one_in(2) { rate } else { HwParams { periods: 1 << 20, ..params } };
                let kept = stream.hw_params(wrong, ring).expect_err("nobody can do that");
                let (stream, ring) = kept.value;
                self.world.rings.borrow_mut().take_back(ring);
                Stream::Open(stream)
            }
            _ => {
                self.world.deed("hw_params");
                let params = self.choose(&stream, random);
                let ring = self.world.rings.borrow_mut().lend(params.buffer_bytes() as usize, random);
                self.ring = ring.as_ptr().addr();
                self.noise = Noise::of(params.frame_bytes() as usize);
                self.silence = vec![0; self.noise.frame];
                params.format.fill_silence(&mut self.silence);
                self.desk().frame.set(params.frame_bytes().into());
                self.world.machine.attach(self.n, way::<D>(), &params, &self.noise, random);
                self.world.journal.add(&format!("{params:?}"));
                (self.params, self.sw) = (params, SwParams::new(&params));
                (self.ledger, self.old, self.started) = (Ledger::default(), None, false);
                let setup = stream.hw_params(params, ring).unwrap_or_else(|kept| panic!("{}", kept.error));
                assert_eq!((setup.params(), setup.sw_params()), (&self.params, self.sw));
                self.set_appl(0);
                Stream::Setup(setup)
            }
        }
    }

    fn close(&mut self, stream: Open<'a, M::Engine, D>) -> Stream<'a, M::Engine, D> {
        self.world.deed("close");
        drop(stream.close());
        Stream::Closed
    }

    /// One of the configurations that there are.
    fn choose(&self, stream: &Open<'a, M::Engine, D>, random: &mut Random) -> HwParams {
        let mut space = stream.hw_params_any().expect("the engine can do something");
        let (formats, _) = self.world.machine.sounds();
        let (rate, periods) = random.weighed(&[
            (4, (100, &[1, 3, 16, 100, 128][..])),
            (4, (250, &[4, 25, 64, 250])),
            (2, (1_000, &[7, 32, 200])),
            (1, (8_000, &[20, 160])),
            (2, (48_000, &[32, 48, 240])),
        ]);
        space.set_channels(self.channels.into()).expect("as many as it was opened for");
        while space.set_format(random.of(formats)).is_err() {}
        space.set_rate(rate).expect("a usual rate");
        space.set_period_size_near(pcm_dmaengine::Frames(random.of(periods))).expect("a period");
        space.set_periods_near(random.between(2, 12) as u32).expect("some periods");
        let before = space;
        let params = space.choose().expect("there is one near what was wished for");
        assert!(before.contains(pcm_dmaengine::Access::RwInterleaved, &params), "{params:?} of {before:?}");
        params
    }

    pub(crate) fn setup(
        &mut self,
        stream: Setup<'a, M::Engine, D>,
        random: &mut Random,
        closing: bool,
    ) -> Stream<'a, M::Engine, D> {
        let mut stream = stream;
        match random.up_to(40) {
            _ if closing => self.hw_free(stream),
            0 => {
                self.world.deed("disconnect");
                self.desk().gone();
                Stream::Disconnected(stream.disconnect())
            }
            1..3 => self.hw_free(stream),
            3..15 => {
                self.other_sw_params(random, &mut |sw| stream.set_sw_params(sw));
                Stream::Setup(stream)
            }
            _ => {
                self.world.deed("prepare");
                let prepared = stream.prepare();
                self.prepared(false);
                Stream::Prepared(prepared)
            }
        }
    }

    fn hw_free(&mut self, stream: Setup<'a, M::Engine, D>) -> Stream<'a, M::Engine, D> {
        self.world.deed("hw_free");
        let (open, ring) = stream.hw_free();
        self.world.rings.borrow_mut().take_back(ring);
        Stream::Open(open)
    }

    pub(crate) fn ready(
        &mut self,
        stream: Prepared<'a, M::Engine, D>,
        random: &mut Random,
        closing: bool,
    ) -> Stream<'a, M::Engine, D> {
        let mut stream = stream;
        match random.up_to(40) {
            _ if closing => self.stop_prepared(stream),
            0 => self.stop_prepared(stream),
            1 => {
                self.world.deed("suspend");
                Stream::Suspended(stream.suspend())
            }
            2 => {
                self.world.deed("prepare again");
                let again = stream.prepare();
                let ledger = std::mem::take(&mut self.ledger);
                self.set_appl(0);
                self.ledger.before = ledger.before;
                Stream::Prepared(again)
            }
            3 => {
                self.world.deed("reset");
                stream.reset();
                self.set_appl(0);
                self.let_go();
                Stream::Prepared(stream)
            }
            4..7 => {
                self.other_sw_params(random, &mut |sw| stream.set_sw_params(sw));
                Stream::Prepared(stream)
            }
            7 => {
                self.world.deed("rewind");
                let asked = self.some_frames(random);
                let moved = stream.rewind(pcm_dmaengine::Frames(asked));
                self.rewound(asked, moved.0, 0);
                Stream::Prepared(stream)
            }
            8 => {
                self.world.deed("forward");
                let asked = self.some_frames(random);
                let moved = stream.forward(pcm_dmaengine::Frames(asked));
                self.forwarded(asked, moved.0, 0);
                Stream::Prepared(stream)
            }
            9..24 if D::PLAYBACK => {
                self.world.deed("write ahead");
                let wanted = self.some_frames(random);
                let (appl, room) = (self.appl(), self.avail(0));
                let written = D::write_ahead(&mut stream, &self.noise.stretch(self.serial, wanted));
                assert_eq!(written.0, wanted.min(room), "written ahead");
                self.wrote(appl, written.0, wanted, 0, true);
                Stream::Prepared(stream)
            }
            _ => self.start(stream, random),
        }
    }

    /// Frames of those wanted were written from a position on, when the engine had come at most so far.
    pub(crate) fn wrote(&mut self, appl: u64, written: u64, wanted: u64, most: u64, ahead: bool) {
        assert!(written <= wanted, "{written} of {wanted}");
        self.ledger.write(appl, written, self.serial, most, ahead);
        if self.started && written < wanted {
            self.ledger.perhaps(appl + written, wanted - written, self.serial + written);
        }
        self.serial += written;
        self.set_appl(appl + written);
    }

    fn stop_prepared(&mut self, stream: Prepared<'a, M::Engine, D>) -> Stream<'a, M::Engine, D> {
        self.world.deed("stop");
        match stream.stop() {
            Ok(setup) => Stream::Setup(setup),
            Err(stopped) => Stream::Stopped(stopped),
        }
    }

    /// What is to refuse: an engine, a peripheral, its wiring, or, mostly, nobody.
    fn to_refuse(&self, random: &mut Random) -> (u32, Option<(Trigger, bool, DaiError)>) {
        let error = if random.one_in(3) { DaiError::Xrun } else { DaiError::Refused { code: 5 } };
        match random.up_to(60) {
            0..2 if self.world.machine.refuse(1, 0) => (1, None),
            2..5 => (0, Some((Trigger::Start, false, error))),
            5 => (0, Some((Trigger::Start, true, error))),
            _ => (0, None),
        }
    }

    fn start(&mut self, stream: Prepared<'a, M::Engine, D>, random: &mut Random) -> Stream<'a, M::Engine, D> {
        self.world.deed("start");
        let (refusals, refusal) = self.to_refuse(random);
        self.witness.refuse(refusal);
        let (desk, before) = (self.desk(), self.truth().run);
        let free = self.sw.stop_threshold >= self.params.boundary();
        let obstacle = match () {
            () if desk.gone.get() => Some(StartError::Disconnected),
            () if D::PLAYBACK && self.appl() == 0 && !free => Some(StartError::Empty),
            () => None,
        };
        let (at, silent_since) = (self.world.now(), desk.silent_since.get());
        let outcome = stream.start();
        let refused = refusal.filter(|_| self.witness.has_refused()).map(|(.., error)| error);
        let engine_refused = refusals > self.world.machine.refusals().0;
        self.world.machine.refuse(0, 0);
        self.witness.refuse(None);
        match outcome {
            Ok(running) => {
                assert!(obstacle.is_none() && refused.is_none() && !engine_refused, "started in spite of {obstacle:?}");
                self.ledger.before = before;
                // Behind a stop the old run still gives to the peripheral that has emptied its FIFO for the new one.
                for old in self.old.iter_mut().filter(|old| old.loose_from.is_some()) {
                    old.loose_from = Some(0);
                    self.ledger.wait(self.world.machine.lead());
                }
                self.started = true;
                self.started_at = self.world.now();
                self.unseen_at_start = self.world.unseen.get();
                desk.live.set(true);
                desk.end.set(None);
                desk.silent_since.set(None);
                desk.doomed.set(false);
                self.xrun_is_new = true;
                if self.old.as_ref().is_some_and(|old| old.loose_from.is_some()) {
                    self.gap = silent_since.or(self.gap);
                } else {
                    self.gap = self.gap.filter(|_| silent_since.is_none());
                    self.missed += silent_since.map_or(0, |since| self.params.frames_in(at - since).0);
                }
                Stream::Running(running)
            }
            Err(kept) => {
                let error = kept.error;
                self.world.journal.add(&format!(" ({error})"));
                match error {
                    StartError::Empty | StartError::Disconnected => assert_eq!(Some(error), obstacle),
                    StartError::Engine(_) => assert!(engine_refused, "{error}"),
                    StartError::Dai(error) => assert_eq!(Some(error), refused),
                    other => panic!("{other}"),
                }
                self.not_started(kept.value, error, before)
            }
        }
    }

    fn not_started(
        &mut self,
        stream: NotStarted<'a, M::Engine, D>,
        error: StartError,
        before: u64,
    ) -> Stream<'a, M::Engine, D> {
        let was_xrun = error == StartError::Dai(DaiError::Xrun);
        match stream {
            NotStarted::Prepared(prepared) => {
                assert!(!was_xrun);
                Stream::Prepared(prepared)
            }
            NotStarted::Undone(undone) => {
                assert!(!was_xrun && matches!(error, StartError::Dai(_)), "{error}");
                assert_eq!(undone.error(), error);
                (self.ledger.before, self.started) = (before, true);
                Stream::Undone(undone)
            }
            NotStarted::Xrun(xrun) => {
                assert!(was_xrun);
                let report = *xrun.report();
                assert_eq!((report.cause, report.hw_ptr.0), (XrunCause::Peripheral, 0));
                self.desk().count(report.at, Some(0));
                (self.ledger.before, self.started, self.xrun_is_new) = (before, true, false);
                Stream::Xrun(xrun)
            }
        }
    }
}
