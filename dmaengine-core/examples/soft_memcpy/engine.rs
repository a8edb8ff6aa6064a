//! A DMA controller without hardware: a thread that copies memory for two channels, a piece at a time, in real time.
//!
//! The upper half of the file is the device: a thread that looks at registers between two pieces, as a controller does. The
//! lower half is its driver, which is what a backend's author writes. They meet in the registers and at the interrupt line, a
//! condition variable, and nowhere else. A stop takes effect when the device looks next, and an interrupt tells it.
//!
//! It does not offer `terminate_atomic`: its stop needs a thread to run, and who waits busily may have the only processor.
//!
//! The module has `unsafe` because the device has only the address of a client's memory, and the driver promises when the
//! device reaches for it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use dmaengine_core::context::Deferred;
use dmaengine_core::engine::{ChannelSet, News, NewsKind, Progress, StopKind};
use dmaengine_core::*;

use crate::machine::Host;

const CHANNELS: usize = 2;

/// Bytes that the device copies between two looks at a channel's registers.
const PIECE: usize = 4_096;

/// How late the scheduler may be. A round of pieces takes microseconds, but the device's thread may have to wait for its turn.
const LATE: Micros = Micros::from_millis(50);

/// The registers of one channel. The driver sets `run` and `stop`; the device answers with the rest.
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
    /// There is something to copy. The device clears it at the end, and when it obeys a stop.
    run: bool,
    stop: bool,
    /// How it went, until the driver fetches it.
    news: Option<NewsKind>,
}

/// The registers of the controller.
#[derive(Debug, Default)]
struct Registers {
    channels: [Channel; CHANNELS],
    /// The interrupt line is up while one of these bits is set: bit n for channel n.
    status: u64,
    /// A fault: the device does not look at `stop`.
    deaf: bool,
    /// The device is switched off.
    off: bool,
}

/// What the device and its driver share.
#[derive(Debug, Default)]
struct Bus {
    registers: Mutex<Registers>,
    /// Something was started, or the device switched off.
    work: Condvar,
    /// The interrupt line went up.
    line: Condvar,
}

impl Bus {
    fn registers(&self) -> MutexGuard<'_, Registers> {
        self.registers.lock().expect("nobody panics with the lock held")
    }

    /// A channel comes to rest, and raises the interrupt.
    fn rest(&self, registers: &mut Registers, index: usize, news: NewsKind) {
        let channel = &mut registers.channels[index];
        (channel.run, channel.news) = (false, Some(news));
        registers.status |= 1 << index;
        self.line.notify_all();
    }

    /// The life of the device: a piece of each channel, a rest, and again.
    fn run(&self, pace: Duration) {
        let mut registers = self.registers();
        while !registers.off {
            if !registers.channels.iter().any(|channel| channel.run) {
                registers = self.work.wait(registers).expect("nobody panics with the lock held");
                continue;
            }
            for channel in 0..CHANNELS {
                registers = self.piece(registers, channel);
            }
            drop(registers);
            if !pace.is_zero() {
                thread::sleep(pace);
            }
            registers = self.registers();
        }
    }

    /// One piece of one channel, or its stop. The driver has the registers while bytes move.
    fn piece<'b>(&'b self, mut registers: MutexGuard<'b, Registers>, index: usize) -> MutexGuard<'b, Registers> {
        let deaf = registers.deaf;
        let channel = &mut registers.channels[index];
        if !channel.run {
            return registers;
        }
        if channel.stop && !deaf {
            self.rest(&mut registers, index, NewsKind::Stopped);
            return registers;
        }
        channel.in_flight = PIECE.min(channel.len - channel.done);
        let Channel { dst, src, done, in_flight, .. } = *channel;
        drop(registers);

        let dst = std::ptr::with_exposed_provenance_mut::<u8>(dst as usize + done);
        let src = std::ptr::with_exposed_provenance::<u8>(src as usize + done);
        // SAFETY: the driver has started this copy, and does not call it stopped while something is in flight, so the memory
        // is the transfer's until then. `done + in_flight` is at most its length. A client's two buffers do not overlap.
        unsafe { src.copy_to_nonoverlapping(dst, in_flight) };

        let mut registers = self.registers();
        let channel = &mut registers.channels[index];
        channel.done += channel.in_flight;
        channel.in_flight = 0;
        // Who asked for a stop is told of that, also if the piece under way was the last. After a reset nobody waits for news.
        if channel.run && channel.done == channel.len {
            let news = if channel.stop { NewsKind::Stopped } else { NewsKind::Done };
            self.rest(&mut registers, index, news);
        }
        registers
    }
}

/// The driver, and the controller with it.
#[derive(Debug)]
pub struct SoftCopy {
    bus: Arc<Bus>,
    device: Option<JoinHandle<()>>,
    facts: Facts,
    host: Host,
}

impl SoftCopy {
    /// Switches on a device that rests for `pace` after a piece of each channel.
    pub fn new(pace: Duration) -> Self {
        let bus = Arc::new(Bus::default());
        let device = thread::spawn({
            let bus = Arc::clone(&bus);
            move || bus.run(pace)
        });
        let facts = Facts {
            channels: CHANNELS as u8,
            caps: Caps::MEMCPY.union(Caps::QUEUE_AFTER_STOP),
            stop: StopKind::Deferred { bound: Micros(pace.as_micros() as u64) + LATE, interrupt: true },
            residue: ResidueGranularity::Burst,
            widths: BusWidths::empty(),
            align: 1,
            max_segment: u32::MAX,
            max_segments: 1,
        };
        Self { bus, device: Some(device), facts, host: Host::new() }
    }

    /// Waits until the interrupt line is up, at most so long. True if it is: then `Dma::interrupt` is to be called.
    pub fn wait_for_interrupt(&self, at_most: Micros) -> bool {
        let at_most = Duration::from_micros(at_most.0);
        let registers = self.bus.registers();
        let waited = self.bus.line.wait_timeout_while(registers, at_most, |registers| registers.status == 0);
        waited.expect("nobody panics with the lock held").0.status != 0
    }

    /// Breaks the device: it copies on and does not look whether it shall stop. Or mends it, and it obeys.
    pub fn ignore_stops(&self, ignore: bool) {
        self.bus.registers().deaf = ignore;
    }
}

impl Drop for SoftCopy {
    /// Switches the device off. It touches no memory after that.
    fn drop(&mut self) {
        self.bus.registers().off = true;
        self.bus.work.notify_all();
        if let Some(device) = self.device.take() {
            // A device that panicked touches no memory either.
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

// SAFETY: bytes move in `Bus::piece` alone: while `run` is set, or, where `reset` cleared it, until nothing is in flight any
// more. `is_stopped` and `reset` answer for both, and when there is news both are over. Addresses and lengths are those of
// the regions that the copy was prepared with. The counts that the device writes back are no index and no length.
unsafe impl Engine for SoftCopy {
    type Platform = Host;
    type Callbacks = Deferred;
    type Channel = usize;
    type Descriptor = Prepared;
    type Peripheral = ();

    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn platform(&self) -> &Host {
        &self.host
    }

    fn open(&self, id: ChannelId) -> usize {
        usize::from(id.0)
    }

    fn start(&self, channel: &mut usize, transfer: &mut Prepared, generation: Generation) {
        let Prepared { dst, src, len } = *transfer;
        // All registers of the channel: progress, stop and news of the copy before are gone.
        self.bus.registers().channels[*channel] =
            Channel { dst, src, len, generation, run: true, ..Channel::default() };
        self.bus.work.notify_all();
    }

    fn stop(&self, channel: &mut usize) {
        self.bus.registers().channels[*channel].stop = true;
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
        let kind = state.news.take()?;
        Some(News { generation: state.generation, kind })
    }

    fn reset(&self, channel: &mut usize) -> bool {
        let state = &mut self.bus.registers().channels[*channel];
        state.run = false;
        state.in_flight == 0
    }

    fn park(&self, _: &mut usize) {}

    fn release(&self, _: &mut usize, transfer: &mut Prepared) {
        *transfer = Prepared::default();
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineMemcpy for SoftCopy {
    fn prep_memcpy(&self, _: &mut usize, transfer: &mut Prepared, dst: &Region, src: &Region) -> Result<(), PrepError> {
        *transfer = Prepared { dst: dst.bus.0, src: src.bus.0, len: dst.len };
        Ok(())
    }
}

// SAFETY: as for `Engine`; a stop that finds the channel running is told by the device, when it obeys or with the last piece.
unsafe impl EngineQueueAfterStop for SoftCopy {
    fn queue(&self, _: &mut usize, _: &mut Prepared) {
        // There is nothing to make ready: the registers belong to the copy that is stopping.
    }
}
