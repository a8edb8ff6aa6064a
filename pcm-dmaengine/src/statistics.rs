//! What a stream has been through: [`PcmStatistics`], counted always; [`XrunReport`], one XRUN; [`Lost`], what it cost.

use dmaengine_core::Micros;

use crate::units::Frames;

/// What a stream has been through since it was made; counted always, readable at any time, also while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PcmStatistics {
    /// XRUNs.
    pub xruns: u64,
    /// Frames that were captured and dropped because of XRUNs, up to the moment each was found.
    pub frames_dropped: u64,
    /// Frames that came or were due at the device between an XRUN and the next start, by the clock; if the next run was queued behind the stop, until
    /// it was seen under way.
    pub frames_missed: u64,
    /// The longest such time.
    pub longest_gap: Micros,
    /// Period events of a run that was over when they arrived.
    pub late_periods: u64,
    /// Time from stops to the proofs that they are complete, in all: what waiting for them took, and the time in which nobody asked. Of a run
    /// that was queued behind its stop, the proof is that the next one moves.
    pub time_in_stop: Micros,
}

/// Who found that a stream cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum XrunCause {
    /// The client was overtaken: capture ran over, playback ran dry.
    Overtaken,
    /// The peripheral's driver said so: [`PeriodHalf::xrun`](crate::PeriodHalf::xrun), or a start that was answered with
    /// [`DaiError::Xrun`](crate::DaiError::Xrun).
    Peripheral,
    /// Another stream of its [link](crate::Link) had an XRUN or was stopped.
    Linked,
    /// The client asked for it.
    Asked,
}

/// An XRUN, as the one who found it saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct XrunReport {
    /// How far the engine had come in this run.
    pub hw_ptr: Frames,
    /// How far the client had come in this run.
    pub appl_ptr: Frames,
    /// Frames available to the client: to read (capture), or room to write (playback).
    pub avail: Frames,
    /// When it was found, on the platform's clock.
    pub at: Micros,
    /// Who found it.
    pub cause: XrunCause,
}

/// What a recovery could not bring back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Frames: those captured and dropped, and those that came or were due in `time`.
    pub frames: Frames,
    /// Since the run was stopped, until the stream was prepared again.
    pub time: Micros,
}
