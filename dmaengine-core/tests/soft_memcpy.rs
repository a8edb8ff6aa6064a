//! The conformance suite on the software copy engine of the examples: a backend in real time, on a thread of its own.
#![cfg(feature = "conformance")]

#[path = "../examples/soft_memcpy/engine.rs"]
#[expect(dead_code, reason = "the example has a board of its own")]
mod engine;

use std::thread;
use std::time::Duration;

use dmaengine_core::conformance::{self, Abilities, Controller, Rig, Scale};
use dmaengine_core::{Atomic, Dma, Micros, Sleepable, Sleeper};
use engine::{CHANNELS, SoftCopy};

/// The engine, slow enough to be stopped half-way, and several times over: 4 KiB in 2 ms or more.
struct Bench(Dma<SoftCopy, CHANNELS>);

fn bench() -> Bench {
    Bench(Dma::new(SoftCopy::new(Duration::from_millis(2))))
}

/// Takes the interrupts while it sleeps.
struct Machine<'a> {
    engine: &'a SoftCopy,
    handler: &'a dyn Fn(&Atomic<'_>),
}

impl Sleeper for Machine<'_> {
    fn sleep(&self, at_most: Micros) {
        if self.engine.wait_for_interrupt(Duration::from_micros(at_most.0)) {
            (self.handler)(&Atomic::new());
        }
    }
}

/// Ends the worker, also when a statement fails.
struct Power<'a>(&'a SoftCopy);

impl Drop for Power<'_> {
    fn drop(&mut self) {
        self.0.shut_down();
    }
}

impl Rig for Bench {
    type Engine = SoftCopy;

    fn dma(&self) -> &dyn Controller<SoftCopy> {
        &self.0
    }

    fn abilities(&self) -> Abilities<SoftCopy> {
        Abilities::none().memcpy().queue_after_stop()
    }

    fn thread(&self, handler: &dyn Fn(&Atomic<'_>), body: &mut dyn FnMut(&mut Sleepable<'_>)) {
        let engine = self.0.engine();
        thread::scope(|scope| {
            scope.spawn(|| engine.work());
            let _power = Power(engine);
            let machine = Machine { engine, handler };
            // SAFETY: this is a thread of a hosted program: no interrupt, no callback, no spin lock held.
            body(&mut unsafe { Sleepable::assume(&machine) });
        });
    }

    fn scale(&self) -> Scale {
        Scale {
            long: 1 << 20,
            patience: Micros::from_millis(5_000),
            // A scheduler may come between any two instructions.
            brief: Micros::from_millis(200),
            rounds: 10,
            ..Scale::default()
        }
    }
}

conformance::suite!(bench);

/// What it can do is tried, what it cannot is said, and nothing fails.
#[test]
fn the_suite_passes_on_a_third_backend() {
    let summary = conformance::run_all(bench);
    assert!(summary.failed.is_empty(), "{summary}");
    assert!(summary.run >= 30, "{summary}");
    println!("{summary}");
}
