//! The peripheral's hook: it does what it is told, refuses now and then, and sees to it that it is started and stopped in turn.

use std::sync::Mutex;

use dmaengine_core::Atomic;
use pcm_dmaengine::{Dai, DaiError, Trigger, TriggerOrder};

/// What a device does at a trigger.
pub trait Device: Sync {
    fn trigger(&self, stream: usize, trigger: Trigger);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Stopped,
    Started,
    Held,
}

impl Phase {
    /// Where a trigger leads; `None` if it must not come here.
    fn after(self, trigger: Trigger) -> Option<Self> {
        use Phase::{Held, Started, Stopped};
        Some(match (self, trigger) {
            (Stopped, Trigger::Start) => Started,
            (Started | Held, Trigger::Stop) => Stopped,
            (Started, Trigger::PausePush | Trigger::Suspend) => Held,
            (Held, Trigger::PauseRelease | Trigger::Resume) => Started,
            _ => return None,
        })
    }
}

struct Told {
    dai: Phase,
    link: Phase,
    /// What it is to answer to the next trigger of its kind, and whether the link does.
    refusal: Option<(Trigger, bool, DaiError)>,
    starts: u64,
    stops: u64,
    wrong: Option<String>,
}

/// A peripheral and its wiring, of one stream.
pub struct Witness<'m> {
    device: &'m dyn Device,
    stream: usize,
    order: TriggerOrder,
    told: Mutex<Told>,
}

impl<'m> Witness<'m> {
    pub fn new(device: &'m dyn Device, stream: usize, order: TriggerOrder) -> Self {
        let (dai, link) = (Phase::Stopped, Phase::Stopped);
        let told = Told { dai, link, refusal: None, starts: 0, stops: 0, wrong: None };
        Self { device, stream, order, told: Mutex::new(told) }
    }

    /// The next trigger of this kind is refused, by the wiring or by the peripheral.
    pub fn refuse(&self, refusal: Option<(Trigger, bool, DaiError)>) {
        self.told.lock().unwrap().refusal = refusal;
    }

    /// Whether that refusal was given.
    pub fn has_refused(&self) -> bool {
        self.told.lock().unwrap().refusal.is_none()
    }

    pub fn phase(&self) -> Phase {
        self.told.lock().unwrap().dai
    }

    /// What it was told that it should not have been. Not a panic where it is told: streams are dropped in one.
    pub fn check(&self) {
        let told = self.told.lock().unwrap();
        assert_eq!(told.wrong, None);
        assert_eq!(told.starts, told.stops + u64::from(told.dai != Phase::Stopped));
    }

    /// Nothing runs any more.
    pub fn check_stopped(&self) {
        self.check();
        let told = self.told.lock().unwrap();
        assert_eq!((told.dai, told.link), (Phase::Stopped, Phase::Stopped), "the peripheral was not stopped");
    }

    fn hear(&self, trigger: Trigger, is_link: bool) -> Result<(), DaiError> {
        let mut told = self.told.lock().unwrap();
        if let Some((_, _, error)) = told.refusal.take_if(|(of, link, _)| (*of, *link) == (trigger, is_link)) {
            return Err(error);
        }
        let phase = if is_link { told.link } else { told.dai };
        let Some(next) = phase.after(trigger) else {
            let who = if is_link { "the link" } else { "the peripheral" };
            told.wrong.get_or_insert_with(|| format!("{who} is {phase:?} and is told: {trigger}"));
            return Ok(());
        };
        if is_link {
            told.link = next;
            return Ok(());
        }
        told.dai = next;
        told.starts += u64::from(trigger == Trigger::Start);
        told.stops += u64::from(trigger == Trigger::Stop);
        self.device.trigger(self.stream, trigger);
        Ok(())
    }
}

impl Dai for Witness<'_> {
    fn trigger(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        self.hear(trigger, false)
    }

    fn link(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        self.hear(trigger, true)
    }

    fn order(&self) -> TriggerOrder {
        self.order
    }
}
