//! A task of a hand-made executor, which counts how often it is woken.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

use dmaengine_core::{Micros, Sleepable};

#[derive(Default)]
pub struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Task {
    pub fn new() -> (Arc<Self>, Waker) {
        let task = Arc::<Self>::default();
        (task.clone(), task.into())
    }

    /// Wake-ups since the last look.
    pub fn woken(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// Polls when it is woken and not otherwise, sleeping in between.
///
/// # Panics
/// If nobody wakes it for a second: a wake-up was lost.
pub fn block_on<T>(context: &Sleepable<'_>, future: impl Future<Output = T>) -> T {
    let (task, waker) = Task::new();
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return answer;
        }
        let woken = (0..1_000).any(|_| {
            let woken = task.woken() > 0;
            if !woken {
                context.sleep(Micros::from_millis(1));
            }
            woken
        });
        assert!(woken, "a wake-up was lost");
    }
}
