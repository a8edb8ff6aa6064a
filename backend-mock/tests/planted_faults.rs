//! Each statement of the conformance suite can fail: a fault was planted for each that a backend can break, and the table
//! says which statements tell of which fault.
//!
//! A fault that nothing tells of, a statement that tells of no fault, and a statement that tells of a fault it is not listed
//! with are failures of these tests. Statements that only the library itself could break are not here; their `Keeper` says
//! why.

use std::sync::{Arc, OnceLock};

use backend_mock::faulty::{Fault, Faulty};
use backend_mock::hw::{Nanos, Peripheral, Source, StopLatency, StreamConfig};
use backend_mock::{Cpu, MockConfig};
use dmaengine_core::conformance::{self, Abilities, Controller, Counter, Keeper, Rig, Scale, Sink};
use dmaengine_core::{Atomic, BusAddr, BusWidth, Dma, Micros, ResidueGranularity, SlaveConfig, Sleepable};

/// An engine with a fault, or with none.
struct Bench(Dma<Faulty, 2>);

fn config() -> MockConfig {
    MockConfig { copy_bytes_per_us: 1, ..MockConfig::default() }
}

fn bench(fault: Option<Fault>) -> Bench {
    Bench(Dma::new(Faulty::new(config(), fault)))
}

/// A second of frames, each its own number, made once.
fn frames() -> Arc<[u8]> {
    static FRAMES: OnceLock<Arc<[u8]>> = OnceLock::new();
    FRAMES.get_or_init(|| (1..=100_000_u32).flat_map(u32::to_le_bytes).collect()).clone()
}

impl Rig for Bench {
    type Engine = Faulty;

    fn dma(&self) -> &dyn Controller<Faulty> {
        &self.0
    }

    fn abilities(&self) -> Abilities<Faulty> {
        Abilities::none()
            .memcpy()
            .memset()
            .interleaved()
            .interleaved_slave()
            .cyclic()
            .slave_sg()
            .pause()
            .terminate_atomic()
            .queue_after_stop()
    }

    fn thread(&self, handler: &dyn Fn(&Atomic<'_>), body: &mut dyn FnMut(&mut Sleepable<'_>)) {
        self.0.engine().mock().hw().set_log(false);
        Cpu::new(self.0.engine().mock(), handler).thread(body);
    }

    fn counter(&self, channel: u8) -> Option<Counter<()>> {
        let source = Source { frames: frames(), repeat: 1 };
        let stream = StreamConfig { rate: 100_000, ..StreamConfig::default() };
        self.0.engine().mock().hw().attach(usize::from(channel), Peripheral::recorder(stream, source));
        let config = SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Four, ());
        Some(Counter { config, period: 200, period_time: Micros(500), patience: Micros(300) })
    }

    fn sink(&self, channel: u8) -> Option<Sink<'_, ()>> {
        let (hw, channel) = (self.0.engine().mock().hw(), usize::from(channel));
        hw.attach(channel, Peripheral::player(StreamConfig { rate: 100_000, ..StreamConfig::default() }));
        let config = SlaveConfig::new(BusAddr(0x0202_8000), BusWidth::Four, ());
        let taken = move || hw.with_peripheral(channel, |player| player.received()).unwrap_or_default();
        Some(Sink { config, period: 200, period_time: Micros(500), taken: Box::new(taken) })
    }

    fn ignore_stops(&self, ignore: bool) -> bool {
        let usual = StopLatency::After(Nanos::from_micros(1_000));
        self.0.engine().mock().hw().set_stop_latency(if ignore { StopLatency::Never } else { usual });
        true
    }

    fn trespasses(&self) -> Option<u64> {
        let hw = self.0.engine().mock().hw();
        Some(hw.late_accesses() + hw.faults())
    }

    fn scale(&self) -> Scale {
        Scale { brief: Micros::ZERO, long: 1 << 14, rounds: 120, ..Scale::default() }
    }
}

/// A fault, the statements made for it, and those that it trips besides because they build on what is broken.
struct Planted {
    fault: Fault,
    meant: &'static [u8],
    also: &'static [u8],
}

const fn planted(fault: Fault, meant: &'static [u8], also: &'static [u8]) -> Planted {
    Planted { fault, meant, also }
}

const TABLE: &[Planted] = &[
    planted(Fault::PrepareTouches, &[1, 2], &[3, 38, 44, 65]),
    planted(Fault::StartsAtPrepare, &[1, 2], &[71, 73]),
    planted(Fault::StartsNextByItself, &[3], &[50]),
    planted(Fault::SlowPrepare, &[7, 8], &[]),
    planted(
        Fault::FirstStartLost,
        &[4],
        &[2, 3, 5, 6, 7, 8, 9, 14, 16, 20, 24, 25, 29, 30, 32, 40, 43, 51, 53, 57, 65, 67, 68, 69, 71, 73],
    ),
    planted(Fault::DeafAfterStop, &[47, 48, 51], &[17, 37, 38, 45, 46, 49, 50, 60, 65, 68, 70, 72, 73]),
    planted(Fault::OldProgramAfterStop, &[48, 51], &[17, 36, 37, 38, 45, 46, 47, 49, 50, 62, 65, 68, 70, 72, 73]),
    planted(Fault::OldPositionAfterStop, &[48, 50], &[17, 38, 45, 46, 68, 70, 73]),
    planted(
        Fault::DoneTooEarly,
        &[14, 67, 69],
        &[2, 3, 4, 5, 6, 7, 8, 9, 17, 24, 29, 38, 43, 45, 46, 48, 50, 65, 68, 70, 71, 73],
    ),
    planted(
        Fault::DoneNotTold,
        &[6, 16],
        &[2, 3, 4, 5, 7, 8, 9, 14, 17, 24, 29, 38, 43, 45, 46, 48, 65, 67, 68, 69, 70, 71],
    ),
    planted(Fault::DoneForTheNextToo, &[14], &[4, 6, 7, 24, 29, 50, 65]),
    planted(Fault::RunsTwice, &[67], &[2, 3, 38, 50, 68, 71]),
    planted(Fault::OtherChannelsNewsLost, &[29], &[]),
    planted(Fault::OldNewsUnderTheNewNumber, &[49], &[50]),
    planted(Fault::PeriodsNotCounted, &[30], &[]),
    planted(Fault::PeriodsInvented, &[30], &[49, 65]),
    planted(Fault::ProgressAhead, &[22], &[32, 48, 68, 72]),
    planted(Fault::ProgressWraps, &[20], &[30, 65]),
    planted(Fault::ProgressStuck, &[20], &[30, 32, 36, 48, 49, 51, 65]),
    planted(Fault::FinerThanDescriptor, &[19], &[]),
    planted(Fault::FinerThanSegment, &[20], &[]),
    planted(Fault::PauseIgnored, &[32], &[]),
    planted(Fault::ResumeIgnored, &[32], &[]),
    planted(Fault::ResumeStartsOver, &[32], &[]),
    planted(Fault::StopOfPausedIgnored, &[36], &[]),
    planted(
        Fault::StopIgnored,
        &[25, 38, 52, 59, 60],
        &[
            17, 18, 20, 21, 22, 23, 30, 32, 33, 36, 37, 39, 40, 41, 42, 44, 45, 46, 47, 48, 49, 50, 51, 53, 57, 62, 63,
            65, 68, 70, 71, 72, 73,
        ],
    ),
    planted(Fault::SlowTerminate, &[37], &[60]),
    planted(Fault::StopLongerThanDeclared, &[59, 60], &[47, 49]),
    planted(Fault::StopHitsNeighbour, &[68], &[]),
    planted(
        Fault::IsStoppedLies,
        &[41, 44, 52, 62],
        &[17, 37, 38, 45, 46, 47, 48, 50, 51, 57, 59, 60, 65, 68, 70, 72, 73],
    ),
    planted(Fault::StopNeedsTheInterrupt, &[60], &[49]),
    planted(Fault::StoppedNotTold, &[46], &[]),
    planted(Fault::QueueTakesTheStopBack, &[46, 47], &[44, 50]),
    planted(Fault::ResetLies, &[57], &[]),
    planted(Fault::DeniesPause, &[35], &[]),
    planted(Fault::NotReleased, &[8, 51, 63], &[50, 67]),
    planted(Fault::CopyTailMissing, &[67], &[]),
    planted(Fault::CopyTooLong, &[67], &[]),
    planted(Fault::CopyShifted, &[67], &[2, 3, 4, 5, 6, 7, 8, 9, 14, 17, 24, 29, 38, 43, 45, 46, 48, 50, 68, 69, 70]),
    planted(Fault::FillsWrongByte, &[67], &[]),
    planted(Fault::FillTooLong, &[67], &[]),
    planted(Fault::GapsOverwritten, &[67], &[]),
    planted(Fault::LastPieceMissing, &[67], &[]),
    planted(Fault::DeviceGapsOverwritten, &[67], &[65]),
    planted(Fault::DeviceGapsFilled, &[67], &[65]),
    planted(Fault::DeviceLastPieceMissing, &[67], &[65]),
    planted(Fault::DeviceRepeatsOnce, &[65], &[]),
    planted(Fault::RepeatsOnce, &[65], &[]),
    planted(Fault::RoundsNotTold, &[65], &[]),
    planted(Fault::EndRepeatIgnored, &[65], &[]),
    planted(Fault::EndRepeatAtOnce, &[65], &[]),
    planted(Fault::EndRepeatLate, &[65], &[]),
    planted(Fault::EndRepeatSticks, &[65], &[]),
    planted(Fault::PlaysFramesSwapped, &[71], &[73]),
    planted(Fault::PlaysASegmentTwice, &[71], &[]),
    planted(Fault::PlaysASegmentShort, &[71], &[73]),
    planted(Fault::PlaysARingShort, &[71], &[]),
    planted(Fault::PlaysAhead, &[72], &[]),
    planted(Fault::PlaysOn, &[73], &[72]),
];

/// A row of the table as it turned out, and whether that is how it is written.
fn tried(row: &Planted) -> (bool, String) {
    let summary = conformance::run_all(|| bench(Some(row.fault)));
    let tripped: Vec<u8> = summary.failed.iter().map(|failure| failure.number).collect();
    let mut listed = [row.meant, row.also].concat();
    listed.sort_unstable();
    if tripped == listed && !row.meant.is_empty() {
        return (true, format!("{:?}: {tripped:?}\n", row.fault));
    }
    let seen = summary.failed.iter().map(|failure| format!("    {}: {}\n", failure.number, failure.seen));
    let seen: String = seen.collect();
    (false, format!("{:?}: NOT AS LISTED\n  trips {tripped:?}\n  listed {listed:?}\n{seen}", row.fault))
}

#[test]
fn each_fault_is_caught_by_the_statements_meant_for_it_and_only_by_those_listed() {
    let rows: Vec<(bool, String)> = std::thread::scope(|scope| {
        let quarter = TABLE.len().div_ceil(4);
        let parts: Vec<_> =
            TABLE.chunks(quarter).map(|part| scope.spawn(|| part.iter().map(tried).collect())).collect();
        parts.into_iter().flat_map(|part| -> Vec<_> { part.join().unwrap() }).collect()
    });
    let table: String = rows.iter().map(|(_, row)| row.as_str()).collect();
    assert!(rows.iter().all(|(as_listed, _)| *as_listed), "{table}");
}

#[test]
fn a_failure_says_what_was_promised_what_was_seen_and_where_it_is_written() {
    let summary = conformance::run_all(|| bench(Some(Fault::CopyTailMissing)));
    let text = summary.to_string();
    let [failure] = &*summary.failed else { panic!("{text}") };
    for part in [failure.name, failure.promise, failure.seen.as_str(), "statement 67", failure.source] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn every_fault_is_in_the_table_once() {
    for fault in Fault::ALL {
        let rows = TABLE.iter().filter(|row| row.fault == *fault).count();
        assert_eq!(rows, 1, "{fault:?}");
    }
}

#[test]
fn every_statement_that_a_backend_can_break_has_a_fault_made_for_it() {
    for statement in conformance::statements::<Bench>() {
        let meant = TABLE.iter().any(|row| row.meant.contains(&statement.number));
        assert_eq!(meant, statement.keeper == Keeper::Backend, "{}: {:?}", statement.name, statement.keeper);
    }
}

#[test]
fn without_a_fault_every_promise_is_kept_however_coarse_the_residue() {
    for residue in [ResidueGranularity::Descriptor, ResidueGranularity::Segment, ResidueGranularity::Burst] {
        let summary = conformance::run_all(|| Bench(Dma::new(Faulty::with_residue(config(), residue))));
        assert!(summary.failed.is_empty(), "{residue:?}: {summary}");
        assert_eq!(summary.skipped.len(), 1, "of 19 and 20 only one applies: {summary}");
    }
}
