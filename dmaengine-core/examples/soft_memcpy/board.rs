//! The board around the engine: a thread for its hardware, a thread that takes its interrupt, and a sleep that ends with it.
//!
//! The module has `unsafe` because it says of a thread that it may sleep.

use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

use dmaengine_core::{Atomic, Callback, Dma, Event, Micros, Sleepable, Sleeper};

use crate::engine::{CHANNELS, SoftCopy};

/// Tells sleepers that an interrupt has run. The count makes one that ran just before a sleep end that sleep, too.
#[derive(Default)]
struct Alarm {
    rung: Mutex<u64>,
    bell: Condvar,
    heard: Mutex<u64>,
}

impl Alarm {
    fn ring(&self) {
        *self.rung.lock().expect("nobody panics here") += 1;
        self.bell.notify_all();
    }
}

impl Sleeper for Alarm {
    fn sleep(&self, at_most: Micros) {
        let mut heard = self.heard.lock().expect("one thread sleeps");
        let rung = self.rung.lock().expect("nobody panics here");
        let wait = Duration::from_micros(at_most.0);
        let (rung, _) = self.bell.wait_timeout_while(rung, wait, |rung| *rung == *heard).expect("nobody panics here");
        *heard = *rung;
    }
}

/// Runs `body` as a thread that may sleep, with the engine at work and its interrupts taken by `handler` meanwhile.
pub fn run<R, const SLOTS: usize>(
    dma: &Dma<SoftCopy, CHANNELS, SLOTS>,
    handler: impl Fn(&Callback<'_, SoftCopy>, Event) + Sync,
    body: impl FnOnce(&Sleepable<'_>) -> R,
) -> R {
    let (engine, alarm) = (dma.engine(), Alarm::default());
    thread::scope(|scope| {
        scope.spawn(|| engine.work());
        scope.spawn(|| {
            while !engine.is_shut_down() {
                if engine.wait_for_interrupt(Duration::from_millis(100)) {
                    dma.interrupt(&Atomic::new(), &mut |callback, event| handler(callback, event));
                    alarm.ring();
                }
            }
        });
        // SAFETY: this is a thread of a hosted program: no interrupt, no callback, no spin lock held.
        let answer = body(&unsafe { Sleepable::assume(&alarm) });
        engine.shut_down();
        answer
    })
}
