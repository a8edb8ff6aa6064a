//! The conformance suite on the driver and the simulated SDMA, with each of the three ways to know that a channel has stopped.

use backend_imx_sdma::peripheral::{Priority, RequestLine};
use backend_imx_sdma::{Fence, Peripheral, Poll, Settings, StopMethod, Wait};
use dmaengine_core::conformance::{self, Abilities, Controller, Counter, Rig, Scale, Sink};
use dmaengine_core::{Atomic, BusAddr, BusWidth, Dma, Micros, SlaveConfig, Sleepable};
use sim_board::{Board, Cpu, Engine};
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::time::{Clock, Cycles};
use sim_imx_sdma::{RegisterAccess, Trouble};

mod patient;
use patient::Patient;

/// Words that a burst has, half the depth of a FIFO.
const BURST: u16 = 6;
/// Bytes of a period: 8 bursts.
const PERIOD: u32 = 4 * 6 * 8;
/// Words in a second.
const RATE: u32 = 100_000;

/// Where the two devices lie, and the request lines of their receivers and transmitters: SSI1 and SSI2 of i.MX6.
const DEVICES: [(u32, u8, u8); 2] = [(0x0202_8000, 37, 38), (0x0202_C000, 41, 42)];

struct Bench<S: StopMethod> {
    board: Board,
    dma: Dma<Engine<S>, 2>,
    devices: [Handle<Patient>; 2],
    abilities: fn() -> Abilities<Engine<S>>,
    asks_channel_0: bool,
}

fn bench_with<S: StopMethod>(asks_channel_0: bool, abilities: fn() -> Abilities<Engine<S>>) -> Bench<S> {
    let board = Board::new();
    let devices = DEVICES.map(|(base, rx, tx)| {
        board.hw(|hw| hw.bus().add_peripheral(base, 0x4000, Patient::new(Clock::IMX6, RATE, rx, tx)).unwrap())
    });
    let engine = board.sdma(Settings::default()).unwrap();
    let dma = Dma::new(engine);
    Bench { board, dma, devices, abilities, asks_channel_0 }
}

impl<S: StopMethod> Bench<S> {
    fn device<R>(&self, channel: u8, f: impl FnOnce(&mut Patient, Cycles) -> R) -> R {
        let handle = self.devices[usize::from(channel)];
        self.board.hw(|hw| {
            let now = hw.now();
            f(hw.bus().peripheral(handle), now)
        })
    }
}

impl<S: StopMethod> Rig for Bench<S> {
    type Engine = Engine<S>;

    fn dma(&self) -> &dyn Controller<Engine<S>> {
        &self.dma
    }

    fn abilities(&self) -> Abilities<Engine<S>> {
        (self.abilities)()
    }

    fn thread(&self, handler: &dyn Fn(&Atomic<'_>), body: &mut dyn FnMut(&mut Sleepable<'_>)) {
        Cpu::new(&self.board, handler).thread(body);
    }

    fn counter(&self, channel: u8) -> Option<Counter<Peripheral>> {
        let (base, rx, _) = DEVICES[usize::from(channel)];
        self.device(channel, Patient::count);
        Some(Counter { config: config(base, rx), period: PERIOD, period_time: PERIOD_TIME, patience: Micros(100) })
    }

    fn sink(&self, channel: u8) -> Option<Sink<'_, Peripheral>> {
        let (base, _, tx) = DEVICES[usize::from(channel)];
        self.device(channel, Patient::take);
        let taken = move || self.device(channel, |device, _| device.taken());
        Some(Sink { config: config(base, tx), period: PERIOD, period_time: PERIOD_TIME, taken: Box::new(taken) })
    }

    /// Channel 0 comes to no end any more, and so no fence is passed; RESCHED makes it. Who does not ask channel 0 does not notice.
    fn ignore_stops(&self, ignore: bool) -> bool {
        if !self.asks_channel_0 {
            return false;
        }
        self.board.hw(|hw| {
            if ignore {
                hw.cause(Trouble::Hang { channel: 0 });
            } else {
                hw.clear_troubles();
                hw.write32(0x024, 2);
            }
        });
        true
    }

    fn trespasses(&self) -> Option<u64> {
        Some(self.board.trespasses())
    }

    fn scale(&self) -> Scale {
        Scale { brief: Micros(20), long: 1 << 21, ..Scale::default() }
    }
}

const PERIOD_TIME: Micros = Micros(PERIOD as u64 / 4 * 1_000_000 / RATE as u64);

fn config(address: u32, line: u8) -> SlaveConfig<Peripheral> {
    let line = RequestLine::new(line).unwrap();
    let peripheral = Peripheral::ssi_shared(line).with_priority(Priority::High);
    SlaveConfig::new(BusAddr(address.into()), BusWidth::Four, peripheral).with_max_burst(BURST)
}

mod fence {
    use super::*;

    pub fn bench() -> Bench<Fence> {
        bench_with(true, || Abilities::none().memcpy().cyclic().slave_sg().terminate_atomic().queue_after_stop())
    }

    conformance::suite!(bench);
}

mod poll {
    use super::*;

    pub fn bench() -> Bench<Poll> {
        bench_with(false, || Abilities::none().memcpy().cyclic().slave_sg().terminate_atomic())
    }

    conformance::suite!(bench);
}

mod wait {
    use super::*;

    pub fn bench() -> Bench<Wait> {
        bench_with(false, || Abilities::none().memcpy().cyclic().slave_sg().terminate_atomic())
    }

    conformance::suite!(bench);
}

/// What the SDMA can do is tried, whichever way its stops are known. It cannot pause, repeat rows, or know less than a
/// descriptor; only the fence tells its end by itself, so that something may wait behind it; and a stop by the fence is over
/// before there could be a second one.
#[test]
fn nothing_is_skipped_that_the_sdma_can_do() {
    let never = [19, 32, 33, 36, 44, 65];
    let without_a_fence = [19, 32, 33, 36, 44, 46, 47, 57, 65];
    let summaries = [
        (conformance::run_all(fence::bench), &never[..]),
        (conformance::run_all(poll::bench), &without_a_fence),
        (conformance::run_all(wait::bench), &without_a_fence),
    ];
    for (summary, skipped) in summaries {
        println!("{summary}");
        assert!(summary.failed.is_empty(), "{summary}");
        let found: Vec<_> = summary.skipped.iter().map(|skipped| skipped.number).collect();
        assert_eq!(found, skipped, "{summary}");
    }
}
