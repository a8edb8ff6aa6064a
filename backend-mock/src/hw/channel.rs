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

use alloc::vec::Vec;

use super::bus::{Bus, Master};
use super::news::NewsQueue;
use super::pace::Pace;
use super::peripheral::Peripheral;
use super::program::{Cursor, End, Loaded, Moves, Piece, Program};
use super::time::Nanos;
use super::{News, NewsKind, Progress};

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

/// How far the present piece leads: units before its end or before a change of what becomes of an access. 0 is a fault.
struct Stretch {
    piece: Piece,
    units: u64,
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

    /// When the program will come to the end of a period, to its end, or to a fault.
    fn next_end(&self, bus: &Bus) -> Option<Nanos> {
        let loaded = self.loaded.as_ref()?;
        let (pace, unit) = self.pace()?;
        let mut cursor = loaded.cursor;
        let mut units = 0;
        loop {
            let Stretch { piece, units: ahead } = self.stretch(&cursor, unit, bus)?;
            if ahead == 0 {
                return Some(pace.when(units + first_burst(pace, &piece, unit)));
            }
            units += ahead;
            if ahead * unit == piece.len && piece.end != End::Segment {
                return Some(pace.when(units));
            }
            cursor.advance(&loaded.program.moves, ahead * unit);
        }
    }

    /// Who sets the pace, and the bytes of a unit; `None` if nobody asks for data.
    fn pace(&self) -> Option<(&Pace, u64)> {
        match self.loaded.as_ref()?.program.moves.to_device() {
            None => Some((&self.copy, 1)),
            Some(to_device) => {
                let peripheral = self.peripheral.as_ref()?;
                let unit = u64::from(peripheral.config().frame_bytes);
                Some((peripheral.pace(to_device)?, unit))
            }
        }
    }

    fn stretch(&self, cursor: &Cursor, unit: u64, bus: &Bus) -> Option<Stretch> {
        let program = &self.loaded.as_ref()?.program;
        let piece = cursor.piece(&program.moves);
        let units = bus.reach(&piece, program.tag).unwrap_or(0) / unit;
        Some(Stretch { piece, units })
    }

    /// Moves what can be moved of the present stretch up to `end`. Says whether there may be more to do.
    fn move_stretch(&mut self, end: Nanos, bus: &mut Bus) -> bool {
        let Some(loaded) = &self.loaded else {
            return false;
        };
        let Some((pace, unit)) = self.pace() else {
            return false;
        };
        let Some(Stretch { piece, units }) = self.stretch(&loaded.cursor, unit, bus) else {
            return false;
        };
        let ready = pace.ready(end);
        let at = |units| pace.when(units).max(self.now);
        let mut master = Master { channel: self.id, tag: loaded.program.tag, from: end, to: end, bursts: 0 };

        if units == 0 {
            let burst = first_burst(pace, &piece, unit);
            if ready >= burst {
                (master.from, master.to) = (at(burst), at(burst));
                bus.refuse(&master, &piece, (burst * unit).min(piece.len));
                self.end(NewsKind::Fault, master.to);
            }
            return false;
        }

        let moved = if ready >= units { units } else { ready - ready % pace.burst };
        if moved == 0 {
            return false;
        }
        (master.from, master.to) = (at(pace.burst.min(moved)), at(moved));
        self.carry(&piece, moved, moved * unit, master, bus);
        if moved < units {
            return false;
        }
        if moved * unit == piece.len {
            match piece.end {
                End::Period => self.post(NewsKind::Periods(1), master.to),
                End::Segment => {}
                End::Program => self.round(master.to),
            }
        }
        true
    }

    /// Carries `units` units, which are `bytes` bytes, from the start of `piece`.
    fn carry(&mut self, piece: &Piece, units: u64, bytes: u64, mut master: Master, bus: &mut Bus) {
        let mut data = core::mem::take(&mut self.data);
        master.bursts = units;
        match (piece.read, piece.write) {
            (Some(src), Some(dst)) => {
                master.bursts = units.div_ceil(COPY_BURST);
                bus.read(&master, src, bytes as usize, &mut data);
                bus.write(&master, dst, &data);
                self.copy.take(units);
            }
            (Some(src), None) => {
                bus.read(&master, src, bytes as usize, &mut data);
                if let Some(peripheral) = &mut self.peripheral {
                    peripheral.accept(units, &data);
                }
            }
            (None, Some(dst)) if piece.fill.is_some() => {
                master.bursts = units.div_ceil(COPY_BURST);
                data.clear();
                data.resize(bytes as usize, piece.fill.unwrap_or(0));
                bus.write(&master, dst, &data);
                self.copy.take(units);
            }
            (None, Some(dst)) => {
                if let Some(peripheral) = &mut self.peripheral {
                    peripheral.give(units, &mut data);
                }
                bus.write(&master, dst, &data);
            }
            (None, None) => {
                if let (Some(source), Some(sink)) = (&mut self.peripheral, &mut self.sink) {
                    source.give(units, &mut data);
                    sink.accept(units, &data);
                }
            }
        }
        self.data = data;
        if let Some(loaded) = &mut self.loaded {
            loaded.advance(bytes);
        }
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

/// Units of the first burst of `piece`.
fn first_burst(pace: &Pace, piece: &Piece, unit: u64) -> u64 {
    pace.burst.min(piece.len / unit).max(1)
}
