//! A DMA controller made of a thread: two channels that copy memory, a piece at a time, in real time.
//!
//! Upper half: the device, a thread that looks at shared registers as a controller does. Lower half: the driver, which is
//! what a backend's author writes. They meet in [`Registers`] and in the interrupt line, and nowhere else.
//!
//! The module has `unsafe` because the device reaches client memory by address, and the driver promises when.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use dmaengine_core::context::Deferred;
use dmaengine_core::engine::{ChannelSet, News, NewsKind, Progress, StopKind};
use dmaengine_core::*;

use crate::machine::Host;

const CHANNELS: usize = 2;

/// What a channel copies before it looks at its registers again.
const PIECE: usize = 64;

/// How long the device rests between two rounds of pieces: a slow bus. The scheduler makes it longer, never shorter.
const PACE: Duration = Duration::from_micros(200);

/// From a stop to the end of the piece under way. A piece takes less than a microsecond, a round about three hundred; the rest
/// is for a machine so busy that the device's thread does not get to run.
const STOP_BOUND: Micros = Micros::from_millis(100);

/// The registers of one channel.
#[derive(Debug, Clone, Copy, Default)]
struct Channel {
    dst: u64,
    src: u64,
    len: usize,
    generation: Generation,
    /// Bytes that have arrived.
    done: usize,
    /// Bytes of the piece that the device is copying right now.
    in_flight: usize,
    /// Written by the driver to start; cleared by the device at the end and at a stop.
    run: bool,
    /// Written by the driver; the device looks at it between pieces.
    stop: bool,
    /// What there is to tell, until the driver fetches it.
    ended: bool,
    stopped: bool,
}

/// The registers of the controller.
#[derive(Debug, Default)]
struct Registers {
    channels: [Channel; CHANNELS],
    /// The interrupt line is up while one of these bits is set: bit n for channel n.
    status: u64,
    /// A fault, for tests: the device does not look at the stop bits.
    deaf: bool,
    /// The end of the device.
    off: bool,
}

/// What the device and its driver share.
#[derive(Debug, Default)]
struct Bus {
    registers: Mutex<Registers>,
    work: Condvar,
    line: Condvar,
}

impl Bus {
    fn registers(&self) -> MutexGuard<'_, Registers> {
        self.registers.lock().unwrap()
    }

    fn raise(&self, registers: &mut Registers, channel: usize) {
        registers.status |= 1 << channel;
        self.line.notify_all();
    }

    /// The life of the device: a piece of each channel, a rest, and again.
    fn run(&self) {
        let mut registers = self.registers();
        while !registers.off {
            if !registers.channels.iter().any(|channel| channel.run) {
                registers = self.work.wait(registers).unwrap();
                continue;
            }
            for channel in 0..CHANNELS {
                registers = self.piece(registers, channel);
            }
            drop(registers);
            thread::sleep(PACE);
            registers = self.registers();
        }
    }

    /// One piece of one channel, or its stop. The registers are free for the driver while bytes move.
    fn piece<'b>(&'b self, mut registers: MutexGuard<'b, Registers>, index: usize) -> MutexGuard<'b, Registers> {
        let deaf = registers.deaf;
        let channel = &mut registers.channels[index];
        if !channel.run {
            return registers;
        }
        if channel.stop && !deaf {
            channel.run = false;
            channel.stopped = true;
            self.raise(&mut registers, index);
            return registers;
        }
        channel.in_flight = PIECE.min(channel.len - channel.done);
        let Channel { dst, src, done, in_flight, .. } = *channel;
        drop(registers);

        let dst = std::ptr::with_exposed_provenance_mut::<u8>(dst as usize + done);
        let src = std::ptr::with_exposed_provenance::<u8>(src as usize + done);
        // SAFETY: the driver started this copy and calls it stopped only when nothing is in flight, so the memory is still
        // this transfer's; `done + in_flight` is at most its length; a client's two buffers do not overlap.
        unsafe { src.copy_to_nonoverlapping(dst, in_flight) };

        let mut registers = self.registers();
        let channel = &mut registers.channels[index];
        channel.done += channel.in_flight;
        channel.in_flight = 0;
        // A reset in the meantime has cleared `run`: then there is nobody to tell.
        if channel.run && channel.done == channel.len {
            channel.run = false;
            channel.ended = true;
            self.raise(&mut registers, index);
        }
        registers
    }
}

/// The driver of the controller.
#[derive(Debug)]
pub struct ThreadCopy {
    bus: Arc<Bus>,
    device: Option<JoinHandle<()>>,
    host: Host,
}

impl ThreadCopy {
    /// Switches the device on.
    pub fn new() -> Self {
        let bus = Arc::new(Bus::default());
        let device = thread::spawn({
            let bus = Arc::clone(&bus);
            move || bus.run()
        });
        Self { bus, device: Some(device), host: Host::new() }
    }

    /// Waits until the interrupt line is up, at most so long. True if it is: then `Dma::interrupt` is to be called.
    pub fn wait_for_interrupt(&self, at_most: Micros) -> bool {
        let at_most = Duration::from_micros(at_most.0);
        let registers = self.bus.registers();
        self.bus.line.wait_timeout_while(registers, at_most, |registers| registers.status == 0).unwrap().0.status != 0
    }

    /// From now on the device does not look at its stop bits, or does again.
    #[allow(dead_code)]
    pub fn ignore_stops(&self, ignore: bool) {
        self.bus.registers().deaf = ignore;
    }
}

impl Drop for ThreadCopy {
    /// Switches the device off. It touches no memory after that.
    fn drop(&mut self) {
        self.bus.registers().off = true;
        self.bus.work.notify_all();
        if let Some(device) = self.device.take() {
            let _ = device.join();
        }
    }
}

/// What a prepared copy needs until it is started.
#[derive(Debug, Clone, Copy, Default)]
pub struct Prepared {
    dst: u64,
    src: u64,
    len: usize,
}

// SAFETY: bytes move in `Bus::piece` alone: while `run` is set, or, if it was cleared meanwhile by `reset`, while something
// is in flight. `is_stopped` and `reset` look at both, `ended` is set when both are over. Addresses and lengths are those of
// the regions the copy was prepared with; the device writes back counts only, and they are never used as an index.
unsafe impl Engine for ThreadCopy {
    type Platform = Host;
    type Callbacks = Deferred;
    type Channel = usize;
    type Descriptor = Prepared;
    type Peripheral = ();

    fn facts(&self) -> &Facts {
        const FACTS: Facts = Facts {
            channels: CHANNELS as u8,
            caps: Caps::MEMCPY.union(Caps::TERMINATE_ATOMIC).union(Caps::QUEUE_AFTER_STOP),
            stop: StopKind::Deferred { bound: STOP_BOUND, interrupt: true },
            residue: ResidueGranularity::Burst,
            widths: BusWidths::empty(),
            align: 1,
            max_segment: 1 << 24,
            max_segments: 1,
        };
        &FACTS
    }

    fn platform(&self) -> &Host {
        &self.host
    }

    fn open(&self, id: ChannelId) -> usize {
        usize::from(id.0)
    }

    fn start(&self, channel: &mut usize, transfer: &mut Prepared, generation: Generation) {
        let Prepared { dst, src, len } = *transfer;
        // All of the channel's registers: progress, stop bit and news of the one before are gone.
        self.bus.registers().channels[*channel] =
            Channel { dst, src, len, generation, run: true, ..Channel::default() };
        self.bus.work.notify_all();
    }

    fn stop(&self, channel: &mut usize) {
        let mut registers = self.bus.registers();
        let state = &mut registers.channels[*channel];
        state.stop = true;
        if !state.run {
            // It came to its end before the request. Every stop is told, this one too.
            state.stopped = true;
            self.bus.raise(&mut registers, *channel);
        }
    }

    fn is_stopped(&self, channel: &mut usize) -> bool {
        let state = &self.bus.registers().channels[*channel];
        !state.run && state.in_flight == 0
    }

    fn progress(&self, channel: &mut usize, _: &Prepared) -> Progress {
        let state = &self.bus.registers().channels[*channel];
        Progress { bytes: state.done as u64, in_flight: state.in_flight as u32 }
    }

    fn interrupt(&self) -> ChannelSet {
        ChannelSet(std::mem::take(&mut self.bus.registers().status))
    }

    fn service(&self, channel: &mut usize, _: Option<&mut Prepared>) -> Option<News> {
        let state = &mut self.bus.registers().channels[*channel];
        // The end comes before a stop that came too late for it.
        let kind = if std::mem::take(&mut state.ended) {
            NewsKind::Done
        } else if std::mem::take(&mut state.stopped) {
            NewsKind::Stopped
        } else {
            return None;
        };
        Some(News { generation: state.generation, kind })
    }

    fn reset(&self, channel: &mut usize) -> bool {
        let state = &mut self.bus.registers().channels[*channel];
        state.run = false;
        state.in_flight == 0
    }

    fn release(&self, _: &mut usize, transfer: &mut Prepared) {
        *transfer = Prepared::default();
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineMemcpy for ThreadCopy {
    fn prep_memcpy(&self, _: &mut usize, transfer: &mut Prepared, dst: &Region, src: &Region) -> Result<(), PrepError> {
        *transfer = Prepared { dst: dst.bus.0, src: src.bus.0, len: dst.len };
        Ok(())
    }
}

// SAFETY: the thread that the stop needs is the device. It needs no interrupt and no thread of the driver or its client.
unsafe impl EngineTerminateAtomic for ThreadCopy {
    fn atomic_bound(&self) -> Micros {
        STOP_BOUND
    }
}

// SAFETY: `stop` raises the interrupt itself if nothing runs; else the device does, when it obeys.
unsafe impl EngineQueueAfterStop for ThreadCopy {
    fn queue(&self, _: &mut usize, _: &mut Prepared) {}
}
