//! Each operation of the table, done; and each special case, brought about.

use backend_mock::hw::StopLatency;
use dmaengine_core::Micros;
use pcm_dmaengine::dynamic::{Errno, Readiness, State};
use pcm_dmaengine::{DaiError, Frames, HwParams, SwParams, Trigger};

use crate::common::SEED;
use crate::rig::{Accident, Rig, Side, board};
use crate::table::{Cell, normal};

const ENODEV: DaiError = DaiError::Refused { code: -19 };

/// All operations, and which streams have them.
pub const OPERATIONS: &[(&str, &[bool])] = &[
    ("hw_params", &BOTH),
    ("hw_free", &BOTH),
    ("sw_params", &BOTH),
    ("prepare", &BOTH),
    ("start", &BOTH),
    ("readi", &[false]),
    ("readn", &[false]),
    ("writei", &[true]),
    ("writen", &[true]),
    ("drain", &BOTH),
    ("drop", &BOTH),
    ("pause push", &BOTH),
    ("pause release", &BOTH),
    ("suspend", &BOTH),
    ("resume", &BOTH),
    ("xrun", &BOTH),
    ("reset", &BOTH),
    ("hwsync", &BOTH),
    ("delay", &BOTH),
    ("rewind", &BOTH),
    ("forward", &BOTH),
    ("status", &BOTH),
    ("link", &BOTH),
    ("unlink", &BOTH),
    ("poll", &BOTH),
    ("disconnect", &BOTH),
];
const BOTH: [bool; 2] = [false, true];

/// All special cases, but for those that are about the state a suspended stream was in.
pub const CASES: &[&str] = &[
    "they make no sense",
    "the new stop threshold is reached",
    "nothing is written",
    "nothing is written, free running",
    "the engine refuses",
    "the engine does not stop",
    "the peripheral refuses with -ENODEV",
    "the peripheral has an xrun",
    "the peripheral has an xrun while it waits",
    "a start was refused",
    "the start threshold is reached",
    "the start threshold is reached, the peripheral refuses with -ENODEV",
    "nothing is there",
    "nothing is there, non-blocking",
    "nothing moves",
    "the ring is full",
    "the ring is full, non-blocking",
    "all that is left",
    "it was overtaken, and no interrupt came",
    "everything was played, and no interrupt came",
    "the other is PREPARED",
    "the other is linked",
    "with itself",
    "it is linked",
    "the device goes while it waits",
    "non-blocking",
    "less than avail_min is available",
];

/// Asks the façade what the table says about a cell, and gives its answer in the table's words.
pub fn ask<D: Side>(cell: &Cell, pauses: bool) -> String {
    board::<D, _>(pauses, |rig| {
        arrange(rig, cell);
        assert_eq!(rig.pcm.state(), cell.state);
        rig.told().clear();
        let answer = match perform(rig, &cell.operation, &cell.when) {
            Ok(()) => String::new(),
            Err(words) => words,
        };
        let told: Vec<&str> = rig.told().iter().map(|&trigger| word(trigger)).collect();
        normal(&format!("{answer} {}; {}", rig.pcm.state(), told.join(" ")), cell.state)
    })
}

fn word(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Start => "start",
        Trigger::Stop => "stop",
        Trigger::PausePush => "push",
        Trigger::PauseRelease => "release",
        Trigger::Suspend => "suspend",
        Trigger::Resume => "resume",
    }
}

/// Brings the stream into the cell's state, and makes its special case true as far as that comes before the operation.
fn arrange<D: Side>(rig: &mut Rig<'_, D>, cell: &Cell) {
    if let Some(was) = cell.when.strip_prefix("it was ").and_then(|was| was.parse().ok()) {
        rig.drive(was);
        rig.pcm.suspend().unwrap();
        return;
    }
    if cell.when == "the engine does not stop" {
        rig.hw().set_stop_latency(StopLatency::Never);
    }
    if cell.when.starts_with("nothing is written") {
        rig.drive(State::Setup);
        rig.pcm.prepare(rig.context).unwrap();
    } else {
        rig.drive(cell.state);
    }
    let refusal = |error| *rig.witness.answer.lock().unwrap() = Some(error);
    match cell.when.trim_end_matches(", non-blocking") {
        "the engine refuses" if cell.operation == "start" => rig.engine.refuse(1),
        "the engine refuses" => rig.engine.refuse_pause(1),
        "the peripheral refuses with -ENODEV" => refusal(ENODEV),
        "the peripheral has an xrun" => refusal(DaiError::Xrun),
        "a start was refused" => {
            refusal(ENODEV);
            assert_eq!(rig.pcm.start(rig.context), Err(Errno::ENODEV));
        }
        "nothing is written, free running" => {
            rig.set_thresholds(|sw| SwParams { stop_threshold: SEED.boundary(), ..sw }).unwrap();
        }
        case if case.starts_with("the start threshold is reached") => {
            let start_threshold = Frames(if D::PLAYBACK { 352 } else { 32 });
            rig.set_thresholds(|sw| SwParams { start_threshold, ..sw }).unwrap();
            if case.ends_with("-ENODEV") {
                *rig.witness.answer.lock().unwrap() = Some(ENODEV);
            }
        }
        "less than avail_min is available" => {
            rig.set_thresholds(|sw| SwParams { avail_min: SEED.buffer_size(), ..sw }).unwrap();
        }
        "nothing is there" | "the ring is full" => rig.use_up(),
        "nothing moves" => {
            if cell.operation != "drain" {
                rig.use_up();
            }
            rig.nothing_moves();
        }
        "the device goes while it waits" => {
            if cell.operation != "drain" {
                rig.use_up();
            }
            rig.accident.set(Some(Accident::DeviceGoes));
        }
        "the peripheral has an xrun while it waits" => rig.accident.set(Some(Accident::Xrun)),
        "it was overtaken, and no interrupt came" | "everything was played, and no interrupt came" => {
            rig.pass_unseen(Micros(20_000))
        }
        _ => {}
    }
    rig.pcm.set_nonblock(cell.when.ends_with("non-blocking"));
}

/// Does it. An `Err` has the table's words for an answer that is more than `ok`.
fn perform<D: Side>(rig: &mut Rig<'_, D>, operation: &str, when: &str) -> Result<(), String> {
    let (pcm, context) = (&mut rig.pcm, rig.context);
    let answer = match (operation, when) {
        ("hw_params", "they make no sense") => pcm.hw_params(context, HwParams { periods: 1, ..SEED }),
        ("hw_params", _) => pcm.hw_params(context, SEED),
        ("hw_free", _) => pcm.hw_free(context),
        ("sw_params", "they make no sense") => rig.set_thresholds(|sw| SwParams { avail_min: Frames(0), ..sw }),
        ("sw_params", "the new stop threshold is reached") => {
            rig.set_thresholds(|sw| SwParams { stop_threshold: Frames(32), ..sw })
        }
        ("sw_params", _) => rig.set_thresholds(|sw| sw),
        ("prepare", _) => pcm.prepare(context),
        ("start", _) => pcm.start(context),
        ("readi" | "writei", "all that is left") => rig.transfer(480).map(drop),
        ("readi" | "writei", _) => rig.transfer(32).map(drop),
        ("readn" | "writen", "all that is left") => rig.transfer_channels(480).map(drop),
        ("readn" | "writen", _) => rig.transfer_channels(32).map(drop),
        ("drain", _) => pcm.drain(context),
        ("drop", _) => pcm.drop_frames(context),
        ("pause push", _) => pcm.pause(true),
        ("pause release", _) => pcm.pause(false),
        ("suspend", _) => pcm.suspend(),
        ("resume", _) => pcm.resume(),
        ("xrun", _) => pcm.xrun(),
        ("reset", _) => pcm.reset(),
        ("hwsync", _) => pcm.hwsync(),
        ("delay", _) => pcm.delay().map(drop),
        ("rewind", _) => pcm.rewind(Frames(1)).map(drop),
        ("forward", _) => pcm.forward(Frames(1)).map(drop),
        ("status", _) => pcm.status().map(drop),
        ("disconnect", _) => {
            pcm.disconnect();
            Ok(())
        }
        ("poll", _) => {
            let Readiness { ready, error } = pcm.poll();
            let words = [if ready { "ready" } else { "" }, if error { "error" } else { "" }].join(" ");
            return Err(if ready || error { words } else { "nothing".to_owned() });
        }
        _ => panic!("no such operation: {operation}"),
    };
    answer.map_err(|errno| errno.to_string())
}
