//! A UART receiver on a DMA ring: what a driver crate would contain. Any engine that can go round a buffer, no heap.
//!
//! The engine writes the ring round and round; the driver follows it by counting bytes. It delivers when the caller's buffer
//! can be filled, when a period has ended, or when bytes wait and the line has been idle for a while. Who is slower than the
//! ring is told how many bytes were lost, and goes on at the newest.
//!
//! There is no interrupt half: the board's handler calls [`Dma::interrupt`](dmaengine_core::Dma::interrupt), which wakes the
//! sleeper or the task. Positions are bytes since the start, over all rounds, so nothing here ever wraps.

use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;

use dmaengine_core::{
    Active, Cyclic, Direction, Engine, EngineCyclic, Idle, Kept, Micros, Platform, PrepError, ResidueGranularity,
    SlaveConfig, Sleepable, Status, StillRunning, StopHandle, Stopping, Transfer, TransferError,
};

/// The memory that the engine goes round.
pub type Ring = &'static mut [u8];

/// How a receiver is set up.
#[derive(Clone, Copy, Debug)]
pub struct UartConfig<P> {
    /// The device's side: its data register.
    pub device: SlaveConfig<P>,
    /// Bytes of a period; the ring is a whole number of them. Longer ones make fewer interrupts.
    pub period: u32,
    /// How long the line has to be silent before what has come is delivered.
    pub idle: Micros,
}

/// Why a receiver was not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartError {
    /// The ring or the period does not suit the engine.
    Prepare(PrepError),
    /// The engine tells its progress too coarsely: what does not fill a period would never be seen.
    Coarse(ResidueGranularity),
}

/// Why a read has no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// Nothing came in time.
    TimedOut,
    /// The reader was too slow. The next read goes on behind the lost bytes.
    Overrun {
        /// How many bytes nobody will see.
        lost: u64,
    },
    /// The reception was stopped, by a [`StopHandle`] or by a callback.
    Stopped,
    /// The engine failed.
    Failed(TransferError),
}

/// How a task waits; the board has a timer.
pub trait Timer {
    /// Is ready after so long.
    fn after(&self, time: Micros) -> impl Future<Output = ()>;
}

/// A receiver that listens.
pub struct Receiver<'d, E: EngineCyclic> {
    active: Active<'d, E>,
    ring: Transfer<'d, E, Ring>,
    reader: Reader<'d, E>,
}

/// How far the reader has come, and what it knows of the line.
struct Reader<'d, E: Engine> {
    engine: &'d E,
    period: u64,
    idle: Micros,
    /// How far the engine may be ahead: the ring, less one burst that it may be writing.
    room: u64,
    /// Bytes delivered or lost.
    read: u64,
    /// Where the engine was, and since when it has been known to be there.
    seen: u64,
    since: Micros,
}

impl<'d, E: EngineCyclic> Receiver<'d, E> {
    /// Begins to listen.
    ///
    /// # Errors
    /// [`StartError`], and the channel and the ring.
    pub fn start(
        idle: Idle<'d, E>,
        ring: Ring,
        config: &UartConfig<E::Peripheral>,
    ) -> Result<Self, Kept<(Idle<'d, E>, Ring), StartError>> {
        let engine = idle.engine();
        let residue = engine.facts().residue;
        if residue < ResidueGranularity::Burst {
            return Err(Kept { value: (idle, ring), error: StartError::Coarse(residue) });
        }
        let len = ring.len() as u64;
        let request = Cyclic { direction: Direction::DevToMem, period: config.period, config: config.device };
        let prepared = match idle.prep_cyclic(ring, &request) {
            Ok(prepared) => prepared,
            Err(Kept { value: ring, error }) => {
                return Err(Kept { value: (idle, ring), error: StartError::Prepare(error) });
            }
        };
        let Ok((active, ring)) = idle.start(prepared) else {
            unreachable!("it was prepared on this channel");
        };
        let burst = u64::from(config.device.max_burst) * u64::from(config.device.width.bytes());
        let reader = Reader {
            engine,
            period: u64::from(config.period),
            idle: config.idle,
            room: len.saturating_sub(burst),
            read: 0,
            seen: 0,
            since: engine.platform().now(),
        };
        Ok(Self { active, ring, reader })
    }

    /// Reads without waiting: what is due, if anything is. Any context.
    ///
    /// # Errors
    /// [`ReadError`], but not `TimedOut`.
    pub fn try_read(&mut self, out: &mut [u8]) -> Result<Option<usize>, ReadError> {
        self.reader.look(&self.ring, out, false)
    }

    /// Reads at least one byte. Sleeps until some are due, `at_most` so long; then what is there is delivered, due or not.
    ///
    /// Bytes that fill neither `out` nor a period are delivered when the line has been idle for the configured time, and
    /// before it has been for twice that time.
    ///
    /// # Errors
    /// [`ReadError`]. No byte is lost but those that an overrun counts.
    pub fn read(&mut self, context: &Sleepable<'_>, out: &mut [u8], at_most: Micros) -> Result<usize, ReadError> {
        let platform = self.reader.engine.platform();
        let start = platform.now();
        loop {
            let waited = platform.now() - start;
            let time_is_up = waited >= at_most;
            if let Some(count) = self.reader.look(&self.ring, out, time_is_up)? {
                return Ok(count);
            }
            if time_is_up {
                return Err(ReadError::TimedOut);
            }
            context.sleep(self.reader.patience().min(at_most - waited));
        }
    }

    /// As [`read`](Self::read), for a task, and without a time-out: put one of your executor around it. Dropped at any point,
    /// it has taken nothing.
    ///
    /// # Errors
    /// [`ReadError`], but not `TimedOut`.
    pub async fn read_async(&mut self, timer: &impl Timer, out: &mut [u8]) -> Result<usize, ReadError> {
        let Self { ring, reader, .. } = self;
        let mut periods = ring.periods();
        loop {
            if let Some(count) = reader.look(ring, out, false)? {
                return Ok(count);
            }
            let mut idle = pin!(timer.after(reader.patience()));
            poll_fn(|context| match periods.poll_next(context) {
                Poll::Ready(_) => Poll::Ready(()),
                Poll::Pending => idle.as_mut().poll(context),
            })
            .await;
        }
    }

    /// Something that can stop the reception from elsewhere. The receiver then reads [`ReadError::Stopped`].
    pub fn stop_handle(&self) -> StopHandle<'d, E> {
        self.active.stop_handle()
    }

    /// Stops listening. Any context; what has not been read is not delivered any more. The ring comes back from what is
    /// returned.
    pub fn stop(self) -> Halting<'d, E> {
        Halting { stopping: self.active.terminate_async(), ring: self.ring }
    }
}

impl<E: Engine> Reader<'_, E> {
    /// How long nobody needs to look again, if no period ends.
    fn patience(&self) -> Micros {
        let silent = self.engine.platform().now() - self.since;
        if silent < self.idle { self.idle - silent } else { self.idle.max(Micros(1)) }
    }

    /// Delivers what is due, or with `now` what is there.
    fn look(&mut self, ring: &Transfer<'_, E, Ring>, out: &mut [u8], now: bool) -> Result<Option<usize>, ReadError> {
        let position = position(ring, self.seen)?;
        let time = self.engine.platform().now();
        if position != self.seen {
            (self.seen, self.since) = (position, time);
        }
        self.check(position)?;
        let waiting = position - self.read;
        let is_due = waiting >= out.len() as u64
            || position / self.period > self.read / self.period
            || time - self.since >= self.idle;
        let count = waiting.min(out.len() as u64) as usize;
        if count == 0 || !(is_due || now) {
            return Ok(if out.is_empty() { Some(0) } else { None });
        }
        self.copy(ring, &mut out[..count]);
        // What the engine overwrote during the copy is worth nothing.
        self.check(self::position(ring, position)?)?;
        self.read += count as u64;
        Ok(Some(count))
    }

    /// Whether the oldest byte that has not been read is still there. If not, nothing older than the newest is delivered.
    fn check(&mut self, position: u64) -> Result<(), ReadError> {
        let ahead = position - self.read;
        if ahead <= self.room {
            return Ok(());
        }
        self.read = position;
        Err(ReadError::Overrun { lost: ahead })
    }

    /// Copies the next bytes, round the end of the ring if need be. They are in it.
    fn copy(&self, ring: &Transfer<'_, E, Ring>, out: &mut [u8]) {
        let len = ring.buffer_len();
        let offset = (self.read % len as u64) as usize;
        let (first, second) = out.split_at_mut(out.len().min(len - offset));
        let copied = ring.copy_out(offset, first).and_then(|()| ring.copy_out(0, second));
        debug_assert!(copied.is_ok(), "no more is read than the ring has");
    }
}

/// Bytes that have come since the start; never fewer than before.
fn position<E: Engine>(ring: &Transfer<'_, E, Ring>, before: u64) -> Result<u64, ReadError> {
    match ring.status() {
        Status::Running { progress, .. } | Status::Paused { progress, .. } => Ok(progress.bytes.max(before)),
        Status::Queued { .. } => Ok(before),
        Status::Failed(error) => Err(ReadError::Failed(error)),
        _ => Err(ReadError::Stopped),
    }
}

/// A receiver that was told to stop. The engine may still be writing the ring.
#[must_use = "the ring comes back when the channel has stopped"]
pub struct Halting<'d, E: Engine> {
    stopping: Stopping<'d, E>,
    ring: Transfer<'d, E, Ring>,
}

impl<'d, E: Engine> Halting<'d, E> {
    /// Sleeps until the channel has stopped.
    ///
    /// # Errors
    /// [`StillRunning`], and everything kept: try again, or [`reset`](Self::reset).
    pub fn synchronize(self, context: &Sleepable<'_>) -> Result<(Idle<'d, E>, Ring), Kept<Self, StillRunning>> {
        Self::over(self.stopping.synchronize(context), self.ring)
    }

    /// Waits as a task until the channel has stopped; then [`try_finish`](Self::try_finish) succeeds. Dropped at any point,
    /// nothing is lost.
    ///
    /// # Errors
    /// [`StillRunning`], if it is polled after the bound.
    pub async fn quiescent(&mut self) -> Result<(), StillRunning> {
        self.stopping.quiescent().await
    }

    /// The channel and the ring, if it has stopped. Any context; does not wait.
    pub fn try_finish(self) -> Result<(Idle<'d, E>, Ring), Self> {
        match self.stopping.try_finish() {
            Ok(idle) => Ok((idle, memory(self.ring))),
            Err(stopping) => Err(Self { stopping, ring: self.ring }),
        }
    }

    /// The last way out of a stop that does not come.
    ///
    /// # Errors
    /// [`StillRunning`], and everything kept.
    pub fn reset(self) -> Result<(Idle<'d, E>, Ring), Kept<Self, StillRunning>> {
        Self::over(self.stopping.reset(), self.ring)
    }

    fn over(
        stopped: Result<Idle<'d, E>, Kept<Stopping<'d, E>, StillRunning>>,
        ring: Transfer<'d, E, Ring>,
    ) -> Result<(Idle<'d, E>, Ring), Kept<Self, StillRunning>> {
        match stopped {
            Ok(idle) => Ok((idle, memory(ring))),
            Err(kept) => Err(kept.map(|stopping| Self { stopping, ring })),
        }
    }
}

/// The memory of a transfer whose channel is idle.
fn memory<E: Engine>(ring: Transfer<'_, E, Ring>) -> Ring {
    match ring.try_resolve() {
        Ok(resolved) => resolved.buffer,
        Err(ring) => unreachable!("{ring:?}: its channel is idle"),
    }
}

impl<E: EngineCyclic> fmt::Debug for Receiver<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Receiver({} of {} bytes on {:?})", self.reader.read, self.reader.seen, self.active)
    }
}

impl<E: Engine> fmt::Debug for Halting<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Halting").field(&self.stopping).finish()
    }
}
