//! Contexts: where a script begins and what it finds in its registers.

/// How large a context is: SMSZ of [`Chn0Addr`](crate::regs::Chn0Addr).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "SMSZ")]
pub enum ContextSize {
    /// 24 words: SMSZ 0.
    Words24,
    /// 32 words, the last eight for scripts to scribble on: SMSZ 1. What all scripts of today need.
    Words32,
}

impl ContextSize {
    /// Where the contexts begin in the SDMA's data memory, in words of 32 bit.
    pub const BASE: u32 = 0x0800;

    /// How many words.
    #[must_use]
    pub const fn words(self) -> u16 {
        match self {
            Self::Words24 => 24,
            Self::Words32 => 32,
        }
    }

    /// Where the context of a channel lies in the SDMA's data memory, in words of 32 bit.
    #[must_use]
    pub const fn address(self, channel: u8) -> u32 {
        Self::BASE + self.words() as u32 * channel as u32
    }
}

/// What a script is given: where it begins, and the registers that any script looks at. The rest of its context is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContextArgs {
    /// Where the script begins, in words of 16 bit; 14 bits.
    pub pc: u16,
    /// Request lines 47 to 32. `per_2_per`: the line of the lower watermark.
    pub r0: u32,
    /// Request lines 31 to 0. `per_2_per`: the line of the higher watermark.
    pub r1: u32,
    /// `per_2_per`: the source's register.
    #[doc(alias = "per_addr")]
    pub r2: u32,
    /// `hdmi_dma` only.
    pub r4: u32,
    /// The device's register. `per_2_per`: the destination's.
    #[doc(alias = "shp_addr")]
    pub r6: u32,
    /// The watermark, and all else that a script wants to know.
    #[doc(alias = "watermark_level")]
    pub r7: u32,
}

impl ContextArgs {
    /// The words of a [`Context`] that are not always 0: which, and what is in them.
    #[inline]
    pub(crate) const fn words(&self) -> [(usize, u32); 7] {
        let pc = (self.pc & 0x3FFF) as u32;
        [(0, pc), (2, self.r0), (3, self.r1), (4, self.r2), (6, self.r4), (8, self.r6), (9, self.r7)]
    }
}

/// The context of a channel, as channel 0 loads it: state, r0 to r7, the DMA units' registers, scratch words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "sdma_context_data")]
#[repr(transparent)]
pub struct Context([u32; 32]);

impl Context {
    /// A script that has not begun.
    #[must_use]
    pub const fn new(args: &ContextArgs) -> Self {
        let (mut words, args) = ([0; 32], args.words());
        let mut i = 0;
        while i < args.len() {
            words[args[i].0] = args[i].1;
            i += 1;
        }
        Self(words)
    }

    /// Its words; the first 24 are all of a [`ContextSize::Words24`].
    #[must_use]
    pub const fn words(&self) -> &[u32; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Linux loads the context of channel 1 at 2080 = 2048 + 32.
    #[test]
    fn contexts_lie_one_behind_the_other() {
        assert_eq!((ContextSize::Words32.address(0), ContextSize::Words32.address(1)), (2048, 2080));
        assert_eq!(ContextSize::Words32.address(31), 0x0BE0);
        assert_eq!((ContextSize::Words24.address(1), ContextSize::Words24.address(31)), (2072, 0x0AE8));
    }

    #[test]
    fn each_argument_has_its_word() {
        let args = ContextArgs { pc: 0x3FFF, r0: 10, r1: 11, r2: 12, r4: 14, r6: 16, r7: 17 };
        let context = Context::new(&args);
        assert_eq!(context.words()[..10], [0x3FFF, 0, 10, 11, 12, 0, 14, 0, 16, 17]);
        assert_eq!(context.words()[10..], [0; 22]);
        // Bit 15 of the first word is no part of the program counter.
        assert_eq!(Context::new(&ContextArgs { pc: 0x8001, ..args }).words()[0], 1);
    }
}
