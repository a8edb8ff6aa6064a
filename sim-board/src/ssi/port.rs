//! The driver of an SSI, as a sound system needs it: what a DAI does at each trigger, through registers alone.

use core::fmt;

use dmaengine_core::{BusWidth, Direction, SlaveConfig};
use sim_imx_sdma::Sdma;
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::peripheral::{Ssi, SsiWire};
use spin::Mutex;

use super::access::Regs;
use super::format::{SsiFormat, SsiInstance};
use super::regs::*;
use super::{SsiError, Wire};
use crate::board::Board;

/// An SSI in network mode whose codec makes the clocks, on one frame clock both ways.
///
/// All methods may be called in any context: in an interrupt handler, too, and with locks held. They are what a DAI does:
///
/// | Trigger | Playback | Capture | FIFO |
/// |---|---|---|---|
/// | start | [`start_tx`](Self::start_tx) | [`start_rx`](Self::start_rx) | emptied |
/// | stop, suspend | [`stop_tx`](Self::stop_tx) | [`stop_rx`](Self::stop_rx) | stays, for a burst under way |
/// | pause push | [`pause_tx`](Self::pause_tx) | [`pause_rx`](Self::pause_rx) | stays |
/// | pause release | [`resume_tx`](Self::resume_tx) | [`resume_rx`](Self::resume_rx) | stays |
///
/// A system's resume is a start.
///
/// # Order of the channels
/// The FIFO knows nothing of frames: a word that is missing or too many shifts all that follow by a slot. So each start empties
/// the FIFO while nobody asks the SDMA for a burst, and begins with a frame; before that the DMA channel has stopped (it was
/// terminated) and has started anew. A stop leaves the FIFO alone, so that a burst that is under way has what it came for: it
/// reads no zeros into the ring, and what it writes is thrown away at the next start. Whatever is lost at an XRUN, that way it is
/// whole frames of the stream, though the FIFO of 15 words may end in the middle of one.
///
/// A direction that was disabled goes on to the end of its frame, and if it is enabled before that it goes on as if nothing had
/// been: then "begins with a frame" would be wrong. Of two starts within one frame the second one therefore waits for the end of
/// the frame; so does the start of frames that are longer than the FIFO, of 16 slots and more, which are led in word by word. Each
/// of these takes two frames at most, 42 µs at 48 kHz. Nothing else waits.
///
/// # Latency
/// A start sends [`lead_in`](SsiFormat::lead_in) frames of silence first, while the SDMA is on its way. A stop drops what is in the
/// FIFO, up to 15 words: to hear the last frame, play silence after it, or [`drain_tx`](Self::drain_tx).
///
/// ```
/// use dmaengine_core::{BusWidth, Direction};
/// use sim_board::{Board, SsiInstance, SsiPort};
///
/// let board = Board::new();
/// let port = SsiPort::new(&board, SsiInstance::Ssi1);
/// port.set_up(BusWidth::Two, 2, 48_000)?;
/// let config = port.slave_config(Direction::MemToDev)?;
/// assert_eq!((config.width, config.max_burst), (BusWidth::Two, 8));
/// # Ok::<(), sim_board::SsiError>(())
/// ```
pub struct SsiPort {
    board: Board,
    instance: SsiInstance,
    ssi: Handle<Ssi>,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Format and rate.
    set_up: Option<(SsiFormat, u32)>,
    /// The transmitter was disabled, and nobody has seen yet that its frame is at an end. The receiver.
    is_ending: [bool; 2],
}

/// What differs between the directions: bits of `SCR`, `SIER`, `SOR` and `SISR`.
struct Side {
    index: usize,
    enable: u32,
    requests: u32,
    clear: u32,
    mishap: u32,
    complete: u32,
}

const TX: Side =
    Side { index: 0, enable: SCR_TE, requests: SIER_TDMAE, clear: SOR_TX_CLR, mishap: SISR_TUE0, complete: SISR_TRFC };
const RX: Side =
    Side { index: 1, enable: SCR_RE, requests: SIER_RDMAE, clear: SOR_RX_CLR, mishap: SISR_ROE0, complete: SISR_RFRC };

impl SsiPort {
    /// Puts an SSI on the board, with a silent wire. It is off.
    ///
    /// # Panics
    /// If the board has it already.
    #[must_use]
    pub fn new(board: &Board, instance: SsiInstance) -> Self {
        let ssi = board.hw(|hw| {
            let (now, ssi) = (hw.now(), Ssi::new(hw.clock(), 0, instance.lines()));
            let ssi = hw.bus().add_peripheral(instance.base(), 0x4000, ssi).expect("the board has this SSI");
            hw.bus().peripheral(ssi).connect(now, SsiWire::new());
            ssi
        });
        Self { board: board.clone(), instance, ssi, state: Mutex::default() }
    }

    /// Sets it up, both ways: samples of so many bytes in memory, so many channels, so many frames in a second. The codec's clock is
    /// set with it. Nothing happens if it is set up so already.
    ///
    /// # Errors
    /// As [`SsiFormat::new`]; [`SsiError::Busy`] if a direction is on, or paused, with another format or rate.
    pub fn set_up(&self, width: BusWidth, channels: u16, rate: u32) -> Result<(), SsiError> {
        let format = SsiFormat::new(width, channels)?;
        let mut state = self.state.lock();
        if state.set_up == Some((format, rate)) {
            return Ok(());
        }
        self.board.hw(|hw| {
            let mut regs = self.regs(hw);
            if regs.read(SCR) & (SCR_TE | SCR_RE) != 0 || regs.read(SIER) & (SIER_TDMAE | SIER_RDMAE) != 0 {
                return Err(SsiError::Busy);
            }
            regs.write(SCR, 0);
            for offset in [STCR, SRCR] {
                regs.write(offset, CR_FEN0_BIT0);
            }
            for offset in [STCCR, SRCCR] {
                regs.write(offset, frame(format.slots(), format.bits()));
            }
            regs.write(SFCSR, watermarks(format.burst().into()));
            regs.write(SISR, u32::MAX);
            let net = if format.slots() > 1 { SCR_NET } else { 0 };
            regs.write(SCR, SCR_SSIEN | SCR_SYN | net);
            let now = hw.now();
            hw.bus().peripheral(self.ssi).set_frame_rate(now, rate);
            Ok(())
        })?;
        *state = State { set_up: Some((format, rate)), is_ending: [false; 2] };
        Ok(())
    }

    /// The format it was set up for.
    #[must_use]
    pub fn format(&self) -> Option<SsiFormat> {
        self.state.lock().set_up.map(|(format, _)| format)
    }

    /// What a DMA channel has to know to serve it.
    ///
    /// # Errors
    /// [`SsiError::NotSetUp`], [`SsiError::Direction`].
    pub fn slave_config(&self, direction: Direction) -> Result<SlaveConfig<backend_imx_sdma::Peripheral>, SsiError> {
        self.format().ok_or(SsiError::NotSetUp)?.slave_config(self.instance, direction)
    }

    /// The far end of its data lines.
    #[must_use]
    pub fn wire(&self) -> Wire {
        Wire::new(self.board.clone(), self.ssi, self.format())
    }

    /// Starts to transmit, from the beginning of a frame and with an empty FIFO. The DMA channel runs already and waits.
    ///
    /// # Errors
    /// [`SsiError::NotSetUp`]; [`SsiError::NoClock`] if it had to wait for a frame and none came. Then it is off.
    pub fn start_tx(&self) -> Result<(), SsiError> {
        self.start(&TX)
    }

    /// Starts to receive, likewise.
    ///
    /// # Errors
    /// As [`start_tx`](Self::start_tx).
    pub fn start_rx(&self) -> Result<(), SsiError> {
        self.start(&RX)
    }

    /// Stops to ask for bursts, and to transmit with the end of the frame. What is in the FIFO is not heard any more.
    pub fn stop_tx(&self) {
        self.stop(&TX, TX.enable);
    }

    /// Stops to ask for bursts, and to receive.
    pub fn stop_rx(&self) {
        self.stop(&RX, RX.enable);
    }

    /// Stops to ask for bursts, but lets what is in the FIFO be heard, and then the last word, until it is stopped.
    pub fn drain_tx(&self) {
        self.stop(&TX, 0);
    }

    /// Stops to transmit with the end of the frame. It goes on to ask until the FIFO is full, so that it lacks no word at the end of
    /// the frame.
    pub fn pause_tx(&self) {
        self.pause(&TX);
    }

    /// Stops to receive with the end of the frame. It goes on to ask for as long as there is a burst in the FIFO.
    pub fn pause_rx(&self) {
        self.pause(&RX);
    }

    /// Goes on where it was paused.
    ///
    /// # Errors
    /// [`SsiError::Torn`] if a word was missing, before the pause or at its beginning. It stays paused.
    pub fn resume_tx(&self) -> Result<(), SsiError> {
        self.resume(&TX)
    }

    /// Goes on where it was paused.
    ///
    /// # Errors
    /// [`SsiError::Torn`] if there was no room for a word.
    pub fn resume_rx(&self) -> Result<(), SsiError> {
        self.resume(&RX)
    }

    /// The FIFO was empty when a word was due, since the start: what comes after that may be in others' slots.
    #[must_use]
    pub fn is_tx_torn(&self) -> bool {
        self.is_torn(&TX)
    }

    /// The FIFO was full when a word came, since the start.
    #[must_use]
    pub fn is_rx_torn(&self) -> bool {
        self.is_torn(&RX)
    }

    fn start(&self, side: &Side) -> Result<(), SsiError> {
        let mut state = self.state.lock();
        let (format, rate) = state.set_up.ok_or(SsiError::NotSetUp)?;
        self.board.hw(|hw| {
            let mut regs = self.regs(hw);
            regs.change(SIER, side.requests, false);
            if regs.read(SCR) & side.enable != 0 {
                regs.write(SISR, side.complete);
                regs.change(SCR, side.enable, false);
                state.is_ending[side.index] = true;
            }
            if state.is_ending[side.index] {
                regs.wait(rate, |regs| regs.read(SISR) & side.complete != 0)?;
                state.is_ending[side.index] = false;
            }
            regs.write(SOR, side.clear);
            regs.write(SOR, 0);
            regs.write(SISR, side.mishap | side.complete);
            if side.enable == SCR_TE {
                regs.lead_in(format, rate)?;
            }
            regs.change(SIER, side.requests, true);
            regs.change(SCR, side.enable, true);
            Ok(())
        })
    }

    /// Clears what of `SCR.TE` or `RE` is given, and the requests.
    fn stop(&self, side: &Side, enable: u32) {
        let mut state = self.state.lock();
        self.board.hw(|hw| {
            let mut regs = self.regs(hw);
            regs.change(SIER, side.requests, false);
            if regs.read(SCR) & enable != 0 {
                regs.write(SISR, side.complete);
                regs.change(SCR, enable, false);
                state.is_ending[side.index] = true;
            }
        });
    }

    fn pause(&self, side: &Side) {
        let mut state = self.state.lock();
        self.board.hw(|hw| {
            let mut regs = self.regs(hw);
            if regs.read(SCR) & side.enable != 0 {
                regs.write(SISR, side.complete);
                regs.change(SCR, side.enable, false);
                state.is_ending[side.index] = true;
            }
        });
    }

    fn resume(&self, side: &Side) -> Result<(), SsiError> {
        let mut state = self.state.lock();
        self.board.hw(|hw| {
            let mut regs = self.regs(hw);
            if regs.read(SISR) & side.mishap != 0 {
                return Err(SsiError::Torn);
            }
            regs.change(SCR, side.enable, true);
            state.is_ending[side.index] = false;
            Ok(())
        })
    }

    fn is_torn(&self, side: &Side) -> bool {
        self.board.hw(|hw| self.regs(hw).read(SISR) & side.mishap != 0)
    }

    fn regs<'h>(&self, hw: &'h mut Sdma) -> Regs<'h> {
        Regs::new(hw, self.instance.base())
    }
}

impl fmt::Debug for SsiPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SsiPort({:?}, {:?})", self.instance, *self.state.lock())
    }
}
