//! The client: it writes a sound into a stream, goes on after an XRUN, and plays it out.

use dmaengine_core::{Atomic, Direction, Sleepable};
use pcm_dmaengine::{Broken, Frames, HwParams, Pcm, PcmStatistics, Playback, Prepared, Running, Stopped};
use sim_board::{Cpu, Played};

use crate::sound::machine::{Imx, Machine, Processor};
use crate::sound::plan::{HOPELESS, Lateness, Plan, Step};
use crate::sound::wav::Sound;

/// Silence behind the sound: what the SSI's FIFO holds when the stream stops is not heard any more, 15 words at most.
const TAIL: u64 = 16;

/// What became of a sound.
pub struct Report {
    /// With which frame of the sound each run began.
    pub starts: Vec<u64>,
    /// What the loudspeaker heard, start by start.
    pub heard: Vec<Played>,
    pub statistics: PcmStatistics,
}

impl Report {
    /// The frames that were heard, in order; but for the silence behind the last one, and what was played once more after an XRUN.
    pub fn sound(&self, sound: &Sound, plan: &Plan, machine: &Machine) -> Vec<u8> {
        let Some(format) = machine.port.format() else { return Vec::new() };
        let ends = self.starts.iter().skip(1).copied().chain([plan.frames]);
        let runs = self.heard.iter().zip(&self.starts).zip(ends).map(|((run, start), end)| {
            let (whole, most) = (run.whole(format), end.saturating_sub(*start) as usize * sound.frame_bytes());
            &whole[..whole.len().min(most)]
        });
        runs.flatten().copied().collect()
    }
}

struct Player<'m> {
    machine: &'m Machine,
    sound: &'m Sound,
    plan: &'m Plan,
    params: HwParams,
    late: Lateness,
    /// The next frame to write.
    next: u64,
    /// Where each run began.
    starts: Vec<u64>,
    xruns: u64,
    /// Runs in a row that ended before anything moved.
    in_vain: u32,
    watch: &'m mut dyn FnMut(Step<'_>),
}

/// Plays a sound to its end, or as much of it as is planned.
pub fn play(machine: &Machine, sound: &Sound, plan: &Plan, watch: &mut dyn FnMut(Step<'_>)) -> Result<Report, String> {
    let dai = machine.dai(Direction::MemToDev);
    let config = machine.port.slave_config(Direction::MemToDev).map_err(|error| error.to_string())?;
    let mut pcm = Pcm::new();
    let (open, period) = pcm.open_with::<Playback>(machine.channel(0)?, config, &dai);
    let params = plan.params(open.hw_params_any().map_err(|error| error.to_string())?, sound)?;

    let handler = |atomic: &Atomic<'_>| {
        machine.dma.interrupt(atomic, &mut |callback, event| _ = period.elapsed(callback, event));
        if dai.is_torn() {
            period.xrun();
        }
    };
    let cpu = Cpu::new(&machine.board, &handler as &dyn Fn(&Atomic<'_>));
    let late = plan.lateness()?;
    let mut player =
        Player { machine, sound, plan, params, late, next: 0, starts: vec![], xruns: 0, in_vain: 0, watch };
    cpu.thread(|context| {
        let ring = vec![0; params.buffer_bytes() as usize].leak();
        let setup = open.with_recovery(plan.recovery).hw_params(params, ring).map_err(|kept| kept.error.to_string())?;
        let stopped = player.play(setup.prepare(), &cpu, context)?;
        stopped.synchronize(context).map_err(|kept| kept.error.to_string())
    })?;
    let heard = machine.port.wire().played();
    Ok(Report { starts: player.starts, heard, statistics: period.statistics() })
}

impl Player<'_> {
    /// From the start to the end of the sound, with as many runs as it takes.
    fn play<'a>(
        &mut self,
        prepared: Prepared<'a, Imx, Playback>,
        cpu: &Processor<'_>,
        context: &Sleepable<'_>,
    ) -> Result<Stopped<'a, Imx, Playback>, String> {
        let mut prepared = prepared;
        loop {
            let running = self.start(prepared, context)?;
            match self.run(running, cpu, context) {
                Ok(stopped) => return Ok(stopped),
                Err(broken) => prepared = self.recover(broken, context)?,
            }
        }
    }

    /// Fills the ring and starts.
    fn start<'a>(
        &mut self,
        prepared: Prepared<'a, Imx, Playback>,
        context: &Sleepable<'_>,
    ) -> Result<Running<'a, Imx, Playback>, String> {
        let mut prepared = prepared;
        self.starts.push(self.next);
        let frames = self.frames(self.params.buffer_size());
        let written = prepared.writei(&frames);
        self.wrote(&frames, written);
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

    /// Writes period by period, and plays out what it wrote.
    fn run<'a>(
        &mut self,
        running: Running<'a, Imx, Playback>,
        cpu: &Processor<'_>,
        context: &Sleepable<'_>,
    ) -> Result<Stopped<'a, Imx, Playback>, Broken<'a, Imx, Playback>> {
        let mut running = running;
        loop {
            if let Some(nth) = self.late.is_due(self.next) {
                self.machine.dawdle(cpu, &self.params, nth);
            }
            let frames = self.frames(self.params.period_size);
            if frames.is_empty() {
                return running.drain(context);
            }
            let written;
            (running, written) = running.writei(context, &frames)?;
            self.wrote(&frames, written);
        }
    }

    /// So many of these frames are in the ring.
    fn wrote(&mut self, frames: &[u8], written: Frames) {
        self.next += written.0;
        let bytes = &frames[..written.0 as usize * self.sound.frame_bytes()];
        (self.watch)(Step { bytes, frame: self.next.min(self.plan.frames), xruns: self.xruns });
    }

    /// Goes back to the first frame that the SDMA has not fetched, and prepares.
    fn recover<'a>(
        &mut self,
        broken: Broken<'a, Imx, Playback>,
        context: &Sleepable<'_>,
    ) -> Result<Prepared<'a, Imx, Playback>, String> {
        self.xruns += 1;
        if let Broken::Xrun(xrun) = &broken {
            let fetched = xrun.report().hw_ptr.min(xrun.report().appl_ptr);
            self.next = self.starts.last().map_or(0, |start| start + fetched.0);
            self.in_vain = if fetched > Frames(0) { 0 } else { self.in_vain + 1 };
        }
        if self.in_vain >= HOPELESS {
            return Err(format!("the SDMA is too slow for this sound: {broken}"));
        }
        let (prepared, _lost) = broken.recover(context).map_err(|dead| dead.to_string())?;
        Ok(prepared)
    }

    /// The next frames, at most so many.
    fn frames(&self, most: Frames) -> Vec<u8> {
        let (frame, end) = (self.sound.frame_bytes(), self.plan.frames + TAIL);
        let until = (self.next + most.0).min(end);
        let bytes = |position: u64| (position.min(self.plan.frames) as usize * frame).min(self.sound.bytes.len());
        let mut frames = self.sound.bytes[bytes(self.next)..bytes(until)].to_vec();
        let sound = frames.len();
        frames.resize(until.saturating_sub(self.next) as usize * frame, 0);
        self.sound.format.fill_silence(&mut frames[sound..]);
        frames
    }
}
