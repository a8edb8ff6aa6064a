//! Findings 13 and 14: a ring whose periods are not handed back in time, and when they are.

use std::cell::{Cell, RefCell};

use dmaengine_core::EventKind;
use sim_board::Cpu;

use crate::bench::{Bench, DONE, PERIOD, PERIOD_TIME, WORDS, counts, start_ring};

/// Linux 5.4 and 5.8: a ring whose interrupt came too late stays dead. Right: it goes on, however late, as often as it happens, and
/// where its device waits not a word is missing.
#[test]
fn finding_13_a_starved_ring_goes_on_however_late_the_interrupt() {
    for step in 0..12 {
        let bench = Bench::new();
        let cpu = bench.cpu();
        cpu.thread(|_| {
            let config = bench.capture(0);
            let (active, ring) = start_ring(bench.dma.channel(0).unwrap(), config);
            let mut last = 0;
            for round in 0..6_u64 {
                // From a little before all four are closed to long after.
                cpu.hold_off_interrupts(true);
                cpu.run_until(bench.board.after(3 * PERIOD_TIME + step * 37 + round * 211));
                cpu.hold_off_interrupts(false);
                cpu.run_until(bench.board.after(2 * PERIOD_TIME));
                let periods = bench.periods(ring.generation());
                assert!(periods > last + 3, "dead in round {round}, {step}: {last} periods, {periods} now");
                last = periods;
            }
            let mut words = [0_u32; 4 * WORDS];
            for (index, word) in words.iter_mut().enumerate() {
                let mut bytes = [0; 4];
                ring.copy_out(4 * index, &mut bytes).unwrap();
                *word = u32::from_le_bytes(bytes);
            }
            // The words of the last round, wherever it began.
            let newest = (0..words.len()).max_by_key(|&index| words[index]).unwrap();
            words.rotate_left(newest + 1);
            assert!(counts(&words), "{step}: {words:?}");
            drop(active);
        });
        assert_eq!(bench.board.trespasses(), 0);
    }
}

/// Linux 5.8 hands a period back before the callback, so the SDMA may write what the client reads. Right: in the callback its
/// periods are the client's; they are the SDMA's again when it has returned.
#[test]
fn finding_14_a_period_is_the_clients_while_its_callback_runs() {
    let bench = Bench::new();
    let config = bench.capture(0);
    let (callbacks, next) = (Cell::new(0_u64), Cell::new(0_u32));
    let ring = RefCell::new(None);
    let cpu = Cpu::new(&bench.board, |atomic| {
        bench.dma.interrupt(atomic, &mut |_, event| {
            let EventKind::Period { periods, position } = event.kind else { return };
            let ring = ring.borrow();
            let ring: &dmaengine_core::Transfer<'_, _, crate::bench::Buffer> = ring.as_ref().unwrap();
            let first = next.replace((next.get() + periods) % 4);
            assert_eq!(position % u64::from(PERIOD), 0);
            let read = || {
                let mut words = Vec::new();
                for period in (first..first + periods).map(|period| period as usize % 4) {
                    let mut bytes = [0; PERIOD as usize];
                    ring.copy_out(period * PERIOD as usize, &mut bytes).unwrap();
                    words.extend(bytes);
                }
                words
            };
            let mine = || (first..first + periods).all(|period| bench.descriptor(1, period % 4)[0] & DONE == 0);
            let before = read();
            assert!(mine(), "handed back before the callback");
            // Callbacks that take their time, up to more than the rest of the ring; the last ones are quick.
            bench.pass(if callbacks.get() < 5 { 66 * PERIOD_TIME * (callbacks.get() + 1) } else { 0 });
            assert!(mine(), "taken back in the callback");
            assert_eq!(read(), before, "written while the client had it");
            callbacks.set(callbacks.get() + 1);
        });
        for period in 0..4 {
            assert_eq!(bench.descriptor(1, period)[0] & DONE, DONE, "period {period} is the SDMA's again");
        }
    });
    cpu.thread(|_| {
        let (active, transfer) = start_ring(bench.dma.channel(0).unwrap(), config);
        *ring.borrow_mut() = Some(transfer);
        cpu.hold_off_interrupts(true);
        cpu.run_until(bench.board.after(5));
        cpu.hold_off_interrupts(false);
        bench.board.hw(|hw| hw.run_for(hw.clock().from_micros(PERIOD_TIME * 3 / 2)));
        cpu.take_interrupt();
        assert!(callbacks.get() >= 5);
        drop(active);
    });
}
