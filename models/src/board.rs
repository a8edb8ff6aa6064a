//! The board of a model, its two threads, and the call that explores it.
//!
//! This module has `unsafe` because a thread of loom must be `'static` and the library's handles borrow their board.

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use dmaengine_core::{Atomic, BusAddr, BusWidth, Callback, Cyclic, Direction, Dma, Event, Generation, SlaveConfig};

use crate::engine::ModelEngine;
use crate::hardware::Hardware;

/// The most steps of one interleaving; more is a loop without an end.
const MAX_STEPS: usize = 10_000;

/// How many transfers the channel of a board has room for.
pub const SLOTS: usize = 4;

/// A controller of one channel with [`SLOTS`] transfers. Only [`explore`] makes one.
pub struct Board(Dma<ModelEngine, 1, SLOTS>);

impl Deref for Board {
    type Target = Dma<ModelEngine, 1, SLOTS>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Board {
    /// The hardware.
    pub fn hw(&self) -> &Hardware {
        self.engine().hw()
    }

    /// Takes the interrupt, on whichever thread this is.
    pub fn take_interrupt(&self, handler: &mut dyn FnMut(&Callback<'_, ModelEngine>, Event)) {
        self.interrupt(&Atomic::new(), handler);
    }

    /// Lets a pending stop complete and takes interrupts until all is told. Answers the events.
    pub fn settle(&self) -> Vec<Event> {
        let mut events = vec![];
        self.hw().rest();
        while !self.hw().is_silent() {
            self.take_interrupt(&mut |_, event| events.push(event));
        }
        events
    }

    /// The hardware is at that transfer, whose memory is on loan to it.
    ///
    /// # Panics
    /// If it is not: the transfer was lost.
    pub fn assert_runs(&self, generation: Generation) {
        assert_eq!(self.hw().busy_with(), Some(generation), "the new transfer does not run");
    }

    /// Runs `other` on a thread of its own and `here` on this one, and waits for both.
    ///
    /// What they borrow is the board at most: `'d` is longer than the model.
    pub fn both<'d, A: Send + 'd, B>(
        &'d self,
        other: impl FnOnce() -> A + Send + 'd,
        here: impl FnOnce() -> B,
    ) -> (A, B) {
        let answer = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&answer);
        let other: Box<dyn FnOnce() + Send + 'd> = Box::new(move || {
            let value = other();
            *kept.lock().unwrap() = Some(value);
        });
        // SAFETY: the thread uses nothing that lives shorter than the board. `explore` drops the board when the model has
        // returned, and then this thread has been joined; if the model panics, the board is leaked.
        let other: Box<dyn FnOnce() + Send + 'static> = unsafe { std::mem::transmute(other) };
        let thread = loom::thread::spawn(other);
        let b = here();
        thread.join().unwrap();
        let a = answer.lock().unwrap().take().expect("the thread has ended");
        (a, b)
    }
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A ring on a capture device, or the device of a single transfer.
pub fn request() -> Cyclic {
    Cyclic { direction: Direction::DevToMem, period: 1, config: SlaveConfig::new(BusAddr(0), BusWidth::One, ()) }
}

/// Runs a model in every interleaving of its threads, with at most so many preemptions if a number is given, each on a
/// new board. Says how many there were.
///
/// # Panics
/// As the model does, in the first interleaving in which it does.
pub fn explore(name: &str, preemptions: Option<usize>, model: impl for<'d> Fn(&'d Board) + Send + Sync + 'static) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let start = Instant::now();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemptions;
    builder.max_branches = MAX_STEPS;
    builder.check(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let board = Box::into_raw(Box::new(Board(Dma::new(ModelEngine::new()))));
        // SAFETY: it was made a line above. If the model panics it is leaked, and threads that were left may go on with it.
        model(unsafe { &*board });
        // SAFETY: it came from a box. The model cannot keep a reference to it: its type says that it takes one of any
        // lifetime; and its threads have been joined (see `both`).
        drop(unsafe { Box::from_raw(board) });
    });
    println!("{name}: {} interleavings in {:.1?}", count.load(Ordering::Relaxed), start.elapsed());
}
