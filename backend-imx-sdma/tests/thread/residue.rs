//! The residue of a transfer that was terminated, in 500 random moments each: with `exact_residue` it is to the byte what is in
//! memory or at the device; without it, it is whole descriptors.
//!
//! For streams, `Stream` compares it with ring and device at every restart.

use backend_imx_sdma::{Fence, Settings};
use dmaengine_core::Outcome;
use sim_imx_sdma::time::Cycles;

use crate::bench::{BURST_TIME, Bench, PERIODS, Ring, Way};
use crate::cures;
use crate::random::Random;
use crate::stream::{Residue, Stream};

const MOMENTS: u64 = 500;

fn settings(exact: bool) -> Settings {
    let mut settings = Settings::default();
    settings.exact_residue = exact;
    settings
}

fn stream(way: Way, exact: bool, time: fn(&mut Random) -> (u64, u64)) {
    let bench = Bench::with(way, settings(exact)).led();
    // Who looks late makes the script catch up.
    bench.desk.troubled.set(true);
    let mut random = Random(7);
    bench.thread(|cpu, context| {
        let mut stream = Stream::begin(&bench);
        if !exact {
            stream.expect(Residue::WholePeriods);
        }
        for _ in 0..MOMENTS {
            let (held_off, then) = time(&mut random);
            cpu.hold_off_interrupts(true);
            cpu.run_until(bench.now() + Cycles(held_off));
            cpu.hold_off_interrupts(then == 0);
            stream.run(cpu, Cycles(then), u64::MAX);
            cpu.hold_off_interrupts(false);
            let ended = stream.restart(cpu, context, cures::atomic::<Fence>);
            assert!(ended.is_some(), "it was compared");
        }
        cpu.run_until(bench.board.after(1_000));
        stream.end(context);
    });
}

/// Cycles for which interrupts are held off, and then cycles until the stop.
fn anytime(random: &mut Random) -> (u64, u64) {
    (0, 1 + random.below(3 * PERIODS as u64 * 2 * BURST_TIME))
}

/// The ring is full, and nobody has seen it: the script has found a descriptor that is not its own and has stopped.
fn starved(random: &mut Random) -> (u64, u64) {
    ((2 * PERIODS as u64 + 1 + random.below(3)) * BURST_TIME + random.below(BURST_TIME), 0)
}

/// The same, and it has just been seen: the descriptors are the SDMA's again, and the script has or has not begun with them.
fn fed_again(random: &mut Random) -> (u64, u64) {
    (starved(random).0, 1 + random.below(600))
}

#[test]
fn the_residue_of_a_capture_is_what_is_in_memory() {
    stream(Way::Capture, true, anytime);
}

#[test]
fn the_residue_of_a_playback_is_what_the_device_has() {
    stream(Way::Playback, true, anytime);
}

#[test]
fn the_residue_of_a_starved_capture_is_what_is_in_memory() {
    stream(Way::Capture, true, starved);
    stream(Way::Capture, true, fed_again);
}

#[test]
fn the_residue_of_a_starved_playback_is_what_the_device_has() {
    stream(Way::Playback, true, starved);
    stream(Way::Playback, true, fed_again);
}

#[test]
fn the_residue_of_a_stream_is_whole_periods_if_nobody_asks_the_script() {
    stream(Way::Capture, false, anytime);
    stream(Way::Playback, false, anytime);
    stream(Way::Capture, false, starved);
}

/// Two descriptors: pieces of 65,532 bytes.
const COPY: usize = 70_000 / 4;
const PIECE: usize = 65_532;

fn copy(exact: bool) {
    let bench: Bench<Fence> = Bench::with(Way::Capture, settings(exact));
    let source: &'static [u32] = (1..=COPY as u32).collect::<Vec<_>>().leak();
    let mut target: Ring = vec![0; COPY].leak();
    let mut random = Random(8);
    bench.thread(|_, context| {
        let mut idle = bench.dma.channel(3).unwrap();
        for n in 0..MOMENTS {
            target.fill(0);
            let prepared = idle.prep_memcpy(target, source).unwrap();
            let (active, transfer) = idle.start(prepared).unwrap();
            // Half of them early, where a burst more or less shows.
            let most = if n % 2 == 0 { 3_000 } else { 200_000 };
            bench.board.hw(|hw| hw.run_for(Cycles(random.below(most))));
            idle = active.terminate_sync(context).unwrap();
            let ended = transfer.try_resolve().unwrap();
            let transferred = match ended.outcome {
                Outcome::Aborted { residue } => 4 * COPY - residue as usize,
                Outcome::Completed => 4 * COPY,
                failed => panic!("{failed:?}"),
            };
            target = ended.buffer.0;
            let there = target.iter().take_while(|word| **word != 0).count();
            assert_eq!(target[..there], source[..there]);
            assert!(target[there..].iter().all(|word| *word == 0));
            let whole = if 4 * there >= 4 * COPY { 4 * COPY } else { 4 * there / PIECE * PIECE };
            assert_eq!(transferred, if exact { 4 * there } else { whole }, "bytes, with {} in memory", 4 * there);
        }
    });
    bench.check();
}

#[test]
fn the_residue_of_a_copy_is_what_is_in_memory() {
    copy(true);
}

#[test]
fn the_residue_of_a_copy_is_whole_descriptors_if_nobody_asks_the_script() {
    copy(false);
}
