//! Two old policies, as models: how Linux 5.4 and 5.8 kept the descriptors of an i.MX SDMA channel.
//!
//! They exist to show a failure, and to be what checkers must catch. They are no engine that a client could be handed,
//! and implement no engine trait. The failure is that of the mailing-list thread of August 2020 about pcm_dmaengine,
//! imx-sdma and XRUN (B. Bara, R. Leitner): a terminate leaves work to a worker, the client restarts before the worker
//! has run, and the worker takes the new transfer with the old.
//!
//! | | Linux 5.4 | Linux 5.8 |
//! | --- | --- | --- |
//! | a running cyclic descriptor is | on ISS, and active | active, on no list |
//! | `terminate_async` | leaves it there | parks it on TERM; none is active |
//! | `issue_pending` before the worker | starts nothing: one is active | starts the next one, on the script context of the old |
//! | the worker frees | what is on any list | what is on any list |
//! | and | none is active any more | leaves the active one alone |
//!
//! Both load the script context in `prep` only if a "loaded" flag is down, and only the worker takes it down. Here that
//! means: [`Hw::program`] is skipped, and the later [`Hw::enable`] resumes the **old** program. (The real script would
//! pick up the new transfer's buffers at its next descriptor fetch; that is not modelled.)
//!
//! Only cyclic transfers are modelled. Sources of the behaviour: `drivers/dma/imx-sdma.c` and
//! `drivers/dma/virt-dma.[ch]` at v5.4 and v5.8.

mod model;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

pub use self::model::{Callback, Cookie, DescId, Freed, List, Lists, Status, UseAfterFree, Violation};

use crate::hw::{Hw, Moves, Nanos, NewsKind, Program};

/// Which policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// Linux 5.4.
    V5_4,
    /// Linux 5.8.
    V5_8,
}

/// A live descriptor.
#[derive(Debug, Clone, Copy)]
struct Desc {
    len: u32,
    period: u32,
    cookie: Option<Cookie>,
    /// Periods that the interrupt has counted for it, whoever moved them.
    periods: u32,
}

/// A terminate worker that sleeps.
#[derive(Debug, Clone, Copy)]
struct Worker {
    due: Nanos,
    /// When the terminate was, and the first descriptor made after it.
    terminated: Nanos,
    too_young: DescId,
}

/// A channel of the SDMA as Linux drove it.
#[derive(Debug)]
pub struct LinuxChannel<'h> {
    hw: &'h Hw,
    ch: usize,
    version: Version,
    delay: Nanos,
    lists: Lists,
    live: BTreeMap<DescId, Desc>,
    next_desc: u64,
    last_cookie: u32,
    /// The script context was loaded, so `prep` will not do it.
    is_context_loaded: bool,
    /// A stop was written since the last `prep`: what `tx_status` calls an error.
    is_stopped: bool,
    worker: Option<Worker>,
    /// A terminate that came while the worker slept: it runs once more.
    again: Option<Worker>,
    violation: Option<Violation>,
}

impl<'h> LinuxChannel<'h> {
    /// How long the worker sleeps, if nobody says otherwise: between the 1 and 2 ms that the driver asks for.
    pub const WORKER_DELAY: Nanos = Nanos::from_micros(1400);

    /// Channel `ch` of `hw`, which nobody else may use, with a worker that frees `delay` after its terminate.
    pub fn new(hw: &'h Hw, ch: usize, version: Version, delay: Nanos) -> Self {
        LinuxChannel {
            hw,
            ch,
            version,
            delay,
            lists: Lists::default(),
            live: BTreeMap::new(),
            next_desc: 1,
            last_cookie: 0,
            is_context_loaded: false,
            is_stopped: false,
            worker: None,
            again: None,
            violation: None,
        }
    }

    /// Prepares a cyclic transfer. Writes a stop first, as the driver does when it configures the channel, and then
    /// loads the script context, unless it counts as loaded.
    ///
    /// # Panics
    ///
    /// If `period` is 0 or does not divide `len`.
    pub fn prep_cyclic(&mut self, bus: u64, len: u32, period: u32, to_device: bool) -> DescId {
        assert_eq!(len % period, 0, "a buffer is whole periods");
        let id = DescId(self.next_desc);
        self.next_desc += 1;
        self.hw.disable(self.ch);
        if !self.is_context_loaded {
            let moves = Moves::Cyclic { bus, len, period, to_device };
            self.hw.program(self.ch, Program { tag: id.0, moves });
            self.is_context_loaded = true;
        }
        self.is_stopped = false;
        let desc = Desc { len, period, cookie: None, periods: 0 };
        self.live.insert(id, desc);
        self.lists.push(List::Allocated, id);
        id
    }

    /// Submits a prepared descriptor.
    ///
    /// # Errors
    ///
    /// [`UseAfterFree`] if a worker has freed it: the kernel works on freed memory then. Nothing is done here.
    pub fn submit(&mut self, id: DescId) -> Result<Cookie, UseAfterFree> {
        let Some(desc) = self.live.get_mut(&id) else {
            self.note(Violation::UsedAfterFree(id));
            return Err(UseAfterFree(id));
        };
        self.last_cookie += 1;
        let cookie = Cookie(self.last_cookie);
        desc.cookie = Some(cookie);
        self.lists.remove(List::Allocated, id);
        self.lists.push(List::Submitted, id);
        Ok(cookie)
    }

    /// Issues all that is submitted, and starts the first if none is active.
    pub fn issue_pending(&mut self) {
        self.lists.splice(List::Submitted, List::Issued);
        if self.lists.active.is_some() {
            return;
        }
        let Some(&first) = self.lists.on(List::Issued).first() else {
            return;
        };
        self.lists.active = Some(first);
        if self.version == Version::V5_8 {
            self.lists.remove(List::Issued, first);
        }
        self.hw.enable(self.ch);
    }

    /// Stops the channel and leaves the rest to the worker.
    pub fn terminate_async(&mut self) {
        self.hw.disable(self.ch);
        self.is_stopped = true;
        let Some(active) = self.lists.active else {
            return;
        };
        if self.version == Version::V5_8 {
            self.lists.active = None;
            self.lists.push(List::Terminated, active);
        }
        let now = self.hw.now();
        let worker = Worker { due: now + self.delay, terminated: now, too_young: DescId(self.next_desc) };
        // Work that is already running is queued once more, and once only.
        if self.worker.is_none() {
            self.worker = Some(worker);
        } else {
            self.again.get_or_insert(worker);
        }
    }

    /// When the worker wakes, if one sleeps.
    pub fn worker_due(&self) -> Option<Nanos> {
        self.worker.map(|worker| worker.due)
    }

    /// Lets the worker run, if it is due. Returns what it freed, in order.
    pub fn run_worker(&mut self) -> Vec<Freed> {
        let now = self.hw.now();
        let Some(worker) = self.worker.filter(|worker| worker.due <= now) else {
            return Vec::new();
        };
        self.worker = self.again.take().map(|next| Worker { due: now + self.delay, ..next });
        let freed = self.lists.take_all();
        if self.version == Version::V5_4 {
            self.lists.active = None;
        }
        self.is_context_loaded = false;
        for &Freed { desc, .. } in &freed {
            if desc >= worker.too_young {
                let terminated = worker.terminated;
                self.note(Violation::FreedTooYoung { desc, terminated });
            }
        }
        self.free(&freed);
        freed
    }

    /// Waits, in virtual time, until no worker is left, and returns what was freed. Linux 5.8 frees what is on TERM
    /// before it waits, which may be too early.
    pub fn synchronize(&mut self) -> Vec<Freed> {
        let mut freed = self.lists.take(List::Terminated);
        self.free(&freed);
        while let Some(due) = self.worker_due() {
            self.hw.advance_to(due);
            freed.extend(self.run_worker());
        }
        freed
    }

    /// What the driver says of a transfer. No aborted transfer is ever complete.
    pub fn tx_status(&self, cookie: Cookie) -> Status {
        if !(1..=self.last_cookie).contains(&cookie.0) {
            return Status::Complete;
        }
        let is_it = |(_, desc): &(&DescId, &Desc)| desc.cookie == Some(cookie);
        let residue = match self.live.iter().find(is_it) {
            Some((&id, desc)) if self.is_issued(id) => desc.residue(),
            _ => 0,
        };
        if self.is_stopped { Status::Error { residue } } else { Status::InProgress { residue } }
    }

    /// The interrupt: takes the hardware's news, and counts every period for whatever is active. With none active, it
    /// is lost. A stop is no news to this driver.
    pub fn interrupt(&mut self) -> Vec<Callback> {
        let mut callbacks = Vec::new();
        while let Some(news) = self.hw.take_news(self.ch) {
            let (NewsKind::Periods(periods), Some(active)) = (news.kind, self.lists.active) else {
                continue;
            };
            if let Some(desc) = self.live.get_mut(&active) {
                desc.periods = desc.periods.saturating_add(periods);
            }
            callbacks.push(Callback { desc: active, moved_by: DescId(news.tag), periods, at: news.at });
        }
        callbacks
    }

    /// A snapshot of the lists.
    pub fn lists(&self) -> Lists {
        self.lists.clone()
    }

    /// Checks the lists as they are, and recalls what has gone wrong before.
    ///
    /// # Errors
    ///
    /// The first [`Violation`] since the channel was made.
    pub fn check(&self) -> Result<(), Violation> {
        if let Some(violation) = self.violation {
            return Err(violation);
        }
        let live: Vec<DescId> = self.live.keys().copied().collect();
        self.lists.check(&live)
    }

    /// Whether `tx_status` can find it.
    fn is_issued(&self, id: DescId) -> bool {
        self.lists.active == Some(id) || self.lists.on(List::Issued).contains(&id)
    }

    fn free(&mut self, freed: &[Freed]) {
        for &Freed { desc, .. } in freed {
            if self.hw.is_touching(self.ch) && self.hw.progress(self.ch).tag == desc.0 {
                self.note(Violation::FreedInUse(desc));
            }
            self.live.remove(&desc);
        }
    }

    fn note(&mut self, violation: Violation) {
        self.violation.get_or_insert(violation);
    }
}

impl Desc {
    /// Steps by periods, in the interrupt. Behind the last period of a round it is 0, not the whole buffer.
    fn residue(&self) -> u32 {
        let rounds = self.len / self.period;
        match self.periods {
            0 => self.len,
            done => self.period * (rounds - 1 - (done - 1) % rounds),
        }
    }
}
