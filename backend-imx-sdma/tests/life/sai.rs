//! The SAI of i.MX8M, with one data line and with several.

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::MultiFifo;
use backend_imx_sdma::regs::DoneLane;
use dmaengine_core::{BusWidth, Cyclic, Direction, Outcome};
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::peripheral::{Sai, SaiLines, Source};
use sim_imx_sdma::time::Clock;

use crate::bench::{Bench, buffer, go_round, items, line, packed, slave};

const BASE: u32 = 0x3001_0000;
const TDR: u32 = BASE + 0x20;
const RDR: u32 = BASE + 0xA0;
const FOUR: BusWidth = BusWidth::Four;

/// SAI1 with so many data lines each way, whose FIFOs ask for `watermark` words each.
fn sai(bench: &Bench, fifos: u8, watermark: u8) -> Handle<Sai> {
    let sai = bench.add(BASE, Sai::new(Clock::IMX6, 96_000, SaiLines { rx: 0, tx: 1 }));
    bench.device(sai, |sai, now| sai.set_up(now, fifos, watermark));
    sai
}

/// Each FIFO's words, of a stream that gives each `words` in its turn.
fn dealt(stream: &[u32], fifos: usize, words: usize) -> Vec<Vec<u32>> {
    let of = |fifo| stream.chunks(words).skip(fifo).step_by(fifos).flatten().copied().collect();
    (0..fifos).map(of).collect()
}

/// Sends with nobody playing, as much as the FIFOs hold; then plays. So no FIFO runs empty in between.
fn sent(fifos: u8, config: MultiFifo, burst: u16, words: &[u32]) -> Vec<Vec<u32>> {
    let bench = Bench::imx8m();
    let sai = sai(&bench, fifos, 1);
    bench.run(|cpu, context| {
        bench.device(sai, |sai, now| sai.request_tx(now, true));
        let config = slave(TDR, FOUR, burst, Peripheral::multi_sai(line(1), config));
        assert_eq!(bench.send(context, &config, &packed(words, FOUR), || ()), Outcome::Completed);
        bench.device(sai, Sai::start_tx);
        bench.pass(cpu, 2_000);
    });
    bench.device(sai, |sai, _| (0..fifos.into()).map(|n| sai.taken(n).to_vec()).collect())
}

#[test]
fn one_data_line_both_ways() {
    let bench = Bench::imx8m();
    let sai = sai(&bench, 1, 16);
    let words = items(320, FOUR);
    bench.device(sai, |sai, _| sai.give(0, Source::Words(words.repeat(2))));
    bench.run(|cpu, context| {
        let bytes = packed(&words, FOUR);
        let config = slave(TDR, FOUR, 16, Peripheral::sai(line(1)));
        bench.device(sai, |sai, now| sai.request_tx(now, true));
        let begin = || {
            bench.pass(cpu, 10);
            bench.device(sai, Sai::start_tx);
        };
        assert_eq!(bench.send(context, &config, &bytes, begin), Outcome::Completed);
        bench.pass(cpu, 3_000);
        let config = slave(RDR, FOUR, 16, Peripheral::sai(line(0)));
        let received = bench.receive(context, &config, bytes.len(), || bench.device(sai, Sai::start_rx));
        assert_eq!(received, (Outcome::Completed, bytes));
    });
    bench.device(sai, |sai, _| assert_eq!(sai.taken(0), words));
}

#[test]
fn several_fifos_are_sent_to_in_turn() {
    let words = items(192, FOUR);
    for fifos in [1, 2, 4, 8] {
        let config = MultiFifo::new(fifos).unwrap();
        assert_eq!(sent(fifos, config, 8 * u16::from(fifos), &words[..64]), dealt(&words[..64], fifos.into(), 1));
    }
    let pairs = MultiFifo::new(3).unwrap().with_words_per_fifo(2).unwrap();
    assert_eq!(sent(3, pairs, 24, &words), dealt(&words, 3, 2));
    // The first and the third of three.
    let apart = MultiFifo::new(2).unwrap().with_stride(1).unwrap();
    let mut expected = dealt(&words[..128], 2, 1);
    expected.insert(1, vec![]);
    assert_eq!(sent(3, apart, 16, &words[..128]), expected);
}

#[test]
fn several_fifos_are_received_from_in_turn() {
    for (fifos, config) in [
        (2, MultiFifo::new(2).unwrap()),
        (4, MultiFifo::new(4).unwrap()),
        (2, MultiFifo::new(2).unwrap().with_words_per_fifo(4).unwrap()),
    ] {
        let bench = Bench::imx8m();
        let sai = sai(&bench, fifos, 8);
        let per_fifo = if config == MultiFifo::new(fifos).unwrap() { 1 } else { 4 };
        let words = items(256, FOUR);
        for (n, mut given) in dealt(&words, fifos.into(), per_fifo).into_iter().enumerate() {
            given.resize(200, 0);
            bench.device(sai, |sai, _| sai.give(n, Source::Words(given)));
        }
        bench.run(|_, context| {
            let config = slave(RDR, FOUR, 8 * u16::from(fifos), Peripheral::multi_sai(line(0), config));
            let received = bench.receive(context, &config, 1024, || bench.device(sai, Sai::start_rx));
            assert_eq!(received, (Outcome::Completed, packed(&words, FOUR)), "{fifos} FIFOs");
        });
    }
}

/// These scripts leave in a descriptor what they have not moved: 0 in a full one, which counts as a whole period.
#[test]
fn positions_of_a_ring_count_what_was_moved_and_not_what_remains() {
    let bench = Bench::imx8m();
    let sai = sai(&bench, 2, 8);
    bench.run(|cpu, context| {
        let config = slave(RDR, FOUR, 16, Peripheral::multi_sai(line(0), MultiFifo::new(2).unwrap()));
        let request = Cyclic { direction: Direction::DevToMem, period: 128, config };
        let (active, _transfer) = go_round(bench.idle(0), &request, buffer(&[0; 512]));
        bench.device(sai, Sai::start_rx);
        // 16 words of each FIFO: 167 us.
        bench.pass(cpu, 167 * 6 + 30);
        assert_eq!(bench.periods(), (1..=6).map(|n| (1, 128 * n)).collect::<Vec<_>>());
        active.terminate_sync(context).unwrap();
    });
}

/// The script says that a request is served; the lane of it has to be on, also after the power was gone.
#[test]
fn a_software_done_has_its_lane_switched_on() {
    let bench = Bench::imx8m();
    sai(&bench, 2, 8);
    assert_eq!((bench.register(0x1000), bench.register(0x1004)), (0, 0));
    bench.run(|_, context| {
        for lane in [0, 6] {
            let fifos = MultiFifo::new(2).unwrap().with_software_done(DoneLane::new(lane).unwrap());
            let config = slave(RDR, FOUR, 16, Peripheral::multi_sai(line(0), fifos));
            let request = Cyclic { direction: Direction::DevToMem, period: 128, config };
            let (active, _transfer) = go_round(bench.idle(0), &request, buffer(&[0; 512]));
            active.terminate_sync(context).unwrap();
        }
        assert_eq!((bench.register(0x1000), bench.register(0x1004)), (0x80, 0x80_0000));
        bench.dma.engine().suspend().unwrap();
        bench.board().lose_power();
        bench.dma.engine().resume(context).unwrap();
        assert_eq!((bench.register(0x1000), bench.register(0x1004)), (0x80, 0x80_0000));
    });
}
