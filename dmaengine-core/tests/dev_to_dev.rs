//! From one device to another, past memory.

mod common;

use backend_mock::hw::{Peripheral, Source, StreamConfig};
use common::*;
use dmaengine_core::{BusAddr, BusWidth, DevToDev, EventKind, Outcome, PrepError, SlaveConfig, Status};

/// A frame of four bytes each 10 µs, the same on both sides.
const LINE: StreamConfig = StreamConfig { rate: 100_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

fn request(period: u32) -> DevToDev {
    let device = |address| SlaveConfig::new(BusAddr(address), BusWidth::Four, ());
    DevToDev { source: device(0x0203_4000), destination: device(0x0202_8000), period }
}

#[test]
fn what_one_device_gives_the_other_takes_until_the_stop() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let hw = dma.engine().hw();
    let frames: Vec<u8> = (1..=10_000_u32).flat_map(u32::to_le_bytes).collect();
    hw.attach(0, Peripheral::recorder(LINE, Source { frames: frames.clone().into(), repeat: 1 }));
    hw.attach_sink(0, Peripheral::player(LINE));
    let idle = dma.channel(0).unwrap();
    let prepared = idle.prep_dev_to_dev(&request(200)).unwrap();
    let (active, transfer) = idle.start(prepared).unwrap();
    run(&cpu, dma.engine(), 3 * 500 + 100);
    assert!(matches!(transfer.status(), Status::Running { residue: 160, .. }), "{:?}", transfer.status());
    let periods = events.take().into_iter().map(|event| event.kind).collect::<Vec<_>>();
    assert_eq!(periods, [200, 400, 600].map(|position| EventKind::Period { periods: 1, position }));

    let stopping = active.terminate_async();
    let transfer = transfer.try_resolve().expect_err("it goes on for a while");
    run(&cpu, dma.engine(), 2 * L);
    let _idle = stopping.try_finish().unwrap();
    assert!(matches!(transfer.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
    run(&cpu, dma.engine(), 1_000);
    let taken = hw.with_sink(0, |sink| sink.taken()[0].bytes.to_vec()).unwrap();
    // 1.6 ms and the stop latency of 1 ms: 260 frames, each in its place.
    assert_eq!(taken.len(), 4 * 260);
    assert_eq!(taken, frames[..4 * 260]);
    assert_clean(dma.engine());
}

#[test]
fn a_period_of_nothing_or_of_too_much_is_refused() {
    let dma = board::<4>();
    let idle = dma.channel(0).unwrap();
    assert_eq!(idle.prep_dev_to_dev(&request(0)).unwrap_err(), PrepError::Zero);
    let limit = 1 << 20;
    let error = idle.prep_dev_to_dev(&request(limit + 4)).unwrap_err();
    assert_eq!(error, PrepError::SegmentTooLong { len: u64::from(limit) + 4, limit });
    assert_all_slots_free(&idle, 4);
}
