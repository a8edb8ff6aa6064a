//! The interrupt: news becomes events, and events are handed to a callback with no lock held.
//!
//! Whoever finds `callback` empty fills it and runs the callback; whoever finds it filled leaves at once, and the one
//! who filled it sees the news when its callback returns, under the same lock in which it would empty the field. So
//! callbacks of one channel never overlap, keep their order, and none is lost; and an interrupt that arrives inside a
//! callback never waits for it.

use core::task::Waker;

use super::{Chan, Generation, Inner, SlotId, Use};
use crate::callback::{Callback, Event, EventKind};
use crate::engine::{ChannelId, Engine, News, NewsKind};

impl<E: Engine> Chan<'_, E> {
    /// Tells `handler` what is new on this channel, and wakes who waits for it.
    pub(crate) fn service(self, handler: &mut dyn FnMut(&Callback<'_, E>, Event)) {
        let mut told = None;
        while let Some((event, waker)) = self.with(|engine, inner| inner.next_event(engine, self.id(), told)) {
            handler(&Callback::new(self, event.generation), event);
            if let Some(waker) = waker {
                waker.wake();
            }
            told = Some(event.generation);
        }
    }
}

impl<E: Engine> Inner<E> {
    /// The next event, for who has `told` the one before or has told none yet: its callback is marked as running. With it comes
    /// the waker of the transfer that it is about.
    #[inline]
    fn next_event(
        &mut self,
        engine: &E,
        channel: ChannelId,
        told: Option<Generation>,
    ) -> Option<(Event, Option<Waker>)> {
        match told {
            Some(generation) => {
                self.callback = None;
                if generation < self.quiet_below {
                    // Only this callback kept the channel from being quiescent.
                    self.stir();
                }
            }
            None if self.callback.is_some() => return None,
            None => {}
        }
        loop {
            let busy_with = self.active.or(self.stop.as_ref().map(|stop| stop.dying));
            let descriptor = busy_with.map(|id| &mut self.slab.slot(id).descriptor);
            let News { generation, kind } = engine.service(&mut self.hw, descriptor)?;
            if let Some((kind, waker)) = self.digest(engine, generation, kind) {
                self.callback = Some(generation);
                return Some((Event { channel, generation, kind }, waker));
            }
        }
    }

    /// Draws the consequences of a piece of news. News of another transfer than the running one is late.
    #[inline]
    fn digest(
        &mut self,
        engine: &E,
        generation: Generation,
        news: NewsKind,
    ) -> Option<(EventKind, Option<Waker>)> {
        if let NewsKind::Periods(periods) = news {
            let id = self.running(generation)?;
            let slot = self.slab.slot(id);
            slot.periods += u64::from(periods);
            slot.position = slot.progress(engine, &mut self.hw).bytes;
            let kind = EventKind::Period { periods, position: slot.position };
            return Some((kind, self.slab.take_waker(id)));
        }
        self.digest_end(engine, generation, news)
    }

    /// The same, of news of an end.
    #[inline(never)]
    fn digest_end(
        &mut self,
        engine: &E,
        generation: Generation,
        news: NewsKind,
    ) -> Option<(EventKind, Option<Waker>)> {
        let (used, kind) = match news {
            NewsKind::Stopped => {
                // Of a stop that somebody has seen complete by asking, there is nothing new to tell.
                let dying = self.stop.as_ref().map(|stop| stop.dying)?;
                let awaited = self.slab.slot(dying).generation == generation;
                return (awaited && self.settle(engine)).then_some((EventKind::Stopped, None));
            }
            NewsKind::Done => (Use::Completed, EventKind::Completed),
            NewsKind::Failed(error) => (Use::Failed(error), EventKind::Failed(error)),
            NewsKind::Periods(_) => return None,
        };
        let id = self.running(generation)?;
        self.slab.slot(id).used = used;
        self.active = None;
        self.start_next(engine);
        Some((kind, self.slab.take_waker(id)))
    }

    /// The transfer that runs, if it has this number. News of another one is late.
    #[inline]
    fn running(&mut self, generation: Generation) -> Option<SlotId> {
        let running = self.active.filter(|&id| self.slab.slot(id).generation == generation);
        if running.is_none() {
            self.statistics.late_events += 1;
        }
        running
    }
}
