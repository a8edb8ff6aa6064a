//! What happened when: notes and spans around the first XRUN, in time from its stop.

use backend_mock::hw::Nanos;

/// Who did it, and in which context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The hardware's interrupt.
    HardIrq,
    /// The client's thread.
    Thread,
    /// The client's thread with interrupts masked.
    Masked,
    /// Linux's terminate worker.
    Worker,
    /// The DMA engine.
    Engine,
}

impl Lane {
    pub const ALL: [Self; 5] = [Self::HardIrq, Self::Thread, Self::Masked, Self::Worker, Self::Engine];

    pub fn name(self) -> &'static str {
        match self {
            Self::HardIrq => "hard irq",
            Self::Thread => "thread",
            Self::Masked => "irqs off",
            Self::Worker => "worker",
            Self::Engine => "engine",
        }
    }
}

/// What a stretch of time was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// A thread or a worker sleeps.
    Sleeps,
    /// The processor spins.
    Spins,
    /// The old transfer touches memory.
    OldRun,
    /// The old transfer touches memory that was handed back.
    Late,
    /// The new transfer touches memory.
    NewRun,
}

pub struct Note {
    pub at: Nanos,
    pub lane: Lane,
    /// A word or two for a picture; may be empty.
    pub label: &'static str,
    pub text: String,
}

pub struct Span {
    pub from: Nanos,
    pub to: Nanos,
    pub lane: Lane,
    pub doing: Doing,
}

/// Absolute times; `stop` is when the first stop was asked for.
#[derive(Default)]
pub struct Timeline {
    pub notes: Vec<Note>,
    pub spans: Vec<Span>,
    pub stop: Option<Nanos>,
    /// The first XRUN is dealt with: nothing more is noted.
    pub closed: bool,
}

impl Timeline {
    /// Notes something; before the first stop nothing is worth it.
    pub fn note(&mut self, at: Nanos, lane: Lane, label: &'static str, text: impl Into<String>) {
        if !self.closed && self.stop.is_some() {
            self.notes.push(Note { at, lane, label, text: text.into() });
        }
    }

    pub fn span(&mut self, from: Nanos, to: Nanos, lane: Lane, doing: Doing) {
        if !self.closed && self.stop.is_some() && from < to {
            self.spans.push(Span { from, to, lane, doing });
        }
    }

    /// The first stop was asked for.
    pub fn stopped(&mut self, at: Nanos) {
        self.stop.get_or_insert(at);
    }

    /// The first XRUN is dealt with: adds what the engine did to memory around the stop, and closes the books.
    pub fn close(&mut self, spans: impl FnOnce(Nanos) -> Vec<Span>) {
        let Some(stop) = self.stop.filter(|_| !self.closed) else { return };
        let mut last_old = stop;
        for span in spans(stop) {
            if matches!(span.doing, Doing::OldRun | Doing::Late) {
                last_old = last_old.max(span.to);
            }
            // A single access is a moment; give it the width of a line.
            self.spans.push(Span { to: span.to.max(Nanos(span.from.0 + 10_000)), ..span });
        }
        if last_old > stop {
            self.note(last_old, Lane::Engine, "", "the old transfer's last access");
        }
        self.notes.sort_by_key(|note| note.at);
        self.closed = true;
    }
}
