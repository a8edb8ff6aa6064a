//! What the demos' boards have: a virtual processor, a timer and an executor for tasks, and a serial line.
//!
//! Virtual time passes only where code waits. The executor lets it pass up to the next interrupt or the next alarm of its
//! timer, and polls a task again only when that has woken it.
#![allow(dead_code, reason = "each demo uses its own part")]

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake};

use backend_mock::hw::{Nanos, Peripheral, StreamConfig};
use backend_mock::{Mock, MockConfig};
use dmaengine_core::{Atomic, Dma, Micros};

pub type Board = Dma<Mock, 2>;
pub type Cpu<'m> = backend_mock::Cpu<'m, Box<dyn Fn(&Atomic<'_>) + 'm>>;

/// A board whose engine stops within a millisecond.
pub fn board() -> Board {
    Dma::new(Mock::new(MockConfig::default()))
}

/// Its processor, with the interrupt handler that a board has.
pub fn cpu(dma: &Board) -> Cpu<'_> {
    let handler = |atomic: &Atomic<'_>| dma.interrupt(atomic, &mut |_callback, _event| ());
    Cpu::new(dma.engine(), Box::new(handler))
}

/// A line of bytes, so many a second, at the end of a channel: each burst begins at its time, counted from now.
pub fn attach_line(mock: &Mock, channel: u8, rate: u32, bursts: &[(Nanos, Arc<[u8]>)]) {
    let config = StreamConfig { rate, frame_bytes: 1, ..StreamConfig::default() };
    mock.hw().attach(usize::from(channel), Peripheral::line(config, bursts));
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A timer for one task, and what runs that task.
pub struct Executor<'c, 'm> {
    cpu: &'c Cpu<'m>,
    mock: &'m Mock,
    alarm: Cell<Option<Nanos>>,
}

impl<'c, 'm> Executor<'c, 'm> {
    pub fn new(cpu: &'c Cpu<'m>, mock: &'m Mock) -> Self {
        Self { cpu, mock, alarm: Cell::new(None) }
    }

    /// Is ready after so long.
    pub fn after(&self, time: Micros) -> impl Future<Output = ()> {
        let at = self.mock.hw().now() + Nanos::from_micros(time.0);
        poll_fn(move |_| {
            if self.mock.hw().now() >= at {
                return Poll::Ready(());
            }
            let next = self.alarm.get().map_or(at, |other| other.min(at));
            self.alarm.set(Some(next));
            Poll::Pending
        })
    }

    /// What a task comes to, if it does so in time; it is dropped otherwise.
    pub async fn race<F: Future>(&self, task: F, at_most: Micros) -> Option<F::Output> {
        let (mut task, mut alarm) = (pin!(task), pin!(self.after(at_most)));
        poll_fn(|context| match task.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => alarm.as_mut().poll(context).map(|()| None),
        })
        .await
    }

    /// Runs a task to its end.
    ///
    /// # Panics
    /// If it waits for what will never come: no interrupt and no alarm is ahead.
    pub fn block_on<F: Future>(&self, task: F) -> F::Output {
        self.poll_until(task, Nanos(u64::MAX)).expect("it has no deadline")
    }

    /// Runs a task up to a moment, and drops it if it has not come to its end by then.
    pub fn poll_until<F: Future>(&self, task: F, moment: Nanos) -> Option<F::Output> {
        let mut task = pin!(task);
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let waker = flag.clone().into();
        loop {
            if flag.0.swap(false, Ordering::Relaxed) {
                self.alarm.set(None);
                if let Poll::Ready(output) = task.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Some(output);
                }
            }
            if self.cpu.take_interrupt() {
                continue;
            }
            let hw = self.mock.hw();
            if hw.now() >= moment {
                return None;
            }
            let next = [hw.next_news(), self.alarm.get(), Some(moment)].into_iter().flatten().min();
            let next = next.filter(|next| next.0 != u64::MAX).expect("the task sleeps for ever");
            self.cpu.run_until(next);
            if self.alarm.get().is_some_and(|at| at <= hw.now()) {
                flag.0.store(true, Ordering::Relaxed);
            }
        }
    }
}
