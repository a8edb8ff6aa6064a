//! Several FIFOs of one device: what `mcu_2_sai` and `sai_2_mcu` find in r7 beside the watermark (Linux 6.12
//! drivers/dma/imx-sdma.c).

use crate::regs::DoneLane;

/// How the FIFOs of a SAI or of a microphone interface take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "sdma_peripheral_config")]
pub struct MultiFifo {
    fifos: u8,
    stride: u8,
    words_per_fifo: u8,
    software_done: Option<DoneLane>,
}

impl MultiFifo {
    /// The bits of r7 that are the watermark, in bytes.
    pub(super) const WATERMARK: u32 = 0xFFF;

    /// `fifos` FIFOs (1 to 15), one beside the other, a word from each in turn. `None` if there cannot be so many.
    #[must_use]
    pub const fn new(fifos: u8) -> Option<Self> {
        if fifos == 0 || fifos > 15 {
            return None;
        }
        Some(Self { fifos, stride: 0, words_per_fifo: 1, software_done: None })
    }

    /// With FIFOs left out between two that are used (0 to 15).
    #[doc(alias = "stride_fifos")]
    #[must_use]
    pub const fn with_stride(mut self, stride: u8) -> Option<Self> {
        if stride > 15 {
            return None;
        }
        self.stride = stride;
        Some(self)
    }

    /// With so many words of a FIFO before it is the next one's turn (1 to 16).
    #[must_use]
    pub const fn with_words_per_fifo(mut self, words: u8) -> Option<Self> {
        if words == 0 || words > 16 {
            return None;
        }
        self.words_per_fifo = words;
        Some(self)
    }

    /// With the script, not the device, saying that a request is served. Only i.MX8M can.
    #[doc(alias = "sw_done")]
    #[must_use]
    pub const fn with_software_done(mut self, lane: DoneLane) -> Self {
        self.software_done = Some(lane);
        self
    }

    /// How many FIFOs.
    #[must_use]
    pub const fn fifos(&self) -> u8 {
        self.fifos
    }

    /// Words until the first FIFO has its turn again. A burst begins at the first one.
    pub(super) const fn round(&self) -> u32 {
        self.fifos as u32 * self.words_per_fifo as u32
    }

    pub(super) const fn software_done(&self) -> Option<DoneLane> {
        self.software_done
    }

    /// All of r7 but the watermark.
    pub(super) const fn bits(&self) -> u32 {
        let done = match self.software_done {
            Some(lane) => 1 << 23 | (lane.index() as u32) << 24,
            None => 0,
        };
        let words = (self.words_per_fifo - 1) as u32;
        (self.fifos as u32) << 12 | (self.stride as u32) << 16 | done | words << 28
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_has_its_bits() {
        let four = MultiFifo::new(4).unwrap();
        assert_eq!(four.bits(), 0x0000_4000);
        assert_eq!(four.with_stride(3).unwrap().bits(), 0x0003_4000);
        assert_eq!(four.with_words_per_fifo(2).unwrap().bits(), 0x1000_4000);
        assert_eq!(four.with_software_done(DoneLane::new(0).unwrap()).bits(), 0x0080_4000);
        let most =
            MultiFifo::new(15).and_then(|most| most.with_stride(15)).and_then(|most| most.with_words_per_fifo(16));
        let most = most.unwrap().with_software_done(DoneLane::new(7).unwrap());
        assert_eq!(most.bits(), 0xF78F_F000);
        assert_eq!(most.bits() & MultiFifo::WATERMARK, 0);
    }

    #[test]
    fn what_a_field_cannot_hold_cannot_be_said() {
        let one = MultiFifo::new(1).unwrap();
        assert_eq!((MultiFifo::new(0), MultiFifo::new(16)), (None, None));
        assert_eq!((one.with_stride(16), one.with_words_per_fifo(0), one.with_words_per_fifo(17)), (None, None, None));
    }
}
