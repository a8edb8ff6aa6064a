//! The last way out. A script that holds the core is made to leave it; if channel 0 itself does not answer, the whole block is reset,
//! and the transfers of the other channels are lost: they fail, their clients are told, and have their memory and their channels back.

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::Priority;
use dmaengine_core::error::{TransferError, Unfinished};
use dmaengine_core::{BusWidth, ChannelId, Cyclic, Direction, EventKind, Outcome};
use sim_imx_sdma::Trouble;
use sim_imx_sdma::peripheral::{Ssi, SsiLines};
use sim_imx_sdma::time::Clock;

use crate::bench::{Bench, LONG, Ring, buffer, go_round, line, slave};

const BASE: u32 = 0x0202_8000;

fn ring(bench: &Bench, channel: u8, number: u8, priority: Priority) -> Ring<'_> {
    let offset = if number == 38 { 0 } else { 8 };
    let peripheral = Peripheral::ssi_shared(line(number)).with_priority(priority);
    let config = slave(BASE + offset, BusWidth::Four, 8, peripheral);
    let direction = if number == 38 { Direction::MemToDev } else { Direction::DevToMem };
    let request = Cyclic { direction, period: 64, config };
    let idle = bench.idle(channel);
    go_round(idle, &request, buffer(&[3; 256]))
}

fn trouble(bench: &Bench, channel: u8) {
    bench.board().hw(|hw| hw.cause(Trouble::Hang { channel }));
}

/// An SSI that goes both ways.
fn ssi(bench: &Bench) -> sim_imx_sdma::bus::Handle<Ssi> {
    let ssi = bench.add(BASE, Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1));
    bench.device(ssi, |ssi, now| {
        ssi.set_up(now, 8, false);
        ssi.start_tx(now);
        ssi.start_rx(now);
    });
    ssi
}

#[test]
fn a_script_that_holds_the_core_is_made_to_leave_it_and_nobody_else_is_harmed() {
    let bench = Bench::new();
    bench.run(|cpu, context| {
        ssi(&bench);
        let (playing, played) = ring(&bench, 0, 38, Priority::High);
        let (capturing, captured) = ring(&bench, 1, 37, Priority::High);
        bench.pass(cpu, 1_000);
        trouble(&bench, 1);
        bench.pass(cpu, 507);
        let stuck = playing.terminate_sync(context).unwrap_err();
        let error = stuck.error;
        assert!(error.reason == Unfinished::Engine && error.waited >= error.bound, "{error}");
        let stopping = stuck.value;
        let played = played.try_resolve().unwrap_err();
        bench.events();

        let idle = stopping.reset().unwrap();
        let ended = played.try_resolve().unwrap();
        assert!(matches!(ended.outcome, Outcome::Aborted { .. }));
        // The block was not reset: the other channel goes on.
        bench.pass(cpu, 1_000);
        let events = bench.events();
        assert!(events.iter().all(|event| event.channel == ChannelId(1)), "{events:?}");
        assert!(events.iter().all(|event| matches!(event.kind, EventKind::Period { .. })), "{events:?}");
        assert!(events.len() >= 4, "{events:?}");
        capturing.terminate_sync(context).unwrap();
        captured.try_resolve().unwrap();
        // And so does this one, when it is asked again.
        drop(idle);
        let (playing, _played) = ring(&bench, 0, 38, Priority::High);
        bench.pass(cpu, 1_000);
        assert!(bench.periods().len() >= 3);
        playing.terminate_sync(context).unwrap();
    });
}

/// Twice: RESCHED ends the first, and the next command of channel 0 hangs again.
fn channel_0_hangs(bench: &Bench) {
    trouble(bench, 0);
    trouble(bench, 0);
}

#[test]
fn if_channel_0_does_not_answer_the_block_is_reset_and_all_others_are_told() {
    let bench = Bench::with_firmware();
    bench.run(|cpu, context| {
        let ssi = ssi(&bench);
        let (playing, played) = ring(&bench, 0, 38, Priority::High);
        let (capturing, captured) = ring(&bench, 30, 37, Priority::High);
        bench.pass(cpu, 1_000);
        channel_0_hangs(&bench);
        let stuck = playing.terminate_sync(context).unwrap_err();
        assert_eq!(stuck.error.reason, Unfinished::Engine);
        let memory = bench.machine.state().mapped;
        assert_eq!(memory, 2);
        bench.events();
        let captured = captured.try_resolve().unwrap_err();

        let idle = stuck.value.reset().unwrap();
        assert!(matches!(played.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
        // Nobody has asked the other channel anything: an interrupt comes.
        bench.pass(cpu, 100);
        let events: Vec<_> = bench.events().iter().map(|event| (event.channel, event.kind)).collect();
        assert_eq!(events, [(ChannelId(30), EventKind::Failed(TransferError::Reset))]);
        let ended = captured.try_resolve().unwrap();
        assert_eq!(ended.outcome, Outcome::Failed(TransferError::Reset));
        assert_eq!(bench.machine.state().mapped, 0);
        bench.pass(cpu, 2_000);
        let spoilt = ended.buffer.to_vec();

        // Both channels can be used again, and firmware is still there.
        let other = capturing.try_idle().unwrap();
        assert_eq!(bench.dma.engine().firmware(), Some((3, 5)));
        let copy = idle.prep_memcpy(vec![0_u8; 300].leak(), vec![6_u8; 300].leak()).unwrap();
        let (_active, copy) = idle.start(copy).unwrap();
        let copied = copy.wait(context, LONG).unwrap();
        assert_eq!((copied.outcome, &copied.buffer.0[..]), (Outcome::Completed, &[6; 300][..]));
        drop(other);
        let (capturing, _captured) = ring(&bench, 30, 37, Priority::High);
        bench.pass(cpu, 1_000);
        assert!(bench.periods().len() >= 3);
        capturing.terminate_sync(context).unwrap();
        assert_eq!(ended.buffer, spoilt);
        bench.device(ssi, Ssi::stop_rx);
    });
}

/// The line of a channel that was connected is high when the block comes back, and stays so until somebody serves it.
#[test]
fn a_channel_that_stays_with_its_client_is_served_after_the_reset() {
    let bench = Bench::new();
    bench.run(|cpu, context| {
        ssi(&bench);
        let (playing, played) = ring(&bench, 0, 38, Priority::High);
        let (capturing, captured) = ring(&bench, 1, 37, Priority::High);
        bench.pass(cpu, 500);
        channel_0_hangs(&bench);
        let stuck = playing.terminate_sync(context).unwrap_err();
        stuck.value.reset().unwrap();
        played.try_resolve().unwrap();
        bench.pass(cpu, 2_000);
        captured.try_resolve().unwrap();
        bench.events();
        let idle = capturing.try_idle().unwrap();
        let peripheral = Peripheral::ssi_shared(line(37)).with_priority(Priority::High);
        let config = slave(BASE + 8, BusWidth::Four, 8, peripheral);
        let request = Cyclic { direction: Direction::DevToMem, period: 64, config };
        let (active, _transfer) = go_round(idle, &request, buffer(&[0; 256]));
        bench.pass(cpu, 1_000);
        assert!(bench.periods().len() >= 3);
        active.terminate_sync(context).unwrap();
    });
}

/// One that was stopping, too, has stopped with the reset; and one that waited behind a stop begins.
#[test]
fn stops_that_waited_for_channel_0_are_complete_with_the_reset() {
    let bench = Bench::new();
    bench.run(|cpu, context| {
        ssi(&bench);
        let (playing, _played) = ring(&bench, 0, 38, Priority::High);
        let (capturing, captured) = ring(&bench, 1, 37, Priority::High);
        bench.pass(cpu, 500);
        channel_0_hangs(&bench);
        let capturing = capturing.terminate_async();
        let copy = capturing.prep_memcpy(vec![0_u8; 300].leak(), vec![6_u8; 300].leak()).unwrap();
        let (copying, copy) = capturing.queue_after_stop(copy).unwrap();
        let stuck = playing.terminate_sync(context).unwrap_err();
        stuck.value.reset().unwrap();
        let copied = copy.wait(context, LONG).unwrap();
        assert_eq!((copied.outcome, &copied.buffer.0[..]), (Outcome::Completed, &[6; 300][..]));
        assert!(matches!(captured.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
        copying.try_idle().unwrap();
    });
}

/// A reset that does not come to its end has stopped nothing: the memory stays with the device.
#[test]
fn a_reset_that_does_not_end_gives_no_memory_back() {
    let bench = Bench::new();
    bench.run(|cpu, context| {
        ssi(&bench);
        let (playing, played) = ring(&bench, 0, 38, Priority::High);
        let (capturing, captured) = ring(&bench, 1, 37, Priority::High);
        bench.pass(cpu, 500);
        channel_0_hangs(&bench);
        let stuck = playing.terminate_sync(context).unwrap_err();
        bench.machine.state().reset_sticks = true;
        let stuck = stuck.value.reset().unwrap_err();
        assert_eq!(stuck.error.reason, Unfinished::Engine);
        let stopping = stuck.value.try_finish().unwrap_err();
        let played = played.try_resolve().unwrap_err();
        assert_eq!(bench.machine.state().mapped, 2);

        bench.machine.state().reset_sticks = false;
        stopping.reset().unwrap();
        played.try_resolve().unwrap();
        bench.pass(cpu, 100);
        assert_eq!(captured.try_resolve().unwrap().outcome, Outcome::Failed(TransferError::Reset));
        capturing.try_idle().unwrap();
    });
}

/// Channel 0 hangs a third time, where the block is set up again: all has stopped even so, and what is asked next gets on.
#[test]
fn a_reset_after_which_channel_0_is_dead_has_stopped_the_channel_even_so() {
    let bench = Bench::new();
    bench.run(|cpu, context| {
        ssi(&bench);
        let (playing, played) = ring(&bench, 0, 38, Priority::High);
        let (capturing, captured) = ring(&bench, 1, 37, Priority::High);
        bench.pass(cpu, 500);
        channel_0_hangs(&bench);
        trouble(&bench, 0);
        let stuck = playing.terminate_sync(context).unwrap_err();
        stuck.value.reset().unwrap();
        played.try_resolve().unwrap();
        assert_eq!(bench.machine.state().mapped, 1);

        let stuck = capturing.terminate_sync(context).unwrap_err();
        stuck.value.reset().unwrap();
        captured.try_resolve().unwrap();
        let (playing, _played) = ring(&bench, 0, 38, Priority::High);
        bench.pass(cpu, 1_000);
        assert!(bench.periods().len() >= 3);
        playing.terminate_sync(context).unwrap();
    });
}
