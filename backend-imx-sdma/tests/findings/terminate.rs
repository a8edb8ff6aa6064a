//! Findings 5 to 7: what terminate does to each transfer of a channel, and to an interrupt that came before it.

use backend_imx_sdma::firmware::Firmware;
use backend_imx_sdma::peripheral::Peripheral;
use backend_imx_sdma::regs::offset;
use dmaengine_core::{BusAddr, BusWidth, Cyclic, Direction, Micros, Outcome, SlaveConfig, Status};
use sim_imx_sdma::{Config, ScriptKind, Scripts, Variant};

use crate::bench::{Bench, PERIOD, PERIOD_TIME, WORDS, buffer, counts, line, start_ring};
use crate::firmware::image;

/// Linux 6.12: without a running descriptor terminate leaves the submitted ones, and the next issue starts them. Right: they end
/// with the stop, untouched, and what is issued afterwards is alone.
#[test]
fn finding_05_terminate_ends_submitted_transfers_and_the_next_issue_does_not_start_them() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let config = bench.capture(0);
        let idle = bench.dma.channel(0).unwrap();
        let [first, second] = [(); 2].map(|()| idle.prep_slave_sg_from_device([buffer(1)], &config).unwrap());
        let (pending, submitted) = idle.submit(first).unwrap();
        bench.regs.clear();
        let idle = pending.terminate_async().synchronize(context).unwrap();
        assert_eq!(bench.writes(offset::STOP_STAT), [], "nothing ran, so there is nothing to stop");
        assert_eq!(submitted.status(), Status::Aborted { residue: PERIOD.into() });

        // The prepared one was its holder's all the time, and is as good as before.
        let (active, issued) = idle.start(second).unwrap();
        let issued = issued.wait(context, Micros(5 * PERIOD_TIME)).unwrap();
        assert!(issued.outcome == Outcome::Completed && counts(issued.buffer[0]));
        drop(active.try_idle().unwrap());
        cpu.run_until(bench.board.after(5 * PERIOD_TIME));
        let submitted = submitted.try_resolve().unwrap();
        assert_eq!(submitted.outcome, Outcome::Aborted { residue: PERIOD.into() });
        assert!(crate::bench::is_poison(submitted.buffer[0]));
    });
    bench.was_clean();
}

/// Linux 6.12 frees with a running descriptor also those that are only prepared, and loses the news of finished ones. Right:
/// what is prepared stays its holder's, what is queued is aborted whole, what is complete stays complete.
#[test]
fn finding_06_terminate_spares_what_is_prepared_and_what_is_complete() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let config = bench.capture(0);
        let idle = bench.dma.channel(0).unwrap();
        let once = || idle.prep_slave_sg_from_device([buffer(1)], &config).unwrap();
        let [complete, running, issued, submitted, prepared] = [(); 5].map(|()| once());
        let (pending, complete) = idle.submit(complete).unwrap();
        let running = pending.submit(running).unwrap();
        let issued = pending.submit(issued).unwrap();
        let active = pending.issue();
        let submitted = active.submit(submitted).unwrap();
        cpu.run_until(bench.board.after(PERIOD_TIME * 3 / 2));
        assert!(matches!(running.status(), Status::Running { .. }));
        let idle = active.terminate_sync(context).unwrap();

        assert_eq!(complete.try_resolve().unwrap().outcome, Outcome::Completed);
        let running = running.try_resolve().unwrap();
        let Outcome::Aborted { residue } = running.outcome else { panic!("{:?}", running.outcome) };
        assert!(0 < residue && residue < u64::from(PERIOD));
        for queued in [issued, submitted] {
            assert_eq!(queued.try_resolve().unwrap().outcome, Outcome::Aborted { residue: PERIOD.into() });
        }
        let (active, prepared) = idle.start(prepared).unwrap();
        let prepared = prepared.wait(context, Micros(5 * PERIOD_TIME)).unwrap();
        assert!(prepared.outcome == Outcome::Completed && counts(prepared.buffer[0]));
        drop(active);
    });
    bench.was_clean();
}

/// The same for one that has come to its end while nobody has looked: no callback comes any more, but its handle tells that not
/// a byte is missing, and its memory is whole.
#[test]
fn finding_06_terminate_of_a_finished_transfer_tells_that_nothing_is_missing() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let config = bench.capture(0);
        let idle = bench.dma.channel(0).unwrap();
        let once = idle.prep_slave_sg_from_device([buffer(1)], &config).unwrap();
        let (active, transfer) = idle.start(once).unwrap();
        cpu.hold_off_interrupts(true);
        bench.board.hw(|hw| hw.run_for(hw.clock().from_micros(2 * PERIOD_TIME)));
        let generation = transfer.generation();
        let idle = active.terminate_atomic().unwrap();
        cpu.hold_off_interrupts(false);
        context.sleep(Micros(100));
        let transfer = transfer.try_resolve().unwrap();
        assert_eq!(transfer.outcome, Outcome::Aborted { residue: 0 });
        assert!(counts(transfer.buffer[0]));
        assert_eq!(bench.told(generation), []);
        drop(idle);
    });
    bench.was_clean();
}

/// What runs behind the stale interrupt.
#[derive(Clone, Copy, Debug)]
enum Next {
    List,
    Ring,
    Copy,
}

/// Linux 6.12 does not clear INTR in terminate: a period interrupt latched before it and taken behind the restart completes a new
/// list, and frees the BDs that the SDMA is at. Right: the bit alone tells nothing; what the descriptors say counts.
#[test]
fn finding_07_an_interrupt_from_before_the_stop_ends_no_later_transfer() {
    for next in [Next::List, Next::Ring, Next::Copy] {
        let bench = Bench::new();
        let cpu = bench.cpu();
        cpu.thread(|context| {
            let config = bench.capture(0);
            let idle = bench.dma.channel(0).unwrap();
            let (active, _old) = start_ring(idle, config);
            cpu.hold_off_interrupts(true);
            bench.board.hw(|hw| hw.run_for(hw.clock().from_micros(PERIOD_TIME * 3 / 2)));
            let idle = active.terminate_atomic().unwrap();
            let latched = bench.board.hw(|hw| sim_imx_sdma::RegisterAccess::read32(hw, offset::INTR));
            assert_eq!(latched & 2, 2, "the interrupt of the period");

            let generation = match next {
                Next::List => {
                    let list = idle.prep_slave_sg_from_device([buffer(1)], &config).unwrap();
                    let (_active, list) = idle.start(list).unwrap();
                    stale(&cpu);
                    assert!(matches!(list.status(), Status::Running { residue: 192, .. }), "{:?}", list.status());
                    let generation = list.generation();
                    assert_eq!(bench.told(generation), [], "nothing has ended");
                    let list = list.wait(context, Micros(5 * PERIOD_TIME)).unwrap();
                    assert_eq!(list.outcome, Outcome::Completed);
                    assert!(counts(list.buffer[0]));
                    generation
                }
                Next::Ring => {
                    let (active, ring) = start_ring(idle, config);
                    stale(&cpu);
                    assert_eq!(bench.told(ring.generation()), [], "no period has ended");
                    cpu.run_until(bench.board.after(PERIOD_TIME * 3 / 2));
                    assert_eq!(bench.periods(ring.generation()), 1);
                    drop(active);
                    ring.generation()
                }
                Next::Copy => {
                    let (dst, src) = (buffer(100), vec![7_u32; 100 * WORDS].leak());
                    let copy = idle.prep_memcpy(dst, &*src).unwrap();
                    let (_active, copy) = idle.start(copy).unwrap();
                    stale(&cpu);
                    assert!(matches!(copy.status(), Status::Running { .. }));
                    assert_eq!(bench.told(copy.generation()), []);
                    let generation = copy.generation();
                    let copy = copy.wait(context, Micros(1_000)).unwrap();
                    assert_eq!(copy.outcome, Outcome::Completed);
                    assert!(copy.buffer.0.iter().all(|word| *word == 7));
                    generation
                }
            };
            assert_eq!(bench.told(generation).len(), 1, "{next:?}");
        });
        bench.was_clean();
    }
}

/// HDMI's script has no descriptors; there the interrupt itself is the period, and one from before the stop must not be. (A request
/// from before is another thing: only a script takes EP back, so this one does its work once.)
#[test]
fn finding_07_an_interrupt_from_before_the_stop_is_no_period_of_a_transfer_without_descriptors() {
    let scripts = Scripts::imx6().with_ram(ScriptKind::HdmiDma, 0x1820);
    let bench = Bench::with(Config::new(Variant::Imx6).scripts(scripts));
    bench.board.hw(|hw| hw.bus().add_ram(0x1000_0000, 0x1000).unwrap());
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let image = Firmware::parse(image(3, 47, 64, &[(37, 0x1820)])).unwrap();
        bench.dma.engine().load_firmware(&image, context).unwrap();
        let config = bench.capture(0);
        let idle = bench.dma.channel(0).unwrap();
        let (active, _old) = start_ring(idle, config);
        cpu.hold_off_interrupts(true);
        bench.board.hw(|hw| hw.run_for(hw.clock().from_micros(PERIOD_TIME * 3 / 2)));
        let idle = active.terminate_atomic().unwrap();

        // A line on which nothing comes.
        let hdmi = SlaveConfig::new(BusAddr(0x1000_0000), BusWidth::Four, Peripheral::hdmi(line(2), 2));
        let request = Cyclic { direction: Direction::MemToDev, period: PERIOD, config: hdmi };
        let prepared = idle.prep_cyclic(buffer(2), &request).unwrap();
        let (active, ring) = idle.start(prepared).unwrap();
        stale(&cpu);
        assert_eq!(bench.told(ring.generation()), [], "channel 0 has only just been told to load it");
        cpu.run_until(bench.board.after(PERIOD_TIME));
        assert_eq!(bench.periods(ring.generation()), 1, "one for the request that was left, none for the interrupt");
        drop((active, ring));
    });
}

/// The interrupt from before is taken now.
fn stale(cpu: &sim_board::Cpu<'_, impl Fn(&dmaengine_core::Atomic<'_>)>) {
    cpu.hold_off_interrupts(false);
    assert!(cpu.take_interrupt(), "there was one");
}
