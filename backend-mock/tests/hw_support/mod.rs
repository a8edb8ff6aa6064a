//! What the hardware's tests share: memory that outlives its mapping, and streams whose frames tell their own number.
#![allow(dead_code, reason = "each test file uses its own part")]

use core::ptr::NonNull;
use std::sync::Arc;

use backend_mock::hw::{Hw, HwConfig, Moves, Nanos, Peripheral, Program, Source, StopLatency, StreamConfig};

/// Bytes of a frame: its number, little-endian.
pub const FRAME: u32 = 4;

/// Memory of a test, reached through its pointer alone. Never freed, so that no engine can outlive it.
pub struct Memory {
    ptr: NonNull<u8>,
    len: usize,
}

impl Memory {
    pub fn filled(len: usize, byte: u8) -> Self {
        Self::of(&vec![byte; len])
    }

    pub fn of(bytes: &[u8]) -> Self {
        let bytes: &'static mut [u8] = bytes.to_vec().leak();
        Memory { len: bytes.len(), ptr: NonNull::from(bytes).cast() }
    }

    pub fn cpu_address(&self) -> u64 {
        self.ptr.as_ptr() as u64
    }

    pub fn map(&self, hw: &Hw) -> u64 {
        // SAFETY: the memory is leaked, so valid for ever, and read only by `bytes`, between calls on `hw`.
        unsafe { hw.map(self.ptr, self.len) }
    }

    pub fn map_read_only(&self, hw: &Hw) -> u64 {
        // SAFETY: as in `map`.
        unsafe { hw.map_read_only(self.ptr, self.len) }
    }

    pub fn bytes(&self) -> Vec<u8> {
        // SAFETY: `ptr` and `len` are those of a leaked slice, which no engine writes during this call.
        unsafe { core::slice::from_raw_parts(self.ptr.as_ptr(), self.len) }.to_vec()
    }

    pub fn frames(&self) -> Vec<u32> {
        numbers(&self.bytes())
    }
}

pub fn numbers(bytes: &[u8]) -> Vec<u32> {
    let frames = bytes.chunks_exact(4);
    frames.map(|f| u32::from_le_bytes([f[0], f[1], f[2], f[3]])).collect()
}

/// Frames `first..first + count`, each its own number.
pub fn numbered(first: u32, count: u32) -> Vec<u8> {
    (first..first + count).flat_map(u32::to_le_bytes).collect()
}

pub fn stream(rate: u32) -> StreamConfig {
    StreamConfig { rate, frame_bytes: FRAME, ..StreamConfig::default() }
}

/// A recorder whose frame `n` is `n + 1`, so that silence cannot be mistaken for it.
pub fn recorder(config: StreamConfig, frames: u32) -> Peripheral {
    let frames: Arc<[u8]> = numbered(1, frames).into();
    Peripheral::recorder(config, Source { frames, repeat: 1 })
}

pub fn hw(stop_latency: StopLatency) -> Hw {
    Hw::new(HwConfig { stop_latency, ..HwConfig::default() })
}

pub fn us(micros: u64) -> Nanos {
    Nanos::from_micros(micros)
}

/// A ring from a recorder into memory.
pub fn ring(tag: u64, bus: u64, len: u32, period: u32) -> Program {
    Program { tag, moves: Moves::Cyclic { bus, len, period, to_device: false } }
}

pub fn run(hw: &Hw, ch: usize, program: Program) {
    hw.program(ch, program);
    hw.enable(ch);
}

/// One frame each 10 µs: easy arithmetic.
pub const EASY: u32 = 100_000;

/// Hardware whose channel 0 records a frame each 10 µs into a mapped ring of 1000 frames with periods of 10, as tag 1,
/// from time 0 on.
pub fn recording(stop_latency: StopLatency) -> (Hw, Memory, u64) {
    let hw = hw(stop_latency);
    let memory = Memory::filled(4000, 0);
    let bus = memory.map(&hw);
    hw.attach(0, recorder(stream(EASY), 1_000_000));
    run(&hw, 0, ring(1, bus, 4000, 40));
    (hw, memory, bus)
}
