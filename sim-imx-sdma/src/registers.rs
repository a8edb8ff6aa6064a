//! The registers of a channel, as they stand in the core while it runs and lie in its context while it does not.

/// The registers of one channel: those of the core and those of its two DMA units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Registers {
    /// Program counter, 14 bit.
    pub(crate) pc: u16,
    /// Test flag.
    pub(crate) t: bool,
    /// Return program counter, 14 bit.
    pub(crate) rpc: u16,
    /// Source fault.
    pub(crate) sf: bool,
    /// Start of the loop.
    pub(crate) spc: u16,
    /// Destination fault.
    pub(crate) df: bool,
    /// End of the loop; after an illegal instruction, where it stood.
    pub(crate) epc: u16,
    /// Loop mode, 2 bit.
    pub(crate) lm: u8,
    /// The general registers.
    pub(crate) r: [u32; 8],
    /// Burst unit: destination, source, state, data.
    pub(crate) mda: u32,
    pub(crate) msa: u32,
    pub(crate) ms: u32,
    pub(crate) md: u32,
    /// Peripheral unit: destination, source, state, data.
    pub(crate) pda: u32,
    pub(crate) psa: u32,
    pub(crate) ps: u32,
    pub(crate) pd: u32,
    /// Words 18 to 23: units that later parts do not have. Ordinary memory there.
    ///
    /// Inferred: that scripts may use them; the published device-to-device script uses word 18. The units of older parts (CRC, DSP
    /// memory) are not modelled.
    pub(crate) rest: [u32; 6],
    /// What the burst unit has buffered. In no word of the context.
    pub(crate) fifo: Fifo,
}

/// The 36 bytes inside the burst unit, in the order of the stream. How many of them count says the state register (MS, n).
///
/// Inferred: they lie in no word of the context, so they do not outlive a switch: what was read ahead is read again (MSA stands
/// at the first byte that the script has not had), what was not flushed is lost. Rests on the context map having one word, MD,
/// for the unit's data, and on the published scripts flushing before they leave the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fifo {
    pub(crate) bytes: [u8; 36],
    /// Where the first of them is.
    pub(crate) head: u8,
}

impl Default for Fifo {
    fn default() -> Self {
        Self { bytes: [0; 36], head: 0 }
    }
}

/// MS: how many bytes the burst unit has buffered.
pub(crate) const MS_N: u32 = 0x3F;

/// How many words of a context are saved and restored; the rest of it are the scratch words, which always lie in memory.
pub(crate) const SAVED: usize = 24;

impl Registers {
    /// As they lie in a context (i.MX 6ULL RM chapter 46, "context switching").
    pub(crate) fn to_words(self) -> [u32; SAVED] {
        let mut words = [0; SAVED];
        let bit = |flag: bool, n: u32| u32::from(flag) << n;
        words[0] = u32::from(self.pc) | bit(self.t, 15) | u32::from(self.rpc) << 16 | bit(self.sf, 31);
        words[1] = u32::from(self.spc) | bit(self.df, 15) | u32::from(self.epc) << 16 | u32::from(self.lm) << 30;
        words[2..10].copy_from_slice(&self.r);
        words[10..18].copy_from_slice(&[self.mda, self.msa, self.ms, self.md, self.pda, self.psa, self.ps, self.pd]);
        words[18..].copy_from_slice(&self.rest);
        words
    }

    #[cfg(test)]
    pub(crate) fn from_words(words: &[u32; SAVED]) -> Self {
        let mut this = Self::default();
        this.restore(words);
        this
    }

    /// From a context. The burst unit comes up with nothing buffered, whatever MS says.
    pub(crate) fn restore(&mut self, words: &[u32; SAVED]) {
        let field = |word: u32, at: u32| (word >> at & 0x3FFF) as u16;
        let bit = |word: u32, n: u32| word >> n & 1 == 1;
        let [flow, loops] = [words[0], words[1]];
        (self.pc, self.t, self.rpc, self.sf) = (field(flow, 0), bit(flow, 15), field(flow, 16), bit(flow, 31));
        (self.spc, self.df, self.epc) = (field(loops, 0), bit(loops, 15), field(loops, 16));
        self.lm = (loops >> 30) as u8;
        self.r.copy_from_slice(&words[2..10]);
        [self.mda, self.msa, self.ms, self.md] = [words[10], words[11], words[12] & !MS_N, words[13]];
        [self.pda, self.psa, self.ps, self.pd] = [words[14], words[15], words[16], words[17]];
        self.rest.copy_from_slice(&words[18..]);
        self.fifo = Fifo::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each field where the context map has it, and nothing lost on the way there and back.
    #[test]
    fn a_context_holds_every_register_in_its_place() {
        let mut words: [u32; SAVED] = core::array::from_fn(|n| 0x0101_0100 * n as u32);
        words[0] = 0x9234_8ABC;
        words[1] = 0x7FFF_BFFF;
        let regs = Registers::from_words(&words);
        assert_eq!((regs.pc, regs.t, regs.rpc, regs.sf), (0x0ABC, true, 0x1234, true));
        assert_eq!((regs.spc, regs.df, regs.epc, regs.lm), (0x3FFF, true, 0x3FFF, 1));
        assert_eq!((regs.r[0], regs.r[7]), (words[2], words[9]));
        assert_eq!([regs.mda, regs.msa, regs.ms, regs.md], words[10..14]);
        assert_eq!([regs.pda, regs.psa, regs.ps, regs.pd], words[14..18]);
        assert_eq!(regs.rest, words[18..24]);
        assert_eq!(regs.to_words(), words);
    }

    /// A context that claims bytes in the FIFO has none: they are in no word of it.
    #[test]
    fn nothing_is_buffered_after_a_restore() {
        let mut words = [0; SAVED];
        words[12] = 0x0011_043F;
        let mut regs = Registers { fifo: Fifo { bytes: [1; 36], head: 4 }, ..Registers::default() };
        regs.restore(&words);
        assert_eq!((regs.ms, regs.fifo), (0x0011_0400, Fifo::default()));
    }
}
