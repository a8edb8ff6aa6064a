//! Several channels at once: who is served first, what is told in one interrupt, and all 31 at work.

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::Priority;
use dmaengine_core::{BusWidth, ChannelId, EventKind, Outcome};
use sim_imx_sdma::Trouble;
use sim_imx_sdma::bus::{Handle, LogOptions};
use sim_imx_sdma::peripheral::{Ssi, SsiLines};
use sim_imx_sdma::time::{Clock, Cycles};

use crate::bench::{Bench, LONG, buffer, items, line, packed, slave};

const FOUR: BusWidth = BusWidth::Four;
const BASES: [u32; 2] = [0x0202_8000, 0x0202_C000];

fn two_ssis(bench: &Bench) -> [Handle<Ssi>; 2] {
    let lines = [SsiLines::SSI1, SsiLines::SSI2];
    let add = |n: usize| {
        let ssi = bench.add(BASES[n], Ssi::new(Clock::IMX6, 48_000, lines[n]));
        bench.device(ssi, |ssi, now| ssi.set_up(now, 8, false));
        ssi
    };
    [add(0), add(1)]
}

/// The two ask while a third holds the core, and it is let go when both wait. Among equals the higher number goes first; so the one
/// with the lower number has to win by its priority alone.
#[test]
fn high_is_served_before_low() {
    for (first, second, expected) in [
        (Priority::High, Priority::Low, 1),
        (Priority::High, Priority::Medium, 1),
        (Priority::Medium, Priority::Low, 1),
        (Priority::Low, Priority::Low, 2),
        (Priority::Low, Priority::High, 2),
    ] {
        let bench = Bench::new();
        let ssis = two_ssis(&bench);
        bench.run(|cpu, context| {
            let start = |channel: u8, number, priority| {
                let peripheral = Peripheral::ssi_shared(line(number)).with_priority(priority);
                let config = slave(BASES[usize::from(channel)], FOUR, 8, peripheral);
                let idle = bench.idle(channel);
                let send = idle.prep_slave_sg_to_device([&*buffer(&[7; 32])], &config).unwrap();
                idle.start(send).unwrap()
            };
            let (one, two) = (start(0, 38, first), start(1, 42, second));
            bench.pass(cpu, 100);
            let idle = bench.idle(20);
            let copy = idle.prep_memcpy(vec![0_u8; 32].leak(), vec![1_u8; 32].leak()).unwrap();
            bench.board().hw(|hw| hw.cause(Trouble::HoldCore { channel: 21, time: Cycles(10_000) }));
            let _holding = idle.start(copy).unwrap();
            bench.pass(cpu, 20);
            bench.board().hw(|hw| {
                assert_eq!(hw.view().current(), Some(21));
                let now = hw.now();
                hw.bus().start_log(LogOptions::default());
                ssis.iter().for_each(|ssi| hw.bus().peripheral(*ssi).request_tx(now, true));
            });
            for transfer in [one.1, two.1] {
                assert_eq!(transfer.wait(context, LONG).unwrap().outcome, Outcome::Completed);
            }
            let log = bench.board().hw(|hw| hw.bus().stop_log().unwrap());
            let to_devices = log.iter().filter(|access| access.address < 0x1000_0000);
            let order: Vec<_> = to_devices.map(|access| access.channel).collect();
            let other = 3 - expected;
            assert_eq!(order, [[expected; 8], [other; 8]].concat(), "{first:?}, {second:?}");
            one.0.try_idle().unwrap();
            two.0.try_idle().unwrap();
        });
    }
}

#[test]
fn two_channels_are_told_of_in_one_interrupt() {
    let bench = Bench::new();
    bench.run(|cpu, _| {
        cpu.hold_off_interrupts(true);
        let copies = [4, 9].map(|channel| {
            let idle = bench.idle(channel);
            let copy = idle.prep_memcpy(vec![0_u8; 500].leak(), vec![channel; 500].leak()).unwrap();
            let started = idle.start(copy).unwrap();
            // Channel 0 has the next channel loaded when it is done with this one, which somebody has to see.
            bench.pass(cpu, 100);
            started
        });
        assert_eq!((bench.interrupts(), bench.events()), (0, vec![]));
        cpu.hold_off_interrupts(false);
        assert!(cpu.take_interrupt());
        assert!(!cpu.take_interrupt());
        let events: Vec<_> = bench.events().iter().map(|event| (event.channel, event.kind)).collect();
        assert_eq!(events, [4, 9].map(|channel| (ChannelId(channel), EventKind::Completed)));
        for (active, transfer) in copies {
            let ended = transfer.try_resolve().unwrap();
            assert_eq!(ended.buffer.0, ended.buffer.1);
            active.try_idle().unwrap();
        }
    });
    assert_eq!(bench.interrupts(), 1);
}

/// Each with two transfers queued, so that both the descriptors and the order within a channel are put to the test.
#[test]
fn thirty_one_channels_copy_at_once() {
    let bench = Bench::new();
    bench.run(|_, context| {
        let copy = |channel: u8, byte: u8| {
            (vec![0_u8; 3_000 + usize::from(channel)].leak(), vec![byte; 3_000 + usize::from(channel)].leak())
        };
        let started: Vec<_> = (0..31)
            .map(|channel| {
                let idle = bench.idle(channel);
                let (dst, src) = copy(channel, channel + 1);
                let first = idle.prep_memcpy(dst, src).unwrap();
                let (dst, src) = copy(channel, channel + 101);
                let second = idle.prep_memcpy(dst, src).unwrap();
                let (active, first) = idle.start(first).unwrap();
                let second = active.submit(second).unwrap();
                active.issue();
                (channel, active, first, second)
            })
            .collect();
        assert!(bench.dma.channel(31).is_err());
        for (channel, active, first, second) in started {
            for (transfer, byte) in [(first, channel + 1), (second, channel + 101)] {
                let ended = transfer.wait(context, LONG).unwrap();
                assert_eq!(ended.outcome, Outcome::Completed);
                assert!(ended.buffer.0.iter().all(|found| *found == byte), "channel {channel}");
            }
            active.try_idle().unwrap();
        }
    });
    let mut generations = [0; 31];
    for event in bench.events() {
        assert_eq!(event.kind, EventKind::Completed);
        let next = &mut generations[usize::from(event.channel.0)];
        assert_eq!(event.generation.0, *next, "{:?}", event.channel);
        *next += 1;
    }
    assert_eq!(generations, [2; 31]);
}

#[test]
fn what_is_queued_goes_out_in_order_without_a_gap() {
    let bench = Bench::new();
    let [ssi, _] = two_ssis(&bench);
    let words = items(240, FOUR);
    bench.run(|cpu, context| {
        let config = slave(BASES[0], FOUR, 8, Peripheral::ssi_shared(line(38)).with_priority(Priority::High));
        let idle = bench.idle(0);
        let prepared: Vec<_> = words
            .chunks(48)
            .map(|part| idle.prep_slave_sg_to_device([&*buffer(&packed(part, FOUR))], &config).unwrap())
            .collect();
        let mut prepared = prepared.into_iter();
        let (active, first) = idle.start(prepared.next().unwrap()).unwrap();
        let mut transfers = vec![first];
        transfers.extend(prepared.map(|next| active.submit(next).unwrap()));
        active.issue();
        bench.device(ssi, |ssi, now| ssi.request_tx(now, true));
        bench.pass(cpu, 20);
        bench.device(ssi, Ssi::start_tx);
        for transfer in transfers {
            assert_eq!(transfer.wait(context, LONG).unwrap().outcome, Outcome::Completed);
        }
        bench.device(ssi, |ssi, _| assert_eq!(ssi.tx().fifo(0).unwrap().underruns(), 0));
        bench.pass(cpu, 1_000);
        active.try_idle().unwrap();
    });
    bench.device(ssi, |ssi, _| assert_eq!(ssi.taken(0), words));
}
