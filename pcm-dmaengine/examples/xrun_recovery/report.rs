//! What a policy comes to: the books of the frames, and the verdict.

use backend_mock::hw::Nanos;

use crate::audio::Sound;
use crate::options::{Options, Policy};
use crate::plan::{Plan, START};
use crate::timeline::Timeline;

pub struct Report {
    pub policy: Policy,
    pub recovered: bool,
    /// From the stop to the engine's working on the next run; of several XRUNs, the longest.
    pub restart: Option<Nanos>,
    pub error: Option<String>,
    pub frames_in: u64,
    pub frames_out: u64,
    pub frames_lost: u64,
    pub late_accesses: u64,
    pub irqs_off: Nanos,
    pub xruns: u64,
    pub timeline: Timeline,
    pub out: Vec<u8>,
}

/// One run of the stream: which frames of the sound it moved.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// The frame of the sound it began with.
    first: u64,
    /// Frames that the client read or wrote.
    done: u64,
    /// The frame of the sound that came next when it was stopped by an XRUN.
    stopped: u64,
}

/// Who got which frames. Every frame is compared with the sound.
pub struct Ledger<'a> {
    sound: &'a Sound,
    total: u64,
    runs: Vec<Run>,
    keep: bool,
    wrong: u64,
    out: Vec<u8>,
    frames_out: u64,
}

impl<'a> Ledger<'a> {
    pub fn new(sound: &'a Sound, plan: &Plan, options: &Options) -> Self {
        let total = plan.total;
        Self { sound, total, runs: Vec::new(), keep: options.out.is_some(), wrong: 0, out: Vec::new(), frames_out: 0 }
    }

    /// A run begins, with this frame of the sound.
    pub fn begin(&mut self, first: u64) {
        self.runs.push(Run { first, done: 0, stopped: first });
    }

    /// The run was stopped, when a microphone had heard so many frames.
    pub fn stopped(&mut self, given: u64) {
        if let Some(run) = self.runs.last_mut() {
            run.stopped = given;
        }
    }

    /// The frame of the sound that comes next.
    pub fn position(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.first + run.done)
    }

    pub fn done_in_run(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.done)
    }

    pub fn at_end(&self) -> bool {
        self.position() >= self.total
    }

    /// Frames that the client has read. Behind the sound's end comes silence that nobody counts.
    pub fn read(&mut self, bytes: &[u8]) {
        let count = (bytes.len() / self.sound.frame_bytes()) as u64;
        let real = count.min(self.total.saturating_sub(self.position()));
        self.deliver(self.position(), &bytes[..real as usize * self.sound.frame_bytes()]);
        self.advance(count);
    }

    /// The client has written so many frames.
    pub fn advance(&mut self, count: u64) {
        if let Some(run) = self.runs.last_mut() {
            run.done += count;
        }
    }

    /// What the player took of each run, in order: of each the frames that the client wrote, without what the engine
    /// repeated after it had run dry.
    pub fn played(&mut self, taken: &mut dyn Iterator<Item = &[u8]>) {
        let runs = std::mem::take(&mut self.runs);
        for (run, bytes) in runs.iter().zip(taken) {
            let written = run.done as usize * self.sound.frame_bytes();
            self.deliver(run.first, &bytes[..written.min(bytes.len())]);
        }
        self.runs = runs;
    }

    fn deliver(&mut self, first: u64, bytes: &[u8]) {
        for (index, frame) in (first..).zip(bytes.chunks_exact(self.sound.frame_bytes())) {
            self.wrong += u64::from(frame != self.sound.frame(index));
            self.frames_out += 1;
        }
        if self.keep {
            self.out.extend_from_slice(bytes);
        }
    }

    /// Frames between the runs beyond what an XRUN costs: those up to the stop, and the time that no restart can beat.
    fn lost_by_recovery(&self, plan: &Plan) -> u64 {
        let unavoidable = plan.stop_latency.max(START).0 + 2_000;
        let allowed = 2 + unavoidable * u64::from(self.sound.rate) / 1_000_000_000;
        let gaps = self.runs.windows(2).map(|pair| pair[1].first.saturating_sub(pair[0].stopped));
        gaps.map(|gap| gap.saturating_sub(allowed)).sum()
    }
}

/// What a policy's own code adds to the books.
pub struct Ending {
    pub error: Option<String>,
    pub restart: Option<Nanos>,
    pub irqs_off: Nanos,
    pub xruns: u64,
    /// Frames of the sound that a microphone has heard.
    pub given: u64,
    pub late_accesses: u64,
    pub faults: u64,
    pub timeline: Timeline,
}

impl Report {
    pub fn new(policy: Policy, options: &Options, plan: &Plan, ledger: Ledger<'_>, ending: Ending) -> Self {
        let written = ledger.runs.iter().map(|run| run.done).sum();
        let frames_in = if options.playback { written } else { ending.given.min(plan.total) };
        let frames_lost = frames_in - ledger.frames_out;
        let lost_by_recovery = if options.playback { frames_lost } else { ledger.lost_by_recovery(plan) };
        let error = ending.error.or_else(|| {
            (ledger.wrong > 0).then(|| format!("{} frames are not what they should be", ledger.wrong)).or_else(|| {
                (lost_by_recovery > 0).then(|| format!("{lost_by_recovery} frames lost that the XRUN had not lost"))
            })
        });
        let recovered =
            error.is_none() && ending.late_accesses == 0 && ending.faults == 0 && ending.xruns == options.xruns;
        Self {
            policy,
            recovered,
            restart: ending.restart.filter(|_| recovered),
            error,
            frames_in,
            frames_out: ledger.frames_out,
            frames_lost,
            late_accesses: ending.late_accesses,
            irqs_off: ending.irqs_off,
            xruns: ending.xruns,
            timeline: ending.timeline,
            out: ledger.out,
        }
    }

    /// Whether a Linux model failed as the thread tells it.
    pub fn failed_as_documented(&self) -> bool {
        !self.recovered && self.error.as_deref().is_some_and(|error| error.starts_with("-EIO"))
    }
}
