//! A waker that counts, and may be told to look at something when it is woken.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

/// How often a waker was woken, and what it checks then.
pub struct Wakes {
    count: AtomicUsize,
    check: Box<dyn Fn() + Send + Sync>,
}

impl Wakes {
    /// A new one.
    pub fn new() -> Arc<Self> {
        Self::checking(|| ())
    }

    /// One that checks something whenever it is woken.
    pub fn checking(check: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { count: AtomicUsize::new(0), check: Box::new(check) })
    }

    /// The waker.
    pub fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(Arc::clone(self))
    }

    /// How often it was woken.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        (self.check)();
        self.count.fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Wakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wakes({})", self.count())
    }
}
