//! The SDMA's driver on the simulated SDMA as a stage, with SSI1 in both directions: an engine that does not pause.

use backend_imx_sdma::{Fence, Peripheral, Settings};
use dmaengine_core::{Atomic, BusWidth, Direction, Dma, Micros, SlaveConfig, Sleepable};
use pcm_dmaengine::dynamic::DynPcm;
use pcm_dmaengine::{Dai, DaiError, Recovery, Trigger, Way};
use sim_board::{Board, Cpu, Engine, SsiInstance, SsiPort};

use crate::common::numbered;
use crate::desk::Stage;

const FRAMES: u32 = 2_000_000;

/// One side of the SSI, started and stopped with its stream.
struct Side<'p> {
    port: &'p SsiPort,
    playback: bool,
}

impl Dai for Side<'_> {
    fn trigger(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        match (trigger.starts(), self.playback) {
            (true, true) => self.port.start_tx().map_err(|_| DaiError::Refused { code: 1 }),
            (true, false) => self.port.start_rx().map_err(|_| DaiError::Refused { code: 1 }),
            (false, true) => {
                self.port.stop_tx();
                Ok(())
            }
            (false, false) => {
                self.port.stop_rx();
                Ok(())
            }
        }
    }
}

pub struct ImxStage {
    board: Board,
    dma: Dma<Engine<Fence>, 2>,
    port: &'static SsiPort,
    sides: [Side<'static>; 2],
}

impl ImxStage {
    pub fn new() -> Self {
        let board = Board::new();
        let dma = Dma::new(board.sdma(Settings::default()).expect("the SDMA answers"));
        let port: &'static SsiPort = Box::leak(Box::new(SsiPort::new(&board, SsiInstance::Ssi1)));
        port.set_up(BusWidth::Two, 2, 48_000).expect("a format that it has");
        port.wire().record(numbered(1, FRAMES).into());
        Self { board, dma, port, sides: [false, true].map(|playback| Side { port, playback }) }
    }
}

impl Stage for ImxStage {
    type Engine = Engine<Fence>;

    const ATOMIC: Recovery<Self::Engine> = Recovery::ATOMIC;
    const QUEUE_AFTER_STOP: Recovery<Self::Engine> = Recovery::QUEUE_AFTER_STOP;

    fn dma(&self) -> &Dma<Self::Engine, 2> {
        &self.dma
    }

    fn device(&self, direction: Direction) -> SlaveConfig<Peripheral> {
        self.port.slave_config(direction).expect("it is set up")
    }

    fn dai(&self, direction: Direction) -> &dyn Dai {
        &self.sides[usize::from(direction == Direction::MemToDev)]
    }

    fn able<'a, D: Way>(pcm: DynPcm<'a, Self::Engine, D>) -> DynPcm<'a, Self::Engine, D> {
        pcm
    }

    fn thread<R>(&self, handler: &dyn Fn(&Atomic<'_>), body: impl FnOnce(&dyn Fn(Micros), &Sleepable<'_>) -> R) -> R {
        let cpu = Cpu::new(&self.board, handler);
        let pass = |time: Micros| cpu.run_until(self.board.after(time.0));
        cpu.thread(|context| body(&pass, context))
    }

    fn played(&self) -> Vec<Vec<u8>> {
        let format = self.port.format().expect("it is set up");
        self.port.wire().played().iter().map(|run| run.whole(format).to_vec()).collect()
    }

    fn late_accesses(&self) -> u64 {
        self.board.trespasses()
    }
}
