//! The three recoveries: a client of `pcm-dmaengine` that is late, and goes on.

use std::cell::{Cell, RefCell};

use backend_mock::hw::Nanos;
use dmaengine_core::{EventKind, Micros, Sleepable};
use pcm_dmaengine::{Broken, Capture, Elapsed, Pcm, Playback, Prepared, Running, Way, Xrun};

use crate::audio::Sound;
use crate::machine::{Machine, Processor};
use crate::options::{Options, Policy};
use crate::plan::{PREPARE, Plan, START, TOLD};
use crate::report::{Ending, Ledger, Report};
use crate::text::window;
use crate::timeline::{Doing, Lane, Timeline};

/// What the interrupt handler leaves for the thread to see.
#[derive(Default)]
struct Seen {
    timeline: RefCell<Timeline>,
    stop: Cell<Nanos>,
    /// Frames that the device had given by then.
    given: Cell<u64>,
}

impl Seen {
    fn note(&self, machine: &impl Machine, lane: Lane, label: &'static str, text: impl Into<String>) {
        self.timeline.borrow_mut().note(machine.now(), lane, label, text);
    }
}

/// A late client and the machine it is on.
struct Client<'a, M, P> {
    machine: &'a M,
    cpu: &'a P,
    seen: &'a Seen,
    plan: &'a Plan,
    sound: &'a Sound,
    policy: Policy,
    ledger: Ledger<'a>,
    xruns: u64,
    restarting: bool,
    restart: Option<Nanos>,
    irqs_off: Nanos,
}

pub fn run<M: Machine>(machine: &M, policy: Policy, options: &Options, sound: &Sound, plan: &Plan) -> Report {
    let dma = machine.dma();
    let seen = Seen::default();
    let mut pcm = Pcm::new();
    let ring = vec![0; sound.params().buffer_bytes() as usize].leak();
    let channel = dma.channel(0).expect("nobody else is here");

    // The two directions differ in the type of the stream, and in what the thread does with it.
    macro_rules! stream {
        ($open:ident, $go:ident) => {{
            let (open, period) = pcm.$open(channel, machine.device());
            let cpu = machine.processor(|atomic| {
                dma.interrupt(atomic, &mut |callback, event| match period.elapsed(callback, event) {
                    Elapsed::Xrun => {
                        seen.timeline.borrow_mut().stopped(machine.now());
                        seen.stop.set(machine.now());
                        seen.given.set(machine.given());
                        machine.stop();
                        seen.note(
                            machine,
                            Lane::HardIrq,
                            "XRUN: stop",
                            "period interrupt finds the XRUN: terminate_async, the engine is told to stop",
                        );
                    }
                    Elapsed::Drained => machine.stop(),
                    Elapsed::NotOurs if event.kind == EventKind::Stopped => {
                        seen.note(machine, Lane::HardIrq, "has stopped", "interrupt: the engine has stopped");
                    }
                    _ => {}
                });
            });
            let ledger = Ledger::new(sound, plan, options);
            let mut client = Client {
                machine,
                cpu: &cpu,
                seen: &seen,
                plan,
                sound,
                policy,
                ledger,
                xruns: 0,
                restarting: false,
                restart: None,
                irqs_off: Nanos(0),
            };
            let error = cpu.thread(|context| {
                let setup = open.hw_params(sound.params(), ring).map_err(|kept| kept.error.to_string())?;
                client.$go(context, setup.prepare())
            });
            let timeline = seen.timeline.take();
            let ending = Ending {
                error: error.err(),
                restart: client.restart,
                irqs_off: client.irqs_off,
                xruns: client.xruns,
                given: machine.given(),
                late_accesses: machine.late_accesses(),
                faults: machine.faults(),
                timeline,
            };
            Report::new(policy, options, plan, client.ledger, ending)
        }};
    }
    if options.playback { stream!(open_playback, play) } else { stream!(open_capture, record) }
}

impl<M: Machine, P: Processor> Client<'_, M, P> {
    fn note(&self, lane: Lane, label: &'static str, text: impl Into<String>) {
        self.seen.note(self.machine, lane, label, text);
    }

    /// The next moment at which the client is to be late, if it has come.
    fn is_late(&self) -> bool {
        let next = self.plan.late_at.get(self.xruns as usize);
        !self.restarting && next.is_some_and(|&at| self.ledger.position() >= at)
    }

    /// Something keeps the processor busy with interrupts off, until so many frames are available; then the interrupt
    /// is taken, and the client looks again a little later.
    ///
    /// If the ring was not quite full by then, the next interrupts find the XRUN, while the client is still not there.
    fn be_late(&self, context: &Sleepable<'_>, ahead: u64) {
        let (params, before, late) = (self.sound.params(), self.seen.stop.get(), self.machine.late(self.xruns));
        self.cpu.hold_off_interrupts(true);
        loop {
            let avail = (self.machine.passed() + ahead).saturating_sub(self.ledger.done_in_run());
            if avail >= late {
                break;
            }
            let time = (late - avail) * 1_000_000_000 / u64::from(self.sound.rate);
            self.cpu.run_until(self.machine.now() + Nanos(time.max(1)));
        }
        self.cpu.hold_off_interrupts(false);
        self.cpu.take_interrupt();
        for _ in 0..2 * params.periods {
            if self.seen.stop.get() == before {
                context.sleep(Micros(1 + params.period_size.0 * 1_000_000 / u64::from(params.rate)));
            }
        }
        self.cpu.run_until(self.seen.stop.get() + TOLD);
    }

    /// From an XRUN to a running stream, in the manner of the policy. `fill` writes what playback starts with.
    fn go_on<'a, D: Way>(
        &mut self,
        context: &mut Sleepable<'_>,
        xrun: Xrun<'a, M::Engine, D>,
        fill: impl FnOnce(&mut Self, &mut Prepared<'a, M::Engine, D>),
    ) -> Result<Running<'a, M::Engine, D>, String> {
        let report = *xrun.report();
        let pointers = format!("hw_ptr {}, appl_ptr {}, avail {}", report.hw_ptr, report.appl_ptr, report.avail);
        self.note(Lane::Thread, "", format!("the call returns Xrun: {pointers}"));
        self.ledger.stopped(self.seen.given.get());
        self.xruns += 1;
        self.restarting = true;
        let (stop, mut lane) = (self.seen.stop.get(), Lane::Thread);
        let mut prepared = match self.policy {
            Policy::Synchronize => {
                self.cpu.run_until(stop + PREPARE);
                self.note(lane, "", "prepare: synchronize sleeps until the channel is quiescent");
                let from = self.machine.now();
                let prepared = xrun.prepare(context).map_err(|kept| kept.error.to_string())?;
                self.seen.timeline.borrow_mut().span(from, self.machine.now(), lane, Doing::Sleeps);
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
                let from = self.machine.now();
                let prepared = self.cpu.masked(context, |_atomic| xrun.prepare_atomic());
                let to = self.machine.now();
                self.irqs_off = self.irqs_off + (to - from);
                self.seen.timeline.borrow_mut().span(from, to, lane, Doing::Spins);
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
        self.start(prepared)
    }

    fn start<'a, D: Way>(&self, prepared: Prepared<'a, M::Engine, D>) -> Result<Running<'a, M::Engine, D>, String> {
        self.machine.start(|| prepared.start()).map_err(|kept| kept.error.to_string())
    }

    /// A call on the running stream succeeded. After a restart: the engine knows when the run began.
    fn is_going(&mut self, what: &str) {
        let (now, began, stop) = (self.machine.now(), self.machine.began(), self.seen.stop.get());
        let mut timeline = self.seen.timeline.borrow_mut();
        if std::mem::take(&mut self.restarting) {
            if let Some(began) = began {
                self.restart = self.restart.max(Some(began - stop));
                timeline.note(began, Lane::Engine, "", "the new transfer begins");
            }
            timeline.note(now, Lane::Thread, "goes on", what);
        }
        if self.xruns == 1 && now > stop + Nanos(window(self.plan).1 as u64) {
            timeline.close(|stop| self.machine.spans(stop));
        }
    }

    fn record(
        &mut self,
        context: &mut Sleepable<'_>,
        prepared: Prepared<'_, M::Engine, Capture>,
    ) -> Result<(), String> {
        let mut stream = self.start(prepared)?;
        let mut buffer = self.sound.stretch(0, self.sound.params().period_size.0);
        let mut fresh = true;
        loop {
            if self.is_late() {
                self.be_late(context, 0);
            }
            stream = match stream.readi(context, &mut buffer) {
                Ok((stream, frames)) => {
                    if std::mem::take(&mut fresh) {
                        self.ledger.begin(self.machine.first_frame());
                    }
                    self.is_going("readi returns the first frames of the new run");
                    self.ledger.read(&buffer[..frames.0 as usize * self.sound.frame_bytes()]);
                    stream
                }
                Err(Broken::Xrun(xrun)) => {
                    fresh = true;
                    self.go_on(context, xrun, |_, _| ())?
                }
                Err(broken) => return Err(broken.to_string()),
            };
            if !fresh && self.ledger.at_end() {
                let stopped = stream.stop();
                self.machine.stop();
                return stopped.synchronize(context).map(drop).map_err(|kept| kept.error.to_string());
            }
        }
    }

    fn play(
        &mut self,
        context: &mut Sleepable<'_>,
        mut prepared: Prepared<'_, M::Engine, Playback>,
    ) -> Result<(), String> {
        self.fill(&mut prepared);
        let mut stream = self.start(prepared)?;
        let params = self.sound.params();
        while !self.ledger.at_end() {
            if self.is_late() {
                self.be_late(context, params.buffer_size().0);
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
                Err(broken) => return Err(broken.to_string()),
            };
        }
        let drained = stream.drain(context).map_err(|broken| broken.to_string())?;
        drained.synchronize(context).map_err(|kept| kept.error.to_string())?;
        // What is in the device's FIFO is played without us.
        let rest = (M::FIFO + 1) * 1_000_000_000 / u64::from(params.rate) + 1;
        self.cpu.run_until(self.machine.now() + Nanos(rest));
        self.machine.played(&mut |runs| self.ledger.played(runs));
        Ok(())
    }

    /// A new run begins with as much as the ring holds.
    fn fill(&mut self, prepared: &mut Prepared<'_, M::Engine, Playback>) {
        let position = self.ledger.position();
        let count = self.sound.params().buffer_size().0.min(self.plan.total - position);
        let written = prepared.writei(&self.sound.stretch(position, count));
        self.ledger.begin(position);
        self.ledger.advance(written.0);
    }
}
