//! The client: it reads frames out of a stream, and goes on after an XRUN.

use dmaengine_core::{Atomic, Direction, Sleepable};
use pcm_dmaengine::{Broken, Capture, Frames, HwParams, Pcm, PcmStatistics, Prepared, Running, Stopped};
use sim_board::Cpu;

use crate::sound::machine::{Imx, Machine, Processor};
use crate::sound::plan::{HOPELESS, Lateness, Plan, Step};
use crate::sound::wav::Sound;

/// What became of a recording.
pub struct Report {
    /// The frames that were read, in order.
    pub bytes: Vec<u8>,
    /// How many of them each run gave.
    pub runs: Vec<u64>,
    /// Frames that the recoveries said are lost.
    pub lost: u64,
    pub statistics: PcmStatistics,
}

struct Recorder<'m> {
    machine: &'m Machine,
    sound: &'m Sound,
    plan: &'m Plan,
    params: HwParams,
    late: Lateness,
    bytes: Vec<u8>,
    runs: Vec<u64>,
    lost: u64,
    xruns: u64,
    /// Runs in a row that ended before anything moved.
    in_vain: u32,
    watch: &'m mut dyn FnMut(Step<'_>),
}

/// Records what is on the wire, for as many frames as are planned, lost ones among them.
pub fn record(
    machine: &Machine,
    sound: &Sound,
    plan: &Plan,
    watch: &mut dyn FnMut(Step<'_>),
) -> Result<Report, String> {
    let dai = machine.dai(Direction::DevToMem);
    let config = machine.port.slave_config(Direction::DevToMem).map_err(|error| error.to_string())?;
    let mut pcm = Pcm::new();
    let (open, period) = pcm.open_with::<Capture>(machine.channel(0)?, config, &dai);
    let params = plan.params(open.hw_params_any().map_err(|error| error.to_string())?, sound)?;

    let handler = |atomic: &Atomic<'_>| {
        machine.dma.interrupt(atomic, &mut |callback, event| _ = period.elapsed(callback, event));
        if dai.is_torn() {
            period.xrun();
        }
    };
    let cpu = Cpu::new(&machine.board, &handler as &dyn Fn(&Atomic<'_>));
    let (late, bytes) = (plan.lateness()?, Vec::new());
    let mut recorder =
        Recorder { machine, sound, plan, params, late, bytes, runs: vec![], lost: 0, xruns: 0, in_vain: 0, watch };
    cpu.thread(|context| {
        let ring = vec![0; params.buffer_bytes() as usize].leak();
        let setup = open.with_recovery(plan.recovery).hw_params(params, ring).map_err(|kept| kept.error.to_string())?;
        let stopped = recorder.record(setup.prepare(), &cpu, context)?;
        stopped.synchronize(context).map_err(|kept| kept.error.to_string())
    })?;
    let Recorder { bytes, runs, lost, .. } = recorder;
    Ok(Report { bytes, runs, lost, statistics: period.statistics() })
}

impl Recorder<'_> {
    /// With as many runs as it takes.
    fn record<'a>(
        &mut self,
        prepared: Prepared<'a, Imx, Capture>,
        cpu: &Processor<'_>,
        context: &Sleepable<'_>,
    ) -> Result<Stopped<'a, Imx, Capture>, String> {
        let mut prepared = prepared;
        loop {
            let running = self.start(prepared, context)?;
            match self.run(running, cpu, context) {
                Ok(stopped) => return Ok(stopped),
                Err(broken) => prepared = self.recover(broken, context)?,
            }
        }
    }

    fn start<'a>(
        &mut self,
        prepared: Prepared<'a, Imx, Capture>,
        context: &Sleepable<'_>,
    ) -> Result<Running<'a, Imx, Capture>, String> {
        let mut prepared = prepared;
        self.runs.push(0);
        loop {
            match prepared.start() {
                Ok(running) => return Ok(running),
                Err(kept) if self.in_vain >= HOPELESS => return Err(kept.error.to_string()),
                Err(kept) => {
                    self.in_vain += 1;
                    prepared = kept.value.recover(context).map_err(|dead| dead.fault().to_string())?;
                }
            }
        }
    }

    /// Reads period by period.
    fn run<'a>(
        &mut self,
        running: Running<'a, Imx, Capture>,
        cpu: &Processor<'_>,
        context: &Sleepable<'_>,
    ) -> Result<Stopped<'a, Imx, Capture>, Broken<'a, Imx, Capture>> {
        let (mut running, frame) = (running, self.sound.frame_bytes());
        loop {
            if let Some(nth) = self.late.is_due(self.frame()) {
                self.machine.dawdle(cpu, &self.params, nth);
            }
            let wanted = Frames(self.plan.frames.saturating_sub(self.frame())).min(self.params.period_size);
            if wanted == Frames(0) {
                return Ok(running.stop());
            }
            let mut bytes = vec![0; wanted.0 as usize * frame];
            let read;
            (running, read) = running.readi(context, &mut bytes)?;
            bytes.truncate(read.0 as usize * frame);
            self.bytes.extend_from_slice(&bytes);
            if let Some(run) = self.runs.last_mut() {
                *run += read.0;
            }
            let (frame, xruns) = (self.frame(), self.xruns);
            (self.watch)(Step { bytes: &bytes, frame, xruns });
        }
    }

    fn recover<'a>(
        &mut self,
        broken: Broken<'a, Imx, Capture>,
        context: &Sleepable<'_>,
    ) -> Result<Prepared<'a, Imx, Capture>, String> {
        self.xruns += 1;
        self.in_vain = if self.runs.last() == Some(&0) { self.in_vain + 1 } else { 0 };
        if self.in_vain >= HOPELESS {
            return Err(format!("the SDMA is too slow for this sound: {broken}"));
        }
        let (prepared, lost) = broken.recover(context).map_err(|dead| dead.to_string())?;
        self.lost += lost.frames.0;
        Ok(prepared)
    }

    /// The next frame of what was to be recorded: those that were read, and those that are lost.
    fn frame(&self) -> u64 {
        (self.bytes.len() / self.sound.frame_bytes()) as u64 + self.lost
    }
}
