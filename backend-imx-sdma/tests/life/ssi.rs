//! The SSI of i.MX6, by all of its scripts and in all widths: what was in memory is on the wire, and the other way round.

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::{Priority, RequestLine};
use dmaengine_core::error::PrepError;
use dmaengine_core::{BusWidth, Cyclic, Direction, Outcome};
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::peripheral::{Source, Ssi, SsiLines};
use sim_imx_sdma::time::Clock;

use crate::bench::{Bench, buffer, go_round, items, line, packed, slave};

const BASE: u32 = 0x0202_8000;
const WIDTHS: [BusWidth; 4] = [BusWidth::One, BusWidth::Two, BusWidth::Three, BusWidth::Four];
/// By the core's own bus, and behind the AHB.
const WAYS: [fn(RequestLine) -> Peripheral; 2] = [Peripheral::ssi_shared, Peripheral::ssi];

/// SSI1, asking for 8 words at a time.
fn ssi(bench: &Bench, is_dual: bool) -> Handle<Ssi> {
    let ssi = bench.add(BASE, Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1));
    bench.device(ssi, |ssi, now| ssi.set_up(now, 8, is_dual));
    ssi
}

#[test]
fn what_is_sent_is_on_the_wire_in_every_width() {
    for (width, peripheral) in WIDTHS.into_iter().flat_map(|width| WAYS.map(|way| (width, way(line(38))))) {
        let bench = Bench::new();
        let ssi = ssi(&bench, false);
        let words = items(300, width);
        bench.run(|cpu, context| {
            let config = slave(BASE, width, 8, peripheral);
            let outcome = bench.send(context, &config, &packed(&words, width), || bench.device(ssi, Ssi::start_tx));
            assert_eq!(outcome, Outcome::Completed);
            bench.pass(cpu, 1_000);
        });
        bench.device(ssi, |ssi, _| {
            assert_eq!(ssi.taken(0), words, "{width:?} {peripheral:?}");
        });
    }
}

#[test]
fn what_is_on_the_wire_arrives_in_every_width() {
    for (width, peripheral) in WIDTHS.into_iter().flat_map(|width| WAYS.map(|way| (width, way(line(37))))) {
        let bench = Bench::new();
        let ssi = ssi(&bench, false);
        let words = items(400, width);
        bench.device(ssi, |ssi, _| ssi.give(0, Source::Words(words.clone())));
        bench.run(|_, context| {
            let config = slave(BASE + 8, width, 8, peripheral);
            let len = 320 * usize::from(width.bytes());
            let (outcome, bytes) = bench.receive(context, &config, len, || bench.device(ssi, Ssi::start_rx));
            assert_eq!(outcome, Outcome::Completed);
            assert_eq!(bytes, packed(&words[..320], width), "{width:?} {peripheral:?}");
        });
    }
}

/// The last burst is a short one: it does not run over the end of the buffer.
#[test]
fn a_length_that_is_no_whole_number_of_bursts_ends_where_it_says() {
    let bench = Bench::new();
    let ssi = ssi(&bench, false);
    bench.device(ssi, |ssi, _| ssi.give(0, Source::Counter(1)));
    bench.run(|_, context| {
        let config = slave(BASE + 8, BusWidth::Four, 8, Peripheral::ssi_shared(line(37)));
        let (outcome, bytes) = bench.receive(context, &config, 4 * 21, || bench.device(ssi, Ssi::start_rx));
        assert_eq!((outcome, bytes), (Outcome::Completed, packed(&(1..=21).collect::<Vec<_>>(), BusWidth::Four)));
    });
}

#[test]
fn both_fifos_take_turns_both_ways() {
    let bench = Bench::with_firmware();
    let ssi = ssi(&bench, true);
    let words = items(240, BusWidth::Four);
    let every_other = |n| words.iter().copied().skip(n).step_by(2).collect::<Vec<_>>();
    for n in 0..2 {
        let mut given = every_other(n);
        given.resize(200, 0);
        bench.device(ssi, |ssi, _| ssi.give(n, Source::Words(given)));
    }
    bench.run(|cpu, context| {
        // One FIFO is never more than a word behind the other.
        let send = slave(BASE, BusWidth::Four, 12, Peripheral::ssi_dual(line(38)));
        let bytes = packed(&words, BusWidth::Four);
        bench.device(ssi, |ssi, now| ssi.request_tx(now, true));
        let begin = || {
            bench.pass(cpu, 10);
            bench.device(ssi, Ssi::start_tx);
        };
        assert_eq!(bench.send(context, &send, &bytes, begin), Outcome::Completed);
        bench.pass(cpu, 1_000);
        let receive = slave(BASE + 8, BusWidth::Four, 12, Peripheral::ssi_dual(line(37)));
        let received = bench.receive(context, &receive, bytes.len(), || bench.device(ssi, Ssi::start_rx));
        assert_eq!(received, (Outcome::Completed, bytes));
    });
    bench.device(ssi, |ssi, _| assert_eq!([ssi.taken(0), ssi.taken(1)], [every_other(0), every_other(1)]));
}

#[test]
fn half_a_pair_for_two_fifos_is_refused() {
    let bench = Bench::with_firmware();
    let idle = bench.idle(0);
    let refused = |burst, bytes: usize| {
        let config = slave(BASE, BusWidth::Four, burst, Peripheral::ssi_dual(line(38)));
        idle.prep_slave_sg_to_device([&*buffer(&vec![0; bytes])], &config).err().map(|kept| kept.error)
    };
    assert_eq!(refused(12, 96), None);
    assert_eq!(refused(11, 96), Some(PrepError::Misaligned { value: 44, align: 8 }));
    assert_eq!(refused(12, 100), Some(PrepError::Misaligned { value: 100, align: 8 }));
}

#[test]
fn a_ring_is_gone_round_and_tells_of_each_period() {
    let bench = Bench::new();
    let ssi = ssi(&bench, false);
    bench.device(ssi, |ssi, _| ssi.give(0, Source::Counter(1)));
    bench.run(|cpu, context| {
        let peripheral = Peripheral::ssi_shared(line(37)).with_priority(Priority::High);
        let config = slave(BASE + 8, BusWidth::Four, 8, peripheral);
        let request = Cyclic { direction: Direction::DevToMem, period: 64, config };
        let (active, transfer) = go_round(bench.idle(3), &request, buffer(&[0; 256]));
        bench.device(ssi, Ssi::start_rx);
        // A word takes 10.4 us, so a period of 16 words 167.
        bench.pass(cpu, 167 * 10 + 30);
        assert_eq!(bench.periods(), (1..=10).map(|n| (1, 64 * n)).collect::<Vec<_>>());
        let mut bytes = [0; 128];
        transfer.copy_out(0, &mut bytes).unwrap();
        assert_eq!(bytes[..], packed(&(129..=160).collect::<Vec<_>>(), BusWidth::Four));
        active.terminate_sync(context).unwrap();
        let ended = transfer.try_resolve().unwrap();
        // As far as the last whole burst: 10 periods, and none or one burst of 8 words.
        let Outcome::Aborted { residue } = ended.outcome else { panic!("{:?}", ended.outcome) };
        assert!([256 - 128, 256 - 128 - 32].contains(&residue), "{residue}");
    });
}
