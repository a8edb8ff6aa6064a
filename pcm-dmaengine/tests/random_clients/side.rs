//! What differs between a client that reads and one that writes; and a stream in whatever state it is.

use dmaengine_core::{Direction, Sleepable};
use pcm_dmaengine::{
    Broken, Capture, Disconnected, Draining, Faulted, Frames, Leftover, Open, Paused, Playback, Prepared, Resumed,
    Running, Setup, Stopped, Suspended, Undone, Way, Xrun,
};

use crate::machine::Able;

/// A stream in one of its states.
pub enum Stream<'a, E: Able, D: Side> {
    Open(Open<'a, E, D>),
    Setup(Setup<'a, E, D>),
    Prepared(Prepared<'a, E, D>),
    Undone(Undone<'a, E, D>),
    Running(Running<'a, E, D>),
    Rest(D::Rest<'a, E>),
    Paused(Paused<'a, E, D>),
    Suspended(Suspended<'a, E, D>),
    Xrun(Xrun<'a, E, D>),
    Stopped(Stopped<'a, E, D>),
    Faulted(Faulted<'a, E, D>),
    Disconnected(Disconnected<'a, E, D>),
    Closed,
}

impl<E: Able, D: Side> Stream<'_, E, D> {
    /// As ALSA calls it, as far as ALSA does.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "OPEN",
            Self::Setup(_) => "SETUP",
            Self::Prepared(_) => "PREPARED",
            Self::Undone(_) => "undone",
            Self::Running(_) => "RUNNING",
            Self::Rest(_) => "DRAINING",
            Self::Paused(_) => "PAUSED",
            Self::Suspended(_) => "SUSPENDED",
            Self::Xrun(_) => "XRUN",
            Self::Stopped(_) => "stopped",
            Self::Faulted(_) => "faulted",
            Self::Disconnected(_) => "DISCONNECTED",
            Self::Closed => "closed",
        }
    }
}

type Rested<'a, E, D> = Result<Result<Stopped<'a, E, D>, <D as Side>::Rest<'a, E>>, Broken<'a, E, D>>;

pub trait Side: Way + Sized + 'static {
    const PLAYBACK: bool;
    /// DRAINING.
    type Rest<'a, E: Able + 'a>;

    fn transfer<'a, E: Able>(
        running: Running<'a, E, Self>,
        context: &Sleepable<'_>,
        bytes: &mut [u8],
    ) -> Result<(Running<'a, E, Self>, Frames), Broken<'a, E, Self>>;
    /// Without waiting.
    fn try_transfer<'a, E: Able>(
        running: Running<'a, E, Self>,
        bytes: &mut [u8],
    ) -> Result<(Running<'a, E, Self>, Frames), Broken<'a, E, Self>>;
    /// Without a copy of the crate's: where the frames lie.
    fn at_the_ring<'a, E: Able>(
        running: Running<'a, E, Self>,
        frames: Frames,
        bytes: &mut [u8],
    ) -> Result<(Running<'a, E, Self>, Frames), Broken<'a, E, Self>>;
    fn transfer_paused<E: Able>(paused: &mut Paused<'_, E, Self>, bytes: &mut [u8]) -> Frames;
    fn write_ahead<E: Able>(prepared: &mut Prepared<'_, E, Self>, bytes: &[u8]) -> Frames;
    fn drain<'a, E: Able>(running: Running<'a, E, Self>) -> Result<Self::Rest<'a, E>, Broken<'a, E, Self>>;
    /// Plays on, to the end if there is a context to wait with.
    fn go_on<'a, E: Able + 'a>(rest: Self::Rest<'a, E>, context: Option<&Sleepable<'_>>) -> Rested<'a, E, Self>;
    fn take<E: Able>(rest: &mut Self::Rest<'_, E>, out: &mut [u8]) -> Frames;
    /// Frames left of a capture.
    fn left<E: Able>(rest: &Self::Rest<'_, E>) -> Frames;
    /// Goes back, or on, by so many frames; says how many, and where the engine is.
    fn skip<E: Able>(rest: &mut Self::Rest<'_, E>, back: bool, frames: Frames) -> (Frames, Frames);
    fn give_up<'a, E: Able + 'a>(rest: Self::Rest<'a, E>) -> Stopped<'a, E, Self>;
    /// The system sleeps; the engine pauses, or stops.
    fn suspend<'a, E: Able + 'a>(rest: Self::Rest<'a, E>, pausing: bool) -> Suspended<'a, E, Self>;
    fn resumed<'a, E: Able>(resumed: Resumed<'a, E, Self>) -> Stream<'a, E, Self>;
}

/// What a stream was before it was suspended, if its way does not matter.
fn resumed<'a, E: Able, D: Side>(resumed: Resumed<'a, E, D>) -> Stream<'a, E, D> {
    match resumed {
        Resumed::Prepared(prepared) => Stream::Prepared(prepared),
        Resumed::Running(running) => Stream::Running(running),
        Resumed::Xrun(xrun) => Stream::Xrun(xrun),
        Resumed::Paused(paused) => Stream::Paused(paused),
        Resumed::Draining(_) | Resumed::Leftover(_) => panic!("it was suspended going the other way"),
    }
}

impl Side for Capture {
    const PLAYBACK: bool = false;
    type Rest<'a, E: Able + 'a> = Leftover<'a, E>;

    fn transfer<'a, E: Able>(
        running: Running<'a, E, Self>,
        context: &Sleepable<'_>,
        bytes: &mut [u8],
    ) -> Result<(Running<'a, E, Self>, Frames), Broken<'a, E, Self>> {
        running.readi(context, bytes)
    }

    fn try_transfer<'a, E: Able>(
        running: Running<'a, E, Self>,
        bytes: &mut [u8],
    ) -> Result<(Running<'a, E, Self>, Frames), Broken<'a, E, Self>> {
        running.try_readi(bytes)
    }

    fn at_the_ring<'a, E: Able>(
        running: Running<'a, E, Self>,
        frames: Frames,
        bytes: &mut [u8],
    ) -> Result<(Running<'a, E, Self>, Frames), Broken<'a, E, Self>> {
        let mut running = running;
        let copied = running.begin(frames).copy_out(Frames(0), bytes);
        running.commit(copied)
    }

    fn transfer_paused<E: Able>(paused: &mut Paused<'_, E, Self>, bytes: &mut [u8]) -> Frames {
        paused.readi(bytes)
    }

    fn write_ahead<E: Able>(_prepared: &mut Prepared<'_, E, Self>, _bytes: &[u8]) -> Frames {
        Frames(0)
    }

    fn drain<'a, E: Able>(running: Running<'a, E, Self>) -> Result<Leftover<'a, E>, Broken<'a, E, Self>> {
        running.drain()
    }

    fn go_on<'a, E: Able + 'a>(rest: Leftover<'a, E>, _context: Option<&Sleepable<'_>>) -> Rested<'a, E, Self> {
        Ok(if rest.avail() == Frames(0) { Ok(rest.stop()) } else { Err(rest) })
    }

    fn take<E: Able>(rest: &mut Leftover<'_, E>, out: &mut [u8]) -> Frames {
        rest.take(out)
    }

    fn left<E: Able>(rest: &Leftover<'_, E>) -> Frames {
        rest.avail()
    }

    fn skip<E: Able>(_rest: &mut Leftover<'_, E>, _back: bool, _frames: Frames) -> (Frames, Frames) {
        (Frames(0), Frames(0))
    }

    fn give_up<'a, E: Able + 'a>(rest: Leftover<'a, E>) -> Stopped<'a, E, Self> {
        rest.stop()
    }

    fn suspend<'a, E: Able + 'a>(rest: Leftover<'a, E>, _pausing: bool) -> Suspended<'a, E, Self> {
        rest.suspend()
    }

    fn resumed<'a, E: Able>(was: Resumed<'a, E, Self>) -> Stream<'a, E, Self> {
        match was {
            Resumed::Leftover(leftover) => Stream::Rest(leftover),
            other => resumed(other),
        }
    }
}

impl Side for Playback {
    const PLAYBACK: bool = true;
    type Rest<'a, E: Able + 'a> = Draining<'a, E>;

    fn transfer<'a, E: Able>(
        running: Running<'a, E, Self>,
        context: &Sleepable<'_>,
        bytes: &mut [u8],
    ) -> Result<(Running<'a, E, Self>, Frames), Broken<'a, E, Self>> {
        running.writei(context, bytes)
    }

    fn try_transfer<'a, E: Able>(
        running: Running<'a, E, Self>,
        bytes: &mut [u8],
    ) -> Result<(Running<'a, E, Self>, Frames), Broken<'a, E, Self>> {
        running.try_writei(bytes)
    }

    fn at_the_ring<'a, E: Able>(
        running: Running<'a, E, Self>,
        frames: Frames,
        bytes: &mut [u8],
    ) -> Result<(Running<'a, E, Self>, Frames), Broken<'a, E, Self>> {
        let mut running = running;
        let copied = running.begin(frames).copy_in(Frames(0), bytes);
        running.commit(copied)
    }

    fn transfer_paused<E: Able>(paused: &mut Paused<'_, E, Self>, bytes: &mut [u8]) -> Frames {
        paused.writei(bytes)
    }

    fn write_ahead<E: Able>(prepared: &mut Prepared<'_, E, Self>, bytes: &[u8]) -> Frames {
        prepared.writei(bytes)
    }

    fn drain<'a, E: Able>(running: Running<'a, E, Self>) -> Result<Draining<'a, E>, Broken<'a, E, Self>> {
        running.begin_drain()
    }

    fn go_on<'a, E: Able + 'a>(rest: Draining<'a, E>, context: Option<&Sleepable<'_>>) -> Rested<'a, E, Self> {
        match context {
            Some(context) => rest.finish(context).map(Ok),
            None => rest.try_finish(),
        }
    }

    fn take<E: Able>(_rest: &mut Draining<'_, E>, _out: &mut [u8]) -> Frames {
        Frames(0)
    }

    fn left<E: Able>(_rest: &Draining<'_, E>) -> Frames {
        Frames(0)
    }

    fn skip<E: Able>(rest: &mut Draining<'_, E>, back: bool, frames: Frames) -> (Frames, Frames) {
        (if back { rest.rewind(frames) } else { rest.forward(frames) }, rest.hw_ptr())
    }

    fn give_up<'a, E: Able + 'a>(rest: Draining<'a, E>) -> Stopped<'a, E, Self> {
        rest.stop()
    }

    fn suspend<'a, E: Able + 'a>(rest: Draining<'a, E>, pausing: bool) -> Suspended<'a, E, Self> {
        if pausing { E::suspend_rest(rest) } else { rest.suspend() }
    }

    fn resumed<'a, E: Able>(was: Resumed<'a, E, Self>) -> Stream<'a, E, Self> {
        match was {
            Resumed::Draining(draining) => Stream::Rest(draining),
            other => resumed(other),
        }
    }
}

/// Which way a client of this side goes.
pub const fn way<D: Side>() -> Direction {
    D::DIRECTION
}
