//! What real programs do with a PCM, as scripts over the run-time façade: aplay and arecord (alsa-utils), PipeWire's ALSA node and JACK2's
//! ALSA driver, as their sources had it between 2024 and 2026. Each has its own way back from an XRUN and from a suspend, and each of
//! these passes through the window in which an i.MX6 lost its stream in 2020: prepare and start within microseconds of the stop.
//!
//! Each script runs on the mock, which pauses, and on the SDMA's driver, which does not, with each of the three recoveries. Now and then the
//! client does not get the processor for longer than its ring lasts, or the system sleeps. It recovers every time, and what was played and
//! recorded is right: every frame once, in order, and nothing is missing but what an XRUN took.

#[path = "../common/mod.rs"]
mod common;

mod desk;
mod imx;
mod jack;
mod mock;
mod pipewire;
mod utils;

use common::Random;
use desk::{Desk, Stage};
use dmaengine_core::{Micros, Sleepable};
use pcm_dmaengine::Recovery;

/// What happens to a client between two of its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Nothing,
    /// It does not get the processor for so long.
    Late(Micros),
    /// The system sleeps for so long, and wakes up again.
    Sleeps(Micros),
}

/// What will happen, in turn.
struct Fates(Random);

impl Fates {
    /// One XRUN in about 40 calls, one suspend in 100, a delay that a ring outlasts in 20.
    fn next(&mut self) -> Fate {
        match self.0.up_to(199) {
            0..=4 => Fate::Late(Micros(11_000 + self.0.up_to(20_000))),
            5..=6 => Fate::Sleeps(Micros(1_000 + self.0.up_to(30_000))),
            7..=16 => Fate::Late(Micros(self.0.up_to(4_000))),
            _ => Fate::Nothing,
        }
    }
}

/// How often a script had to recover.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Recovered {
    xruns: u32,
    suspends: u32,
}

type Script<S> = fn(&mut Desk<'_, '_, <S as Stage>::Engine>, &Sleepable<'_>, &mut Fates) -> Recovered;

/// A script on a stage, with each policy that its engine has.
fn perform<S: Stage>(stage: impl Fn() -> S, linked: bool, script: Script<S>) {
    for (seed, recovery) in (1..).zip([Recovery::SYNC_STOP, S::ATOMIC, S::QUEUE_AFTER_STOP]) {
        let stage = stage();
        let (recovered, statistics) =
            desk::run(&stage, recovery, linked, |desk, context| script(desk, context, &mut Fates(Random::new(seed))));
        assert!(
            recovered.xruns >= 20 && recovered.suspends >= 5,
            "{recovery:?}: {recovered:?}, too few to tell anything"
        );
        let found: u64 = statistics.iter().map(|of_one| of_one.xruns).sum();
        assert!(found >= u64::from(recovered.xruns), "{recovery:?}: {recovered:?}, {statistics:?}");
        assert_eq!(stage.late_accesses(), 0, "{recovery:?}: the engine touched memory that was not its own");
    }
}

macro_rules! scripts {
    ($($name:ident, linked $linked:literal: $script:path;)*) => {
        mod on_the_mock {
            $(
                #[test]
                fn $name() {
                    super::perform(super::mock::MockStage::new, $linked, $script);
                }
            )*
        }

        mod on_the_sdma {
            $(
                #[test]
                fn $name() {
                    super::perform(super::imx::ImxStage::new, $linked, $script);
                }
            )*
        }
    };
}

scripts! {
    aplay, linked false: crate::utils::aplay;
    arecord, linked false: crate::utils::arecord;
    pipewire, linked true: crate::pipewire::driver_and_follower;
    jack2, linked true: crate::jack::duplex;
    jack2_that_could_not_link, linked false: crate::jack::duplex;
}
