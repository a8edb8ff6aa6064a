//! The hardware of the models: a channel in a few plain words, and a witness.
//!
//! It does nothing by itself. A thread of the model takes its steps, so that loom puts them anywhere between the steps of
//! the driver: [`period`](Hardware::period), [`finish`](Hardware::finish) and [`rest`](Hardware::rest). Each first
//! touches the memory of the program that runs, and **panics if that memory has been handed back**.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use dmaengine_core::Generation;
use dmaengine_core::engine::{News, NewsKind};
use loom::sync::{Mutex, MutexGuard};

use crate::memory::BUFFERS;

/// What it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) generation: Generation,
    pub(crate) place: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Words {
    pub(crate) busy: Option<Program>,
    last: Option<Generation>,
    /// The transfer that `busy` has, plus one, for wakers, which have no board to look at.
    witness: Arc<AtomicU64>,
    pub(crate) stop_asked: bool,
    pub(crate) news: VecDeque<News>,
    /// The interrupt line.
    pub(crate) raised: bool,
    /// Which places belong to the device.
    pub(crate) lent: [bool; BUFFERS],
    /// Everything that was ever started, and how often a stop was asked for.
    pub(crate) started: Vec<Program>,
    pub(crate) stops: usize,
}

impl Words {
    fn touch(&self) -> Option<Program> {
        let program = self.busy?;
        assert!(self.lent[program.place], "{program:?} touches memory that was handed back");
        Some(program)
    }

    fn post(&mut self, generation: Generation, kind: NewsKind) {
        self.news.push_back(News { generation, kind });
        self.raised = true;
    }

    fn rest(&mut self, generation: Generation) {
        self.set_busy(None);
        if std::mem::take(&mut self.stop_asked) {
            self.post(generation, NewsKind::Stopped);
        }
    }

    fn set_busy(&mut self, program: Option<Program>) {
        self.busy = program;
        self.witness.store(program.map_or(0, |program| program.generation.0 + 1), Ordering::Relaxed);
    }

    pub(crate) fn start(&mut self, program: Program) {
        self.set_busy(Some(program));
        self.last = Some(program.generation);
        self.started.push(program);
    }

    /// Asked to stop; what has come to its end by then is told to have stopped at once.
    pub(crate) fn stop(&mut self) {
        self.stops += 1;
        self.stop_asked = true;
        if let (None, Some(last)) = (self.busy, self.last) {
            self.rest(last);
        }
    }

    pub(crate) fn reset(&mut self) {
        self.set_busy(None);
        self.stop_asked = false;
    }
}

/// One channel of hardware.
#[derive(Debug)]
pub struct Hardware(Mutex<Words>);

impl Hardware {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Words::default()))
    }

    pub(crate) fn words(&self) -> MutexGuard<'_, Words> {
        // Poisoned: a model has failed and its handles are being dropped.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a period, if it runs, also while it is being stopped.
    pub fn period(&self) -> bool {
        let words = &mut *self.words();
        let program = words.touch();
        program.inspect(|program| words.post(program.generation, NewsKind::Periods(1))).is_some()
    }

    /// Ends a period of what is being stopped, if anything is.
    pub fn late_period(&self) -> bool {
        let words = &mut *self.words();
        let dying = words.touch().filter(|_| words.stop_asked);
        dying.inspect(|program| words.post(program.generation, NewsKind::Periods(1))).is_some()
    }

    /// Runs to the end, if it runs, also while it is being stopped: one end is told, and then the other.
    pub fn finish(&self) -> bool {
        let words = &mut *self.words();
        let program = words.touch();
        let over = program.inspect(|program| {
            words.post(program.generation, NewsKind::Done);
            words.rest(program.generation);
        });
        over.is_some()
    }

    /// Comes to rest, if it was told to stop.
    pub fn rest(&self) -> bool {
        let words = &mut *self.words();
        let dying = words.touch().filter(|_| words.stop_asked);
        dying.inspect(|program| words.rest(program.generation)).is_some()
    }

    /// The transfer that it runs and may touch the memory of.
    pub fn busy_with(&self) -> Option<Generation> {
        self.words().touch().map(|program| program.generation)
    }

    /// Whether it runs a transfer, for those who have no board to ask.
    pub fn witness(&self, generation: Generation) -> impl Fn() -> bool + Send + Sync + 'static {
        let witness = Arc::clone(&self.words().witness);
        move || witness.load(Ordering::Relaxed) == generation.0 + 1
    }

    /// All that it ever began, in order.
    pub fn started(&self) -> Vec<Generation> {
        self.words().started.iter().map(|program| program.generation).collect()
    }

    /// How often it was told to stop.
    pub fn stops(&self) -> usize {
        self.words().stops
    }

    /// Whether it has told all.
    pub fn is_silent(&self) -> bool {
        self.words().news.is_empty()
    }
}
