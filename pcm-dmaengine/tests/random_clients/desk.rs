//! What interrupts and threads leave on each other's desk: who has ended which run. The reference for what the streams say.

use std::cell::Cell;

use dmaengine_core::{Event, EventKind, Micros};
use pcm_dmaengine::{Elapsed, XrunCause};

/// What must have ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Xrun {
        cause: XrunCause,
        at: Micros,
        /// How far the engine had come, if who found it knows.
        hw: Option<u64>,
    },
    Drained,
    Failed,
    Gone,
}

/// What an interrupt does besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accident {
    Xrun,
    DeviceGoes,
    /// An event of the run before is told, that had waited somewhere.
    LateEvent,
}

/// Of one stream.
#[derive(Default)]
pub struct Desk {
    pub playback: Cell<bool>,
    pub frame: Cell<u64>,
    pub appl: Cell<u64>,
    /// Where the client was when its run ended.
    pub appl_at_end: Cell<u64>,
    /// It was started, and nobody has ended that run.
    pub live: Cell<bool>,
    pub end: Cell<Option<End>>,
    pub gone: Cell<bool>,
    pub linked: Cell<bool>,
    /// One that it is linked with has had an XRUN or was stopped: the next look must find that its run is over.
    pub doomed: Cell<bool>,
    /// Its next stop may take longer than it should.
    pub slow: Cell<bool>,
    /// The first event of this run, and of the one before.
    pub events: Cell<[Option<Event>; 2]>,
    pub accident: Cell<Option<Accident>>,
    /// As the statistics should have it.
    pub xruns: Cell<u64>,
    pub dropped: Cell<u64>,
    /// XRUNs of a capture whose report nobody has seen, so that nobody knows what they cost.
    pub unknown: Cell<u64>,
    pub silent_since: Cell<Option<Micros>>,
    pub periods: Cell<u64>,
}

impl Desk {
    /// A run is over. The first to find out wins.
    pub fn finish(&self, end: End) {
        if !self.live.replace(false) {
            return;
        }
        self.end.set(Some(end));
        self.appl_at_end.set(self.appl.get());
        if let End::Xrun { at, hw, .. } = end {
            self.count(at, hw);
        }
    }

    /// The device has gone, whatever else has happened.
    pub fn gone(&self) {
        self.gone.set(true);
        self.finish(End::Gone);
        if self.end.get().is_some() {
            self.end.set(Some(End::Gone));
        }
    }

    /// An XRUN, also one at the start.
    pub fn count(&self, at: Micros, hw: Option<u64>) {
        self.xruns.set(self.xruns.get() + 1);
        self.silent_since.set(Some(at));
        match hw {
            _ if self.playback.get() => {}
            Some(hw) => self.dropped.set(self.dropped.get() + hw.saturating_sub(self.appl.get())),
            None => self.unknown.set(self.unknown.get() + 1),
        }
    }
}

/// Of all streams.
#[derive(Default)]
pub struct Desks(pub [Desk; 2]);

impl Desks {
    /// A stream's run has ended, and with it those that are linked, if that is how it has.
    pub fn end(&self, stream: usize, end: End) {
        self.0[stream].finish(end);
        if matches!(end, End::Xrun { .. }) {
            self.stop_others(stream);
        }
    }

    /// A stream that surely ran does no more: those that are linked with it stop.
    pub fn stop_others(&self, stream: usize) {
        let other = &self.0[1 - stream];
        other.doomed.set(other.doomed.get() || other.linked.get() && other.live.get());
    }

    /// What a stream's interrupt half has made of an event.
    pub fn heard(&self, stream: usize, event: Event, elapsed: Elapsed, at: Micros) {
        let desk = &self.0[stream];
        let [latest, _] = desk.events.get();
        if latest.is_none_or(|latest| latest.generation != event.generation) {
            desk.events.set([Some(event), latest]);
        }
        let hw = match event.kind {
            EventKind::Period { position, .. } => Some(position / desk.frame.get().max(1)),
            _ => None,
        };
        match elapsed {
            Elapsed::Moved => {
                assert!(desk.live.get(), "a run that is over has moved: {event:?}");
                desk.periods.set(desk.periods.get() + 1);
            }
            Elapsed::Xrun => {
                assert!(desk.live.get(), "an XRUN of a run that is over: {event:?}");
                self.end(stream, End::Xrun { cause: XrunCause::Overtaken, at, hw });
            }
            Elapsed::Drained => desk.finish(End::Drained),
            Elapsed::Failed => desk.finish(End::Failed),
            Elapsed::NotOurs => {}
        }
    }
}
