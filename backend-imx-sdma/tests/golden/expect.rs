//! What Linux wrote, rewritten into what this driver is expected to write.

use std::collections::BTreeMap;

use backend_imx_sdma::regs::offset;

use super::differences::{Differences, Id};
use super::machine::INTR;
use super::trace::Op;

/// What channel 0's interrupt costs: its bit in INTR is taken back.
fn acknowledge() -> Op {
    Op::relaxed(offset::INTR, 1)
}

/// A command, as this driver gives it: with an interrupt.
fn command(differences: &Differences, op: Op) -> Op {
    match op {
        Op::Command { mode, address, payload } => {
            let mode = differences.replace(Id::CommandInterrupts, mode, mode | INTR);
            Op::Command { mode, address, payload }
        }
        other => other,
    }
}

/// The command that reads a channel's context.
fn fence(channel: u8, context: Vec<u32>) -> [Op; 2] {
    let mode = 0x0283_0020 | INTR;
    [Op::ordered(offset::HSTART, 1), Op::Command { mode, address: 2048 + 32 * u32::from(channel), payload: context }]
}

/// Initialisation.
pub fn init(differences: &Differences, linux: Vec<Op>) -> Vec<Op> {
    differences.apply(Id::Reset);
    let mut ops = vec![Op::relaxed(offset::STOP_STAT, u32::MAX), Op::relaxed(offset::RESET, 1)];
    let mut config = 0;
    for op in linux {
        let next = match op {
            Op::Write { offset: offset::MC0PTR, value: 0, .. } => vec![op, Op::relaxed(offset::INTRMASK, 0)],
            Op::Write { offset: offset::CHNPRI0, value: 1, .. } => {
                differences.apply(Id::OneRank);
                vec![]
            }
            Op::Write { offset: offset::CHNPRI0, value: 7, .. } => vec![op, Op::relaxed(offset::INTR, u32::MAX)],
            Op::Write { offset: offset::DSPOVR, value, .. } => {
                assert_eq!(value, 1, "Linux lets channel 0 go without a DSP");
                differences.apply(Id::DspOverride);
                vec![Op::relaxed(offset::DSPOVR, u32::MAX)]
            }
            other => {
                config = other.value_at(offset::CONFIG).unwrap_or(config);
                vec![other]
            }
        };
        ops.extend(next);
    }
    differences.apply(Id::FirstRun);
    differences.apply(Id::CommandInterrupts);
    ops.extend(fence(1, vec![0; 32]));
    ops.extend([acknowledge(), Op::relaxed(offset::CONFIG, config | 3)]);
    ops
}

/// Linux sets CONFIG to dynamic behind the first run of channel 0: it has that value here.
fn first_run(differences: &Differences, value: u32, registers: &BTreeMap<u32, u32>) {
    assert_eq!(registers[&offset::CONFIG], value);
    differences.apply(Id::FirstRun);
}

/// The download of a program, whose code is `code` here.
pub fn download(differences: &Differences, linux: Vec<Op>, code: &[u8], registers: &BTreeMap<u32, u32>) -> Vec<Op> {
    let mut ops = Vec::new();
    for op in linux {
        match op {
            Op::Command { mode, address, payload } => {
                let mut longer = payload.clone();
                longer.resize(code.len() / 2, 0);
                let payload = differences.replace(Id::CodeInside, payload, longer);
                let mode = mode & !0xFFFF | payload.len() as u32;
                ops.push(command(differences, Op::Command { mode, address, payload }));
            }
            Op::Write { offset: offset::CONFIG, value, .. } => first_run(differences, value, registers),
            other => ops.push(other),
        }
    }
    with_interrupt(ops)
}

/// A start: what Linux wrote since the channel was requested, or since the start before, with the START at its end.
pub fn start(
    differences: &Differences,
    linux: &[Op],
    channel: u8,
    line: Option<u8>,
    word_bits: u32,
    mut registers: BTreeMap<u32, u32>,
) -> Vec<Op> {
    let mut ops = Vec::new();
    let mut connected = false;
    for op in linux.iter().cloned() {
        match op {
            Op::Write { offset: offset::STOP_STAT, value, .. } if value == 1 << channel => {
                differences.apply(Id::NoStopInPrep)
            }
            Op::Write { offset: offset::CONFIG, value, .. } => first_run(differences, value, &registers),
            Op::Write { offset: offset::DSPOVR, value, .. } => {
                dsp_override(differences, value, channel);
            }
            Op::Write { offset: offset::HSTART, value, .. } if value == 1 << channel => {
                if connected {
                    differences.apply(Id::EventPending);
                    let load = ops.iter().position(|op: &Op| op.value_at(offset::HSTART).is_some());
                    ops.insert(load.expect("a context is loaded before"), Op::relaxed(offset::EVTPEND, value));
                    connected = false;
                }
                ops.push(op);
            }
            Op::Write { offset: offset::HSTART, .. } => ops.push(op),
            Op::Write { offset, value, .. } if registers.get(&offset) == Some(&value) => {
                differences.apply(Id::Unchanged)
            }
            Op::Write { offset, value, .. } => {
                connected |= (0x200..0x2C0).contains(&offset);
                registers.insert(offset, value);
                ops.push(op);
            }
            Op::Command { mode, address, payload } => {
                let payload = context(differences, payload, line, word_bits);
                ops.push(command(differences, Op::Command { mode, address, payload }));
            }
        }
    }
    ops
}

/// What DSPOVR has here where Linux has the bits of channel 0 and of this one.
pub fn dsp_override(differences: &Differences, linux: u32, channel: u8) -> u32 {
    assert_eq!(linux, 1 | 1 << channel, "Linux lets the channel go without a DSP");
    differences.replace(Id::DspOverride, linux, u32::MAX)
}

/// A context: the masks of the request line are those of a 32-bit build.
pub fn context(differences: &Differences, mut linux: Vec<u32>, line: Option<u8>, word_bits: u32) -> Vec<u32> {
    if let Some(line) = line.filter(|_| word_bits == 64) {
        let mask = 1_u64 << line;
        linux[2] = differences.replace(Id::Lines, linux[2], (mask >> 32) as u32);
        linux[3] = differences.replace(Id::Lines, linux[3], mask as u32);
    }
    linux
}

/// What a ring with an error in it does in the interrupt, behind what Linux did there.
pub fn failure(differences: &Differences, mut linux: Vec<Op>, channel: u8, context: Vec<u32>) -> Vec<Op> {
    differences.apply(Id::RingStops);
    linux.push(Op::relaxed(offset::STOP_STAT, 1 << channel));
    linux.extend(fence(channel, context));
    linux
}

/// The channel's release.
pub fn release(differences: &Differences, linux: Vec<Op>, channel: u8, registers: &BTreeMap<u32, u32>) -> Vec<Op> {
    differences.apply(Id::Release);
    let mut ops = vec![Op::relaxed(offset::chnpri(channel), 0)];
    for op in linux {
        match op {
            Op::Write { offset: offset::STOP_STAT, value, .. } if value == 1 << channel => {}
            Op::Write { offset, value, .. } if registers.get(&offset) == Some(&value) => {
                differences.apply(Id::Unchanged)
            }
            other => ops.push(other),
        }
    }
    ops
}

/// With channel 0's interrupt behind, if it has done something.
pub fn with_interrupt(mut ops: Vec<Op>) -> Vec<Op> {
    if ops.iter().any(|op| matches!(op, Op::Command { .. })) {
        ops.push(acknowledge());
    }
    ops
}

/// The descriptors of a copy. Linux's pieces are as long as a count can be, and one behind them may be spare; here they are as
/// long as is a multiple of 4, so that all begin aligned, and none is spare.
pub fn pieces(differences: &Differences, linux: Vec<[u32; 3]>, len: u32) -> Vec<[u32; 3]> {
    const MIDDLE: u32 = 0x0085_0000;
    const LAST: u32 = 0x00A9_0000;
    let [_, source, destination] = linux[0];
    let cut = |piece: u32| {
        let begins = (0..len).step_by(piece as usize);
        let descriptors = begins.map(|done| {
            let count = piece.min(len - done);
            [if done + count == len { LAST } else { MIDDLE } | count, source + done, destination + done]
        });
        descriptors.collect::<Vec<_>>()
    };
    let mut in_linux = cut(65_535);
    in_linux.resize(linux.len(), [0; 3]);
    assert_eq!(linux, in_linux);
    differences.replace(Id::Pieces, linux, cut(65_532))
}
