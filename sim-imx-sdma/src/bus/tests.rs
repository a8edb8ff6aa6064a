//! Accesses to a device at a pace: where they end, and that a device which takes them in one go has the same of them.

use alloc::vec::Vec;

use super::port::Ports;
use super::{BusError, Pace, Peripheral, Width};
use crate::peripheral::{Sai, SaiLines, Ssi, SsiLines};
use crate::time::{Clock, Cycles};

/// Raises line 0 at the third write and line 1 at a cycle, and refuses what is 99.
#[derive(Default)]
struct Bell {
    written: Vec<(u64, u32)>,
    rings_at: u64,
    lines: u64,
}

impl Peripheral for Bell {
    fn advance(&mut self, now: Cycles) {
        self.lines |= u64::from(now.0 >= self.rings_at) << 1;
    }

    fn read(&mut self, _: Cycles, _: u32, _: Width) -> Result<u32, BusError> {
        Ok(0)
    }

    fn write(&mut self, now: Cycles, offset: u32, _: Width, value: u32) -> Result<(), BusError> {
        self.written.push((now.0, value));
        self.lines |= u64::from(self.written.len() >= 3);
        if value == 99 { Err(BusError { address: offset }) } else { Ok(()) }
    }

    fn lines(&self) -> u64 {
        self.lines
    }

    fn next_change(&self) -> Option<Cycles> {
        Some(Cycles(self.rings_at)).filter(|_| self.lines & 2 == 0)
    }
}

const fn pace(width: Width, until: u64) -> Pace {
    Pace { offset: 0, width, first: Cycles(100), every: Cycles(10), until: Cycles(until) }
}

#[test]
fn a_run_ends_where_something_comes_up() {
    let cases = [
        (1_000, 1_000, &[1, 2][..], Ok(2)),
        (1_000, 1_000, &[1, 2, 3, 4][..], Ok(3)),
        (1_000, 111, &[1, 2, 3][..], Ok(2)),
        (1_000, 110, &[1, 2, 3][..], Ok(1)),
        (111, 1_000, &[1, 2, 3][..], Ok(2)),
        (110, 1_000, &[1, 2, 3][..], Ok(1)),
        (1_000, 1_000, &[1, 99, 3][..], Err(2)),
        (1_000, 100, &[1][..], Ok(1)),
    ];
    for (rings_at, until, items, made) in cases {
        let mut ports = Ports::default();
        let bell = ports.plug(Bell { rings_at, ..Bell::default() });
        assert_eq!(ports.write(0, pace(Width::Four, until), items), made, "{rings_at}, {until}, {items:?}");
        let (Ok(count) | Err(count)) = made;
        let written: Vec<_> = (0..count).map(|n| (100 + 10 * n as u64, items[n])).collect();
        assert_eq!(ports.get(bell).map(|bell| &bell.written), Some(&written));
    }
}

/// A word leaves every 11 cycles, at 111, 122 and so on: only what comes before one of them goes in one go.
#[test]
fn a_fifo_takes_in_one_go_what_comes_between_two_ticks() {
    for (first, made) in [(100, 2), (102, 1), (101, 1), (112, 1), (111, 2)] {
        let mut ports = Ports::default();
        let ssi = ports.plug(Ssi::new(Clock { hz: 1_100 }, 50, SsiLines::SSI1));
        let device = ports.get(ssi).expect("it is there");
        device.set_up(Cycles(0), 8, false);
        device.start_tx(Cycles(100));
        let pace = Pace { first: Cycles(first), ..pace(Width::Four, 1_000) };
        assert_eq!(ports.write(0, pace, &[1, 2, 3, 4]), Ok(made), "{first}");
    }
}

#[test]
fn a_fifo_that_is_too_full_or_too_empty_says_so_in_one_go_too() {
    let mut ports = Ports::default();
    let ssi = ports.plug(Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1));
    ports.get(ssi).expect("it is there").set_up(Cycles(0), 8, false);
    assert_eq!(ports.write(0, pace(Width::Four, 1_000), &[7; 17]), Ok(17));
    let tx = ports.get(ssi).expect("it is there").tx().fifo(0).expect("there is one");
    assert_eq!((tx.level(), tx.overruns()), (15, 2));

    let device = ports.get(ssi).expect("it is there");
    device.give(0, crate::peripheral::Source::Counter(0x1FE));
    device.start_rx(Cycles(100));
    device.advance(Cycles(100 + 3 * 688));
    let late = Pace { first: Cycles(100 + 3 * 688), offset: 8, until: Cycles(100 + 4 * 687), ..pace(Width::One, 0) };
    let mut words = [9; 5];
    assert_eq!(ports.read(0, late, &mut words), Ok(5));
    assert_eq!(words, [0xFE, 0xFF, 0, 0, 0]);
    let rx = ports.get(ssi).expect("it is there").rx().fifo(0).expect("there is one");
    assert_eq!((rx.level(), rx.underruns()), (0, 2));
}

/// With either direction alone, and with both at different times.
#[test]
fn a_device_is_quiet_at_most_until_its_lines_change() {
    for (tx, rx) in [(Some(10), None), (None, Some(10)), (Some(10), Some(13)), (Some(13), Some(10))] {
        let mut ssi = Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1);
        let mut sai = Sai::new(Clock::IMX6, 96_000, SaiLines { rx: 1, tx: 2 });
        ssi.set_up(Cycles(0), 8, false);
        sai.set_up(Cycles(0), 1, 127);
        (0..8).for_each(|n| ssi.write(Cycles(0), 0, Width::Four, n).expect("it takes words"));
        (0..2).for_each(|n| sai.write(Cycles(0), 0x20, Width::Four, n).expect("it takes words"));
        if let Some(at) = tx.map(Cycles) {
            ssi.start_tx(at);
            sai.start_tx(at);
        }
        if let Some(at) = rx.map(Cycles) {
            ssi.start_rx(at);
            sai.start_rx(at);
        }
        let first = Cycles(10 + 688);
        assert_eq!((ssi.quiet_until(), sai.quiet_until()), (first, first), "{tx:?}, {rx:?}");
        assert!(ssi.next_change() >= Some(first) && sai.next_change() >= Some(first));
    }
}
