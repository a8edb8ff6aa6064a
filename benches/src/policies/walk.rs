//! All stops of a policy: the moment of the stop walks through a period of the stream.

use backend_imx_sdma::{Fence, Poll, StopMethod, Wait};

use super::load::Load;
use super::spread::Spread;
use super::stop::{Rings, Scene, Seen};
use super::ways::{self, Restart};
use super::world::{BURST, BURST_TIME, PERIOD, Way, World, ring};

/// How a client gets from the stop to the next run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// A worker sleeps for 1 to 2 ms, then frees: Linux.
    FixedSleep,
    /// Asleep until a millisecond has passed: NXP's advice, [`Wait`].
    Wait,
    /// Asleep, and now and then a look at who is on the core: [`Poll`].
    PollAsleep,
    /// Busy, with interrupts masked, looking at who is on the core.
    Poll,
    /// Asleep until a command of channel 0 is done: [`Fence`].
    Fence,
    /// Busy, with interrupts masked, until a command of channel 0 is done.
    FenceBusy,
    /// The next run waits behind the stop.
    QueueAfterStop,
    /// The memory is handed back at the stop: wrong.
    ReturnAtOnce,
}

impl Policy {
    /// All of them, the slowest first, the wrong one last.
    pub const ALL: [Self; 8] = [
        Self::FixedSleep,
        Self::Wait,
        Self::PollAsleep,
        Self::Poll,
        Self::FenceBusy,
        Self::Fence,
        Self::QueueAfterStop,
        Self::ReturnAtOnce,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FixedSleep => "fixed sleep, 1 to 2 ms",
            Self::Wait => "1 ms wait",
            Self::PollAsleep => "PSW poll, asleep",
            Self::Poll => "PSW poll, busy",
            Self::Fence => "channel-0 fence",
            Self::FenceBusy => "channel-0 fence, busy",
            Self::QueueAfterStop => "queue after stop",
            Self::ReturnAtOnce => "return at once",
        }
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn remark(self) -> &'static str {
        match self {
            Self::FixedSleep => "Linux 6.12: a worker sleeps, then frees",
            Self::Wait => "asleep; NXP's advice as a driver's setting",
            Self::PollAsleep => "looks now and then who is on the core",
            Self::Poll => "interrupts masked; looks who is on the core",
            Self::Fence => "asleep until channel 0's interrupt; the default",
            Self::FenceBusy => "interrupts masked, until channel 0 is through",
            Self::QueueAfterStop => "the next run is queued behind the fence",
            Self::ReturnAtOnce => "wrong: the memory is handed back at the stop",
        }
    }

    /// Whether the memory comes back only when the SDMA is through with it.
    #[must_use]
    pub fn is_sound(self) -> bool {
        self != Self::ReturnAtOnce
    }
}

/// Cycles of 66 MHz from one stop of the walk to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stride {
    /// With the engine for itself.
    pub alone: u64,
    /// With 15 other channels busy.
    pub loaded: u64,
}

/// What was seen of a policy, over all its stops. Times are in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Which one.
    pub policy: Policy,
    /// How many other channels were busy.
    pub others: usize,
    /// From the stop until the old memory was back: until the channel was known to be quiescent.
    pub back: Spread,
    /// From the stop to the SDMA's last access to the old memory.
    pub touched: Spread,
    /// From the stop, or from when the device asked if that was later, to the first word of the new run.
    pub running: Spread,
    /// The processor's time from the stop to the first word of the new run, sleep apart.
    pub busy: Spread,
    /// Of that, with interrupts masked: in this stream's handlers and in busy waits.
    pub masked: Spread,
    /// Frames that the device lost a word of, from the stop to the first word of the new run.
    pub lost: Spread,
    /// Accesses of the SDMA to memory that was handed back.
    pub late: Spread,
}

impl Figures {
    /// It is sound, and was never longer than [`GOAL`](super::GOAL) to running again.
    #[must_use]
    pub fn meets_goal(&self) -> bool {
        self.policy.is_sound() && self.running.worst() <= super::GOAL
    }
}

/// Walks through all stops of a policy.
///
/// # Panics
/// If a sound policy lets the SDMA touch memory that was handed back, or the wrong one does not; if the simulated hardware or the
/// driver fails.
#[must_use]
pub fn walk(policy: Policy, is_loaded: bool, stride: Stride) -> Figures {
    match policy {
        Policy::FixedSleep => both_ways(policy, ways::fixed_sleep::<Poll>, is_loaded, stride),
        Policy::Wait => both_ways(policy, ways::asleep::<Wait>, is_loaded, stride),
        Policy::PollAsleep => both_ways(policy, ways::asleep::<Poll>, is_loaded, stride),
        Policy::Poll => both_ways(policy, ways::busy::<Poll>, is_loaded, stride),
        Policy::Fence => both_ways(policy, ways::asleep::<Fence>, is_loaded, stride),
        Policy::FenceBusy => both_ways(policy, ways::busy::<Fence>, is_loaded, stride),
        Policy::QueueAfterStop => both_ways(policy, ways::queue_after_stop, is_loaded, stride),
        Policy::ReturnAtOnce => both_ways(policy, ways::return_at_once, is_loaded, stride),
    }
}

fn both_ways<S: StopMethod>(policy: Policy, restart: Restart<S>, is_loaded: bool, stride: Stride) -> Figures {
    let stride = if is_loaded { stride.loaded } else { stride.alone };
    let mut seen = Vec::new();
    let mut others = 0;
    for way in [Way::Capture, Way::Playback] {
        let world = World::new(way);
        world.thread(|cpu, context| {
            let mut load = if is_loaded { Load::on(&world) } else { Load::none() };
            others = load.channels();
            let scene = Scene { world: &world, cpu, restart, unmapped_twice: !policy.is_sound() };
            let mut rings = Rings(ring(1), ring(1));
            let period = PERIOD as u64 / BURST * BURST_TIME;
            for stop in (0_u64..).zip((0..period).step_by(stride as usize)) {
                let (one, back) = scene.stop(context, &mut load, rings, stop);
                rings = back;
                seen.push(one);
            }
            load.end(context);
        });
    }
    let figures = figures(policy, others, &seen);
    assert_eq!(figures.late.sum() == 0, policy.is_sound(), "{policy:?}: {} late accesses", figures.late.sum());
    figures
}

fn figures(policy: Policy, others: usize, seen: &[Seen]) -> Figures {
    let spread = |of: fn(&Seen) -> u64| Spread::new(seen.iter().map(of)).expect("a stop at least");
    Figures {
        policy,
        others,
        back: spread(|seen| seen.back),
        touched: spread(|seen| seen.touched),
        running: spread(|seen| seen.running),
        busy: spread(|seen| seen.busy),
        masked: spread(|seen| seen.masked),
        lost: spread(|seen| seen.lost),
        late: spread(|seen| seen.late),
    }
}
