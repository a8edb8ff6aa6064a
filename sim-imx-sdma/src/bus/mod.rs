//! The system's bus as the SDMA sees it: 32-bit addresses, and behind them memory, peripherals, or nothing.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;

use crate::time::Cycles;

/// The width of one access to the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Width {
    /// 8 bit.
    One = 1,
    /// 16 bit.
    Two = 2,
    /// 32 bit.
    Four = 4,
}

impl Width {
    /// The width in bytes.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        self as u32
    }
}

/// The bus answered an access with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bus error at {address:#010x}")]
pub struct BusError {
    /// Where.
    pub address: u32,
}

/// Memory that lies outside of the model, such as the buffers of a test program.
pub trait Memory: Send {
    /// Reads from an offset into it; `false` is a bus error.
    fn read(&mut self, offset: u32, out: &mut [u8]) -> bool;

    /// Writes at an offset into it; `false` is a bus error.
    fn write(&mut self, offset: u32, bytes: &[u8]) -> bool;
}

/// A device on the bus, with request lines to the SDMA.
///
/// Time reaches it lazily: before each access and whenever [`next_change`](Self::next_change) says, [`advance`](Self::advance)
/// is called; the device then does in one go what its other side did since the last call.
pub trait Peripheral: Any + Send {
    /// Lets time pass up to and including `now`.
    fn advance(&mut self, now: Cycles);

    /// A read of its register at a byte offset. It was advanced to `now`.
    ///
    /// # Errors
    /// What the bus answers where there is no such register.
    fn read(&mut self, now: Cycles, offset: u32, width: Width) -> Result<u32, BusError>;

    /// A write of its register at a byte offset. It was advanced to `now`.
    ///
    /// # Errors
    /// What the bus answers where there is no such register.
    fn write(&mut self, now: Cycles, offset: u32, width: Width, value: u32) -> Result<(), BusError>;

    /// The levels of its request lines: bit n is line n. As of the last call of one of the three methods above.
    fn lines(&self) -> u64;

    /// When its lines will change next if nobody accesses it; `None` if they will not.
    fn next_change(&self) -> Option<Cycles>;
}

/// What lies behind a range of addresses.
enum Target {
    Ram(Vec<u8>),
    Memory(Box<dyn Memory>),
    Peripheral(Box<dyn Peripheral>),
}

/// The bus.
#[derive(Default)]
pub struct Bus {
    ranges: Vec<(u32, u32, Target)>,
}

/// Where a peripheral was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(usize);

impl Bus {
    /// A bus with nothing on it: every access is an error.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts `len` bytes of memory at an address.
    pub fn add_ram(&mut self, base: u32, len: u32) {
        self.ranges.push((base, len, Target::Ram(alloc::vec![0; len as usize])));
    }

    /// Puts memory that lies elsewhere at an address.
    pub fn add_memory(&mut self, base: u32, len: u32, memory: impl Memory + 'static) {
        self.ranges.push((base, len, Target::Memory(Box::new(memory))));
    }

    /// Puts a peripheral at an address.
    pub fn add_peripheral(&mut self, base: u32, len: u32, peripheral: impl Peripheral) -> Slot {
        self.ranges.push((base, len, Target::Peripheral(Box::new(peripheral))));
        Slot(self.ranges.len() - 1)
    }

    /// The peripheral that was put there, if it is of that kind.
    pub fn peripheral<P: Peripheral>(&mut self, slot: Slot) -> Option<&mut P> {
        match &mut self.ranges.get_mut(slot.0)?.2 {
            Target::Peripheral(peripheral) => (&mut **peripheral as &mut dyn Any).downcast_mut(),
            _ => None,
        }
    }

    /// An access by a channel's script.
    ///
    /// # Errors
    /// Where there is nothing, or what is there refuses.
    pub fn read(&mut self, channel: u8, now: Cycles, address: u32, width: Width) -> Result<u32, BusError> {
        let _ = channel;
        let (offset, target) = self.at(address, width)?;
        let mut bytes = [0; 4];
        let out = &mut bytes[..width.bytes() as usize];
        let done = match target {
            Target::Ram(ram) => {
                out.copy_from_slice(&ram[offset as usize..][..out.len()]);
                true
            }
            Target::Memory(memory) => memory.read(offset, out),
            Target::Peripheral(peripheral) => {
                peripheral.advance(now);
                return peripheral.read(now, offset, width);
            }
        };
        if done { Ok(u32::from_le_bytes(bytes)) } else { Err(BusError { address }) }
    }

    /// An access by a channel's script.
    ///
    /// # Errors
    /// Where there is nothing, or what is there refuses.
    pub fn write(&mut self, channel: u8, now: Cycles, address: u32, width: Width, value: u32) -> Result<(), BusError> {
        let _ = channel;
        let (offset, target) = self.at(address, width)?;
        let bytes = value.to_le_bytes();
        let bytes = &bytes[..width.bytes() as usize];
        let done = match target {
            Target::Ram(ram) => {
                ram[offset as usize..][..bytes.len()].copy_from_slice(bytes);
                true
            }
            Target::Memory(memory) => memory.write(offset, bytes),
            Target::Peripheral(peripheral) => {
                peripheral.advance(now);
                return peripheral.write(now, offset, width, value);
            }
        };
        if done { Ok(()) } else { Err(BusError { address }) }
    }

    fn at(&mut self, address: u32, width: Width) -> Result<(u32, &mut Target), BusError> {
        let end = u64::from(address) + u64::from(width.bytes());
        let found =
            self.ranges.iter_mut().find(|(base, len, _)| address >= *base && end <= u64::from(*base) + u64::from(*len));
        found.map(|(base, _, target)| (address - *base, target)).ok_or(BusError { address })
    }

    fn peripherals(&mut self) -> impl Iterator<Item = &mut Box<dyn Peripheral>> {
        self.ranges.iter_mut().filter_map(|(.., target)| match target {
            Target::Peripheral(peripheral) => Some(peripheral),
            _ => None,
        })
    }

    /// Lets time pass for every peripheral.
    pub fn advance(&mut self, now: Cycles) {
        self.peripherals().for_each(|peripheral| peripheral.advance(now));
    }

    /// Whether a device is there, which an access may make change its lines.
    pub(crate) fn is_peripheral(&mut self, address: u32) -> bool {
        matches!(self.at(address, Width::One), Ok((_, Target::Peripheral(_))))
    }

    /// The levels of all request lines, as of the last `advance` or access.
    pub fn lines(&mut self) -> u64 {
        self.peripherals().fold(0, |lines, peripheral| lines | peripheral.lines())
    }

    /// When a line will change next if nobody accesses a peripheral.
    pub fn next_change(&mut self) -> Option<Cycles> {
        self.peripherals().filter_map(|peripheral| peripheral.next_change()).min()
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bus of {} ranges", self.ranges.len())
    }
}
