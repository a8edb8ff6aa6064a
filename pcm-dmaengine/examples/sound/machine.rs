//! [`Machine`]: the driver of the i.MX SDMA on a simulated one, an SSI between it and the world, and the hook by which a stream starts
//! and stops its SSI.

use backend_imx_sdma::{Fence, Settings};
use dmaengine_core::{Atomic, BusWidth, Direction, Dma, Idle};
use pcm_dmaengine::{Dai, DaiError, HwParams, Trigger};
use sim_board::{Board, Cpu, Engine, SsiError, SsiInstance, SsiPort};

use super::wav::Sound;

/// The engine.
pub type Imx = Engine<Fence>;
/// The processor.
pub type Processor<'m> = Cpu<'m, &'m dyn Fn(&Atomic<'_>)>;

/// A board with an SSI that is set up for a sound.
pub struct Machine {
    pub board: Board,
    pub dma: Dma<Imx, 2>,
    pub port: SsiPort,
}

impl Machine {
    pub fn new(sound: &Sound) -> Result<Self, String> {
        let board = Board::new();
        let sdma = board.sdma(Settings::default()).map_err(|error| error.to_string())?;
        let port = SsiPort::new(&board, SsiInstance::Ssi1);
        let (bytes, channels) = sound.words();
        let width = match bytes {
            1 => BusWidth::One,
            2 => BusWidth::Two,
            3 => BusWidth::Three,
            _ => BusWidth::Four,
        };
        port.set_up(width, channels, sound.rate).map_err(|error| format!("{}: {error}", sound.name))?;
        Ok(Self { board, dma: Dma::new(sdma), port })
    }

    /// A DMA channel that nobody has.
    pub fn channel(&self, number: u8) -> Result<Idle<'_, Imx>, String> {
        self.dma.channel(number).map_err(|error| error.to_string())
    }

    pub fn dai(&self, direction: Direction) -> SsiDai<'_> {
        SsiDai { port: &self.port, direction }
    }

    /// The client does something else for longer than the ring lasts. Every other time that is something with interrupts off: then
    /// the SDMA, which is given its periods back by its interrupt, comes to the end of the ring, and the SSI runs dry or over.
    pub fn dawdle(&self, cpu: &Processor<'_>, params: &HwParams, nth: u32) {
        let time = params.time(params.buffer_size() + params.period_size);
        cpu.hold_off_interrupts(nth % 2 == 0);
        cpu.run_until(self.board.after(time.0));
        cpu.hold_off_interrupts(false);
        cpu.take_interrupt();
    }
}

/// One direction of the SSI, as its stream starts and stops it.
pub struct SsiDai<'m> {
    port: &'m SsiPort,
    direction: Direction,
}

impl SsiDai<'_> {
    /// The SSI says that it had no word when one was due, or no room. The channels may have changed places since.
    pub fn is_torn(&self) -> bool {
        if self.direction == Direction::MemToDev { self.port.is_tx_torn() } else { self.port.is_rx_torn() }
    }
}

impl Dai for SsiDai<'_> {
    /// A start empties the FIFO and begins with a frame, after the DMA channel has started; a stop comes before it stops.
    fn trigger(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        let (port, plays) = (self.port, self.direction == Direction::MemToDev);
        let done = match trigger {
            Trigger::Start | Trigger::Resume if plays => port.start_tx(),
            Trigger::Start | Trigger::Resume => port.start_rx(),
            Trigger::PauseRelease if plays => port.resume_tx(),
            Trigger::PauseRelease => port.resume_rx(),
            Trigger::PausePush if plays => {
                port.pause_tx();
                Ok(())
            }
            Trigger::PausePush => {
                port.pause_rx();
                Ok(())
            }
            Trigger::Stop | Trigger::Suspend if plays => {
                port.stop_tx();
                Ok(())
            }
            Trigger::Stop | Trigger::Suspend => {
                port.stop_rx();
                Ok(())
            }
        };
        done.map_err(|error| match error {
            SsiError::Torn => DaiError::Xrun,
            SsiError::NoClock => DaiError::Refused { code: 1 },
            _ => DaiError::Refused { code: 0 },
        })
    }
}
