//! A board with two streams on it: capture on channel 0, playback on channel 1, linked if the test wants it, each with a peripheral that
//! watches what it is told.

use std::cell::{Cell, RefCell};
use std::sync::Mutex;

use backend_mock::hw::{Hw, Nanos, Peripheral, Source, StreamConfig};
use backend_mock::{Cpu, Mock, MockConfig};
use dmaengine_core::{Atomic, Dma, Event, Micros, Sleepable};
use pcm_dmaengine::{
    Capture, Dai, DaiError, Elapsed, Frames, Link, Open, Pcm, PcmStatistics, PeriodHalf, Playback, Prepared, Recovery,
    Running, Trigger, TriggerOrder, Way,
};

use super::wayward::{Wayward, locks_held};
use super::{SEED, device, numbered, ring, stops_after};

pub const LATENCY: Micros = Micros(1_000);
pub const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    Link,
    Dai,
}

/// What a peripheral is, by what it was told and what it answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Is {
    #[default]
    Stopped,
    Started,
    Held,
}

/// A peripheral that writes down what it is told, may refuse, and finds fault with whatever [`Dai`] does not promise: a call
/// without the stream's lock or with the channel's, a second stop, a pause of what does not run.
#[derive(Debug)]
pub struct Witness<'a> {
    channel: u8,
    engine: &'a Wayward,
    pub order: TriggerOrder,
    refusals: Mutex<Vec<(Party, Trigger, DaiError)>>,
    /// How it stands, and how often it was started.
    stands: Mutex<(Is, u32)>,
}

impl Witness<'_> {
    /// The next time it is told this, it refuses.
    pub fn refuse(&self, party: Party, trigger: Trigger, error: DaiError) {
        self.refusals.lock().unwrap().push((party, trigger, error));
    }

    pub fn is(&self) -> Is {
        self.stands.lock().unwrap().0
    }

    pub fn starts(&self) -> u32 {
        self.stands.lock().unwrap().1
    }

    fn answer(&self, party: Party, trigger: Trigger) -> Result<(), DaiError> {
        assert_eq!(locks_held(), 1, "{party:?}, {trigger}: with the stream's lock held, and no other");
        let name = if party == Party::Dai { "dai" } else { "link" };
        self.engine.note(self.channel, format_args!("{name} {trigger}"));
        let mut refusals = self.refusals.lock().unwrap();
        match refusals.iter().position(|(who, what, _)| (*who, *what) == (party, trigger)) {
            Some(at) => Err(refusals.remove(at).2),
            None => Ok(()),
        }
    }
}

impl Dai for Witness<'_> {
    fn trigger(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        let answer = self.answer(Party::Dai, trigger);
        let mut stands = self.stands.lock().unwrap();
        let next = match (trigger, stands.0) {
            (Trigger::Start, Is::Stopped) => Is::Started,
            (Trigger::Stop, Is::Started | Is::Held) => Is::Stopped,
            (Trigger::PausePush | Trigger::Suspend, Is::Started) => Is::Held,
            (Trigger::PauseRelease | Trigger::Resume, Is::Held) => Is::Started,
            (trigger, is) => panic!("channel {}: {trigger} while it is {is:?}", self.channel),
        };
        // Nobody asks what it thinks of a stop.
        if answer.is_ok() || matches!(trigger, Trigger::Stop | Trigger::Suspend) {
            *stands = (next, stands.1 + u32::from(trigger == Trigger::Start));
        }
        answer
    }

    fn link(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        self.answer(Party::Link, trigger)
    }

    fn order(&self) -> TriggerOrder {
        self.order
    }
}

/// How the board is.
#[derive(Clone, Copy)]
pub struct Setting {
    pub order: TriggerOrder,
    pub recovery: Recovery<Wayward>,
    pub engine: MockConfig,
}

impl Default for Setting {
    fn default() -> Self {
        let engine = MockConfig { channels: 2, ..stops_after(LATENCY) };
        Self { order: TriggerOrder::LinkDmaDai, recovery: Recovery::SYNC_STOP, engine }
    }
}

type Processor<'a> = Cpu<'a, &'a dyn Fn(&Atomic<'_>)>;

pub struct Pair<'a> {
    pub engine: &'a Wayward,
    pub dma: &'a Dma<Wayward, 2>,
    pub cpu: &'a Processor<'a>,
    pub link: Link<'a, Wayward>,
    pub halves: &'a [PeriodHalf<'a, Wayward>; 2],
    /// What the interrupt has told the streams.
    pub events: &'a RefCell<Vec<Event>>,
    /// What the next interrupt tells them first, as one that was interrupted itself would; and what they make of it.
    pub late: &'a Cell<Option<Event>>,
    pub answer: &'a Cell<Option<Elapsed>>,
    /// The capture's peripheral and the playback's.
    pub dais: [&'a Witness<'a>; 2],
}

pub type Streams<'a> = (Open<'a, Wayward, Capture>, Open<'a, Wayward, Playback>);

impl Pair<'_> {
    pub fn hw(&self) -> &Hw {
        self.engine.mock.hw()
    }

    pub fn now(&self) -> Micros {
        Micros(self.hw().now().as_micros())
    }

    /// Lets time pass, with interrupts.
    pub fn pass(&self, time: Micros) {
        self.cpu.run_until(self.hw().now() + Nanos::from_micros(time.0));
    }

    /// Lets time pass while some other code keeps interrupts off.
    pub fn pass_unseen(&self, time: Micros) {
        self.cpu.hold_off_interrupts(true);
        self.pass(time);
        self.cpu.hold_off_interrupts(false);
    }

    /// The devices are exchanged for ones that were never started: not a frame moves any more.
    pub fn nothing_moves(&self) {
        attach(self.hw());
    }
}

fn attach(hw: &Hw) {
    hw.attach(0, Peripheral::recorder(LINE, Source { frames: numbered(1, 40_000).into(), repeat: 1 }));
    hw.attach(1, Peripheral::player(LINE));
}

/// Ready to capture.
pub fn prepared<'a, D: Way>(open: Open<'a, Wayward, D>) -> Prepared<'a, Wayward, D> {
    open.hw_params(SEED, ring(&SEED)).unwrap().prepare()
}

/// Ready to play so many frames.
pub fn filled<'a>(open: Open<'a, Wayward, Playback>, frames: u32) -> Prepared<'a, Wayward, Playback> {
    let mut prepared = prepared(open);
    assert_eq!(prepared.writei(&numbered(1, frames)), Frames(u64::from(frames)));
    prepared
}

pub fn run<D: Way>(prepared: Prepared<'_, Wayward, D>) -> Running<'_, Wayward, D> {
    prepared.start().expect("nothing is in the way")
}

/// Runs a thread with both streams. In the end both peripherals must stand, and nothing may have touched memory that it
/// should not.
pub fn board<R>(
    setting: Setting,
    body: impl for<'a> FnOnce(&Pair<'a>, &mut Sleepable<'_>, Streams<'a>) -> R,
) -> (R, [PcmStatistics; 2]) {
    let dma: Dma<Wayward, 2> = Dma::new(Wayward::new(Mock::new(setting.engine)));
    let engine = dma.engine();
    attach(engine.mock.hw());
    let dais = [0, 1].map(|channel| Witness {
        channel,
        engine,
        order: setting.order,
        refusals: Mutex::default(),
        stands: Mutex::default(),
    });
    let (mut capture, mut playback) = (Pcm::new(), Pcm::new());
    let answer = {
        let (captured, first) = capture.open_with::<Capture>(dma.channel(0).unwrap(), device(), &dais[0]);
        let (played, second) = playback.open_with::<Playback>(dma.channel(1).unwrap(), device(), &dais[1]);
        let halves = [first, second];
        let link = Link::unlinked(&halves);
        let (events, late, answer) = (RefCell::new(Vec::new()), Cell::new(None), Cell::new(None));
        let handler = |atomic: &Atomic<'_>| {
            dma.interrupt(atomic, &mut |callback, event| {
                if let Some(old) = late.take() {
                    answer.set(Some(link.elapsed(callback, old)));
                }
                events.borrow_mut().push(event);
                link.elapsed(callback, event);
            });
        };
        let cpu = Cpu::new(&engine.mock, &handler as &dyn Fn(&Atomic<'_>));
        let dais = [&dais[0], &dais[1]];
        let (events, late, answer) = (&events, &late, &answer);
        let pair = Pair { engine, dma: &dma, cpu: &cpu, link, halves: &halves, events, late, answer, dais };
        let streams = (
            captured.with_recovery(setting.recovery).with_link(link),
            played.with_recovery(setting.recovery).with_link(link),
        );
        let answer = cpu.thread(|context| body(&pair, context, streams));
        pair.pass(Micros(5_000));
        for dai in dais {
            assert_eq!(dai.is(), Is::Stopped, "started {} times, and not stopped", dai.starts());
        }
        assert_eq!((pair.hw().late_accesses(), pair.hw().faults()), (0, 0));
        answer
    };
    (answer, [capture.statistics(), playback.statistics()])
}
