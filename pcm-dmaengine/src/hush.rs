//! Silence, written: into the ring of a run that moves, under the stream's lock, by whoever moves its pointer. That is the
//! interrupt or the thread, so a client that does not come back for long is not heard again and again.

use dmaengine_core::{Engine, Platform};

use crate::format::SampleFormat;
use crate::pcm::Shared;
use crate::period::PeriodHalf;
use crate::units::Frames;

/// Hands out silence for a part of a ring, piece by piece: a byte offset, and what belongs there. The part begins with a sample.
pub(crate) fn pieces<E>(
    format: SampleFormat,
    (offset, len): (usize, usize),
    mut put: impl FnMut(usize, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    // Whole samples of one, two, three, four and eight bytes.
    let mut silence = [0; 192];
    format.fill_silence(&mut silence);
    (0..len).step_by(silence.len()).try_for_each(|at| put(offset + at, &silence[..silence.len().min(len - at)]))
}

impl<E: Engine> PeriodHalf<'_, E> {
    /// The engine has moved so many bytes in this run: the pointer goes there, and what is due to be silent falls silent.
    pub(crate) fn follow(&self, shared: &mut Shared, bytes: u64) {
        let last = shared.hw_ptr;
        shared.follow(bytes, self.platform.now());
        self.hush(shared, last);
    }

    fn hush(&self, shared: &mut Shared, last: Frames) {
        let (Some(run), Some(stretch)) = (shared.run, shared.silence_due(last)) else { return };
        let format = shared.params.format;
        let mut stretches = shared.params.stretches(stretch.from, stretch.count);
        let hushed = stretches
            .try_for_each(|part| pieces(format, part, |offset, silence| self.writer.copy_in(run, offset, silence)));
        // What was refused, since the run is over or the client is at it, is not silent.
        if hushed.is_ok() {
            shared.silence.done(stretch);
        }
    }
}
