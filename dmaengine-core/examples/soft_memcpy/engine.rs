//! A DMA engine without hardware: a worker thread that copies memory, a burst at a time, for several channels in turn.
//!
//! It is what a backend looks like when time is real. A stop takes as long as the burst under way; an interrupt is a
//! condition variable that somebody waits for. It does not offer `terminate_atomic`: its stop needs another thread to run,
//! and no bound can be promised for that.
//!
//! The module has `unsafe` because an engine's promises cannot be checked by Rust, and because it copies memory that it has
//! only the address of.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use dmaengine_core::context::Deferred;
use dmaengine_core::engine::{ChannelSet, News, NewsKind, Progress, StopKind};
use dmaengine_core::lock::ThreadLock;
use dmaengine_core::{
    BusAddr, BusWidths, Caps, ChannelId, Direction, Engine, EngineMemcpy, EngineQueueAfterStop, Facts, Generation,
    Micros, Platform, PrepError, Region, ResidueGranularity,
};

/// Bytes that are copied between two looks at the stop flag.
const BURST: usize = 4_096;

/// How many channels the worker serves.
pub const CHANNELS: usize = 4;

const FACTS: Facts = Facts {
    channels: CHANNELS as u8,
    caps: Caps::MEMCPY.union(Caps::QUEUE_AFTER_STOP),
    // A burst takes microseconds; the rest is for a scheduler that lets the worker wait.
    stop: StopKind::Deferred { bound: Micros::from_millis(50), interrupt: true },
    residue: ResidueGranularity::Burst,
    widths: BusWidths::empty(),
    align: 1,
    max_segment: u32::MAX,
    max_segments: 1,
};

/// A prepared copy: addresses and length. Addresses, for a region is no reference either.
#[derive(Clone, Copy, Debug, Default)]
pub struct Job {
    dst: usize,
    src: usize,
    len: usize,
}

/// What the worker knows of a channel.
#[derive(Debug, Default)]
struct Line {
    job: Option<(Job, Generation)>,
    done: usize,
    /// The worker is copying, with the lock released.
    busy: bool,
    stop: bool,
    news: VecDeque<News>,
}

impl Line {
    /// The job is over; this is what there is to tell.
    fn end(&mut self, kind: NewsKind) {
        if let Some((_, generation)) = self.job.take() {
            self.news.push_back(News { generation, kind });
        }
    }
}

#[derive(Debug, Default)]
struct State {
    lines: [Line; CHANNELS],
    /// The channel whose turn is next.
    turn: usize,
    shut_down: bool,
}

/// The engine. [`work`](SoftCopy::work) is its hardware: run it in a thread.
#[derive(Debug)]
pub struct SoftCopy {
    state: Mutex<State>,
    /// There may be something to copy.
    work: Condvar,
    /// There is news.
    interrupt: Condvar,
    born: Instant,
    /// How long it leaves the memory to others after each burst.
    pace: Duration,
}

impl SoftCopy {
    /// An engine whose worker is not running yet, and that rests so long after each burst.
    pub fn new(pace: Duration) -> Self {
        let (state, work, interrupt) = Default::default();
        Self { state, work, interrupt, born: Instant::now(), pace }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics with the lock held")
    }

    /// The worker: copies until [`shut_down`](Self::shut_down).
    pub fn work(&self) {
        let mut state = self.state();
        while !state.shut_down {
            let turns = (state.turn..state.turn + CHANNELS).map(|turn| turn % CHANNELS);
            let Some(id) = turns.into_iter().find(|&id| state.lines[id].job.is_some()) else {
                state = self.work.wait(state).expect("no thread panics with the lock held");
                continue;
            };
            state.turn = id + 1;
            state = self.burst(state, id);
        }
    }

    /// Copies one burst of a channel, with the lock released, and looks what has become of the channel meanwhile.
    fn burst<'s>(&'s self, mut state: MutexGuard<'s, State>, id: usize) -> MutexGuard<'s, State> {
        let line = &mut state.lines[id];
        let Some((job, _)) = line.job else { return state };
        let (from, len) = (line.done, BURST.min(job.len - line.done));
        line.busy = true;
        drop(state);
        // SAFETY: the library keeps the memory of a started transfer alive and away from everybody else until `is_stopped`
        // or news says that the engine has let go, which it does not while `busy` is set. `from + len` is at most `job.len`.
        unsafe {
            core::ptr::copy_nonoverlapping((job.src + from) as *const u8, (job.dst + from) as *mut u8, len);
        }
        if !self.pace.is_zero() {
            std::thread::sleep(self.pace);
        }
        let mut state = self.state();
        let line = &mut state.lines[id];
        line.busy = false;
        line.done += len;
        if line.stop {
            line.end(NewsKind::Stopped);
        } else if line.done == job.len {
            line.end(NewsKind::Done);
        }
        self.interrupt.notify_all();
        state
    }

    /// Waits for an interrupt, at most that long. True if there is one.
    pub fn wait_for_interrupt(&self, at_most: Duration) -> bool {
        let quiet = |state: &mut State| !state.shut_down && state.lines.iter().all(|line| line.news.is_empty());
        let waited = self.interrupt.wait_timeout_while(self.state(), at_most, quiet);
        let (state, _) = waited.expect("no thread panics with the lock held");
        state.lines.iter().any(|line| !line.news.is_empty())
    }

    /// Ends [`work`](Self::work) and every wait.
    pub fn shut_down(&self) {
        self.state().shut_down = true;
        self.work.notify_all();
        self.interrupt.notify_all();
    }

    /// Whether it was shut down.
    pub fn is_shut_down(&self) -> bool {
        self.state().shut_down
    }
}

// SAFETY: device and CPU are threads of one process: the addresses are the same, and the mutex orders their accesses.
unsafe impl Platform for SoftCopy {
    type Lock = ThreadLock;

    fn now(&self) -> Micros {
        Micros(self.born.elapsed().as_micros() as u64)
    }

    fn delay(&self, time: Micros) {
        let end = self.now() + time;
        while self.now() < end {
            core::hint::spin_loop();
        }
    }

    fn map(&self, region: &Region, _direction: Direction) -> Result<BusAddr, PrepError> {
        Ok(BusAddr(region.ptr.as_ptr().expose_provenance() as u64))
    }

    fn unmap(&self, _region: &Region, _direction: Direction) {}

    fn sync_for_cpu(&self, _part: &Region) {}

    fn sync_for_device(&self, _part: &Region) {}
}

// SAFETY: the worker copies between `start` and the moment when it takes the job out of its line, under the mutex, which is
// when `Done` or `Stopped` is told and `is_stopped` becomes true. It copies what the job says, which is the two regions.
unsafe impl Engine for SoftCopy {
    type Platform = Self;
    type Callbacks = Deferred;
    type Channel = usize;
    type Descriptor = Job;
    type Peripheral = ();

    fn facts(&self) -> &Facts {
        &FACTS
    }

    fn platform(&self) -> &Self {
        self
    }

    fn open(&self, id: ChannelId) -> usize {
        usize::from(id.0)
    }

    fn start(&self, channel: &mut usize, transfer: &mut Job, generation: Generation) {
        let line = &mut self.state().lines[*channel];
        (line.job, line.done, line.stop) = (Some((*transfer, generation)), 0, false);
        self.work.notify_all();
    }

    fn stop(&self, channel: &mut usize) {
        let line = &mut self.state().lines[*channel];
        line.stop = true;
        if !line.busy {
            line.end(NewsKind::Stopped);
            self.interrupt.notify_all();
        }
    }

    fn is_stopped(&self, channel: &mut usize) -> bool {
        self.state().lines[*channel].job.is_none()
    }

    fn progress(&self, channel: &mut usize, _transfer: &Job) -> Progress {
        Progress { bytes: self.state().lines[*channel].done as u64, in_flight: 0 }
    }

    fn interrupt(&self) -> ChannelSet {
        let state = self.state();
        let bits = state.lines.iter().enumerate().filter(|(_, line)| !line.news.is_empty());
        ChannelSet(bits.fold(0, |set, (id, _)| set | 1 << id))
    }

    fn service(&self, channel: &mut usize, _transfer: Option<&mut Job>) -> Option<News> {
        self.state().lines[*channel].news.pop_front()
    }

    fn reset(&self, channel: &mut usize) -> bool {
        // There is nothing to reset in a thread that copies; it will come to its next look.
        self.is_stopped(channel)
    }

    fn park(&self, _channel: &mut usize) {}

    fn release(&self, _channel: &mut usize, transfer: &mut Job) {
        *transfer = Job::default();
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineMemcpy for SoftCopy {
    fn prep_memcpy(&self, _: &mut usize, transfer: &mut Job, dst: &Region, src: &Region) -> Result<(), PrepError> {
        *transfer = Job { dst: dst.bus.0 as usize, src: src.bus.0 as usize, len: dst.len };
        Ok(())
    }
}

// SAFETY: as for `Engine`; every stop of a busy channel is answered by `Stopped`, from `stop` itself or from the worker.
unsafe impl EngineQueueAfterStop for SoftCopy {
    fn queue(&self, _channel: &mut usize, _next: &mut Job) {}
}
