//! How the driver of an SSI gets at its registers, and waits for them.

use sim_imx_sdma::Sdma;
use sim_imx_sdma::bus::Width;
use sim_imx_sdma::time::Cycles;

use super::SsiError;
use super::format::{FIFO, SsiFormat};
use super::regs::{SCR, SCR_TE, SFCSR, STX0, tx_level};

/// Who accesses them, for the bus' log: no channel of the SDMA.
const CPU: u8 = u8::MAX;
/// How long a wait lets pass between two looks.
const LOOK: Cycles = Cycles(16);

/// The SSI's registers, as the processor sees them.
pub(super) struct Regs<'h> {
    hw: &'h mut Sdma,
    base: u32,
}

impl<'h> Regs<'h> {
    pub(super) fn new(hw: &'h mut Sdma, base: u32) -> Self {
        Self { hw, base }
    }

    /// # Panics
    /// Never: the SSI is on the bus, and these are its registers.
    pub(super) fn read(&mut self, offset: u32) -> u32 {
        let now = self.hw.now();
        self.hw.bus().advance(now);
        self.hw.bus().read(CPU, now, self.base + offset, Width::Four).expect("a register of the SSI")
    }

    pub(super) fn write(&mut self, offset: u32, value: u32) {
        let now = self.hw.now();
        self.hw.bus().advance(now);
        self.hw.bus().write(CPU, now, self.base + offset, Width::Four, value).expect("a register of the SSI");
    }

    pub(super) fn change(&mut self, offset: u32, bits: u32, on: bool) {
        let value = self.read(offset);
        self.write(offset, if on { value | bits } else { value & !bits });
    }

    /// Looks again and again, for two frames at most.
    pub(super) fn wait(&mut self, rate: u32, mut is_there: impl FnMut(&mut Self) -> bool) -> Result<(), SsiError> {
        let limit = self.hw.clock().tick(self.hw.now(), rate.max(1), 2) + LOOK;
        while !is_there(self) {
            if self.hw.now() > limit {
                return Err(SsiError::NoClock);
            }
            self.hw.run_for(LOOK);
        }
        Ok(())
    }

    /// Puts the silence into the FIFO that is sent first. Of a frame that does not fit, the rest goes in as there is room.
    pub(super) fn lead_in(&mut self, format: SsiFormat, rate: u32) -> Result<(), SsiError> {
        let words = format.lead_in() * format.slots();
        for _ in 0..words.min(FIFO) {
            self.write(STX0, 0);
        }
        for _ in FIFO..words {
            self.change(SCR, SCR_TE, true);
            self.wait(rate, |regs| tx_level(regs.read(SFCSR)) < FIFO)
                .inspect_err(|_| self.change(SCR, SCR_TE, false))?;
            self.write(STX0, 0);
        }
        Ok(())
    }
}
