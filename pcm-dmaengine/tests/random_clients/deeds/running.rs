//! RUNNING: the client follows the engine, or keeps ahead of it, or does not.

use dmaengine_core::Sleepable;
use pcm_dmaengine::{Broken, DaiError, Frames, PauseError, PauseFailed, Running, Trigger, XrunCause};

use crate::client::{Client, Fate};
use crate::desk::End;
use crate::machine::{Able, Machine, Processor};
use crate::random::Random;
use crate::side::{Side, Stream};
use crate::witness::Phase;

/// How frames are read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Waiting,
    AtOnce,
    /// Where they lie, up to the end of the ring.
    AtTheRing,
}

impl<'a, M: Machine, D: Side> Client<'a, M, D> {
    pub(crate) fn running(
        &mut self,
        stream: Running<'a, M::Engine, D>,
        cpu: &dyn Processor,
        context: &mut Sleepable<'_>,
        random: &mut Random,
        closing: bool,
    ) -> Stream<'a, M::Engine, D> {
        let mut stream = stream;
        let fate = self.fate();
        match random.up_to(110) {
            _ if closing => self.stop(stream),
            0..45 => self.transfer(stream, How::Waiting, context, random),
            45..53 => self.transfer(stream, How::AtOnce, context, random),
            53..60 => self.transfer(stream, How::AtTheRing, context, random),
            60..66 => {
                self.world.deed("hwsync");
                match stream.hwsync() {
                    Ok(stream) => {
                        self.is_going(fate);
                        Stream::Running(stream)
                    }
                    Err(broken) => self.broken(broken),
                }
            }
            66..72 if M::Engine::PAUSES => self.pause(stream, random),
            72..76 if M::Engine::PAUSES => self.suspend_paused(stream, random),
            76..79 => {
                self.world.deed("suspend");
                self.desk().live.set(false);
                Stream::Suspended(stream.suspend())
            }
            79..83 => self.drain(stream),
            83..86 => self.stop(stream),
            86 => {
                self.world.deed("xrun");
                let at = self.world.now();
                if !self.cut_short {
                    self.desk().finish(End::Xrun { cause: XrunCause::Asked, at, hw: None });
                }
                if self.witness.phase() == Phase::Started {
                    self.world.desks.stop_others(self.n);
                }
                let broken = stream.xrun();
                self.broken(broken)
            }
            87..91 => {
                self.world.deed("rewind");
                let asked = self.some_frames(random);
                let moved = stream.rewind(Frames(asked));
                self.rewound(asked, moved.0, stream.hw_ptr().0);
                Stream::Running(stream)
            }
            91..93 => {
                self.world.deed("forward");
                let asked = self.some_frames(random);
                let moved = stream.forward(Frames(asked));
                self.forwarded(asked, moved.0, stream.hw_ptr().0);
                Stream::Running(stream)
            }
            93 => {
                self.world.deed("reset");
                stream.reset();
                self.set_appl(stream.appl_ptr().0);
                self.let_go();
                assert!(
                    !self.is_exact() || !self.is_known() || !self.desk().live.get() || self.appl() == self.most(),
                    "reset"
                );
                Stream::Running(stream)
            }
            94..97 => {
                self.other_sw_params(random, &mut |sw| stream.set_sw_params(sw));
                Stream::Running(stream)
            }
            97 if !self.is_slow() && random.one_in(8) => {
                self.world.deed("drop it");
                drop(stream);
                self.dropped()
            }
            97..100 => {
                self.world.deed("masked");
                cpu.masked(context, &mut || _ = (stream.avail(), stream.delay()));
                Stream::Running(stream)
            }
            _ => self.transfer(stream, How::Waiting, context, random),
        }
    }

    /// Its ring is gone for good, and its channel comes back when it has stopped.
    pub(crate) fn dropped(&mut self) -> Stream<'a, M::Engine, D> {
        self.desk().live.set(false);
        self.world.rings.borrow_mut().forget(self.ring);
        Stream::Closed
    }

    fn stop(&mut self, stream: Running<'a, M::Engine, D>) -> Stream<'a, M::Engine, D> {
        self.world.deed("stop");
        self.desk().live.set(false);
        if self.witness.phase() == Phase::Started {
            self.world.desks.stop_others(self.n);
        }
        let stopped = stream.stop();
        Stream::Stopped(stopped)
    }

    fn transfer(
        &mut self,
        stream: Running<'a, M::Engine, D>,
        how: How,
        context: &mut Sleepable<'_>,
        random: &mut Random,
    ) -> Stream<'a, M::Engine, D> {
        self.world.deed(match (D::PLAYBACK, how) {
            (true, How::Waiting) => "write",
            (true, How::AtOnce) => "try_write",
            (true, How::AtTheRing) => "write into the ring",
            (false, How::Waiting) => "read",
            (false, How::AtOnce) => "try_read",
            (false, How::AtTheRing) => "read from the ring",
        });
        let (wanted, fate, appl) = (self.some_frames(random), self.fate(), self.appl());
        let mut bytes =
            if D::PLAYBACK { self.noise.stretch(self.serial, wanted) } else { vec![0xaa; self.bytes(wanted)] };
        self.world.journal.add(&format!(" {wanted}"));
        let (avail, to_the_end) = (self.avail(self.most()), self.buffer() - appl % self.buffer());
        let moved = match how {
            How::Waiting => D::transfer(stream, context, &mut bytes),
            How::AtOnce => D::try_transfer(stream, &mut bytes),
            How::AtTheRing => D::at_the_ring(stream, Frames(wanted), &mut bytes),
        };
        match moved {
            Ok((stream, done)) => {
                self.is_going(fate);
                self.world.journal.add(&format!(", got {done}"));
                if how != How::Waiting {
                    let there = if how == How::AtTheRing { avail.min(to_the_end) } else { avail.min(self.buffer()) };
                    let is_all = done.0 == wanted.min(there);
                    assert!(is_all || !self.is_exact(), "{done} of {wanted}, and {there} are there");
                } else if done.0 < wanted {
                    assert!(done.0 > 0, "nothing was moved, and nobody says why");
                    self.short(done.0);
                }
                if D::PLAYBACK {
                    let (most, ahead) = (self.most(), self.strict && self.is_exact());
                    self.wrote(appl, done.0, wanted, most, ahead);
                } else {
                    self.heard(appl, &bytes[..self.bytes(done.0)]);
                    self.set_appl(appl + done.0);
                }
                Stream::Running(stream)
            }
            Err(broken) => {
                if D::PLAYBACK {
                    self.ledger.perhaps(appl, wanted, self.serial);
                }
                self.broken(broken)
            }
        }
    }

    /// The run ended in the middle. If no interrupt has said so, the thread has found out, and tells the next time.
    fn short(&mut self, done: u64) {
        self.cut_short = true;
        self.desk().appl_at_end.set(self.appl() + done);
        if let (false, Some(End::Xrun { hw: Some(_), .. })) = (D::PLAYBACK, self.desk().end.get()) {
            // The interrupt came when these were read already.
            self.desk().dropped.set(self.desk().dropped.get() - done);
        }
        if self.desk().live.get() {
            assert!(!self.is_exact() || self.has_begun() || self.is_slow(), "it never began, and ended");
            // What is linked with it has stopped, too; when and how far that was it says itself.
            self.xruns_are_known = false;
            self.world.uncertain.set(self.world.uncertain.get() || self.desk().linked.get());
        }
    }

    fn drain(&mut self, stream: Running<'a, M::Engine, D>) -> Stream<'a, M::Engine, D> {
        self.world.deed("drain");
        self.draining = D::PLAYBACK;
        let (fate, most) = (self.fate(), self.most());
        let hw = stream.hw_ptr().0;
        match D::drain(stream) {
            Ok(rest) if D::PLAYBACK => {
                // Everything may have been played already, and nobody had seen that it was an XRUN.
                let over = self.desk().live.get() && self.witness.phase() == Phase::Stopped;
                assert!(fate == Fate::Unknown || over == (fate == Fate::Over), "over: {over}");
                // What was taken back is not played.
                self.ledger.write(self.appl(), 0, 0, most, false);
                if over {
                    self.desk().finish(End::Drained);
                } else {
                    // Behind a stop nothing is silenced before it is over.
                    let until = if self.surely_moves() { hw + self.buffer() } else { 0 };
                    self.ledger.hushed = Some((self.appl().max(most), until));
                }
                Stream::Rest(rest)
            }
            Ok(rest) => {
                self.is_going(fate);
                // What was there when it was stopped; the oldest may be gone by now.
                self.rest_hw = hw.max(self.appl() + D::left(&rest).0);
                self.desk().live.set(false);
                Stream::Rest(rest)
            }
            Err(broken) => self.broken(broken),
        }
    }

    /// Somebody may refuse to pause, or to go on: the engine, or the peripheral.
    pub(crate) fn refuse_hold(&self, trigger: Trigger, random: &mut Random) {
        self.witness.refuse(None);
        match random.up_to(15) {
            0 => _ = self.world.machine.refuse(0, 1),
            // Nobody is asked whether the system may sleep.
            1 if trigger != Trigger::Suspend => {
                self.witness.refuse(Some((trigger, false, DaiError::Refused { code: 6 })));
            }
            _ => {}
        }
    }

    /// Whether somebody did: the engine, the peripheral.
    pub(crate) fn have_refused(&self, had: (u32, bool)) -> (bool, bool) {
        let engine = had.0 > self.world.machine.refusals().1;
        let dai = had.1 && self.witness.has_refused();
        self.world.machine.refuse(0, 0);
        self.witness.refuse(None);
        (engine, dai)
    }

    pub(crate) fn to_refuse_hold(&self) -> (u32, bool) {
        (self.world.machine.refusals().1, !self.witness.has_refused())
    }

    fn pause(&mut self, stream: Running<'a, M::Engine, D>, random: &mut Random) -> Stream<'a, M::Engine, D> {
        self.world.deed("pause");
        self.refuse_hold(Trigger::PausePush, random);
        let (fate, had, lost) = (self.fate(), self.to_refuse_hold(), self.lost());
        let paused = M::Engine::pause(stream);
        let (engine, dai) = self.have_refused(had);
        match paused {
            Ok(paused) => {
                assert!(!engine && !dai);
                self.is_going(fate);
                self.hold(lost);
                Stream::Paused(paused)
            }
            Err(PauseFailed::Refused(kept)) => {
                assert_eq!(
                    (matches!(kept.error, PauseError::Engine(_)), matches!(kept.error, PauseError::Dai(_))),
                    (engine, dai)
                );
                self.is_going(fate);
                self.hold(lost);
                self.go_on();
                Stream::Running(kept.value)
            }
            Err(PauseFailed::Broken(broken)) => self.broken(broken),
        }
    }

    fn suspend_paused(&mut self, stream: Running<'a, M::Engine, D>, random: &mut Random) -> Stream<'a, M::Engine, D> {
        self.world.deed("suspend paused");
        self.refuse_hold(Trigger::Suspend, random);
        let (fate, had, lost) = (self.fate(), self.to_refuse_hold(), self.lost());
        let suspended: Result<_, Broken<'_, _, _>> = M::Engine::suspend(stream);
        let (engine, dai) = self.have_refused(had);
        match suspended {
            Ok(suspended) => {
                self.is_going(fate);
                if engine || dai {
                    self.desk().live.set(false);
                } else {
                    self.hold(lost);
                }
                Stream::Suspended(suspended)
            }
            Err(broken) => self.broken(broken),
        }
    }

    /// What the device has lost so far, if it is at this run.
    pub(crate) fn lost(&self) -> Option<(u64, u64)> {
        self.has_begun().then(|| (self.truth().most, self.truth().lost))
    }

    /// It stands still from now on; before that the device had lost so much.
    pub(crate) fn hold(&mut self, lost: Option<(u64, u64)>) {
        self.held = true;
        self.lost_before = lost.or(self.lost());
    }

    /// It goes on, without what the device lost meanwhile.
    pub(crate) fn go_on(&mut self) {
        self.held = false;
        let Some((at, before)) = self.lost_before.take() else { return };
        let lost = self.truth().lost - before;
        if lost > 0 {
            let all = lost + self.gaps.last().map_or(0, |gap| gap.1);
            self.gaps.push((at, all));
        }
    }
}
