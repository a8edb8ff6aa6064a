//! How a channel's program moves its bytes: stretch by stretch, at the pace of the far end.

use super::{COPY_BURST, Channel};
use crate::hw::bus::{Bus, Master};
use crate::hw::news::NewsKind;
use crate::hw::pace::Pace;
use crate::hw::program::{Cursor, End, Piece};
use crate::hw::time::Nanos;

/// How far the present piece leads: units before its end or before a change of what becomes of an access. 0 is a fault.
struct Stretch {
    piece: Piece,
    units: u64,
}

impl Channel {
    /// When the program will come to the end of a period, to its end, or to a fault.
    pub(super) fn next_end(&self, bus: &Bus) -> Option<Nanos> {
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
    pub(super) fn move_stretch(&mut self, end: Nanos, bus: &mut Bus) -> bool {
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
}

/// Units of the first burst of `piece`.
fn first_burst(pace: &Pace, piece: &Piece, unit: u64) -> u64 {
    pace.burst.min(piece.len / unit).max(1)
}
