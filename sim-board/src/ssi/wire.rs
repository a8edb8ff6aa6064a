//! The world at the far end of an SSI: a loudspeaker that remembers, a microphone that repeats, or a cable from one to the other.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::peripheral::{Ssi, SsiRun, SsiSound, SsiWire};

use super::SsiFormat;
use crate::board::Board;

/// What was played from one start to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// The number of its first frame. Frames are counted on the wire, from the first start of a direction after
    /// [`set_up`](super::SsiPort::set_up) on; so those of playback and of capture can be compared.
    pub first_frame: u64,
    /// The frames as they were in memory, without those of silence that lead in.
    pub bytes: Vec<u8>,
    /// Which frame, from 0, was the first one torn: a word was missing when it was due. From there on the channels may have
    /// changed places. At a stop the last frame may be torn, if the FIFO was almost empty.
    pub first_torn: Option<u64>,
    /// Frames for which there was nothing at all. The last word was heard instead.
    pub dry: u64,
}

impl Played {
    /// The frames before the first one torn.
    #[must_use]
    pub fn whole(&self, format: SsiFormat) -> &[u8] {
        let whole = self.first_torn.map_or(usize::MAX, |frames| frames as usize * format.frame_bytes());
        &self.bytes[..whole.min(self.bytes.len())]
    }
}

/// The far end of an SSI's data lines. A handle; all of its clones, and those of [`SsiPort::wire`](super::SsiPort::wire), are the
/// same wire.
///
/// ```
/// use backend_imx_sdma::{Fence, Settings};
/// use dmaengine_core::{BusWidth, Cyclic, Direction, Dma};
/// use sim_board::{Board, Cpu, SsiInstance, SsiPort};
///
/// let board = Board::new();
/// let dma: Dma<_, 1> = Dma::new(board.sdma::<Fence>(Settings::default())?);
/// let port = SsiPort::new(&board, SsiInstance::Ssi1);
/// port.set_up(BusWidth::Two, 2, 48_000)?;
///
/// // A ring of four periods of 32 frames, of four bytes each.
/// let ring: &'static mut [u8] = (0..512_u32).map(|n| n as u8).collect::<Vec<_>>().leak();
/// let config = port.slave_config(Direction::MemToDev)?;
/// let request = Cyclic { direction: Direction::MemToDev, period: 128, config };
/// let cpu = Cpu::new(&board, |atomic| dma.interrupt(atomic, &mut |_, _| ()));
/// cpu.thread(|context| {
///     let idle = dma.channel(0).unwrap();
///     let prepared = idle.prep_cyclic(ring, &request).unwrap();
///     let (active, _transfer) = idle.start(prepared).unwrap();
///     port.start_tx().unwrap();
///     cpu.run_until(board.after(10_000));
///     port.stop_tx();
///     active.terminate_sync(context).unwrap();
/// });
/// let played = port.wire().played();
/// assert!(played[0].bytes.len() > 4 * 450);
/// assert!(played[0].bytes.iter().zip(0_u32..).all(|(byte, n)| *byte == n as u8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Wire {
    board: Board,
    ssi: Handle<Ssi>,
    format: Option<SsiFormat>,
}

impl Wire {
    pub(super) fn new(board: Board, ssi: Handle<Ssi>, format: Option<SsiFormat>) -> Self {
        Self { board, ssi, format }
    }

    /// # Panics
    /// Never: an [`SsiPort`](super::SsiPort) has a wire.
    fn with<R>(&self, f: impl FnOnce(&mut SsiWire) -> R) -> R {
        self.board.hw(|hw| {
            let now = hw.now();
            f(hw.bus().peripheral(self.ssi).wire(now).expect("it was connected"))
        })
    }

    /// What was played, start by start. Frames under way are not in it.
    #[must_use]
    pub fn played(&self) -> Vec<Played> {
        let lead_in = self.format.map_or(0, |format| u64::from(format.lead_in()));
        let frame = self.format.map_or(1, SsiFormat::frame_bytes);
        self.with(|wire| {
            let played = |run: &SsiRun| Played {
                first_frame: run.first_frame + lead_in,
                bytes: run.bytes[run.bytes.len().min(lead_in as usize * frame)..].to_vec(),
                first_torn: run.first_torn.map(|torn| torn.saturating_sub(lead_in)),
                dry: run.dry,
            };
            wire.played().iter().map(played).collect()
        })
    }

    /// Takes out what was played, without regard to starts and with the silence that leads in: for those who compare as they go, for
    /// hours.
    #[must_use]
    pub fn drain_played(&self) -> Vec<u8> {
        self.with(SsiWire::drain_played)
    }

    /// How many frames were played in the newest run, kept or not, without those of silence that lead in.
    #[must_use]
    pub fn frames_played(&self) -> u64 {
        let lead_in = self.format.map_or(0, |format| u64::from(format.lead_in()));
        self.with(|wire| wire.played().last().map_or(0, |run| run.frames.saturating_sub(lead_in)))
    }

    /// Whether what is played is kept, as it is at first, or only counted.
    pub fn keep(&self, keep: bool) {
        self.with(|wire| wire.keep(keep));
    }

    /// There is this to be recorded: whole frames as they are in memory, over and over. They begin with the next frame that a start
    /// hears, and go on from then on, whether the SSI listens or not.
    pub fn record(&self, frames: Arc<[u8]>) {
        self.with(|wire| wire.set_sound(SsiSound::Frames(frames)));
    }

    /// What is played is there to be recorded, in the same frame: a cable from the transmitter to the receiver. Zeros if nothing is
    /// played.
    pub fn loop_back(&self) {
        self.with(|wire| wire.set_sound(SsiSound::Loop));
    }

    /// There is nothing to be recorded but zeros, as at first.
    pub fn silence(&self) {
        self.with(|wire| wire.set_sound(SsiSound::Silence));
    }

    /// What was there to be recorded, start by start, without the frames themselves.
    #[must_use]
    pub fn recorded(&self) -> Vec<SsiRun> {
        self.with(|wire| wire.recorded().to_vec())
    }

    /// The frame of the [sound](Self::record) with which each start that heard it began, from 0.
    #[must_use]
    pub fn first_recorded(&self) -> Vec<u64> {
        self.with(|wire| {
            let origin = wire.origin().unwrap_or(0);
            wire.recorded().iter().filter_map(|run| run.first_frame.checked_sub(origin)).collect()
        })
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wire({:?})", self.format)
    }
}
