//! The two Linux models: a sound card's driver and its client as they were, on the same hardware.
//!
//! The client does what ALSA's user space did in the thread: after -EPIPE it prepares and starts again at once. Nobody
//! synchronizes: Linux 5.4 and 5.8 had no place for it between the stop and the start.

use backend_mock::hw::{Hw, Nanos};
use backend_mock::linux::{Cookie, DescId, LinuxChannel, Version};

use crate::audio::Sound;
use crate::machine::mock;
use crate::options::{Options, Policy};
use crate::plan::{LATE, PREPARE, Plan, START, TOLD, WORKER};
use crate::report::{Ending, Ledger, Report};
use crate::timeline::{Doing, Lane, Timeline};

/// A sound card in Linux: the PCM's pointers in frames, the driver's channel, and the client's books.
struct Card<'a> {
    hw: &'a Hw,
    channel: LinuxChannel<'a>,
    version: Version,
    sound: &'a Sound,
    plan: &'a Plan,
    playback: bool,
    /// The ring, as the engine sees it.
    ring: u64,
    hw_ptr: u64,
    appl_ptr: u64,
    cookie: Option<Cookie>,
    desc: Option<DescId>,
    running: bool,
    held_off: bool,
    stop: Nanos,
    restarting: bool,
    restart: Option<Nanos>,
    xruns: u64,
    ledger: Ledger<'a>,
    timeline: Timeline,
}

pub fn run(policy: Policy, options: &Options, sound: &Sound, plan: &Plan) -> Report {
    let mock = mock::hardware(options, sound, plan);
    let hw = mock.hw();
    let version = if policy == Policy::Linux5_4 { Version::V5_4 } else { Version::V5_8 };
    let mut card = Card {
        hw,
        channel: LinuxChannel::new(hw, 0, version, WORKER),
        version,
        sound,
        plan,
        playback: options.playback,
        ring: hw.alloc_coherent(sound.params().buffer_bytes() as usize),
        hw_ptr: 0,
        appl_ptr: 0,
        cookie: None,
        desc: None,
        running: false,
        held_off: false,
        stop: Nanos(0),
        restarting: false,
        restart: None,
        xruns: 0,
        ledger: Ledger::new(sound, plan, options),
        timeline: Timeline::default(),
    };
    let error = card.stream().err();
    card.finish();
    let Card { restart, xruns, ledger, timeline, .. } = card;
    let (given, late_accesses, faults) = (mock::given(hw), hw.late_accesses(), hw.faults());
    let ending = Ending { error, restart, irqs_off: Nanos(0), xruns, given, late_accesses, faults, timeline };
    Report::new(policy, options, plan, ledger, ending)
}

impl Card<'_> {
    fn buffer(&self) -> u64 {
        self.sound.params().buffer_size().0
    }

    fn period(&self) -> u64 {
        self.sound.params().period_size.0
    }

    fn avail(&self) -> u64 {
        if self.playback { self.hw_ptr + self.buffer() - self.appl_ptr } else { self.hw_ptr - self.appl_ptr }
    }

    fn note(&mut self, lane: Lane, label: &'static str, text: impl Into<String>) {
        self.timeline.note(self.hw.now(), lane, label, text);
    }

    /// Time passes; interrupts and the worker run when they are due.
    fn run_until(&mut self, moment: Nanos) {
        while self.hw.now() < moment {
            let next = [self.hw.next_news(), self.channel.worker_due(), Some(moment)].into_iter().flatten().min();
            self.hw.advance_to(next.unwrap_or(moment));
            self.interrupt();
            self.worker();
        }
    }

    /// The period callbacks, in hard interrupt context, and what ALSA makes of them.
    fn interrupt(&mut self) {
        if self.held_off || self.hw.irq_pending() == 0 {
            return;
        }
        for callback in self.channel.interrupt() {
            if !self.running {
                continue;
            }
            if Some(callback.moved_by) != self.desc {
                // The pointer asks for the status of the new transfer, which has not moved.
                self.note(
                    Lane::HardIrq,
                    "late period",
                    "a late period of the old transfer wakes the new stream; its pointer stays",
                );
                continue;
            }
            self.hw_ptr += u64::from(callback.periods) * self.period();
            if self.avail() >= self.buffer() {
                self.running = false;
                self.stop = self.hw.now();
                self.xruns += 1;
                self.ledger.stopped(mock::given(self.hw));
                self.timeline.stopped(self.stop);
                self.channel.terminate_async();
                let lists = self.channel.lists();
                self.note(
                    Lane::HardIrq,
                    "XRUN: stop",
                    format!("period interrupt finds the XRUN: terminate_async, worker queued; {lists}"),
                );
                self.timeline.span(self.stop, Nanos(self.stop.0 + WORKER.0), Lane::Worker, Doing::Sleeps);
            }
        }
    }

    fn worker(&mut self) {
        if self.channel.worker_due().is_none_or(|due| due > self.hw.now()) {
            return;
        }
        let freed = self.channel.run_worker();
        let names: Vec<_> = freed.iter().map(|freed| freed.desc.to_string()).collect();
        let lists = self.channel.lists();
        self.note(Lane::Worker, "frees both", format!("the terminate worker frees {}; {lists}", names.join(" and ")));
    }

    /// A new run: prepare, submit, issue.
    fn start(&mut self) {
        let bytes = self.sound.frame_bytes() as u64;
        let (len, period) = ((self.buffer() * bytes) as u32, (self.period() * bytes) as u32);
        let desc = self.channel.prep_cyclic(self.ring, len, period, self.playback);
        self.desc = Some(desc);
        // The ring belongs to the new transfer from here on, whatever the engine still does to it.
        self.hw.claim(self.ring, desc.0);
        match self.channel.submit(desc) {
            Ok(cookie) => self.cookie = Some(cookie),
            Err(error) => self.note(Lane::Thread, "", format!("submit: {error}")),
        }
        if self.restarting {
            let lists = self.channel.lists();
            self.note(Lane::Thread, "", format!("start: prep_cyclic, submit; {lists}"));
            if self.version == Version::V5_8 {
                // The window: on another core the worker runs between submit and issue.
                if let Some(due) = self.channel.worker_due() {
                    self.note(Lane::Thread, "", "preempted before issue_pending");
                    self.run_until(due);
                }
            }
        }
        self.channel.issue_pending();
        if self.restarting {
            let (lists, busy) = (self.channel.lists(), self.hw.is_touching(0));
            let starts = busy && self.hw.progress(0).tag == desc.0;
            let (label, what) = if starts { ("", "") } else { ("issue starts nothing", ", and starts nothing") };
            self.note(Lane::Thread, label, format!("issue_pending{what}; {lists}"));
        }
        self.running = true;
    }

    /// What the client does after -EPIPE.
    fn recover(&mut self) {
        self.run_until(self.stop + TOLD);
        let (hw_ptr, appl_ptr, avail) = (self.hw_ptr, self.appl_ptr, self.avail());
        self.note(
            Lane::Thread,
            "",
            format!("the call returns -EPIPE: hw_ptr {hw_ptr}, appl_ptr {appl_ptr}, avail {avail}"),
        );
        self.run_until(self.stop + PREPARE);
        self.note(Lane::Thread, "", "prepare: resets the pointers; nothing waits for the engine");
        (self.hw_ptr, self.appl_ptr, self.restarting) = (0, 0, true);
        self.run_until(self.stop + START);
        if self.playback {
            self.fill();
        }
        self.start();
    }

    /// As in `ours`: something keeps interrupts off until so many frames are available.
    fn be_late(&mut self) {
        let frame = self.sound.frame_bytes() as u64;
        let ahead = if self.playback { self.buffer() } else { 0 };
        self.held_off = true;
        loop {
            let avail = (self.hw.progress(0).bytes / frame + ahead).saturating_sub(self.appl_ptr);
            if avail >= LATE {
                break;
            }
            let time = (LATE - avail) * 1_000_000_000 / u64::from(self.sound.rate);
            self.run_until(Nanos(self.hw.now().0 + time.max(1)));
        }
        self.held_off = false;
        self.interrupt();
    }

    /// The client's loop, up to the end of the sound or to its error.
    fn stream(&mut self) -> Result<(), String> {
        if self.playback {
            self.fill();
        }
        self.start();
        let mut fresh = !self.playback;
        while fresh || !self.ledger.at_end() {
            let next = self.plan.late_at.get(self.xruns as usize).copied();
            if !self.restarting && next.is_some_and(|at| self.ledger.position() >= at) {
                self.be_late();
            }
            if !self.running {
                self.recover();
                fresh = !self.playback;
                continue;
            }
            self.wait()?;
            if !self.running {
                continue;
            }
            self.is_going();
            if std::mem::take(&mut fresh) {
                self.ledger.begin(mock::first_frame(self.hw));
            }
            let count = self.avail().min(self.period());
            if self.playback { self.write(count) } else { self.read(count) }
        }
        Ok(())
    }

    /// `wait_for_avail`, with its time-out of max(10 s, two periods) (Linux 5.4 and 5.8, sound/core/pcm_lib.c).
    fn wait(&mut self) -> Result<(), String> {
        let start = self.hw.now();
        let two_periods = 2 * self.period() * 1_000_000_000 / u64::from(self.sound.rate);
        let end = Nanos(start.0 + two_periods.max(10_000_000_000));
        while self.running && self.avail() == 0 {
            if self.hw.now() >= end {
                let status =
                    self.cookie.map_or("none".into(), |cookie| format!("{:?}", self.channel.tx_status(cookie)));
                let seconds = (end.0 - start.0) / 1_000_000_000;
                self.note(
                    Lane::Thread,
                    "",
                    format!("-EIO after {seconds} s, state still RUNNING; tx_status: {status}"),
                );
                self.timeline.close(|stop| mock::spans(self.hw, stop, None));
                return Err(format!("-EIO: no frame moved for {seconds} s, and the stream still counts as running"));
            }
            let next = [self.hw.next_news(), self.channel.worker_due(), Some(end)].into_iter().flatten().min();
            self.run_until(next.unwrap_or(end));
        }
        Ok(())
    }

    fn is_going(&mut self) {
        if std::mem::take(&mut self.restarting) {
            let new = self.hw.progress(0);
            self.restart = self.restart.max(new.started.map(|began| began - self.stop));
            self.note(Lane::Thread, "", "the new run moves");
            self.timeline.close(|stop| mock::spans(self.hw, stop, Some(new.tag)));
        }
    }

    /// Copies `count` frames at `appl_ptr` between the ring and the client, and moves the pointer.
    fn read(&mut self, count: u64) {
        for _ in 0..count {
            let mut frame = vec![0; self.sound.frame_bytes()];
            self.hw.read_memory(self.ring + self.appl_ptr % self.buffer() * frame.len() as u64, &mut frame);
            self.ledger.read(&frame);
            self.appl_ptr += 1;
        }
    }

    fn write(&mut self, count: u64) {
        for _ in 0..count.min(self.plan.total - self.ledger.position()) {
            let frame = self.sound.frame(self.ledger.position());
            self.hw.write_memory(self.ring + self.appl_ptr % self.buffer() * frame.len() as u64, frame);
            self.ledger.advance(1);
            self.appl_ptr += 1;
        }
    }

    /// Playback begins with a full ring.
    fn fill(&mut self) {
        self.ledger.begin(self.ledger.position());
        self.write(self.buffer());
    }

    /// What was played, when all is over.
    fn finish(&mut self) {
        if self.playback {
            // What is left in the ring, if the engine still runs, and in the device's FIFO.
            let rest = 2 * self.buffer() * 1_000_000_000 / u64::from(self.sound.rate);
            let end = Nanos(self.hw.now().0 + rest);
            self.held_off = true;
            self.hw.advance_to(end);
            mock::played(self.hw, &mut |runs| self.ledger.played(runs));
        }
    }
}
