//! A small hardware model, after the one that the traces were recorded with: registers that keep what they are told, a channel 0
//! that is done at once, and an engine that closes a buffer descriptor when the test says so.
//!
//! The module has `unsafe` because it implements [`Platform`] and gives the driver its memory.

use std::collections::{BTreeMap, VecDeque};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use backend_imx_sdma::regs::offset;
use backend_imx_sdma::{Registers, SharedMemory};
use dmaengine_core::{BusAddr, Direction, Micros, Platform, PrepError, Region};
use sim_board::SimLock;

use super::trace::Op;

/// Where the device sees the memory that it shares with the driver.
const SHARED: u32 = 0x1000_0000;
/// How many transfers the driver has room for, and segments in each.
const TRANSFERS: usize = 8;
const SEGMENTS: u16 = 64;

pub const DONE: u32 = 1 << 16;
pub const WRAP: u32 = 1 << 17;
pub const CONT: u32 = 1 << 18;
pub const INTR: u32 = 1 << 19;
pub const RROR: u32 = 1 << 20;

/// What became of a descriptor that the engine was told to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is closed.
    Done { descriptor: u32, mode: u32, current: u32, intr: u32, he: u32 },
    /// It is not the engine's: the channel has stopped.
    NotOwned,
    /// The channel is not enabled: nothing has happened.
    NotEnabled,
}

/// The machine. A handle: clones are the same.
#[derive(Clone, Debug)]
pub struct Machine(Arc<Mutex<Model>>);

#[derive(Debug)]
struct Model {
    registers: BTreeMap<u32, u32>,
    he: u32,
    intr: u32,
    shared: &'static [AtomicU32],
    /// The SDMA's own data memory, in words of 32 bit.
    data: Vec<u32>,
    /// What is mapped next: where the device sees it, and its length.
    mappings: VecDeque<(u32, usize)>,
    /// What channel 0 is to load of it as a program.
    code: Option<(u32, &'static [u8])>,
    log: Vec<Op>,
    /// A barrier has passed since the last access.
    ordered: bool,
    time: u64,
}

impl Machine {
    pub fn new() -> Self {
        let words = SharedMemory::bytes_for(TRANSFERS, SEGMENTS) / 4;
        // The board does not clear it, so the driver has to write all that it means.
        let shared = Vec::leak((0..words).map(|_| AtomicU32::new(0xDEAD_BEEF)).collect());
        Self(Arc::new(Mutex::new(Model {
            registers: reset_values(),
            he: 0,
            intr: 0,
            shared,
            data: vec![0; 0x1000],
            mappings: VecDeque::new(),
            code: None,
            log: Vec::new(),
            ordered: false,
            time: 0,
        })))
    }

    fn model(&self) -> MutexGuard<'_, Model> {
        // After a failure handles are dropped, and write registers once more.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The memory that driver and device share.
    pub fn shared_memory(&self) -> SharedMemory {
        let shared = self.model().shared;
        let ptr = NonNull::from(shared).cast();
        // SAFETY: leaked, atomic, and nobody else's but the device's, which sees it at `SHARED`.
        unsafe { SharedMemory::new(ptr, BusAddr(SHARED.into()), size_of_val(shared), SEGMENTS) }
    }

    /// What the driver has done since this was last asked.
    pub fn take_log(&self) -> Vec<Op> {
        std::mem::take(&mut self.model().log)
    }

    /// The registers as they are, without a trace in the log.
    pub fn registers(&self) -> BTreeMap<u32, u32> {
        self.model().registers.clone()
    }

    pub fn he(&self) -> u32 {
        self.model().he
    }

    pub fn intr(&self) -> u32 {
        self.model().intr
    }

    /// A copy of the shared memory, in words.
    pub fn shared(&self) -> Vec<u32> {
        self.model().shared.iter().map(|word| word.load(SeqCst)).collect()
    }

    /// Where the device sees a word of it.
    pub fn bus_of(word: usize) -> u32 {
        SHARED + 4 * word as u32
    }

    /// Words of shared memory.
    pub fn words<const N: usize>(&self, bus: u32) -> [u32; N] {
        let model = self.model();
        std::array::from_fn(|i| model.load(bus + 4 * i as u32))
    }

    /// A channel's control block.
    pub fn control_block(&self, channel: u8) -> [u32; 4] {
        let base = self.registers()[&offset::MC0PTR];
        self.words(base + 16 * u32::from(channel))
    }

    /// A channel's context, in the SDMA's data memory.
    pub fn context(&self, channel: u8) -> Vec<u32> {
        let at = 2048 + 32 * usize::from(channel);
        self.model().data[at..at + 32].to_vec()
    }

    /// Says where the device will see what is mapped next.
    pub fn map_next_at(&self, bus: u32, len: usize) {
        self.model().mappings.push_back((bus, len));
    }

    /// As [`map_next_at`](Self::map_next_at), of a program.
    pub fn map_program_at(&self, bus: u32, code: &'static [u8]) {
        self.map_next_at(bus, code.len());
        self.model().code = Some((bus, code));
    }

    /// The engine closes the descriptor it is at, with this count if it is another, perhaps with an error.
    pub fn close(&self, channel: u8, count: Option<u32>, error: bool) -> Closed {
        let bit = 1 << channel;
        let model = &mut *self.model();
        if model.he & bit == 0 {
            return Closed::NotEnabled;
        }
        let block = model.registers[&offset::MC0PTR] + 16 * u32::from(channel);
        let (descriptor, base) = (model.load(block), model.load(block + 4));
        let mut mode = model.load(descriptor);
        if mode & DONE == 0 {
            model.he &= !bit;
            return Closed::NotOwned;
        }
        mode = mode & !DONE & !0xFFFF | count.unwrap_or(mode & 0xFFFF);
        mode |= if error { RROR } else { 0 };
        let current = if mode & WRAP != 0 { base } else { descriptor + 12 };
        model.store(descriptor, mode);
        model.store(block, current);
        model.intr |= if mode & INTR != 0 { bit } else { 0 };
        model.he &= if mode & CONT != 0 { u32::MAX } else { !bit };
        Closed::Done { descriptor, mode, current, intr: model.intr, he: model.he }
    }
}

fn reset_values() -> BTreeMap<u32, u32> {
    let mut registers: BTreeMap<u32, u32> = (0..0x1008).step_by(4).map(|offset| (offset, 0)).collect();
    registers.insert(offset::CONFIG, 3);
    registers.insert(offset::CHN0ADDR, 0x50);
    registers
}

impl Model {
    fn word(&self, bus: u32) -> &AtomicU32 {
        assert!(bus % 4 == 0 && bus >= SHARED, "nothing is shared at {bus:#x}");
        &self.shared[(bus - SHARED) as usize / 4]
    }

    fn load(&self, bus: u32) -> u32 {
        self.word(bus).load(SeqCst)
    }

    fn store(&self, bus: u32, value: u32) {
        self.word(bus).store(value, SeqCst);
    }

    /// Channel 0 does what its descriptor says.
    fn command(&mut self) {
        let block = self.registers[&offset::MC0PTR];
        let descriptor = self.load(block);
        let [mode, buffer, address] = [0, 4, 8].map(|at| self.load(descriptor + at));
        assert_ne!(mode & DONE, 0, "channel 0 was started without a command");
        let count = (mode & 0xFFFF) as usize;
        let own = address as usize;
        let payload = match mode >> 24 {
            1 => {
                let words: Vec<u32> = (0..count).map(|i| self.load(buffer + 4 * i as u32)).collect();
                self.data[own..own + count].copy_from_slice(&words);
                words
            }
            2 => {
                let words = self.data[own..own + count].to_vec();
                words.iter().enumerate().for_each(|(i, word)| self.store(buffer + 4 * i as u32, *word));
                words
            }
            4 => {
                let (bus, code) = self.code.expect("a program comes from memory that is mapped");
                assert_eq!((bus, code.len()), (buffer, 2 * count), "the program that is mapped");
                code.chunks_exact(2).map(|half| u32::from(half[0]) | u32::from(half[1]) << 8).collect()
            }
            other => panic!("channel 0 does not know the command {other}"),
        };
        self.log.push(Op::Command { mode, address, payload });
        self.store(descriptor, mode & !DONE);
        self.store(block, if mode & WRAP != 0 { self.load(block + 4) } else { descriptor + 12 });
        self.intr |= u32::from(mode & INTR != 0);
        self.he &= !1;
    }
}

impl Registers for Machine {
    fn read(&self, offset: u32) -> u32 {
        let mut model = self.model();
        model.ordered = false;
        match offset {
            offset::INTR => model.intr,
            offset::STOP_STAT | offset::HSTART => model.he,
            other => model.registers[&other],
        }
    }

    fn write(&self, offset: u32, value: u32) {
        let model = &mut *self.model();
        let ordered = std::mem::take(&mut model.ordered);
        model.log.push(Op::Write { offset, value, ordered });
        match offset {
            offset::INTR => model.intr &= !value,
            offset::STOP_STAT => model.he &= !value,
            offset::HSTART => {
                model.he |= value;
                if value & 1 != 0 {
                    model.command();
                }
            }
            offset::RESET if value & 1 != 0 => {
                (model.registers, model.he, model.intr) = (reset_values(), 0, 0);
            }
            // An event that wakes a script up, which then looks for itself; and a nudge to the scheduler.
            offset::EVTPEND | offset::RESET => {}
            other => {
                model.registers.insert(other, value);
            }
        }
    }

    fn barrier(&self) {
        self.model().ordered = true;
    }
}

// SAFETY: the device of this machine touches no mapped memory at all; what it would read of a program it was given beforehand.
unsafe impl Platform for Machine {
    type Lock = SimLock;

    fn now(&self) -> Micros {
        Micros(self.model().time)
    }

    fn delay(&self, time: Micros) {
        self.model().time += time.0;
    }

    fn map(&self, region: &Region, _direction: Direction) -> Result<BusAddr, PrepError> {
        let mut model = self.model();
        let (bus, len) = model.mappings.pop_front().expect("the test says where the device sees what is mapped");
        assert_eq!(region.len, len, "the length of what is mapped at {bus:#x}");
        Ok(BusAddr(bus.into()))
    }

    fn unmap(&self, _region: &Region, _direction: Direction) {}

    fn sync_for_cpu(&self, _part: &Region) {}

    fn sync_for_device(&self, _part: &Region) {}
}
