//! From device to device: the sample rate converter gives, a sound interface takes, and no memory is in between.

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::Soc;
use backend_imx_sdma::peripheral::Until;
use dmaengine_core::error::PrepError;
use dmaengine_core::{BusWidth, DevToDev, Outcome};
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::peripheral::{Asrc, AsrcLines, AsrcPair, Source, Ssi, SsiLines};
use sim_imx_sdma::time::Clock;

use crate::bench::{Bench, imx6, line, settings, slave};
use crate::image;

const ASRC: u32 = 0x0203_4000;
const SSI: u32 = 0x0202_8000;
/// Bytes of a period.
const PERIOD: u32 = 192;

struct Chain {
    bench: Bench,
    asrc: Handle<Asrc>,
    ssi: Handle<Ssi>,
}

/// The converter's lines are 20 to 22, those of the sound interface 38 and 37: on both sides of 32. The converter offers
/// `out` words at a time, the interface asks for `room`.
fn chain(until: Until, out: u8, room: u8) -> Chain {
    let mut settings = settings();
    settings.dev_to_dev = until;
    let bench = Bench::with(Soc::IMX6Q, imx6(), settings);
    bench.run(|_, context| bench.dma.engine().load_firmware(&image::imx6q(), context)).unwrap();
    let rates = [(0, 96_000), (0, 0), (0, 0)];
    let asrc = bench.add(ASRC, Asrc::new(Clock::IMX6, rates, AsrcLines::IMX6));
    let ssi = bench.add(SSI, Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1));
    bench.device(asrc, |asrc, now| {
        asrc.set_up(now, AsrcPair::A, 0, out - 1);
        asrc.give(AsrcPair::A, Source::Counter(1));
    });
    bench.device(ssi, |ssi, now| {
        ssi.set_up(now, room, false);
        ssi.request_tx(now, true);
    });
    Chain { bench, asrc, ssi }
}

fn request(source: u16, destination: u16) -> DevToDev<Peripheral> {
    DevToDev {
        source: slave(ASRC + 0x64, BusWidth::Four, source, Peripheral::asrc_shared(line(20))),
        destination: slave(SSI, BusWidth::Four, destination, Peripheral::ssi_shared(line(38))),
        period: PERIOD,
    }
}

/// Runs it for 5 ms, 480 words. Answers how many bytes it had told of at last, and how many periods.
fn run(chain: &Chain, request: &DevToDev<Peripheral>) -> (u64, u32) {
    let Chain { bench, asrc, ssi } = chain;
    bench.run(|cpu, context| {
        let idle = bench.idle(7);
        let prepared = idle.prep_dev_to_dev(request).unwrap();
        let (active, transfer) = idle.start(prepared).unwrap();
        bench.device(*asrc, |asrc, now| asrc.start(now, AsrcPair::A));
        bench.pass(cpu, 300);
        bench.device(*ssi, Ssi::start_tx);
        bench.pass(cpu, 4_700);
        active.terminate_sync(context).unwrap();
        assert!(matches!(transfer.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
        let moved = bench.device(*asrc, |asrc, _| asrc.output(AsrcPair::A).fifo(0).unwrap().level());
        bench.pass(cpu, 1_000);
        // It has stopped: the converter goes on and nobody takes its words.
        let left = bench.device(*asrc, |asrc, _| asrc.output(AsrcPair::A).fifo(0).unwrap().level());
        assert!(left == 64 || left > moved, "{moved} {left}");
    });
    bench.device(*ssi, |ssi, _| {
        let taken = ssi.taken(0);
        assert!(taken.len() > 400, "{} words", taken.len());
        assert!(taken.iter().copied().eq(1..=taken.len() as u32), "{taken:?}");
    });
    let periods = bench.periods();
    (periods.last().map_or(0, |told| told.1), periods.iter().map(|told| told.0).sum())
}

/// Sizes, masks, and the bits for the half of the lines go together, whichever device has the larger burst.
#[test]
fn words_go_from_device_to_device_across_line_32() {
    for (source, destination) in [(6, 6), (4, 8), (8, 4)] {
        let chain = chain(Until::Counted, source, destination);
        let (bytes, periods) = run(&chain, &request(source.into(), destination.into()));
        // 480 words are 10 periods of 48; the last may not have come in whole.
        assert!((9..=10).contains(&periods), "{periods} periods with bursts of {source} and {destination}");
        assert_eq!(bytes, u64::from(periods * PERIOD));
    }
}

#[test]
fn a_transfer_that_does_not_count_goes_on_and_tells_nothing() {
    let chain = chain(Until::Stopped, 6, 6);
    assert_eq!(run(&chain, &request(6, 6)), (0, 0));
    assert_eq!(chain.bench.events(), []);
}

#[test]
fn without_its_script_it_is_refused() {
    let bench = Bench::new();
    let refused = bench.idle(0).prep_dev_to_dev(&request(6, 6)).unwrap_err();
    assert_eq!(refused, PrepError::NoProgram { name: "per_2_per" });
}
