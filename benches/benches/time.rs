//! Time, measured by criterion: `cargo bench -p benches --bench time`, some minutes; `-- terminate` runs what has that in its name.
//!
//! What a clock says on a busy machine is to be taken with care: the instructions (`counts`) are what is compared from change to
//! change. Operations are timed by the batch, each on a machine of its own, since one alone is shorter than a look at the clock.

#![allow(missing_docs)]

use std::fmt::Display;
use std::hint::black_box;
use std::time::{Duration, Instant};

use backend_mock::Mock;
use benches::ops;
use benches::plain::Sdma;
use benches::rig::{Machine, Rig, Run};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dmaengine_core::Active;

/// Operations that are timed together.
const BATCH: usize = 16;
/// Transfers queued.
const QUEUES: [usize; 4] = [1, 8, 64, 512];

type Group<'c> = criterion::BenchmarkGroup<'c, criterion::measurement::WallTime>;
/// As many machines of one engine as are timed together.
type Rack<E> = [&'static Machine<E>; BATCH];

/// Times what is done with what was made ready; what it leaves is taken apart afterwards.
fn measure<E: Rig, I, O>(
    group: &mut Group<'_>,
    rack: &Rack<E>,
    of: impl Display,
    ready: impl Fn(&'static Machine<E>) -> I,
    operation: impl Fn(I) -> O,
    leave: impl Fn(&'static Machine<E>, O),
) {
    let batch = |machines: &[&'static Machine<E>]| -> Duration {
        let ready: Vec<I> = machines.iter().map(|machine| ready(machine)).collect();
        let mut done = Vec::with_capacity(machines.len());
        let start = Instant::now();
        for one in ready {
            done.push(operation(black_box(one)));
        }
        let time = start.elapsed();
        for (machine, left) in machines.iter().zip(black_box(done)) {
            leave(machine, left);
            machine.settle();
        }
        time
    };
    group.bench_function(BenchmarkId::new(E::NAME, of), |bencher| {
        bencher.iter_custom(|times| {
            let rest = (times % BATCH as u64) as usize;
            (0..times / BATCH as u64).map(|_| batch(rack)).sum::<Duration>() + batch(&rack[..rest])
        });
    });
}

/// A handle that gives up the channel when it is dropped.
fn give_up<E: Rig, T>(_machine: &'static Machine<E>, handle: T) {
    drop(handle);
}

/// A channel that runs, and the transfer that it was started with.
fn stop<E: Rig>(machine: &'static Machine<E>, (active, transfer): (Active<'static, E>, Run<E>)) {
    machine.keep_active(active);
    machine.keep([transfer]);
}

fn terminate_async<E: Rig>(group: &mut Group<'_>, rack: &Rack<E>) {
    for n in QUEUES {
        measure(group, rack, n, |machine| ops::active(machine, n), ops::terminate_async, give_up);
    }
}

fn terminate_atomic<E: Rig>(group: &mut Group<'_>, rack: &Rack<E>) {
    for n in QUEUES {
        measure(group, rack, n, |machine| ops::active(machine, n), ops::terminate_atomic, give_up);
    }
}

fn synchronize_nothing_pending<E: Rig>(group: &mut Group<'_>, rack: &Rack<E>) {
    for n in QUEUES {
        measure(group, rack, n, |machine| ops::complete(machine, n), ops::synchronize, give_up);
    }
}

fn synchronize_pending<E: Rig>(group: &mut Group<'_>, rack: &Rack<E>) {
    for n in QUEUES {
        measure(group, rack, n, |machine| ops::pending(machine, n), ops::synchronize, give_up);
    }
}

fn free<E: Rig>(group: &mut Group<'_>, rack: &Rack<E>) {
    for n in QUEUES {
        let ready = |machine| (ops::stopped(machine, n), Vec::with_capacity(n));
        let operation = |(transfers, mut rings): (_, Vec<_>)| {
            ops::free::<E>(transfers, |ring| rings.push(ring));
            rings
        };
        measure(group, rack, n, ready, operation, |machine, rings| {
            rings.into_iter().for_each(|ring| machine.keep_ring(ring));
        });
    }
}

fn restart_after_stop<E: Rig>(group: &mut Group<'_>, rack: &Rack<E>) {
    for n in QUEUES {
        measure(group, rack, n, |machine| ops::to_restart(machine, n), ops::queue_again, stop);
    }
}

fn prepare_submit_issue<E: Rig>(group: &mut Group<'_>, rack: &Rack<E>) {
    for periods in [4, 16, 64] {
        let of = format!("{periods} periods");
        measure(group, rack, of, |machine| ops::to_start(machine, periods), ops::prepare_submit_issue, stop);
    }
}

fn interrupt<E: Rig>(group: &mut Group<'_>, rack: &Rack<E>) {
    for periods in [1, 2, 4] {
        let of = format!("{periods} periods");
        measure(group, rack, of, |machine| ops::elapsed(machine, periods), ops::interrupt, give_up);
    }
}

fn status<E: Rig>(group: &mut Group<'_>, rack: &Rack<E>) {
    for n in QUEUES {
        let operation = |transfer: Box<Run<E>>| (ops::status(&transfer), transfer);
        let leave = |machine: &'static Machine<E>, (_, transfer): (_, Box<Run<E>>)| machine.keep([*transfer]);
        measure(group, rack, n, |machine| ops::running(machine, n), operation, leave);
    }
}

/// A group for each question, with both engines in it.
fn questions(criterion: &mut Criterion) {
    let (mock, sdma): (Rack<Mock>, Rack<Sdma>) =
        ([(); BATCH].map(|()| Machine::new()), [(); BATCH].map(|()| Machine::new()));
    macro_rules! ask {
        ($($question:ident),*) => { $(
            let mut group = criterion.benchmark_group(stringify!($question));
            $question(&mut group, &mock);
            $question(&mut group, &sdma);
            group.finish();
        )* };
    }
    ask!(terminate_async, terminate_atomic, synchronize_nothing_pending, synchronize_pending, free);
    ask!(restart_after_stop, prepare_submit_issue, interrupt, status);
}

criterion_group! {
    name = time;
    // Sixty of them, in minutes.
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20);
    targets = questions
}
criterion_main!(time);
