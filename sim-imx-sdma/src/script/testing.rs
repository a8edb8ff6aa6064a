//! A machine to run one script on: flat memory, a device that counts, request lines that a test sets, and time that it cuts.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use super::table::Scripts;
use crate::bus::{BusError, Width};
use crate::machine::{Fault, Machine, Notify, Scratch, Step};
use crate::registers::Registers;

/// Where the system's memory lies, and how much there is.
pub(super) const MEMORY: u32 = 0x8000_0000;
const MEMORY_SIZE: usize = 0x4000;
/// Where the control blocks and the descriptors of the tests lie.
pub(super) const CCBS: u32 = MEMORY;
pub(super) const BDS: u32 = MEMORY + 0x400;
/// The channel that runs.
pub(super) const CHANNEL: u8 = 3;
/// SSI1 of an i.MX6 and beyond: on the shared peripheral bus. All of it is the device.
pub(super) const DEVICE: u32 = 0x0202_8000;
const DEVICE_END: u32 = DEVICE + 0x4_0000;

/// Bits of a mode word.
pub(super) const D: u32 = 1 << 16;
pub(super) const W: u32 = 1 << 17;
pub(super) const C: u32 = 1 << 18;
pub(super) const I: u32 = 1 << 19;
pub(super) const R: u32 = 1 << 20;

/// What a read of the device answers.
type Answer = Box<dyn FnMut(u32) -> Option<u32>>;

pub(super) struct Fake {
    pub(super) regs: Registers,
    pub(super) channel: u8,
    /// Where the control blocks are said to be.
    pub(super) mc0ptr: u32,
    pub(super) memory: Vec<u8>,
    /// The data space from 0x0800 on: contexts and code.
    pub(super) inside: Vec<u32>,
    pub(super) smsz: bool,
    pub(super) now: u64,
    /// The time is up then.
    pub(super) until: u64,
    /// The levels of the request lines at a time.
    pub(super) events: Box<dyn Fn(u64) -> u64>,
    /// What the device answers at an address, and what it got where, with the width.
    pub(super) answer: Answer,
    pub(super) given: Vec<(u32, Width, u32)>,
    /// The accesses to memory that read.
    pub(super) read: Vec<(u32, Width)>,
    /// Writes to the device are refused from this one on.
    pub(super) refused_from: usize,
    /// What was notified, and when.
    pub(super) notified: Vec<(u64, Notify)>,
    pub(super) scripts: Scripts,
}

impl Fake {
    /// A channel with the script of a kind at its entry, its line always high. The device counts what is read from it.
    pub(super) fn new(scripts: &Scripts, kind: super::table::ScriptKind) -> Self {
        let mut count = 0;
        let mut this = Self {
            regs: Registers::default(),
            channel: CHANNEL,
            mc0ptr: CCBS,
            memory: vec![0; MEMORY_SIZE],
            inside: vec![0; 0x800],
            smsz: true,
            now: 0,
            until: u64::MAX,
            events: Box::new(|_| 1 << 5),
            answer: Box::new(move |_| {
                count += 1;
                Some(0x0101_0100 + count)
            }),
            given: Vec::new(),
            read: Vec::new(),
            refused_from: usize::MAX,
            notified: Vec::new(),
            scripts: scripts.clone(),
        };
        this.regs.pc = scripts.entry(kind).unwrap();
        this.regs.r[1] = 1 << 5;
        this.regs.r[6] = DEVICE;
        this.regs.r[7] = 8;
        this
    }

    /// The channel's descriptors, with the control block at the first of them.
    pub(super) fn chain(&mut self, bds: &[[u32; 3]]) {
        let ccb = CCBS + 16 * u32::from(self.channel);
        self.set_word(ccb, BDS);
        self.set_word(ccb + 4, BDS);
        for (n, bd) in bds.iter().enumerate() {
            for (word, &value) in bd.iter().enumerate() {
                self.set_word(BDS + 12 * n as u32 + 4 * word as u32, value);
            }
        }
    }

    /// The mode word of a descriptor.
    pub(super) fn mode(&self, n: u32) -> u32 {
        self.word(BDS + 12 * n)
    }

    /// The current descriptor in the control block.
    pub(super) fn current(&self) -> u32 {
        self.word(CCBS + 16 * u32::from(self.channel))
    }

    pub(super) fn word(&self, address: u32) -> u32 {
        u32::from_le_bytes(self.bytes(address, 4).try_into().unwrap())
    }

    pub(super) fn set_word(&mut self, address: u32, value: u32) {
        self.set_bytes(address, &value.to_le_bytes());
    }

    pub(super) fn bytes(&self, address: u32, len: usize) -> &[u8] {
        &self.memory[(address - MEMORY) as usize..][..len]
    }

    pub(super) fn set_bytes(&mut self, address: u32, bytes: &[u8]) {
        self.memory[(address - MEMORY) as usize..][..bytes.len()].copy_from_slice(bytes);
    }

    /// The values that the device got, wherever.
    pub(super) fn values(&self) -> Vec<u32> {
        self.given.iter().map(|given| given.2).collect()
    }

    /// Runs until the script leaves the core.
    pub(super) fn step(&mut self) -> Step {
        loop {
            match self.go() {
                Step::OutOfTime => {}
                step => return step,
            }
        }
    }

    /// Runs until the script leaves the core or the time is up.
    pub(super) fn go(&mut self) -> Step {
        let scripts = core::mem::take(&mut self.scripts);
        let step = super::run(self, &scripts).expect("an illegal instruction");
        self.scripts = scripts;
        step
    }

    /// Runs until `done 2`, in slices of so many cycles, with a pause at each other `done`. The steps, and when they were.
    pub(super) fn run_in_slices(&mut self, slice: u64) -> Vec<(u64, Step)> {
        let mut steps = Vec::new();
        for _ in 0..100_000 {
            self.until = self.now.saturating_add(slice);
            let step = self.go();
            if step == Step::OutOfTime {
                continue;
            }
            steps.push((self.now, step));
            if step == Step::ClearHe {
                return steps;
            }
            self.now += 37;
        }
        panic!("it does not end: {:?}", &steps[..20]);
    }

    /// Runs until `done 2`.
    pub(super) fn run(&mut self) -> Vec<Step> {
        self.run_in_slices(u64::MAX).into_iter().map(|(_, step)| step).collect()
    }

    pub(super) fn interrupts(&self) -> usize {
        self.notified.iter().filter(|(_, what)| *what == Notify::Interrupt).count()
    }

    /// What a switch does to a channel: out to its context and back in.
    pub(super) fn switch_out_and_in(&mut self) {
        self.regs = Registers::from_words(&self.regs.to_words());
    }

    /// All scratch words.
    pub(super) fn scratch_words(&mut self) -> [u32; 8] {
        core::array::from_fn(|n| self.scratch(0x18 + n as u16))
    }

    fn offset(address: u32, width: Width) -> Option<usize> {
        let offset = address.checked_sub(MEMORY)? as usize;
        assert_eq!(address % width.bytes(), 0, "an access that is not aligned: {address:#x}");
        (offset + width.bytes() as usize <= MEMORY_SIZE).then_some(offset)
    }

    fn is_device(address: u32) -> bool {
        (DEVICE..DEVICE_END).contains(&address)
    }

    /// The way back from the window of an i.MX6 to the bus.
    fn bus(window: u16) -> u32 {
        let window = u32::from(window);
        0x0200_0000 | (window & 0xF000) << 2 | window & 0xFFF
    }
}

impl Machine for Fake {
    fn regs(&mut self) -> &mut Registers {
        &mut self.regs
    }

    fn channel(&self) -> u8 {
        self.channel
    }

    fn mc0ptr(&self) -> u32 {
        self.mc0ptr
    }

    fn events(&self) -> u64 {
        (self.events)(self.now)
    }

    fn ccptr(&self) -> u16 {
        0x0800 + u16::from(self.channel) * if self.smsz { 32 } else { 24 }
    }

    fn load(&mut self, address: u16) -> Result<u32, Fault> {
        self.now += 2;
        match address {
            0x0800..=0x0FFF => Ok(self.inside[usize::from(address - 0x0800)]),
            0x701C => Ok(80 | u32::from(self.smsz) << 14),
            0x1000..=0x6FFF | 0x8000.. => self.read(Self::bus(address), Width::Four).map_err(|_| Fault),
            _ => Err(Fault),
        }
    }

    fn store(&mut self, address: u16, value: u32) -> Result<(), Fault> {
        self.now += 2;
        match address {
            0x0800..=0x0FFF => {
                self.inside[usize::from(address - 0x0800)] = value;
                Ok(())
            }
            0x1000..=0x6FFF | 0x8000.. => self.write(Self::bus(address), Width::Four, value).map_err(|_| Fault),
            _ => Err(Fault),
        }
    }

    fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError> {
        self.now += 3;
        if Self::is_device(address) {
            let mask = u32::MAX >> (32 - 8 * width.bytes());
            return (self.answer)(address).map(|value| value & mask).ok_or(BusError { address });
        }
        self.read.push((address, width));
        let offset = Self::offset(address, width).ok_or(BusError { address })?;
        let mut bytes = [0; 4];
        let len = width.bytes() as usize;
        bytes[..len].copy_from_slice(&self.memory[offset..][..len]);
        Ok(u32::from_le_bytes(bytes))
    }

    fn write(&mut self, address: u32, width: Width, value: u32) -> Result<(), BusError> {
        self.now += 3;
        if Self::is_device(address) {
            if self.given.len() >= self.refused_from {
                return Err(BusError { address });
            }
            self.given.push((address, width, value));
            return Ok(());
        }
        let offset = Self::offset(address, width).ok_or(BusError { address })?;
        let len = width.bytes() as usize;
        self.memory[offset..][..len].copy_from_slice(&value.to_le_bytes()[..len]);
        Ok(())
    }

    fn notify(&mut self, what: Notify) {
        self.now += 1;
        self.notified.push((self.now, what));
    }

    fn spend(&mut self, cycles: u32) {
        self.now += u64::from(cycles);
    }

    fn out_of_time(&self) -> bool {
        self.now >= self.until
    }
}
