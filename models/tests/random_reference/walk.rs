//! A client that does what a sequence says, on the library and on the reference model, and compares the answers.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::mem;

use backend_mock::Mock;
use backend_mock::hw::{Nanos, StopLatency};
use dmaengine_core::{
    Active, Dma, Idle, Kept, Micros, PauseFailed, Paused, PrepError, Prepared, ResumeFailed, StopHandle, Stopping,
    SubmitError, Transfer, Unfinished,
};

use crate::reference::Reference;
use crate::{Action, BOUND, SLOTS};

type Buffers = (Box<[u8]>, Box<[u8]>);
type Copy<'d> = Transfer<'d, Mock, Buffers>;

pub enum Hold<'d> {
    Nothing,
    Idle(Idle<'d, Mock>),
    Active(Active<'d, Mock>),
    Paused(Paused<'d, Mock>),
    Stopping(Stopping<'d, Mock>),
}

pub struct Walk<'d> {
    pub dma: &'d Dma<Mock, 1, SLOTS>,
    pub hold: Hold<'d>,
    /// The run that the holder knows.
    pub run: u64,
    pub copies: Vec<Copy<'d>>,
    /// Handles that were dropped early.
    pub orphans: Vec<u64>,
    pub handles: Vec<(StopHandle<'d, Mock>, u64)>,
    pub reference: Reference,
    /// What has happened, to know in the end that it did.
    pub seen: &'d RefCell<BTreeSet<String>>,
}

fn pattern(len: u64, id: usize) -> Box<[u8]> {
    (0..len).map(|i| (i as u8).wrapping_mul(31).wrapping_add(id as u8) | 1).collect()
}

impl<'d> Walk<'d> {
    pub fn new(dma: &'d Dma<Mock, 1, SLOTS>, seen: &'d RefCell<BTreeSet<String>>) -> Self {
        Self {
            dma,
            hold: Hold::Idle(dma.channel(0).unwrap()),
            run: 0,
            copies: vec![],
            orphans: vec![],
            handles: vec![],
            reference: Reference::new(BOUND),
            seen,
        }
    }

    pub fn reference(&mut self) -> &mut Reference {
        &mut self.reference
    }

    pub fn saw(&self, what: impl Into<String>) {
        self.seen.borrow_mut().insert(what.into());
    }

    fn pick(&self, which: usize) -> Option<usize> {
        (!self.copies.is_empty()).then(|| which % self.copies.len())
    }

    pub(crate) fn act(&mut self, action: &Action) {
        match *action {
            Action::Submit(bursts) => self.submit(bursts * 64 - bursts % 3),
            Action::Issue => {
                if let Hold::Active(active) = &self.hold {
                    active.issue();
                    self.reference().issue();
                }
            }
            Action::StopHandle(which) if !self.handles.is_empty() => {
                let (handle, run) = self.handles[which % self.handles.len()].clone();
                assert_eq!(handle.terminate_async(), self.reference().terminate(run), "whether the handle won");
            }
            Action::StopHandle(_) => {}
            Action::StopInCallback => self.reference().stop_in_callback = true,
            Action::Status(which) => {
                if let Some(at) = self.pick(which) {
                    self.status(at);
                }
            }
            Action::Resolve(which) => {
                if let Some(at) = self.pick(which) {
                    self.resolve(at);
                }
            }
            Action::Drop(which) => {
                if let Some(at) = self.pick(which) {
                    self.reference().look();
                    let copy = self.copies.swap_remove(at);
                    let id = copy.generation().0;
                    if !self.reference().stand(id).is_over() {
                        self.orphans.push(id);
                    }
                }
            }
            Action::Pass(micros) => {
                let hw = self.dma.engine().hw();
                hw.advance_to(hw.now() + Nanos::from_micros(micros));
                self.reference().hw.pass(micros);
            }
            Action::Interrupt => self.interrupt(),
            Action::Fault(which, kind) => self.fault(which, kind),
            Action::Latency(micros) => {
                self.dma.engine().hw().set_stop_latency(StopLatency::After(Nanos::from_micros(micros)));
                self.reference().hw.latency = micros;
            }
            Action::Terminate
            | Action::Finish
            | Action::TerminateAtomic
            | Action::Reset
            | Action::Pause
            | Action::Resume => {
                let hold = mem::replace(&mut self.hold, Hold::Nothing);
                self.hold = self.step(hold, action);
            }
        }
    }

    /// A call that takes the channel and gives it back in another state.
    fn step(&mut self, hold: Hold<'d>, action: &Action) -> Hold<'d> {
        let run = self.run;
        let reference = self.reference();
        let stopped = reference.run != run;
        match (hold, action) {
            (Hold::Active(active), Action::Terminate) => {
                reference.terminate(run);
                Hold::Stopping(active.terminate_async())
            }
            (Hold::Paused(paused), Action::Terminate) => {
                reference.terminate(run);
                Hold::Stopping(paused.terminate_async())
            }
            (Hold::Active(active), Action::Finish) => match active.try_idle() {
                Ok(idle) => {
                    assert!(!stopped && reference.is_done(), "not all has run to its end");
                    reference.idle();
                    Hold::Idle(idle)
                }
                Err(Kept { value, error }) => {
                    let expected = if stopped { Unfinished::Stopped } else { Unfinished::Transfers };
                    assert_eq!(error, expected);
                    assert!(stopped || !reference.is_done());
                    Hold::Active(value)
                }
            },
            (Hold::Stopping(stopping), Action::Finish) => {
                reference.look();
                match stopping.try_finish() {
                    Ok(idle) => {
                        assert!(reference.is_stopped(), "the hardware has not stopped");
                        reference.idle();
                        Hold::Idle(idle)
                    }
                    Err(stopping) => {
                        assert!(!reference.is_stopped(), "nothing keeps it from being idle");
                        Hold::Stopping(stopping)
                    }
                }
            }
            (Hold::Stopping(stopping), Action::TerminateAtomic) => {
                for _ in 0..BOUND {
                    reference.look();
                    if !reference.is_stopped() {
                        reference.hw.pass(1);
                    }
                }
                reference.look();
                match stopping.terminate_atomic() {
                    Ok(idle) => {
                        assert!(reference.is_stopped(), "the hardware has not stopped");
                        reference.idle();
                        Hold::Idle(idle)
                    }
                    Err(kept) => {
                        assert!(!reference.is_stopped(), "it has stopped in time");
                        self.seen.borrow_mut().insert("too slow a stop".into());
                        assert_eq!((kept.error.waited, kept.error.reason), (Micros(BOUND), Unfinished::Engine));
                        Hold::Stopping(kept.value)
                    }
                }
            }
            (Hold::Stopping(stopping), Action::Reset) => {
                reference.reset();
                Hold::Idle(stopping.reset().expect("the hardware can be reset and no callback runs"))
            }
            (Hold::Active(active), Action::Pause) => match active.pause() {
                Ok(paused) => {
                    assert!(!stopped);
                    reference.pause();
                    Hold::Paused(paused)
                }
                Err(PauseFailed::Stopped(stopping)) => {
                    assert!(stopped);
                    self.seen.borrow_mut().insert("stopped by another".into());
                    Hold::Stopping(stopping)
                }
                Err(PauseFailed::Refused(refused)) => panic!("{:?}", refused.error),
            },
            (Hold::Paused(paused), Action::Resume) => match paused.resume() {
                Ok(active) => {
                    assert!(!stopped);
                    reference.resume();
                    Hold::Active(active)
                }
                Err(ResumeFailed::Stopped(stopping)) => {
                    assert!(stopped);
                    Hold::Stopping(stopping)
                }
                Err(ResumeFailed::Refused(refused)) => panic!("{:?}", refused.error),
            },
            (hold, _) => hold,
        }
    }

    pub fn submit(&mut self, len: u64) {
        let source = pattern(len, self.reference().transfers.len());
        let target = vec![0; len as usize].into_boxed_slice();
        let prepared = match &self.hold {
            Hold::Idle(idle) => idle.prep_memcpy(target, source),
            Hold::Active(active) => active.prep_memcpy(target, source),
            Hold::Stopping(stopping) => stopping.prep_memcpy(target, source),
            _ => return,
        };
        // A slot belongs to a handle, or to a transfer without a handle that is not over.
        let reference = &mut self.reference;
        let held = |id: &&u64| !reference.stand(**id).is_over();
        let taken = self.copies.len() + self.orphans.iter().filter(held).count();
        let unsure = reference.has_something_to_see();
        match prepared {
            Ok(prepared) => {
                assert!(taken < SLOTS || unsure, "more transfers than slots");
                self.submit_prepared(prepared, len);
            }
            Err(kept) => {
                assert_eq!(kept.error, PrepError::NoDescriptor { limit: SLOTS as u16 });
                assert_eq!(taken, SLOTS, "a slot is lost");
                self.saw("no slot");
            }
        }
    }

    fn submit_prepared(&mut self, prepared: Prepared<'d, Mock, Buffers>, len: u64) {
        let reference = &mut self.reference;
        let hold = mem::replace(&mut self.hold, Hold::Nothing);
        let copy = match hold {
            Hold::Idle(idle) => {
                let (active, copy) = idle.start(prepared).unwrap();
                self.hold = Hold::Active(active);
                self.run = reference.run;
                reference.submit(len);
                reference.issue();
                copy
            }
            Hold::Stopping(stopping) => {
                if !reference.is_stopped() {
                    self.seen.borrow_mut().insert("a copy behind a stop".into());
                }
                let (active, copy) = stopping.queue_after_stop(prepared).unwrap();
                self.hold = Hold::Active(active);
                self.run = reference.run;
                reference.look();
                reference.submit(len);
                reference.issue();
                copy
            }
            Hold::Active(active) => {
                let submitted = active.submit(prepared);
                self.hold = Hold::Active(active);
                match submitted {
                    Ok(copy) => {
                        assert_eq!(reference.run, self.run, "submitted to a run that is over");
                        reference.submit(len);
                        copy
                    }
                    Err(kept) => {
                        assert_eq!(kept.error, SubmitError::Stopped);
                        assert_ne!(reference.run, self.run, "nobody has stopped it");
                        return;
                    }
                }
            }
            _ => unreachable!(),
        };
        assert_eq!(copy.generation().0 + 1, reference.transfers.len() as u64);
        self.copies.push(copy);
        if let Hold::Active(active) = &self.hold {
            self.handles.push((active.stop_handle(), self.run));
        }
    }
}
