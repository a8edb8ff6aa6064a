//! Instructions, counted by callgrind: the operations, written once for every engine. Each engine has a program of its own, as on a
//! board: what two engines share is not put in line where it is called.

use std::hint::black_box;
use std::mem;

pub use benches::ops::{self, ToRestart, ToStart, Waited};
pub use benches::rig::{Machine, Rig, Run};
pub use dmaengine_core::{Active, Status, Stopping};
pub use gungraun::{library_benchmark, library_benchmark_group, main};

/// A transfer whose handle has a place.
pub fn running<E: Rig>(machine: &Machine<E>, n: usize) -> &'static Run<E> {
    Box::leak(ops::running(machine, n))
}

/// Leaves handles where they are: a program that hands them on pays for that itself.
#[inline]
pub fn hold<T>(handles: T) {
    _ = black_box(&handles);
    mem::forget(handles);
}

/// The operations of one engine, in a group of its name.
macro_rules! counts {
    ($engine:ty, $group:ident) => {
        // What is measured beside each operation: the call of the function that it is in.
        #[library_benchmark(setup = ops::active::<$engine>)]
        #[bench::q1(Machine::new(), 1)]
        fn nothing(active: Active<'static, $engine>) -> Active<'static, $engine> {
            ops::nothing(active)
        }

        #[library_benchmark(setup = ops::active::<$engine>)]
        #[bench::q1(Machine::new(), 1)]
        #[bench::q8(Machine::new(), 8)]
        #[bench::q64(Machine::new(), 64)]
        #[bench::q512(Machine::new(), 512)]
        fn terminate_async(active: Active<'static, $engine>) -> Stopping<'static, $engine> {
            ops::terminate_async(active)
        }

        #[library_benchmark(setup = ops::active::<$engine>)]
        #[bench::q1(Machine::new(), 1)]
        #[bench::q8(Machine::new(), 8)]
        #[bench::q64(Machine::new(), 64)]
        #[bench::q512(Machine::new(), 512)]
        fn terminate_atomic(active: Active<'static, $engine>) -> Waited<$engine> {
            ops::terminate_atomic(active)
        }

        #[library_benchmark(setup = ops::complete::<$engine>)]
        #[bench::q1(Machine::new(), 1)]
        #[bench::q8(Machine::new(), 8)]
        #[bench::q64(Machine::new(), 64)]
        #[bench::q512(Machine::new(), 512)]
        fn synchronize_complete(stopping: Stopping<'static, $engine>) -> Waited<$engine> {
            ops::synchronize(stopping)
        }

        #[library_benchmark(setup = ops::pending::<$engine>)]
        #[bench::q1(Machine::new(), 1)]
        #[bench::q8(Machine::new(), 8)]
        #[bench::q64(Machine::new(), 64)]
        #[bench::q512(Machine::new(), 512)]
        fn synchronize_pending(stopping: Stopping<'static, $engine>) -> Waited<$engine> {
            ops::synchronize(stopping)
        }

        #[library_benchmark(setup = ops::stopped::<$engine>)]
        #[bench::q1(Machine::new(), 1)]
        #[bench::q8(Machine::new(), 8)]
        #[bench::q64(Machine::new(), 64)]
        #[bench::q512(Machine::new(), 512)]
        fn free(transfers: Vec<Run<$engine>>) -> usize {
            let mut freed = 0;
            ops::free(transfers, |ring| freed += ring.len());
            freed
        }

        #[library_benchmark(setup = ops::to_restart::<$engine>)]
        #[bench::q1(Machine::new(), 1)]
        #[bench::q8(Machine::new(), 8)]
        #[bench::q64(Machine::new(), 64)]
        #[bench::q512(Machine::new(), 512)]
        fn restart(ready: ToRestart<$engine>) -> (Active<'static, $engine>, Run<$engine>) {
            ops::queue_again(ready)
        }

        #[library_benchmark(setup = ops::to_start::<$engine>)]
        #[bench::p4(Machine::new(), 4)]
        #[bench::p16(Machine::new(), 16)]
        #[bench::p64(Machine::new(), 64)]
        fn prepare_submit_issue(ready: ToStart<$engine>) {
            hold(ops::prepare_submit_issue(ready));
        }

        #[library_benchmark(setup = ops::to_start_anew::<$engine>)]
        #[bench::p4(Machine::new(), 4)]
        #[bench::p16(Machine::new(), 16)]
        #[bench::p64(Machine::new(), 64)]
        fn prepare_anew(ready: ToStart<$engine>) {
            hold(ops::prepare_submit_issue(ready));
        }

        #[library_benchmark(setup = ops::elapsed::<$engine>)]
        #[bench::p1(Machine::new(), 1)]
        #[bench::p2(Machine::new(), 2)]
        #[bench::p4(Machine::new(), 4)]
        fn interrupt(machine: &Machine<$engine>) {
            ops::interrupt(machine);
        }

        #[library_benchmark(setup = running::<$engine>)]
        #[bench::q1(Machine::new(), 1)]
        #[bench::q8(Machine::new(), 8)]
        #[bench::q64(Machine::new(), 64)]
        #[bench::q512(Machine::new(), 512)]
        fn status(transfer: &'static Run<$engine>) -> Status {
            ops::status(transfer)
        }

        library_benchmark_group!(
            name = $group,
            benchmarks = [
                nothing,
                terminate_async,
                terminate_atomic,
                synchronize_complete,
                synchronize_pending,
                free,
                restart,
                prepare_submit_issue,
                prepare_anew,
                interrupt,
                status
            ]
        );
        main!(library_benchmark_groups = $group);
    };
}
