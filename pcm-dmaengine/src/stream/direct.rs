//! Direct access, ALSA's mmap: [`Area`], the next frames of the ring where they lie. To begin, to be at them, and to commit as many as
//! were read or written.
//!
//! From the one to the other nothing of a playback's area is silenced. Whether the engine has come by is seen when it is committed, as after
//! every copy.

use core::fmt;
use core::marker::PhantomData;
use core::sync::atomic::AtomicU8;

use dmaengine_core::{Direction, Engine, EngineCyclic, View};

use super::flow::{Flow, Look};
use super::halt::Rest;
use super::prepared::Ready;
use super::{Base, Broken, Capture, Leftover, Paused, Playback, Prepared, Running, Way};
use crate::units::Frames;

/// Frames of a ring where they lie, interleaved: those that are to be read next, or where the next are to be written. It ends with the ring at
/// the latest; then there may be more, and the next one has them.
///
/// It borrows the stream, and is gone when that goes on. What was read or written through it counts when it is
/// [committed](Running::commit): all, a part, or nothing.
///
/// ```
/// # use backend_mock::{Cpu, Mock};
/// # use backend_mock::hw::{Peripheral, StreamConfig};
/// # use dmaengine_core::{BusAddr, BusWidth, Dma, SlaveConfig};
/// # use pcm_dmaengine::{Frames, HwParams, Pcm, SampleFormat};
/// use core::sync::atomic::Ordering::Relaxed;
/// # let dma: Dma<Mock, 1> = Dma::new(Mock::default());
/// # let line = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 16, watermark: 1 };
/// # dma.engine().hw().attach(0, Peripheral::player(line));
/// # let mut pcm = Pcm::new();
/// # let config = SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Two, ());
/// # let (open, period) = pcm.open_playback(dma.channel(0).unwrap(), config);
/// # let cpu = Cpu::new(dma.engine(), |atomic| dma.interrupt(atomic, &mut |callback, event| {
/// #     period.elapsed(callback, event);
/// # }));
/// # let params = HwParams { format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: Frames(32), periods: 15 };
/// # cpu.thread(|context| {
/// # let mut prepared = open.hw_params(params, vec![0; 1_920].leak()).unwrap().prepare();
/// // The whole ring, for there is room for it; 400 frames of a sawtooth.
/// let mut area = prepared.begin(Frames(480));
/// assert_eq!((area.frames(), area.len()), (Frames(480), 4 * 480));
/// for (number, frame) in area.bytes().chunks_exact(4).enumerate().take(400) {
///     let sample = (80 * (number as i16 % 400)).to_le_bytes();
///     (0..4).for_each(|at| frame[at].store(sample[at % 2], Relaxed));
/// }
/// drop(area);
/// assert_eq!(prepared.commit(Frames(400)), Frames(400));
///
/// // The 80 at the ring's end, while it plays; copied this time.
/// let mut stream = prepared.start().unwrap();
/// let written = stream.begin(Frames(480)).copy_in(Frames(0), &[0; 4 * 100]);
/// assert_eq!(written, Frames(80));
/// let Ok((stream, Frames(80))) = stream.commit(written) else { panic!("in time") };
/// # let _ = stream.stop().synchronize(context).unwrap();
/// # });
/// ```
#[must_use = "it is there to be read or written"]
#[doc(alias = "snd_pcm_mmap_begin")]
#[doc(alias = "snd_pcm_channel_area_t")]
pub struct Area<'s, E: Engine, D: Way> {
    view: View<'s, E>,
    frame_bytes: usize,
    way: PhantomData<D>,
}

impl<'s, E: Engine, D: Way> Area<'s, E, D> {
    fn new(view: View<'s, E>, base: &Base<'_, E>) -> Self {
        let mut view = view;
        if D::DIRECTION == Direction::DevToMem {
            view.sync_for_cpu();
        }
        Self { view, frame_bytes: base.bytes(Frames(1)), way: PhantomData }
    }

    /// How many frames.
    pub fn frames(&self) -> Frames {
        Frames((self.view.len() / self.frame_bytes) as u64)
    }

    /// How many bytes.
    pub fn len(&self) -> usize {
        self.view.len()
    }

    /// Whether nothing is there to be read, or there is no room.
    pub fn is_empty(&self) -> bool {
        self.view.is_empty()
    }

    /// The bytes. Atomics, since an engine that has overtaken is at them, too; `Relaxed` is enough.
    pub fn bytes(&mut self) -> &[AtomicU8] {
        self.view.bytes()
    }

    /// The first byte, for code that works on samples in place. [`len`](Self::len) bytes may be read through it as long as the area is there.
    ///
    /// The compiler does not see what the engine does: bytes that it may be at, if it overtakes, are for volatile or atomic accesses.
    pub fn as_ptr(&self) -> *const u8 {
        self.view.as_ptr()
    }

    /// Copies frames out, from number `from` of the area on, as many as there are and as fit. Gives back how many.
    pub fn copy_out(&self, from: Frames, out: &mut [u8]) -> Frames {
        let (at, len) = self.part(from, out.len());
        let copied = self.view.copy_out(at, &mut out[..len]);
        debug_assert_eq!(copied, Ok(()), "a part lies inside");
        Frames((len / self.frame_bytes) as u64)
    }

    /// From which byte on, and how many: whole frames, of so many bytes.
    fn part(&self, from: Frames, bytes: usize) -> (usize, usize) {
        let from = from.min(self.frames());
        let at = from.0 as usize * self.frame_bytes;
        let len = bytes.min(self.view.len() - at);
        (at, len - len % self.frame_bytes)
    }
}

impl<E: Engine> Area<'_, E, Playback> {
    /// As [`as_ptr`](Self::as_ptr), and the bytes may be written.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.view.as_mut_ptr()
    }

    /// Copies frames in, from number `from` of the area on, as many as there is room for. Gives back how many.
    pub fn copy_in(&mut self, from: Frames, frames: &[u8]) -> Frames {
        let (at, len) = self.part(from, frames.len());
        let copied = self.view.copy_in(at, &frames[..len]);
        debug_assert_eq!(copied, Ok(()), "a part lies inside");
        Frames((len / self.frame_bytes) as u64)
    }
}

impl<E: Engine, D: Way> fmt::Debug for Area<'_, E, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Area of {} frames", self.frames())
    }
}

impl<E: EngineCyclic> Base<'_, E> {
    /// The client is about to be at the next frames: as many as are wanted, available, and in one piece. Byte offset and byte count.
    fn claim(&self, wanted: Frames) -> (usize, usize) {
        let buffer = self.params.buffer_size();
        let (from, count) = self.half.pcm.with(|shared| {
            let to_the_end = buffer - Frames(shared.appl_ptr.0 % buffer.0);
            let count = wanted.min(shared.avail()).min(to_the_end);
            shared.claim(count);
            (shared.appl_ptr, count)
        });
        (self.bytes(Frames(from.0 % buffer.0)), self.bytes(count))
    }

    /// How many of these it has begun with, from where on, and where that is.
    fn claimed(&self, frames: Frames) -> (Frames, Frames, (usize, usize)) {
        let (from, count) = self.half.pcm.with(|shared| (shared.appl_ptr, shared.claimed().min(frames)));
        let buffer = self.params.buffer_size();
        (from, count, (self.bytes(Frames(from.0 % buffer.0)), self.bytes(count)))
    }
}

/// What is claimed lies in the ring.
fn inside<T, U>(view: Result<T, U>) -> T {
    let Ok(view) = view else { unreachable!("what is claimed lies in the ring") };
    view
}

impl<E: EngineCyclic> Ready<'_, E> {
    fn view(&mut self, (offset, len): (usize, usize)) -> View<'_, E> {
        match self {
            Self::Quiet { ring, .. } => View::of(&mut ring[offset..offset + len]),
            Self::Behind { old, .. } => inside(old.view(offset, len)),
        }
    }
}

impl<E: EngineCyclic> Rest<'_, E> {
    fn view(&mut self, (offset, len): (usize, usize)) -> View<'_, E> {
        match self {
            Self::Quiet { ring, .. } => View::of(&mut ring[offset..offset + len]),
            Self::Stopping { transfer, .. } => inside(transfer.view(offset, len)),
        }
    }
}

impl<'a, E: EngineCyclic, D: Way> Running<'a, E, D> {
    /// The next frames where they lie, as many as are available and in one piece. Any context; does not wait. An example is at [`Area`].
    #[doc(alias = "snd_pcm_mmap_begin")]
    pub fn begin(&mut self, frames: Frames) -> Area<'_, E, D> {
        self.flow.follow();
        let (offset, len) = self.flow.base.claim(frames);
        Area::new(inside(self.flow.transfer.view(offset, len)), &self.flow.base)
    }

    /// So many frames of what was [begun](Self::begin) with have been read or written; no more than these count. Any context; does not wait.
    ///
    /// Gives back the stream and how many count. What is not committed is as if it had not been begun with; once the client has come to
    /// another position, by whatever means, nothing is.
    ///
    /// # Errors
    /// [`Broken::Xrun`] if the engine has overtaken the client meanwhile: then none count, since those that were read may be newer than
    /// they should be, and those that were written may not be played. Else as for every other call that looks.
    #[doc(alias = "snd_pcm_mmap_commit")]
    pub fn commit(self, frames: Frames) -> Result<(Self, Frames), Broken<'a, E, D>> {
        let mut this = self;
        match this.flow.commit::<D>(frames) {
            (Look::Going(_), count) => Ok((this, count)),
            (Look::Over(end), _) => Err(this.over(end)),
        }
    }
}

impl<E: EngineCyclic> Flow<'_, E> {
    /// Counts what was read or written, if the run goes on.
    fn commit<D: Way>(&mut self, frames: Frames) -> (Look, Frames) {
        let (from, count, (offset, len)) = self.base.claimed(frames);
        if D::DIRECTION == Direction::MemToDev {
            inside(self.transfer.view(offset, len)).sync_for_device();
        }
        (self.look_and(|shared| shared.come_to(from + count)), count)
    }
}

impl<E: EngineCyclic, D: Way> Paused<'_, E, D> {
    /// As [`Running::begin`].
    #[doc(alias = "snd_pcm_mmap_begin")]
    pub fn begin(&mut self, frames: Frames) -> Area<'_, E, D> {
        let (offset, len) = self.flow.base.claim(frames);
        Area::new(inside(self.flow.transfer.view(offset, len)), &self.flow.base)
    }

    /// As [`Running::commit`]. Gives back how many count: none, too, if the stream is over, which the next call tells.
    #[doc(alias = "snd_pcm_mmap_commit")]
    pub fn commit(&mut self, frames: Frames) -> Frames {
        match self.flow.commit::<D>(frames) {
            (Look::Going(_), count) => count,
            (Look::Over(_), _) => Frames(0),
        }
    }
}

impl<E: EngineCyclic> Prepared<'_, E, Playback> {
    /// The next frames of the ring where they lie, to be filled ahead of the start; as many as there is room for in one piece. Any
    /// context. An example is at [`Area`].
    #[doc(alias = "snd_pcm_mmap_begin")]
    pub fn begin(&mut self, frames: Frames) -> Area<'_, E, Playback> {
        let part = self.base.claim(frames);
        Area::new(self.ready.view(part), &self.base)
    }

    /// So many frames of what was [begun](Self::begin) with have been written. Gives back how many count: no more than these.
    #[doc(alias = "snd_pcm_mmap_commit")]
    pub fn commit(&mut self, frames: Frames) -> Frames {
        let (from, count, part) = self.base.claimed(frames);
        self.ready.view(part).sync_for_device();
        self.base.half.pcm.with(|shared| shared.come_to(from + count));
        count
    }
}

impl<E: EngineCyclic> Leftover<'_, E> {
    /// The next frames where they lie, as many as are left in one piece. Any context.
    #[doc(alias = "snd_pcm_mmap_begin")]
    pub fn begin(&mut self, frames: Frames) -> Area<'_, E, Capture> {
        self.avail();
        let part = self.halt.base.claim(frames);
        Area::new(self.halt.rest.view(part), &self.halt.base)
    }

    /// So many frames of what was [begun](Self::begin) with have been read. Gives back how many count: none if the engine was
    /// or [may be](Self::take) at the oldest of them.
    #[doc(alias = "snd_pcm_mmap_commit")]
    pub fn commit(&mut self, frames: Frames) -> Frames {
        let (from, count, _) = self.halt.base.claimed(frames);
        self.taken(from, count).unwrap_or_default()
    }
}
