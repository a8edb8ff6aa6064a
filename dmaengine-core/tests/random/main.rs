//! Random walks: any sequence of client calls, clock steps and late interrupts keeps the promises.
//!
//! Two channels, each with an owner that does at random what its handles allow, and a callback that stops its channel
//! at random. A small model beside it knows which transfers are dead. After every step:
//!
//! - the hardware has touched nothing that was not its own, and memory that came back is as it was left;
//! - a transfer resolves once: completed with the right data, or aborted with exactly the bytes copied that it says;
//! - no event tells of a transfer that is dead or over, and no completion is told twice;
//! - whoever holds `Idle` gets all memory back at once;
//!
//! and in the end no slot is lost. The walks are the same in every run: the seed is in the failure's message.

#[path = "../common/mod.rs"]
mod common;
mod model;
mod owner;

use core::cell::RefCell;

use common::*;
use dmaengine_core::{Direction, EventKind};
use model::Model;
use owner::Owner;

const SLOTS: usize = 4;

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }
}

fn walk(seed: u64, steps: u32) {
    let dma = board::<SLOTS>();
    dma.engine().hw().set_log(false);
    let models: [RefCell<Model>; 2] = Default::default();
    let cpu = cpu_with(&dma, |callback, event| models[usize::from(event.channel.0)].borrow_mut().told(callback, event));
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    cpu.thread(|context| {
        let mut owners = [Owner::new(&dma, 0, &models[0]), Owner::new(&dma, 1, &models[1])];
        for _ in 0..steps {
            let owner = &mut owners[random.below(2) as usize];
            match random.below(20) {
                0..=4 => owner.queue(&mut random),
                5..=6 => owner.queue_again(&mut random),
                7..=12 => owner.act(&mut random, context),
                13 => owner.stop(&mut random),
                14 => owner.model.borrow_mut().stop_in_callback = random.coin(),
                15 if random.coin() => drop(owner.work.pop()),
                15..=16 => _ = cpu.take_interrupt(),
                17..=18 => run(&cpu, dma.engine(), random.below(3 * L)),
                _ => pass(dma.engine(), random.below(3 * L)),
            }
            owners.iter_mut().for_each(Owner::resolve);
            assert_clean(dma.engine());
        }
        for owner in owners {
            owner.end(&cpu);
        }
        assert_clean(dma.engine());
    });
    let completed: usize = models.iter().map(|model| model.borrow().completed.len()).sum();
    assert!(completed > steps as usize / 100, "seed {seed} did next to nothing: {completed} completions");
}

#[test]
fn s50_random_walks_keep_the_promises() {
    for seed in 1..=8 {
        println!("seed {seed}");
        walk(seed, 2_500);
    }
}

/// An overrun, a stop and a restart, ten thousand times, with random gaps between them: no run is silent, none is lost.
#[test]
fn s51_ten_thousand_restarts_with_random_gaps() {
    let (dma, events) = (Board::<3>::new(mock(L)), Events::default());
    let cpu = cpu(&dma, &events);
    dma.engine().hw().set_log(false);
    let mut random = Random(51);
    let (mut active, mut ring) = recording(&dma);
    for round in 0..10_000 {
        run(&cpu, dma.engine(), random.below(3 * L));
        let stopping = active.terminate_async();
        events.take();
        run(&cpu, dma.engine(), random.below(3 * L));
        (active, ring) = stopping.queue_again(ring, &cyclic(Direction::DevToMem)).expect("no slot is lost");
        run(&cpu, dma.engine(), L + PERIOD_US + 10);
        assert!(!events.of(ring.generation()).is_empty(), "round {round} is silent");
        assert!(
            events.take().iter().all(|event| event.generation == ring.generation() || event.kind == EventKind::Stopped)
        );
    }
    let _idle = active.terminate_atomic().unwrap();
    assert_left_alone(dma.engine(), ring.try_resolve().unwrap().buffer);
}
