//! The gate: a peripheral that its own driver starts and stops, as a sound interface (DAI) is, apart from the DMA channel.
//!
//! A peripheral without such a driver is always enabled. One that is disabled asks for nothing. A recorder that is disabled hears
//! nothing, and what was in its FIFO is gone; a player that is disabled stands still, and what is in its FIFO waits. One that is
//! enabled while no channel runs for it loses frames as its clock ticks: a recorder when its FIFO is full, a player at each tick.

use super::{Kind, Nanos, Peripheral};

/// Whether its driver lets it run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    Open,
    /// Of a player, the free places in its FIFO, which stay as they are.
    Shut {
        free: u64,
    },
}

impl Peripheral {
    /// Whether it runs. See [`Hw::set_enabled`](super::super::Hw::set_enabled).
    pub fn is_enabled(&self) -> bool {
        self.gate == Gate::Open
    }

    /// Frames of its source that a recorder has not heard because it was disabled.
    pub fn unheard(&self) -> u64 {
        self.unheard
    }

    /// Time has come to `now`.
    pub(in crate::hw) fn set_enabled(&mut self, on: bool, now: Nanos) {
        self.pass_shut(now);
        match (on, self.gate) {
            (true, _) => {
                self.gate = Gate::Open;
                if let (Kind::Player { .. }, Nanos::NEVER) = (&self.kind, self.pace.start) {
                    self.pace.start = now;
                }
            }
            (false, Gate::Open) => {
                if let Kind::Recorder { .. } = self.kind {
                    self.empty(now);
                }
                self.gate = Gate::Shut { free: self.pace.ready(now) };
            }
            (false, Gate::Shut { .. }) => {}
        }
    }

    /// Throws away what is in the FIFO.
    pub(in crate::hw) fn empty(&mut self, now: Nanos) {
        let level = self.level();
        self.flushed += level;
        match &mut self.kind {
            Kind::Recorder { .. } => self.pace.take(self.pace.ready(now)),
            Kind::Player { records } => {
                let mut bytes = (level * u64::from(self.config.frame_bytes)) as usize;
                for (_, record) in records.iter_mut().rev() {
                    let cut = bytes.min(record.len());
                    record.truncate(record.len() - cut);
                    bytes -= cut;
                }
                self.pace.give_back(level);
                if let Gate::Shut { free } = &mut self.gate {
                    *free += level;
                }
            }
        }
    }

    /// What its clock did up to `now` while it was disabled. Nothing if it was not.
    pub(super) fn pass_shut(&mut self, now: Nanos) {
        let Gate::Shut { free } = self.gate else {
            return;
        };
        let ready = self.pace.ready(now);
        match self.kind {
            Kind::Recorder { .. } => {
                self.pace.take(ready);
                self.unheard += ready;
            }
            Kind::Player { .. } => self.pace.waste(ready - free),
        }
    }
}
