//! The conformance suite on the controller that is a thread.
#![cfg(feature = "conformance")]

#[path = "../examples/thread_copy/engine.rs"]
mod engine;
#[path = "../examples/thread_copy/machine.rs"]
mod machine;

use dmaengine_core::conformance::{Abilities, Controller, Rig, Scale};
use dmaengine_core::{Atomic, Dma, Micros, Sleepable};
use engine::ThreadCopy;

struct Bench(Dma<ThreadCopy, 2>);

impl Rig for Bench {
    type Engine = ThreadCopy;

    fn dma(&self) -> &dyn Controller<ThreadCopy> {
        &self.0
    }

    fn abilities(&self) -> Abilities<ThreadCopy> {
        Abilities::none().memcpy().terminate_atomic().queue_after_stop()
    }

    fn thread(&self, handler: &dyn Fn(&Atomic<'_>), body: &mut dyn FnMut(&mut Sleepable<'_>)) {
        machine::thread(self.0.engine(), handler, body);
    }

    fn ignore_stops(&self, ignore: bool) -> bool {
        self.0.engine().ignore_stops(ignore);
        true
    }

    fn scale(&self) -> Scale {
        Scale { long: 1 << 20, patience: Micros::from_millis(20_000), brief: Micros::from_millis(50), rounds: 20, ..Scale::default() }
    }
}

fn bench() -> Bench {
    Bench(Dma::new(ThreadCopy::new()))
}

dmaengine_core::conformance::suite!(bench);

#[test]
fn summary() {
    let summary = dmaengine_core::conformance::run_all(bench);
    println!("{summary}");
    assert!(summary.failed.is_empty(), "{summary}");
}
