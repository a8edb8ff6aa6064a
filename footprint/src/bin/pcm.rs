//! A playback stream on the SDMA: parameters, start, an interrupt, a write, an XRUN and the way out of it.
#![no_std]
#![no_main]

use core::ffi::CStr;
use core::sync::atomic::{AtomicU32, Ordering};

use dmaengine_core::{Atomic, Dma};
use footprint::chip::{Sdma, context, finish, sdma, ssi};
use footprint::{Ring, line, stack_of_interrupt};
use pcm_dmaengine::{Frames, HwParams, Pcm, PeriodHalf, SampleFormat};
use spin::{Mutex, MutexGuard, Once};

const PARAMS: HwParams =
    HwParams { format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: Frames(64), periods: 4 };

static DMA: Once<Dma<Sdma, 1>> = Once::new();
static HALF: Once<PeriodHalf<'static, Sdma>> = Once::new();
static PCM: Mutex<Option<Pcm<Sdma>>> = Mutex::new(None);
static RING: Mutex<Ring> = Mutex::new(Ring([0; 1024]));
/// Whether a period was told.
static PERIODS: AtomicU32 = AtomicU32::new(0);

#[unsafe(no_mangle)]
fn interrupt() {
    if let (Some(dma), Some(half)) = (DMA.get(), HALF.get()) {
        dma.interrupt(&Atomic::new(), &mut |callback, event| {
            _ = half.elapsed(callback, event);
            PERIODS.store(1, Ordering::Relaxed);
        });
    }
}

#[unsafe(no_mangle)]
fn program() -> &'static CStr {
    run().unwrap_or(c"0")
}

fn run() -> Option<&'static CStr> {
    let engine = sdma()?;
    let dma = DMA.call_once(|| Dma::new(engine));
    let pcm = MutexGuard::leak(PCM.try_lock()?).insert(Pcm::new());
    let ring = &mut MutexGuard::leak(RING.try_lock()?).0;
    let (open, half) = pcm.open_playback(dma.channel(0).ok()?, ssi()?);
    HALF.call_once(|| half);
    let mut prepared = open.hw_params(PARAMS, ring).ok()?.prepare();
    prepared.writei(&[0; 1024]);
    let running = prepared.start().ok()?;
    finish(1);
    let depth = stack_of_interrupt() * PERIODS.load(Ordering::Relaxed);
    let context = context();
    let (running, _) = running.writei(&context, &[0; 256]).ok()?;
    let (_prepared, _lost) = running.xrun().recover(&context).ok()?;
    Some(line(depth))
}
