//! The race of August 2020, step by step, on models of Linux 5.4 and 5.8; and the orders that do no harm.
//!
//! O is the old descriptor, with the number 1; N is the new one, 2.

mod hw_support;

use backend_mock::hw::{Hw, Nanos, StopLatency};
use backend_mock::linux::{
    Callback, Cookie, DescId, Freed, LinuxChannel, List, Status, UseAfterFree, Version, Violation,
};
use hw_support::*;

const O: DescId = DescId(1);
const N: DescId = DescId(2);
/// As reported: 15 periods of 256 bytes.
const LEN: u32 = 15 * 256;
const PERIOD: u32 = 256;

struct Bench {
    hw: Hw,
    old: (Memory, u64),
    new: (Memory, u64),
}

/// An engine that stops after 1 ms, a microphone with a frame each 10 µs, and two rings.
fn bench() -> Bench {
    let hw = hw(StopLatency::After(us(1000)));
    hw.attach(0, recorder(stream(EASY), 1_000_000));
    let ring = || {
        let memory = Memory::filled(LEN as usize, 0);
        let bus = memory.map(&hw);
        (memory, bus)
    };
    let (old, new) = (ring(), ring());
    Bench { hw, old, new }
}

impl Bench {
    /// A channel with O running and one period of it delivered: row 1 of the time line, and its time 0.
    fn running(&self, version: Version) -> LinuxChannel<'_> {
        let mut channel = LinuxChannel::new(&self.hw, 0, version, LinuxChannel::WORKER_DELAY);
        assert_eq!(channel.prep_cyclic(self.old.1, LEN, PERIOD, false), O);
        assert_eq!(channel.submit(O), Ok(Cookie(1)));
        channel.issue_pending();
        self.hw.advance_to(us(640));
        assert_eq!(channel.interrupt(), [period(O, O, us(640))]);
        channel
    }

    fn prep_new(&self, channel: &mut LinuxChannel<'_>) {
        assert_eq!(channel.prep_cyclic(self.new.1, LEN, PERIOD, false), N);
    }

    /// Time of the time line.
    fn at(&self, micros: u64) {
        self.hw.advance_to(us(640 + micros));
    }

    fn run_worker(&self, channel: &mut LinuxChannel<'_>) -> Vec<Freed> {
        self.hw.advance_to(channel.worker_due().unwrap());
        channel.run_worker()
    }
}

fn period(desc: DescId, moved_by: DescId, at: Nanos) -> Callback {
    Callback { desc, moved_by, periods: 1, at }
}

fn lists(channel: &LinuxChannel<'_>) -> String {
    channel.lists().to_string()
}

fn freed(desc: DescId, from: List) -> Freed {
    Freed { desc, from }
}

const GONE: Status = Status::InProgress { residue: 0 };

#[test]
fn the_reported_time_line_on_5_4() {
    let bench = bench();
    let mut channel = bench.running(Version::V5_4);
    assert_eq!(lists(&channel), "ISS {1}, ACT 1");
    assert_eq!(channel.tx_status(Cookie(1)), Status::InProgress { residue: LEN - PERIOD });

    // STOP, in the interrupt that found the xrun. Nothing is moved.
    bench.at(66);
    channel.terminate_async();
    assert_eq!(lists(&channel), "ISS {1}, ACT 1");
    assert_eq!(channel.tx_status(Cookie(1)), Status::Error { residue: LEN - PERIOD });

    // The reader comes back while the worker sleeps.
    bench.at(324);
    bench.prep_new(&mut channel);
    assert_eq!(lists(&channel), "ALLOC {2}, ISS {1}, ACT 1");
    bench.at(537);
    assert_eq!(channel.submit(N), Ok(Cookie(2)));
    assert_eq!(lists(&channel), "SUBM {2}, ISS {1}, ACT 1");
    bench.at(547);
    channel.issue_pending();
    assert_eq!(lists(&channel), "ISS {1, 2}, ACT 1");
    assert_eq!(channel.check(), Ok(()));

    // The hardware was not started: it stops in its time.
    bench.at(1066);
    assert!(!bench.hw.is_touching(0));

    assert_eq!(channel.worker_due(), Some(us(640 + 66 + 1400)));
    bench.at(1465);
    assert_eq!(channel.run_worker(), []);
    bench.at(1584);
    let both = [freed(O, List::Issued), freed(N, List::Issued)];
    assert_eq!(channel.run_worker(), both);
    assert_eq!(lists(&channel), "all empty");
    let terminated = us(640 + 66);
    let violation = Violation::FreedTooYoung { desc: N, terminated };
    assert_eq!(channel.check(), Err(violation));

    // Ten seconds later the reader gives up. Nothing has happened, and nothing will.
    channel.interrupt();
    bench.at(10_564_461);
    assert_eq!(channel.interrupt(), []);
    assert_eq!(channel.tx_status(Cookie(2)), GONE);
    assert_eq!((bench.hw.next_news(), channel.worker_due()), (None, None));
    assert_eq!(bench.new.0.bytes(), [0; LEN as usize]);
}

#[test]
fn on_5_4_the_worker_takes_the_new_one_from_any_list() {
    for (steps, from) in [(0, List::Allocated), (1, List::Submitted), (2, List::Issued)] {
        let bench = bench();
        let mut channel = bench.running(Version::V5_4);
        channel.terminate_async();
        bench.prep_new(&mut channel);
        if steps > 0 {
            channel.submit(N).unwrap();
        }
        if steps > 1 {
            channel.issue_pending();
        }
        let worker = bench.run_worker(&mut channel);
        assert!(worker.contains(&freed(N, from)) && worker.contains(&freed(O, List::Issued)));
        assert!(channel.check().is_err());
    }
}

#[test]
fn on_5_8_the_restart_runs_the_old_program() {
    let bench = bench();
    let mut channel = bench.running(Version::V5_8);
    assert_eq!(lists(&channel), "ACT 1");
    bench.at(66);
    channel.terminate_async();
    assert_eq!(lists(&channel), "TERM {1}");
    bench.prep_new(&mut channel);
    assert_eq!(lists(&channel), "ALLOC {2}, TERM {1}");
    channel.submit(N).unwrap();
    assert_eq!(lists(&channel), "SUBM {2}, TERM {1}");
    channel.issue_pending();
    assert_eq!(lists(&channel), "TERM {1}, ACT 2");
    assert_eq!(channel.check(), Ok(()));

    // The stop was taken back, and O's program goes on. Its periods count as N's.
    bench.at(640);
    assert_eq!(channel.interrupt(), [period(N, O, us(1280))]);
    assert_eq!(channel.tx_status(Cookie(2)), Status::InProgress { residue: LEN - PERIOD });
    assert_eq!(bench.hw.progress(0).tag, O.0);

    // The worker frees O alone, but under the engine.
    assert_eq!(bench.run_worker(&mut channel), [freed(O, List::Terminated)]);
    assert_eq!(lists(&channel), "ACT 2");
    assert_eq!(channel.check(), Err(Violation::FreedInUse(O)));
    bench.hw.unmap(bench.old.1);
    bench.at(10_000);
    assert!(bench.hw.late_accesses() > 0);
    assert_eq!(bench.new.0.bytes(), [0; LEN as usize]);
}

#[test]
fn on_5_8_a_restart_after_the_stop_and_before_the_worker_is_no_better() {
    let bench = bench();
    let mut channel = bench.running(Version::V5_8);
    channel.terminate_async();
    bench.at(1200);
    assert!(!bench.hw.is_touching(0));
    bench.prep_new(&mut channel);
    channel.submit(N).unwrap();
    channel.issue_pending();
    assert!(bench.hw.is_touching(0));
    assert_eq!(bench.hw.progress(0).tag, O.0);
}

#[test]
fn on_5_8_the_worker_between_prep_and_submit_is_a_use_after_free() {
    let bench = bench();
    let mut channel = bench.running(Version::V5_8);
    channel.terminate_async();
    bench.prep_new(&mut channel);
    let both = [freed(N, List::Allocated), freed(O, List::Terminated)];
    assert_eq!(bench.run_worker(&mut channel), both);
    assert_eq!(lists(&channel), "all empty");
    assert!(matches!(channel.check(), Err(Violation::FreedTooYoung { desc: N, .. })));
    assert_eq!(channel.submit(N), Err(UseAfterFree(N)));
    assert_eq!(lists(&channel), "all empty");
}

#[test]
fn on_5_8_the_worker_between_submit_and_issue_leaves_nothing_to_start() {
    let bench = bench();
    let mut channel = bench.running(Version::V5_8);
    channel.terminate_async();
    bench.prep_new(&mut channel);
    channel.submit(N).unwrap();
    let both = [freed(N, List::Submitted), freed(O, List::Terminated)];
    assert_eq!(bench.run_worker(&mut channel), both);
    channel.issue_pending();
    assert_eq!(lists(&channel), "all empty");
    assert!(!bench.hw.is_touching(0));
    assert_eq!(channel.tx_status(Cookie(2)), GONE, "for ever");
    assert!(matches!(channel.check(), Err(Violation::FreedTooYoung { desc: N, .. })));
}

/// The order that the rule asks for: nothing is prepared before the worker has run.
fn restart_after_the_worker(version: Version, use_synchronize: bool) {
    let bench = bench();
    let mut channel = bench.running(version);
    channel.terminate_async();
    let worker = if use_synchronize { channel.synchronize() } else { bench.run_worker(&mut channel) };
    assert_eq!(worker.iter().map(|freed| freed.desc).collect::<Vec<_>>(), [O]);
    assert_eq!((lists(&channel).as_str(), channel.worker_due()), ("all empty", None));
    channel.interrupt();
    bench.prep_new(&mut channel);
    channel.submit(N).unwrap();
    channel.issue_pending();
    let restarted = bench.hw.now();
    bench.hw.advance_to(restarted + us(640));
    assert_eq!(channel.interrupt(), [period(N, N, restarted + us(640))]);
    assert_eq!(bench.hw.progress(0).tag, N.0);
    assert_eq!(bench.new.0.frames()[..64], (205..=268).collect::<Vec<_>>());
    assert_eq!(channel.tx_status(Cookie(2)), Status::InProgress { residue: LEN - PERIOD });
    let verdict = channel.check();
    if version == Version::V5_8 && use_synchronize {
        assert_eq!(verdict, Err(Violation::FreedInUse(O)), "freed before the wait");
    } else {
        assert_eq!(verdict, Ok(()));
    }
}

#[test]
fn a_restart_after_the_worker_is_sound_on_both() {
    restart_after_the_worker(Version::V5_4, false);
    restart_after_the_worker(Version::V5_8, false);
}

#[test]
fn a_restart_after_synchronize_recovers_on_both() {
    restart_after_the_worker(Version::V5_4, true);
    restart_after_the_worker(Version::V5_8, true);
}

#[test]
fn a_late_period_is_the_active_descriptors_or_lost() {
    let old = bench();
    let mut channel = old.running(Version::V5_4);
    channel.terminate_async();
    old.at(700);
    assert_eq!(channel.interrupt(), [period(O, O, us(1280))], "delivered after terminate");

    let new = bench();
    let mut channel = new.running(Version::V5_8);
    channel.terminate_async();
    new.at(700);
    assert_eq!(channel.interrupt(), [], "nothing is active");
}

#[test]
fn a_second_terminate_while_the_worker_sleeps_runs_it_once_more() {
    let bench = bench();
    let mut channel = bench.running(Version::V5_8);
    channel.terminate_async();
    bench.at(500);
    bench.prep_new(&mut channel);
    channel.submit(N).unwrap();
    channel.issue_pending();
    channel.terminate_async();
    assert_eq!(lists(&channel), "TERM {1, 2}");
    let first = channel.worker_due().unwrap();
    assert_eq!(first, us(640 + 1400));
    let both = [freed(O, List::Terminated), freed(N, List::Terminated)];
    assert_eq!(bench.run_worker(&mut channel), both, "N 0.9 ms after its stop");
    assert_eq!(channel.worker_due(), Some(first + us(1400)));
    assert_eq!(bench.run_worker(&mut channel), []);
    assert_eq!(channel.worker_due(), None);
}

#[test]
fn terminate_with_nothing_active_leaves_what_is_queued() {
    for version in [Version::V5_4, Version::V5_8] {
        let bench = bench();
        let mut channel = LinuxChannel::new(&bench.hw, 0, version, us(1));
        channel.prep_cyclic(bench.old.1, LEN, PERIOD, false);
        channel.submit(O).unwrap();
        channel.terminate_async();
        assert_eq!((lists(&channel).as_str(), channel.worker_due()), ("SUBM {1}", None));
        assert_eq!(channel.tx_status(Cookie(1)), Status::Error { residue: 0 });
        assert_eq!(channel.tx_status(Cookie(2)), Status::Complete, "never handed out");
        channel.issue_pending();
        assert!(bench.hw.is_touching(0));
    }
}

#[test]
fn prep_stops_what_runs() {
    for version in [Version::V5_4, Version::V5_8] {
        let bench = bench();
        let mut channel = bench.running(version);
        bench.prep_new(&mut channel);
        bench.at(1000);
        assert!(!bench.hw.is_touching(0));
        assert_eq!(channel.lists().active, Some(O));
    }
}

#[test]
fn residue_steps_by_periods_and_a_round_ends_at_zero() {
    let bench = bench();
    let mut channel = bench.running(Version::V5_8);
    for done in 2..=16 {
        bench.hw.advance_to(us(640 * done));
        channel.interrupt();
        let left = (30 - done as u32) % 15 * PERIOD;
        assert_eq!(channel.tx_status(Cookie(1)), Status::InProgress { residue: left });
    }
}

#[test]
fn the_models_name_their_descriptors_to_the_hardware() {
    let bench = bench();
    let channel = bench.running(Version::V5_4);
    assert_eq!(bench.hw.progress(0).tag, O.0);
    // The checkers' view of the same race: O writes memory that N has claimed.
    bench.hw.claim(bench.old.1, N.0);
    bench.at(640);
    assert_eq!(bench.hw.late_accesses(), 64);
    let last = *bench.hw.log().last().unwrap();
    assert!(last.tag == O.0 && last.late);
    assert_eq!(channel.check(), Ok(()));
}
