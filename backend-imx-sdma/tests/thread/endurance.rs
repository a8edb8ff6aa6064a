//! Thousands of stops and starts, one after the other, at random moments and with random trouble: no word wrong, nothing leaked,
//! no memory touched that was handed back, no wait past its bound.
//!
//! `SDMA_CYCLES=n` runs n of them instead of the usual 5,000, `SDMA_SEED=n` others than usual. `.ci/sdma-endurance` runs 100,000.

use backend_imx_sdma::{Fence, Poll, StopMethod, Wait};
use sim_imx_sdma::Trouble;
use sim_imx_sdma::time::Cycles;

use crate::bench::{BURST_TIME, Bench, STREAM, Way};
use crate::cures::{self, Cure};
use crate::random::{Random, from_environment};
use crate::stream::Stream;

/// Stops and starts on one board, which has an end of addresses to lend.
const BOARD: u64 = 2_500;

/// What the hardware did, for the account.
#[derive(Debug, Default)]
struct Account {
    cycles: u64,
    in_interrupts: u64,
    troubles: u64,
    words: u64,
    simulated: u64,
}

/// Some trouble, or none. A script is held up for less than half of the bound of a stop, since two may come in one.
fn trouble(random: &mut Random) -> Option<Trouble> {
    let channel = if random.below(2) == 0 { 0 } else { STREAM + 1 };
    let cycles = Cycles(1 + random.below(20_000));
    Some(match random.below(32) {
        0 => Trouble::HoldCore { channel, time: Cycles(1 + random.below(50_000)) },
        1 => Trouble::SlowChannel0 { by: Cycles(1 + random.below(2_000)) },
        2 => Trouble::LostInterrupt { channel },
        3 => Trouble::LateInterrupt { channel, by: cycles },
        4 => Trouble::DoubledInterrupt { channel },
        5 => Trouble::StaleInterrupt { channel, by: cycles },
        6 | 7 => Trouble::TrailingSave { by: Cycles(1 + random.below(200)) },
        _ => return None,
    })
}

fn run<S: StopMethod>(cures: &[Cure<S>], cycles: u64, seed: u64, account: &mut Account) {
    let mut random = Random(seed);
    let mut left = cycles;
    while left > 0 {
        let way = if random.below(2) == 0 { Way::Capture } else { Way::Playback };
        let bench = Bench::new(way).led();
        bench.desk.troubled.set(true);
        bench.thread(|cpu, context| {
            let mut stream = Stream::begin(&bench);
            for _ in 0..left.min(BOARD) {
                if let Some(trouble) = trouble(&mut random) {
                    bench.board.hw(|hw| hw.cause(trouble));
                    account.troubles += 1;
                }
                stream.run(cpu, Cycles(random.below(12 * BURST_TIME)), random.below(4));
                account.in_interrupts += u64::from(bench.now() > bench.desk.stopped.get().unwrap().0);
                let cure = cures[random.below(cures.len() as u64) as usize];
                stream.restart(cpu, context, cure);
                bench.board.hw(|hw| hw.clear_troubles());
            }
            bench.desk.room.set(u64::MAX);
            cpu.run_until(bench.board.after(500));
            account.words += bench.moved();
            account.simulated += bench.board.hw(|hw| hw.clock().nanos(hw.now()));
            stream.end(context);
        });
        account.cycles += left.min(BOARD);
        left -= left.min(BOARD);
    }
}

#[test]
fn thousands_of_stops_and_starts_lose_no_word_and_leak_nothing() {
    let (cycles, seed) = (from_environment("SDMA_CYCLES", 5_000), from_environment("SDMA_SEED", 2020));
    let mut account = Account::default();
    let by_poll = cycles / 10;
    run(
        &[cures::synchronize::<Fence>, cures::atomic::<Fence>, cures::queue_after_stop],
        cycles - 2 * by_poll,
        seed,
        &mut account,
    );
    run(&[cures::synchronize::<Poll>, cures::atomic::<Poll>], by_poll, seed + 1, &mut account);
    run(&[cures::synchronize::<Wait>, cures::atomic::<Wait>], by_poll, seed + 2, &mut account);
    let Account { cycles, in_interrupts, troubles, words, simulated } = account;
    println!(
        "{cycles} stops and starts, {in_interrupts} of them asked for in an interrupt, {troubles} with trouble, {words} words, {} s simulated: nothing wrong",
        simulated / 1_000_000_000,
    );
}
