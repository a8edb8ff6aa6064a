//! A client's samples, on their way out of a ring or into it: interleaved in one slice, or in a slice for each channel.
//!
//! The ring itself is always interleaved. It is copied stretch by stretch, and into channels by way of a piece of stack, so a
//! sample costs neither a lock nor care of a cache of its own.

use crate::error::ChannelsError;
use crate::units::{Frames, HwParams};

/// Where frames go that are read.
pub(crate) trait Sink {
    /// Takes `len` bytes of whole frames, the first of which is the client's number `at`. `copy_out` copies bytes out of the ring,
    /// from so many of the `len` on.
    fn fill(&mut self, at: Frames, len: usize, copy_out: impl Fn(usize, &mut [u8]));
}

/// Where frames come from that are written.
pub(crate) trait Source {
    /// Gives `len` bytes of whole frames, the first of which is the client's number `at`. `copy_in` copies bytes into the ring,
    /// from so many of the `len` on.
    fn give(&self, at: Frames, len: usize, copy_in: impl FnMut(usize, &[u8]));
}

/// Frame after frame, as they are in the ring.
pub(crate) struct Interleaved<S> {
    slice: S,
    frame_bytes: usize,
}

impl<S: AsRef<[u8]>> Interleaved<S> {
    pub(crate) fn new(slice: S, params: &HwParams) -> Self {
        Self { slice, frame_bytes: params.frame_bytes() as usize }
    }

    /// Whole frames in it.
    pub(crate) fn frames(&self) -> Frames {
        Frames((self.slice.as_ref().len() / self.frame_bytes) as u64)
    }

    fn start(&self, at: Frames) -> usize {
        at.0 as usize * self.frame_bytes
    }
}

impl Sink for Interleaved<&mut [u8]> {
    fn fill(&mut self, at: Frames, len: usize, copy_out: impl Fn(usize, &mut [u8])) {
        let start = self.start(at);
        copy_out(0, &mut self.slice[start..start + len]);
    }
}

impl Source for Interleaved<&[u8]> {
    fn give(&self, at: Frames, len: usize, mut copy_in: impl FnMut(usize, &[u8])) {
        let start = self.start(at);
        copy_in(0, &self.slice[start..start + len]);
    }
}

/// A slice for each channel, each with as many samples as the others.
pub(crate) struct Channels<S> {
    slices: S,
    sample: usize,
    frames: Frames,
}

impl<S> Channels<S> {
    /// Whole samples in each slice.
    pub(crate) fn frames(&self) -> Frames {
        self.frames
    }
}

impl<'c, S: AsMut<[u8]>> Channels<&'c mut [S]> {
    /// # Errors
    /// [`ChannelsError`], if they are not what the parameters want.
    pub(crate) fn to_read(slices: &'c mut [S], params: &HwParams) -> Result<Self, ChannelsError> {
        let frames = frames_of(slices.iter_mut().map(|slice| slice.as_mut().len()), params)?;
        Ok(Self { slices, sample: params.format.bytes() as usize, frames })
    }
}

impl<'c, S: AsRef<[u8]>> Channels<&'c [S]> {
    /// # Errors
    /// [`ChannelsError`], if they are not what the parameters want.
    pub(crate) fn to_write(slices: &'c [S], params: &HwParams) -> Result<Self, ChannelsError> {
        let frames = frames_of(slices.iter().map(|slice| slice.as_ref().len()), params)?;
        Ok(Self { slices, sample: params.format.bytes() as usize, frames })
    }
}

/// Whole samples in each of the slices, which have so many bytes.
fn frames_of(lens: impl ExactSizeIterator<Item = usize>, params: &HwParams) -> Result<Frames, ChannelsError> {
    let (slices, channels) = (lens.len(), params.channels);
    if slices != usize::from(channels) {
        return Err(ChannelsError::Count { slices, channels });
    }
    let mut first = None;
    for (channel, len) in lens.enumerate() {
        let first = *first.get_or_insert(len);
        if len != first {
            return Err(ChannelsError::Length { channel: channel as u16, len, first });
        }
    }
    Ok(Frames(first.unwrap_or_default() as u64 / u64::from(params.format.bytes())))
}

/// Bytes of stack: whole samples of every size.
const PIECE: usize = 480;

/// Cuts `len` bytes of a ring into pieces: byte offset and byte count.
fn pieces(len: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..len).step_by(PIECE).map(move |skip| (skip, PIECE.min(len - skip)))
}

/// Which of a piece's samples are a channel's. `start` is the number of the piece's first sample, from the first of frame `at` on.
/// Answers which sample of the piece is the first of the channel, and which frame that belongs to.
fn first_of(channel: usize, channels: usize, start: usize, at: Frames) -> (usize, usize) {
    let first = (channel + channels - start % channels) % channels;
    (first, at.0 as usize + (start + first) / channels)
}

impl<S: AsMut<[u8]>> Sink for Channels<&mut [S]> {
    fn fill(&mut self, at: Frames, len: usize, copy_out: impl Fn(usize, &mut [u8])) {
        let mut piece = [0; PIECE];
        for (skip, len) in pieces(len) {
            copy_out(skip, &mut piece[..len]);
            let (piece, start) = (&piece[..len], skip / self.sample);
            match self.sample {
                1 => scatter::<1>(piece, self.slices, start, at),
                2 => scatter::<2>(piece, self.slices, start, at),
                3 => scatter::<3>(piece, self.slices, start, at),
                4 => scatter::<4>(piece, self.slices, start, at),
                _ => scatter::<8>(piece, self.slices, start, at),
            }
        }
    }
}

/// Interleaved samples of `N` bytes, to the channels.
fn scatter<const N: usize>(piece: &[u8], slices: &mut [impl AsMut<[u8]>], start: usize, at: Frames) {
    let channels = slices.len();
    for (channel, slice) in slices.iter_mut().enumerate() {
        let (first, frame) = first_of(channel, channels, start, at);
        let theirs = slice.as_mut()[frame * N..].chunks_exact_mut(N);
        let samples = piece.chunks_exact(N).skip(first).step_by(channels);
        samples.zip(theirs).for_each(|(sample, place)| place.copy_from_slice(sample));
    }
}

impl<S: AsRef<[u8]>> Source for Channels<&[S]> {
    fn give(&self, at: Frames, len: usize, mut copy_in: impl FnMut(usize, &[u8])) {
        let mut piece = [0; PIECE];
        for (skip, len) in pieces(len) {
            let (piece, start) = (&mut piece[..len], skip / self.sample);
            match self.sample {
                1 => gather::<1>(piece, self.slices, start, at),
                2 => gather::<2>(piece, self.slices, start, at),
                3 => gather::<3>(piece, self.slices, start, at),
                4 => gather::<4>(piece, self.slices, start, at),
                _ => gather::<8>(piece, self.slices, start, at),
            }
            copy_in(skip, piece);
        }
    }
}

/// The channels' samples of `N` bytes, interleaved.
fn gather<const N: usize>(piece: &mut [u8], slices: &[impl AsRef<[u8]>], start: usize, at: Frames) {
    let channels = slices.len();
    for (channel, slice) in slices.iter().enumerate() {
        let (first, frame) = first_of(channel, channels, start, at);
        let samples = slice.as_ref()[frame * N..].chunks_exact(N);
        let theirs = piece.chunks_exact_mut(N).skip(first).step_by(channels);
        theirs.zip(samples).for_each(|(place, sample)| place.copy_from_slice(sample));
    }
}
