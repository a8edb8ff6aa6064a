//! The interrupt: news becomes events, and events are handed to a callback with no lock held.
//!
//! Whoever finds `callback` empty fills it and runs the callback; whoever finds it filled leaves at once, and the one
//! who filled it sees the news when its callback returns, under the same lock in which it would empty the field. So
//! callbacks of one channel never overlap, keep their order, and none is lost; and an interrupt that arrives inside a
//! callback never waits for it.

use core::task::Waker;

use super::{Chan, Inner, Use};
use crate::callback::{Callback, Event, EventKind};
use crate::engine::{Engine, News, NewsKind};

impl<E: Engine> Chan<'_, E> {
    /// Tells `handler` what is new on this channel, and wakes who waits for it.
    pub(crate) fn service(self, handler: &mut dyn FnMut(&Callback<'_, E>, Event)) {
        let mut waker = None;
        let mut next = self.with(|engine, inner| {
            if inner.callback.is_some() {
                return None;
            }
            inner.next_event(engine, self, &mut waker)
        });
        while let Some(event) = next {
            handler(&Callback::new(self, event.generation), event);
            if let Some(waker) = waker.take() {
                waker.wake();
            }
            next = self.with(|engine, inner| {
                inner.callback = None;
                if event.generation < inner.quiet_below {
                    // Only this callback kept the channel from being quiescent.
                    inner.stir();
                }
                inner.next_event(engine, self, &mut waker)
            });
        }
    }
}

impl<E: Engine> Inner<E> {
    /// Takes news from the engine until some of it is an event, and marks its callback as running. `waker` is set to that of
    /// the transfer it is about.
    fn next_event(&mut self, engine: &E, chan: Chan<'_, E>, waker: &mut Option<Waker>) -> Option<Event> {
        loop {
            let busy_with = self.active.or(self.stop.as_ref().map(|stop| stop.dying));
            let descriptor = busy_with.map(|id| &mut self.slab.slot(id).descriptor);
            let news = engine.service(&mut self.hw, descriptor)?;
            if let Some(kind) = self.digest(engine, news, waker) {
                self.callback = Some(news.generation);
                return Some(Event { channel: chan.id(), generation: news.generation, kind });
            }
        }
    }

    /// Draws the consequences of a piece of news. News of another transfer than the running one is late.
    #[inline]
    fn digest(&mut self, engine: &E, news: News, waker: &mut Option<Waker>) -> Option<EventKind> {
        if news.kind == NewsKind::Stopped {
            // Of a stop that somebody has seen complete by asking, there is nothing new to tell.
            let dying = self.stop.as_ref().map(|stop| stop.dying)?;
            let awaited = self.slab.slot(dying).generation == news.generation;
            return (awaited && self.settle(engine)).then_some(EventKind::Stopped);
        }
        let running = self.active.filter(|&id| self.slab.slot(id).generation == news.generation);
        let Some(id) = running else {
            self.statistics.late_events += 1;
            return None;
        };
        let slot = self.slab.slot(id);
        let (used, kind) = match news.kind {
            NewsKind::Periods(periods) => {
                slot.periods += u64::from(periods);
                slot.position = slot.progress(engine, &mut self.hw).bytes;
                let kind = EventKind::Period { periods, position: slot.position };
                *waker = self.slab.take_waker(id);
                return Some(kind);
            }
            NewsKind::Done => (Use::Completed, EventKind::Completed),
            NewsKind::Failed(error) => (Use::Failed(error), EventKind::Failed(error)),
            NewsKind::Stopped => return None,
        };
        slot.used = used;
        self.active = None;
        self.start_next(engine);
        *waker = self.slab.take_waker(id);
        Some(kind)
    }
}
