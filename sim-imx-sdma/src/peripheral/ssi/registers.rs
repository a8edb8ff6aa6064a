//! The registers of an SSI other than those of data.

use super::{RxFifo, Ssi, TxFifo};
use crate::bus::{BusError, Width};
use crate::peripheral::whole;
use crate::time::Cycles;

pub(super) const SCR_SSIEN: u32 = 1 << 0;
pub(super) const SCR_TE: u32 = 1 << 1;
pub(super) const SCR_RE: u32 = 1 << 2;
pub(super) const SCR_NET: u32 = 1 << 3;
pub(super) const SCR_SYN: u32 = 1 << 4;
pub(super) const SCR_TCH_EN: u32 = 1 << 8;
pub(super) const SIER_TDMAE: u32 = 1 << 20;
pub(super) const SIER_RDMAE: u32 = 1 << 22;
/// `TFEN0`, `RFEN0`; the bit above is that of FIFO 1.
pub(super) const FEN: u32 = 7;
/// `STCCR`, `SRCCR`: two words of 16 bits.
pub(super) const NETWORK_OF_TWO: u32 = 7 << 13 | 1 << 8;
const SOR_TX_CLR: u32 = 1 << 4;
const SOR_RX_CLR: u32 = 1 << 5;
/// `TUE0`, the first of the sticky flags in `SISR`; then `TUE1`, `ROE0`, `ROE1`.
const SISR_STICKY: u32 = 8;
const SISR_TRFC: u32 = 1 << 23;
const SISR_RFRC: u32 = 1 << 24;

impl Ssi {
    pub(super) fn read_register(&self, offset: u32, width: Width) -> Result<u32, BusError> {
        whole(offset, width)?;
        Ok(match offset {
            0x10 => self.scr,
            0x14 => self.sisr(),
            0x18 => self.sier,
            0x1C => self.stcr,
            0x20 => self.srcr,
            0x24 => self.stccr,
            0x28 => self.srccr,
            0x2C => self.sfcsr | self.levels(),
            _ => return Err(BusError { address: offset }),
        })
    }

    pub(super) fn write_register(
        &mut self,
        now: Cycles,
        offset: u32,
        width: Width,
        value: u32,
    ) -> Result<(), BusError> {
        whole(offset, width)?;
        match offset {
            0x10 => self.write_scr(now, value),
            0x14 => {
                let mishaps = self.mishaps();
                for n in (0..4).filter(|n| value >> (SISR_STICKY + n) & 1 == 1) {
                    self.acknowledged[n as usize] = mishaps[n as usize];
                }
                self.disabled &= !(value & self.completed());
            }
            0x18 => self.sier = value,
            0x1C => self.stcr = value,
            0x20 => self.srcr = value,
            0x24 | 0x28 => {
                if offset == 0x24 {
                    self.stccr = value
                } else {
                    self.srccr = value
                }
                self.follow_frame();
            }
            0x2C => self.sfcsr = value & 0x00FF_00FF,
            0x34 => {
                if value & SOR_TX_CLR != 0 {
                    self.clear_tx();
                }
                if value & SOR_RX_CLR != 0 {
                    self.clear_rx();
                }
            }
            _ => return Err(BusError { address: offset }),
        }
        self.apply();
        Ok(())
    }

    /// `SCR`, with what follows from it.
    pub(super) fn write_scr(&mut self, now: Cycles, value: u32) {
        let (fell, rose) = (self.scr & !value, value & !self.scr);
        for (enable, flag) in [(SCR_TE, SISR_TRFC), (SCR_RE, SISR_RFRC)] {
            if fell & enable != 0 {
                self.disabled |= flag;
            }
            if rose & enable != 0 {
                // What went on without a break was not disabled.
                self.disabled &= self.completed() | !flag;
            }
        }
        self.scr = value;
        self.follow_frame();
        self.follow_scr(now);
    }

    /// `TRFC` and `RFRC`: a direction was disabled, and its last frame is at an end.
    fn completed(&self) -> u32 {
        let flag = |bit, is_running: bool| if is_running { 0 } else { bit };
        self.disabled & (flag(SISR_TRFC, self.tx.is_running()) | flag(SISR_RFRC, self.rx.is_running()))
    }

    /// How often that happened which each sticky flag stands for.
    fn mishaps(&self) -> [u64; 4] {
        let underruns = |n| self.tx.fifo(n).map_or(0, TxFifo::underruns);
        let overruns = |n| self.rx.fifo(n).map_or(0, RxFifo::overruns);
        [underruns(0), underruns(1), overruns(0), overruns(1)]
    }

    fn sisr(&self) -> u32 {
        let sticky = self.mishaps().into_iter().zip(self.acknowledged);
        let sticky =
            (SISR_STICKY..).zip(sticky).fold(0, |bits, (bit, (now, then))| bits | u32::from(now != then) << bit);
        self.tx.requests() | self.rx.requests() << 2 | sticky | self.completed()
    }

    fn levels(&self) -> u32 {
        let tx = |n| self.tx.fifo(n).map_or(0, TxFifo::level) as u32;
        let rx = |n| self.rx.fifo(n).map_or(0, RxFifo::level) as u32;
        tx(0) << 8 | rx(0) << 12 | tx(1) << 24 | rx(1) << 28
    }
}
