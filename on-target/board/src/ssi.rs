//! SSI1 with a codec that makes the clocks: two words of 16 bits in a frame, for playback and for capture, on one frame clock.
//!
//! The driver is a chip's; the SSI is simulated, and behind its address as the SDMA is. What it has sent is on its [wire](played).
//! Addresses and bits: i.MX 6Dual/6Quad RM, chapter "Synchronous Serial Interface (SSI)".

use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::{Priority, RequestLine};
use dmaengine_core::{Atomic, BusAddr, BusWidth, SlaveConfig};
use pcm_dmaengine::{Dai, DaiError, Trigger};
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::peripheral::{Ssi as Simulated, SsiLines, SsiRun, SsiWire};

use crate::hardware::hw;
use crate::mmio::{read, write};

const SSI1: u32 = 0x0202_8000;
const STX0: u32 = SSI1;
const SRX0: u32 = SSI1 + 0x08;
const SCR: u32 = SSI1 + 0x10;
const SISR: u32 = SSI1 + 0x14;
const SIER: u32 = SSI1 + 0x18;
const STCR: u32 = SSI1 + 0x1C;
const SRCR: u32 = SSI1 + 0x20;
const STCCR: u32 = SSI1 + 0x24;
const SRCCR: u32 = SSI1 + 0x28;
const SFCSR: u32 = SSI1 + 0x2C;
const SOR: u32 = SSI1 + 0x34;

const SCR_SSIEN: u32 = 1 << 0;
const SCR_TE: u32 = 1 << 1;
const SCR_RE: u32 = 1 << 2;
const SCR_NET: u32 = 1 << 3;
const SCR_SYN: u32 = 1 << 4;
const SISR_TUE0: u32 = 1 << 8;
const SISR_ROE0: u32 = 1 << 10;
const SISR_TRFC: u32 = 1 << 23;
const SISR_RFRC: u32 = 1 << 24;
const SIER_TDMAE: u32 = 1 << 20;
const SIER_RDMAE: u32 = 1 << 22;
const SOR_TX_CLR: u32 = 1 << 4;
const SOR_RX_CLR: u32 = 1 << 5;

/// SSI1's request lines of FIFO 0 at the SDMA.
const TX_LINE: u8 = 38;
const RX_LINE: u8 = 37;
const BURST: u16 = 8;
/// Words of silence that are sent first, while the SDMA is on its way: whole frames, of the 15 that the FIFO holds.
const LEAD_IN: usize = 14;
/// Bytes of a frame.
pub const FRAME: usize = 4;

/// SSI1.
#[derive(Debug)]
pub struct Ssi {
    simulated: Handle<Simulated>,
    /// It was stopped, and nobody has seen yet that its last frame is at an end.
    is_ending: AtomicBool,
    /// Its other half.
    pub receiver: Receiver,
}

/// SSI1's receiver. Starts and stops as the transmitter does; it is on the same [wire](Ssi::wire).
#[derive(Debug)]
pub struct Receiver {
    is_ending: AtomicBool,
}

impl Ssi {
    /// Puts it on the board, with a codec of so many frames in a second, and sets it up.
    ///
    /// # Panics
    /// If it is there.
    #[must_use]
    pub fn mount(rate: u32) -> Self {
        let simulated = hw(|sdma| {
            let (now, ssi) = (sdma.now(), Simulated::new(sdma.clock(), rate, SsiLines::SSI1));
            let ssi = sdma.bus().add_peripheral(SSI1, 0x4000, ssi).expect("nothing else is there");
            sdma.bus().peripheral(ssi).connect(now, SsiWire::new());
            ssi
        });
        write(SCR, 0);
        for (configuration, clocks) in [(STCR, STCCR), (SRCR, SRCCR)] {
            write(configuration, 1 << 7 | 1 << 9); // FIFO 0 in use, words at the lower end
            write(clocks, 7 << 13 | 1 << 8); // 16 bits, two words
        }
        write(SFCSR, u32::from(BURST) << 4 | u32::from(BURST));
        write(SCR, SCR_SSIEN | SCR_NET | SCR_SYN);
        let receiver = Receiver { is_ending: AtomicBool::new(false) };
        Self { simulated, is_ending: AtomicBool::new(false), receiver }
    }

    /// What a DMA channel has to know to serve it.
    ///
    /// # Panics
    /// Never: the SDMA has this line.
    #[must_use]
    pub fn config(&self) -> SlaveConfig<Peripheral> {
        slave_config(STX0, TX_LINE)
    }

    /// Starts to send, with an empty FIFO and from the beginning of a frame. The DMA channel runs already and waits.
    ///
    /// A frame under way ends first, or this one would go on with it: 21 µs at 48 kHz, at most.
    pub fn start(&self) {
        if self.is_ending.swap(false, Ordering::Relaxed) {
            while read(SISR) & SISR_TRFC == 0 {}
        }
        write(SOR, SOR_TX_CLR);
        write(SOR, 0);
        write(SISR, SISR_TUE0 | SISR_TRFC);
        (0..LEAD_IN).for_each(|_| write(STX0, 0));
        write(SIER, read(SIER) | SIER_TDMAE);
        write(SCR, read(SCR) | SCR_TE);
    }

    /// Stops to ask for words, and to send with the end of the frame. Does not wait for that; any context.
    pub fn stop(&self) {
        write(SIER, read(SIER) & !SIER_TDMAE);
        if read(SCR) & SCR_TE != 0 {
            write(SISR, SISR_TRFC);
            write(SCR, read(SCR) & !SCR_TE);
            self.is_ending.store(true, Ordering::Relaxed);
        }
    }

    /// A word was missing since the start.
    #[must_use]
    pub fn is_torn(&self) -> bool {
        read(SISR) & SISR_TUE0 != 0
    }

    /// What it has sent, start by start, the frames of silence that lead in first ([`LEAD_IN_FRAMES`]); from the simulation, not from a
    /// register.
    ///
    /// # Panics
    /// Never: it has a wire.
    #[must_use]
    pub fn played(&self) -> Vec<SsiRun> {
        self.wire(|wire| wire.played().to_vec())
    }

    /// Does something with its wire.
    ///
    /// # Panics
    /// Never: it has one.
    pub fn wire<R>(&self, f: impl FnOnce(&mut SsiWire) -> R) -> R {
        hw(|sdma| {
            let now = sdma.now();
            f(sdma.bus().peripheral(self.simulated).wire(now).expect("it was connected"))
        })
    }
}

fn slave_config(address: u32, line: u8) -> SlaveConfig<Peripheral> {
    let line = RequestLine::new(line).expect("a line of i.MX6");
    let ssi = Peripheral::ssi_shared(line).with_priority(Priority::High);
    SlaveConfig::new(BusAddr(address.into()), BusWidth::Two, ssi).with_max_burst(BURST)
}

impl Receiver {
    /// What a DMA channel has to know to serve it.
    ///
    /// # Panics
    /// Never: the SDMA has this line.
    #[must_use]
    pub fn config(&self) -> SlaveConfig<Peripheral> {
        slave_config(SRX0, RX_LINE)
    }

    /// Starts to receive, with an empty FIFO and from the beginning of a frame; after one under way, as [`Ssi::start`].
    pub fn start(&self) {
        if self.is_ending.swap(false, Ordering::Relaxed) {
            while read(SISR) & SISR_RFRC == 0 {}
        }
        write(SOR, SOR_RX_CLR);
        write(SOR, 0);
        write(SISR, SISR_ROE0 | SISR_RFRC);
        write(SIER, read(SIER) | SIER_RDMAE);
        write(SCR, read(SCR) | SCR_RE);
    }

    /// Stops to ask to be read, and to receive with the end of the frame. Does not wait for that; any context.
    pub fn stop(&self) {
        write(SIER, read(SIER) & !SIER_RDMAE);
        if read(SCR) & SCR_RE != 0 {
            write(SISR, SISR_RFRC);
            write(SCR, read(SCR) & !SCR_RE);
            self.is_ending.store(true, Ordering::Relaxed);
        }
    }
}

/// Frames of silence at the beginning of each start.
pub const LEAD_IN_FRAMES: usize = LEAD_IN / 2;

impl Dai for Ssi {
    fn trigger(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        if trigger.starts() {
            self.start()
        } else {
            self.stop()
        }
        Ok(())
    }
}

impl Dai for Receiver {
    fn trigger(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        if trigger.starts() {
            self.start()
        } else {
            self.stop()
        }
        Ok(())
    }
}
