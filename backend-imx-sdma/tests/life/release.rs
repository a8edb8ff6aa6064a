//! Giving back: channels that others get, and descriptors, of which there are as many as the board has said.

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::Priority;
use dmaengine_core::error::PrepError;
use dmaengine_core::{BusWidth, Cyclic, Direction, Outcome};
use sim_imx_sdma::peripheral::{Source, Ssi, SsiLines};
use sim_imx_sdma::time::Clock;

use crate::bench::{Bench, LONG, buffer, go_round, line, packed, slave};

const BASE: u32 = 0x0202_8000;
/// How many transfers the board has descriptors for.
const TRANSFERS: u16 = 64;

fn chnpri(bench: &Bench, channel: u32) -> u32 {
    bench.register(0x100 + 4 * channel)
}

fn chnenbl(bench: &Bench, line: u32) -> u32 {
    bench.register(0x200 + 4 * line)
}

fn ring(line_number: u8, priority: Priority, address: u32, direction: Direction) -> Cyclic<Peripheral> {
    let peripheral = Peripheral::ssi_shared(line(line_number)).with_priority(priority);
    Cyclic { direction, period: 64, config: slave(address, BusWidth::Four, 8, peripheral) }
}

/// Linux leaves the priority as it was; its own function refuses 0 (6.12 drivers/dma/imx-sdma.c, sdma_free_chan_resources).
#[test]
fn a_channel_that_is_given_back_has_no_priority_and_no_line_and_serves_another_device_then() {
    let bench = Bench::new();
    let ssi = bench.add(BASE, Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1));
    bench.device(ssi, |ssi, now| {
        ssi.set_up(now, 8, false);
        ssi.give(0, Source::Counter(1));
    });
    bench.run(|cpu, context| {
        let idle = bench.idle(4);
        let out = ring(38, Priority::High, BASE, Direction::MemToDev);
        let prepared = idle.prep_cyclic(buffer(&[1; 256]), &out).unwrap();
        assert_eq!((chnpri(&bench, 5), chnenbl(&bench, 38)), (0, 0), "a preparation writes nothing");
        let (active, transfer) = idle.start(prepared).unwrap();
        bench.device(ssi, Ssi::start_tx);
        bench.pass(cpu, 1_000);
        assert_eq!((chnpri(&bench, 5), chnenbl(&bench, 38)), (3, 1 << 5));
        let idle = active.terminate_sync(context).unwrap();
        assert!(matches!(transfer.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
        assert_eq!((chnpri(&bench, 5), chnenbl(&bench, 38)), (3, 1 << 5), "it is still the client's");
        drop(idle);
        assert_eq!((chnpri(&bench, 5), chnenbl(&bench, 38)), (0, 0));
        assert_eq!(bench.register(0x008) & 1 << 5, 0);

        // Another device, another way, another priority.
        let taken = bench.device(ssi, |ssi, _| ssi.tx().fifo(0).unwrap().count());
        let idle = bench.idle(4);
        let receive = ring(37, Priority::Medium, BASE + 8, Direction::DevToMem);
        let (active, transfer) = go_round(idle, &receive, buffer(&[0; 256]));
        bench.device(ssi, Ssi::start_rx);
        bench.pass(cpu, 200);
        assert_eq!((chnpri(&bench, 5), chnenbl(&bench, 37), chnenbl(&bench, 38)), (2, 1 << 5, 0));
        let mut bytes = [0; 64];
        transfer.copy_out(0, &mut bytes).unwrap();
        assert_eq!(bytes[..], packed(&(1..=16).collect::<Vec<_>>(), BusWidth::Four));
        let idle = active.terminate_sync(context).unwrap();
        assert!(bench.device(ssi, |ssi, _| ssi.tx().fifo(0).unwrap().count()) - taken <= 15, "it is still fed");

        // And memory, without any device.
        let copy = idle.prep_memcpy(vec![0_u8; 100].leak(), vec![9_u8; 100].leak()).unwrap();
        let (active, copy) = idle.start(copy).unwrap();
        assert_eq!(copy.wait(context, LONG).unwrap().outcome, Outcome::Completed);
        assert_eq!((chnpri(&bench, 5), chnenbl(&bench, 37), bench.register(0x010) >> 5 & 1), (1, 0, 1));
        drop(active);
        assert_eq!(chnpri(&bench, 5), 0);
    });
}

/// The holder goes away while the channel runs: it is parked when it has stopped, and not before.
#[test]
fn a_channel_whose_holder_is_gone_is_parked_when_it_has_stopped() {
    let bench = Bench::new();
    let ssi = bench.add(BASE, Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1));
    bench.device(ssi, |ssi, now| ssi.set_up(now, 8, false));
    bench.run(|cpu, _| {
        let idle = bench.idle(0);
        let out = ring(38, Priority::High, BASE, Direction::MemToDev);
        let (active, transfer) = go_round(idle, &out, buffer(&[1; 256]));
        bench.device(ssi, Ssi::start_tx);
        bench.pass(cpu, 500);
        drop(active);
        bench.pass(cpu, 500);
        assert_eq!((chnpri(&bench, 1), chnenbl(&bench, 38)), (0, 0));
        assert!(matches!(transfer.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
        drop(bench.idle(0));
    });
}

#[test]
fn what_is_prepared_and_never_started_gives_its_descriptors_back() {
    let bench = Bench::new();
    let accesses = bench.machine.state().accesses;
    let idle = bench.idle(0);
    for round in 0..5 * u32::from(TRANSFERS) {
        let copy = idle.prep_memcpy(vec![0_u8; 8].leak(), vec![1_u8; 8].leak()).unwrap();
        if round % 2 == 0 {
            copy.cancel();
        }
        // A refusal takes none, or gives it back.
        let odd = ring(38, Priority::Low, BASE, Direction::MemToDev);
        let odd = Cyclic { period: 6, ..odd };
        assert!(idle.prep_cyclic(buffer(&[0; 24]), &odd).is_err());
    }
    assert_eq!(bench.machine.state().accesses, accesses);
    assert_eq!(bench.machine.state().mapped, 0);
}

#[test]
fn running_out_of_descriptors_is_an_error_and_nothing_else() {
    let bench = Bench::new();
    let accesses = bench.machine.state().accesses;
    let channels: Vec<_> = (0..31).map(|channel| bench.idle(channel)).collect();
    let prepare = |n: u16| channels[usize::from(n) / 8].prep_memcpy(vec![0_u8; 8].leak(), vec![n as u8; 8].leak());
    let eight = |channel: u16| (0..8).map(|n| prepare(8 * channel + n).unwrap()).collect::<Vec<_>>();
    let mut prepared: Vec<_> = (0..8).map(eight).collect();
    for _ in 0..3 {
        let refused = prepare(TRANSFERS).unwrap_err();
        assert_eq!(refused.error, PrepError::NoDescriptor { limit: TRANSFERS });
        assert_eq!(bench.machine.state().mapped, 2 * i32::from(TRANSFERS));
    }
    assert_eq!(bench.machine.state().accesses, accesses);
    // One given back is one that can be had.
    drop(prepared[1].remove(5));
    prepared.push(vec![prepare(TRANSFERS).unwrap()]);
    assert!(prepare(TRANSFERS + 1).is_err());

    // All of them run, each with its own, and all descriptors come back.
    bench.run(|_, context| {
        for (idle, prepared) in channels.into_iter().zip(prepared) {
            let mut prepared = prepared.into_iter();
            let (active, first) = idle.start(prepared.next().unwrap()).unwrap();
            let others: Vec<_> = prepared.map(|next| active.submit(next).unwrap()).collect();
            active.issue();
            for transfer in [first].into_iter().chain(others) {
                let ended = transfer.wait(context, LONG).unwrap();
                assert_eq!((ended.outcome, &ended.buffer.0), (Outcome::Completed, &ended.buffer.1));
            }
            active.try_idle().unwrap();
        }
    });
    assert_eq!(bench.machine.state().mapped, 0);
    let channels: Vec<_> = (0..31).map(|channel| bench.idle(channel)).collect();
    let prepare = |n: u16| channels[usize::from(n) / 8].prep_memcpy(vec![0_u8; 8].leak(), vec![0_u8; 8].leak());
    let all: Vec<_> = (0..TRANSFERS).map(prepare).collect();
    assert!(all.iter().all(Result::is_ok) && prepare(TRANSFERS).is_err());
}
