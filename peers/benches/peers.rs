//! Instructions, counted by callgrind. `cargo bench`. What is measured is behind a `Box`, so that handing it in and out costs nothing.

#![allow(missing_docs)]

use std::hint::black_box;

use alsa::pcm::PCM;
use gungraun::{library_benchmark, library_benchmark_group, main};
use peers::cycle::{self, Way};
use peers::period::{self, Frame, PERIOD, Queue, Stream};
use peers::transfer::{Ours, Virtio};

fn ours() -> Box<Ours> {
    Box::new(Ours::new())
}

fn ours_done() -> Box<Ours> {
    let mut ours = ours();
    ours.submit();
    ours.finish();
    ours
}

fn virtio() -> Box<Virtio> {
    Box::new(Virtio::new())
}

fn virtio_done() -> Box<Virtio> {
    let mut virtio = virtio();
    virtio.submit();
    virtio.finish();
    virtio
}

#[library_benchmark]
#[bench::dmaengine(ours())]
fn submit_dmaengine(mut ours: Box<Ours>) -> Box<Ours> {
    ours.submit();
    ours
}

#[library_benchmark]
#[bench::virtio(virtio())]
fn submit_virtio(mut virtio: Box<Virtio>) -> Box<Virtio> {
    virtio.submit();
    virtio
}

#[library_benchmark]
#[bench::dmaengine(ours_done())]
fn reap_dmaengine(mut ours: Box<Ours>) -> Box<Ours> {
    ours.reap();
    ours
}

#[library_benchmark]
#[bench::virtio(virtio_done())]
fn reap_virtio(mut virtio: Box<Virtio>) -> Box<Virtio> {
    virtio.reap();
    virtio
}

type Frames = Box<[Frame; PERIOD]>;

fn frames() -> Frames {
    Box::new([[0; 4]; PERIOD])
}

#[library_benchmark]
#[bench::dmaengine(period::ours(), frames())]
fn period_dmaengine(stream: Stream, mut frames: Frames) -> (Stream, Frames) {
    (period::read_ours(stream, &mut frames), frames)
}

#[library_benchmark]
#[bench::rtrb(period::rtrb(), frames())]
fn period_rtrb(mut ring: period::Rtrb, mut frames: Frames) -> (period::Rtrb, Frames) {
    period::read_rtrb(&mut ring.1, &mut frames);
    (ring, frames)
}

#[library_benchmark]
#[bench::heapless(period::heapless(), frames())]
fn period_heapless(mut queue: Box<Queue>, mut frames: Frames) -> (Box<Queue>, Frames) {
    period::read_heapless(&mut queue, &mut frames);
    (queue, frames)
}

#[library_benchmark]
#[bench::dmaengine_atomic(period::ours(), Way::Atomic)]
#[bench::dmaengine_queued(period::ours(), Way::Queued)]
fn cycle_dmaengine(stream: Stream, way: Way) -> Stream {
    cycle::ours(stream, way)
}

#[library_benchmark]
#[bench::libasound(null())]
fn cycle_null(pcm: &'static PCM) -> &'static PCM {
    cycle::cycle_null(black_box(pcm));
    pcm
}

// Its functions are bound when they are first called.
fn null() -> &'static PCM {
    let pcm: &'static PCM = Box::leak(Box::new(cycle::null()));
    cycle::cycle_null(pcm);
    pcm
}

library_benchmark_group!(
    name = beside,
    benchmarks = [
        submit_dmaengine,
        submit_virtio,
        reap_dmaengine,
        reap_virtio,
        period_dmaengine,
        period_rtrb,
        period_heapless,
        cycle_dmaengine,
        cycle_null
    ]
);
main!(library_benchmark_groups = beside);
