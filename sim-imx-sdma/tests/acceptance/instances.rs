//! Several at once, and the same twice.

use sim_imx_sdma::bus::LogOptions;
use sim_imx_sdma::time::Cycles;
use sim_imx_sdma::{RegisterAccess, Sdma, Until};

use crate::rig::*;

/// A busy one: a capture, two copies, a wrong access for the reports.
fn busy(watermark: u32) -> Rig {
    let mut rig = Rig::booted();
    rig.bus().start_log(LogOptions { capacity: 1 << 20, values: true });
    let words: Vec<u32> = (0..0x400).map(|n| n * watermark).collect();
    rig.put(BUFFER, &words);
    rig.serve(5, 2, APP_2_MCU, watermark, &[[D | W | C | I | 0x400, BUFFER + 0x4000, 0]]);
    rig.copy(3, 1, &[[D | I | 0x1000, BUFFER, BUFFER + 0x6000]]);
    rig.copy(9, 1, &[[D | I | 0x1000, BUFFER, BUFFER + 0x7000]]);
    rig.read32(0x020);
    rig.write32(HSTART, 1 << 3 | 1 << 5 | 1 << 9);
    rig.request(0x100);
    rig
}

fn step(rig: &mut Rig) {
    rig.run(97);
    rig.request(1);
}

/// All that can be seen of a run.
fn seen(mut rig: Rig) -> (String, String, Vec<u8>, Vec<u32>) {
    let log = rig.bus().stop_log().expect("it was begun");
    assert!(log.len() > 1000 && log.dropped() == 0, "{}", log.len());
    let log = log.iter().map(|access| format!("{access}\n")).collect();
    let reports = rig.reports().iter().map(|report| format!("{report}\n")).collect();
    let inside = (0x0800..0x1000).map(|address| rig.view().data(address).expect("RAM")).collect();
    (log, reports, rig.bytes(BUFFER, BUFFER_SIZE), inside)
}

fn alone(watermark: u32) -> (String, String, Vec<u8>, Vec<u32>) {
    let mut rig = busy(watermark);
    (0..300).for_each(|_| step(&mut rig));
    seen(rig)
}

#[test]
fn the_same_run_is_the_same_to_the_byte() {
    assert!(alone(16) == alone(16));
    assert!(alone(16).0 != alone(32).0);
}

#[test]
fn two_side_by_side_do_not_disturb_each_other() {
    let (mut one, mut other) = (busy(16), busy(32));
    for _ in 0..300 {
        step(&mut one);
        step(&mut other);
    }
    assert!(seen(one) == alone(16));
    assert!(seen(other) == alone(32));
}

/// How a run is cut into pieces does not change what happens in it, or when.
#[test]
fn a_run_in_pieces_is_the_same_run() {
    let run = |pieces: u64| {
        let mut rig = busy(16);
        let began = rig.now().0;
        for n in 1..=30_000 / pieces {
            rig.run_until(Until::Time(Cycles(began + n * pieces)));
        }
        seen(rig)
    };
    let whole = run(30_000);
    for pieces in [1, 2, 3, 7500] {
        assert!(run(pieces) == whole, "pieces of {pieces} cycles");
    }
}

#[test]
fn one_can_be_given_to_another_thread() {
    let mut rig = busy(16);
    (0..300).for_each(|_| step(&mut rig));
    let elsewhere = std::thread::spawn(move || seen(rig)).join().expect("it does not panic");
    assert!(elsewhere == alone(16));
    const fn is_send<T: Send>() {}
    const { is_send::<Sdma>() };
}
