//! The registers that only hold what was written, and are looked at by the rest.

use crate::config::Variant;
use crate::window::table::{Id, registers};

/// What is in them.
#[derive(Debug)]
pub(crate) struct Storage {
    pub(crate) mc0ptr: u32,
    pub(crate) config: u32,
    pub(crate) lock: u32,
    pub(crate) once: [u32; 4],
    pub(crate) illinstaddr: u32,
    pub(crate) chn0addr: u32,
    pub(crate) xtrig: [u32; 2],
    pub(crate) done: [u32; 2],
    /// Which channels each request is for. Memory without a reset value.
    pub(crate) chnenbl: [u32; 48],
    /// Bit n: somebody wrote entry n.
    pub(crate) chnenbl_written: u64,
}

/// A well mixed number from a seed (the finaliser of splitmix64).
fn mixed(seed: u64) -> u32 {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ z >> 31) as u32
}

impl Storage {
    /// As after power-on.
    pub(crate) fn new(variant: Variant, seed: u64) -> Self {
        let mut this = Self {
            mc0ptr: 0,
            config: 0,
            lock: 0,
            once: [0; 4],
            illinstaddr: 0,
            chn0addr: 0,
            xtrig: [0; 2],
            done: [0; 2],
            chnenbl: core::array::from_fn(|event| mixed(seed.wrapping_mul(64).wrapping_add(event as u64))),
            chnenbl_written: 0,
        };
        this.reset(variant);
        this
    }

    /// Gives each register its reset value. CHNENBL keeps what it has; so does SDMA_LOCK, unless its SRESET_LOCK_CLR is set.
    pub(crate) fn reset(&mut self, variant: Variant) {
        let lock = if self.lock & 0b10 == 0 { self.lock & 1 } else { 0 };
        for register in registers(variant) {
            let Some(value) = register.reset else { continue };
            for index in 0..register.count as usize {
                if let Some(slot) = self.slot(register.id, index) {
                    *slot = value;
                }
            }
        }
        self.lock = lock;
    }

    /// The register, if it is one that only holds.
    pub(crate) fn slot(&mut self, id: Id, index: usize) -> Option<&mut u32> {
        Some(match id {
            Id::Mc0ptr => &mut self.mc0ptr,
            Id::Config => &mut self.config,
            Id::SdmaLock => &mut self.lock,
            Id::OnceEnb => &mut self.once[0],
            Id::OnceData => &mut self.once[1],
            Id::OnceInstr => &mut self.once[2],
            Id::OnceCmd => &mut self.once[3],
            Id::Illinstaddr => &mut self.illinstaddr,
            Id::Chn0addr => &mut self.chn0addr,
            Id::XtrigConf => &mut self.xtrig[index],
            Id::DoneConfig => &mut self.done[index],
            Id::Chnenbl => &mut self.chnenbl[index],
            _ => return None,
        })
    }

    /// CONFIG.CSM: contexts are saved and restored in full at each switch.
    ///
    /// Inferred: that the three dynamic modes differ in power and clocks alone. ACR is not looked at: both clocks are always right.
    pub(crate) fn is_static(&self) -> bool {
        self.config & 0b11 == 0
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.lock & 1 == 1
    }

    /// CHN0ADDR.SMSZ: how many words of memory a context has.
    pub(crate) fn context_len(&self) -> u16 {
        if self.chn0addr & 1 << 14 == 0 { 24 } else { 32 }
    }
}
