//! The three recoveries: a client of `pcm-dmaengine` that is late, and goes on.

use std::cell::{Cell, RefCell};

use backend_mock::hw::{Hw, Nanos};
use backend_mock::{Cpu, Mock};
use dmaengine_core::{Atomic, BusAddr, BusWidth, Dma, EventKind, SlaveConfig, Sleepable};
use pcm_dmaengine::{Broken, Capture, Elapsed, Pcm, Playback, Prepared, Running, Way, Xrun};

use crate::audio::Sound;
use crate::options::{Options, Policy};
use crate::plan::{LATE, PREPARE, Plan, START, TOLD};
use crate::report::{Ending, FIFO, Ledger, Report, hardware};
use crate::text::window;
use crate::timeline::{Doing, Lane, Timeline};

/// What the interrupt handler leaves for the thread to see.
#[derive(Default)]
struct Seen {
    timeline: RefCell<Timeline>,
    stop: Cell<Nanos>,
}

impl Seen {
    fn note(&self, hw: &Hw, lane: Lane, label: &'static str, text: impl Into<String>) {
        self.timeline.borrow_mut().note(hw.now(), lane, label, text);
    }
}

/// A late client and the machine it is on.
struct Client<'a, H> {
    hw: &'a Hw,
    cpu: &'a Cpu<'a, H>,
    seen: &'a Seen,
    plan: &'a Plan,
    sound: &'a Sound,
    policy: Policy,
    ledger: Ledger<'a>,
    xruns: u64,
    restarting: bool,
    restart: Option<Nanos>,
}

pub fn run(policy: Policy, options: &Options, sound: &Sound, plan: &Plan) -> Report {
    let dma: Dma<Mock, 1> = Dma::new(hardware(options, sound, plan));
    let hw = dma.engine().hw();
    let seen = Seen::default();
    let mut pcm = Pcm::new();
    let ring = vec![0; sound.params().buffer_bytes() as usize].leak();
    let device = SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Two, ());
    let channel = dma.channel(0).expect("nobody else is here");

    // The two directions differ in the type of the stream, and in what the thread does with it.
    macro_rules! stream {
        ($open:ident, $go:ident) => {{
            let (open, period) = pcm.$open(channel, device);
            let cpu = Cpu::new(dma.engine(), |atomic| {
                dma.interrupt(atomic, &mut |callback, event| match period.elapsed(callback, event) {
                    Elapsed::Xrun => {
                        seen.timeline.borrow_mut().stopped(hw.now());
                        seen.stop.set(hw.now());
                        seen.note(
                            hw,
                            Lane::HardIrq,
                            "XRUN: stop",
                            "period interrupt finds the XRUN: terminate_async, the engine is told to stop",
                        );
                    }
                    Elapsed::NotOurs if event.kind == EventKind::Stopped => {
                        seen.note(hw, Lane::HardIrq, "has stopped", "interrupt: the engine has stopped");
                    }
                    _ => {}
                });
            });
            let ledger = Ledger::new(sound, plan, options);
            let mut client = Client {
                hw,
                cpu: &cpu,
                seen: &seen,
                plan,
                sound,
                policy,
                ledger,
                xruns: 0,
                restarting: false,
                restart: None,
            };
            let error = cpu.thread(|context| {
                let setup = open.hw_params(sound.params(), ring).map_err(|kept| kept.error.to_string())?;
                client.$go(context, setup.prepare())
            });
            let timeline = seen.timeline.take();
            let ending = Ending {
                error: error.err(),
                restart: client.restart,
                irqs_off: cpu.masked_time(),
                xruns: client.xruns,
                timeline,
            };
            Report::new(policy, options, plan, client.ledger, hw, ending)
        }};
    }
    if options.playback { stream!(open_playback, play) } else { stream!(open_capture, record) }
}

impl<H: Fn(&Atomic<'_>)> Client<'_, H> {
    fn note(&self, lane: Lane, label: &'static str, text: impl Into<String>) {
        self.seen.note(self.hw, lane, label, text);
    }

    /// The next moment at which the client is to be late, if it has come.
    fn is_late(&self) -> bool {
        let next = self.plan.late_at.get(self.xruns as usize);
        !self.restarting && next.is_some_and(|&at| self.ledger.position() >= at)
    }

    /// Something keeps the processor busy with interrupts off, until so many frames are available; then the interrupt
    /// is taken, and the client looks again a little later.
    fn be_late(&self, ahead: u64) {
        let frame = u64::from(self.sound.params().frame_bytes());
        self.cpu.hold_off_interrupts(true);
        loop {
            let avail = (self.hw.progress(0).bytes / frame + ahead).saturating_sub(self.ledger.done_in_run());
            if avail >= LATE {
                break;
            }
            let time = (LATE - avail) * 1_000_000_000 / u64::from(self.sound.rate);
            self.cpu.run_until(self.hw.now() + Nanos(time.max(1)));
        }
        self.cpu.hold_off_interrupts(false);
        self.cpu.take_interrupt();
        self.cpu.run_until(self.seen.stop.get() + TOLD);
    }

    /// From an XRUN to a running stream, in the manner of the policy. `fill` writes what playback starts with.
    fn go_on<'a, D: Way>(
        &mut self,
        context: &mut Sleepable<'_>,
        xrun: Xrun<'a, Mock, D>,
        fill: impl FnOnce(&mut Self, &mut Prepared<'a, Mock, D>),
    ) -> Result<Running<'a, Mock, D>, String> {
        let report = *xrun.report();
        let pointers = format!("hw_ptr {}, appl_ptr {}, avail {}", report.hw_ptr, report.appl_ptr, report.avail);
        self.note(Lane::Thread, "", format!("the call returns Xrun: {pointers}"));
        self.xruns += 1;
        self.restarting = true;
        let (stop, mut lane) = (self.seen.stop.get(), Lane::Thread);
        let mut prepared = match self.policy {
            Policy::Synchronize => {
                self.cpu.run_until(stop + PREPARE);
                self.note(lane, "", "prepare: synchronize sleeps until the channel is quiescent");
                let from = self.hw.now();
                let prepared = xrun.prepare(context).map_err(|kept| kept.error.to_string())?;
                self.seen.timeline.borrow_mut().span(from, self.hw.now(), lane, Doing::Sleeps);
                self.cpu.run_until(stop + START);
                prepared
            }
            Policy::TerminateAtomic => {
                lane = Lane::Masked;
                self.cpu.run_until(stop + START);
                self.note(
                    lane,
                    "",
                    "start trigger, interrupts off: terminate_atomic busy-waits until the channel is quiescent",
                );
                let from = self.hw.now();
                let prepared = self.cpu.masked(context, |_atomic| xrun.prepare_atomic());
                self.seen.timeline.borrow_mut().span(from, self.hw.now(), lane, Doing::Spins);
                prepared.map_err(|kept| kept.error.to_string())?
            }
            _ => {
                self.cpu.run_until(stop + PREPARE);
                self.note(lane, "", "prepare: behind the stop, without waiting");
                let prepared = xrun.prepare_queued();
                self.cpu.run_until(stop + START);
                prepared
            }
        };
        fill(self, &mut prepared);
        self.note(lane, "", "start");
        prepared.start().map_err(|kept| kept.error.to_string())
    }

    /// A call on the running stream succeeded. After a restart: the engine knows when the run began.
    fn is_going(&mut self, what: &str) {
        let (now, new, stop) = (self.hw.now(), self.hw.progress(0), self.seen.stop.get());
        let mut timeline = self.seen.timeline.borrow_mut();
        if std::mem::take(&mut self.restarting) {
            if let Some(began) = new.started {
                self.restart = self.restart.max(Some(began - stop));
                timeline.note(began, Lane::Engine, "", "the new transfer begins");
            }
            timeline.note(now, Lane::Thread, "goes on", what);
        }
        if self.xruns == 1 && now > stop + Nanos(window(self.plan).1 as u64) {
            timeline.close(self.hw, Some(new.tag));
        }
    }

    fn record(&mut self, context: &mut Sleepable<'_>, prepared: Prepared<'_, Mock, Capture>) -> Result<(), String> {
        let mut stream = prepared.start().map_err(|kept| kept.error.to_string())?;
        let mut buffer = self.sound.stretch(0, self.sound.params().period_size.0);
        let mut fresh = true;
        loop {
            if self.is_late() {
                self.be_late(0);
            }
            stream = match stream.readi(context, &mut buffer) {
                Ok((stream, frames)) => {
                    if std::mem::take(&mut fresh) {
                        let run = self.hw.with_peripheral(0, |recorder| recorder.runs().last().copied());
                        self.ledger.begin(run.flatten().map_or(0, |run| run.first_frame));
                    }
                    self.is_going("readi returns the first frames of the new run");
                    self.ledger.read(&buffer[..frames.0 as usize * self.sound.frame_bytes()]);
                    stream
                }
                Err(Broken::Xrun(xrun)) => {
                    fresh = true;
                    self.go_on(context, xrun, |_, _| ())?
                }
                Err(Broken::Faulted(dead)) => return Err(dead.fault().to_string()),
            };
            if !fresh && self.ledger.at_end() {
                return stream.stop().synchronize(context).map(drop).map_err(|kept| kept.error.to_string());
            }
        }
    }

    fn play(&mut self, context: &mut Sleepable<'_>, mut prepared: Prepared<'_, Mock, Playback>) -> Result<(), String> {
        self.fill(&mut prepared);
        let mut stream = prepared.start().map_err(|kept| kept.error.to_string())?;
        let params = self.sound.params();
        while !self.ledger.at_end() {
            if self.is_late() {
                self.be_late(params.buffer_size().0);
            }
            let count = params.period_size.0.min(self.plan.total - self.ledger.position());
            let frames = self.sound.stretch(self.ledger.position(), count);
            stream = match stream.writei(context, &frames) {
                Ok((stream, frames)) => {
                    self.is_going("writei returns: the new run takes frames");
                    self.ledger.advance(frames.0);
                    stream
                }
                Err(Broken::Xrun(xrun)) => self.go_on(context, xrun, Self::fill)?,
                Err(Broken::Faulted(dead)) => return Err(dead.fault().to_string()),
            };
        }
        let drained = stream.drain(context).map_err(|broken| match broken {
            Broken::Xrun(xrun) => format!("XRUN while draining: avail {}", xrun.report().avail),
            Broken::Faulted(dead) => dead.fault().to_string(),
        })?;
        drained.synchronize(context).map_err(|kept| kept.error.to_string())?;
        // What is in the device's FIFO is played without us.
        let rest = (u64::from(FIFO) + 1) * 1_000_000_000 / u64::from(params.rate) + 1;
        self.cpu.run_until(self.hw.now() + Nanos(rest));
        self.hw.with_peripheral(0, |player| self.ledger.played(player));
        Ok(())
    }

    /// A new run begins with as much as the ring holds.
    fn fill(&mut self, prepared: &mut Prepared<'_, Mock, Playback>) {
        let position = self.ledger.position();
        let count = self.sound.params().buffer_size().0.min(self.plan.total - position);
        let written = prepared.writei(&self.sound.stretch(position, count));
        self.ledger.begin(position);
        self.ledger.advance(written.0);
    }
}
