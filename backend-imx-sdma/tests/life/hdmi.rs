//! HDMI audio, as far as the model goes: at each request the script makes one write to the transmitter and interrupts, and that is a
//! period. What the script finds in its table is not public; the model's is one of its own, so what it writes says little.

use backend_imx_sdma::Peripheral;
use dmaengine_core::{BusWidth, Cyclic, Direction};
use sim_imx_sdma::ReportKind;
use sim_imx_sdma::bus::{BusError, Peripheral as Device, Width};
use sim_imx_sdma::time::Cycles;

use crate::bench::{Bench, buffer, go_round, line, slave};

const HDMI: u32 = 0x0012_0000;
const TABLE: u32 = 0x1000_0000;
/// Buffers that the table names.
const BUFFERS: u32 = 2;

/// Asks as often as it is told, and keeps what it was written.
#[derive(Debug, Default)]
struct Transmitter {
    is_asking: bool,
    written: Vec<(u32, u32)>,
}

impl Device for Transmitter {
    fn advance(&mut self, _now: Cycles) {}

    fn read(&mut self, _now: Cycles, offset: u32, _width: Width) -> Result<u32, BusError> {
        Err(BusError { address: offset })
    }

    fn write(&mut self, _now: Cycles, offset: u32, _width: Width, value: u32) -> Result<(), BusError> {
        self.written.push((offset, value));
        self.is_asking = false;
        Ok(())
    }

    fn lines(&self) -> u64 {
        u64::from(self.is_asking) << 2
    }

    fn next_change(&self) -> Option<Cycles> {
        None
    }
}

#[test]
fn each_request_is_one_period_and_one_write_to_the_transmitter() {
    let bench = Bench::with_firmware();
    let hdmi = bench.add(HDMI, Transmitter::default());
    bench.board().hw(|hw| {
        hw.bus().add_ram(TABLE, 0x1000).unwrap();
        let pairs = (0..8).flat_map(|n| [HDMI + 4 * n, 100 + n]);
        hw.bus().poke(TABLE, &pairs.flat_map(u32::to_le_bytes).collect::<Vec<_>>()).unwrap();
    });
    bench.run(|cpu, context| {
        let config = slave(TABLE, BusWidth::Four, 1, Peripheral::hdmi(line(2), BUFFERS));
        let request = Cyclic { direction: Direction::MemToDev, period: 64, config };
        let (active, transfer) = go_round(bench.idle(0), &request, buffer(&[0; 128]));
        bench.pass(cpu, 100);
        assert_eq!(bench.events(), [], "no request yet");
        for n in 1..=4 {
            bench.device(hdmi, |hdmi, _| hdmi.is_asking = true);
            bench.pass(cpu, 100);
            let told: Vec<_> = bench.periods().iter().map(|told| told.0).collect();
            assert_eq!(told, [1], "request {n}");
        }
        active.terminate_sync(context).unwrap();
        transfer.try_resolve().unwrap();
        bench.device(hdmi, |hdmi, _| hdmi.is_asking = true);
        bench.pass(cpu, 100);
        // The model misses that the script looks at its lines before it clears EP: it has no need to.
        bench.board().hw(|hw| {
            assert!(hw.reports().iter().all(|report| report.kind == ReportKind::LostWakeup { channel: 1 }));
            hw.clear_reports();
        });
    });
    // The model's table is one of pairs, address and value, and it takes r4 for the first pair; the driver has the number of buffers
    // there. Nothing was written after the stop.
    bench.device(hdmi, |hdmi, _| assert_eq!(hdmi.written, [(8, 102), (12, 103), (16, 104), (20, 105)]));
}
