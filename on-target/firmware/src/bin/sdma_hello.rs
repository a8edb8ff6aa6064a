//! The driver on the simulated SDMA behind its real address: copies, and a ring for the SSI that tells of its periods by interrupt 34.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering};

use backend_imx_sdma::Settings;
use board::mmio::read;
use board::platform::Board;
use board::sdma::Sdma;
use board::ssi::{LEAD_IN_FRAMES, Ssi};
use board::{context, gic, hardware, sdma};
use dmaengine_core::{Atomic, Cyclic, Direction, Dma, EventKind, Micros, Outcome, Platform, Sleepable};
use spin::Once;

const CHANNELS: usize = 4;
/// The ring: four periods of 32 frames.
const PERIOD: usize = 128;
const RING: usize = 4 * PERIOD;

static DMA: Once<Dma<Sdma, CHANNELS>> = Once::new();
static SSI: Once<Ssi> = Once::new();
static INTERRUPTS: AtomicU32 = AtomicU32::new(0);
static PERIODS: AtomicU32 = AtomicU32::new(0);

fn dma() -> &'static Dma<Sdma, CHANNELS> {
    DMA.call_once(|| {
        hardware::mount();
        Dma::new(sdma::driver(Settings::default()))
    })
}

fn interrupt() {
    let Some(dma) = DMA.get() else { return };
    INTERRUPTS.fetch_add(1, Ordering::Relaxed);
    dma.interrupt(&Atomic::new(), &mut |_, event| {
        if let EventKind::Period { periods, .. } = event.kind {
            PERIODS.fetch_add(periods, Ordering::Relaxed);
        }
    });
}

fn the_driver_finds_its_sdma(_: &mut Sleepable<'_>) {
    let dma = dma();
    sdma::on_interrupt(interrupt);
    assert!(dma.channel(0).is_ok());
}

fn a_copy_arrives_and_an_interrupt_tells_of_it(context: &mut Sleepable<'_>) {
    let source: Vec<u8> = (0..4_096_u32).map(|n| (n * 7) as u8).collect();
    let expected = source.clone();
    let before = INTERRUPTS.load(Ordering::Relaxed);
    let idle = dma().channel(1).unwrap();
    let copy = idle.prep_memcpy(vec![0_u8; 4_096].leak(), source.leak()).unwrap();
    let (_active, transfer) = idle.start(copy).unwrap();
    let ended = transfer.wait(context, Micros(10_000)).unwrap();
    assert_eq!(ended.outcome, Outcome::Completed);
    assert_eq!(ended.buffer.0, &expected[..]);
    assert!(INTERRUPTS.load(Ordering::Relaxed) > before, "nobody was told");
}

fn a_ring_sounds_and_tells_of_its_periods(context: &mut Sleepable<'_>) {
    let ssi = SSI.call_once(|| Ssi::mount(48_000));
    let ring: Vec<u8> = (0..RING as u32).map(|n| n as u8 ^ (n >> 8) as u8).collect();
    let sound = ring.clone();
    let request = Cyclic { direction: Direction::MemToDev, period: PERIOD as _, config: ssi.config() };
    let idle = dma().channel(0).unwrap();
    let prepared = idle.prep_cyclic(ring.leak(), &request).unwrap();
    let (active, transfer) = idle.start(prepared).unwrap();
    ssi.start();
    context::sleep_for(context, Micros(10_000));
    ssi.stop();
    let _idle = active.terminate_sync(context).unwrap();
    let ended = transfer.try_resolve().unwrap();
    assert!(matches!(ended.outcome, Outcome::Aborted { .. }));
    let periods = PERIODS.load(Ordering::Relaxed);
    // 480 frames in 10 ms, and up to 8 that wait in the FIFO.
    assert_eq!(periods, 15);

    let played = ssi.played();
    assert_eq!(played.len(), 1);
    assert_eq!((played[0].torn, played[0].dry), (0, 0));
    let (silence, heard) = played[0].bytes.split_at(LEAD_IN_FRAMES * board::ssi::FRAME);
    assert!(silence.iter().all(|byte| *byte == 0));
    assert!(heard.len() > 4 * 465);
    assert!(heard.iter().zip(sound.iter().cycle()).all(|(heard, meant)| heard == meant));
}

/// The line is a level: it is up while a bit of INTR is, and a handler that clears the bit takes the interrupt back.
fn the_line_follows_intr(context: &mut Sleepable<'_>) {
    const INTR: u32 = 0x020E_C004;
    let idle = dma().channel(1).unwrap();
    let copy = idle.prep_memcpy(vec![0_u8; 64].leak(), vec![1_u8; 64].leak()).unwrap();
    let transfer = context::masked(context, |_| {
        // In here, or the tick's interrupt may let it be told of before.
        let (_active, transfer) = idle.start(copy).unwrap();
        Board.delay(Micros(100));
        assert!(gic::is_pending(gic::SDMA));
        assert_ne!(read(INTR), 0);
        interrupt();
        assert_eq!(read(INTR), 0);
        assert!(!gic::is_pending(gic::SDMA));
        transfer
    });
    assert_eq!(transfer.try_resolve().unwrap().outcome, Outcome::Completed);
}

fn the_simulation_has_nothing_to_complain_about(_: &mut Sleepable<'_>) {
    hardware::hw(|sdma| assert_eq!(sdma.reports(), []));
}

board::tests![
    the_driver_finds_its_sdma,
    a_copy_arrives_and_an_interrupt_tells_of_it,
    a_ring_sounds_and_tells_of_its_periods,
    the_line_follows_intr,
    the_simulation_has_nothing_to_complain_about,
];
