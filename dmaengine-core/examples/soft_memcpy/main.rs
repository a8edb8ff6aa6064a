//! A third backend: a software copy engine on a thread, in real time, with the same stop as any other.
//!
//! `cargo run -p dmaengine-core --example soft_memcpy` copies a megabyte, and stops another copy half-way.

mod board;
mod engine;

use std::time::Duration;

use dmaengine_core::{Dma, Micros, Outcome};
use engine::SoftCopy;

fn main() {
    let dma: Dma<SoftCopy, { engine::CHANNELS }> = Dma::new(SoftCopy::new(Duration::ZERO));
    board::run(
        &dma,
        |_callback, event| println!("interrupt: {:?}", event.kind),
        |context| {
            let idle = dma.channel(0).expect("nobody else is here");
            let source: &'static [u8] = (0..1 << 20).map(|n: u32| (n % 251) as u8).collect::<Vec<_>>().leak();

            let copy = idle.prep_memcpy(vec![0u8; source.len()].leak(), source).expect("equal lengths");
            let (active, transfer) = idle.start(copy).expect("prepared here");
            let done = transfer.wait(context, Micros::from_millis(5_000)).expect("a megabyte does not take seconds");
            assert_eq!((done.outcome, done.buffer.0 == source), (Outcome::Completed, true));
            println!("copied {} bytes", source.len());
            let idle = active.try_idle().expect("all done");

            let source: &'static [u8] = vec![1; 64 << 20].leak();
            let copy = idle.prep_memcpy(vec![0u8; source.len()].leak(), source).expect("equal lengths");
            let (active, transfer) = idle.start(copy).expect("prepared here");
            context.sleep(Micros(500));
            let _idle = active.terminate_sync(context).expect("a burst does not take long");
            let stopped = transfer.try_resolve().expect("quiescent");
            let Outcome::Aborted { residue } = stopped.outcome else { panic!("64 MiB in half a millisecond?") };
            let arrived = source.len() - residue as usize;
            assert!(stopped.buffer.0[..arrived].iter().all(|&byte| byte == 1));
            assert!(stopped.buffer.0[arrived..].iter().all(|&byte| byte == 0), "written behind the residue");
            println!("stopped after {arrived} of {} bytes, and not one more was written", source.len());
        },
    );
}
