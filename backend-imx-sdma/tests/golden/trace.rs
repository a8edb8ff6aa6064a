//! The traces as they lie in their files, read into the words that are compared.

use std::fmt;
use std::path::Path;

use serde_json::Value;

/// Something that the driver did to the hardware.
#[derive(Clone, PartialEq, Eq)]
pub enum Op {
    /// It wrote a register; `ordered` behind a barrier.
    Write { offset: u32, value: u32, ordered: bool },
    /// Channel 0 did what it was told: a descriptor's mode word, an address of the SDMA's own, and the words that were moved.
    Command { mode: u32, address: u32, payload: Vec<u32> },
}

impl Op {
    /// A write that follows a barrier.
    pub fn ordered(offset: u32, value: u32) -> Self {
        Self::Write { offset, value, ordered: true }
    }

    /// A write that may stand anywhere.
    pub fn relaxed(offset: u32, value: u32) -> Self {
        Self::Write { offset, value, ordered: false }
    }

    /// Whether it writes this register, and what.
    pub fn value_at(&self, at: u32) -> Option<u32> {
        match self {
            Self::Write { offset, value, .. } if *offset == at => Some(*value),
            _ => None,
        }
    }
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write { offset, value, ordered } => {
                write!(f, "{offset:#05x} <- {value:#010x}{}", if *ordered { ", ordered" } else { "" })
            }
            Self::Command { mode, address, payload } => write!(f, "channel 0: {mode:#010x} {address:#x} {payload:x?}"),
        }
    }
}

/// One file.
pub struct Scenario {
    pub name: String,
    pub runs: Vec<Value>,
}

impl Scenario {
    /// Reads the file whose name begins like that.
    pub fn read(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/linux-6.12.117");
        let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let wanted = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(name);
        let file = files.find(wanted).unwrap_or_else(|| panic!("no trace {name}"));
        let mut root: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(root["scenario"], name);
        let Value::Array(runs) = root["runs"].take() else { panic!("{name} has no runs") };
        Self { name: name.into(), runs }
    }
}

/// A number, whether it is written as one or as `"0x..."`.
pub fn number(value: &Value) -> u32 {
    match value {
        Value::String(text) => u32::from_str_radix(text.strip_prefix("0x").expect(text), 16).expect(text),
        other => {
            other.as_u64().and_then(|number| number.try_into().ok()).unwrap_or_else(|| panic!("{other}: no number"))
        }
    }
}

/// The elements of an array, none if there is no array.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn numbers(value: &Value) -> Vec<u32> {
    list(value).iter().map(number).collect()
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value}: no text"))
}

/// The events of a step of one kind.
pub fn events<'v>(step: &'v Value, op: &'v str) -> impl Iterator<Item = &'v Value> {
    list(&step["events"]).iter().filter(move |event| event["op"] == op)
}

/// What the driver did to the hardware in a step.
pub fn ops(step: &Value) -> Vec<Op> {
    list(&step["events"]).iter().filter_map(op).collect()
}

fn op(event: &Value) -> Option<Op> {
    match text(&event["op"]) {
        "w" => Some(Op::Write {
            offset: number(&event["offset"]),
            value: number(&event["value"]),
            ordered: event["ordered"] == true,
        }),
        "c0" => {
            let [mode, _, address] = numbers(&event["bd"]).try_into().expect("three words");
            let payload = numbers(&event[if event["payload_u32"].is_null() { "payload_u16" } else { "payload_u32" }]);
            assert_eq!((mode & 0xFFFF, address), (number(&event["count"]), number(&event["sdma_addr"])));
            assert_eq!(payload.len() as u32, number(&event["count"]));
            Some(Op::Command { mode, address, payload })
        }
        _ => None,
    }
}
