//! The contract, as a plain model: what one channel with a copying engine must do, call by call.
//!
//! Written from the documentation of the client calls and of the virtual hardware, with none of the library's means: no
//! generations and no bounds that move, but a list of transfers in which each says how it stands:
//!
//! ```text
//!  Queued ──▶ Running ──▶ Completed
//!    │           │
//!    └───────────┴──▶ Dead ──▶ Aborted
//! ```
//!
//! *Dead*: terminated, and nobody has seen yet that the hardware stopped. What is dead stays so until somebody looks.

use std::collections::VecDeque;

/// Bytes that a copy moves at once; one byte takes a microsecond.
const BURST: u64 = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    Queued,
    Running,
    Completed,
    Dead,
    Aborted { residue: u64 },
}

impl Stand {
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Aborted { .. })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Idle,
    Active,
    Paused,
    Stopping,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Done,
    Stopped,
    Periods,
}

/// Something told: of which transfer, and what.
pub type Told = (u64, Kind);

#[derive(Debug)]
pub struct Transfer {
    pub len: u64,
    pub stand: Stand,
    /// The run it was submitted to.
    run: u64,
}

/// The hardware: one program at a time, in virtual microseconds.
#[derive(Debug, Default)]
pub struct Hw {
    pub now: u64,
    pub latency: u64,
    pub touching: bool,
    /// The program that was loaded last, its length, what it has moved, and when it was started.
    pub loaded: Option<(u64, u64, u64, u64)>,
    /// When it was last let go, and what it had moved by then; `None` while it is held.
    clock: Option<(u64, u64)>,
    until: Option<u64>,
    pub news: VecDeque<Told>,
}

impl Hw {
    fn start(&mut self, id: u64, len: u64) {
        self.loaded = Some((id, len, 0, self.now));
        self.clock = Some((self.now, 0));
        (self.touching, self.until) = (true, None);
    }

    fn stop(&mut self) {
        if self.touching && self.until.is_none() {
            self.until = Some(self.now + self.latency);
            self.pass(0);
        }
    }

    fn pause(&mut self) {
        self.clock = self.clock.filter(|_| !self.touching);
    }

    fn resume(&mut self) {
        if let (true, Some((_, _, moved, _))) = (self.touching, self.loaded) {
            self.clock = Some((self.now, moved));
        }
    }

    fn reset(&mut self) {
        (self.touching, self.until) = (false, None);
    }

    /// Time passes.
    pub fn pass(&mut self, micros: u64) {
        let now = self.now + micros;
        self.now = now;
        let Some((id, len, moved, _)) = self.loaded.as_mut().filter(|_| self.touching) else { return };
        let until = self.until.unwrap_or(u64::MAX);
        let end = now.min(until);
        if let Some((since, had)) = self.clock {
            let ran = end - since;
            *moved = if had + ran >= *len { *len } else { had + ran / BURST * BURST };
        }
        let done = moved == len;
        if done {
            self.news.push_back((*id, Kind::Done));
        }
        if self.until.is_some() && (done || until <= now) {
            self.news.push_back((*id, Kind::Stopped));
        }
        if done || until <= now {
            self.reset();
        }
    }
}

/// A stop that nobody has seen complete: whom it caught, the one that the hardware was at first.
#[derive(Debug)]
struct Stop(Vec<u64>);

/// One channel.
#[derive(Debug)]
pub struct Reference {
    pub hw: Hw,
    pub state: State,
    pub transfers: Vec<Transfer>,
    /// The name of the present run: a stop that was meant for an earlier one does nothing.
    pub run: u64,
    submitted: VecDeque<u64>,
    issued: VecDeque<u64>,
    running: Option<u64>,
    stop: Option<Stop>,
    pub late: u64,
    pub stops: u64,
    /// The next callback stops its channel.
    pub stop_in_callback: bool,
}

impl Reference {
    pub fn new(latency: u64) -> Self {
        Self {
            hw: Hw { latency, ..Hw::default() },
            state: State::Idle,
            transfers: vec![],
            run: 0,
            submitted: VecDeque::new(),
            issued: VecDeque::new(),
            running: None,
            stop: None,
            late: 0,
            stops: 0,
            stop_in_callback: false,
        }
    }

    pub fn stand(&self, id: u64) -> Stand {
        self.transfers[id as usize].stand
    }

    fn set(&mut self, id: u64, stand: Stand) {
        self.transfers[id as usize].stand = stand;
    }

    fn len(&self, id: u64) -> u64 {
        self.transfers[id as usize].len
    }

    /// The transfer that the hardware is at; also of one that is being paused.
    pub fn runs(&self, id: u64) -> bool {
        self.running == Some(id)
    }

    /// A transfer is submitted, and gets the next number.
    pub fn submit(&mut self, len: u64) {
        let id = self.transfers.len() as u64;
        self.transfers.push(Transfer { len, stand: Stand::Queued, run: self.run });
        self.submitted.push_back(id);
        self.state = State::Active;
    }

    pub fn issue(&mut self) {
        self.issued.append(&mut self.submitted);
        self.start_next();
    }

    fn start_next(&mut self) {
        if self.running.is_some() || self.stop.is_some() || self.state != State::Active {
            return;
        }
        if let Some(id) = self.issued.pop_front() {
            self.running = Some(id);
            self.set(id, Stand::Running);
            self.hw.start(id, self.len(id));
        }
    }

    /// Somebody asks for the run `run` to be stopped. True if that did it.
    pub fn terminate(&mut self, run: u64) -> bool {
        if run != self.run || !matches!(self.state, State::Active | State::Paused) {
            return false;
        }
        (self.state, self.run) = (State::Stopping, self.run + 1);
        let mut caught: Vec<u64> = self.running.take().into_iter().collect();
        let ran = !caught.is_empty();
        if ran {
            self.hw.stop();
            self.stops += 1;
            self.stop = Some(Stop(vec![]));
        }
        caught.extend(self.issued.drain(..).chain(self.submitted.drain(..)));
        for id in caught {
            match &mut self.stop {
                Some(stop) => {
                    stop.0.push(id);
                    self.set(id, Stand::Dead);
                }
                None => self.set(id, Stand::Aborted { residue: self.len(id) }),
            }
        }
        if ran {
            // The terminate itself looks: what had come to its end, or stops in no time, has stopped.
            self.look();
        }
        true
    }

    /// Somebody looks: a stop that is complete is seen to be, and what waits behind it starts.
    pub fn look(&mut self) -> bool {
        if self.stop.is_none() || self.hw.touching {
            return false;
        }
        let Stop(caught) = self.stop.take().unwrap();
        for id in caught {
            let moved = self.hw.loaded.filter(|loaded| loaded.0 == id).map_or(0, |(_, _, moved, _)| moved);
            self.set(id, Stand::Aborted { residue: self.len(id) - moved });
        }
        self.start_next();
        true
    }

    pub fn is_stopped(&self) -> bool {
        self.stop.is_none()
    }

    /// Whether a stop is complete and nobody has looked.
    pub fn has_something_to_see(&self) -> bool {
        self.stop.is_some() && !self.hw.touching
    }

    /// Whether everything that was submitted has run to its end.
    pub fn is_done(&self) -> bool {
        self.running.is_none() && self.issued.is_empty() && self.submitted.is_empty()
    }

    /// The owner of a stopped or finished channel has it back.
    pub fn idle(&mut self) {
        (self.state, self.run) = (State::Idle, self.run + 1);
    }

    pub fn pause(&mut self) {
        if self.running.is_some() {
            self.hw.pause();
        }
        self.state = State::Paused;
    }

    pub fn resume(&mut self) {
        if self.running.is_some() {
            self.hw.resume();
        }
        self.state = State::Active;
        self.start_next();
    }

    pub fn reset(&mut self) {
        self.look();
        if self.stop.is_some() {
            self.hw.reset();
            self.look();
        }
        self.idle();
    }

    /// The interrupt: all news is taken. Answers the events that the callback must be told of, in order.
    pub fn interrupt(&mut self) -> Vec<Told> {
        let mut events = vec![];
        while let Some((id, kind)) = self.hw.news.pop_front() {
            let dying = self.stop.as_ref().map(|stop| stop.0[0]);
            match kind {
                Kind::Stopped if dying == Some(id) && self.look() => {}
                Kind::Stopped => continue,
                _ if self.running != Some(id) => {
                    self.late += 1;
                    continue;
                }
                Kind::Done => {
                    self.running = None;
                    self.set(id, Stand::Completed);
                    self.start_next();
                }
                Kind::Periods => {}
            }
            events.push((id, kind));
            if std::mem::take(&mut self.stop_in_callback) {
                self.terminate(self.transfers[id as usize].run);
            }
        }
        events
    }
}
