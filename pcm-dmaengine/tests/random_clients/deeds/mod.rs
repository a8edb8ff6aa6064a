//! What a client does in each state, and what it must meet with.

mod over;
mod quiet;
mod running;
mod still;

use dmaengine_core::Micros;
use pcm_dmaengine::{Frames, SwParamError, SwParams, XrunCause};

use crate::client::Client;
use crate::desk::{Accident, End};
use crate::machine::{Machine, Processor};
use crate::random::Random;
use crate::side::Side;

impl<M: Machine, D: Side> Client<'_, M, D> {
    /// Now and then something happens that is not this client's doing, or time passes. True if it did.
    pub(crate) fn by_the_way(&mut self, cpu: &dyn Processor, random: &mut Random) -> bool {
        if !random.one_in(3) {
            return false;
        }
        let (period, buffer) = (self.params.time(self.params.period_size), self.params.time(self.params.buffer_size()));
        match random.up_to(40) {
            0..16 => self.pass(cpu, "a moment", Micros(random.up_to(period.0))),
            16..26 => self.pass(cpu, "a while", Micros(random.up_to(buffer.0))),
            26..28 => self.pass(cpu, "late", Micros(random.up_to(3 * buffer.0))),
            28..31 => self.pass_unseen(cpu, Micros(random.up_to(period.0)), random),
            31 => self.pass_unseen(cpu, Micros(random.up_to(2 * buffer.0)), random),
            32..34 => {
                self.world.deed("trouble");
                let (what, slow) = self.world.machine.trouble(self.n, random);
                self.world.journal.add(&format!(": {what}"));
                if slow {
                    self.world.slow.set(true);
                    self.world.desks.0.iter().for_each(|desk| desk.slow.set(true));
                }
            }
            34..36 => {
                self.world.deed("calm");
                self.world.calm();
            }
            36 if random.one_in(3) => self.peripheral_xrun(),
            37 if random.one_in(3) => {
                self.world.deed("an accident in the next interrupt");
                let accident = random.weighed(&[(1, Accident::DeviceGoes), (7, Accident::Xrun)]);
                self.desk().accident.set(Some(accident));
            }
            38 if random.one_in(2) => {
                self.world.deed("an event comes late");
                self.desk().accident.set(Some(Accident::LateEvent));
            }
            38 if random.one_in(5) => {
                self.world.deed("the device goes");
                self.half.disconnect();
                self.desk().gone();
            }
            39.. if self.link.is_some() => self.relink(),
            _ => return false,
        }
        true
    }

    fn pass(&mut self, cpu: &dyn Processor, deed: &'static str, time: Micros) {
        self.world.deed(deed);
        cpu.pass(time);
    }

    /// Somebody masks interrupts. Afterwards they are taken at once, or when this thread sleeps next.
    fn pass_unseen(&mut self, cpu: &dyn Processor, time: Micros, random: &mut Random) {
        self.world.deed("unseen");
        self.world.unseen.set(self.world.unseen.get() + 1);
        cpu.hold_off(true);
        cpu.pass(time);
        cpu.hold_off(false);
        if random.one_in(2) {
            cpu.take_interrupt();
        }
    }

    fn peripheral_xrun(&mut self) {
        self.world.deed("XRUN of the peripheral");
        let (did, live) = (self.half.xrun(), self.desk().live.get());
        assert!(did == live || !self.is_known(), "{did} with a run that is alive: {live}");
        let at = self.world.now();
        if did {
            self.desk().finish(End::Xrun { cause: XrunCause::Peripheral, at, hw: None });
        }
    }

    fn relink(&mut self) {
        let Some(link) = self.link else { return };
        let linked = self.desk().linked.get();
        assert_eq!(link.are_linked(0, 1), linked);
        if linked {
            self.world.deed("unlink");
            assert_eq!(link.unlink(self.n), Ok(()));
        } else {
            self.world.deed("link");
            assert_eq!(link.link(self.n, 1 - self.n), Ok(()));
        }
        self.world.desks.0.iter().for_each(|desk| desk.linked.set(!linked));
        self.world.uncertain.set(true);
    }

    /// Other software parameters, right or wrong.
    pub(crate) fn other_sw_params(
        &mut self,
        random: &mut Random,
        set: &mut dyn FnMut(SwParams) -> Result<(), SwParamError>,
    ) {
        self.world.deed("sw_params");
        let (buffer, boundary) = (self.buffer(), self.params.boundary().0);
        let mut sw = SwParams::new(&self.params);
        sw.avail_min = Frames(random.between(1, 2 * buffer));
        let some = random.between(1, buffer);
        sw.stop_threshold = Frames(random.weighed(&[(8, buffer), (2, some), (1, 2 * buffer), (2, boundary)]));
        let ahead = random.between(1, buffer);
        (sw.silence_threshold, sw.silence_size) = random.weighed(&[
            (4, (Frames(0), Frames(0))),
            (2, (Frames(ahead), Frames(ahead))),
            (1, (Frames(buffer), Frames(ahead))),
            (1, (Frames(0), Frames(boundary))),
        ]);
        if random.one_in(6) {
            let wrong = if random.one_in(2) {
                SwParams { avail_min: Frames(0), ..sw }
            } else {
                SwParams { silence_size: Frames(2), silence_threshold: Frames(1), ..sw }
            };
            assert!(set(wrong).is_err(), "{wrong:?}");
            return;
        }
        assert_eq!(set(sw), Ok(()));
        self.sw = sw;
        self.note_thresholds();
        self.let_go();
    }

    /// Frames to move at once: some, a period, or more than there is room for.
    pub(crate) fn some_frames(&self, random: &mut Random) -> u64 {
        let (period, buffer) = (self.params.period_size.0, self.buffer());
        match random.up_to(9) {
            0..4 => random.between(1, period),
            4..7 => period,
            7..9 => random.between(1, buffer),
            _ => random.between(1, 2 * buffer),
        }
    }

    /// The client went back by so many frames, of those that it asked for.
    pub(crate) fn rewound(&mut self, asked: u64, moved: u64, hw: u64) {
        let room = self.buffer().saturating_sub(self.avail(hw));
        assert!(moved <= asked.min(self.appl()), "{moved} of {asked}");
        if self.is_exact() || !self.started {
            assert_eq!(moved, asked.min(room).min(self.appl()), "rewound");
        }
        self.set_appl(self.appl() - moved);
        self.let_go();
    }

    /// What lies ahead of the client was perhaps written once, and may be silenced.
    pub(crate) fn let_go(&mut self) {
        if D::PLAYBACK && self.sw.silence_size > Frames(0) {
            self.ledger.write(self.appl(), 0, 0, self.most(), false);
        }
    }

    /// It went on.
    pub(crate) fn forwarded(&mut self, asked: u64, moved: u64, hw: u64) {
        assert!(moved <= asked, "{moved} of {asked}");
        if self.is_exact() || !self.started {
            assert_eq!(moved, asked.min(self.avail(hw)), "forwarded");
        }
        self.set_appl(self.appl() + moved);
    }
}
