//! Two cores at one channel: in turn they start it, and both try to stop it, and so does the interrupt handler on the first. Of those who
//! stop a run one wins, what was started afterwards is not hit, and nothing is told of what is quiescent.
//!
//! The cores take turns of the emulator's, at the expiry of a timer: it is set to something else in each round, so that the turns change
//! anywhere. It is all the same in each run of the program.
//!
//! qemu: -smp 2
#![no_std]
#![no_main]

extern crate alloc;

use alloc::boxed::Box;
use alloc::vec;
use core::hint::{black_box, spin_loop};
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use backend_imx_sdma::Settings;
use board::lock::IrqLock;
use board::sdma::Sdma;
use board::ssi::Ssi;
use board::timer::Epit;
use board::{context, cpu, hardware, sdma, watchdog};
use dmaengine_core::lock::Locked;
use dmaengine_core::{
    Active, Atomic, ChannelStopper, Cyclic, Direction, Dma, Generation, Idle, Micros, Outcome, Sleepable, StopHandle,
    Transfer,
};
use sim_imx_sdma::ReportKind;
use spin::Once;

const ROUNDS: u32 = 2_000;
const PERIOD: usize = 32;
const RING: usize = 4 * PERIOD;
/// No round takes as long.
const ROUND: Micros = Micros(1_000_000);

type Ring = Transfer<'static, Sdma, Box<[u8]>>;
type Copy = Transfer<'static, Sdma, (Box<[u8]>, Box<[u8]>)>;

static DMA: Once<Dma<Sdma, 1>> = Once::new();
static SSI: Once<Ssi> = Once::new();
/// The channel, for the one whose turn it is, and the run of this round, for the other.
static IDLE: Locked<IrqLock, Option<Idle<'static, Sdma>>> = Locked::new(None);
static RUN: Locked<IrqLock, Option<Run>> = Locked::new(None);
/// Rounds that each has begun and done with.
static BEGUN: AtomicU32 = AtomicU32::new(0);
static TRIED: AtomicU32 = AtomicU32::new(0);
static DONE: AtomicU32 = AtomicU32::new(0);
static IS_ENDED: AtomicBool = AtomicBool::new(false);
/// Transfers below this number are quiescent.
static QUIET_BELOW: AtomicU64 = AtomicU64::new(0);
/// The first transfer of this round, and how many calls said that they had stopped its run, and the run that was queued behind that.
static FIRST: AtomicU64 = AtomicU64::new(0);
static WINS: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];
static STOPPED_BY_OTHER: AtomicU32 = AtomicU32::new(0);
static STOPPED_BY_HANDLER: AtomicU32 = AtomicU32::new(0);
static STOPPED_BY_HOLDER: AtomicU32 = AtomicU32::new(0);
static RAN_TO_THE_END: AtomicU32 = AtomicU32::new(0);
static EVENTS: AtomicU32 = AtomicU32::new(0);

#[derive(Clone)]
struct Run {
    handle: StopHandle<'static, Sdma>,
    stopper: ChannelStopper<'static, Sdma>,
    transfer: Generation,
}

/// Numbers that look random, for each core and for the handler its own.
struct Random(u32);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % limit
    }

    fn pause(&mut self, limit: u32) {
        (0..self.below(limit)).for_each(|n| _ = black_box(n));
    }
}

static HANDLERS_RANDOM: Locked<IrqLock, Random> = Locked::new(Random(0x2545_F491));

fn wait_for(counter: &AtomicU32, value: u32) {
    while counter.load(Ordering::Acquire) < value {
        spin_loop();
    }
}

fn won(is_it: bool, transfer: Generation, who: &AtomicU32) {
    if is_it {
        let nth = transfer.0 - FIRST.load(Ordering::Acquire);
        WINS[nth as usize].fetch_add(1, Ordering::AcqRel);
        who.fetch_add(1, Ordering::Relaxed);
    }
}

fn interrupt() {
    let Some(dma) = DMA.get() else { return };
    dma.interrupt(&Atomic::new(), &mut |callback, event| {
        let is_alive =
            || assert!(event.generation.0 >= QUIET_BELOW.load(Ordering::Acquire), "{event:?} of a quiescent one");
        is_alive();
        EVENTS.fetch_add(1, Ordering::Relaxed);
        // Some callbacks take long: longer than the stop that comes meanwhile.
        let (pause, stops) = HANDLERS_RANDOM.with(|random| {
            let limit = if random.below(4) == 0 { 8_000 } else { 200 };
            (random.below(limit), random.below(4) == 0)
        });
        (0..pause).for_each(|n| _ = black_box(n));
        if stops {
            won(callback.terminate_async(), event.generation, &STOPPED_BY_HANDLER);
        }
        // While this runs, nobody has seen the channel idle.
        is_alive();
    });
}

/// The one whose turn it is.
fn hold(round: u32, random: &mut Random, context: &mut Sleepable<'_>) {
    let idle = IDLE.with(Option::take).expect("the other has given it back");
    let stopper = idle.stopper();
    let stops = DMA.get().unwrap().statistics(0).unwrap().stops;
    FIRST.store(QUIET_BELOW.load(Ordering::Acquire), Ordering::Release);
    WINS.iter().for_each(|wins| wins.store(0, Ordering::Release));
    if random.below(2) == 0 {
        let request =
            Cyclic { direction: Direction::MemToDev, period: PERIOD as u32, config: SSI.get().unwrap().config() };
        let prepared = idle.prep_cyclic(vec![0_u8; RING].into_boxed_slice(), &request).unwrap();
        let (active, ring) = idle.start(prepared).unwrap();
        publish(round, &active, stopper, ring.generation());
        random.pause(20_000);
        stop(round, random, active, ring, context);
    } else {
        let len = 64 + random.below(2_000) as usize;
        let from: Box<[u8]> = (0..len).map(|n| (n as u32 ^ round) as u8).collect();
        let prepared = idle.prep_memcpy(vec![0_u8; len].into_boxed_slice(), from).unwrap();
        let (active, copy) = idle.start(prepared).unwrap();
        publish(round, &active, stopper, copy.generation());
        random.pause(4_000);
        finish(round, random, active, copy, context);
    }
    assert!(WINS.iter().all(|wins| wins.load(Ordering::Acquire) <= 1), "two have stopped one run");
    assert!(DMA.get().unwrap().statistics(0).unwrap().stops - stops <= 2);
}

fn publish(round: u32, active: &Active<'static, Sdma>, stopper: ChannelStopper<'static, Sdma>, transfer: Generation) {
    RUN.with(|run| *run = Some(Run { handle: active.stop_handle(), stopper, transfer }));
    BEGUN.store(round, Ordering::Release);
}

/// The channel is idle, so all before is quiescent; then it is the other's turn.
fn rest(round: u32, idle: Idle<'static, Sdma>, last: Generation) {
    QUIET_BELOW.store(last.0 + 1, Ordering::Release);
    wait_for(&TRIED, round);
    IDLE.with(|place| *place = Some(idle));
}

/// Stops the ring; in some rounds a copy waits behind the stop.
fn stop(round: u32, random: &mut Random, active: Active<'static, Sdma>, ring: Ring, context: &mut Sleepable<'_>) {
    let mut last = ring.generation();
    let idle = match random.below(3) {
        0 => active.terminate_sync(context).unwrap(),
        1 => context::masked(context, |_| active.terminate_atomic())
            .or_else(|kept| kept.value.synchronize(context))
            .unwrap(),
        _ => {
            let stopping = active.terminate_async();
            let from = vec![round as u8; 64].into_boxed_slice();
            let next = stopping.prep_memcpy(vec![0_u8; 64].into_boxed_slice(), from).unwrap();
            let (active, copy) = stopping.queue_after_stop(next).unwrap();
            last = copy.generation();
            // The handle is of the run before: it cannot hit this one. The handler's callback can.
            let ended = copy.wait(context, Micros(5_000));
            let idle = active.terminate_sync(context).unwrap();
            let ended = ended.unwrap_or_else(|copy| copy.try_resolve().expect("the channel is idle"));
            match ended.outcome {
                Outcome::Completed => assert!(ended.buffer.0 == ended.buffer.1),
                outcome => assert!(matches!(outcome, Outcome::Aborted { .. }), "{outcome:?}"),
            }
            idle
        }
    };
    rest(round, idle, last);
    if WINS[0].load(Ordering::Acquire) == 0 {
        STOPPED_BY_HOLDER.fetch_add(1, Ordering::Relaxed);
    }
    let ended = ring.try_resolve().expect("the channel is idle");
    assert!(matches!(ended.outcome, Outcome::Aborted { residue } if residue <= RING as u64), "{:?}", ended.outcome);
    assert_eq!(ended.buffer.len(), RING);
}

/// Lets the copy come to its end, unless another stops it; in some rounds stops it.
fn finish(round: u32, random: &mut Random, active: Active<'static, Sdma>, copy: Copy, context: &mut Sleepable<'_>) {
    let last = copy.generation();
    let (idle, ended) = if random.below(2) == 0 {
        let idle = active.terminate_sync(context).unwrap();
        QUIET_BELOW.store(last.0 + 1, Ordering::Release);
        (idle, copy.try_resolve().expect("the channel is idle"))
    } else {
        let ended = copy.wait(context, Micros(5_000));
        let idle = match active.try_idle() {
            Ok(idle) => idle,
            Err(kept) => kept.value.terminate_sync(context).unwrap(),
        };
        (idle, ended.unwrap_or_else(|copy| copy.try_resolve().expect("the channel is idle")))
    };
    match ended.outcome {
        Outcome::Completed => {
            assert!(ended.buffer.0 == ended.buffer.1, "the copy is another");
            RAN_TO_THE_END.fetch_add(1, Ordering::Relaxed);
        }
        outcome => assert!(matches!(outcome, Outcome::Aborted { .. }), "{outcome:?}"),
    }
    rest(round, idle, last);
}

/// The one who only has the means to stop.
fn disturb(round: u32, random: &mut Random) {
    wait_for(&BEGUN, round);
    let run = RUN.with(|run| run.clone()).expect("it has begun");
    random.pause(12_000);
    let stopped =
        if random.below(2) == 0 { run.handle.terminate_async() } else { run.stopper.terminate_async(run.transfer) };
    won(stopped, run.transfer, &STOPPED_BY_OTHER);
    // It was stopped, by whomever: now the handle is spent, whatever has been started since.
    assert!(!run.handle.terminate_async() && !run.stopper.terminate_async(run.transfer));
    TRIED.store(round, Ordering::Release);
}

fn play(context: &mut Sleepable<'_>) {
    let me = cpu::core() as u32;
    let mut random = Random(0x9E37_79B9 >> me);
    for round in 1..=ROUNDS {
        watchdog::feed(ROUND);
        if round % 2 == me {
            Epit::TWO.every(60 + random.below(400));
            hold(round, &mut random, context);
            DONE.store(round, Ordering::Release);
        } else {
            disturb(round, &mut random);
            wait_for(&DONE, round);
        }
    }
}

fn both_stop_and_restart_one_channel(context: &mut Sleepable<'_>) {
    hardware::mount();
    let dma = DMA.call_once(|| Dma::new(sdma::driver(Settings::default())));
    sdma::on_interrupt(interrupt);
    SSI.call_once(|| Ssi::mount(48_000)).start();
    IDLE.with(|idle| *idle = Some(dma.channel(0).unwrap()));
    board::start_core(1, || {
        context::thread(play);
        IS_ENDED.store(true, Ordering::Release);
    });
    play(context);
    while !IS_ENDED.load(Ordering::Acquire) {
        spin_loop();
    }
}

fn each_has_stopped_it_and_some_ran_to_the_end(_: &mut Sleepable<'_>) {
    for count in [&STOPPED_BY_HOLDER, &STOPPED_BY_OTHER, &STOPPED_BY_HANDLER, &RAN_TO_THE_END] {
        assert!(count.load(Ordering::Relaxed) > ROUNDS / 30, "{}", count.load(Ordering::Relaxed));
    }
}

fn the_channel_works_and_the_simulation_has_nothing_to_complain_about(context: &mut Sleepable<'_>) {
    let idle = IDLE.with(Option::take).expect("the last round has given it back");
    let prepared = idle.prep_memcpy(vec![0_u8; 64].into_boxed_slice(), vec![5_u8; 64].into_boxed_slice()).unwrap();
    let (_active, copy) = idle.start(prepared).unwrap();
    assert_eq!(copy.wait(context, Micros(5_000)).unwrap().outcome, Outcome::Completed);
    // The SSI goes on asking whoever serves it; the SDMA may miss a request, and the simulation tells.
    let is_missed = |kind| matches!(kind, ReportKind::LostWakeup { .. });
    hardware::hw(|sdma| assert!(sdma.reports().iter().all(|report| is_missed(report.kind)), "{:?}", sdma.reports()));
}

board::program!(|context| {
    board::test::run(
        context,
        &[
            ("both_stop_and_restart_one_channel", both_stop_and_restart_one_channel),
            ("each_has_stopped_it_and_some_ran_to_the_end", each_has_stopped_it_and_some_ran_to_the_end),
            (
                "the_channel_works_and_the_simulation_has_nothing_to_complain_about",
                the_channel_works_and_the_simulation_has_nothing_to_complain_about,
            ),
        ],
    );
    let of = |count: &AtomicU32| count.load(Ordering::Relaxed);
    board::println!(
        "{ROUNDS} rounds: stopped by the holder {}, by the other core {}, by the handler {}; {} copies ran to their end; {} events",
        of(&STOPPED_BY_HOLDER),
        of(&STOPPED_BY_OTHER),
        of(&STOPPED_BY_HANDLER),
        of(&RAN_TO_THE_END),
        of(&EVENTS)
    );
});
