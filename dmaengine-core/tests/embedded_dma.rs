//! Buffers of the crate `embedded-dma`: whatever owns the memory goes in, waits out of reach, and comes back as it was, once.
#![cfg(feature = "embedded-dma")]

mod common;

use core::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use common::*;
use dmaengine_core::memory::{EmbeddedRead, EmbeddedWrite};
use dmaengine_core::{Direction, Outcome, PrepError};

/// Memory of a pool, say: it derefs to its words, can be moved about, and counts how often it is given back.
#[derive(Debug)]
struct Pooled {
    words: Box<[u16]>,
    given_back: Arc<AtomicUsize>,
}

impl Pooled {
    fn new(len: usize) -> (EmbeddedWrite<Self>, Arc<AtomicUsize>) {
        let given_back = Arc::new(AtomicUsize::new(0));
        let pooled = Self { words: vec![0; len].into(), given_back: given_back.clone() };
        (EmbeddedWrite(pooled), given_back)
    }
}

impl Deref for Pooled {
    type Target = [u16];

    fn deref(&self) -> &[u16] {
        &self.words
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut [u16] {
        &mut self.words
    }
}

// SAFETY: the words lie on the heap and stay there when the owner moves.
unsafe impl stable_deref_trait::StableDeref for Pooled {}

impl Drop for Pooled {
    fn drop(&mut self) {
        self.given_back.fetch_add(1, Relaxed);
    }
}

#[test]
fn owners_come_back_with_the_data_and_are_dropped_once() {
    let (board, events) = (board::<8>(), Events::default());
    let cpu = cpu(&board, &events);
    let (target, given_back) = Pooled::new(64);
    let source: &'static [u16; 64] = Box::leak(Box::new(core::array::from_fn(|i| i as u16 * 257)));
    let idle = board.channel(0).unwrap();
    let copy = idle.prep_memcpy(target, EmbeddedRead(source)).unwrap();
    let (_active, transfer) = idle.start(copy).unwrap();
    run(&cpu, board.engine(), 1_000);
    let ended = transfer.try_resolve().unwrap();
    assert_eq!(ended.outcome, Outcome::Completed);
    let (EmbeddedWrite(target), EmbeddedRead(back)) = ended.buffer;
    assert_eq!(*target, *source);
    assert!(core::ptr::eq(back, source));
    assert_eq!(given_back.load(Relaxed), 0);
    drop(target);
    assert_eq!(given_back.load(Relaxed), 1);
    assert_clean(board.engine());
}

#[test]
fn a_list_of_owners_keeps_its_order() {
    let (board, events) = (board::<8>(), Events::default());
    let cpu = cpu(&board, &events);
    attach_recorder(board.engine(), 0);
    let (lists, counts): (Vec<_>, Vec<_>) = [8, 4, 16].map(Pooled::new).into_iter().unzip();
    let buffers: [EmbeddedWrite<Pooled>; 3] = lists.try_into().ok().unwrap();
    let idle = board.channel(0).unwrap();
    let prepared = idle.prep_slave_sg_from_device(buffers, &config()).unwrap();
    let (_active, transfer) = idle.start(prepared).unwrap();
    run(&cpu, board.engine(), 1_000);
    let ended = transfer.try_resolve().unwrap();
    assert_eq!(ended.outcome, Outcome::Completed);
    let lengths = ended.buffer.each_ref().map(|EmbeddedWrite(pooled)| pooled.len());
    assert_eq!(lengths, [8, 4, 16]);
    let frames: Vec<u32> = ended
        .buffer
        .iter()
        .flat_map(|pooled| pooled.0.chunks(2))
        .map(|w| u32::from(w[0]) | u32::from(w[1]) << 16)
        .collect();
    assert!(frames.windows(2).all(|pair| pair[1] == pair[0] + 1), "{frames:?}");
    drop(ended.buffer);
    assert!(counts.iter().all(|count| count.load(Relaxed) == 1));
}

/// A refusal gives the owner back; undoing a preparation by dropping it drops the owner; forgetting a transfer that runs leaks
/// it, and the device has its memory to itself.
#[test]
fn an_owner_is_dropped_only_when_nothing_can_touch_its_memory() {
    let (board, events) = (board::<8>(), Events::default());
    let cpu = cpu(&board, &events);
    attach_recorder(board.engine(), 0);
    let idle = board.channel(0).unwrap();

    let (empty, given_back) = Pooled::new(0);
    let refused = idle.prep_cyclic(empty, &cyclic(Direction::DevToMem)).unwrap_err();
    assert_eq!((refused.error, given_back.load(Relaxed)), (PrepError::Zero, 0));
    drop(refused.value);
    assert_eq!(given_back.load(Relaxed), 1);

    let (ring, given_back) = Pooled::new(RING / 2);
    drop(idle.prep_cyclic(ring, &cyclic(Direction::DevToMem)).unwrap());
    assert_eq!(given_back.load(Relaxed), 1);

    let (ring, given_back) = Pooled::new(RING / 2);
    let prepared = idle.prep_cyclic(ring, &cyclic(Direction::DevToMem)).unwrap();
    let (active, transfer) = idle.start(prepared).unwrap();
    run(&cpu, board.engine(), 3 * PERIOD_US);
    drop(transfer);
    let stopping = active.terminate_async();
    run(&cpu, board.engine(), 2 * L);
    drop(stopping.try_finish().unwrap());
    assert_eq!(given_back.load(Relaxed), 0, "the memory of a forgotten transfer leaks");
    assert_clean(board.engine());
}
