//! The board that is not there: the simulated SDMA, an SSI, and a loudspeaker that remembers.

use std::process::ExitCode;

use backend_imx_sdma::{Fence, Settings};
use dmaengine_core::{Atomic, BusWidth, Direction};
use pcm_dmaengine::{Dai, DaiError, PcmStatistics, Trigger};
use sim_board::{Board, Cpu, Engine, SsiInstance, SsiPort};

use crate::app;
use crate::chime::{Chime, FRAME_BYTES, FRAMES, RATE};

/// The engine.
pub type Sdma = Engine<Fence>;

/// The SSI, which starts and stops with the stream.
struct Ssi(SsiPort);

impl Dai for Ssi {
    fn trigger(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        if trigger.starts() {
            return self.0.start_tx().map_err(|_| DaiError::Refused { code: 0 });
        }
        self.0.stop_tx();
        Ok(())
    }
}

pub fn main() -> ExitCode {
    match ring() {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("firmware: {error}");
            ExitCode::FAILURE
        }
    }
}

fn ring() -> Result<String, Box<dyn std::error::Error>> {
    let board = Board::new();
    let port = SsiPort::new(&board, SsiInstance::Ssi1);
    port.set_up(BusWidth::Two, 2, RATE)?;
    let config = port.slave_config(Direction::MemToDev)?;
    let sdma = board.sdma(Settings::default())?;
    // It is there for as long as the program is, as on a chip.
    let ssi: &'static Ssi = Box::leak(Box::new(Ssi(port)));
    let cpu = Cpu::new(&board, |_atomic: &Atomic<'_>| app::sdma_interrupt(ssi.0.is_tx_torn()));
    let statistics = cpu.thread(|context| app::ring(context, || sdma, ssi, config))?;

    let lost = lost(&ssi.0)?;
    let PcmStatistics { xruns, longest_gap, .. } = statistics;
    Ok(format!(
        "the bell rang: {FRAMES} frames, {lost} lost in {xruns} XRUNs; longest gap {longest_gap}; the sound is in order"
    ))
}

/// Frames that were not heard: at the end of a run, what was in the SSI's FIFO. Between these, every frame must be there.
fn lost(port: &SsiPort) -> Result<usize, String> {
    let format = port.format().ok_or("the SSI was not set up")?;
    let fifo = format.lead_in() as usize + 1;
    let rung: Vec<u8> = Chime::new().flatten().chain([0; FRAME_BYTES * 1_024]).collect();
    let (mut at, mut lost) = (0, 0);
    for (number, run) in port.wire().played().iter().enumerate() {
        let heard = run.whole(format);
        let skipped = (0..=fifo).find(|skip| rung[at + skip * FRAME_BYTES..].starts_with(heard));
        let skipped = skipped.ok_or_else(|| format!("run {number}: what was heard is not the bell"))?;
        (at, lost) = (at + skipped * FRAME_BYTES + heard.len(), lost + skipped);
    }
    Ok(lost)
}
