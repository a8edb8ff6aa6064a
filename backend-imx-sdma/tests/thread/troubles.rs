//! The restart with hardware in trouble. The table says for each kind what the client may see of it; what it may never see is
//! checked everywhere: a wrong word, memory touched that came back, an event of a transfer that is over.

use backend_imx_sdma::{Fence, Poll, StopMethod, Wait};
use dmaengine_core::{Micros, Outcome, TransferError};
use sim_imx_sdma::time::{Clock, Cycles};
use sim_imx_sdma::{RegisterAccess, Trouble};

use crate::bench::{BURST_TIME, Bench, PERIOD, PERIODS, Ring, STREAM, Way};
use crate::cures::{self, Cure};
use crate::random::Random;
use crate::stream::{Residue, Stream};

/// The stream's channel, as the SDMA counts.
const SDMA_CHANNEL: u8 = STREAM + 1;
const EVTPEND: u32 = 0x01C;

/// What is to happen, and what the client may see.
struct Row {
    name: &'static str,
    trouble: fn(&Tried) -> Trouble,
    /// From the stop to the next run.
    within: Micros,
    /// How a run can fail.
    fails: Option<TransferError>,
    residue: Residue,
}

/// What a trouble may depend on.
struct Tried {
    /// The first descriptor of the ring under way.
    descriptors: u32,
}

const fn cycles(micros: u64) -> Cycles {
    Clock::IMX6.from_micros(micros)
}

const fn row(name: &'static str, within: u64, trouble: fn(&Tried) -> Trouble) -> Row {
    Row { name, trouble, within: Micros(within), fails: None, residue: Residue::Exact }
}

/// The bound of a stop, after which the sleeper asks, twice: the command before the fence may be the one whose interrupt was lost. And
/// what it takes to go on then.
const SLEPT: u64 = 2 * 2_000 + 100;
/// The longest restart, a bare [`Wait`] of a millisecond included.
const BRIEF: u64 = 1_300;

const TABLE: &[Row] = &[
    row("the stream's script holds the core: the stop takes so much longer", BRIEF + 900, |_| Trouble::HoldCore {
        channel: SDMA_CHANNEL,
        time: cycles(800),
    }),
    row("channel 0 holds the core: the same", BRIEF + 900, |_| Trouble::HoldCore { channel: 0, time: cycles(800) }),
    row("channel 0 is slow: each of its commands is", BRIEF + 300, |_| Trouble::SlowChannel0 { by: cycles(100) }),
    row("an interrupt of channel 0 is lost: the next question or interrupt sees to it", SLEPT, |_| {
        Trouble::LostInterrupt { channel: 0 }
    }),
    row("an interrupt of the stream is lost: its period is told with the next", BRIEF, |_| Trouble::LostInterrupt {
        channel: SDMA_CHANNEL,
    }),
    row("an interrupt of channel 0 is late: so is what waits for it", BRIEF + 300, |_| Trouble::LateInterrupt {
        channel: 0,
        by: cycles(300),
    }),
    row("an interrupt of the stream is late: its period is told late", BRIEF, |_| Trouble::LateInterrupt {
        channel: SDMA_CHANNEL,
        by: cycles(300),
    }),
    row("INTR has a stale bit of channel 0: nothing has happened", BRIEF, |_| Trouble::DoubledInterrupt { channel: 0 }),
    row("INTR has a stale bit of the stream: nothing has happened", BRIEF, |_| Trouble::DoubledInterrupt {
        channel: SDMA_CHANNEL,
    }),
    row("the interrupt line stays up, for channel 0: nothing has happened", BRIEF, |_| Trouble::StaleInterrupt {
        channel: 0,
        by: cycles(20),
    }),
    row("the interrupt line stays up, for the stream: nothing has happened", BRIEF, |_| Trouble::StaleInterrupt {
        channel: SDMA_CHANNEL,
        by: cycles(20),
    }),
    row("contexts are saved late: none is overwritten that was loaded", BRIEF, |_| Trouble::TrailingSave {
        by: Cycles(40),
    }),
    Row {
        fails: Some(TransferError::Corrupt),
        residue: Residue::Whatever,
        ..row("a count comes back that was not asked for: the run fails", BRIEF, |tried| Trouble::WrongCount {
            descriptor: tried.descriptors + 12,
            count: u16::MAX,
        })
    },
    Row {
        residue: Residue::Whatever,
        ..row("a descriptor cannot be read: the run stands still until it is stopped", BRIEF, |tried| {
            Trouble::BusError { address: tried.descriptors + 24, len: 12 }
        })
    },
];

/// The descriptors of the stream's run, read from its control block as the SDMA does.
fn descriptors<S: StopMethod>(bench: &Bench<S>) -> u32 {
    bench.board.hw(|hw| {
        let address = hw.read32(0) + 16 * u32::from(SDMA_CHANNEL) + 4;
        let mut bytes = [0; 4];
        hw.bus().peek(address, &mut bytes).unwrap();
        u32::from_le_bytes(bytes)
    })
}

/// Runs with each row, way and cure.
const RUNS: usize = 20;

/// Some runs, each with this trouble at another moment, and what was promised of it. Says how many failed.
fn try_out<S: StopMethod>(row: &Row, cure: Cure<S>, way: Way) -> usize {
    let bench = Bench::new(way).led();
    bench.desk.troubled.set(true);
    let (mut random, mut failed) = (Random(11), 0);
    bench.thread(|cpu, context| {
        let mut stream = Stream::begin(&bench);
        if row.residue == Residue::Whatever {
            stream.expect(Residue::Whatever);
        }
        for _ in 0..RUNS {
            bench.desk.room.set(u64::MAX);
            cpu.run_until(bench.now() + Cycles(random.below(12 * BURST_TIME)));
            let trouble = (row.trouble)(&Tried { descriptors: descriptors(&bench) });
            bench.board.hw(|hw| hw.cause(trouble));
            match row.fails {
                Some(_) => stream.run(cpu, cycles(3_000), u64::MAX),
                None => stream.run(cpu, Cycles(random.below(12 * BURST_TIME)), PERIODS as u64),
            }
            if let Some(error) = bench.desk.failed.get() {
                assert_eq!(Some(error), row.fails, "{}", row.name);
                failed += 1;
            }
            // An EP bit without a request: the script looks, and sleeps again.
            bench.board.hw(|hw| hw.write32(EVTPEND, 1 << SDMA_CHANNEL));
            let (stopped, _) = bench.desk.stopped.get().unwrap();
            stream.restart(cpu, context, cure);
            bench.board.hw(|hw| hw.clear_troubles());
            let took = bench.board.hw(|hw| hw.clock().nanos(hw.now() - stopped));
            assert!(took < 1_000 * row.within.0, "{}: {took} ns", row.name);
            let (began, limit) = (stream.began(), bench.board.after(10_000));
            while bench.moved() < began + 3 * PERIOD as u64 {
                assert!(bench.now() < limit && bench.desk.failed.get().is_none(), "{}: it stands still", row.name);
                cpu.run_until(bench.board.after(50));
            }
        }
        stream.end(context);
    });
    failed
}

fn all<S: StopMethod>(cures: &[Cure<S>]) {
    for row in TABLE {
        // A run that failed has no residue; behind a stop, nobody sees where it ended.
        let cures = if row.residue == Residue::Exact { cures } else { &cures[..2] };
        let mut failed = 0;
        for &cure in cures {
            failed += try_out(row, cure, Way::Capture) + try_out(row, cure, Way::Playback);
        }
        let expected = if row.fails.is_some() { 2 * RUNS * cures.len() } else { 0 };
        assert_eq!(failed, expected, "runs that failed: {}", row.name);
    }
}

#[test]
fn no_trouble_spoils_a_restart_by_fence() {
    all(&[cures::synchronize::<Fence>, cures::atomic::<Fence>, cures::queue_after_stop]);
}

#[test]
fn no_trouble_spoils_a_restart_by_poll() {
    all(&[cures::synchronize::<Poll>, cures::atomic::<Poll>]);
}

#[test]
fn no_trouble_spoils_a_restart_by_wait() {
    all(&[cures::synchronize::<Wait>, cures::atomic::<Wait>]);
}

/// After a stream, a copy on its channel: the stream's last interrupt bit, doubled or late, does not end it.
#[test]
fn a_stale_bit_of_a_stream_does_not_complete_the_copy_behind_it() {
    const WORDS: usize = 4_096;
    for (n, doubled) in (0..40).map(|n| (n, n % 2 == 0)) {
        let bench: Bench<Fence> = Bench::new(Way::Capture);
        bench.thread(|cpu, context| {
            let idle = bench.dma.channel(STREAM).unwrap();
            let ring: Ring = vec![0; PERIOD * PERIODS].leak();
            let prepared = idle.prep_cyclic(ring, &bench.request()).unwrap();
            let (active, transfer) = idle.start(prepared).unwrap();
            bench.hand_over(transfer.generation());
            bench.desk.room.set(u64::MAX);
            bench.switch_on();
            bench.board.hw(|hw| {
                hw.cause(match doubled {
                    true => Trouble::DoubledInterrupt { channel: SDMA_CHANNEL },
                    false => Trouble::LateInterrupt { channel: SDMA_CHANNEL, by: Cycles(3_000) },
                });
            });
            cpu.hold_off_interrupts(true);
            cpu.run_until(bench.board.after(170 + n));
            let idle = active.terminate_atomic().unwrap();
            transfer.try_resolve().unwrap();
            let (target, source): (Ring, &[u32]) = (vec![0; WORDS].leak(), vec![7; WORDS].leak());
            let prepared = idle.prep_memcpy(target, source).unwrap();
            let (active, mut copy) = idle.start(prepared).unwrap();
            cpu.hold_off_interrupts(false);
            let limit = bench.board.after(10_000);
            let ended = loop {
                cpu.run_until(bench.board.after(7));
                copy = match copy.try_resolve() {
                    Ok(ended) => break ended,
                    Err(copy) => copy,
                };
                assert!(bench.now() < limit);
            };
            assert_eq!(ended.outcome, Outcome::Completed);
            assert!(ended.buffer.0.iter().all(|word| *word == 7), "it was said to be complete, and is not");
            active.terminate_sync(context).unwrap();
        });
    }
}
