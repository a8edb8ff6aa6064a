//! Finding 20: channel 0 hangs. Linux 6.12 reads STOP 502 times with a spin lock held, and takes firmware for loaded that is not.

use backend_imx_sdma::error::{FirmwareLoadError, InitError};
use backend_imx_sdma::firmware::Firmware;
use backend_imx_sdma::regs::offset;
use backend_imx_sdma::{Fence, ImxSdma, Settings};
use dmaengine_core::{EventKind, Micros, Outcome, TransferError, Unfinished};
use sim_board::Board;
use sim_imx_sdma::time::Cycles;
use sim_imx_sdma::{RegisterAccess, ReportKind, Trouble};

use crate::bench::{Bench, PERIOD_TIME, Regs, buffer, counts, poison, recorder, start_ring};
use crate::firmware::image;

/// Right: the set-up ends with an error, within its bound.
#[test]
fn finding_20_a_hung_channel_0_fails_the_set_up_in_time() {
    let board = Board::new();
    board.hw(|hw| hw.cause(Trouble::Hang { channel: 0 }));
    let failed: Result<ImxSdma<_, Regs, Fence>, _> = board.sdma_behind(recorder(&board), Settings::default());
    let bound = Settings::default().command_bound;
    let Err(InitError::NoAnswer { waited, .. }) = failed else { panic!("{failed:?}") };
    assert!(bound <= waited && waited <= bound + Micros(10), "{waited}");
}

/// Right: starting waits for nobody. With channel 0 hung, a preparation and a start are a few accesses to registers, and no
/// register is read again and again; a stop is not told as one; the reset gets out of it.
#[test]
fn finding_20_with_channel_0_hung_start_does_not_wait_and_stop_does_not_lie() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let config = bench.capture(0);
        let idle = bench.dma.channel(0).unwrap();
        let (active, old) = start_ring(idle, config);
        cpu.run_until(bench.board.after(PERIOD_TIME));
        bench.board.hw(|hw| hw.cause(Trouble::Hang { channel: 0 }));

        let other = bench.dma.channel(1).unwrap();
        bench.regs.clear();
        let from = bench.board.hw(|hw| hw.now());
        let (waiting, never) = start_ring(other, bench.capture(1));
        let took = bench.board.hw(|hw| hw.now()) - from;
        assert!(took < Cycles(200), "a start took {took}");
        assert_eq!(bench.writes(offset::HSTART), [1, 4]);

        let kept = active.terminate_sync(context).unwrap_err();
        assert!(kept.error.reason == Unfinished::Engine && kept.error.waited <= kept.error.bound + Micros(100));
        let old = old.try_resolve().expect_err("nothing is given back");
        let kept = kept.value.terminate_atomic().unwrap_err();
        assert!(kept.error.waited <= kept.error.bound + Micros(10), "{}", kept.error);
        let waiting = waiting.terminate_async().terminate_atomic().unwrap_err().value;

        let idle = kept.value.reset().unwrap();
        let old = poison(old.try_resolve().unwrap().buffer);
        let other = waiting.synchronize(context).unwrap();
        assert!(matches!(never.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
        // And it works as before.
        let config = bench.capture(0);
        let list = idle.prep_slave_sg_from_device([buffer(2)], &config).unwrap();
        let (_active, list) = idle.start(list).unwrap();
        let list = list.wait(context, Micros(10 * PERIOD_TIME)).unwrap();
        assert!(list.outcome == Outcome::Completed && counts(list.buffer[0]));
        assert!(crate::bench::is_poison(old));
        drop(other);
    });
    assert_eq!(bench.board.trespasses(), 0);
}

/// As above, where leaving the script does not help and the whole block is reset.
#[test]
fn finding_20_a_channel_0_that_hangs_again_is_reset_with_the_block() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let config = bench.capture(0);
        let (active, old) = start_ring(bench.dma.channel(0).unwrap(), config);
        cpu.run_until(bench.board.after(PERIOD_TIME));
        bench.board.hw(|hw| (0..2).for_each(|_| hw.cause(Trouble::Hang { channel: 0 })));
        let stopping = active.terminate_sync(context).unwrap_err().value;
        let idle = stopping.reset().unwrap();
        assert!(matches!(old.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
        let config = bench.capture(0);
        let list = idle.prep_slave_sg_from_device([buffer(1)], &config).unwrap();
        let (_active, list) = idle.start(list).unwrap();
        let list = list.wait(context, Micros(10 * PERIOD_TIME)).unwrap();
        assert!(list.outcome == Outcome::Completed && counts(list.buffer[0]));
    });
    bench.board.hw(|hw| assert!(hw.reports().iter().all(|report| !matches!(report.kind, ReportKind::Stuck { .. }))));
}

/// Right: channel 0 says that it could not read a context, and the transfer that was to run with it fails. It may have begun with
/// what was there before, so the channel is stopped first.
#[test]
fn finding_20_a_context_that_cannot_be_loaded_fails_its_transfer() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|_| {
        let config = bench.capture(0);
        // Channel 0's load buffer: behind the control blocks and its descriptor.
        let address = bench.board.hw(|hw| hw.read32(offset::MC0PTR)) + 4 * 132;
        bench.board.hw(|hw| hw.cause(Trouble::BusError { address, len: 4 }));
        let (active, ring) = start_ring(bench.dma.channel(0).unwrap(), config);
        cpu.run_until(bench.board.after(PERIOD_TIME / 2));
        assert_eq!(bench.told(ring.generation()), [EventKind::Failed(TransferError::Bus)]);
        assert_eq!(ring.try_resolve().unwrap().outcome, Outcome::Failed(TransferError::Bus));
        drop(active.try_idle().unwrap());
    });
}

/// Right: firmware whose download did not come to its end is not there. The thread sleeps meanwhile and is back within the bound.
#[test]
fn finding_20_firmware_that_did_not_arrive_is_not_loaded() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let firmware = Firmware::parse(image(3, 47, 64, &[(36, 0x1810)])).unwrap();
        let sdma = bench.dma.engine();
        sdma.load_firmware(&firmware, context).unwrap();
        assert_eq!(sdma.firmware(), Some((3, 1)));
        bench.board.hw(|hw| hw.cause(Trouble::Hang { channel: 0 }));
        let before = cpu.masked_time();
        let Err(FirmwareLoadError::NoAnswer { waited, bound }) = sdma.load_firmware(&firmware, context) else {
            panic!("it was not loaded")
        };
        assert!(waited <= bound + Micros(60), "{waited}");
        assert_eq!(cpu.masked_time(), before, "nobody waited with interrupts masked");
        assert_eq!(sdma.firmware(), None);
        let peripheral = backend_imx_sdma::Peripheral::ssi_dual(crate::bench::line(37));
        let address = dmaengine_core::BusAddr(0x0202_8000);
        let config = dmaengine_core::SlaveConfig::new(address, dmaengine_core::BusWidth::Four, peripheral);
        let idle = bench.dma.channel(0).unwrap();
        let refused = idle.prep_slave_sg_from_device([buffer(1)], &config.with_max_burst(2)).unwrap_err().error;
        assert_eq!(refused, dmaengine_core::PrepError::NoProgram { name: "ssish_2_mcu" });
    });
}

/// The same when a first download was given up and comes to its end while a second one waits: that is not the second's end.
#[test]
fn finding_20_the_late_end_of_a_download_is_not_that_of_the_next() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let first = Firmware::parse(image(3, 47, 64, &[(36, 0x1810)])).unwrap();
        // Longer, so that it shows whether its own code has arrived.
        let second = Firmware::parse(image(3, 47, 1_024, &[(36, 0x1810)])).unwrap();
        let sdma = bench.dma.engine();
        let late = bench.board.hw(|hw| hw.clock().from_micros(6_000));
        bench.board.hw(|hw| hw.cause(Trouble::HoldCore { channel: 0, time: late }));
        sdma.load_firmware(&first, context).unwrap_err();
        sdma.load_firmware(&second, context).unwrap();
        assert_eq!(bench.board.hw(|hw| hw.view().program(0x1800 + 1_022)), Some(0x1C20), "the end of its code");
    });
    bench.was_clean();
}
