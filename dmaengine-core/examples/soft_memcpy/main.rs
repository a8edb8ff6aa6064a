//! A third backend: a software copy engine on a thread, in real time, with the same stop as any other.
//!
//! `cargo run -p dmaengine-core --example soft_memcpy` copies a megabyte, stops another copy half-way, and then one that does
//! not obey.

mod engine;
mod machine;

use std::time::Duration;

use dmaengine_core::{Atomic, Dma, Idle, Micros, Outcome, Sleepable};
use engine::SoftCopy;

fn main() {
    let dma: Dma<SoftCopy, 2> = Dma::new(SoftCopy::new(Duration::from_micros(50)));
    let handler = |atomic: &Atomic<'_>| {
        dma.interrupt(atomic, &mut |_callback, event| println!("interrupt: {:?}", event.kind));
    };
    machine::thread(dma.engine(), &handler, &mut |context| {
        let idle = dma.channel(0).expect("nobody else is here");
        let idle = copies(context, idle);
        let idle = stops(context, idle);
        does_not_stop(context, idle);
    });
}

/// A copy that runs to its end.
fn copies<'d>(context: &Sleepable<'_>, idle: Idle<'d, SoftCopy>) -> Idle<'d, SoftCopy> {
    let source: &'static [u8] = (0..1 << 20).map(|n: u32| (n % 251) as u8).collect::<Vec<_>>().leak();
    let copy = idle.prep_memcpy(vec![0u8; source.len()].leak(), source).expect("equal lengths");
    let (active, transfer) = idle.start(copy).expect("prepared here");
    let done = transfer.wait(context, Micros::from_millis(5_000)).expect("a megabyte does not take seconds");
    assert_eq!((done.outcome, done.buffer.0 == source), (Outcome::Completed, true));
    println!("copied {} bytes", source.len());
    active.try_idle().expect("all done")
}

/// A copy that is stopped on its way: what arrived is told, and not one byte more is written.
fn stops<'d>(context: &Sleepable<'_>, idle: Idle<'d, SoftCopy>) -> Idle<'d, SoftCopy> {
    let source: &'static [u8] = vec![1; 64 << 20].leak();
    let copy = idle.prep_memcpy(vec![0u8; source.len()].leak(), source).expect("equal lengths");
    let (active, transfer) = idle.start(copy).expect("prepared here");
    context.sleep(Micros(500));
    let idle = active.terminate_sync(context).expect("a piece does not take long");
    let stopped = transfer.try_resolve().expect("quiescent");
    let Outcome::Aborted { residue } = stopped.outcome else { panic!("64 MiB in half a millisecond?") };
    let arrived = source.len() - residue as usize;
    assert!(stopped.buffer.0[..arrived].iter().all(|&byte| byte == 1));
    assert!(stopped.buffer.0[arrived..].iter().all(|&byte| byte == 0), "written behind the residue");
    println!("stopped after {arrived} of {} bytes, and not one more was written", source.len());
    idle
}

/// A copy that goes on although it was told to stop: the wait ends, the memory is kept, and a reset is the way out.
fn does_not_stop(context: &Sleepable<'_>, idle: Idle<'_, SoftCopy>) {
    let source: &'static [u8] = vec![1; 64 << 20].leak();
    let copy = idle.prep_memcpy(vec![0u8; source.len()].leak(), source).expect("equal lengths");
    let (active, transfer) = idle.start(copy).expect("prepared here");
    active.engine().ignore_stops(true);
    let Err(kept) = active.terminate_sync(context) else { panic!("it obeyed") };
    println!("{}", kept.error);
    let Err(transfer) = transfer.try_resolve() else { panic!("the memory came back under the device's hand") };
    let mut stopping = kept.value;
    let _idle = loop {
        // The piece under way when it comes is still written; then it has worked.
        match stopping.reset() {
            Ok(idle) => break idle,
            Err(kept) => stopping = kept.value,
        }
    };
    let stopped = transfer.try_resolve().expect("quiescent");
    println!("reset: {:?}", stopped.outcome);
}
