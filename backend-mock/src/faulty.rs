//! An engine that breaks one promise at a time, to show that a test of that promise can fail.
//!
//! [`Faulty`] drives the same virtual hardware as [`Mock`], rightly, except for the one [`Fault`] that it was made with.
//!
//! The module has `unsafe` because it implements [`Engine`], whose promises the faults break. What keeps memory safe all the
//! same is the hardware's IOMMU: what the library has taken back is unmapped, and an access to it is blocked and counted.

mod abilities;
mod fault;

use core::sync::atomic::{AtomicU32, Ordering};

use dmaengine_core::context::Deferred;
use dmaengine_core::engine::{ChannelSet, News, NewsKind, Progress, StopKind};
use dmaengine_core::{Caps, ChannelId, Engine, Facts, Generation, Micros, Platform, PrepError, ResidueGranularity};

use crate::hw::{self, Hw, Moves, Program};
use crate::{Mock, MockChannel, MockConfig};

pub use fault::Fault;

/// Descriptors that the engine has, for all channels.
const DESCRIPTORS: u32 = 64;

/// A name that the library gives to no transfer.
const NOBODY: u64 = u64::MAX;

/// The engine with a fault.
#[derive(Debug)]
pub struct Faulty {
    mock: Mock,
    fault: Option<Fault>,
    facts: Facts,
    used: AtomicU32,
}

/// A channel, and what the faults need to know of its past.
#[derive(Debug)]
pub struct FaultyChannel {
    inner: MockChannel,
    id: usize,
    /// The transfer that was started last, and what it moves.
    number: u64,
    moves: Option<Moves>,
    is_paused: bool,
    /// It has been stopped and not started since.
    was_stopped: bool,
    /// The interrupt of the last stop has been taken.
    is_told: bool,
    /// What was prepared last, and not started.
    prepared: Option<Moves>,
    /// It was reset, or said to be.
    was_reset: bool,
    /// A piece of news to invent.
    more: Option<News>,
    ran_twice: bool,
    /// A repeating transfer was told to end; and it has not been passed on to the hardware yet.
    has_ended_repeat: bool,
    ends_repeat_late: bool,
}

/// A prepared transfer.
#[derive(Debug, Default)]
pub struct FaultyDescriptor {
    moves: Option<Moves>,
    repeat: bool,
    is_held: bool,
}

impl FaultyChannel {
    /// Its transfer goes to a device.
    fn plays(&self) -> bool {
        matches!(self.moves, Some(Moves::Cyclic { to_device: true, .. } | Moves::Sg { to_device: true, .. }))
    }
}

impl Faulty {
    /// An engine over new hardware, with one fault, or none.
    ///
    /// # Panics
    /// As [`Mock::new`].
    pub fn new(config: MockConfig, fault: Option<Fault>) -> Self {
        let declared = match fault {
            Some(Fault::FinerThanDescriptor) => ResidueGranularity::Descriptor,
            Some(Fault::FinerThanSegment) => ResidueGranularity::Segment,
            _ => ResidueGranularity::Burst,
        };
        let mut this = Self::with_residue(config, declared);
        this.fault = fault;
        if fault == Some(Fault::StopLongerThanDeclared) {
            this.facts.stop = StopKind::Deferred { bound: Micros(config.stop_bound.0 / 4), interrupt: true };
        }
        this.facts.caps.set(Caps::PAUSE, fault != Some(Fault::DeniesPause));
        this
    }

    /// An engine without a fault that tells residue no finer than this.
    ///
    /// # Panics
    /// As [`Mock::new`].
    pub fn with_residue(config: MockConfig, residue: ResidueGranularity) -> Self {
        let mock = Mock::new(config);
        let facts = Facts { residue, ..*mock.facts() };
        Self { mock, fault: None, facts, used: AtomicU32::new(0) }
    }

    /// The mock whose hardware it drives.
    pub fn mock(&self) -> &Mock {
        &self.mock
    }

    fn hw(&self) -> &Hw {
        self.mock.hw()
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn run(&self, id: usize, tag: u64, moves: &Moves, repeat: bool) {
        self.hw().program(id, Program { tag, moves: moves.clone() });
        self.hw().repeat(id, repeat);
        self.hw().enable(id);
    }

    /// Fills a descriptor; `target` is what the transfer writes, if that is memory.
    fn fill(
        &self,
        channel: &mut FaultyChannel,
        transfer: &mut FaultyDescriptor,
        moves: Moves,
        target: Option<u64>,
    ) -> Result<(), PrepError> {
        if self.has(Fault::SlowPrepare) {
            self.mock.delay(Micros(5_000));
        }
        if self.used.load(Ordering::Relaxed) >= DESCRIPTORS {
            return Err(PrepError::Engine { code: 1 });
        }
        self.used.fetch_add(1, Ordering::Relaxed);
        transfer.is_held = true;
        if let (true, Some(bus)) = (self.has(Fault::PrepareTouches), target) {
            self.hw().write_memory(bus, &[0x5C]);
        }
        if self.has(Fault::StartsAtPrepare) && !self.hw().is_touching(channel.id) {
            self.run(channel.id, NOBODY, &moves, false);
        }
        channel.prepared = Some(moves.clone());
        transfer.moves = Some(moves);
        Ok(())
    }

    /// What becomes of a piece of news; `None`: it is lost.
    fn told(&self, channel: &mut FaultyChannel, news: News) -> Option<News> {
        let kind = match (self.fault?, news.kind) {
            (Fault::DoneNotTold, NewsKind::Done) | (Fault::StoppedNotTold, NewsKind::Stopped) => return None,
            (Fault::PeriodsNotCounted, NewsKind::Periods(_)) => NewsKind::Periods(1),
            (Fault::PeriodsInvented, NewsKind::Periods(periods)) => NewsKind::Periods(periods + 1),
            (Fault::RoundsNotTold, NewsKind::Periods(_)) if !matches!(channel.moves, Some(Moves::Cyclic { .. })) => {
                return None;
            }
            (Fault::EndRepeatLate, kind @ NewsKind::Periods(_)) => {
                if core::mem::take(&mut channel.ends_repeat_late) {
                    self.hw().repeat(channel.id, false);
                }
                kind
            }
            (Fault::OldNewsUnderTheNewNumber, NewsKind::Periods(_) | NewsKind::Done) => {
                return Some(News { generation: Generation(channel.number), ..news });
            }
            (Fault::DoneForTheNextToo, NewsKind::Done) => {
                channel.more = Some(News { generation: Generation(news.generation.0 + 1), ..news });
                NewsKind::Done
            }
            (Fault::StartsNextByItself, NewsKind::Done) => {
                if let Some(moves) = &channel.prepared {
                    self.run(channel.id, NOBODY, moves, false);
                }
                NewsKind::Done
            }
            (Fault::RunsTwice, NewsKind::Done) => {
                if let (false, Some(moves)) = (channel.ran_twice, &channel.moves) {
                    self.run(channel.id, NOBODY, moves, false);
                    channel.ran_twice = true;
                }
                NewsKind::Done
            }
            (_, kind) => kind,
        };
        Some(News { kind, ..news })
    }
}

/// The moves that are left of a transfer after so many bytes.
fn rest(moves: Moves, done: u64) -> Moves {
    match moves {
        Moves::Copy { dst, src, len } => {
            let done = done.min(u64::from(len) - 1);
            Moves::Copy { dst: dst + done, src: src + done, len: len - done as u32 }
        }
        Moves::Cyclic { bus, len, period, to_device } if len > period => {
            Moves::Cyclic { bus: bus + u64::from(period), len: len - period, period, to_device }
        }
        other => other,
    }
}

/// Bytes of a transfer, once over, and of what its engine calls a segment.
fn lengths(moves: &Moves) -> (u64, u64) {
    match moves {
        Moves::Cyclic { len, period, .. } => (u64::from(*len), u64::from(*period)),
        Moves::Copy { len, .. } | Moves::Fill { len, .. } => (u64::from(*len), u64::from(*len)),
        Moves::Sg { segments, .. } => {
            let sum = segments.iter().map(|segment| u64::from(segment.1)).sum();
            (sum, sum)
        }
        Moves::Pieces { pieces } => {
            let sum = pieces.iter().map(|piece| u64::from(piece.2)).sum();
            (sum, sum)
        }
        // This driver makes no others.
        _ => (1, 1),
    }
}

// SAFETY: without a fault, as the mock. A fault breaks what its documentation says: memory is touched before `start`
// (`PrepareTouches`, `StartsAtPrepare`, `StartsNextByItself`), after `Done` (`RunsTwice`, `DoneTooEarly`), after `is_stopped` has answered true
// (`IsStoppedLies`, `PlaysOn`) or `reset` has (`ResetLies`), or beyond the regions (`CopyTooLong`, `FillTooLong`, `GapsOverwritten`). The library has
// unmapped that memory by then, or never mapped it, so the hardware's IOMMU blocks the access and counts it.
unsafe impl Engine for Faulty {
    type Platform = Mock;
    type Callbacks = Deferred;
    type Channel = FaultyChannel;
    type Descriptor = FaultyDescriptor;
    type Peripheral = ();

    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn platform(&self) -> &Mock {
        &self.mock
    }

    fn open(&self, id: ChannelId) -> FaultyChannel {
        FaultyChannel {
            inner: self.mock.open(id),
            id: usize::from(id.0),
            number: NOBODY,
            moves: None,
            is_paused: false,
            was_stopped: false,
            is_told: true,
            prepared: None,
            was_reset: false,
            more: None,
            ran_twice: false,
            has_ended_repeat: false,
            ends_repeat_late: false,
        }
    }

    fn start(&self, channel: &mut FaultyChannel, transfer: &mut FaultyDescriptor, generation: Generation) {
        let Some(mut moves) = transfer.moves.take() else { return };
        let id = channel.id;
        if self.has(Fault::FirstStartLost) && channel.number == NOBODY {
            channel.number = generation.0;
            return;
        }
        channel.number = generation.0;
        (channel.prepared, channel.was_reset) = (None, false);
        channel.moves = Some(moves.clone());
        (channel.is_paused, channel.ran_twice) = (false, false);
        match (self.fault, core::mem::take(&mut channel.was_stopped)) {
            (Some(Fault::DeafAfterStop), true) => return,
            (Some(Fault::OldProgramAfterStop), true) => return self.hw().enable(id),
            (Some(Fault::OldPositionAfterStop), true) => moves = rest(moves, self.hw().progress(id).bytes),
            (Some(Fault::StartsAtPrepare | Fault::StartsNextByItself | Fault::RunsTwice), _) => self.hw().reset(id),
            _ => {}
        }
        if self.has(Fault::DeviceGapsOverwritten) {
            abilities::overwrite_gaps(self.hw(), &moves);
        }
        channel.ends_repeat_late = false;
        let once = self.has(Fault::RepeatsOnce) || (self.has(Fault::EndRepeatSticks) && channel.has_ended_repeat);
        self.run(id, generation.0, &moves, transfer.repeat && !once);
        if self.has(Fault::DoneTooEarly) && !matches!(moves, Moves::Cyclic { .. }) {
            let (tag, at) = (generation.0, self.hw().now());
            self.hw().post_news(id, hw::News { tag, at, kind: hw::NewsKind::Done });
        }
    }

    fn stop(&self, channel: &mut FaultyChannel) {
        match self.fault {
            Some(Fault::StopIgnored) => return,
            Some(Fault::StopOfPausedIgnored) if channel.is_paused => return,
            Some(Fault::SlowTerminate) => self.mock.delay(Micros(50)),
            Some(Fault::StopHitsNeighbour) => self.hw().disable(channel.id ^ 1),
            _ => {}
        }
        (channel.was_stopped, channel.is_told) = (true, !self.hw().is_touching(channel.id));
        self.mock.stop(&mut channel.inner);
    }

    fn is_stopped(&self, channel: &mut FaultyChannel) -> bool {
        match self.fault {
            Some(Fault::IsStoppedLies) => true,
            Some(Fault::PlaysOn) if channel.plays() => true,
            Some(Fault::ResetLies) if channel.was_reset => true,
            Some(Fault::StopNeedsTheInterrupt) => channel.is_told && self.mock.is_stopped(&mut channel.inner),
            _ => self.mock.is_stopped(&mut channel.inner),
        }
    }

    fn progress(&self, channel: &mut FaultyChannel, _transfer: &FaultyDescriptor) -> Progress {
        let now = self.hw().progress(channel.id);
        let (len, segment) = channel.moves.as_ref().map_or((1, 1), lengths);
        let bytes = match (self.fault, self.facts.residue) {
            (Some(Fault::ProgressAhead), _) => now.bytes + 64,
            (Some(Fault::PlaysAhead), _) if channel.plays() => now.bytes + 64,
            (Some(Fault::ProgressWraps), _) => now.bytes % len,
            (Some(Fault::ProgressStuck), _) => 0,
            (None, ResidueGranularity::Segment) => now.bytes - now.bytes % segment,
            (None, ResidueGranularity::Descriptor) => 0,
            _ => now.bytes,
        };
        Progress { bytes, in_flight: now.in_flight }
    }

    fn interrupt(&self) -> ChannelSet {
        let all = self.hw().irq_pending();
        if !self.has(Fault::OtherChannelsNewsLost) {
            return ChannelSet(all);
        }
        let lowest = all & all.wrapping_neg();
        for channel in ChannelSet(all & !lowest) {
            while self.hw().take_news(usize::from(channel.0)).is_some() {}
        }
        ChannelSet(lowest)
    }

    fn service(&self, channel: &mut FaultyChannel, _transfer: Option<&mut FaultyDescriptor>) -> Option<News> {
        if let Some(invented) = channel.more.take() {
            return Some(invented);
        }
        loop {
            let news = self.mock.service(&mut channel.inner, None)?;
            channel.is_told |= news.kind == NewsKind::Stopped;
            let told = if self.fault.is_some() { self.told(channel, news) } else { Some(news) };
            if told.is_some() {
                return told;
            }
        }
    }

    fn reset(&self, channel: &mut FaultyChannel) -> bool {
        channel.was_reset = true;
        self.has(Fault::ResetLies) || self.mock.reset(&mut channel.inner)
    }

    fn park(&self, channel: &mut FaultyChannel) {
        self.mock.park(&mut channel.inner);
    }

    fn release(&self, _channel: &mut FaultyChannel, transfer: &mut FaultyDescriptor) {
        (transfer.moves, transfer.repeat) = (None, false);
        if core::mem::take(&mut transfer.is_held) && !self.has(Fault::NotReleased) {
            self.used.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
