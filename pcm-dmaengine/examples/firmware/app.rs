//! The firmware: statics, an interrupt handler, and a main loop that sleeps where there is nothing to do.
//!
//! What belongs to the main loop alone is taken out of its static once and for all ([`take`]); what the interrupt needs, too, is put
//! into its static once and then only looked at.

use dmaengine_core::{Atomic, Dma, Engine, Micros, Platform, RequestError, SlaveConfig, Sleepable};
use pcm_dmaengine::{
    Broken, Dai, Fault, Frames, HwParams, ParamError, Pcm, PcmStatistics, PeriodHalf, Playback, Prepared, Recovery,
    Running, SampleFormat, StartError, Stopped,
};
use spin::{Mutex, MutexGuard, Once};

use crate::board::Sdma;
use crate::chime::{Chime, FRAME_BYTES, RATE};

const PERIOD: usize = 240;
const PERIODS: u32 = 4;
const PERIOD_BYTES: usize = PERIOD * FRAME_BYTES;

const PARAMS: HwParams = HwParams {
    format: SampleFormat::S16Le,
    rate: RATE,
    channels: 2,
    period_size: Frames(PERIOD as u64),
    periods: PERIODS,
};

/// The main loop has something else to do every so many periods, and for so long: longer than the ring lasts.
const SAVE_EVERY: u32 = 40;
const SAVE_TAKES: Micros = Micros(25_000);

static DMA: Once<Dma<Sdma, 1>> = Once::new();
static PERIOD_HALF: Once<PeriodHalf<'static, Sdma>> = Once::new();
static PCM: Mutex<Option<Pcm<Sdma>>> = Mutex::new(None);
static RING: Mutex<Ring> = Mutex::new(Ring([0; PERIOD_BYTES * PERIODS as usize]));

/// The ring begins where the SDMA's words do.
#[repr(align(4))]
struct Ring([u8; PERIOD_BYTES * PERIODS as usize]);

/// What is in a static, for good: the second one who asks gets nothing.
fn take<T>(place: &'static Mutex<T>) -> Result<&'static mut T, Trouble> {
    place.try_lock().map(MutexGuard::leak).ok_or(Trouble::Taken)
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum Trouble {
    #[error("the bell is in use")]
    Taken,
    #[error("no channel: {0}")]
    Channel(#[from] RequestError),
    #[error("parameters: {0}")]
    Params(#[from] ParamError),
    #[error("no start: {0}")]
    Start(#[from] StartError),
    #[error("dead: {0}")]
    Dead(#[from] Fault),
    #[error("the device is gone")]
    Gone,
}

impl From<Broken<'_, Sdma, Playback>> for Trouble {
    fn from(broken: Broken<'_, Sdma, Playback>) -> Self {
        match broken {
            Broken::Faulted(dead) => Self::Dead(dead.fault()),
            _ => Self::Gone,
        }
    }
}

/// The handler of the SDMA's interrupt. `is_torn`: the SSI lacked a word.
pub fn sdma_interrupt(is_torn: bool) {
    let (Some(dma), Some(period)) = (DMA.get(), PERIOD_HALF.get()) else { return };
    dma.interrupt(&Atomic::new(), &mut |callback, event| _ = period.elapsed(callback, event));
    if is_torn {
        period.xrun();
    }
}

/// The main loop, from the button to the silence: it rings once.
pub fn ring(
    context: &Sleepable<'_>,
    sdma: impl FnOnce() -> Sdma,
    dai: &'static dyn Dai,
    config: SlaveConfig<<Sdma as Engine>::Peripheral>,
) -> Result<PcmStatistics, Trouble> {
    let (pcm, ring) = (take(&PCM)?.insert(Pcm::new()), take(&RING)?);
    let dma = DMA.call_once(|| Dma::new(sdma()));
    let (open, half) = pcm.open_with::<Playback>(dma.channel(0)?, config, dai);
    PERIOD_HALF.call_once(|| half);

    // The engine is told to start behind the stop, so an XRUN costs no waiting.
    let open = open.with_recovery(Recovery::QUEUE_AFTER_STOP);
    let setup = open.hw_params(PARAMS, &mut ring.0).map_err(|kept| kept.error)?;
    play(context, setup.prepare(), dma.engine().platform())?;
    Ok(half.statistics())
}

/// Plays the bell to its end, with as many runs as it takes.
fn play(
    context: &Sleepable<'_>,
    prepared: Prepared<'static, Sdma, Playback>,
    platform: &impl Platform,
) -> Result<(), Trouble> {
    let (mut prepared, mut source) = (prepared, Source::new());
    loop {
        while prepared.avail() > Frames(0) && !source.is_at_an_end() {
            let written = prepared.writei(source.pending());
            source.wrote(written);
        }
        let running = prepared.start().map_err(|kept| kept.error)?;
        prepared = match run(context, running, &mut source, platform) {
            Ok(stopped) => return stopped.recover(context).map(drop).map_err(|dead| dead.fault().into()),
            Err(broken) => broken.recover(context)?.0,
        };
    }
}

/// One run: a period at a time, asleep in between, and played out at the end.
fn run(
    context: &Sleepable<'_>,
    running: Running<'static, Sdma, Playback>,
    source: &mut Source,
    platform: &impl Platform,
) -> Result<Stopped<'static, Sdma, Playback>, Broken<'static, Sdma, Playback>> {
    let mut running = running;
    while !source.is_at_an_end() {
        if source.is_time_to_save() {
            // As a write to flash does, this keeps the processor.
            platform.delay(SAVE_TAKES);
        }
        let written;
        (running, written) = running.writei(context, source.pending())?;
        source.wrote(written);
    }
    running.drain(context)
}

/// The bell's frames, a period at a time, and a period of silence behind them: what the SSI's FIFO holds when the stream stops is not
/// heard any more.
struct Source {
    chime: Chime,
    period: [u8; PERIOD_BYTES],
    /// Bytes of `period` that were written.
    written: usize,
    /// Periods that were made, and whether there is one of silence behind them.
    made: u32,
    is_silent: bool,
    saved: u32,
}

impl Source {
    fn new() -> Self {
        let empty = [0; PERIOD_BYTES];
        let mut this = Self { chime: Chime::new(), period: empty, written: 0, made: 0, is_silent: false, saved: 0 };
        this.make();
        this
    }

    fn make(&mut self) {
        self.is_silent = true;
        for frame in self.period.chunks_exact_mut(FRAME_BYTES) {
            let next = self.chime.next();
            self.is_silent &= next.is_none();
            frame.copy_from_slice(&next.unwrap_or_default());
        }
        (self.written, self.made) = (0, self.made + 1);
    }

    fn pending(&self) -> &[u8] {
        &self.period[self.written..]
    }

    fn wrote(&mut self, frames: Frames) {
        self.written += frames.0 as usize * FRAME_BYTES;
        if self.written == PERIOD_BYTES && !self.is_silent {
            self.make();
        }
    }

    fn is_at_an_end(&self) -> bool {
        self.written == PERIOD_BYTES
    }

    fn is_time_to_save(&mut self) -> bool {
        let is_due = self.made / SAVE_EVERY > self.saved;
        self.saved += u32::from(is_due);
        is_due
    }
}
