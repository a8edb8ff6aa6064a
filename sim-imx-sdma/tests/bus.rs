//! The bus: what lies where, who is told, and what the test program can do behind its back.

use std::sync::{Arc, Mutex};

use sim_imx_sdma::bus::{AddError, Bus, BusError, Direction, LogOptions, Memory, Peripheral, Width};
use sim_imx_sdma::time::Cycles;

const RAM: u32 = 0x8000_0000;

fn bus() -> Bus {
    let mut bus = Bus::new();
    bus.add_ram(RAM, 0x100).unwrap();
    bus
}

/// Counts what reaches it, raises line 5 at a cycle, and lowers it when it is read.
#[derive(Default)]
struct Alarm {
    at: Option<Cycles>,
    is_high: bool,
    advanced: Vec<u64>,
    asked: std::cell::Cell<u32>,
}

impl Peripheral for Alarm {
    fn advance(&mut self, now: Cycles) {
        self.advanced.push(now.0);
        if self.at.is_some_and(|at| at <= now) {
            (self.at, self.is_high) = (None, true);
        }
    }

    fn read(&mut self, _: Cycles, offset: u32, _: Width) -> Result<u32, BusError> {
        self.is_high = false;
        if offset == 0 { Ok(7) } else { Err(BusError { address: offset }) }
    }

    fn write(&mut self, now: Cycles, offset: u32, _: Width, value: u32) -> Result<(), BusError> {
        self.at = Some(now + Cycles(u64::from(value)));
        if offset == 0 { Ok(()) } else { Err(BusError { address: offset }) }
    }

    fn lines(&self) -> u64 {
        self.asked.set(self.asked.get() + 1);
        u64::from(self.is_high) << 5
    }

    fn next_change(&self) -> Option<Cycles> {
        self.at
    }
}

#[test]
fn memory_is_little_endian_at_every_width_and_address() {
    let mut bus = bus();
    let values = [(Width::One, 0x11, 0x11), (Width::Two, 0x2211, 0x2211), (Width::Four, 0x4433_2211, 0x4433_2211)];
    for (width, value, read) in values {
        for address in RAM..RAM + 5 {
            bus.poke(RAM, &[0xEE; 16]).unwrap();
            bus.write(1, Cycles(0), address, width, value | 0x99 << 24 >> (8 * (4 - width.bytes()))).unwrap();
            bus.write(1, Cycles(0), address, width, value).unwrap();
            assert_eq!(bus.read(1, Cycles(0), address, width), Ok(read));
            let mut bytes = [0; 16];
            bus.peek(RAM, &mut bytes).unwrap();
            let mut expected = [0xEE; 16];
            let at = (address - RAM) as usize;
            let len = width.bytes() as usize;
            expected[at..at + len].copy_from_slice(&value.to_le_bytes()[..len]);
            assert_eq!(bytes, expected);
        }
    }
}

#[test]
fn an_address_with_nothing_behind_it_faults_and_so_does_one_that_sticks_out() {
    let mut bus = bus();
    bus.add_ram(RAM + 0x100, 4).unwrap();
    bus.add_ram(0xFFFF_FFFC, 4).unwrap();
    let refused = |address| Err(BusError { address });
    for (address, width) in [
        (RAM - 1, Width::One),
        (RAM - 1, Width::Four),
        (RAM + 0xFE, Width::Four), // across two regions
        (RAM + 0x104, Width::One),
        (0xFFFF_FFFD, Width::Four), // beyond the last address
        (0, Width::Four),
    ] {
        assert_eq!(bus.read(0, Cycles(0), address, width), refused(address).map(|()| 0));
        assert_eq!(bus.write(0, Cycles(0), address, width, 0), refused(address));
    }
    for (address, width) in [(RAM + 0xFE, Width::Two), (RAM + 0x100, Width::Four), (0xFFFF_FFFC, Width::Four)] {
        assert_eq!(bus.read(0, Cycles(0), address, width), Ok(0));
    }
    assert_eq!(bus.peek(RAM + 0xFF, &mut [0; 2]), refused(RAM + 0xFF));
    assert_eq!(BusError { address: 0x10 }.to_string(), "bus error at 0x00000010");
}

#[test]
fn regions_that_overlap_are_refused_by_name_and_leave_nothing_behind() {
    let mut bus = bus();
    let (other_base, other_last) = (RAM, RAM + 0xFF);
    for (base, len) in [(RAM, 1), (RAM + 0xFF, 0x10), (RAM - 8, 9), (RAM - 8, 0x200), (RAM + 8, 8)] {
        let error = AddError::Overlap { base, last: base + len - 1, other_base, other_last };
        assert_eq!(bus.add_ram(base, len), Err(error));
        assert_eq!(bus.add_peripheral(base, len, Alarm::default()).err(), Some(error));
    }
    assert_eq!(
        bus.add_ram(RAM + 0xF0, 0x20).unwrap_err().to_string(),
        "0x800000f0..=0x8000010f overlaps 0x80000000..=0x800000ff"
    );
    assert_eq!(bus.add_ram(5, 0), Err(AddError::Empty { base: 5 }));
    assert_eq!(bus.add_ram(0xFFFF_FFFF, 2), Err(AddError::TooLong { base: 0xFFFF_FFFF, len: 2 }));
    assert!(bus.read(0, Cycles(0), RAM + 0x100, Width::One).is_err());
    assert_eq!(bus.lines(), 0);
    // Neighbours are none of its business.
    bus.add_ram(RAM - 8, 8).unwrap();
    bus.add_ram(RAM + 0x100, 8).unwrap();
}

#[test]
fn regions_are_found_in_whatever_order_they_were_put_there_and_are_asked_for() {
    let mut bus = Bus::new();
    for n in [5_u32, 1, 7, 3, 2, 6, 4] {
        bus.add_ram(n << 16, 0x100).unwrap();
        bus.poke(n << 16, &[n as u8]).unwrap();
    }
    for n in [1_u32, 7, 1, 1, 7, 4, 7, 4, 5, 6, 2, 3, 2, 3, 3] {
        assert_eq!(bus.read(0, Cycles(0), n << 16, Width::One), Ok(n));
    }
}

#[test]
fn memory_that_lies_elsewhere_is_read_and_written_and_may_refuse() {
    struct Shared(Arc<Mutex<Vec<u8>>>);
    impl Memory for Shared {
        fn read(&mut self, offset: u32, out: &mut [u8]) -> bool {
            let memory = self.0.lock().unwrap();
            let Some(bytes) = memory.get(offset as usize..offset as usize + out.len()) else { return false };
            out.copy_from_slice(bytes);
            true
        }
        fn write(&mut self, offset: u32, bytes: &[u8]) -> bool {
            let mut memory = self.0.lock().unwrap();
            let Some(place) = memory.get_mut(offset as usize..offset as usize + bytes.len()) else { return false };
            place.copy_from_slice(bytes);
            true
        }
    }
    let memory = Arc::new(Mutex::new(vec![0; 8]));
    let mut bus = Bus::new();
    bus.add_memory(RAM, 16, Shared(memory.clone())).unwrap();
    bus.write(0, Cycles(0), RAM + 2, Width::Four, 0x0403_0201).unwrap();
    assert_eq!(*memory.lock().unwrap(), [0, 0, 1, 2, 3, 4, 0, 0]);
    assert_eq!(bus.read(0, Cycles(0), RAM + 4, Width::Two), Ok(0x0403));
    assert_eq!(bus.read(0, Cycles(0), RAM + 8, Width::One), Err(BusError { address: RAM + 8 }));
    assert_eq!(bus.write(0, Cycles(0), RAM + 6, Width::Four, 0), Err(BusError { address: RAM + 6 }));
    bus.poke(RAM, &[9; 8]).unwrap();
    assert_eq!(*memory.lock().unwrap(), [9; 8]);
    let mut bytes = [0; 3];
    bus.peek(RAM + 1, &mut bytes).unwrap();
    assert_eq!(bytes, [9; 3]);
    assert!(bus.poke(RAM + 4, &[0; 8]).is_err());
}

#[test]
fn a_peripheral_is_advanced_before_each_access_and_its_error_bears_the_whole_address() {
    let mut bus = bus();
    let alarm = bus.add_peripheral(0x1000, 0x10, Alarm::default()).unwrap();
    bus.write(2, Cycles(10), 0x1000, Width::Four, 5).unwrap();
    assert_eq!(bus.read(2, Cycles(12), 0x1000, Width::Four), Ok(7));
    assert_eq!(bus.read(2, Cycles(13), 0x1004, Width::Four), Err(BusError { address: 0x1004 }));
    assert_eq!(bus.write(2, Cycles(14), 0x1008, Width::Four, 3), Err(BusError { address: 0x1008 }));
    assert_eq!(bus.peripheral(alarm).advanced, [10, 12, 13, 14, 14]);
    assert!(bus.peek(0x1000, &mut [0]).is_err());
    assert!(bus.poke(0x1000, &[0]).is_err());
}

#[test]
fn lines_and_the_next_change_are_those_of_all_peripherals_and_only_the_touched_one_is_asked_again() {
    let mut bus = Bus::new();
    let one = bus.add_peripheral(0x1000, 0x10, Alarm::default()).unwrap();
    let other = bus.add_peripheral(0x2000, 0x10, Alarm::default()).unwrap();
    assert_eq!((bus.lines(), bus.next_change()), (0, None));
    bus.write(0, Cycles(0), 0x1000, Width::Four, 30).unwrap();
    bus.write(0, Cycles(0), 0x2000, Width::Four, 20).unwrap();
    assert_eq!((bus.lines(), bus.next_change()), (0, Some(Cycles(20))));
    for _ in 0..100 {
        assert_eq!((bus.lines(), bus.next_change()), (0, Some(Cycles(20))));
        bus.advance(Cycles(19));
    }
    bus.advance(Cycles(20));
    assert_eq!((bus.lines(), bus.next_change()), (1 << 5, Some(Cycles(30))));
    bus.read(0, Cycles(25), 0x2000, Width::Four).unwrap();
    assert_eq!((bus.lines(), bus.next_change()), (0, Some(Cycles(30))));
    bus.advance(Cycles(1_000));
    assert_eq!((bus.lines(), bus.next_change()), (1 << 5, None));
    // Each was asked when it was put there, touched, or due; and never in the hundred rounds.
    assert_eq!(bus.peripheral(one).asked.get(), 3);
    assert_eq!(bus.peripheral(other).asked.get(), 4);
}

#[test]
fn what_is_done_to_a_peripheral_through_its_handle_shows_in_the_lines() {
    let mut bus = Bus::new();
    let alarm = bus.add_peripheral(0x1000, 0x10, Alarm::default()).unwrap();
    assert_eq!(bus.next_change(), None);
    bus.peripheral(alarm).at = Some(Cycles(40));
    assert_eq!(bus.next_change(), Some(Cycles(40)));
    bus.advance(Cycles(39));
    bus.peripheral(alarm).is_high = true;
    assert_eq!(bus.lines(), 1 << 5);
    // It sees the latest moment, though none of its lines was due.
    assert_eq!(bus.peripheral(alarm).advanced.last(), Some(&39));
}

/// Some traffic, and what the log has of it.
fn traffic(options: LogOptions) -> (String, u64) {
    let mut bus = bus();
    bus.add_peripheral(0x1000, 0x10, Alarm::default()).unwrap();
    bus.write(1, Cycles(1), RAM, Width::Four, 99).unwrap();
    bus.start_log(options);
    for n in 0..4 {
        bus.write(n, Cycles(10 + u64::from(n)), RAM + u32::from(n), Width::One, 0xAB00 + u32::from(n)).unwrap();
    }
    bus.poke(RAM, &[7]).unwrap();
    bus.read(31, Cycles(20), RAM, Width::Two).unwrap();
    bus.read(31, Cycles(21), 0x1000, Width::Four).unwrap();
    bus.read(31, Cycles(22), 0x1008, Width::Four).unwrap_err();
    bus.write(31, Cycles(23), 4, Width::Two, 5).unwrap_err();
    let log = bus.stop_log().unwrap();
    bus.read(1, Cycles(30), RAM, Width::Four).unwrap();
    assert!(bus.log().is_none());
    (log.iter().map(|access| format!("{access}\n")).collect(), log.dropped())
}

#[test]
fn the_same_run_gives_the_same_log_to_the_byte() {
    let all = LogOptions { capacity: 100, values: true };
    let (log, dropped) = traffic(all);
    let expected = "\
        10 ch0 w1 0x80000000 0x0\n\
        11 ch1 w1 0x80000001 0x1\n\
        12 ch2 w1 0x80000002 0x2\n\
        13 ch3 w1 0x80000003 0x3\n\
        20 ch31 r2 0x80000000 0x107\n\
        21 ch31 r4 0x00001000 0x7\n\
        22 ch31 r4 0x00001008 error\n\
        23 ch31 w2 0x00000004 0x5 error\n";
    assert_eq!((log.as_str(), dropped), (expected, 0));
    assert_eq!(traffic(all), (log, 0));
}

#[test]
fn the_log_keeps_the_newest_and_counts_the_others() {
    let (log, dropped) = traffic(LogOptions { capacity: 2, values: false });
    assert_eq!((log.as_str(), dropped), ("22 ch31 r4 0x00001008 error\n23 ch31 w2 0x00000004 error\n", 6));
}

#[test]
fn the_log_is_off_until_it_is_wanted_and_can_be_drained_while_it_goes_on() {
    let mut bus = bus();
    assert!(bus.log().is_none());
    bus.start_log(LogOptions::default());
    bus.read(1, Cycles(1), RAM, Width::Four).unwrap();
    let drained: Vec<_> = bus.log().unwrap().drain().collect();
    assert_eq!((drained.len(), drained[0].value, drained[0].direction), (1, None, Direction::Read));
    bus.read(1, Cycles(2), RAM, Width::Four).unwrap();
    let log = bus.log().unwrap();
    assert_eq!((log.len(), log.is_empty(), log.iter().next().unwrap().time), (1, false, Cycles(2)));
}

/// The question that every test of a stop asks: the buffer was given back at t, does anyone touch it later?
#[test]
fn a_watchpoint_sees_every_access_that_touches_its_bytes_from_its_moment_on_and_no_other() {
    let mut bus = bus();
    let buffer = bus.watch(RAM + 0x10..RAM + 0x20, Cycles(100));
    let word = bus.watch(RAM + 0x1C..RAM + 0x20, Cycles(0));
    let touch = |bus: &mut Bus, time, offset, width| bus.write(9, Cycles(time), RAM + offset, width, 0xFF).unwrap();
    touch(&mut bus, 99, 0x10, Width::Four);
    touch(&mut bus, 100, 0x0C, Width::Four);
    touch(&mut bus, 100, 0x20, Width::One);
    assert!(bus.touches(buffer).is_empty());
    touch(&mut bus, 100, 0x0D, Width::Four);
    touch(&mut bus, 101, 0x1F, Width::One);
    bus.read(4, Cycles(102), RAM + 0x1E, Width::Two).unwrap();
    bus.peek(RAM + 0x10, &mut [0; 16]).unwrap();
    bus.poke(RAM + 0x10, &[0; 16]).unwrap();
    let seen: Vec<_> = bus.touches(buffer).iter().map(|touch| (touch.channel, touch.time.0, touch.direction)).collect();
    assert_eq!(seen, [(9, 100, Direction::Write), (9, 101, Direction::Write), (4, 102, Direction::Read)]);
    assert_eq!(bus.touches(word).len(), 2);

    assert_eq!(bus.unwatch(buffer).len(), 3);
    touch(&mut bus, 103, 0x1C, Width::Four);
    assert!(bus.touches(buffer).is_empty());
    assert_eq!(bus.touches(word).len(), 3);
    assert_eq!(bus.unwatch(word).len(), 3);
    assert!(bus.unwatch(word).is_empty());
}

#[test]
fn a_log_that_ends_leaves_the_watchpoints_and_the_other_way_round() {
    let mut bus = bus();
    bus.start_log(LogOptions::default());
    let watch = bus.watch(RAM..RAM + 4, Cycles(0));
    bus.stop_log();
    bus.read(1, Cycles(1), RAM, Width::Four).unwrap();
    assert_eq!(bus.touches(watch).len(), 1);
    bus.start_log(LogOptions::default());
    bus.unwatch(watch);
    bus.read(1, Cycles(1), RAM, Width::Four).unwrap();
    assert_eq!(bus.log().unwrap().len(), 1);
}

#[test]
fn an_attempt_at_a_hole_is_seen_by_the_watchpoint_on_it() {
    let mut bus = bus();
    let watch = bus.watch(0..4, Cycles(0));
    bus.read(1, Cycles(1), 0, Width::Four).unwrap_err();
    assert!(bus.touches(watch)[0].is_error);
}

#[test]
fn the_bus_can_be_sent_to_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    is_send(&bus());
}
