//! Several channels want something of channel 0 at once: while one stops and is started again, others begin and stop, before it and
//! behind it. The order of the commands may not mix them up.

use backend_imx_sdma::{Fence, StopMethod};
use dmaengine_core::{Active, Idle, Micros, Outcome, Sleepable, Transfer};
use sim_board::Engine;
use sim_imx_sdma::Trouble;
use sim_imx_sdma::time::Cycles;

use crate::bench::{BURST_TIME, Bench, Ring, Way};
use crate::cures;
use crate::random::Random;
use crate::stream::Stream;

const WORDS: usize = 2_048;

/// A channel that copies, stops, and copies again.
enum Copier<'d, S: StopMethod> {
    Idle(Idle<'d, Engine<S>>),
    Copying(Active<'d, Engine<S>>, Transfer<'d, Engine<S>, (Ring, Ring)>),
}

impl<'d, S: StopMethod> Copier<'d, S> {
    fn start(self) -> Self {
        let Self::Idle(idle) = self else { return self };
        let (target, source): (Ring, Ring) = (vec![0; WORDS].leak(), vec![7; WORDS].leak());
        let prepared = idle.prep_memcpy(target, source).unwrap();
        let (active, transfer) = idle.start(prepared).unwrap();
        Self::Copying(active, transfer)
    }

    /// Asks for the stop if it copies. [`settle`](Self::settle) sees to the rest.
    fn stop(&self) {
        if let Self::Copying(active, _) = self {
            active.stop_handle().terminate_async();
        }
    }

    fn settle(self, context: &Sleepable<'_>) -> Self {
        let Self::Copying(active, transfer) = self else { return self };
        let idle = active.terminate_sync(context).unwrap();
        let ended = transfer.wait(context, Micros(0)).unwrap();
        let words = match ended.outcome {
            Outcome::Completed => WORDS,
            Outcome::Aborted { residue } => WORDS - residue as usize / 4,
            Outcome::Failed(error) => panic!("{error}"),
        };
        let (done, rest) = ended.buffer.0.split_at(words);
        assert!(done.iter().all(|word| *word == 7) && rest.iter().all(|word| *word == 0), "{words} words");
        Self::Idle(idle)
    }
}

fn together(way: Way, trails: bool) {
    let bench: Bench<Fence> = Bench::new(way).led();
    let cures = [cures::synchronize::<Fence>, cures::atomic::<Fence>, cures::queue_after_stop];
    let mut random = Random(31);
    bench.thread(|cpu, context| {
        let mut stream = Stream::begin(&bench);
        let mut copiers: [_; 4] = core::array::from_fn(|n| Some(Copier::Idle(bench.dma.channel(2 + n as u8).unwrap())));
        if trails {
            bench.board.hw(|hw| hw.cause(Trouble::TrailingSave { by: Cycles(150) }));
        }
        for _ in 0..300 {
            for copier in &mut copiers[..2] {
                if random.below(2) == 0 {
                    *copier = copier.take().map(Copier::start);
                }
            }
            stream.run(cpu, Cycles(random.below(6 * BURST_TIME)), u64::MAX);
            // What is just begun keeps channel 0 busy when the stream is stopped; what is stopped behind it waits between its
            // fence and its load.
            if random.below(2) == 0 {
                copiers[2] = copiers[2].take().map(Copier::start);
            }
            let cure = cures[random.below(3) as usize];
            let (stop, start) = (random.below(2) == 0, random.below(2) == 0);
            stream.restart_while(cpu, context, cure, || {
                if stop {
                    copiers[..2].iter().flatten().for_each(Copier::stop);
                }
                if start {
                    copiers[3] = copiers[3].take().map(Copier::start);
                }
            });
            let time = random.below(3_000);
            cpu.run_until(bench.now() + Cycles(time));
            copiers = copiers.map(|copier| copier.map(|copier| copier.settle(context)));
        }
        drop(copiers);
        cpu.run_until(bench.board.after(1_000));
        stream.end(context);
    });
}

#[test]
fn a_capture_restarts_among_channels_that_start_and_stop() {
    together(Way::Capture, false);
}

#[test]
fn a_playback_restarts_among_channels_that_start_and_stop() {
    together(Way::Playback, false);
}

#[test]
fn it_does_so_where_contexts_are_saved_late() {
    together(Way::Capture, true);
    together(Way::Playback, true);
}
