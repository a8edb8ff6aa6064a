//! The conformance suite, on the mock: all of it, in virtual time.

use std::sync::{Arc, OnceLock};

use backend_mock::hw::{Nanos, Peripheral, Source, StopLatency, StreamConfig};
use backend_mock::{Cpu, Mock, MockConfig};
use dmaengine_core::conformance::{self, Abilities, Controller, Counter, Rig, Scale, Sink};
use dmaengine_core::{Atomic, BusAddr, BusWidth, Dma, Micros, SlaveConfig, Sleepable};

/// A mock that stops within a millisecond and copies a byte in a microsecond, recorders that count, and players.
struct Bench(Dma<Mock, 2>, Abled);

type Abled = fn() -> Abilities<Mock>;

fn bench() -> Bench {
    bench_with(1_000, || {
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
    })
}

/// One that stops as fast as that, and declares no more than those abilities.
fn bench_with(stop: u64, abilities: Abled) -> Bench {
    let stop_latency = Micros(stop);
    let config = MockConfig { copy_bytes_per_us: 1, stop_latency, ..MockConfig::default() };
    Bench(Dma::new(Mock::new(config)), abilities)
}

/// A second of frames, each its own number, made once.
fn frames() -> Arc<[u8]> {
    static FRAMES: OnceLock<Arc<[u8]>> = OnceLock::new();
    FRAMES.get_or_init(|| (1..=100_000_u32).flat_map(u32::to_le_bytes).collect()).clone()
}

impl Rig for Bench {
    type Engine = Mock;

    fn dma(&self) -> &dyn Controller<Mock> {
        &self.0
    }

    fn abilities(&self) -> Abilities<Mock> {
        (self.1)()
    }

    fn thread(&self, handler: &dyn Fn(&Atomic<'_>), body: &mut dyn FnMut(&mut Sleepable<'_>)) {
        Cpu::new(self.0.engine(), handler).thread(body);
    }

    fn counter(&self, channel: u8) -> Option<Counter<()>> {
        // A frame of four bytes each 10 us; the FIFO holds 32.
        let source = Source { frames: frames(), repeat: 1 };
        let stream = StreamConfig { rate: 100_000, ..StreamConfig::default() };
        self.0.engine().hw().attach(usize::from(channel), Peripheral::recorder(stream, source));
        let config = SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Four, ());
        Some(Counter { config, period: 200, period_time: Micros(500), patience: Micros(300) })
    }

    fn sink(&self, channel: u8) -> Option<Sink<'_, ()>> {
        let (hw, channel) = (self.0.engine().hw(), usize::from(channel));
        hw.attach(channel, Peripheral::player(StreamConfig { rate: 100_000, ..StreamConfig::default() }));
        let config = SlaveConfig::new(BusAddr(0x0202_8000), BusWidth::Four, ());
        let taken = move || hw.with_peripheral(channel, |player| player.received()).unwrap_or_default();
        Some(Sink { config, period: 200, period_time: Micros(500), taken: Box::new(taken) })
    }

    fn ignore_stops(&self, ignore: bool) -> bool {
        let usual = StopLatency::After(Nanos::from_micros(1_000));
        self.0.engine().hw().set_stop_latency(if ignore { StopLatency::Never } else { usual });
        true
    }

    fn trespasses(&self) -> Option<u64> {
        let hw = self.0.engine().hw();
        Some(hw.late_accesses() + hw.faults())
    }

    fn scale(&self) -> Scale {
        Scale { brief: Micros::ZERO, long: 1 << 14, ..Scale::default() }
    }
}

conformance::suite!(bench);

#[test]
fn the_summary_accounts_for_every_statement() {
    let summary = conformance::run_all(bench);
    assert!(summary.failed.is_empty(), "{summary}");
    assert_eq!(summary.run + summary.skipped.len() + summary.by_construction, conformance::STATEMENTS, "{summary}");
    let skipped: Vec<_> = summary.skipped.iter().map(|skipped| skipped.number).collect();
    assert_eq!(skipped, [19], "the mock's residue is by burst, and it has every ability: {summary}");
}

/// What an engine cannot do is skipped, and does not make anything else fail.
#[test]
fn an_engine_with_fewer_abilities_is_tried_as_far_as_it_goes() {
    let engines: [(&str, Abled, usize); 9] = [
        ("none", Abilities::none, 0),
        ("memcpy", || Abilities::none().memcpy(), 30),
        ("memset", || Abilities::none().memset(), 1),
        ("interleaved", || Abilities::none().interleaved(), 2),
        ("interleaved_slave", || Abilities::none().interleaved_slave(), 10),
        ("cyclic", || Abilities::none().cyclic(), 10),
        ("slave_sg", || Abilities::none().slave_sg(), 10),
        ("cyclic slave_sg pause", || Abilities::none().cyclic().slave_sg().pause(), 30),
        ("memcpy pause queue", || Abilities::none().memcpy().pause().terminate_atomic().queue_after_stop(), 30),
    ];
    for (name, abilities, at_least) in engines {
        for stop in [1_000, 0] {
            let summary = conformance::run_all(|| bench_with(stop, abilities));
            assert!(summary.failed.is_empty(), "{name}, {stop} us: {summary}");
            assert!(summary.run >= at_least, "{name}, {stop} us: {summary}");
            let repeats = summary.skipped.iter().all(|skipped| skipped.number != 65);
            assert_eq!(
                repeats,
                name.starts_with("interleaved"),
                "without the ability it is skipped, visibly: {summary}"
            );
        }
    }
}
