//! Refusals: each names the value and the limit, gives back what was put in, and leaves nothing behind.
//!
//! "Nothing behind" is: no slot in use, no memory mapped, no access by the hardware (statements 8, 9, 45; and the
//! misuse of a transfer that was prepared elsewhere).

mod common;

use common::picky::{Picky, Whims};
use common::*;
use dmaengine_core::{
    BusWidth, BusWidths, Cyclic, Direction, Dma, ErrorKind, Facts, Idle, Kept, Outcome, PrepError, RequestError,
    SlaveConfig, SubmitError,
};

/// Prepares on a channel of a picky engine with two slots, and checks that the refusal is this one and left nothing.
fn refuses<B: core::fmt::Debug>(
    expected: PrepError,
    kind: ErrorKind,
    change: impl Fn(&mut Facts),
    whims: Whims,
    prepare: impl Fn(&Idle<'_, Picky>) -> Result<(), Kept<B, PrepError>>,
    is_whole: impl Fn(&B) -> bool,
) {
    let dma: Dma<Picky, 1, 2> = Dma::new(Picky::new(mock(L), change, whims));
    let idle = dma.channel(0).unwrap();
    for _ in 0..5 {
        let kept = prepare(&idle).expect_err("prepared");
        assert_eq!(kept.error, expected);
        assert_eq!(kept.error.kind(), kind);
        assert!(is_whole(&kept.value), "the buffers came back changed");
        assert_eq!(dma.engine().mapped(), 0, "something is still mapped");
    }
    assert_clean(&dma.engine().mock);
    if whims.prep_code.is_none() {
        assert_all_slots_free(&idle, 2);
    }
    assert_eq!(dma.engine().mock.hw().log(), []);
}

fn ring_of(len: usize, request: Cyclic) -> impl Fn(&Idle<'_, Picky>) -> Result<(), Kept<Memory, PrepError>> {
    move |idle| idle.prep_cyclic(zeroed(len), &request).map(drop)
}

fn copy_of(dst: usize, src: usize) -> impl Fn(&Idle<'_, Picky>) -> Result<(), Kept<(Memory, Memory), PrepError>> {
    move |idle| idle.prep_memcpy(zeroed(dst), pattern(src, 1)).map(drop)
}

fn list_of<const N: usize>(
    lens: [usize; N],
    config: SlaveConfig,
) -> impl Fn(&Idle<'_, Picky>) -> Result<(), Kept<[Memory; N], PrepError>> {
    move |idle| idle.prep_slave_sg_from_device(lens.map(zeroed), &config).map(drop)
}

const INVALID: ErrorKind = ErrorKind::InvalidInput;

fn capture(period: u32) -> Cyclic {
    Cyclic { period, ..cyclic(Direction::DevToMem) }
}

fn is(len: usize) -> impl Fn(&Memory) -> bool {
    move |memory| memory.len() == len
}

fn are(dst: usize, src: usize) -> impl Fn(&(Memory, Memory)) -> bool {
    move |memory| memory.0.len() == dst && *memory.1 == *pattern(src, 1)
}

#[test]
fn s9_nothing_to_transfer() {
    let none = Whims::default();
    refuses(PrepError::Zero, INVALID, |_| (), none, ring_of(0, capture(PERIOD)), is(0));
    refuses(PrepError::Zero, INVALID, |_| (), none, ring_of(RING, capture(0)), is(RING));
    refuses(PrepError::Zero, INVALID, |_| (), none, copy_of(0, 0), are(0, 0));
    refuses(PrepError::Zero, INVALID, |_| (), none, list_of([], config()), |_| true);
    let middle = list_of([8, 0, 8], config());
    refuses(PrepError::Zero, INVALID, |_| (), none, middle, |list| list[0].len() == 8);
}

#[test]
fn s9_misaligned() {
    let (none, by_8) = (Whims::default(), |facts: &mut Facts| facts.align = 8);
    let odd = |value| PrepError::Misaligned { value, align: 8 };
    refuses(odd(804), INVALID, by_8, none, ring_of(804, capture(4)), is(804));
    refuses(odd(4), INVALID, by_8, none, ring_of(800, capture(4)), is(800));
    refuses(odd(12), INVALID, by_8, none, copy_of(12, 12), are(12, 12));
    refuses(odd(20), INVALID, by_8, none, list_of([8, 20], config()), |_| true);

    // An address: eight bytes from the fifth on.
    let memory: &'static [u64] = vec![0; 2].leak();
    let address = memory.as_ptr() as u64 + 4;
    // SAFETY: twelve bytes from the fourth on lie inside of the sixteen, which are leaked and only read.
    let part: &'static [u8] = unsafe { core::slice::from_raw_parts(memory.as_ptr().cast::<u8>().add(4), 8) };
    let to_device = |idle: &Idle<'_, Picky>| idle.prep_slave_sg_to_device([part], &config()).map(drop);
    refuses(odd(address), INVALID, by_8, none, to_device, |list| core::ptr::eq(list[0], part));
}

#[test]
fn s9_too_long_and_too_many() {
    let none = Whims::default();
    let short = |facts: &mut Facts| (facts.max_segment, facts.max_segments) = (100, 4);
    let long = |len| PrepError::SegmentTooLong { len, limit: 100 };
    let many = |count| PrepError::TooManySegments { count, limit: 4 };
    refuses(long(200), INVALID, short, none, ring_of(RING, capture(200)), is(RING));
    refuses(long(101), INVALID, short, none, list_of([100, 101], config()), |_| true);
    refuses(many(8), INVALID, short, none, ring_of(RING, capture(100)), is(RING));
    refuses(many(5), INVALID, short, none, list_of([8; 5], config()), |_| true);
    refuses(many(5), INVALID, short, none, copy_of(401, 401), are(401, 401));
    let dma: Dma<Picky, 1, 2> = Dma::new(Picky::new(mock(L), short, none));
    let idle = dma.channel(0).unwrap();
    assert!(copy_of(400, 400)(&idle).is_ok(), "at the limit, not above it");
    assert!(list_of([100; 4], config())(&idle).is_ok());
    assert!(ring_of(400, capture(100))(&idle).is_ok());
}

#[test]
fn s9_periods_lengths_widths_and_directions() {
    let none = Whims::default();
    let uneven = PrepError::PeriodDoesNotDivide { len: 800, period: 300 };
    refuses(uneven, INVALID, |_| (), none, ring_of(RING, capture(300)), is(RING));
    refuses(PrepError::LengthsDiffer { dst: 64, src: 65 }, INVALID, |_| (), none, copy_of(64, 65), are(64, 65));
    let (narrow, wide) = (|facts: &mut Facts| facts.widths = BusWidths::TWO, PrepError::Width { bytes: 4 });
    refuses(wide, ErrorKind::Unsupported, narrow, none, ring_of(RING, capture(PERIOD)), is(RING));
    refuses(wide, ErrorKind::Unsupported, narrow, none, list_of([8], config()), |_| true);
    let two = SlaveConfig::new(config().address, BusWidth::Two, ());
    let dma: Dma<Picky, 1, 2> = Dma::new(Picky::new(mock(L), narrow, none));
    assert!(list_of([8], two)(&dma.channel(0).unwrap()).is_ok());
    let direction = Direction::MemToMem;
    let nowhere = ring_of(RING, cyclic(direction));
    refuses(PrepError::Direction { direction }, ErrorKind::Unsupported, |_| (), none, nowhere, is(RING));
}

/// Of two buffers the second is out of reach: the first is unmapped again.
#[test]
fn memory_that_the_device_cannot_reach() {
    let whims = Whims { unreachable_len: Some(24), ..Whims::default() };
    let dma: Dma<Picky, 1, 2> = Dma::new(Picky::new(mock(L), |_| (), whims));
    let idle = dma.channel(0).unwrap();
    let far = zeroed(24);
    let address = far.as_ptr() as u64;
    let kept = idle.prep_slave_sg_from_device([zeroed(8), far, zeroed(8)], &config()).unwrap_err();
    assert_eq!(kept.error, PrepError::Unreachable { address });
    assert_eq!((kept.error.kind(), kept.value.map(|part| part.len())), (INVALID, [8, 24, 8]));
    assert_eq!(dma.engine().mapped(), 0);
    assert_all_slots_free(&idle, 2);
    assert_clean(&dma.engine().mock);
}

#[test]
fn what_the_engine_refuses_for_a_reason_of_its_own() {
    let whims = Whims { prep_code: Some(42), ..Whims::default() };
    let (code, hardware) = (PrepError::Engine { code: 42 }, ErrorKind::Hardware);
    refuses(code, hardware, |_| (), whims, ring_of(RING, capture(PERIOD)), is(RING));
    refuses(code, hardware, |_| (), whims, copy_of(64, 64), are(64, 64));
    refuses(code, hardware, |_| (), whims, list_of([8, 8], config()), |_| true);
}

/// All slots in use: the error says how many there are, the buffers come back, and a slot that comes free can be had.
#[test]
fn s8_exhaustion_is_an_error_and_gives_everything_back() {
    let dma: Dma<Picky, 1, 3> = Dma::new(Picky::new(mock(L), |_| (), Whims::default()));
    let idle = dma.channel(0).unwrap();
    let mut held: Vec<_> = (0..3).map(|seed| prep_copy(&idle, 64, seed)).collect();
    let kept = idle.prep_memcpy(zeroed(16), pattern(16, 9)).unwrap_err();
    assert_eq!((kept.error, kept.error.kind()), (PrepError::NoDescriptor { limit: 3 }, ErrorKind::Exhausted));
    assert_eq!(*kept.value.1, *pattern(16, 9));
    assert_eq!(dma.engine().mapped(), 6, "the three that are held");
    let (dst, src) = held.remove(1).cancel();
    assert_eq!((dst.len(), &*src), (64, &*pattern(64, 1)));
    held.push(idle.prep_memcpy(kept.value.0, kept.value.1).unwrap());
    drop(held);
    assert_eq!(dma.engine().mapped(), 0);
    assert_all_slots_free(&idle, 3);
    assert_clean(&dma.engine().mock);
}

/// A transfer belongs to the channel that it was prepared on. Every way in refuses a strange one and gives it back.
#[test]
fn a_transfer_of_another_channel_is_refused() {
    let dma = board::<4>();
    let (here, there) = (dma.channel(0).unwrap(), dma.channel(1).unwrap());
    let (prepared_for, submitted_to) = (there.id(), here.id());
    let refused = SubmitError::OtherChannel { prepared_for, submitted_to };
    let strange = prep_copy(&there, 64, 1);
    let kept = here.start(strange).unwrap_err();
    assert_eq!((kept.error, kept.error.kind()), (refused, INVALID));
    let (here, strange) = kept.value;
    let ring = prep_ring(&here);
    let (pending, _ring) = here.submit(ring).unwrap();
    let kept = pending.submit(strange).unwrap_err();
    assert_eq!(kept.error, refused);
    let active = pending.issue();
    let kept = active.submit(kept.value).unwrap_err();
    assert_eq!(kept.error, refused);
    let kept = active.terminate_async().queue_after_stop(kept.value).unwrap_err();
    assert_eq!(kept.error, refused);
    let (stopping, strange) = kept.value;
    let _idle = stopping.terminate_atomic().unwrap();

    let (active, copy) = there.start(strange).unwrap();
    pass(dma.engine(), 64);
    dma.interrupt(&dmaengine_core::Atomic::new(), &mut |_, _| ());
    assert_eq!(copy.try_resolve().unwrap().outcome, Outcome::Completed, "at home it is as good as ever");
    let _idle = active.try_idle().unwrap();
    assert_clean(dma.engine());
}

/// A thread has prepared and not yet submitted when another stops the channel. Linux freed the descriptor under it
/// (J. Hai, 2023). Here the stop does not concern it.
#[test]
fn s45_a_stop_leaves_alone_what_was_prepared_and_not_submitted() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        let (active, _ring) = recording(&dma);
        let prepared = active.prep_memcpy(zeroed(64), pattern(64, 1)).unwrap();
        let idle = active.terminate_sync(cx).unwrap();
        let (active, copy) = idle.start(prepared).unwrap();
        run(&cpu, dma.engine(), 64);
        let copy = copy.try_resolve().unwrap();
        assert_eq!((copy.outcome, copy.buffer.0 == copy.buffer.1), (Outcome::Completed, true));
        let _idle = active.try_idle().unwrap();
    });
    assert_clean(dma.engine());
}

#[test]
fn a_channel_has_one_holder() {
    let dma = board::<4>();
    let refused = dma.channel(2).unwrap_err();
    assert_eq!((refused, refused.kind()), (RequestError::NoSuchChannel { channel: 2, count: 2 }, INVALID));
    let _first = dma.channel(0).unwrap();
    let refused = dma.channel(0).unwrap_err();
    assert_eq!((refused, refused.kind()), (RequestError::Busy { channel: 0 }, ErrorKind::Busy));
    assert!(dma.channel(1).is_ok());
    assert_eq!((dma.statistics(2), dma.statistics(1).is_some()), (None, true));
}
