//! Instructions, counted by callgrind. `cargo bench --bench counts`.

#![allow(missing_docs)]

use benches::ops::{self, Queue, Stopped, ToStart};
use gungraun::{library_benchmark, library_benchmark_group, main};
use std::hint::black_box;

#[library_benchmark(setup = ops::queue)]
#[bench::q1(1)]
#[bench::q8(8)]
#[bench::q64(64)]
#[bench::q512(512)]
fn terminate_async(queue: Queue) -> Stopped {
    black_box(ops::terminate_async(queue))
}

#[library_benchmark(setup = ops::queue)]
#[bench::q1(1)]
#[bench::q8(8)]
#[bench::q64(64)]
#[bench::q512(512)]
fn terminate_atomic(queue: Queue) -> impl Sized {
    black_box(ops::terminate_atomic(queue))
}

#[library_benchmark(setup = ops::complete)]
#[bench::q1(1)]
#[bench::q512(512)]
fn synchronize_complete(stopped: Stopped) -> impl Sized {
    black_box(ops::synchronize(stopped))
}

#[library_benchmark(setup = ops::pending)]
#[bench::q1(1)]
#[bench::q8(8)]
#[bench::q64(64)]
#[bench::q512(512)]
fn synchronize_pending(stopped: Stopped) -> impl Sized {
    black_box(ops::synchronize(stopped))
}

#[library_benchmark(setup = ops::to_start)]
#[bench::p4(4)]
#[bench::p16(16)]
#[bench::p64(64)]
fn prepare_submit_issue(ready: ToStart) -> impl Sized {
    black_box(ops::prepare_submit_issue(ready))
}

#[library_benchmark(setup = ops::elapsed)]
#[bench::p1(1)]
#[bench::p2(2)]
#[bench::p4(4)]
fn interrupt(queue: Queue) -> impl Sized {
    black_box(ops::interrupt(queue))
}

#[library_benchmark(setup = ops::queue)]
#[bench::q1(1)]
#[bench::q512(512)]
fn status(queue: Queue) -> impl Sized {
    black_box(ops::status(queue))
}

fn stopped(n: usize) -> (dmaengine_core::Idle<'static, benches::plain::Sdma>, Vec<dmaengine_core::Transfer<'static, benches::plain::Sdma, ops::Ring>>) {
    ops::synchronize(ops::pending(n))
}

#[library_benchmark(setup = stopped)]
#[bench::q1(1)]
#[bench::q8(8)]
#[bench::q64(64)]
#[bench::q512(512)]
fn free(idle: (dmaengine_core::Idle<'static, benches::plain::Sdma>, Vec<dmaengine_core::Transfer<'static, benches::plain::Sdma, ops::Ring>>)) -> impl Sized {
    black_box(ops::free(idle))
}

#[library_benchmark(setup = ops::to_restart)]
#[bench::q1(1)]
#[bench::q512(512)]
fn queue_again(ready: (Stopped, dmaengine_core::Cyclic<backend_imx_sdma::Peripheral>)) -> impl Sized {
    black_box(ops::queue_again(ready))
}

library_benchmark_group!(name = stop, benchmarks = [terminate_async, terminate_atomic, synchronize_complete, synchronize_pending, free, queue_again]);
library_benchmark_group!(name = run, benchmarks = [prepare_submit_issue, interrupt, status]);
main!(library_benchmark_groups = [stop, run]);
