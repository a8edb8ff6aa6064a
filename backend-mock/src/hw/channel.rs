//! A channel: the part of the engine that runs programs.
//!
//! ```text
//!                      enable                     disable
//!            Off ────────────────────▶ Running ──────────────▶ Stopping(until)
//!             ▲                          │  ▲                     │   │
//!             ├────── Done, Fault ───────┘  └────── enable ───────┘   │
//!             └────────── at `until`: Stopped; or Done, Fault ────────┘
//! ```
//!
//! **Off.** No memory is touched. `program` loads. `enable` starts the newest program from its beginning. With none
//! newer it goes on where the last one was stopped, as a frozen script does; with one that has ended it does nothing.
//!
//! **Running.** Each burst is made in the instant in which the far end asks for it. `program` is only remembered: the
//! running program goes on, and the new one waits for an `enable` in Off.
//!
//! **Stopping.** The engine was told to stop and has not done so. It goes on as in Running, up to and including
//! `until`: data, period news, all under the old tag. `enable` takes the stop back, and the *old* program goes on,
//! which is what the i.MX SDMA does with a script whose context was not loaded again (Linux 5.8,
//! `drivers/dma/imx-sdma.c`). Another `disable` changes nothing. With a stop latency of 0 this state is skipped. A stop
//! that was not taken back ends in the news `Stopped`, behind `Done` or `Fault` if the program ends by itself in the
//! meantime.
//!
//! `pause` holds a program in Running or Stopping: no byte moves until `resume`. Going Off forgets it. `reset` leads to
//! Off from anywhere, at once and silently; that program cannot go on.
//!
//! May assume: `run_to` has been called up to the present before any other method. That is `Hw`'s affair.

mod carry;

use alloc::vec::Vec;

use super::bus::Bus;
use super::news::{News, NewsKind, NewsQueue};
use super::pace::Pace;
use super::peripheral::Peripheral;
use super::program::{Loaded, Moves, Program, Progress};
use super::time::Nanos;

/// A copy moves as many bytes at a time, so that a stop can fall into its middle.
const COPY_BURST: u64 = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Off,
    Running,
    /// Until then, which may be never.
    Stopping(Nanos),
}

#[derive(Debug)]
pub(super) struct Channel {
    id: usize,
    state: State,
    is_paused: bool,
    loaded: Option<Loaded>,
    next: Option<Program>,
    pub(super) news: NewsQueue,
    pub(super) peripheral: Option<Peripheral>,
    /// Where a program that goes from device to device puts what it takes.
    pub(super) sink: Option<Peripheral>,
    /// Bytes per second of a copy.
    copy_rate: u64,
    /// The pace of the copy that is loaded, if one is.
    copy: Pace,
    /// Everything up to here has happened.
    now: Nanos,
    /// Room for what is on its way between memory and the peripheral.
    data: Vec<u8>,
}

impl Channel {
    pub(super) fn new(id: usize, copy_rate: u64) -> Self {
        Channel {
            id,
            state: State::Off,
            is_paused: false,
            loaded: None,
            next: None,
            news: NewsQueue::default(),
            peripheral: None,
            sink: None,
            copy_rate,
            copy: Pace::new(Nanos::NEVER, copy_rate, COPY_BURST, 0),
            now: Nanos(0),
            data: Vec::new(),
        }
    }

    pub(super) fn is_touching(&self) -> bool {
        self.state != State::Off
    }

    pub(super) fn progress(&self) -> Progress {
        let Some(loaded) = &self.loaded else {
            return Progress::default();
        };
        let moved = loaded.cursor.moved;
        let in_flight = match (&self.peripheral, loaded.program.moves.to_device()) {
            (Some(peripheral), Some(true)) => peripheral.in_flight().min(moved),
            _ => 0,
        };
        let in_flight = u32::try_from(in_flight).unwrap_or(u32::MAX);
        Progress { tag: loaded.program.tag, bytes: moved, in_flight, started: loaded.started }
    }

    pub(super) fn program(&mut self, program: Program) {
        if self.state == State::Off {
            self.loaded = Some(Loaded::new(program));
        } else {
            self.next = Some(program);
        }
    }

    pub(super) fn enable(&mut self, bus: &mut Bus) {
        match self.state {
            State::Running => {}
            State::Stopping(_) => self.state = State::Running,
            State::Off => self.start(bus),
        }
        self.run_to(self.now, bus);
    }

    fn start(&mut self, bus: &mut Bus) {
        if let Some(program) = self.next.take() {
            self.loaded = Some(Loaded::new(program));
        }
        let Some(loaded) = self.loaded.as_mut().filter(|loaded| !loaded.is_over) else {
            return;
        };
        loaded.started.get_or_insert(self.now);
        self.state = State::Running;
        if !loaded.is_sound() {
            bus.log.count_fault();
            return self.end(NewsKind::Fault, self.now);
        }
        if let (Some(peripheral), Some(_)) = (&mut self.peripheral, loaded.program.moves.to_device()) {
            peripheral.start(loaded.program.tag, self.now);
            if let (Moves::Through { .. }, Some(sink)) = (&loaded.program.moves, &mut self.sink) {
                sink.start(loaded.program.tag, self.now);
            }
        }
        self.restart_copy_clock();
    }

    /// The peripheral's driver lets it run, or not.
    pub(super) fn set_enabled(&mut self, on: bool, bus: &mut Bus) {
        if let Some(peripheral) = &mut self.peripheral {
            peripheral.set_enabled(on, self.now);
        }
        self.run_to(self.now, bus);
    }

    /// The peripheral's driver empties its FIFO.
    pub(super) fn flush(&mut self, bus: &mut Bus) {
        if let Some(peripheral) = &mut self.peripheral {
            peripheral.empty(self.now);
        }
        self.run_to(self.now, bus);
    }

    pub(super) fn disable(&mut self, latency: Option<Nanos>) {
        if self.state != State::Running {
            return;
        }
        let until = latency.map_or(Nanos::NEVER, |latency| self.now + latency);
        self.state = State::Stopping(until);
        self.stop_if_due();
    }

    pub(super) fn pause(&mut self) {
        self.is_paused = self.is_touching();
    }

    pub(super) fn resume(&mut self, bus: &mut Bus) {
        if self.is_paused {
            self.is_paused = false;
            self.restart_copy_clock();
            self.run_to(self.now, bus);
        }
    }

    pub(super) fn reset(&mut self) {
        self.next = None;
        self.retire();
    }

    /// Off, and the program cannot go on.
    fn retire(&mut self) {
        self.state = State::Off;
        self.is_paused = false;
        if let Some(loaded) = &mut self.loaded {
            loaded.is_over = true;
        }
    }

    /// A burst that a pause or a stop has interrupted starts again.
    fn restart_copy_clock(&mut self) {
        self.copy = Pace::new(self.now, self.copy_rate, COPY_BURST, 0);
    }

    /// Does all that happens up to and including `t`, which must not be later than `next_news`.
    pub(super) fn run_to(&mut self, t: Nanos, bus: &mut Bus) {
        while self.state != State::Off && !self.is_paused && self.move_stretch(t, bus) {}
        self.now = t;
        if let Some(peripheral) = &mut self.peripheral {
            peripheral.settle(t);
        }
        if let Some(sink) = &mut self.sink {
            sink.settle(t);
        }
        self.stop_if_due();
    }

    fn stop_if_due(&mut self) {
        if let State::Stopping(until) = self.state {
            if until <= self.now {
                self.state = State::Off;
                self.is_paused = false;
                self.post(NewsKind::Stopped, until);
            }
        }
    }

    /// When this channel will next post news, if it is left alone.
    pub(super) fn next_news(&self, bus: &Bus) -> Option<Nanos> {
        let stop = match self.state {
            State::Off => return None,
            State::Running => Nanos::NEVER,
            State::Stopping(until) => until,
        };
        let progress = if self.is_paused { Nanos::NEVER } else { self.next_end(bus).unwrap_or(Nanos::NEVER) };
        Some(stop.min(progress)).filter(|&at| at != Nanos::NEVER)
    }

    /// The program has come to its end: it begins again, if that was asked for.
    fn round(&mut self, at: Nanos) {
        match &mut self.loaded {
            Some(loaded) if loaded.repeat => {
                loaded.cursor.rewind();
                self.post(NewsKind::Periods(1), at);
            }
            _ => self.end(NewsKind::Done, at),
        }
    }

    /// Whether the program that is loaded begins again at its end.
    pub(super) fn repeat(&mut self, on: bool) {
        if let Some(loaded) = &mut self.loaded {
            loaded.repeat = on;
        }
    }

    /// The program ends, and with it the run. A stop that was under way is answered.
    fn end(&mut self, how: NewsKind, at: Nanos) {
        self.post(how, at);
        if let State::Stopping(_) = self.state {
            self.post(NewsKind::Stopped, at);
        }
        self.retire();
    }

    /// Posts news of the loaded program.
    fn post(&mut self, kind: NewsKind, at: Nanos) {
        let tag = self.loaded.as_ref().map_or(0, |loaded| loaded.program.tag);
        self.news.tell(News { tag, at, kind });
    }
}
