//! The driver in its surroundings, as the suite wants it: a fresh SDMA with two devices for each statement.
//!
//! The module has `unsafe` because the interrupt's handler is a borrowed closure here, and because it makes a [`Sleepable`].

use alloc::boxed::Box;
use core::cell::UnsafeCell;

use backend_imx_sdma::peripheral::{Priority, RequestLine};
use backend_imx_sdma::{Peripheral, Settings, StopMethod};
use board::platform::Board;
use board::sdma::Sdma;
use board::{context, gic, hardware, irq, sdma};
use dmaengine_core::conformance::{Abilities, Controller, Counter, Rig, Scale, Sink};
use dmaengine_core::{Atomic, BusAddr, BusWidth, Dma, Micros, Platform, SlaveConfig, Sleepable, Sleeper};
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::time::{Clock, Cycles};
use sim_imx_sdma::{RegisterAccess, Trouble};

use super::patient::Patient;

/// Words that a burst has, half the depth of a FIFO.
const BURST: u16 = 6;
/// Bytes of a period: 8 bursts.
const PERIOD: u32 = 4 * 6 * 8;
/// Words in a second.
const RATE: u32 = 100_000;
const PERIOD_TIME: Micros = Micros(PERIOD as u64 / 4 * 1_000_000 / RATE as u64);

/// Where the two devices lie, and the request lines of their receivers and transmitters: SSI1 and SSI2 of i.MX6.
const DEVICES: [(u32, u8, u8); 2] = [(0x0202_8000, 37, 38), (0x0202_C000, 41, 42)];

/// The rig.
pub struct Bench<S: StopMethod> {
    dma: Dma<Sdma<S>, 2>,
    devices: [Handle<Patient>; 2],
    abilities: fn() -> Abilities<Sdma<S>>,
    asks_channel_0: bool,
}

impl<S: StopMethod> Bench<S> {
    /// A fresh one, in the place of the one before.
    pub fn new(asks_channel_0: bool, abilities: fn() -> Abilities<Sdma<S>>) -> Self {
        hardware::unmount();
        hardware::mount();
        // A fifth of a period, so that what counts in halves of one is not late; and not oftener, for the sake of long copies, see `scale`.
        hardware::tick(Some(Micros(100)));
        let devices = DEVICES.map(|(base, rx, tx)| {
            hardware::hw(|hw| hw.bus().add_peripheral(base, 0x4000, Patient::new(Clock::IMX6, RATE, rx, tx)).unwrap())
        });
        Self { dma: Dma::new(sdma::driver(Settings::default())), devices, abilities, asks_channel_0 }
    }

    fn device<R>(&self, channel: u8, f: impl FnOnce(&mut Patient, Cycles) -> R) -> R {
        let handle = self.devices[usize::from(channel)];
        hardware::hw(|hw| {
            let now = hw.now();
            f(hw.bus().peripheral(handle), now)
        })
    }
}

fn config(address: u32, line: u8) -> SlaveConfig<Peripheral> {
    let line = RequestLine::new(line).unwrap();
    let peripheral = Peripheral::ssi_shared(line).with_priority(Priority::High);
    SlaveConfig::new(BusAddr(address.into()), BusWidth::Four, peripheral).with_max_burst(BURST)
}

impl<S: StopMethod> Rig for Bench<S> {
    type Engine = Sdma<S>;

    fn dma(&self) -> &dyn Controller<Sdma<S>> {
        &self.dma
    }

    fn abilities(&self) -> Abilities<Sdma<S>> {
        (self.abilities)()
    }

    fn thread(&self, handler: &dyn Fn(&Atomic<'_>), body: &mut dyn FnMut(&mut Sleepable<'_>)) {
        HANDLER.put(Some(handler));
        sdma::on_interrupt(interrupt);
        gic::disable(gic::SDMA);
        context::thread(|context| {
            let sleeper = WithTheSdma { context };
            // SAFETY: the sleeper's own context is one, and is used by nobody else.
            body(&mut unsafe { Sleepable::assume(&sleeper) });
        });
        HANDLER.put(None);
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
        if self.asks_channel_0 {
            hardware::hw(|hw| {
                if ignore {
                    hw.cause(Trouble::Hang { channel: 0 });
                } else {
                    hw.clear_troubles();
                    hw.write32(0x024, 2);
                }
            });
        }
        self.asks_channel_0
    }

    /// Code takes time here. A long copy has as many descriptors as there is room for: the simulated SDMA does one at a time, and the clock
    /// is where it is then.
    fn scale(&self) -> Scale {
        Scale { brief: Micros(200), long: 2_000_000, rounds: 10, ..Scale::default() }
    }
}

/// The handler of the thread that runs.
struct Handler(UnsafeCell<Option<*const dyn Fn(&Atomic<'_>)>>);

// SAFETY: written with the SDMA's interrupt off, and read in its handler; one core.
unsafe impl Sync for Handler {}

static HANDLER: Handler = Handler(UnsafeCell::new(None));

impl Handler {
    fn put(&self, handler: Option<&dyn Fn(&Atomic<'_>)>) {
        gic::disable(gic::SDMA);
        // SAFETY: the lifetime is that of the thread, at whose end it is taken out again.
        let handler = handler.map(|handler| unsafe {
            core::mem::transmute::<*const (dyn Fn(&Atomic<'_>) + '_), *const (dyn Fn(&Atomic<'_>) + 'static)>(handler)
        });
        // SAFETY: the interrupt is off.
        unsafe { *self.0.get() = handler };
    }
}

fn interrupt() {
    // SAFETY: nobody writes it while the interrupt is on, and what it points to is there as long as it is in.
    if let Some(handler) = unsafe { *HANDLER.0.get() } {
        // SAFETY: as above.
        unsafe { (*handler)(&Atomic::new()) };
    }
}

/// Sleeps with the SDMA's interrupt let through, which is off at all other times.
struct WithTheSdma<'c, 's> {
    context: &'c Sleepable<'s>,
}

impl Sleeper for WithTheSdma<'_, '_> {
    fn sleep(&self, at_most: Micros) {
        let end = Board.now() + at_most;
        let before = irq::events();
        gic::enable(gic::SDMA, irq::NORMAL, 0);
        while irq::events() == before && Board.now() < end {
            self.context.sleep(Micros(end.0.saturating_sub(Board.now().0)));
        }
        gic::disable(gic::SDMA);
    }
}
