//! The client: a channel, what its interrupt handler is told, and what must be so whenever an interrupt came.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use backend_imx_sdma::Settings;
use board::lock::IrqLock;
use board::sdma::Sdma;
use board::ssi::Ssi;
use board::{hardware, irq, sdma};
use dmaengine_core::lock::Locked;
use dmaengine_core::{
    Active, Atomic, ChannelStopper, Cyclic, Direction, Dma, Event, EventKind, Generation, Idle, Micros, Outcome,
    Prepared, Resolved, Sleepable, StopHandle, Transfer,
};
use sim_imx_sdma::time::Cycles;
use sim_imx_sdma::{ReportKind, Until};
use spin::Once;

use crate::aim;

/// Four periods of eight frames.
const PERIOD: usize = 32;
const RING: usize = 4 * PERIOD;
/// How long there may be nothing new: 3 ms, many periods.
const PATIENCE: Cycles = Cycles(200_000);
const LONG: Micros = Micros(20_000);

/// The lock of what this client shares with its interrupt handler.
#[cfg(not(feature = "fault-handler-takes-thread-lock"))]
type ClientLock = IrqLock;
/// A fault, planted to see that the tests find it: the handler waits for what it has interrupted.
#[cfg(feature = "fault-handler-takes-thread-lock")]
type ClientLock = dmaengine_core::lock::ThreadLock;

pub type Ring = Transfer<'static, Sdma, Box<[u8]>>;
pub type Copy = Transfer<'static, Sdma, (Box<[u8]>, Box<[u8]>)>;
pub type Copying = Prepared<'static, Sdma, (Box<[u8]>, Box<[u8]>)>;

static DMA: Once<Dma<Sdma, 1>> = Once::new();
static SSI: Once<Ssi> = Once::new();
/// What the handler was told in this round.
static TOLD: Locked<ClientLock, Vec<Event>> = Locked::new(Vec::new());
/// Transfers below this number are quiescent, and nothing is told of them.
static QUIET_BELOW: AtomicU64 = AtomicU64::new(0);
/// With what the handler stops the run, how often it did, and how often it was too late.
static HANDLE: Locked<IrqLock, Option<StopHandle<'static, Sdma>>> = Locked::new(None);
static STOPPER: Locked<IrqLock, Option<(ChannelStopper<'static, Sdma>, Generation)>> = Locked::new(None);
static STOPPED: AtomicU32 = AtomicU32::new(0);
static TOO_LATE: AtomicU32 = AtomicU32::new(0);
/// The next interrupt of the SDMA is a routine to walk through; what follows on the next stop is.
pub static WALK_HANDLER: AtomicBool = AtomicBool::new(false);
pub static WALK_BEHIND_STOP: AtomicBool = AtomicBool::new(false);

fn dma() -> &'static Dma<Sdma, 1> {
    DMA.call_once(|| {
        hardware::mount();
        hardware::tick(None);
        Dma::new(sdma::driver(Settings::default()))
    })
}

/// Puts the hardware there, with an SSI that plays whatever comes.
pub fn set_up() {
    dma();
    sdma::on_interrupt(interrupt);
    SSI.call_once(|| Ssi::mount(48_000)).start();
    TOLD.with(|told| told.reserve(64));
}

fn interrupt() {
    if WALK_HANDLER.swap(false, Ordering::Relaxed) {
        irq::nested(|| {
            aim::here();
            serve();
            aim::over();
        });
    } else {
        serve();
    }
    let stopped = || TOLD.with(|told| told.iter().any(|event| event.kind == EventKind::Stopped));
    if WALK_BEHIND_STOP.load(Ordering::Relaxed) && stopped() {
        WALK_BEHIND_STOP.store(false, Ordering::Relaxed);
        aim::here();
    }
}

fn serve() {
    dma().interrupt(&Atomic::new(), &mut |_, event| {
        let quiet = QUIET_BELOW.load(Ordering::Relaxed);
        assert!(event.generation.0 >= quiet, "{event:?}, and all below {quiet} are quiescent");
        TOLD.with(|told| told.push(event));
    });
}

/// What an interrupt may bring: time passes until the SDMA has something to tell; its own interrupt comes at the same instruction.
pub fn news() {
    hardware::hw(|sdma| {
        let limit = sdma.now() + PATIENCE;
        sdma.run_until(Until::Interrupt { limit });
    });
}

/// What an interrupt may bring: an XRUN, so the handler stops the run.
pub fn xrun() {
    let handle = HANDLE.with(|handle| handle.clone());
    let stopper = STOPPER.with(|stopper| *stopper);
    let stopped = match (handle, stopper) {
        (Some(handle), _) => handle.terminate_async(),
        (None, Some((stopper, transfer))) => stopper.terminate_async(transfer),
        (None, None) => panic!("nothing to stop with"),
    };
    if stopped { &STOPPED } else { &TOO_LATE }.fetch_add(1, Ordering::Relaxed);
}

/// What an interrupt may bring: an XRUN, and the stop is complete before the program goes on.
pub fn xrun_and_rest() {
    xrun();
    news();
}

/// The handler looks at what it shares with the client.
pub fn look() {
    TOLD.with(|told| assert!(told.len() < 64));
}

/// Looks at it as a thread does.
pub fn told() -> usize {
    TOLD.with(|told| core::hint::black_box(&*told).len())
}

/// The handler has stopped the run in this round.
pub fn was_stopped() -> bool {
    STOPPED.load(Ordering::Relaxed) == 1
}

/// Counts of what was told of a transfer: periods, ends, stops.
fn count(transfer: Generation) -> (u32, u32, u32) {
    TOLD.with(|told| {
        let (mut periods, mut ends, mut stops, mut last) = (0, 0, 0, 0);
        for event in told.iter().filter(|event| event.generation == transfer) {
            match event.kind {
                EventKind::Period { periods: more, position } => {
                    assert!(more > 0 && position > last, "{event:?} behind {last}");
                    periods += more;
                    last = position;
                }
                EventKind::Completed => ends += 1,
                EventKind::Stopped => stops += 1,
                _ => panic!("{event:?}"),
            }
        }
        (periods, ends, stops)
    })
}

/// A round: a channel that nobody has.
pub struct Round {
    stops: u64,
}

impl Round {
    /// It begins.
    pub fn new() -> (Self, Idle<'static, Sdma>) {
        TOLD.with(Vec::clear);
        HANDLE.with(|handle| *handle = None);
        STOPPER.with(|stopper| *stopper = None);
        STOPPED.store(0, Ordering::Relaxed);
        TOO_LATE.store(0, Ordering::Relaxed);
        let idle = dma().channel(0).expect("the last round has given it back");
        (Self { stops: dma().statistics(0).unwrap().stops }, idle)
    }

    /// Stops of hardware that ran, since then.
    fn stops(&self) -> u64 {
        dma().statistics(0).unwrap().stops - self.stops
    }

    /// The number of the next transfer.
    pub fn next(&self) -> Generation {
        Generation(QUIET_BELOW.load(Ordering::Relaxed))
    }

    /// Starts the ring, and lets it run for a period.
    pub fn ring(&self, idle: Idle<'static, Sdma>) -> (Active<'static, Sdma>, Ring) {
        let ssi = SSI.get().expect("it was set up");
        let request = Cyclic { direction: Direction::MemToDev, period: PERIOD as u32, config: ssi.config() };
        let prepared = idle.prep_cyclic(vec![0_u8; RING].into_boxed_slice(), &request).unwrap();
        let (active, transfer) = idle.start(prepared).unwrap();
        HANDLE.with(|handle| *handle = Some(active.stop_handle()));
        news();
        if told() == 0 {
            // The SDMA may miss a request; the SSI asks anew.
            ssi.stop();
            ssi.start();
            news();
        }
        (active, transfer)
    }

    /// The ring was stopped, and the channel is idle.
    pub fn end(self, idle: Idle<'static, Sdma>, transfer: Ring, context: &Sleepable<'_>) {
        let number = transfer.generation();
        QUIET_BELOW.store(number.0 + 1, Ordering::Relaxed);
        let ended = transfer.try_resolve().expect("the channel is idle");
        assert!(matches!(ended.outcome, Outcome::Aborted { residue } if residue <= RING as u64), "{:?}", ended.outcome);
        assert_eq!(ended.buffer.len(), RING);
        let (periods, ends, stops) = count(number);
        assert!(periods >= 1 && ends == 0 && stops <= 1, "{periods} periods, {ends} ends, {stops} stops");
        assert_eq!(self.stops(), 1);
        // Spent: the run is over.
        let handle = HANDLE.with(Option::take).expect("the ring has one");
        assert!(!handle.terminate_async());
        again(idle, context);
    }

    /// Two copies were to run, one behind the other; how many were submitted, they have ended, and told of it once or not at all.
    pub fn end_copies<const N: usize>(self, active: Active<'static, Sdma>, copies: [Copy; N], context: &Sleepable<'_>) {
        let last = copies.iter().map(Transfer::generation).max().expect("one at least");
        let numbers = copies.each_ref().map(Transfer::generation);
        let (idle, ended) = if was_stopped() {
            assert!(active.is_stopped_by_another());
            let idle = active.terminate_async().synchronize(context).unwrap();
            QUIET_BELOW.store(last.0 + 1, Ordering::Relaxed);
            (idle, copies.map(|copy| copy.try_resolve().expect("the channel is idle")))
        } else {
            let ended = copies.map(|copy| copy.wait(context, LONG).expect("nobody has stopped it"));
            let idle = active.try_idle().expect("all have ended");
            QUIET_BELOW.store(last.0 + 1, Ordering::Relaxed);
            (idle, ended)
        };
        for (number, Resolved { outcome, buffer: (to, from) }) in numbers.into_iter().zip(ended) {
            let (periods, ends, stops) = count(number);
            match outcome {
                Outcome::Completed => {
                    assert!(
                        to == from && (periods, ends, stops) == (0, 1, 0),
                        "{number:?}: {ends} ends, {stops} stops"
                    );
                }
                Outcome::Aborted { .. } => {
                    assert!(was_stopped() && (periods, ends) == (0, 0) && stops <= 1, "{number:?}: {ends} ends");
                }
                Outcome::Failed(error) => panic!("{error}"),
            }
        }
        if let Some(handle) = HANDLE.with(Option::take) {
            assert!(!handle.terminate_async());
        }
        again(idle, context);
    }

    /// A copy was queued behind the ring's stop.
    pub fn end_queued(self, active: Active<'static, Sdma>, ring: Ring, copy: Copy, context: &Sleepable<'_>) {
        assert!(!was_stopped(), "the handle of the run before has hit this one");
        let (old, new) = (ring.generation(), copy.generation());
        let ended = copy.wait(context, LONG).expect("it starts by itself");
        QUIET_BELOW.store(old.0 + 1, Ordering::Relaxed);
        assert!(ended.outcome == Outcome::Completed && ended.buffer.0 == ended.buffer.1, "{:?}", ended.outcome);
        let idle = active.try_idle().expect("both are over");
        QUIET_BELOW.store(new.0 + 1, Ordering::Relaxed);
        let ended = ring.try_resolve().expect("the channel is idle");
        assert!(matches!(ended.outcome, Outcome::Aborted { .. }), "{:?}", ended.outcome);
        let ((_, ends, stops), told) = (count(old), count(new));
        assert!(ends == 0 && stops <= 1 && told == (0, 1, 0), "{ends} ends, {stops} stops; then {told:?}");
        assert_eq!(self.stops(), 1);
        HANDLE.with(Option::take);
        again(idle, context);
    }
}

/// A copy of so many numbers.
pub fn copy(idle: &Idle<'static, Sdma>, len: usize) -> Copying {
    let from: Box<[u8]> = (0..len).map(|n| n as u8 | 1).collect();
    idle.prep_memcpy(vec![0_u8; len].into_boxed_slice(), from).unwrap()
}

/// The run can be stopped by the handler from now on.
pub fn arm(active: &Active<'static, Sdma>) {
    HANDLE.with(|handle| *handle = Some(active.stop_handle()));
}

/// The same for one that does not exist yet.
pub fn arm_for(stopper: ChannelStopper<'static, Sdma>, transfer: Generation) {
    STOPPER.with(|place| *place = Some((stopper, transfer)));
}

/// The channel works: a copy arrives, and is told of once. Nothing else was told of meanwhile.
pub fn again(idle: Idle<'static, Sdma>, context: &Sleepable<'_>) {
    let prepared = copy(&idle, 64);
    let (active, transfer) = idle.start(prepared).unwrap();
    let number = transfer.generation();
    let ended = transfer.wait(context, LONG).expect("it works");
    assert!(ended.outcome == Outcome::Completed && ended.buffer.0 == ended.buffer.1, "{:?}", ended.outcome);
    assert!(active.try_idle().is_ok());
    assert_eq!(count(number), (0, 1, 0));
    QUIET_BELOW.store(number.0 + 1, Ordering::Relaxed);
    let is_missed = |kind| matches!(kind, ReportKind::LostWakeup { .. });
    hardware::hw(|sdma| assert!(sdma.reports().iter().all(|report| is_missed(report.kind)), "{:?}", sdma.reports()));
}
