//! Suspend and resume: nothing touches a block that may have no power, and what it has lost is there again afterwards.

use std::sync::mpsc::channel;
use std::thread;

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::error::{FirmwareLoadError, InitError, SuspendError};
use backend_imx_sdma::peripheral::Priority;
use dmaengine_core::error::{ErrorKind, TransferError};
use dmaengine_core::{
    Active, Atomic, BusWidth, Cyclic, Direction, EventKind, Idle, Micros, Outcome, Sleepable, Transfer,
};
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::peripheral::{Source, Ssi, SsiLines};
use sim_imx_sdma::time::Clock;
use sim_imx_sdma::{RegisterAccess, Trouble};

use crate::bench::{Bench, Driver, LONG, Processor, Ring, buffer, go_round, line, slave};
use crate::image;

const BASE: u32 = 0x0202_8000;

type Copy<'b> = (Active<'b, Driver>, Transfer<'b, Driver, (&'static mut [u8], &'static mut [u8])>);

fn copy(bench: &Bench, channel: u8, len: usize) -> Copy<'_> {
    let idle = bench.idle(channel);
    let prepared = idle.prep_memcpy(vec![0_u8; len].leak(), vec![0xA5_u8; len].leak()).unwrap();
    idle.start(prepared).unwrap()
}

fn completed(context: &Sleepable<'_>, (active, transfer): Copy<'_>) {
    let ended = transfer.wait(context, LONG).unwrap();
    assert_eq!((ended.outcome, &ended.buffer.0), (Outcome::Completed, &ended.buffer.1));
    active.try_idle().unwrap();
}

/// A receiver whose FIFO is at its watermark already, so that its line has had its edge.
fn full_ssi(bench: &Bench, cpu: &Processor<'_>) -> Handle<Ssi> {
    let ssi = bench.add(BASE, Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1));
    bench.device(ssi, |ssi, now| {
        ssi.set_up(now, 8, true);
        ssi.give(0, Source::Counter(1));
        ssi.give(1, Source::Counter(1_001));
        ssi.start_rx(now);
    });
    bench.pass(cpu, 250);
    bench.device(ssi, |ssi, _| assert!(ssi.rx().fifo(0).unwrap().level() >= 8));
    ssi
}

/// Both FIFOs in turn: a script in RAM.
fn capture(bench: &Bench) -> Ring<'_> {
    capture_on(bench.idle(2))
}

fn capture_on(idle: Idle<'_, Driver>) -> Ring<'_> {
    let peripheral = Peripheral::ssi_dual(line(37)).with_priority(Priority::High);
    let config = slave(BASE + 8, BusWidth::Four, 12, peripheral);
    let request = Cyclic { direction: Direction::DevToMem, period: 96, config };
    go_round(idle, &request, buffer(&[0; 384]))
}

/// The power goes: from here on a touch of a register fails the test.
fn power_off(bench: &Bench) {
    bench.dma.engine().suspend().unwrap();
    bench.machine.state().off = true;
}

fn power_on(bench: &Bench) {
    bench.board().lose_power();
    bench.machine.state().off = false;
}

#[test]
fn what_runs_or_stops_keeps_the_block_awake() {
    let bench = Bench::new();
    bench.run(|_, context| {
        let one = copy(&bench, 3, 50_000);
        let two = copy(&bench, 30, 50_000);
        let refused = bench.dma.engine().suspend().unwrap_err();
        assert_eq!((refused, refused.kind()), (SuspendError { channels: 1 << 4 | 1 << 31 }, ErrorKind::Busy));
        completed(context, one);
        assert_eq!(bench.dma.engine().suspend(), Err(SuspendError { channels: 1 << 31 }));
        let (active, transfer) = two;
        let stopping = active.terminate_async();
        assert_eq!(bench.dma.engine().suspend(), Err(SuspendError { channels: 1 << 31 }));
        let idle = stopping.synchronize(context).unwrap();
        assert!(transfer.try_resolve().is_ok());
        bench.dma.engine().suspend().unwrap();
        bench.dma.engine().resume(context).unwrap();
        drop(idle);
        completed(context, copy(&bench, 3, 100));
    });
}

#[test]
fn after_the_power_was_gone_registers_wiring_and_firmware_are_there_again() {
    let bench = Bench::with_firmware();
    bench.run(|cpu, context| {
        let ssi = full_ssi(&bench, cpu);
        let (active, transfer) = capture(&bench);
        bench.pass(cpu, 1_000);
        assert!(!bench.periods().is_empty());
        let idle = active.terminate_sync(context).unwrap();
        assert!(transfer.try_resolve().is_ok());
        let registers = || -> Vec<u32> {
            let own = [0x000, 0x008, 0x010, 0x014, 0x018, 0x02C, 0x038, 0x05C];
            let arrays = (0x100..0x180).step_by(4).chain((0x200..0x2C0).step_by(4));
            own.into_iter().chain(arrays).map(|offset| bench.register(offset)).collect()
        };
        let before = registers();
        assert_eq!((bench.register(0x10C), bench.register(0x200 + 4 * 37)), (3, 1 << 3));

        power_off(&bench);
        bench.pass(cpu, 1_000);
        power_on(&bench);
        assert_ne!(registers(), before);
        bench.board().hw(|hw| assert!(!hw.view().is_written(0x1800 >> 1)));
        let interrupts = bench.interrupts();
        bench.dma.engine().resume(context).unwrap();
        // That of the load; one that nobody takes back would come for ever.
        assert!(bench.interrupts() - interrupts <= 1, "{} interrupts", bench.interrupts() - interrupts);
        assert_eq!(registers(), before);
        bench.board().hw(|hw| assert!((0..1269).all(|n| hw.view().program(0x1800 + n) == Some(image::word(n)))));
        assert_eq!(bench.dma.engine().firmware(), Some((3, 5)));
        assert_eq!(bench.machine.state().mapped, 0);

        // The line went up long ago and has not come down: who waits for an edge waits for ever.
        drop(idle);
        bench.events();
        let (active, transfer) = capture(&bench);
        bench.pass(cpu, 1_000);
        assert!(bench.periods().len() > 2);
        active.terminate_sync(context).unwrap();
        assert!(transfer.try_resolve().is_ok());
        bench.device(ssi, Ssi::stop_rx);
    });
}

/// The channel stays the client's all the time, so that its line is connected as before; but the block has lost what it knew of it.
#[test]
fn a_channel_that_was_connected_before_is_looked_at_after_it() {
    let bench = Bench::with_firmware();
    bench.run(|cpu, context| {
        full_ssi(&bench, cpu);
        let (active, transfer) = capture(&bench);
        bench.pass(cpu, 300);
        let idle = active.terminate_sync(context).unwrap();
        transfer.try_resolve().unwrap();
        bench.pass(cpu, 1_000);
        power_off(&bench);
        power_on(&bench);
        bench.dma.engine().resume(context).unwrap();
        bench.events();
        let config = slave(BASE + 8, BusWidth::Four, 12, Peripheral::ssi_dual(line(37)));
        let request = Cyclic { direction: Direction::DevToMem, period: 96, config };
        let (active, _transfer) = go_round(idle, &request, buffer(&[0; 384]));
        bench.pass(cpu, 1_000);
        assert!(bench.periods().len() > 2);
        active.terminate_sync(context).unwrap();
    });
}

#[test]
fn what_is_started_meanwhile_begins_afterwards() {
    let bench = Bench::with_firmware();
    bench.run(|cpu, context| {
        full_ssi(&bench, cpu);
        power_off(&bench);
        let (capturing, captured) = capture(&bench);
        let copying = copy(&bench, 0, 4_000);
        let taken_back = copy(&bench, 1, 4_000);
        drop(bench.idle(9));
        bench.pass(cpu, 1_000);
        assert_eq!(bench.events(), []);
        // The interrupt's line may be another device's, too.
        bench.dma.interrupt(&Atomic::new(), &mut |_, event| panic!("{event:?}"));
        // A stop needs no hardware either, if there was no start.
        taken_back.0.terminate_sync(context).unwrap();
        let ended = taken_back.1.try_resolve().unwrap();
        assert_eq!((ended.outcome, ended.buffer.0[0]), (Outcome::Aborted { residue: 4_000 }, 0));
        assert_eq!(bench.dma.engine().suspend(), Err(SuspendError { channels: 0b1010 }));

        power_on(&bench);
        bench.dma.engine().resume(context).unwrap();
        completed(context, copying);
        bench.pass(cpu, 1_000);
        assert!(bench.periods().len() > 2);
        let mut bytes = [0; 8];
        captured.copy_out(0, &mut bytes).unwrap();
        capturing.terminate_sync(context).unwrap();
    });
}

/// The lines and priorities are written, channel 0 is asked for its first run, and then another processor starts a transfer: what that
/// one needs is written before it begins.
#[test]
fn what_is_started_in_the_middle_of_a_resume_begins_after_it() {
    let bench = Bench::with_firmware();
    bench.run(|cpu, context| {
        full_ssi(&bench, cpu);
        power_off(&bench);
        power_on(&bench);
        let ((at_the_door, door), (go, gone)) = (channel(), channel());
        bench.machine.state().visitor = Some((at_the_door, gone));
        let dma = &bench.dma;
        let (capturing, _captured) = thread::scope(|scope| {
            let visitor = scope.spawn(move || {
                door.recv().unwrap();
                let started = capture_on(dma.channel(2).unwrap());
                go.send(()).unwrap();
                started
            });
            bench.dma.engine().resume(context).unwrap();
            visitor.join().unwrap()
        });
        bench.pass(cpu, 1_000);
        assert!(bench.periods().len() > 2);
        capturing.terminate_sync(context).unwrap();
    });
}

#[test]
fn firmware_that_comes_meanwhile_is_loaded_afterwards() {
    let bench = Bench::new();
    bench.run(|cpu, context| {
        full_ssi(&bench, cpu);
        power_off(&bench);
        bench.dma.engine().load_firmware(&image::imx6q(), context).unwrap();
        let (capturing, _captured) = capture(&bench);
        power_on(&bench);
        bench.dma.engine().resume(context).unwrap();
        bench.board().hw(|hw| assert_eq!(hw.view().program(0x1800 + 1268), Some(image::word(1268))));
        bench.pass(cpu, 1_000);
        assert!(bench.periods().len() > 2);
        capturing.terminate_sync(context).unwrap();
    });
}

#[test]
fn a_resume_that_fails_can_be_tried_again_and_nothing_is_forgotten() {
    let bench = Bench::with_firmware();
    bench.run(|cpu, context| {
        full_ssi(&bench, cpu);
        power_off(&bench);
        let (capturing, _captured) = capture(&bench);
        let copying = copy(&bench, 0, 4_000);
        power_on(&bench);
        let resume = || bench.dma.engine().resume(context);

        bench.machine.state().dead = true;
        assert!(matches!(resume(), Err(InitError::NoRegisters { read: 0, .. })));
        bench.machine.state().dead = false;

        bench.machine.state().reset_sticks = true;
        assert!(matches!(resume(), Err(InitError::Reset { .. })));
        bench.machine.state().reset_sticks = false;

        bench.board().hw(|hw| hw.cause(Trouble::Hang { channel: 0 }));
        let bound = Micros(5_000);
        assert!(matches!(resume(), Err(InitError::NoAnswer { waited, .. }) if waited >= bound));

        bench.machine.state().broken = true;
        assert!(matches!(resume(), Err(InitError::Firmware(FirmwareLoadError::Bus { .. }))));
        bench.machine.state().broken = false;
        bench.board().hw(|hw| hw.clear_troubles());

        // It sleeps on.
        assert_eq!(bench.events(), []);
        let he = bench.board().hw(|hw| hw.read32(0x008));
        assert_eq!((bench.dma.engine().firmware(), he & !1), (Some((3, 5)), 0));
        bench.machine.state().off = true;
        bench.pass(cpu, 1_000);
        bench.machine.state().off = false;

        resume().unwrap();
        bench.board().hw(|hw| assert_eq!(hw.view().program(0x1800 + 1268), Some(image::word(1268))));
        completed(context, copying);
        bench.pass(cpu, 1_000);
        assert!(bench.periods().len() > 2);
        capturing.terminate_sync(context).unwrap();
        assert_eq!(bench.machine.state().mapped, 1);
    });
}

/// Nobody's transfers are to be lost because somebody calls it once too often.
#[test]
fn a_resume_without_a_suspend_does_nothing() {
    let bench = Bench::new();
    bench.run(|cpu, context| {
        let copying = copy(&bench, 0, 60_000);
        bench.pass(cpu, 10);
        let accesses = bench.machine.state().accesses;
        bench.dma.engine().resume(context).unwrap();
        assert_eq!(bench.machine.state().accesses, accesses);
        completed(context, copying);
        let lost = EventKind::Failed(TransferError::Reset);
        assert!(bench.events().iter().all(|event| event.kind != lost));
    });
}

/// The firmware may change while the block sleeps. What was prepared with the old one is refused without a touch of a register, and
/// its client is told when the block is awake again; or takes it back before.
#[test]
fn what_is_refused_in_its_sleep_is_told_when_it_is_awake() {
    let (with, without) =
        (image::firmware(2, 9, 38, &[(35, image::START.into())], 40), image::firmware(2, 10, 38, &[], 40));
    let bench = Bench::new();
    bench.run(|cpu, context| {
        bench.dma.engine().load_firmware(&with, context).unwrap();
        let config = slave(BASE, BusWidth::Four, 4, Peripheral::ssi_dual(line(38)));
        let prepared = [6, 7].map(|channel| {
            let idle = bench.idle(channel);
            let prepared = idle.prep_slave_sg_to_device([&*buffer(&[7; 32])], &config).unwrap();
            (idle, prepared)
        });
        power_off(&bench);
        bench.dma.engine().load_firmware(&without, context).unwrap();
        let [(active, told), (taken_back, aborted)] = prepared.map(|(idle, prepared)| idle.start(prepared).unwrap());
        taken_back.terminate_async().try_finish().unwrap();
        assert!(matches!(aborted.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
        let told = told.try_resolve().unwrap_err();

        power_on(&bench);
        bench.dma.engine().resume(context).unwrap();
        bench.pass(cpu, 100);
        assert_eq!(told.try_resolve().unwrap().outcome, Outcome::Failed(TransferError::NoProgram));
        active.try_idle().unwrap();
        completed(context, copy(&bench, 6, 300));
    });
}

/// The same where there is no firmware any more, so that nothing but the refusal makes channel 0 interrupt after the sleep.
#[test]
fn what_is_refused_in_its_sleep_is_told_without_firmware_too() {
    let with = image::firmware(2, 9, 38, &[(35, image::START.into())], 40);
    let bench = Bench::new();
    bench.run(|cpu, context| {
        bench.dma.engine().load_firmware(&with, context).unwrap();
        let config = slave(BASE, BusWidth::Four, 4, Peripheral::ssi_dual(line(38)));
        let idle = bench.idle(6);
        let prepared = idle.prep_slave_sg_to_device([&*buffer(&[7; 32])], &config).unwrap();
        bench.machine.state().refuses = true;
        bench.dma.engine().load_firmware(&with, context).unwrap_err();
        bench.machine.state().refuses = false;
        power_off(&bench);
        let (active, transfer) = idle.start(prepared).unwrap();
        power_on(&bench);
        bench.dma.engine().resume(context).unwrap();
        bench.pass(cpu, 100);
        assert_eq!(transfer.try_resolve().unwrap().outcome, Outcome::Failed(TransferError::NoProgram));
        active.try_idle().unwrap();
    });
}
