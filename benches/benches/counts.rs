//! Instructions, counted by callgrind. `cargo bench --bench counts`.

#![allow(missing_docs)]

use backend_imx_sdma::Peripheral;
use benches::ops::{self, Machine, Run, ToStart, Waited};
use benches::plain::Sdma;
use dmaengine_core::{Active, Cyclic, Status, StillRunning, Stopping};
use gungraun::{library_benchmark, library_benchmark_group, main};

// What is measured beside each operation: the call of the function that it is in.
#[library_benchmark(setup = ops::active)]
#[bench::q1(1)]
fn nothing(active: Active<'static, Sdma>) -> Active<'static, Sdma> {
    ops::nothing(active)
}

#[library_benchmark(setup = ops::active)]
#[bench::q1(1)]
#[bench::q8(8)]
#[bench::q64(64)]
#[bench::q512(512)]
fn terminate_async(active: Active<'static, Sdma>) -> Stopping<'static, Sdma> {
    ops::terminate_async(active)
}

#[library_benchmark(setup = ops::active)]
#[bench::q1(1)]
#[bench::q8(8)]
#[bench::q64(64)]
#[bench::q512(512)]
fn terminate_atomic(active: Active<'static, Sdma>) -> Waited<StillRunning> {
    ops::terminate_atomic(active)
}

#[library_benchmark(setup = ops::complete)]
#[bench::q1(1)]
#[bench::q512(512)]
fn synchronize_complete(stopping: Stopping<'static, Sdma>) -> Waited<StillRunning> {
    ops::synchronize(stopping)
}

#[library_benchmark(setup = ops::pending)]
#[bench::q1(1)]
#[bench::q8(8)]
#[bench::q64(64)]
#[bench::q512(512)]
fn synchronize_pending(stopping: Stopping<'static, Sdma>) -> Waited<StillRunning> {
    ops::synchronize(stopping)
}

#[library_benchmark(setup = ops::stopped)]
#[bench::q1(1)]
#[bench::q8(8)]
#[bench::q64(64)]
#[bench::q512(512)]
fn free(transfers: Vec<Run>) -> usize {
    ops::free(transfers)
}

#[library_benchmark(setup = ops::to_restart)]
#[bench::q1(1)]
#[bench::q512(512)]
fn queue_again(ready: (Stopping<'static, Sdma>, Run, Cyclic<Peripheral>)) -> (Active<'static, Sdma>, Run) {
    ops::queue_again(ready)
}

#[library_benchmark(setup = ops::to_start)]
#[bench::p4(4)]
#[bench::p16(16)]
#[bench::p64(64)]
fn prepare_submit_issue(ready: ToStart) {
    ops::prepare_submit_issue(ready);
}

#[library_benchmark(setup = ops::to_start_anew)]
#[bench::p4(4)]
fn prepare_anew(ready: ToStart) {
    ops::prepare_submit_issue(ready);
}

#[library_benchmark(setup = ops::elapsed)]
#[bench::p1(1)]
#[bench::p2(2)]
#[bench::p4(4)]
fn interrupt(machine: Machine) {
    ops::interrupt(machine);
}

#[library_benchmark(setup = ops::running)]
#[bench::q1(1)]
#[bench::q512(512)]
fn status(transfer: &'static Run) -> Status {
    ops::status(transfer)
}

library_benchmark_group!(
    name = stop,
    benchmarks =
        [nothing, terminate_async, terminate_atomic, synchronize_complete, synchronize_pending, free, queue_again]
);
library_benchmark_group!(name = run, benchmarks = [prepare_submit_issue, prepare_anew, interrupt, status]);
main!(library_benchmark_groups = [stop, run]);
