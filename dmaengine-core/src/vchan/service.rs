//! The interrupt: news becomes events, and events are handed to a callback with no lock held.
//!
//! Whoever finds `callback` empty fills it and runs the callback; whoever finds it filled leaves at once, and the one
//! who filled it sees the news when its callback returns, under the same lock in which it would empty the field. So
//! callbacks of one channel never overlap, keep their order, and none is lost; and an interrupt that arrives inside a
//! callback never waits for it.

use core::task::Waker;

use super::{Chan, Generation, Inner, Use};
use crate::callback::{Callback, Event, EventKind};
use crate::engine::{Engine, News, NewsKind};

impl<E: Engine> Chan<'_, E> {
    /// Tells `handler` what is new on this channel, and wakes who waits for it.
    #[inline]
    pub(crate) fn service(self, handler: &mut dyn FnMut(&Callback<'_, E>, Event)) {
        let mut told = false;
        while let Some((generation, kind, waker)) = self.with(|engine, inner| inner.next_event(engine, told)) {
            handler(&Callback::new(self, generation), Event { channel: self.id(), generation, kind });
            if let Some(waker) = waker {
                waker.wake();
            }
            told = true;
        }
    }
}

impl<E: Engine> Inner<E> {
    /// The next event, for who has `told` the one before, or has told none yet: its callback is marked as running. With it comes
    /// the waker of the transfer that it is about.
    #[inline]
    fn next_event(&mut self, engine: &E, told: bool) -> Option<(Generation, EventKind, Option<Waker>)> {
        if let Some(generation) = self.callback {
            if !told {
                return None;
            }
            self.callback = None;
            if generation < self.quiet_below {
                // Only this callback kept the channel from being quiescent.
                self.stir();
            }
        }
        loop {
            let busy_with = self.active.or(self.stop.as_ref().map(|stop| stop.dying));
            let mut slot = busy_with.map(|id| self.slab.slot(id));
            let News { generation, kind } =
                engine.service(&mut self.hw, slot.as_mut().map(|slot| &mut slot.descriptor))?;
            let (kind, waker) = match (kind, self.active, slot) {
                (NewsKind::Periods(periods), Some(id), Some(slot)) if slot.generation == generation => {
                    let position = slot.tell(engine, &mut self.hw, periods);
                    let waker = if slot.is_waited_for() { self.slab.take_waker(id) } else { None };
                    (EventKind::Period { periods, position }, waker)
                }
                _ => match self.digest(engine, generation, kind) {
                    Some(digested) => digested,
                    None => continue,
                },
            };
            self.callback = Some(generation);
            return Some((generation, kind, waker));
        }
    }

    /// Draws the consequences of a piece of news, unless it is of the periods of the transfer that runs. News of another than that
    /// is late.
    #[inline(never)]
    fn digest(&mut self, engine: &E, generation: Generation, news: NewsKind) -> Option<(EventKind, Option<Waker>)> {
        let (used, kind) = match news {
            NewsKind::Stopped => {
                // Of a stop that somebody has seen complete by asking, there is nothing new to tell.
                let dying = self.stop.as_ref().map(|stop| stop.dying)?;
                let awaited = self.slab.slot(dying).generation == generation;
                return (awaited && self.settle(engine)).then_some((EventKind::Stopped, None));
            }
            NewsKind::Done => (Use::Completed, EventKind::Completed),
            NewsKind::Failed(error) => (Use::Failed(error), EventKind::Failed(error)),
            NewsKind::Periods(_) => {
                self.statistics.late_events += 1;
                return None;
            }
        };
        let running = self.active.filter(|&id| self.slab.slot(id).generation == generation);
        let Some(id) = running else {
            self.statistics.late_events += 1;
            return None;
        };
        self.slab.slot(id).used = used;
        self.active = None;
        self.start_next(engine);
        Some((kind, self.slab.take_waker(id)))
    }
}
