//! DRAINING, PAUSED and SUSPENDED; and what a capture heard.

use dmaengine_core::{Engine, Sleepable};
use pcm_dmaengine::{Broken, Dai, Frames, Paused, ReleaseFailed, StartError, Suspended, Trigger, TriggerOrder};

use crate::client::{Client, Fate};
use crate::desk::End;
use crate::machine::{Able, Machine};
use crate::random::Random;
use crate::side::{Side, Stream};
use crate::witness::Phase;

impl<'a, M: Machine, D: Side> Client<'a, M, D> {
    pub(crate) fn rest(
        &mut self,
        stream: D::Rest<'a, M::Engine>,
        context: &mut Sleepable<'_>,
        random: &mut Random,
        closing: bool,
    ) -> Stream<'a, M::Engine, D> {
        let mut stream = stream;
        match random.up_to(12) {
            _ if closing && !D::PLAYBACK => self.give_up(stream),
            0 => self.give_up(stream),
            1 if !closing => {
                self.world.deed("suspend");
                let pausing = D::PLAYBACK && M::Engine::PAUSES && random.one_in(2);
                let lost = self.lost();
                let suspended = D::suspend(stream, pausing);
                if pausing && self.desk().live.get() {
                    self.hold(lost);
                } else {
                    self.desk().live.set(false);
                }
                Stream::Suspended(suspended)
            }
            2 if D::PLAYBACK && !closing => {
                let (back, asked) = (random.one_in(2), self.some_frames(random));
                self.world.deed(if back { "rewind" } else { "forward" });
                let (moved, hw) = D::skip(&mut stream, back, Frames(asked));
                if back {
                    self.rewound(asked, moved.0, hw.0);
                    self.ledger.write(self.appl(), 0, 0, self.most(), false);
                } else {
                    self.forwarded(asked, moved.0, hw.0);
                }
                Stream::Rest(stream)
            }
            2..8 if !D::PLAYBACK => {
                self.world.deed("take");
                let mut bytes = vec![0xaa; self.bytes(self.some_frames(random))];
                let taken = D::take(&mut stream, &mut bytes).0;
                // The oldest may be gone.
                let until = self.rest_hw - D::left(&stream).0;
                assert!(until >= self.appl() + taken, "{taken} were taken up to {until}");
                self.heard(until - taken, &bytes[..self.bytes(taken)]);
                self.set_appl(until);
                Stream::Rest(stream)
            }
            _ => {
                let wait = D::PLAYBACK && (closing || random.one_in(3));
                self.world.deed(if wait { "finish" } else { "try_finish" });
                let fate = self.fate();
                match D::go_on(stream, wait.then_some(&*context)) {
                    Ok(Ok(stopped)) => {
                        if D::PLAYBACK {
                            let was_over = !self.desk().live.get();
                            let all = if was_over { self.desk().appl_at_end.get() } else { self.appl() };
                            assert!(all <= self.most(), "{} were played, of {all}", self.most());
                            self.desk().finish(End::Drained);
                            assert_eq!(self.desk().end.take(), Some(End::Drained));
                        }
                        Stream::Stopped(stopped)
                    }
                    Ok(Err(rest)) => {
                        assert!(!D::PLAYBACK || fate != Fate::Over, "everything was played, and it plays on");
                        let mut rest = rest;
                        self.hushed(&mut rest);
                        Stream::Rest(rest)
                    }
                    Err(broken) => self.broken(broken),
                }
            }
        }
    }

    /// A drain was looked after: from here on there is silence behind what is to be played.
    fn hushed(&mut self, rest: &mut D::Rest<'a, M::Engine>) {
        let (appl, most) = (self.appl(), self.most());
        if !self.surely_moves() {
            return;
        }
        let (_, hw) = D::skip(rest, false, Frames(0));
        if let Some((from, until)) = &mut self.ledger.hushed {
            // What was skipped beyond that is played as it lies there.
            *from = if appl < *from || appl > *until { appl.max(most) } else { *from };
            *until = (*until).max(hw.0 + self.params.buffer_size().0);
        }
    }

    fn give_up(&mut self, stream: D::Rest<'a, M::Engine>) -> Stream<'a, M::Engine, D> {
        self.world.deed("stop");
        self.desk().live.set(false);
        if D::PLAYBACK && self.witness.phase() == Phase::Started {
            self.world.desks.stop_others(self.n);
        }
        let stopped = D::give_up(stream);
        Stream::Stopped(stopped)
    }

    pub(crate) fn paused(
        &mut self,
        stream: Paused<'a, M::Engine, D>,
        random: &mut Random,
        closing: bool,
    ) -> Stream<'a, M::Engine, D> {
        let mut stream = stream;
        match random.up_to(12) {
            0 => {
                self.world.deed("stop");
                self.desk().live.set(false);
                Stream::Stopped(stream.stop())
            }
            _ if closing => {
                self.desk().live.set(false);
                Stream::Stopped(stream.stop())
            }
            1 => {
                self.world.deed("suspend");
                Stream::Suspended(stream.suspend())
            }
            2 => {
                self.world.deed("rewind");
                let asked = self.some_frames(random);
                let moved = stream.rewind(Frames(asked));
                self.rewound(asked, moved.0, stream.hw_ptr().0);
                Stream::Paused(stream)
            }
            3 => {
                self.world.deed("forward");
                let asked = self.some_frames(random);
                let moved = stream.forward(Frames(asked));
                self.forwarded(asked, moved.0, stream.hw_ptr().0);
                Stream::Paused(stream)
            }
            4 => {
                self.world.deed("reset");
                stream.reset();
                self.set_appl(stream.appl_ptr().0);
                self.let_go();
                Stream::Paused(stream)
            }
            5 => {
                self.other_sw_params(random, &mut |sw| stream.set_sw_params(sw));
                Stream::Paused(stream)
            }
            6 if !self.is_slow() && random.one_in(8) => {
                self.world.deed("drop it");
                drop(stream);
                self.dropped()
            }
            6..9 => {
                self.world.deed(if D::PLAYBACK { "write" } else { "read" });
                self.transfer_paused(&mut stream, random);
                Stream::Paused(stream)
            }
            _ => self.release(stream, random),
        }
    }

    fn transfer_paused(&mut self, stream: &mut Paused<'a, M::Engine, D>, random: &mut Random) {
        let (wanted, appl) = (self.some_frames(random), self.appl());
        let mut bytes =
            if D::PLAYBACK { self.noise.stretch(self.serial, wanted) } else { vec![0xaa; self.bytes(wanted)] };
        let done = D::transfer_paused(stream, &mut bytes);
        if self.is_exact() && self.desk().live.get() && self.is_known() {
            assert_eq!(done.0, wanted.min(self.avail(self.most())).min(self.buffer()), "moved while it is paused");
        }
        if D::PLAYBACK {
            let (most, ahead) = (self.most(), self.strict && self.is_exact());
            self.wrote(appl, done.0, wanted, most, ahead);
        } else {
            self.heard(appl, &bytes[..self.bytes(done.0)]);
            self.set_appl(appl + done.0);
        }
    }

    fn release(&mut self, stream: Paused<'a, M::Engine, D>, random: &mut Random) -> Stream<'a, M::Engine, D> {
        self.world.deed("resume");
        self.refuse_hold(Trigger::PauseRelease, random);
        let (fate, had) = (self.fate(), self.to_refuse_hold());
        let released = M::Engine::resume(stream);
        let (engine, dai) = self.have_refused(had);
        match released {
            Ok(running) => {
                assert!(!engine && !dai);
                self.is_going(fate);
                self.go_on();
                self.started_at = self.world.now();
                Stream::Running(running)
            }
            Err(ReleaseFailed::Refused(kept)) => {
                self.is_going(fate);
                assert!(engine || dai, "{}", kept.error);
                Stream::Paused(kept.value)
            }
            Err(ReleaseFailed::Broken(broken)) => {
                self.stranded = dai || engine;
                self.held = false;
                self.broken(broken)
            }
        }
    }

    pub(crate) fn suspended(
        &mut self,
        stream: Suspended<'a, M::Engine, D>,
        random: &mut Random,
        closing: bool,
    ) -> Stream<'a, M::Engine, D> {
        let mut stream = stream;
        match random.up_to(8) {
            _ if closing => self.stop_suspended(stream),
            0 => self.stop_suspended(stream),
            1 => {
                self.other_sw_params(random, &mut |sw| stream.set_sw_params(sw));
                Stream::Suspended(stream)
            }
            2 if !self.is_slow() && random.one_in(8) => {
                self.world.deed("drop it");
                drop(stream);
                self.dropped()
            }
            _ => self.resume(stream, random),
        }
    }

    fn stop_suspended(&mut self, stream: Suspended<'a, M::Engine, D>) -> Stream<'a, M::Engine, D> {
        self.world.deed("stop");
        self.desk().live.set(false);
        Stream::Stopped(stream.stop())
    }

    fn resume(&mut self, stream: Suspended<'a, M::Engine, D>, random: &mut Random) -> Stream<'a, M::Engine, D> {
        self.world.deed("resume");
        self.refuse_hold(Trigger::Resume, random);
        let (live, had) = (self.desk().live.get(), self.to_refuse_hold());
        let resumed = stream.resume();
        let (engine, dai) = self.have_refused(had);
        match resumed {
            Ok(was) => {
                assert!(!engine && !dai);
                let stream = match D::resumed(was) {
                    // It had one before it was suspended, or while it was, and that is known here already or not.
                    Stream::Xrun(xrun) if self.xrun_is_new => return self.broken(Broken::Xrun(xrun)),
                    stream => stream,
                };
                if let Stream::Running(_) | Stream::Rest(_) = stream {
                    let is_rest = matches!(stream, Stream::Rest(_));
                    assert!(live || !D::PLAYBACK && is_rest, "a run that is over goes on");
                    assert!(!D::PLAYBACK || is_rest == self.draining);
                    self.go_on();
                    self.started_at = self.world.now();
                }
                stream
            }
            Err(kept) => {
                match kept.error {
                    StartError::NotResumable => assert!(!self.held || self.stranded),
                    StartError::StoppedByAnother | StartError::Disconnected => {
                        assert!(!live || !self.is_known());
                        self.stranded = true;
                    }
                    StartError::Resume(_) => assert!(engine),
                    StartError::Dai(_) => {
                        assert!(dai);
                        // The engine had gone on already, or not yet.
                        if self.witness.order() == TriggerOrder::LinkDmaDai {
                            self.stranded = true;
                            self.desk().live.set(false);
                        }
                    }
                    other => panic!("{other}"),
                }
                Stream::Suspended(kept.value)
            }
        }
    }

    fn stops_within_a_round(&self) -> bool {
        let bound = self.world.machine.dma().engine().facts().stop.bound();
        !self.is_slow() && self.params.frames_in(bound).0 + 64 < self.buffer()
    }

    /// These frames were read from a position on: they are the device's, in order, less what it lost.
    pub(crate) fn heard(&mut self, appl: u64, bytes: &[u8]) {
        let (truth, count) = (self.truth(), bytes.len() as u64 / self.noise.frame as u64);
        assert!(count == 0 || self.has_begun(), "frames of a run that has not begun");
        let mut done = 0;
        while done < count {
            let pos = appl + done;
            let at = self.gaps.partition_point(|gap| gap.0 <= pos);
            let lost = at.checked_sub(1).map_or(0, |at| self.gaps[at].1);
            let until = self.gaps.get(at).map_or(count, |gap| count.min(gap.0 - appl));
            let rest = &bytes[self.bytes(done)..self.bytes(until)];
            let alike = self.noise.alike(truth.first + pos + lost, rest);
            done += alike;
            if done == until {
                continue;
            }
            let (pos, rest) = (appl + done, &bytes[self.bytes(done)..]);
            let ahead = self.gaps.iter().rfind(|gap| gap.0 > pos).map_or(0, |gap| gap.1);
            let frame = &rest[..self.noise.frame];
            // A gap may have begun before the place where it was found, in what nobody had read.
            let is_earlier = self.world.machine.loses() && self.noise.is_within(truth.first + pos, ahead, frame);
            if is_earlier || self.was_overwritten(pos, frame) {
                done += 1;
            } else {
                let frame = &rest[..self.noise.frame];
                let more = self.lost_more(truth.first, pos, rest);
                assert!(more, "at {pos} {frame:02x?} was read; lost {:?}, {truth:?}", self.gaps);
            }
        }
        self.world.account.borrow_mut().frames += count;
    }

    /// The device had no room for some frames here, if it has lost so many.
    fn lost_more(&mut self, first: u64, pos: u64, rest: &[u8]) -> bool {
        if !self.world.machine.loses() {
            return false;
        }
        // A run that was still being stopped may have taken the first frames.
        let all = self.truth().lost + self.ledger.most_lead;
        let known = self.gaps.last().map_or(0, |gap| gap.1);
        if !self.noise.is_within(first + pos + known, all.saturating_sub(known), &rest[..self.noise.frame]) {
            return false;
        }
        let enough = (rest.len() / self.noise.frame).min(4) as u64;
        let found = (known + 1..=all).find(|lost| self.noise.alike(first + pos + lost, rest) >= enough);
        self.gaps.extend(found.map(|lost| (pos, lost)));
        found.is_some()
    }

    /// The engine may have come by once more before the client read it: nobody promised to tell.
    fn was_overwritten(&self, pos: u64, frame: &[u8]) -> bool {
        let (truth, buffer) = (self.truth(), self.buffer());
        // An engine that goes round a whole ring while it stops writes over what nobody has read yet.
        let may = !(self.is_exact() && self.strict && (self.desk().live.get() || self.stops_within_a_round()));
        let lost = |pos| self.gaps.iter().rfind(|gap| gap.0 <= pos).map_or(0, |gap| gap.1);
        let mut rounds = (1..).map(|round| pos + round * buffer).take_while(|pos| *pos < truth.most);
        // A burst that is under way at a stop finds the device's FIFO empty.
        let burst = !self.desk().live.get() && self.world.machine.loses() && frame.iter().all(|&byte| byte == 0);
        may && rounds.any(|pos| {
            if burst {
                return true;
            }
            let (from, known) = (truth.first + pos + lost(pos), lost(pos));
            // Nobody has read what was lost in between.
            let more = if self.world.machine.loses() { truth.lost.saturating_sub(known) } else { 0 };
            self.noise.is_within(from, more, frame)
        })
    }
}
