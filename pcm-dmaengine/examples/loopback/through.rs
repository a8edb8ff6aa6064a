//! The client: it reads from one stream and writes what it read to another. They are linked: after an XRUN of either both are stopped,
//! and start together.

use dmaengine_core::{Atomic, Direction, Sleepable};
use pcm_dmaengine::{
    Broken, Capture, Frames, HwParams, Link, Pcm, PcmStatistics, Playback, Prepared, Running, Stopped, Way,
};
use sim_board::Cpu;

use crate::sound::machine::{Imx, Machine, Processor};
use crate::sound::plan::{HOPELESS, Lateness, Plan, Step};
use crate::sound::wav::Sound;

/// Periods of silence that playback begins with: one to play while the next is captured, and one to spare.
const AHEAD: u64 = 2;
/// What the SSI's FIFO holds when playback stops is not heard any more.
const TAIL: u64 = 16;

/// One run of both.
#[derive(Clone, Debug)]
pub struct Run {
    /// The frames that were captured and handed on.
    pub bytes: Vec<u8>,
    /// Between a frame on the wire that comes and the same frame on the wire that goes, in frames.
    pub latency: u64,
    /// What was heard of them.
    pub heard: Vec<u8>,
}

/// What became of it.
pub struct Report {
    pub runs: Vec<Run>,
    /// Of the capture, and of the playback.
    pub statistics: [PcmStatistics; 2],
}

struct Through<'m, 'a> {
    machine: &'m Machine,
    plan: &'m Plan,
    params: HwParams,
    link: Link<'a, Imx>,
    late: Lateness,
    /// What each run handed on.
    runs: Vec<Vec<u8>>,
    done: u64,
    xruns: u64,
    in_vain: u32,
    watch: &'m mut dyn FnMut(Step<'_>),
}

type Ends<'a> = (Result<Running<'a, Imx, Capture>, Broken<'a, Imx, Capture>>, PlaybackEnd<'a>);
type PlaybackEnd<'a> = Result<Running<'a, Imx, Playback>, Broken<'a, Imx, Playback>>;

/// Hands on what is on the wire, for as many frames as are planned.
pub fn through(
    machine: &Machine,
    sound: &Sound,
    plan: &Plan,
    watch: &mut dyn FnMut(Step<'_>),
) -> Result<Report, String> {
    let dais = [machine.dai(Direction::DevToMem), machine.dai(Direction::MemToDev)];
    let config = |direction| machine.port.slave_config(direction).map_err(|error| error.to_string());
    let (mut recorder, mut player) = (Pcm::new(), Pcm::new());
    let (capture, first) = recorder.open_with(machine.channel(0)?, config(Direction::DevToMem)?, &dais[0]);
    let (playback, second) = player.open_with(machine.channel(1)?, config(Direction::MemToDev)?, &dais[1]);
    let params = plan.params(capture.hw_params_any().map_err(|error| error.to_string())?, sound)?;
    let halves = [first, second];
    let link = Link::new(&halves);

    let handler = |atomic: &Atomic<'_>| {
        machine.dma.interrupt(atomic, &mut |callback, event| _ = link.elapsed(callback, event));
        for (dai, half) in dais.iter().zip(&halves) {
            if dai.is_torn() {
                half.xrun();
            }
        }
    };
    let cpu = Cpu::new(&machine.board, &handler as &dyn Fn(&Atomic<'_>));
    let (late, runs) = (plan.lateness()?, Vec::new());
    let mut client = Through { machine, plan, params, link, late, runs, done: 0, xruns: 0, in_vain: 0, watch };
    cpu.thread(|context| {
        let ring = || vec![0; params.buffer_bytes() as usize].leak();
        let capture = capture.with_recovery(plan.recovery).with_link(link).hw_params(params, ring());
        let playback = playback.with_recovery(plan.recovery).with_link(link).hw_params(params, ring());
        let capture = capture.map_err(|kept| kept.error.to_string())?;
        let playback = playback.map_err(|kept| kept.error.to_string())?;
        let (capture, playback) = client.all(capture.prepare(), playback.prepare(), &cpu, context)?;
        capture.synchronize(context).map_err(|kept| kept.error.to_string())?;
        playback.synchronize(context).map_err(|kept| kept.error.to_string())
    })?;
    let runs = client.into_runs(sound);
    Ok(Report { runs, statistics: halves.map(|half| half.statistics()) })
}

impl<'a> Through<'_, 'a> {
    /// With as many runs as it takes.
    fn all(
        &mut self,
        capture: Prepared<'a, Imx, Capture>,
        playback: Prepared<'a, Imx, Playback>,
        cpu: &Processor<'_>,
        context: &Sleepable<'_>,
    ) -> Result<(Stopped<'a, Imx, Capture>, Stopped<'a, Imx, Playback>), String> {
        let (mut capture, mut playback) = (capture, playback);
        loop {
            let ends = match self.start(capture, playback, context)? {
                (Ok(capture), Ok(playback)) => self.run(capture, playback, cpu, context),
                ends => ends,
            };
            match ends {
                (Ok(capture), Ok(playback)) => return self.end(capture, playback, context),
                (captured, played) => {
                    self.xruns += 1;
                    self.in_vain = if self.runs.last().is_some_and(Vec::is_empty) { self.in_vain + 1 } else { 0 };
                    if self.in_vain >= HOPELESS {
                        return Err("the SDMA is too slow for this sound, both ways at once".into());
                    }
                    capture = recover(captured, context)?;
                    playback = recover(played, context)?;
                }
            }
        }
    }

    /// Both, one right after the other; playback with silence ahead.
    fn start(
        &mut self,
        capture: Prepared<'a, Imx, Capture>,
        playback: Prepared<'a, Imx, Playback>,
        context: &Sleepable<'_>,
    ) -> Result<Ends<'a>, String> {
        let mut playback = playback;
        let params = self.params;
        let mut silence = vec![0; (AHEAD * params.period_size.0) as usize * params.frame_bytes() as usize];
        params.format.fill_silence(&mut silence);
        playback.writei(&silence);
        self.runs.push(Vec::new());
        Ok((start(capture, context)?, start(playback, context)?))
    }

    /// Period by period, from one to the other, until one of them ends or all is done.
    fn run(
        &mut self,
        capture: Running<'a, Imx, Capture>,
        playback: Running<'a, Imx, Playback>,
        cpu: &Processor<'_>,
        context: &Sleepable<'_>,
    ) -> Ends<'a> {
        let (mut capture, mut playback) = (capture, playback);
        let params = self.params;
        while self.done < self.plan.frames {
            if let Some(nth) = self.late.is_due(self.done) {
                self.machine.dawdle(cpu, &params, nth);
            }
            let wanted = Frames(self.plan.frames - self.done).min(params.period_size);
            let mut bytes = vec![0; wanted.0 as usize * params.frame_bytes() as usize];
            let (read, written);
            (capture, read) = match capture.readi(context, &mut bytes) {
                Ok(read) => read,
                Err(broken) => return (Err(broken), Ok(playback)),
            };
            bytes.truncate(read.0 as usize * params.frame_bytes() as usize);
            (playback, written) = match playback.writei(context, &bytes) {
                Ok(written) => written,
                Err(broken) => return (Ok(capture), Err(broken)),
            };
            bytes.truncate(written.0 as usize * params.frame_bytes() as usize);
            self.done += written.0;
            self.runs.iter_mut().next_back().into_iter().for_each(|run| run.extend_from_slice(&bytes));
            (self.watch)(Step { bytes: &bytes, frame: self.done, xruns: self.xruns });
        }
        (Ok(capture), Ok(playback))
    }

    /// The capture stops, and what is in playback's ring is heard: from here on they are two.
    fn end(
        &self,
        capture: Running<'a, Imx, Capture>,
        playback: Running<'a, Imx, Playback>,
        context: &Sleepable<'_>,
    ) -> Result<(Stopped<'a, Imx, Capture>, Stopped<'a, Imx, Playback>), String> {
        self.link.unlink(0).map_err(|error| error.to_string())?;
        let capture = capture.stop();
        let mut silence = vec![0; TAIL as usize * self.params.frame_bytes() as usize];
        self.params.format.fill_silence(&mut silence);
        let (playback, _) = playback.writei(context, &silence).map_err(|broken| broken.to_string())?;
        let playback = playback.drain(context).map_err(|broken| broken.to_string())?;
        Ok((capture, playback))
    }

    /// What the wire says of each run. Frames are counted on it, both ways with the same clock.
    fn into_runs(self, sound: &Sound) -> Vec<Run> {
        let (wire, frame) = (self.machine.port.wire(), sound.frame_bytes());
        let Some(format) = self.machine.port.format() else { return Vec::new() };
        let ahead = AHEAD * self.params.period_size.0;
        let both = wire.recorded().into_iter().zip(wire.played()).zip(self.runs);
        both.map(|((recorded, played), bytes)| {
            let latency = (played.first_frame + ahead).saturating_sub(recorded.first_frame);
            let heard = played.whole(format);
            let heard = &heard[heard.len().min(ahead as usize * frame)..];
            Run { latency, heard: heard[..heard.len().min(bytes.len())].to_vec(), bytes }
        })
        .collect()
    }
}

/// Starts a stream; one that was stopped before that, by its link, is as good as one that is stopped right after it.
fn start<'a, D: Way>(
    prepared: Prepared<'a, Imx, D>,
    context: &Sleepable<'_>,
) -> Result<Result<Running<'a, Imx, D>, Broken<'a, Imx, D>>, String> {
    let mut prepared = prepared;
    for _ in 0..HOPELESS {
        match prepared.start() {
            Ok(running) => return Ok(Ok(running)),
            Err(kept) => prepared = kept.value.recover(context).map_err(|dead| dead.fault().to_string())?,
        }
    }
    prepared.start().map(Ok).map_err(|kept| kept.error.to_string())
}

/// Prepares a stream of which the other end has had an XRUN, or this one.
fn recover<'a, D: Way>(
    ended: Result<Running<'a, Imx, D>, Broken<'a, Imx, D>>,
    context: &Sleepable<'_>,
) -> Result<Prepared<'a, Imx, D>, String> {
    match ended.and_then(Running::hwsync) {
        Ok(running) => {
            running.stop().recover(context).map(|(prepared, _)| prepared).map_err(|dead| dead.fault().to_string())
        }
        Err(broken) => broken.recover(context).map(|(prepared, _)| prepared).map_err(|broken| broken.to_string()),
    }
}
