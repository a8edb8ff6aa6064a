//! Misuse: telling a stream of a period without saying of which run. The callback of Linux's PCM layer has no more than
//! the stream, so a late period of the old run moves the new pointer (sound/core/pcm_dmaengine.c).

use backend_mock::Mock;
use dmaengine_core::{Callback, ChannelId, Event, EventKind};
use pcm_dmaengine::PeriodHalf;

fn on_period(half: &PeriodHalf<'_, Mock>, callback: &Callback<'_, Mock>) {
    let kind = EventKind::Period { periods: 1, position: 128 };
    half.elapsed(callback, Event { channel: ChannelId(0), kind });
}

fn main() {}
