//! A stream whose interrupts are held off for longer than its ring lasts: its script finds no descriptor that is its own, and
//! stops. It goes on by itself when the interrupt is taken, and every word that the device then had is there in order.

use backend_imx_sdma::Fence;
use sim_imx_sdma::RegisterAccess;
use sim_imx_sdma::time::Cycles;

use crate::bench::{BURST_TIME, Bench, PERIODS, RING, STREAM, Way};
use crate::cures;
use crate::stream::Stream;

const EVTPEND: u32 = 0x01C;
/// How often interrupts are held off; each time for a little longer.
const TIMES: u64 = 150;

fn starve(way: Way) {
    let bench = Bench::new(way).led();
    bench.desk.troubled.set(true);
    bench.thread(|cpu, context| {
        let mut stream = Stream::begin(&bench);
        for n in 0..TIMES {
            bench.desk.room.set(u64::MAX);
            // From a little before the ring is full to well after.
            let held_off = (2 * PERIODS as u64 - 1) * BURST_TIME + n * 3 * BURST_TIME / TIMES;
            cpu.hold_off_interrupts(true);
            cpu.run_until(bench.now() + Cycles(held_off));
            cpu.hold_off_interrupts(false);
            let (moved, limit) = (bench.moved(), bench.board.after(20_000));
            while bench.moved() < moved + 2 * RING as u64 {
                assert!(bench.now() < limit, "it stands still after {held_off} cycles");
                cpu.run_until(bench.board.after(100));
                // The script has to catch up, and may miss a request.
                bench.board.hw(|hw| hw.write32(EVTPEND, 1 << (STREAM + 1)));
            }
            stream.run(cpu, Cycles(n), u64::MAX);
            stream.restart(cpu, context, cures::atomic::<Fence>);
        }
        cpu.run_until(bench.board.after(1_000));
        stream.end(context);
    });
}

#[test]
fn a_capture_that_starved_goes_on_with_the_next_word() {
    starve(Way::Capture);
}

#[test]
fn a_playback_that_starved_goes_on_with_the_next_word() {
    starve(Way::Playback);
}
