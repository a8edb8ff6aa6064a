//! Rows of chunks in memory, to a device and from one: where the data lands, what becomes of the gaps, repeating and replacing,
//! stopping in the middle, and what is refused.

mod common;

use backend_mock::hw::Peripheral;
use common::picky::{Picky, Whims};
use common::*;
use dmaengine_core::{
    BusWidths, Chunk, Dma, EventKind, Facts, Idle, Interleaved, Outcome, PrepError, SlaveConfig, Status,
};

/// A row of 8 bytes and 12, with gaps behind them that differ between the way from a device and the way to one.
const ROW: [Chunk; 2] = [Chunk { size: 8, src_gap: 4, dst_gap: 4 }, Chunk { size: 12, src_gap: 16, dst_gap: 8 }];
/// Bytes of a row in memory, gaps and all: that a device fills, and that a device is served from.
const IN: usize = 32;
const OUT: usize = 40;
/// Three rows are 60 bytes of data: 15 frames, 150 µs.
const ROWS: u32 = 3;
const DATA: u64 = 60;

/// The offset of each byte of the data in memory, in order. The first gap is the same on both ways.
fn offsets(line: usize) -> impl Iterator<Item = usize> {
    (0..ROWS as usize).flat_map(move |row| (0..8).chain(12..24).map(move |at| row * line + at))
}

/// Frames from a number on.
fn frames(first: u32, count: u32) -> Vec<u8> {
    (first..first + count).flat_map(u32::to_le_bytes).collect()
}

/// Poison to the last byte that three rows need.
fn rows_in() -> Memory {
    let memory = zeroed(3 * IN - 8);
    memory.fill(POISON);
    memory
}

fn check_filled(memory: &[u8], data: &[u8]) {
    let mut wanted = vec![POISON; memory.len()];
    offsets(IN).zip(data).for_each(|(at, &byte)| wanted[at] = byte);
    assert_eq!(memory, wanted);
}

#[test]
fn what_a_device_gives_fills_the_pieces_and_leaves_the_gaps_alone() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    attach_recorder(dma.engine(), 0);
    let idle = dma.channel(0).unwrap();
    let prepared = idle.prep_interleaved_from_device(rows_in(), &Interleaved::new(&ROW, ROWS), &config()).unwrap();
    let (active, transfer) = idle.start(prepared).unwrap();
    assert!(matches!(transfer.status(), Status::Running { residue: DATA, .. }), "the gaps are not counted");
    run(&cpu, dma.engine(), 149);
    assert!(matches!(transfer.status(), Status::Running { residue: 4, .. }));
    run(&cpu, dma.engine(), 1);
    assert_eq!(events.kinds(), [(0, EventKind::Completed)]);
    let ended = transfer.try_resolve().unwrap();
    assert_eq!(ended.outcome, Outcome::Completed);
    check_filled(ended.buffer, &frames(1, 15));
    let _idle = active.try_idle().unwrap();
    assert_clean(dma.engine());
}

/// Memory that may only be read is enough; the bus gives the engine no more than that.
#[test]
fn a_device_takes_the_pieces_and_not_the_gaps() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    dma.engine().hw().attach(0, Peripheral::player(stream()));
    let image: &'static [u8] = pattern(3 * OUT - 16, 7);
    let idle = dma.channel(0).unwrap();
    let prepared = idle.prep_interleaved_to_device(image, &Interleaved::new(&ROW, ROWS), &config()).unwrap();
    let (active, transfer) = idle.start(prepared).unwrap();
    run(&cpu, dma.engine(), 1_000);
    assert_eq!(transfer.try_resolve().unwrap().outcome, Outcome::Completed);
    let wanted: Vec<u8> = offsets(OUT).map(|at| image[at]).collect();
    let taken = dma.engine().hw().with_peripheral(0, |player| player.taken()[0].bytes.to_vec()).unwrap();
    assert_eq!(taken, wanted);
    let _idle = active.try_idle().unwrap();
    assert_clean(dma.engine());
}

/// The device goes on giving from round to round without a break; what replaces at the end begins with the next frame.
#[test]
fn s65_rows_from_a_device_repeat_until_they_are_replaced() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    attach_recorder(dma.engine(), 0);
    let idle = dma.channel(0).unwrap();
    let shape = Interleaved::new(&ROW, ROWS);
    let prepared = idle.prep_interleaved_from_device(rows_in(), &shape.repeating(), &config()).unwrap();
    let (active, first) = idle.start(prepared).unwrap();
    run(&cpu, dma.engine(), 2 * 150 + 50);
    let rounds = [60, 120].map(|position| EventKind::Period { periods: 1, position });
    assert_eq!(events.of(first.generation()), rounds);
    assert!(matches!(first.status(), Status::Running { residue: 40, .. }), "of this round");
    // A reader follows it round: the second row still is of the round before.
    let mut row = [0; 8];
    first.copy_out(IN, &mut row).unwrap();
    assert_eq!(row, *frames(21, 2));

    let last = active.prep_interleaved_from_device(rows_in(), &shape.loaded_at_end(), &config()).unwrap();
    let second = active.submit(last).unwrap();
    active.issue();
    run(&cpu, dma.engine(), 90);
    assert_eq!(second.status(), Status::Queued { residue: DATA }, "to the end of its round");
    run(&cpu, dma.engine(), 10);
    let first = first.try_resolve().unwrap();
    assert_eq!(first.outcome, Outcome::Completed);
    check_filled(first.buffer, &frames(31, 15));
    run(&cpu, dma.engine(), 150);
    let second = second.try_resolve().unwrap();
    assert_eq!(second.outcome, Outcome::Completed);
    check_filled(second.buffer, &frames(46, 15));
    let _idle = active.try_idle().unwrap();
    assert_clean(dma.engine());
}

/// A picture goes out again and again until the next one is there, as to a display.
#[test]
fn s65_rows_to_a_device_repeat_until_they_are_replaced() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    dma.engine().hw().attach(0, Peripheral::player(stream()));
    let pictures = [1, 2].map(|seed| &*pattern(3 * OUT - 16, seed));
    let (idle, shape) = (dma.channel(0).unwrap(), Interleaved::new(&ROW, ROWS));
    let prepared = idle.prep_interleaved_to_device(pictures[0], &shape.repeating(), &config()).unwrap();
    let (active, first) = idle.start(prepared).unwrap();
    run(&cpu, dma.engine(), 400);
    assert!(matches!(first.status(), Status::Running { .. }));
    let next = active.prep_interleaved_to_device(pictures[1], &shape.loaded_at_end(), &config()).unwrap();
    let second = active.submit(next).unwrap();
    active.issue();
    run(&cpu, dma.engine(), 1_000);
    for transfer in [first, second] {
        assert_eq!(transfer.try_resolve().unwrap().outcome, Outcome::Completed);
    }
    let taken = dma
        .engine()
        .hw()
        .with_peripheral(0, |player| player.taken().iter().map(|run| run.bytes.to_vec()).collect::<Vec<_>>());
    let wanted = pictures.map(|picture| offsets(OUT).map(|at| picture[at]).collect::<Vec<u8>>());
    // The FIFO takes 32 frames ahead of 40 that are played: in the fifth round of 15 the next picture is there.
    assert_eq!(taken.unwrap(), [wanted[0].repeat(5), wanted[1].clone()]);
    let _idle = active.try_idle().unwrap();
    assert_clean(dma.engine());
}

/// The engine goes on for a millisecond, which is past the end of the longer rows: 400 frames, cut off at 100.
#[test]
fn terminated_half_way_they_tell_what_is_left_and_come_back_when_it_has_stopped() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    attach_recorder(dma.engine(), 0);
    let idle = dma.channel(0).unwrap();
    let row = [Chunk { size: 40, src_gap: 0, dst_gap: 8 }];
    let memory = zeroed(40 * 48);
    memory.fill(POISON);
    let prepared = idle.prep_interleaved_from_device(memory, &Interleaved::new(&row, 40), &config()).unwrap();
    let (active, transfer) = idle.start(prepared).unwrap();
    run(&cpu, dma.engine(), 50);
    assert!(matches!(transfer.status(), Status::Running { residue: 1_580, .. }));
    let stopping = active.terminate_async();
    let transfer = transfer.try_resolve().expect_err("it goes on for a while");
    run(&cpu, dma.engine(), L);
    let _idle = stopping.try_finish().unwrap();
    let ended = transfer.try_resolve().unwrap();
    let residue = 1_600 - 4 * 105;
    assert_eq!(ended.outcome, Outcome::Aborted { residue });
    let mut wanted = vec![POISON; 40 * 48];
    let data = frames(1, 105);
    let places = (0..40).flat_map(|row| row * 48..row * 48 + 40);
    places.zip(&data).for_each(|(at, &byte)| wanted[at] = byte);
    assert_eq!(ended.buffer, wanted);
    assert_left_alone(dma.engine(), ended.buffer);
}

/// Paused in the middle of a chunk it stands still; what the device loses meanwhile is lost, and no byte of memory is.
#[test]
fn paused_they_stand_still_and_go_on_where_they_were() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    attach_recorder(dma.engine(), 0);
    let idle = dma.channel(0).unwrap();
    let prepared = idle.prep_interleaved_from_device(rows_in(), &Interleaved::new(&ROW, ROWS), &config()).unwrap();
    let (active, transfer) = idle.start(prepared).unwrap();
    run(&cpu, dma.engine(), 35);
    let paused = active.pause().unwrap();
    run(&cpu, dma.engine(), 200);
    assert!(matches!(transfer.status(), Status::Paused { residue: 48, .. }), "{:?}", transfer.status());
    let active = paused.resume().unwrap();
    run(&cpu, dma.engine(), 150);
    let ended = transfer.try_resolve().unwrap();
    assert_eq!(ended.outcome, Outcome::Completed);
    check_filled(ended.buffer, &frames(1, 15));
    let _idle = active.try_idle().unwrap();
    assert_clean(dma.engine());
}

/// Rows that are asked for on both ways, of an engine with these limits and whims.
struct Refused<'c> {
    change: fn(&mut Facts),
    len: usize,
    shape: Interleaved<'c>,
    config: SlaveConfig,
    whims: Whims,
}

impl<'c> Refused<'c> {
    fn of(chunks: &'c [Chunk], rows: u32, len: usize) -> Self {
        let (shape, whims) = (Interleaved::new(chunks, rows), Whims::default());
        Self { change: |_| (), len, shape, config: config(), whims }
    }

    fn by(self, change: fn(&mut Facts)) -> Self {
        Self { change, ..self }
    }

    /// What is answered from a device and to one; `None` if it can be prepared. Nothing is left behind.
    fn answers(&self) -> [Option<PrepError>; 2] {
        let dma: Dma<Picky, 1, 2> = Dma::new(Picky::new(mock(L), self.change, self.whims));
        let idle: Idle<'_, Picky> = dma.channel(0).unwrap();
        let memory = zeroed(self.len);
        let (from, memory) = match idle.prep_interleaved_from_device(memory, &self.shape, &self.config) {
            Ok(prepared) => (None, prepared.cancel()),
            Err(kept) => (Some(kept.error), kept.value),
        };
        let (to, memory) = match idle.prep_interleaved_to_device(memory, &self.shape, &self.config) {
            Ok(prepared) => (None, prepared.cancel()),
            Err(kept) => (Some(kept.error), kept.value),
        };
        assert_eq!(memory.len(), self.len, "given back");
        assert_eq!(dma.engine().mapped(), 0, "something is still mapped");
        assert_eq!(dma.engine().mock.hw().log(), []);
        assert_clean(&dma.engine().mock);
        if self.whims.prep_code.is_none() {
            assert_all_slots_free(&idle, 2);
        }
        [from, to]
    }
}

fn both(error: PrepError) -> [Option<PrepError>; 2] {
    [Some(error); 2]
}

#[test]
fn s9_rows_of_nothing_are_refused() {
    let empty = [ROW[0], Chunk { size: 0, src_gap: 4, dst_gap: 4 }];
    for nothing in
        [Refused::of(&ROW, 0, 200), Refused::of(&[], 3, 200), Refused::of(&empty, 3, 200), Refused::of(&ROW, 3, 0)]
    {
        assert_eq!(nothing.answers(), both(PrepError::Zero));
    }
}

#[test]
fn s9_rows_that_do_not_fit_are_refused() {
    let out = |end, len| Some(PrepError::OutOfBuffer { end, len });
    assert_eq!(Refused::of(&ROW, 3, 88).answers(), [None, out(104, 88)], "from a device it fits to the byte");
    assert_eq!(Refused::of(&ROW, 3, 87).answers(), [out(88, 87), out(104, 87)]);
    assert_eq!(Refused::of(&ROW, 3, 103).answers(), [None, out(104, 103)]);
    assert_eq!(Refused::of(&ROW, 3, 104).answers(), [None, None]);
    // Rows so many and so far apart that their sum is beyond 64 bits. The engine would refuse them, too, and is not asked.
    let wide = [Chunk { size: 3, src_gap: u32::MAX, dst_gap: u32::MAX }];
    let end = u64::MAX - u64::from(u32::MAX);
    let endless = |facts: &mut Facts| facts.max_segments = u32::MAX;
    let whims = Whims { prep_code: Some(42), ..Whims::default() };
    let far = Refused { whims, ..Refused::of(&wide, u32::MAX, 64).by(endless) };
    assert_eq!(far.answers(), both(PrepError::OutOfBuffer { end, len: 64 }));
}

#[test]
fn s9_rows_off_the_alignment_are_refused() {
    let by_8: fn(&mut Facts) = |facts| facts.align = 8;
    let odd = |value| Some(PrepError::Misaligned { value, align: 8 });
    let row = |size, src_gap, dst_gap| [Chunk { size, src_gap, dst_gap }];
    assert_eq!(Refused::of(&row(12, 8, 8), 3, 200).by(by_8).answers(), [odd(12); 2]);
    assert_eq!(Refused::of(&row(16, 8, 8), 3, 204).by(by_8).answers(), [odd(204); 2]);
    assert_eq!(
        Refused::of(&row(16, 8, 4), 3, 200).by(by_8).answers(),
        [odd(4), None],
        "the device's gap does not count"
    );
    assert_eq!(Refused::of(&row(16, 4, 8), 3, 200).by(by_8).answers(), [None, odd(4)]);
    assert_eq!(Refused::of(&row(16, 8, 8), 3, 200).by(by_8).answers(), [None, None]);
}

#[test]
fn s9_rows_beyond_the_engine_are_refused() {
    let narrow: fn(&mut Facts) = |facts| facts.widths = BusWidths::TWO;
    assert_eq!(Refused::of(&ROW, 3, 200).by(narrow).answers(), both(PrepError::Width { bytes: 4 }));
    let short: fn(&mut Facts) = |facts| facts.max_segment = 11;
    assert_eq!(Refused::of(&ROW, 3, 200).by(short).answers(), both(PrepError::SegmentTooLong { len: 12, limit: 11 }));
    let few: fn(&mut Facts) = |facts| (facts.max_segment, facts.max_segments) = (12, 5);
    assert_eq!(Refused::of(&ROW, 3, 200).by(few).answers(), both(PrepError::TooManySegments { count: 6, limit: 5 }));
    let just: fn(&mut Facts) = |facts| (facts.max_segment, facts.max_segments) = (12, 6);
    assert_eq!(Refused::of(&ROW, 3, 200).by(just).answers(), [None, None]);
    let whims = Whims { prep_code: Some(42), ..Whims::default() };
    let moody = Refused { whims, ..Refused::of(&ROW, 3, 200) };
    assert_eq!(moody.answers(), both(PrepError::Engine { code: 42 }));
}
