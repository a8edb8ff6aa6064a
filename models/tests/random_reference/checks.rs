//! What a transfer, an interrupt and the hardware must look like after a step, compared with the reference model.

use std::cell::RefCell;

use backend_mock::hw::{Nanos, News, NewsKind};
use dmaengine_core::{Atomic, EventKind, Outcome, Status};

use crate::reference::{Kind, Stand, State, Told};
use crate::walk::{Hold, Walk};
use crate::{Action, BOUND, SLOTS};

/// The number of a transfer that never was.
const UNKNOWN: u64 = 1 << 40;

impl Walk<'_> {
    pub fn status(&mut self, at: usize) {
        let (id, status) = (self.copies[at].generation().0, self.copies[at].status());
        let reference = self.reference();
        reference.look();
        let (stand, len) = (reference.stand(id), reference.transfers[id as usize].len);
        let moved = reference.hw.loaded.map_or(0, |(_, _, moved, _)| moved);
        let agrees = match status {
            Status::Queued { residue } => stand == Stand::Queued && residue == len,
            Status::Running { residue, progress } => {
                let runs = stand == Stand::Running && reference.state == State::Active;
                runs && reference.runs(id) && (residue, progress.bytes) == (len - moved, moved)
            }
            Status::Paused { residue, progress } => {
                let stands_still = stand == Stand::Running && reference.state == State::Paused;
                stands_still && (residue, progress.bytes) == (len - moved, moved)
            }
            Status::Stopping => stand == Stand::Dead,
            Status::Completed => stand == Stand::Completed,
            Status::Aborted { residue } => stand == Stand::Aborted { residue },
            _ => false,
        };
        self.saw(format!("{stand:?}").split(' ').next().unwrap());
        let stand = self.reference().stand(id);
        assert!(agrees, "transfer {id} is {status:?} and should be {stand:?}, {moved} of {len} moved");
    }

    pub fn resolve(&mut self, at: usize) {
        let copy = self.copies.swap_remove(at);
        let id = copy.generation().0;
        let reference = self.reference();
        reference.look();
        let stand = reference.stand(id);
        match copy.try_resolve() {
            Ok(ended) => {
                let len = ended.buffer.0.len();
                let moved = match (ended.outcome, stand) {
                    (Outcome::Completed, Stand::Completed) => len,
                    (Outcome::Aborted { residue }, Stand::Aborted { residue: expected }) => {
                        assert_eq!(residue, expected, "what was left of transfer {id}");
                        len - residue as usize
                    }
                    (outcome, stand) => panic!("transfer {id} resolves as {outcome:?} and is {stand:?}"),
                };
                assert_eq!(ended.buffer.0[..moved], ended.buffer.1[..moved]);
                assert!(ended.buffer.0[moved..].iter().all(|&byte| byte == 0), "written and not counted");
            }
            Err(copy) => {
                assert!(!stand.is_over(), "transfer {id} is {stand:?} and does not resolve");
                self.copies.push(copy);
            }
        }
    }

    pub fn interrupt(&mut self) {
        let mut told: Vec<Told> = vec![];
        let stop = RefCell::new(self.reference().stop_in_callback);
        self.dma.interrupt(&Atomic::new(), &mut |callback, event| {
            let kind = match event.kind {
                EventKind::Completed => Kind::Done,
                EventKind::Stopped => Kind::Stopped,
                EventKind::Period { periods: 1, .. } => Kind::Periods,
                other => panic!("{other:?} that nobody has posted"),
            };
            told.push((event.generation.0, kind));
            if stop.replace(false) {
                callback.terminate_async();
            }
        });
        for (_, kind) in &told {
            self.saw(format!("event {kind:?}"));
        }
        let late = self.reference().late;
        assert_eq!(told, self.reference().interrupt(), "the events of one interrupt");
        if self.reference().late > late {
            self.saw("late news");
        }
    }

    /// Old news, doubled news, or news of nothing: of a transfer that is dead or over, of one that never was; a spurious
    /// end of a stop; a period of what runs. (Never the end of what runs: an engine may be late, and must not lie.)
    pub fn fault(&mut self, which: usize, kind: Kind) {
        let reference = self.reference();
        let id = match reference.transfers.len() {
            0 => UNKNOWN,
            count => (which % (count + 1)) as u64,
        };
        let known = (id as usize) < reference.transfers.len();
        let id = if known { id } else { UNKNOWN };
        let alive = known && matches!(reference.stand(id), Stand::Queued | Stand::Running);
        if alive && (kind == Kind::Done || (kind == Kind::Periods && !reference.runs(id))) {
            return;
        }
        reference.hw.news.push_back((id, kind));
        let kind = match kind {
            Kind::Done => NewsKind::Done,
            Kind::Stopped => NewsKind::Stopped,
            Kind::Periods => NewsKind::Periods(1),
        };
        let hw = self.dma.engine().hw();
        hw.post_news(0, News { tag: id, at: hw.now(), kind });
    }

    /// What must be so after every step.
    pub fn compare(&mut self) {
        let hw = self.dma.engine().hw();
        let statistics = self.dma.statistics(0).unwrap();
        let reference = &mut self.reference;
        assert_eq!(hw.now().as_micros(), reference.hw.now);
        assert_eq!(hw.is_touching(0), reference.hw.touching, "whether the hardware runs");
        let progress = hw.progress(0);
        if let Some((id, _, moved, started)) = reference.hw.loaded {
            let started = Some(Nanos::from_micros(started));
            assert_eq!(
                (progress.tag, progress.bytes, progress.started),
                (id, moved, started),
                "what the hardware is at"
            );
        } else {
            assert_eq!(progress.started, None, "the hardware runs by itself");
        }
        assert_eq!(hw.irq_pending() != 0, !reference.hw.news.is_empty());
        assert_eq!((statistics.late_events, statistics.stops), (reference.late, reference.stops), "late events, stops");
        assert_eq!((hw.late_accesses(), hw.faults()), (0, 0), "memory touched that had been handed back");
    }

    /// Everything ends, resolves, and leaves all slots free.
    pub fn end(mut self) {
        self.act(&Action::Resume);
        self.act(&Action::Terminate);
        self.act(&Action::Finish);
        self.act(&Action::Pass(5 * BOUND));
        self.act(&Action::Interrupt);
        self.act(&Action::Terminate);
        self.act(&Action::Finish);
        self.compare();
        assert!(matches!(self.hold, Hold::Idle(_)), "the channel does not stop");
        while !self.copies.is_empty() {
            let before = self.copies.len();
            self.resolve(0);
            assert_eq!(self.copies.len() + 1, before, "a transfer of an idle channel does not resolve");
        }
        for _ in 0..SLOTS {
            let before = self.copies.len();
            self.submit(64);
            assert_eq!(self.copies.len(), before + 1, "a slot is lost");
        }
    }
}
