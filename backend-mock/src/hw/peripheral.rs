//! Peripherals: the device at the far end of a channel's request line, with a FIFO between it and the bus.
//!
//! A **recorder** (a microphone) puts one frame into its FIFO at each tick of its sample clock. It does not wait: when
//! the FIFO is full, the oldest frame is lost and an overrun is counted. A **player** (a loudspeaker) takes one frame
//! out of its FIFO at each tick. When the FIFO is empty it plays silence and counts an underrun.
//!
//! A recorder asks for a burst when its FIFO holds `watermark` frames, a player when that many places are free. A burst
//! takes no time. One that is cut short by the end of a period or a segment is asked for as soon as its frames are
//! there.
//!
//! Clocks: frame `n` of a recorder arrives `(n + 1) / rate` seconds after [`attach`](super::Hw::attach). A player's
//! clock starts when a channel is first enabled for it, and never stops again.
//!
//! A **line** (a serial port) is a recorder whose clock runs in bursts: within one, a frame at each tick; between two,
//! nothing comes and nothing is lost.
//!
//! A peripheral can have a driver of its own, which [enables and disables](super::Hw::set_enabled) it.
//!
//! When a program starts (its channel is enabled from Off), a recorder's FIFO is flushed, as a serial-audio driver
//! resets the FIFO at trigger START (Linux `sound/soc/fsl/fsl_sai.c`). A player's is not: frames of an earlier program
//! are played out first.

mod gate;

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::pace::Pace;
use super::stream::{Run, Source, StreamConfig, Taken};
use super::time::Nanos;
use gate::Gate;

#[derive(Debug)]
enum Kind {
    Recorder {
        source: Source,
        runs: Vec<Run>,
    },
    /// Per run the tag and all it has put into the FIFO. The FIFO is the end of this that has not been played yet.
    Player {
        records: Vec<(u64, Vec<u8>)>,
    },
}

/// The device at the other end of a channel's request line.
#[derive(Debug)]
pub struct Peripheral {
    config: StreamConfig,
    kind: Kind,
    pace: Pace,
    /// Of a line, the burst under way or ahead and all behind it: its beginning, and how many frames there will have been at
    /// its end.
    bursts: VecDeque<(Nanos, u64)>,
    /// Of a line, how many frames there were before that burst.
    before: u64,
    /// Up to when FIFO losses are accounted for.
    seen: Nanos,
    losses: u64,
    flushed: u64,
    gate: Gate,
    unheard: u64,
}

impl Peripheral {
    /// A device that gives one frame of `source` at each tick.
    ///
    /// # Panics
    ///
    /// If a field of `config` is 0, or its watermark is above the FIFO's depth.
    pub fn recorder(config: StreamConfig, source: Source) -> Self {
        let runs = Vec::new();
        Self::new(config, Kind::Recorder { source, runs }, 0)
    }

    /// A device whose frames come in bursts. Each begins at its time, counted from [`attach`](super::Hw::attach), and its
    /// frame `n` is there `(n + 1) / rate` seconds later.
    ///
    /// # Panics
    ///
    /// As [`recorder`](Self::recorder); if a burst has no whole frame, or begins before the one ahead of it has ended.
    pub fn line(config: StreamConfig, bursts: &[(Nanos, Arc<[u8]>)]) -> Self {
        let frame = config.frame_bytes as usize;
        let mut frames = Vec::new();
        let mut line = Self::recorder(config, Source { frames: Arc::from([]), repeat: 1 });
        for (begin, bytes) in bursts {
            assert!(!bytes.is_empty() && bytes.len() % frame == 0, "a burst is one whole frame or more");
            assert!(line.burst_ends().last().is_none_or(|end| end <= *begin), "bursts overlap");
            frames.extend_from_slice(bytes);
            line.bursts.push_back((*begin, (frames.len() / frame) as u64));
        }
        line.kind = Kind::Recorder { source: Source { frames: frames.into(), repeat: 1 }, runs: Vec::new() };
        line
    }

    /// When the bursts of a line end that have not ended yet. Others have none.
    pub fn burst_ends(&self) -> impl Iterator<Item = Nanos> {
        let ahead = self.bursts.iter().map(|&(_, until)| until);
        let befores = core::iter::once(self.before).chain(ahead);
        self.bursts.iter().zip(befores).map(|(&(begin, until), before)| {
            let bare = Pace::new(begin, u64::from(self.config.rate), 1, 0);
            bare.when(until - before)
        })
    }

    /// A device that takes one frame at each tick.
    ///
    /// # Panics
    ///
    /// As [`recorder`](Self::recorder).
    pub fn player(config: StreamConfig) -> Self {
        let records = Vec::new();
        let places = u64::from(config.fifo_frames);
        Self::new(config, Kind::Player { records }, places)
    }

    fn new(config: StreamConfig, kind: Kind, credit: u64) -> Self {
        assert!(config.rate > 0 && config.frame_bytes > 0, "no stream");
        assert!((1..=config.fifo_frames).contains(&config.watermark), "the watermark is not in the FIFO");
        let burst = u64::from(config.watermark);
        Peripheral {
            config,
            kind,
            pace: Pace::new(Nanos::NEVER, u64::from(config.rate), burst, credit),
            bursts: VecDeque::new(),
            before: 0,
            seen: Nanos(0),
            losses: 0,
            flushed: 0,
            gate: Gate::Open,
            unheard: 0,
        }
    }

    /// The configuration it was made with.
    pub fn config(&self) -> StreamConfig {
        self.config
    }

    /// Frames in the FIFO.
    pub fn level(&self) -> u64 {
        let ready = self.pace.ready(self.seen);
        match self.kind {
            Kind::Recorder { .. } => ready,
            Kind::Player { .. } => u64::from(self.config.fifo_frames) - ready,
        }
    }

    /// Frames a recorder has lost because its FIFO was full, whether or not a channel was running. A player has none.
    pub fn overruns(&self) -> u64 {
        match self.kind {
            Kind::Recorder { .. } => self.losses,
            Kind::Player { .. } => 0,
        }
    }

    /// Ticks, since it first started, at which a player had no frame, whether or not a channel was running. A recorder
    /// has none.
    pub fn underruns(&self) -> u64 {
        match self.kind {
            Kind::Recorder { .. } => 0,
            Kind::Player { .. } => self.losses,
        }
    }

    /// Frames flushed from the FIFO: of a recorder at the start of a program and when it was disabled, of both by
    /// [`Hw::flush`](super::Hw::flush).
    pub fn flushed(&self) -> u64 {
        self.flushed
    }

    /// Frames of its source that a recorder has put into its FIFO so far, silence not counted. A player has none.
    ///
    /// While there is no silence yet, that is the sum of `moved_frames` over all [`runs`](Self::runs), of
    /// [`overruns`](Self::overruns), [`flushed`](Self::flushed), [`unheard`](Self::unheard) and [`level`](Self::level).
    pub fn given(&self) -> u64 {
        match &self.kind {
            Kind::Recorder { source, .. } => {
                let all = self.source_frames(source).saturating_mul(source.repeat);
                self.pace.head(self.seen).min(all)
            }
            Kind::Player { .. } => 0,
        }
    }

    /// A recorder's runs, oldest first. A player has none.
    pub fn runs(&self) -> &[Run] {
        match &self.kind {
            Kind::Recorder { runs, .. } => runs,
            Kind::Player { .. } => &[],
        }
    }

    /// What a player has played, run by run, oldest first; silence is not in it. A recorder has none.
    pub fn taken(&self) -> Vec<Taken<'_>> {
        let Kind::Player { records } = &self.kind else {
            return Vec::new();
        };
        let frame = self.config.frame_bytes as usize;
        let mut played = self.pace.head(self.seen) - u64::from(self.config.fifo_frames);
        let mut taken = Vec::with_capacity(records.len());
        for (tag, bytes) in records {
            let held = (bytes.len() / frame) as u64;
            let frames = held.min(played);
            played -= frames;
            taken.push(Taken { tag: *tag, frames, bytes: &bytes[..frames as usize * frame] });
        }
        taken
    }

    /// All that a player was given, run after run, whether it has played it or not. A recorder was given nothing.
    pub fn received(&self) -> Vec<u8> {
        match &self.kind {
            Kind::Recorder { .. } => Vec::new(),
            Kind::Player { records } => records.iter().flat_map(|(_, bytes)| bytes).copied().collect(),
        }
    }

    /// Bytes that the newest run has put into a player's FIFO and that have not been played.
    pub(super) fn in_flight(&self) -> u64 {
        let Kind::Player { records } = &self.kind else {
            return 0;
        };
        let newest = records.last().map_or(0, |(_, bytes)| bytes.len() as u64);
        newest.min(self.level() * u64::from(self.config.frame_bytes))
    }

    /// It was attached at `now`: a recorder's clock starts.
    pub(super) fn attached(&mut self, now: Nanos) {
        self.seen = now;
        if let Kind::Recorder { .. } = self.kind {
            for (begin, _) in &mut self.bursts {
                *begin = now + *begin;
            }
            self.pace.start = self.bursts.front().map_or(now, |&(begin, _)| begin);
        }
    }

    /// Sets a line's clock to the next burst when one has ended.
    fn turn(&mut self, now: Nanos) {
        let Some(&(_, until)) = self.bursts.front() else {
            return;
        };
        let head = self.pace.head(now);
        assert!(head <= until, "time has passed over the end of a burst");
        if head == until {
            self.bursts.pop_front();
            let next = self.bursts.front().map_or(Nanos::NEVER, |&(begin, _)| begin);
            let tail = self.pace.tail();
            self.pace = Pace::new(next, u64::from(self.config.rate), self.pace.burst, until);
            self.pace.take(tail);
            self.before = until;
        }
    }

    /// A program was enabled, from Off, at `now`.
    pub(super) fn start(&mut self, tag: u64, now: Nanos) {
        match &mut self.kind {
            Kind::Recorder { runs, .. } => {
                let stale = self.pace.ready(now);
                self.pace.take(stale);
                self.flushed += stale;
                runs.push(Run { tag, first_frame: self.pace.tail(), moved_frames: 0 });
            }
            Kind::Player { records } => {
                if self.pace.start == Nanos::NEVER && self.gate == Gate::Open {
                    self.pace.start = now;
                }
                records.push((tag, Vec::new()));
            }
        }
    }

    /// The pace at which it asks for frames in this direction; `None` if it has nothing to ask, or has not been
    /// started.
    pub(super) fn pace(&self, to_device: bool) -> Option<&Pace> {
        let is_asking = match &self.kind {
            Kind::Recorder { runs, .. } => !to_device && !runs.is_empty(),
            Kind::Player { records } => to_device && !records.is_empty(),
        };
        (is_asking && self.is_enabled()).then_some(&self.pace)
    }

    /// Time has come to `now`, and the channel has moved all that it would: what the FIFO cannot hold is lost.
    pub(super) fn settle(&mut self, now: Nanos) {
        self.seen = now;
        self.pass_shut(now);
        let depth = u64::from(self.config.fifo_frames);
        let excess = self.pace.ready(now).saturating_sub(depth);
        match self.kind {
            Kind::Recorder { .. } => self.pace.take(excess),
            Kind::Player { .. } => self.pace.waste(excess),
        }
        self.losses += excess;
        self.turn(now);
    }

    /// The next `frames` frames for memory, into `data`, which they replace. Only a recorder has them.
    pub(super) fn give(&mut self, frames: u64, data: &mut Vec<u8>) {
        let first = self.pace.tail();
        data.clear();
        if let Kind::Recorder { source, .. } = &self.kind {
            self.append_frames(source, first, frames, data);
        }
        if let Kind::Recorder { runs, .. } = &mut self.kind {
            if let Some(run) = runs.last_mut() {
                run.moved_frames += frames;
            }
        }
        self.pace.take(frames);
    }

    /// `frames` frames from memory. Only a player wants them.
    pub(super) fn accept(&mut self, frames: u64, data: &[u8]) {
        if let Kind::Player { records } = &mut self.kind {
            if let Some((_, bytes)) = records.last_mut() {
                bytes.extend_from_slice(data);
            }
        }
        self.pace.take(frames);
    }

    /// Frames in one round of `source`.
    fn source_frames(&self, source: &Source) -> u64 {
        source.frames.len() as u64 / u64::from(self.config.frame_bytes)
    }

    /// Appends frames `first..first + frames` of `source`, and the silence behind its end, to `data`.
    fn append_frames(&self, source: &Source, first: u64, frames: u64, data: &mut Vec<u8>) {
        let frame = self.config.frame_bytes as usize;
        let round = self.source_frames(source);
        let all = round.saturating_mul(source.repeat);
        let wanted = data.len() + frames as usize * frame;
        let mut next = first;
        let end = (first + frames).min(all);
        while next < end {
            let at = next % round;
            let count = (round - at).min(end - next);
            let bytes = at as usize * frame..(at + count) as usize * frame;
            data.extend_from_slice(&source.frames[bytes]);
            next += count;
        }
        data.resize(wanted, 0);
    }
}
