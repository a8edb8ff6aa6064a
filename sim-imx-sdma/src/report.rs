//! What the model has to complain about: things that hardware takes in silence and that a driver should not do.

use alloc::vec::Vec;
use core::fmt;

use crate::bus::Width;
use crate::time::Cycles;

/// Something happened that deserves a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// When.
    pub at: Cycles,
    /// What.
    pub kind: ReportKind,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportKind {
    /// An access where this chip has no register. A read gives 0.
    UnknownRegister {
        /// Where in the window.
        offset: u32,
    },
    /// An access that was not 32 bit wide. It did nothing; a read gives 0.
    WrongWidth {
        /// Where in the window.
        offset: u32,
        /// How wide it was.
        width: Width,
    },
    /// A write to a register that can only be read. It did nothing.
    ReadOnly {
        /// Which register.
        register: &'static str,
    },
    /// A write of ones to bits that the register does not have. The others were written.
    ReservedBits {
        /// Which register.
        register: &'static str,
        /// The ones that were too many.
        bits: u32,
    },
    /// A write to a register that SDMA_LOCK locks. It did nothing.
    Locked {
        /// Which register.
        register: &'static str,
    },
    /// A write while the software reset was held. It did nothing.
    InReset {
        /// Which register.
        register: &'static str,
    },
    /// A request arrived whose CHNENBL nobody ever wrote: it has no reset value, and the request went to some channels.
    UnsetEventMap {
        /// The request line.
        event: u8,
    },
    /// A start was written while one was running and one was queued: this one is lost.
    LostStart {
        /// Whose.
        channel: u8,
    },
    /// A channel's context was restored in which words were never written.
    UnwrittenContext {
        /// Whose.
        channel: u8,
        /// Bit n is word n.
        words: u32,
    },
    /// A context was written while its channel was on the core or still being saved, and the save wrote over it.
    ContextOverwritten {
        /// Whose.
        channel: u8,
    },
    /// A channel came to program memory that nobody loaded. It gets an illegal instruction.
    UnloadedCode {
        /// Which one.
        channel: u8,
        /// Where in program space.
        pc: u16,
    },
    /// A channel executed something that is no instruction: there is no script at its program counter.
    IllegalInstruction {
        /// Which one.
        channel: u8,
        /// Where in program space.
        pc: u16,
    },
    /// Where illegal instructions lead there is another. The channel holds the core until somebody writes RESCHED or RESET.
    Stuck {
        /// Which one.
        channel: u8,
    },
    /// A request came between a script's last look at its lines and the `done 4` that cleared EP: it is forgotten. What the
    /// hardware does here is unconfirmed.
    LostWakeup {
        /// Whose.
        channel: u8,
    },
}

impl fmt::Display for ReportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::UnknownRegister { offset } => write!(f, "there is no register at offset {offset:#05x}"),
            Self::WrongWidth { offset, width } => {
                write!(f, "an access of {} bytes at offset {offset:#05x}: all registers are 32 bit", width.bytes())
            }
            Self::ReadOnly { register } => write!(f, "{register} was written and can only be read"),
            Self::ReservedBits { register, bits } => write!(f, "{register} was written with reserved bits {bits:#x}"),
            Self::Locked { register } => write!(f, "{register} was written while SDMA_LOCK locks it"),
            Self::InReset { register } => write!(f, "{register} was written during the reset"),
            Self::UnsetEventMap { event } => {
                write!(f, "request {event} arrived, and its CHNENBL was never written and has no reset value")
            }
            Self::LostStart { channel } => write!(f, "channel {channel} was started a third time: that start is lost"),
            Self::UnwrittenContext { channel, words } => {
                write!(f, "channel {channel} was restored with context words never written: {words:#010x}")
            }
            Self::ContextOverwritten { channel } => {
                write!(f, "the context of channel {channel} was loaded before its save was over, and is overwritten")
            }
            Self::UnloadedCode { channel, pc } => {
                write!(f, "channel {channel} ran into {pc:#06x}, where nothing is loaded")
            }
            Self::IllegalInstruction { channel, pc } => {
                write!(f, "channel {channel} executed an illegal instruction at {pc:#06x}")
            }
            Self::Stuck { channel } => write!(f, "channel {channel} loops on illegal instructions and holds the core"),
            Self::LostWakeup { channel } => {
                write!(f, "a request of channel {channel} came after its last look and was cleared by done 4")
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.kind)
    }
}

/// How many are kept. A driver that polls a wrong offset would otherwise fill the memory.
const KEPT: usize = 1024;

/// The reports so far.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    pub(crate) kept: Vec<Report>,
    pub(crate) dropped: u64,
}

impl Reports {
    pub(crate) fn add(&mut self, at: Cycles, kind: ReportKind) {
        if self.kept.len() < KEPT {
            self.kept.push(Report { at, kind });
        } else {
            self.dropped += 1;
        }
    }
}
