//! A channel's owner, who does at random what its handles allow.

use core::cell::RefCell;
use core::mem;

use backend_mock::Mock;
use dmaengine_core::{
    Active, Direction, Idle, Outcome, PauseFailed, Paused, Payload, Pending, PrepError, Prepared, ResumeFailed,
    Sleepable, StopHandle, Stopping, SubmitError, Transfer,
};

use crate::common::*;
use crate::model::Model;
use crate::{Random, SLOTS};

const FRESH: u8 = 0x5A;

enum Hold<'d> {
    Nothing,
    Idle(Idle<'d, Mock>),
    Pending(Pending<'d, Mock>),
    Active(Active<'d, Mock>),
    Paused(Paused<'d, Mock>),
    Stopping(Stopping<'d, Mock>),
}

pub enum Work<'d> {
    Copy(Transfer<'d, Mock, (Memory, Memory)>),
    Ring(Transfer<'d, Mock, Memory>),
}

/// A channel's owner, with all that it holds.
pub struct Owner<'d> {
    dma: &'d Board<SLOTS>,
    channel: u8,
    pub model: &'d RefCell<Model>,
    hold: Hold<'d>,
    pub work: Vec<Work<'d>>,
    stops: Vec<(StopHandle<'d, Mock>, u64)>,
    /// Memory that came back, poisoned.
    pool: Vec<Memory>,
    seed: u8,
}

impl<'d> Owner<'d> {
    pub fn new(dma: &'d Board<SLOTS>, channel: u8, model: &'d RefCell<Model>) -> Self {
        attach_recorder(dma.engine(), channel);
        Self { dma, channel, model, hold: Hold::Nothing, work: vec![], stops: vec![], pool: vec![], seed: 0 }
    }

    /// Memory to use, out of the pool if there is some.
    fn memory(&mut self) -> Memory {
        let memory = self.pool.pop().unwrap_or_else(|| vec![POISON; RING].leak());
        assert!(memory.iter().all(|&byte| byte == POISON), "written after it came back");
        memory.fill(FRESH);
        memory
    }

    /// Memory that came back.
    fn keep(&mut self, memory: Memory) {
        memory.fill(POISON);
        self.pool.push(memory);
    }

    /// Prepares a copy or a ring and submits it, in whatever way the state has.
    pub fn queue(&mut self, random: &mut Random) {
        let hold = mem::replace(&mut self.hold, Hold::Nothing);
        let (dst, src) = (self.memory(), self.memory());
        self.seed = self.seed.wrapping_add(1);
        src.iter_mut().enumerate().for_each(|(i, byte)| *byte = (i as u8).wrapping_add(self.seed) | 1);
        let prepared = match &hold {
            Hold::Idle(channel) => channel.prep_memcpy(dst, src),
            Hold::Active(channel) => channel.prep_memcpy(dst, src),
            Hold::Stopping(channel) => channel.prep_memcpy(dst, src),
            _ => {
                self.keep(dst);
                self.keep(src);
                self.hold = hold;
                return;
            }
        };
        let copy = match prepared {
            Ok(copy) => copy,
            Err(kept) => {
                assert_eq!(kept.error, PrepError::NoDescriptor { limit: SLOTS as u16 });
                self.keep(kept.value.0);
                self.keep(kept.value.1);
                self.hold = hold;
                return;
            }
        };
        if random.coin() {
            return self.submit(hold, copy, Work::Copy, random);
        }
        let (ring, src) = copy.cancel();
        self.keep(src);
        let request = cyclic(Direction::DevToMem);
        let ring = match &hold {
            Hold::Idle(channel) => channel.prep_cyclic(ring, &request),
            Hold::Active(channel) => channel.prep_cyclic(ring, &request),
            Hold::Stopping(channel) => channel.prep_cyclic(ring, &request),
            _ => unreachable!(),
        };
        self.submit(hold, ring.expect("a slot has just come free"), Work::Ring, random);
    }

    fn submit<B: Payload>(
        &mut self,
        hold: Hold<'d>,
        prepared: Prepared<'d, Mock, B>,
        work: impl Fn(Transfer<'d, Mock, B>) -> Work<'d>,
        random: &mut Random,
    ) {
        let (hold, transfer) = match hold {
            Hold::Idle(idle) if random.coin() => {
                let (pending, transfer) = idle.submit(prepared).unwrap();
                (Hold::Pending(pending), transfer)
            }
            Hold::Idle(idle) => {
                let (active, transfer) = idle.start(prepared).unwrap();
                (Hold::Active(active), transfer)
            }
            Hold::Stopping(stopping) => {
                let (active, transfer) = stopping.queue_after_stop(prepared).unwrap();
                (Hold::Active(active), transfer)
            }
            Hold::Active(active) => match active.submit(prepared) {
                Ok(transfer) => (Hold::Active(active), transfer),
                Err(kept) => {
                    assert_eq!(kept.error, SubmitError::Stopped);
                    assert!(active.is_stopped_by_another());
                    self.hold = Hold::Active(active);
                    return;
                }
            },
            _ => unreachable!(),
        };
        self.hold = hold;
        self.submitted(work(transfer));
    }

    fn submitted(&mut self, work: Work<'d>) {
        let generation = match &work {
            Work::Copy(transfer) => transfer.generation().0,
            Work::Ring(transfer) => transfer.generation().0,
        };
        let model = &mut *self.model.borrow_mut();
        assert_eq!(generation, model.next);
        model.next += 1;
        if let Hold::Active(active) = &self.hold {
            self.stops.push((active.stop_handle(), model.dead_below));
        }
        self.work.push(work);
    }

    /// Goes on with a stopped ring's memory behind the stop, if there is one and a stop.
    pub fn queue_again(&mut self, random: &mut Random) {
        let ring = self.work.iter().position(|work| matches!(work, Work::Ring(_)));
        match (mem::replace(&mut self.hold, Hold::Nothing), ring) {
            (Hold::Stopping(stopping), Some(at)) => {
                let Work::Ring(old) = self.work.remove(at) else { unreachable!() };
                match stopping.queue_again(old, &cyclic(Direction::DevToMem)) {
                    Ok((active, ring)) => {
                        self.hold = Hold::Active(active);
                        self.submitted(Work::Ring(ring));
                    }
                    Err(kept) => {
                        assert_eq!(kept.error, PrepError::NoDescriptor { limit: SLOTS as u16 });
                        self.hold = Hold::Stopping(kept.value.0);
                        self.work.push(Work::Ring(kept.value.1));
                    }
                }
            }
            (hold, _) => {
                self.hold = hold;
                self.queue(random);
            }
        }
    }

    fn terminated(&self) {
        self.model.borrow_mut().terminated();
    }

    /// One call that the state allows.
    pub fn act(&mut self, random: &mut Random, context: &Sleepable<'_>) {
        let hold = mem::replace(&mut self.hold, Hold::Nothing);
        self.hold = match (hold, random.below(8)) {
            (Hold::Nothing, _) => self.dma.channel(self.channel).map_or(Hold::Nothing, Hold::Idle),
            (Hold::Pending(pending), 0..=5) => Hold::Active(pending.issue()),
            (Hold::Active(active), 0..=2) => {
                active.issue();
                Hold::Active(active)
            }
            (Hold::Active(active), 3) => active.pause().map_or_else(
                |failed| match failed {
                    PauseFailed::Stopped(stopping) => Hold::Stopping(stopping),
                    PauseFailed::Refused(_) => unreachable!(),
                },
                Hold::Paused,
            ),
            (Hold::Active(active), 4) => match active.try_idle() {
                Ok(idle) => {
                    self.terminated();
                    Hold::Idle(idle)
                }
                Err(kept) => Hold::Active(kept.value),
            },
            (Hold::Active(active), 5..=6) => {
                self.terminated();
                Hold::Stopping(active.terminate_async())
            }
            (Hold::Paused(paused), 0..=4) => match paused.resume() {
                Ok(active) => Hold::Active(active),
                Err(ResumeFailed::Stopped(stopping)) => Hold::Stopping(stopping),
                Err(ResumeFailed::Refused(_)) => unreachable!(),
            },
            (Hold::Paused(paused), 5..=6) => {
                self.terminated();
                Hold::Idle(paused.terminate_atomic().expect("it stops within its bound"))
            }
            (Hold::Stopping(stopping), 0..=1) => stopping.try_finish().map_or_else(Hold::Stopping, Hold::Idle),
            (Hold::Stopping(stopping), 2) => Hold::Idle(stopping.synchronize(context).unwrap()),
            (Hold::Stopping(stopping), 3) => Hold::Idle(stopping.terminate_atomic().unwrap()),
            (hold @ (Hold::Idle(_) | Hold::Stopping(_)), 4..=6) => hold,
            (hold, _) if random.below(4) == 0 => {
                drop(hold);
                self.terminated();
                Hold::Nothing
            }
            (hold, _) => hold,
        };
    }

    /// A stop handle of whatever age. It wins if its run is the current one, and else does nothing.
    pub fn stop(&mut self, random: &mut Random) {
        if self.stops.is_empty() {
            return;
        }
        let at = random.below(self.stops.len() as u64) as usize;
        let (stop, run) = self.stops.swap_remove(at);
        let current = self.model.borrow().dead_below;
        assert_eq!(stop.terminate_async(), run == current, "a handle of run {run}, in run {current}");
        if run == current {
            self.terminated();
        }
    }

    /// Takes back what is over. With the channel idle that is everything.
    pub fn resolve(&mut self) {
        let is_idle = matches!(self.hold, Hold::Idle(_));
        for work in mem::take(&mut self.work) {
            let left = match work {
                Work::Copy(transfer) => {
                    let generation = transfer.generation().0;
                    transfer
                        .try_resolve()
                        .map(|ended| self.copied(generation, ended.outcome, ended.buffer))
                        .map_err(Work::Copy)
                }
                Work::Ring(transfer) => {
                    let generation = transfer.generation().0;
                    transfer
                        .try_resolve()
                        .map(|ended| self.recorded(generation, ended.outcome, ended.buffer))
                        .map_err(Work::Ring)
                }
            };
            if let Err(left) = left {
                assert!(!is_idle, "an idle channel still has a transfer");
                self.work.push(left);
            }
        }
    }

    fn copied(&mut self, generation: u64, outcome: Outcome, (dst, src): (Memory, Memory)) {
        self.model.borrow_mut().resolved(generation, outcome);
        let copied = match outcome {
            Outcome::Completed => RING,
            Outcome::Aborted { residue } => RING - residue as usize,
            Outcome::Failed(error) => panic!("{error}"),
        };
        assert_eq!(dst[..copied], src[..copied]);
        assert!(dst[copied..].iter().all(|&byte| byte == FRESH), "more was copied than was said");
        self.keep(dst);
        self.keep(src);
    }

    fn recorded(&mut self, generation: u64, outcome: Outcome, ring: Memory) {
        self.model.borrow_mut().resolved(generation, outcome);
        assert!(matches!(outcome, Outcome::Aborted { residue } if (1..=RING as u64).contains(&residue)), "{outcome:?}");
        self.keep(ring);
    }

    /// Gives everything up in an orderly way, and counts the slots.
    pub fn end(mut self, cpu: &Cpu<'_>) {
        drop(mem::replace(&mut self.hold, Hold::Nothing));
        self.terminated();
        run(cpu, self.dma.engine(), 2 * L);
        let idle = self.dma.channel(self.channel).expect("it has stopped");
        self.hold = Hold::Idle(idle);
        self.resolve();
        let Hold::Idle(idle) = &self.hold else { unreachable!() };
        assert_all_slots_free(idle, SLOTS);
        for memory in &self.pool {
            assert!(memory.iter().all(|&byte| byte == POISON), "written after it came back");
        }
    }
}
