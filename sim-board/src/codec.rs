//! A codec: a microphone or a loudspeaker behind a FIFO of whole frames, one register and one request line.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use sim_imx_sdma::bus::{BusError, Peripheral, Width};
use sim_imx_sdma::peripheral::SampleClock;
use sim_imx_sdma::time::{Clock, Cycles};

/// What is at the far side.
enum Side {
    Microphone {
        sound: Arc<[u8]>,
        /// Which frames of the sound are in the FIFO.
        fifo: VecDeque<u64>,
        /// Samples of the first of them that were read.
        read: usize,
    },
    Loudspeaker {
        /// Frames in the FIFO: the last ones of `taken`.
        level: u64,
        /// The frame that is being written.
        part: Vec<u8>,
        /// What came, start by start.
        taken: Vec<Vec<u8>>,
    },
}

/// A device that gives or takes frames of 16-bit samples, any number of channels, through the register at its first offset: a
/// sample with each access, of any width, in the low bits.
///
/// It is started and stopped as a sound interface is (ALSA's "DAI"): by its driver, after its DMA channel was started, and with
/// it. It counts in frames, as a codec with a frame sync does: what finds no room is lost as a whole frame, and no start
/// begins in the middle of one, so that left and right never change places.
///
/// A **microphone**'s sound begins with its first start and goes on from then on, whether anybody fetches it or not: frame n
/// is there n + 1 ticks later. While the codec runs, frames go into the FIFO; if it is full, they are lost, which is an overrun.
/// A stop empties the FIFO: a burst that is under way reads zeros.
///
/// A **loudspeaker** takes a frame at each tick; the clock begins to tick when there is one. If there is none while the codec
/// runs, that is an underrun. A stop lets it play what is in the FIFO; what a burst under way still writes is not taken.
///
/// While it asks for a burst it lets its request line fall for a cycle at each tick, so that an edge that was missed is followed by
/// another. A script can miss one that comes between its look at the line and its `done 4`; whether the chip can, no manual says
/// (unconfirmed), but the simulated SDMA does.
///
/// ```
/// use sim_board::{Board, Codec};
/// use sim_imx_sdma::bus::Width;
///
/// let board = Board::new();
/// board.hw(|hw| {
///     let (now, second) = (hw.now(), hw.clock().from_micros(1_000_000));
///     let microphone = Codec::microphone(hw.clock(), 8, 2, 37, [1, 0, 2, 0, 3, 0, 4, 0].into());
///     let handle = hw.bus().add_peripheral(0x0202_8000, 0x4000, microphone).unwrap();
///     hw.bus().peripheral(handle).start(now);
///     let samples = [1, 2, 3].map(|_| hw.bus().read(1, now + second, 0x0202_8000, Width::Four).unwrap());
///     assert_eq!(samples, [1, 2, 3]);
///     assert_eq!(hw.bus().peripheral(handle).given(), 8);
/// });
/// ```
pub struct Codec {
    clock: SampleClock,
    channels: usize,
    line: u8,
    side: Side,
    is_on: bool,
    /// Ticks of the clock in all, and at the last start.
    ticks: u64,
    since: u64,
    /// From when on the line may be high: the cycle after a tick. `None` if it may.
    low_until: Option<Cycles>,
    overruns: u64,
    underruns: u64,
}

impl Codec {
    /// Frames that its FIFO holds.
    pub const FIFO: u64 = 32;
    /// Frames that it asks for, or offers, before it pulls its request line: a burst.
    pub const BURST: u64 = 4;

    /// A microphone that gives whole frames of a sound (little endian, interleaved), over and over.
    ///
    /// # Panics
    /// If there is no frame.
    #[must_use]
    pub fn microphone(clock: Clock, rate: u32, channels: u16, line: u8, sound: Arc<[u8]>) -> Self {
        assert!(channels > 0 && sound.len() >= 2 * usize::from(channels), "no frame to give");
        Self::new(clock, rate, channels, line, Side::Microphone { sound, fifo: VecDeque::new(), read: 0 })
    }

    /// A loudspeaker.
    #[must_use]
    pub fn loudspeaker(clock: Clock, rate: u32, channels: u16, line: u8) -> Self {
        Self::new(clock, rate, channels, line, Side::Loudspeaker { level: 0, part: Vec::new(), taken: Vec::new() })
    }

    fn new(clock: Clock, rate: u32, channels: u16, line: u8, side: Side) -> Self {
        let clock = SampleClock::new(clock, rate);
        let channels = usize::from(channels);
        Self {
            clock,
            channels,
            line,
            side,
            is_on: false,
            ticks: 0,
            since: 0,
            low_until: None,
            overruns: 0,
            underruns: 0,
        }
    }

    /// Starts it. Its DMA channel was started before.
    pub fn start(&mut self, now: Cycles) {
        self.advance(now);
        (self.is_on, self.since) = (true, self.ticks);
        match &mut self.side {
            Side::Microphone { .. } => self.clock.start(now),
            Side::Loudspeaker { taken, .. } => taken.push(Vec::new()),
        }
    }

    /// Stops it.
    pub fn stop(&mut self, now: Cycles) {
        self.advance(now);
        self.is_on = false;
        match &mut self.side {
            Side::Microphone { fifo, read, .. } => {
                fifo.clear();
                *read = 0;
            }
            Side::Loudspeaker { part, .. } => part.clear(),
        }
        self.rest();
    }

    /// A loudspeaker that is stopped and has played all needs no clock.
    fn rest(&mut self) {
        if let (false, Side::Loudspeaker { level: 0, .. }) = (self.is_on, &self.side) {
            self.clock.stop();
        }
    }

    /// Frames that its clock has passed since the last start, whether the bus was in time for them or not.
    #[must_use]
    pub fn passed(&self) -> u64 {
        self.ticks - self.since
    }

    /// The frame of the sound with which a microphone began at its last start, from 0. A loudspeaker's is 0.
    #[must_use]
    pub fn first_frame(&self) -> u64 {
        if let Side::Microphone { .. } = self.side { self.since } else { 0 }
    }

    /// Frames of its sound that a microphone has heard, fetched or not. A loudspeaker hears none.
    #[must_use]
    pub fn given(&self) -> u64 {
        if let Side::Microphone { .. } = self.side { self.ticks } else { 0 }
    }

    /// What a loudspeaker has played, for each start the frames that came after it. A microphone has played nothing.
    pub fn played(&self) -> impl Iterator<Item = &[u8]> {
        let (level, taken) = match &self.side {
            Side::Microphone { .. } => (0, &[][..]),
            Side::Loudspeaker { level, taken, .. } => (*level, &taken[..]),
        };
        let all: usize = taken.iter().map(Vec::len).sum();
        let mut rest = all - level as usize * 2 * self.channels;
        taken.iter().map(move |run| {
            let len = run.len().min(rest);
            rest -= len;
            &run[..len]
        })
    }

    /// Frames that found the FIFO full and were lost.
    #[must_use]
    pub fn overruns(&self) -> u64 {
        self.overruns
    }

    /// Frames that were wanted of the FIFO while it was empty: by a loudspeaker's clock, or, sample by sample, by who reads.
    #[must_use]
    pub fn underruns(&self) -> u64 {
        self.underruns
    }

    /// Ticks until it asks: 0 if it does.
    fn ticks_to_request(&self) -> u64 {
        let ready = match &self.side {
            Side::Microphone { fifo, .. } => fifo.len() as u64,
            Side::Loudspeaker { level, .. } => Self::FIFO - level,
        };
        Self::BURST.saturating_sub(ready)
    }
}

impl Peripheral for Codec {
    fn advance(&mut self, now: Cycles) {
        self.low_until = self.low_until.filter(|until| now < *until);
        let ticks = self.clock.advance(now);
        if ticks == 0 {
            return;
        }
        self.low_until = Some(now + Cycles(1));
        match &mut self.side {
            Side::Microphone { fifo, .. } if self.is_on => {
                let fit = ticks.min(Self::FIFO - fifo.len() as u64);
                fifo.extend(self.ticks..self.ticks + fit);
                self.overruns += ticks - fit;
            }
            Side::Microphone { .. } => {}
            Side::Loudspeaker { level, .. } => {
                let played = ticks.min(*level);
                *level -= played;
                self.underruns += if self.is_on { ticks - played } else { 0 };
            }
        }
        self.ticks += ticks;
        self.rest();
    }

    fn read(&mut self, _now: Cycles, offset: u32, _width: Width) -> Result<u32, BusError> {
        let Side::Microphone { sound, fifo, read } = &mut self.side else { return Err(BusError { address: offset }) };
        if offset != 0 {
            return Err(BusError { address: offset });
        }
        let Some(frame) = fifo.front() else {
            self.underruns += u64::from(self.is_on);
            return Ok(0);
        };
        let frames = sound.len() / (2 * self.channels);
        let at = 2 * ((frame % frames as u64) as usize * self.channels + *read);
        *read += 1;
        if *read == self.channels {
            *read = 0;
            fifo.pop_front();
        }
        Ok(u16::from_le_bytes([sound[at], sound[at + 1]]).into())
    }

    fn write(&mut self, now: Cycles, offset: u32, _width: Width, value: u32) -> Result<(), BusError> {
        let Side::Loudspeaker { level, part, taken } = &mut self.side else { return Err(BusError { address: offset }) };
        if offset != 0 {
            return Err(BusError { address: offset });
        }
        let Some(run) = taken.last_mut().filter(|_| self.is_on) else { return Ok(()) };
        part.extend((value as u16).to_le_bytes());
        if part.len() < 2 * self.channels {
            return Ok(());
        }
        if *level < Self::FIFO {
            *level += 1;
            run.append(part);
            self.clock.start(now);
        } else {
            self.overruns += 1;
            part.clear();
        }
        Ok(())
    }

    fn lines(&self) -> u64 {
        u64::from(self.is_on && self.low_until.is_none() && self.ticks_to_request() == 0) << self.line
    }

    fn next_change(&self) -> Option<Cycles> {
        match self.ticks_to_request() {
            _ if !self.is_on => None,
            0 => self.low_until.or_else(|| self.clock.after(1)),
            ticks => self.clock.after(ticks),
        }
    }
}

impl fmt::Debug for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if let Side::Microphone { .. } = self.side { "microphone" } else { "loudspeaker" };
        write!(f, "Codec({side}, {} channels, {} ticks)", self.channels, self.ticks)
    }
}
