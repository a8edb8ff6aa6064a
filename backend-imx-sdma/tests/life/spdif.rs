//! S/PDIF: left and right have a register each, which take turns.

use backend_imx_sdma::Peripheral;
use dmaengine_core::error::PrepError;
use dmaengine_core::{BusWidth, Outcome};
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::peripheral::{Source, Spdif, SpdifLines};
use sim_imx_sdma::time::Clock;

use crate::bench::{Bench, buffer, items, line, packed, slave};

const BASE: u32 = 0x0200_4000;
const STL: u32 = BASE + 0x2C;
const SRL: u32 = BASE + 0x14;

/// It asks for 8 samples of each side at a time.
fn spdif(bench: &Bench) -> Handle<Spdif> {
    let spdif = bench.add(BASE, Spdif::new(Clock::IMX6, 48_000, SpdifLines::IMX6));
    bench.device(spdif, |spdif, now| spdif.set_up(now, 2, 2));
    spdif
}

#[test]
fn left_and_right_both_ways() {
    for width in [BusWidth::Three, BusWidth::Four] {
        let bench = Bench::new();
        let spdif = spdif(&bench);
        let samples = items(320, BusWidth::Three);
        let side = |n| samples.iter().copied().skip(n).step_by(2).collect::<Vec<_>>();
        for n in 0..2 {
            let mut given = side(n);
            given.resize(300, 0);
            bench.device(spdif, |spdif, _| spdif.give(n, Source::Words(given)));
        }
        bench.run(|cpu, context| {
            let bytes = packed(&samples, width);
            bench.device(spdif, |spdif, now| spdif.request_tx(now, true));
            let begin = || {
                bench.pass(cpu, 10);
                bench.device(spdif, Spdif::start_tx);
            };
            let config = slave(STL, width, 16, Peripheral::spdif(line(15)));
            assert_eq!(bench.send(context, &config, &bytes, begin), Outcome::Completed);
            bench.pass(cpu, 1_000);
            let config = slave(SRL, width, 16, Peripheral::spdif(line(14)));
            let received = bench.receive(context, &config, bytes.len(), || bench.device(spdif, Spdif::start_rx));
            assert_eq!(received, (Outcome::Completed, bytes), "{width:?}");
        });
        bench.device(spdif, |spdif, _| assert_eq!([spdif.taken(0), spdif.taken(1)], [side(0), side(1)], "{width:?}"));
    }
}

/// A burst of half a pair would leave one sample out, each time.
#[test]
fn half_a_pair_of_samples_is_refused() {
    let bench = Bench::new();
    let idle = bench.idle(0);
    let refused = |burst, bytes: usize| {
        let config = slave(STL, BusWidth::Four, burst, Peripheral::spdif(line(15)));
        idle.prep_slave_sg_to_device([&*buffer(&vec![0; bytes])], &config).err().map(|kept| kept.error)
    };
    assert_eq!(refused(16, 96), None);
    assert_eq!(refused(15, 96), Some(PrepError::Misaligned { value: 60, align: 8 }));
    assert_eq!(refused(16, 100), Some(PrepError::Misaligned { value: 100, align: 8 }));
}
