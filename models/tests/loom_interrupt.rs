//! The interrupt on two cores.

use std::sync::Arc;

use dmaengine_core::EventKind;
use loom::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use models::{Buf, explore, request};

/// Two cores take the interrupt of one channel, each after a period has ended, one of them twice. Whoever comes second finds
/// the first one's callback running and leaves at once; the news that it came for must be told all the same, by the one
/// who is there. So no two callbacks overlap and every period is told once.
#[test]
fn interrupt_against_interrupt() {
    explore("interrupt_against_interrupt", None, |board| {
        let (inside, told) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let idle = board.channel(0).unwrap();
        let ring = idle.prep_cyclic(Buf(0), &request()).unwrap();
        let (_active, _ring) = idle.start(ring).unwrap();
        let core = |rounds: u32| {
            let (inside, told) = (Arc::clone(&inside), Arc::clone(&told));
            move || {
                for _ in 0..rounds {
                    board.hw().period();
                    board.take_interrupt(&mut |_, event| {
                        assert!(!inside.swap(true, Ordering::AcqRel), "two callbacks of one channel at a time");
                        if let EventKind::Period { periods, .. } = event.kind {
                            told.fetch_add(periods, Ordering::Relaxed);
                        }
                        inside.store(false, Ordering::Release);
                    });
                }
            }
        };
        board.both(core(2), core(1));
        assert_eq!(told.load(Ordering::Relaxed), 3, "news that an interrupt announced and nobody told");
        assert!(board.hw().is_silent());
    });
}
