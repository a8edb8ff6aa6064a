//! The conformance suite on the software copy engine of the examples: a backend in real time, on a thread of its own.
#![cfg(feature = "conformance")]

#[path = "../examples/soft_memcpy/engine.rs"]
mod engine;
#[path = "../examples/soft_memcpy/machine.rs"]
mod machine;

use std::time::Duration;

use dmaengine_core::conformance::{self, Abilities, Controller, Rig, Scale};
use dmaengine_core::{Atomic, Dma, Micros, Sleepable};
use engine::SoftCopy;

/// The engine, so slow that a stop takes almost half of its bound, and a second one can be asked for meanwhile.
struct Bench(Dma<SoftCopy, 2>);

fn bench() -> Bench {
    Bench(Dma::new(SoftCopy::new(Duration::from_millis(20))))
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
        machine::thread(self.0.engine(), handler, body);
    }

    fn ignore_stops(&self, ignore: bool) -> bool {
        self.0.engine().ignore_stops(ignore);
        true
    }

    fn scale(&self) -> Scale {
        Scale {
            // Two pieces; and sixty-four, which take almost thirty times the bound of a stop.
            short: 6 << 10,
            long: 256 << 10,
            patience: Micros::from_millis(5_000),
            // A scheduler may come between any two instructions.
            brief: Micros::from_millis(200),
            rounds: 5,
        }
    }
}

conformance::suite!(bench);

/// What it can do is tried, what it cannot is said, and nothing fails.
#[test]
fn the_suite_passes_on_a_third_backend() {
    let summary = conformance::run_all(bench);
    assert!(summary.failed.is_empty(), "{summary}");
    assert!(summary.run >= 35, "{summary}");
    println!("{summary}");
}
