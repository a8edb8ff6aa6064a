//! A full-duplex SPI transfer on two DMA channels: what a driver crate would contain. Any engine that serves devices, no
//! heap.
//!
//! The receiving channel starts first, so that the first word that the slave sends finds somebody who takes it. Both stop
//! together, the transmitter first, and neither counts as stopped before both have. However it ends, both buffers come back
//! with what is valid of them, when nothing can touch them any more, and not before.
//!
//! ```text
//!          start                 wait, stop                     synchronize, try_finish
//!   Spi ──────────▶ Exchange ─────────────────▶ Halting ───────────────────────────────▶ Ended, and the Spi
//! ```

use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};

use dmaengine_core::{
    Active, Engine, EngineSlaveSg, Group, GroupError, Idle, Kept, Micros, Outcome, Platform, PrepError, Prepared,
    Resolved, SlaveConfig, Sleepable, StillRunning, Stopping, Transfer,
};

/// Memory for one direction.
pub type Bytes = &'static mut [u8];

/// A port: its two channels, and the device's side of each.
pub struct Spi<'d, E: Engine> {
    /// The channel that transmits.
    pub tx: Idle<'d, E>,
    /// The channel that receives.
    pub rx: Idle<'d, E>,
    /// The device's data register for transmission.
    pub to: SlaveConfig<E::Peripheral>,
    /// The device's data register for reception.
    pub from: SlaveConfig<E::Peripheral>,
}

/// Why an exchange was not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartError {
    /// Full duplex sends a word for each that it receives.
    LengthsDiffer {
        /// Bytes to be sent.
        tx: usize,
        /// Bytes to be received.
        rx: usize,
    },
    /// A buffer does not suit the engine.
    Prepare(PrepError),
}

/// Why an exchange is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Both directions ran to their end.
    Complete,
    /// A direction failed, or another stopped its channel.
    Broken,
    /// The slave stopped answering.
    TimedOut,
    /// The client gave up.
    Cancelled,
}

/// One direction of an exchange that is over.
#[derive(Debug)]
pub struct Side {
    /// How it ended.
    pub outcome: Outcome,
    /// How many bytes, from the beginning, were transferred: received, or handed to the device.
    pub valid: usize,
    /// The buffer.
    pub buffer: Bytes,
}

/// An exchange that is over.
#[derive(Debug)]
pub struct Ended {
    /// Why.
    pub end: End,
    /// What was sent.
    pub tx: Side,
    /// What was received.
    pub rx: Side,
}

/// A transfer, or what became of it.
enum Half<'d, E: Engine> {
    Running(Transfer<'d, E, [Bytes; 1]>),
    Over(Resolved<[Bytes; 1]>),
}

/// An exchange under way. Dropped, it stops, and its buffers leak.
#[must_use = "dropped, it stops and leaks its buffers"]
pub struct Exchange<'d, E: EngineSlaveSg> {
    channels: [Active<'d, E>; 2],
    rest: Rest<'d, E>,
}

/// What does not change when an exchange is stopped.
struct Rest<'d, E: Engine> {
    halves: [Half<'d, E>; 2],
    devices: [SlaveConfig<E::Peripheral>; 2],
    engine: &'d E,
    len: usize,
}

impl<'d, E: EngineSlaveSg> Spi<'d, E> {
    /// Starts to send `tx` and to receive `rx`. Any context.
    ///
    /// # Errors
    /// [`StartError`], and everything back; nothing was sent.
    pub fn start(self, tx: Bytes, rx: Bytes) -> Result<Exchange<'d, E>, Kept<(Self, Bytes, Bytes), StartError>> {
        if tx.len() != rx.len() {
            let error = StartError::LengthsDiffer { tx: tx.len(), rx: rx.len() };
            return Err(Kept { value: (self, tx, rx), error });
        }
        let len = tx.len();
        // Both are prepared before one starts: what can be refused is refused while nothing runs.
        let from = match self.rx.prep_slave_sg_from_device([rx], &self.from) {
            Ok(prepared) => prepared,
            Err(Kept { value: [rx], error }) => {
                return Err(Kept { value: (self, tx, rx), error: StartError::Prepare(error) });
            }
        };
        let to = match self.tx.prep_slave_sg_to_device([tx], &self.to) {
            Ok(prepared) => prepared,
            Err(Kept { value: [tx], error }) => {
                let [rx] = from.cancel();
                return Err(Kept { value: (self, tx, rx), error: StartError::Prepare(error) });
            }
        };
        let engine = self.tx.engine();
        let (rx_active, received) = started(self.rx, from);
        let (tx_active, sent) = started(self.tx, to);
        let halves = [Half::Running(sent), Half::Running(received)];
        let rest = Rest { halves, devices: [self.to, self.from], engine, len };
        Ok(Exchange { channels: [tx_active, rx_active], rest })
    }
}

/// Starts what was prepared on that channel.
fn started<'d, E: Engine>(
    idle: Idle<'d, E>,
    prepared: Prepared<'d, E, [Bytes; 1]>,
) -> (Active<'d, E>, Transfer<'d, E, [Bytes; 1]>) {
    match idle.start(prepared) {
        Ok(running) => running,
        Err(kept) => unreachable!("{:?}: it was prepared on this channel", kept.error),
    }
}

impl<'d, E: EngineSlaveSg> Exchange<'d, E> {
    /// Sleeps until the exchange is over, `at_most` so long, and until its channels have stopped.
    ///
    /// # Errors
    /// [`GroupError`], and everything kept, if a channel does not stop.
    pub fn wait(
        mut self,
        context: &Sleepable<'_>,
        at_most: Micros,
    ) -> Result<(Spi<'d, E>, Ended), Kept<Halting<'d, E>, GroupError>> {
        let platform = self.rest.engine.platform();
        let start = platform.now();
        let end = loop {
            // Nobody has to be woken: who asks sleeps.
            if let Poll::Ready(end) = self.rest.poll(&mut Context::from_waker(Waker::noop())) {
                break end;
            }
            let waited = platform.now() - start;
            if waited >= at_most {
                break End::TimedOut;
            }
            context.sleep(at_most - waited);
        };
        self.halt(end).synchronize(context)
    }

    /// As [`wait`](Self::wait), for a task; `time_out` is a timer of its executor. Dropped before it is done, it stops and its
    /// buffers leak: to be able to give up, use [`done`](Self::done) and [`stop`](Self::stop).
    ///
    /// # Errors
    /// [`StillRunning`], and everything kept, if a channel does not stop.
    pub async fn run(
        mut self,
        time_out: impl Future<Output = ()>,
    ) -> Result<(Spi<'d, E>, Ended), Kept<Halting<'d, E>, StillRunning>> {
        let mut time_out = pin!(time_out);
        let end = poll_fn(|context| match self.rest.poll(context) {
            Poll::Ready(end) => Poll::Ready(end),
            Poll::Pending => time_out.as_mut().poll(context).map(|()| End::TimedOut),
        });
        let end = end.await;
        self.halt(end).finished().await
    }

    /// Waits as a task until both directions are over, or one has failed. Dropped at any point, the exchange goes on.
    pub async fn done(&mut self) -> End {
        poll_fn(|context| self.rest.poll(context)).await
    }

    /// Stops both directions, or takes leave of an exchange that is [`done`](Self::done). Any context.
    pub fn stop(mut self) -> Halting<'d, E> {
        let end = match self.rest.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(end) => end,
            Poll::Pending => End::Cancelled,
        };
        self.halt(end)
    }

    fn halt(self, end: End) -> Halting<'d, E> {
        Halting { channels: self.channels.map(Active::terminate_async), rest: self.rest, end }
    }
}

impl<E: Engine> Half<'_, E> {
    /// How it ended, if it has.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Outcome> {
        if let Half::Running(transfer) = self {
            match Pin::new(transfer).poll(context) {
                Poll::Ready(resolved) => *self = Half::Over(resolved),
                Poll::Pending => return Poll::Pending,
            }
        }
        match self {
            Half::Over(resolved) => Poll::Ready(resolved.outcome),
            Half::Running(_) => Poll::Pending,
        }
    }
}

impl<E: Engine> Rest<'_, E> {
    /// Ready when both are complete, or one will never be.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<End> {
        let outcomes = self.halves.each_mut().map(|half| half.poll(context));
        let broken = |outcome: &Poll<Outcome>| matches!(outcome, Poll::Ready(how) if *how != Outcome::Completed);
        if outcomes.iter().any(broken) {
            return Poll::Ready(End::Broken);
        }
        if outcomes.iter().all(Poll::is_ready) { Poll::Ready(End::Complete) } else { Poll::Pending }
    }
}

/// An exchange whose channels were told to stop. The engine may still be touching its buffers.
#[must_use = "the buffers come back when both channels have stopped"]
pub struct Halting<'d, E: EngineSlaveSg> {
    channels: [Stopping<'d, E>; 2],
    rest: Rest<'d, E>,
    end: End,
}

impl<'d, E: EngineSlaveSg> Halting<'d, E> {
    /// Sleeps until both channels have stopped.
    ///
    /// # Errors
    /// [`GroupError`], and everything kept: try again.
    pub fn synchronize(self, context: &Sleepable<'_>) -> Result<(Spi<'d, E>, Ended), Kept<Self, GroupError>> {
        let Self { channels, rest, end } = self;
        match Group::new(channels).synchronize(context) {
            Ok(idle) => Ok(rest.give_back(idle, end)),
            Err(kept) => Err(kept.map(|group| Self { channels: group.into_channels(), rest, end })),
        }
    }

    /// Waits as a task until both channels have stopped; then [`try_finish`](Self::try_finish) succeeds. Dropped at any point,
    /// nothing is lost.
    ///
    /// # Errors
    /// [`StillRunning`], if it is polled after the bound.
    pub async fn quiescent(&mut self) -> Result<(), StillRunning> {
        for stopping in &mut self.channels {
            stopping.quiescent().await?;
        }
        Ok(())
    }

    /// Everything, if both channels have stopped; else as it was. Any context; does not wait.
    pub fn try_finish(self) -> Result<(Spi<'d, E>, Ended), Self> {
        let Self { channels, rest, end } = self;
        match Group::new(channels).try_finish() {
            Ok(idle) => Ok(rest.give_back(idle, end)),
            Err(group) => Err(Self { channels: group.into_channels(), rest, end }),
        }
    }

    /// [`quiescent`](Self::quiescent) and [`try_finish`](Self::try_finish) in one.
    async fn finished(mut self) -> Result<(Spi<'d, E>, Ended), Kept<Self, StillRunning>> {
        if let Err(error) = self.quiescent().await {
            return Err(Kept { value: self, error });
        }
        match self.try_finish() {
            Ok(everything) => Ok(everything),
            Err(halting) => unreachable!("{halting:?}: both have stopped"),
        }
    }
}

impl<'d, E: EngineSlaveSg> Rest<'d, E> {
    /// Takes everything apart. The channels are the proof that nothing touches the buffers any more.
    fn give_back(mut self, [tx, rx]: [Idle<'d, E>; 2], end: End) -> (Spi<'d, E>, Ended) {
        // Resolves what a stop has ended.
        let _ = self.poll(&mut Context::from_waker(Waker::noop()));
        let len = self.len;
        let [sent, received] = self.halves.map(|half| match half {
            Half::Over(Resolved { outcome, buffer: [buffer] }) => {
                let valid = match outcome {
                    Outcome::Completed => len,
                    Outcome::Aborted { residue } => len - (residue as usize).min(len),
                    Outcome::Failed(_) => 0,
                };
                Side { outcome, valid, buffer }
            }
            Half::Running(transfer) => unreachable!("{transfer:?}: its channel is idle"),
        });
        let [to, from] = self.devices;
        (Spi { tx, rx, to, from }, Ended { end, tx: sent, rx: received })
    }
}

impl<E: Engine> fmt::Debug for Spi<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries([&self.tx, &self.rx]).finish()
    }
}

impl<E: EngineSlaveSg> fmt::Debug for Exchange<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.channels).finish()
    }
}

impl<E: EngineSlaveSg> fmt::Debug for Halting<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.channels).finish()
    }
}
