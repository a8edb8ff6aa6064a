//! Findings 8 to 10 and 21: what is written to the hardware, and when.

use backend_imx_sdma::peripheral::Peripheral;
use backend_imx_sdma::regs::offset;
use backend_imx_sdma::{Fence, ImxSdma, Settings};
use dmaengine_core::{BusAddr, BusWidth, DevToDev, Micros, Outcome, SlaveConfig};
use sim_board::Board;
use sim_imx_sdma::RegisterAccess;

use crate::bench::{Bench, DONE, PERIOD_TIME, Regs, buffer, counts, from_device, line, recorder, start_ring};

/// Linux 6.12: prep_slave_sg and prep_dma_cyclic write STOP first, which ends what runs; prep_memcpy loads its context anew.
/// Right: no kind of preparation touches a register, a control block or channel 0, and what runs goes on.
#[test]
fn finding_08_preparing_touches_nothing_of_the_running_transfer() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let config = bench.capture(0);
        let idle = bench.dma.channel(0).unwrap();
        let (active, ring) = start_ring(idle, config);
        cpu.run_until(bench.board.after(PERIOD_TIME / 2));
        let (context_ram, blocks) = (bench.board.hw(|hw| hw.view().context(1)), bench.shared()[..196].to_vec());
        bench.regs.clear();

        let list = active.prep_slave_sg_from_device([buffer(1)], &config).unwrap();
        let other = active.prep_slave_sg_to_device([&*buffer(1)], &config).unwrap();
        let round = active.prep_cyclic(buffer(2), &from_device(config)).unwrap();
        let copy = active.prep_memcpy(buffer(2), &*buffer(2)).unwrap();
        let ends = [37, 41].map(|number| {
            let peripheral = Peripheral::ssi_shared(line(number));
            SlaveConfig::new(BusAddr(0x0202_8000), BusWidth::Four, peripheral)
        });
        let through = active.prep_dev_to_dev(&DevToDev { source: ends[0], destination: ends[1], period: 64 });
        assert!(through.is_err(), "its script is in firmware that is not loaded");
        assert_eq!(bench.regs.count(), 0, "no access, not even a read or a barrier");
        assert_eq!(bench.shared()[..196], blocks, "control blocks and channel 0's buffers are as they were");
        assert_eq!(bench.board.hw(|hw| hw.view().context(1)), context_ram);

        cpu.run_until(bench.board.after(4 * PERIOD_TIME));
        assert_eq!(bench.periods(ring.generation()), 4, "it has not missed a period");
        drop((list, other, round, copy));
        drop(active.terminate_sync(context).unwrap());
        assert!(matches!(ring.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
    });
    bench.was_clean();
}

/// Linux 5.4 and 5.8 load a context once, and a restart before the worker ran loads none: the script goes on with the old
/// transfer's descriptor. Right: each start is behind a load, also of what was stopped, and of what ran to its end.
#[test]
fn finding_09_each_start_loads_the_context_and_what_was_left_in_it_is_gone() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let config = bench.capture(0);
        let mut idle = bench.dma.channel(0).unwrap();
        for round in 0..4 {
            // Whatever an earlier script has left: a place in the middle of a script, counts, addresses.
            bench.board.hw(|hw| {
                let at = hw.view().context_address(1);
                assert!((0..32).all(|word| hw.plant(at + word, 0x8000_0382 + u32::from(word))));
            });
            bench.regs.clear();
            let (active, ring) = start_ring(idle, config);
            assert_eq!(bench.writes(offset::HSTART), [1, 2], "channel 0, and the channel behind it");
            assert_eq!(bench.descriptor(0, 0)[2], 2048 + 32, "the context of channel 1");
            cpu.run_until(bench.board.after(2 * PERIOD_TIME));
            assert!(bench.periods(ring.generation()) >= 1, "in round {round}");
            idle = active.terminate_sync(context).unwrap();
            let ring = ring.try_resolve().unwrap();
            assert!(counts(&ring.buffer[..48]), "in round {round}");

            bench.regs.clear();
            let list = idle.prep_slave_sg_from_device([buffer(1)], &config).unwrap();
            let (active, list) = idle.start(list).unwrap();
            assert_eq!(bench.writes(offset::HSTART), [1, 2]);
            let list = list.wait(context, Micros(5 * PERIOD_TIME)).unwrap();
            assert!(list.outcome == Outcome::Completed && counts(list.buffer[0]));
            idle = active.try_idle().unwrap();
        }
    });
    bench.was_clean();
}

/// Linux asks for priority 0 at release, and its own driver refuses that, so CHNPRI keeps its value. Right: a channel that nobody
/// holds has no priority, no request line and no override.
#[test]
fn finding_10_a_released_channel_has_no_priority_and_no_request_line() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    let registers = || {
        bench.board.hw(|hw| {
            let lines = (0..48).filter(|&line| hw.read32(offset::chnenbl(offset::CHNENBL0, line)) & 2 != 0).count();
            (hw.read32(offset::chnpri(1)), lines, hw.read32(offset::EVTOVR))
        })
    };
    cpu.thread(|context| {
        let fresh = registers();
        assert_eq!(fresh, (0, 0, 1));
        let config = bench.capture(0);
        let (active, _ring) = start_ring(bench.dma.channel(0).unwrap(), config);
        assert_eq!(registers(), (3, 1, 1));
        let idle = active.terminate_sync(context).unwrap();
        assert_eq!(registers(), (3, 1, 1), "somebody still holds it");
        drop(idle);
        assert_eq!(registers(), (0, 0, 1));

        // Given up while it runs: as soon as the stop is complete.
        let (active, _ring) = start_ring(bench.dma.channel(0).unwrap(), config);
        assert_eq!(registers(), (3, 1, 1));
        drop(active);
        cpu.run_until(bench.board.after(200));
        assert_eq!(registers(), (0, 0, 1));
    });
    bench.was_clean();
}

/// Linux 6.12: CONFIG is static in init, and dynamic from channel 0's first run on, with the ratio bit kept. So here, and the first
/// run is in init: a context is never saved in part before a whole one was.
#[test]
fn finding_21_context_switching_is_static_until_channel_0_has_run() {
    for (equal_clocks, words) in [(false, [0x00, 0x03]), (true, [0x10, 0x13])] {
        let board = Board::new();
        let regs = recorder(&board);
        let mut settings = Settings::default();
        settings.equal_clocks = equal_clocks;
        let _sdma: ImxSdma<_, Regs, Fence> = board.sdma_behind(regs, settings).unwrap();
        let order: Vec<_> = regs
            .accesses()
            .filter_map(|access| match access {
                backend_imx_sdma::regs::Access::Write { offset: offset::CONFIG, value } => Some(value),
                backend_imx_sdma::regs::Access::Write { offset: offset::HSTART, .. } => Some(u32::MAX),
                _ => None,
            })
            .collect();
        assert_eq!(order, [words[0], u32::MAX, words[1]]);
        assert_eq!(board.hw(|hw| hw.read32(offset::CONFIG)), words[1]);
        assert_eq!(board.hw(|hw| hw.read32(offset::STOP_STAT)), 0, "channel 0 is through");
    }
}

/// Linux 6.12: two terminates queue one worker run. Right: the second finds the run stopped; there is one STOP and one fence.
#[test]
fn finding_21_two_terminates_are_one_stop() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let config = bench.capture(0);
        let (active, ring) = start_ring(bench.dma.channel(0).unwrap(), config);
        cpu.run_until(bench.board.after(PERIOD_TIME));
        bench.regs.clear();
        let handle = active.stop_handle();
        assert!(handle.terminate_async());
        assert!(!handle.terminate_async());
        let stopping = active.terminate_async();
        assert_eq!(bench.writes(offset::STOP_STAT), [2]);
        drop(stopping.synchronize(context).unwrap());
        assert_eq!(bench.writes(offset::HSTART), [1], "one command of channel 0");
        assert!(matches!(ring.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
        assert_eq!(bench.descriptor(0, 0)[0] & DONE, 0);
    });
    bench.was_clean();
}

/// The handler's order among channels is no promise of Linux's; here each channel that has news is served in one interrupt.
#[test]
fn finding_21_one_interrupt_serves_every_channel() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|_| {
        let configs = [bench.capture(0), bench.capture(1)];
        let [one, two] = [0, 1].map(|n| start_ring(bench.dma.channel(n).unwrap(), configs[usize::from(n)]));
        cpu.hold_off_interrupts(true);
        cpu.run_until(bench.board.after(PERIOD_TIME * 3 / 2));
        cpu.hold_off_interrupts(false);
        assert!(cpu.take_interrupt());
        assert_eq!([&one, &two].map(|(_, ring)| bench.periods(ring.generation())), [1, 1]);
    });
    bench.was_clean();
}
