//! A channel's fixed supply of transfer slots, and lists of them as chains of indices: no allocation, and joining two
//! lists costs the same for one entry as for five hundred.
//!
//! A slot whose handle waits for it holds a waker, and is in the ring of waiters, so that a stop can wake all whom it caught
//! without a look at anybody else.
//!
//! A slot belongs to a handle (`Prepared` or `Transfer`) from `take` to `give_back`. If the handle is dropped first the slot
//! is an *orphan*: it is looked for and taken back when the supply runs out, once nothing can touch its transfer.

use core::task::Waker;

use super::Generation;
use super::shared::Shared;
use crate::engine::{Engine, Progress, ResidueGranularity};
use crate::error::TransferError;

/// The place of a slot in the slab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SlotId(u16);

const NIL: u16 = u16::MAX;

/// What a slot is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Free,
    /// Its descriptor is filled; it is on no list.
    Prepared,
    /// Submitted, issued, running, or dead and not settled.
    Queued,
    Completed,
    Failed(TransferError),
    /// The stop caught it; so many bytes were left.
    Aborted {
        residue: u64,
    },
}

/// [`EngineRepeat::end_repeat`](crate::EngineRepeat::end_repeat), known where the transfer was prepared.
pub(crate) type EndRepeat<E> = fn(&E, &mut <E as Engine>::Channel, &mut <E as Engine>::Descriptor);

/// One transfer of the channel.
pub(crate) struct Slot<E: Engine> {
    pub(crate) descriptor: E::Descriptor,
    pub(crate) used: Use,
    pub(crate) generation: Generation,
    /// Bytes of the transfer; of a cyclic one, of one round.
    pub(crate) total: u64,
    /// Bytes of a period, of a cyclic one.
    pub(crate) period: Option<u64>,
    /// Replaces a repeating transfer at the end of its round.
    pub(crate) load_at_end: bool,
    /// How the engine is told to let this be the last round, if the transfer repeats and has not been told yet.
    pub(crate) end_repeat: Option<EndRepeat<E>>,
    /// Periods that have ended, and the position at the last of them, of a cyclic transfer.
    pub(crate) periods: u64,
    pub(crate) position: u64,
    /// Where the round began that was last asked about, in bytes since the start.
    round: u64,
    /// Its buffer, if others than its handle may write it.
    pub(super) shared: Option<Shared>,
    waker: Option<Waker>,
    /// The neighbours among those who wait; only valid with a waker.
    wait_next: u16,
    wait_prev: u16,
    orphan: bool,
    next: u16,
}

impl<E: Engine> Slot<E> {
    fn new(next: u16) -> Self {
        Self {
            descriptor: E::Descriptor::default(),
            used: Use::Free,
            generation: Generation(0),
            total: 0,
            period: None,
            load_at_end: false,
            end_repeat: None,
            periods: 0,
            position: 0,
            round: 0,
            shared: None,
            waker: None,
            wait_next: NIL,
            wait_prev: NIL,
            orphan: false,
            next,
        }
    }

    /// How far it has come, once it was started. If it goes round on an engine that tells only whether a transfer is over: as many
    /// periods as it has told.
    #[inline]
    pub(crate) fn progress(&self, engine: &E, hw: &mut E::Channel) -> Progress {
        match self.told(engine) {
            Some(bytes) => Progress { bytes, in_flight: 0 },
            None => engine.progress(hw, &self.descriptor),
        }
    }

    /// The bytes of the periods that were told, where nobody knows more.
    #[inline]
    fn told(&self, engine: &E) -> Option<u64> {
        if engine.facts().residue != ResidueGranularity::Descriptor {
            return None;
        }
        self.period.map(|period| self.periods * period)
    }

    /// Whether its handle waits.
    #[inline]
    pub(super) fn is_waited_for(&self) -> bool {
        self.waker.is_some()
    }

    /// So many more of its periods have ended. Answers where the last of them did.
    #[inline]
    pub(super) fn tell(&mut self, engine: &E, hw: &mut E::Channel, periods: u32) -> u64 {
        self.periods += u64::from(periods);
        let position = self.told(engine).unwrap_or_else(|| engine.position(hw, &self.descriptor));
        self.position = position;
        position
    }

    /// Bytes left after so many have arrived. Of a cyclic transfer: until the end of this round, never 0.
    #[inline]
    pub(crate) fn residue(&mut self, bytes: u64) -> u64 {
        if self.period.is_none() {
            return self.total.saturating_sub(bytes);
        }
        // Mostly it is the round that was asked about before: a division of 64 bits is dear.
        let done = bytes.wrapping_sub(self.round);
        if done < self.total { self.total - done } else { self.next_round(bytes) }
    }

    /// The same in another round.
    #[cold]
    fn next_round(&mut self, bytes: u64) -> u64 {
        let done = bytes % self.total;
        self.round = bytes - done;
        self.total - done
    }
}

/// A chain of slots, first in first out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List {
    head: u16,
    tail: u16,
}

impl List {
    pub(crate) const EMPTY: Self = Self { head: NIL, tail: NIL };

    pub(crate) fn is_empty(&self) -> bool {
        self.head == NIL
    }

    pub(crate) fn first(&self) -> Option<SlotId> {
        (self.head != NIL).then_some(SlotId(self.head))
    }
}

pub(crate) struct Slab<S: ?Sized> {
    free: u16,
    /// The first of those who wait.
    waiting: u16,
    slots: S,
}

impl<E: Engine, const N: usize> Slab<[Slot<E>; N]> {
    pub(crate) fn new() -> Self {
        const { assert!(N > 0 && N < NIL as usize, "a channel has 1 to 65,534 slots") };
        Self {
            free: 0,
            waiting: NIL,
            slots: core::array::from_fn(|i| Slot::new(if i + 1 < N { i as u16 + 1 } else { NIL })),
        }
    }
}

impl<E: Engine> Slab<[Slot<E>]> {
    pub(crate) fn len(&self) -> u16 {
        self.slots.len() as u16
    }

    #[inline]
    pub(crate) fn slot(&mut self, id: SlotId) -> &mut Slot<E> {
        &mut self.slots[usize::from(id.0)]
    }

    /// Takes a slot out of the supply. `quiet` tells whether nothing of a generation can touch memory any more.
    #[inline]
    pub(crate) fn take(
        &mut self,
        engine: &E,
        hw: &mut E::Channel,
        quiet: impl Fn(Generation) -> bool,
    ) -> Option<SlotId> {
        if self.free == NIL {
            self.reclaim(engine, hw, quiet);
        }
        let id = self.free;
        let slot = self.slots.get_mut(usize::from(id))?;
        self.free = slot.next;
        slot.used = Use::Prepared;
        slot.orphan = false;
        slot.periods = 0;
        slot.position = 0;
        slot.round = 0;
        slot.shared = None;
        Some(SlotId(id))
    }

    /// Puts a slot back and lets the engine have its descriptor's resources.
    #[inline]
    pub(crate) fn give_back(&mut self, engine: &E, hw: &mut E::Channel, id: SlotId) {
        let free = self.free;
        let slot = self.slot(id);
        engine.release(hw, &mut slot.descriptor);
        slot.used = Use::Free;
        slot.next = free;
        self.free = id.0;
    }

    /// The slot's handle waits: `waker` is to be woken when something happens to the transfer. Answers the waker that it
    /// replaces, which the caller drops outside the lock.
    pub(crate) fn wait(&mut self, id: SlotId, waker: Waker) -> Option<Waker> {
        let first = self.waiting;
        let slot = self.slot(id);
        let old = slot.waker.replace(waker);
        if old.is_none() {
            slot.wait_prev = NIL;
            slot.wait_next = first;
            self.waiting = id.0;
            if first != NIL {
                self.slot(SlotId(first)).wait_prev = id.0;
            }
        }
        old
    }

    /// Takes the slot's waker, if it has one. The caller wakes or drops it outside the lock.
    #[inline]
    pub(crate) fn take_waker(&mut self, id: SlotId) -> Option<Waker> {
        self.slot(id).waker.as_ref()?;
        self.stop_waiting(id)
    }

    #[cold]
    fn stop_waiting(&mut self, id: SlotId) -> Option<Waker> {
        let slot = self.slot(id);
        let waker = slot.waker.take()?;
        let (prev, next) = (slot.wait_prev, slot.wait_next);
        if prev == NIL {
            self.waiting = next;
        } else {
            self.slot(SlotId(prev)).wait_next = next;
        }
        if next != NIL {
            self.slot(SlotId(next)).wait_prev = prev;
        }
        Some(waker)
    }

    /// Whether anybody waits.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.waiting != NIL
    }

    /// Takes the waker of one who waits for a transfer with such a number, if there is one.
    pub(crate) fn take_waker_of(&mut self, is_due: impl Fn(Generation) -> bool) -> Option<Waker> {
        let mut id = self.waiting;
        while id != NIL {
            let slot = self.slot(SlotId(id));
            if is_due(slot.generation) {
                return self.take_waker(SlotId(id));
            }
            id = slot.wait_next;
        }
        None
    }

    /// Nobody holds the slot's handle any more.
    pub(crate) fn orphan(&mut self, id: SlotId) {
        self.slot(id).orphan = true;
    }

    /// Takes back orphans whose transfer is over. Walks the slab, so only when the supply has run out.
    #[cold]
    fn reclaim(&mut self, engine: &E, hw: &mut E::Channel, quiet: impl Fn(Generation) -> bool) {
        for i in 0..self.len() {
            let slot = self.slot(SlotId(i));
            let over = match slot.used {
                Use::Queued => quiet(slot.generation),
                Use::Completed | Use::Failed(_) | Use::Aborted { .. } => true,
                Use::Free | Use::Prepared => false,
            };
            if slot.orphan && over {
                self.give_back(engine, hw, SlotId(i));
            }
        }
    }

    pub(crate) fn push(&mut self, list: &mut List, id: SlotId) {
        self.slot(id).next = NIL;
        self.append(list, &mut List { head: id.0, tail: id.0 });
    }

    /// Moves all of `more` behind `list`.
    pub(crate) fn append(&mut self, list: &mut List, more: &mut List) {
        let more = core::mem::replace(more, List::EMPTY);
        if more.is_empty() {
            return;
        }
        if list.is_empty() {
            *list = more;
        } else {
            self.slot(SlotId(list.tail)).next = more.head;
            list.tail = more.tail;
        }
    }

    pub(crate) fn pop(&mut self, list: &mut List) -> Option<SlotId> {
        if list.is_empty() {
            return None;
        }
        let id = SlotId(list.head);
        list.head = self.slot(id).next;
        Some(id)
    }
}
