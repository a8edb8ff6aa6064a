//! What the engine may touch, and who hears of it when it touches something else.

mod hw_support;

use backend_mock::hw::{Moves, Nanos, NewsKind, Peripheral, Program, StopLatency};
use hw_support::*;

#[test]
fn an_access_after_unmap_is_blocked_counted_and_logged() {
    let (hw, memory, bus) = recording(StopLatency::After(us(1000)));
    hw.advance_to(us(505));
    hw.disable(0);
    hw.unmap(bus);
    let then = memory.bytes();
    hw.advance_to(us(5000));
    assert_eq!(memory.bytes(), then);
    assert_eq!(hw.late_accesses(), 100, "one a frame, for the latency");
    assert_eq!(hw.faults(), 0);
    let last = *hw.log().last().unwrap();
    assert!(last.late && last.blocked && last.write);
    assert_eq!((last.bus, last.len), (bus + 200, 400));
    assert_eq!((last.from, last.to), (us(510), us(1500)));
    // The engine does not notice.
    assert_eq!(hw.progress(0).bytes, 600);
}

#[test]
fn a_claimed_mapping_is_written_and_the_other_tags_writes_are_late() {
    let (hw, memory, bus) = recording(StopLatency::After(us(1000)));
    hw.advance_to(us(500));
    hw.disable(0);
    hw.claim(bus + 100, 2);
    hw.advance_to(us(5000));
    assert_eq!(hw.late_accesses(), 100);
    assert_eq!(memory.frames()[149], 150, "performed all the same");
    let log = hw.log();
    let seen: Vec<_> = log.iter().map(|a| (a.len, a.late, a.blocked)).collect();
    assert_eq!(seen, [(200, false, false), (400, true, false)]);

    run(&hw, 0, ring(2, bus, 4000, 40));
    hw.advance_to(us(6000));
    assert_eq!(hw.progress(0).bytes, 400);
    assert_eq!(hw.late_accesses(), 100, "the claimant is in time");
}

#[test]
fn a_write_to_read_only_memory_is_a_fault() {
    let hw = hw(StopLatency::After(us(1000)));
    let memory = Memory::filled(400, 9);
    let bus = memory.map_read_only(&hw);
    hw.attach(0, recorder(stream(EASY), 1000));
    run(&hw, 0, ring(1, bus, 400, 40));
    assert_eq!(hw.next_news(), Some(us(10)), "a fault can be foreseen");
    hw.advance_to(us(1000));
    assert_eq!(memory.bytes(), [9; 400]);
    assert_eq!((hw.faults(), hw.late_accesses()), (1, 0));
    let news = hw.take_news(0).unwrap();
    assert_eq!((news.kind, news.at, news.tag), (NewsKind::Fault, us(10), 1));
    assert!(!hw.is_touching(0));
    let entry = hw.log()[0];
    assert_eq!((entry.bus, entry.len, entry.blocked, entry.late), (bus, 4, true, false));
}

#[test]
fn read_only_memory_can_be_played() {
    let hw = hw(StopLatency::After(us(1000)));
    let memory = Memory::of(&numbered(1, 10));
    let segments = vec![(memory.map_read_only(&hw), 40)];
    hw.attach(0, Peripheral::player(stream(EASY)));
    run(&hw, 0, Program { tag: 1, moves: Moves::Sg { segments, to_device: true } });
    assert_eq!(hw.take_news(0).unwrap().kind, NewsKind::Done);
    assert_eq!((hw.progress(0).bytes, hw.faults()), (40, 0));
}

#[test]
fn what_was_never_mapped_is_a_fault() {
    let hw = hw(StopLatency::After(us(1000)));
    let memory = Memory::filled(400, 9);
    let bus = memory.map(&hw);
    let gap = bus + 400;
    for (channel, address) in [memory.cpu_address(), 0, gap, bus + (1 << 40)].into_iter().enumerate() {
        assert_ne!(address, bus);
        hw.attach(channel, recorder(stream(EASY), 1000));
        run(&hw, channel, ring(1, address, 400, 40));
    }
    hw.advance_to(us(1000));
    for channel in 0..4 {
        assert_eq!(hw.take_news(channel).unwrap().kind, NewsKind::Fault);
    }
    assert_eq!((hw.faults(), hw.late_accesses()), (4, 0));
    assert_eq!(memory.bytes(), [9; 400]);
}

#[test]
fn running_off_the_end_of_a_mapping_is_a_fault_there() {
    let hw = hw(StopLatency::After(us(1000)));
    let memory = Memory::filled(100, 0);
    let bus = memory.map(&hw);
    hw.attach(0, recorder(stream(EASY), 1000));
    run(&hw, 0, ring(1, bus, 400, 400));
    assert_eq!(hw.next_news(), Some(us(260)));
    hw.advance_to(us(1000));
    let news = hw.take_news(0).unwrap();
    assert_eq!((news.kind, news.at), (NewsKind::Fault, us(260)));
    assert_eq!(hw.progress(0).bytes, 100);
    assert_eq!(memory.frames(), (1..=25).collect::<Vec<_>>());
}

#[test]
fn a_frame_that_does_not_fit_into_its_mapping_is_a_fault() {
    for to_device in [false, true] {
        let hw = hw(StopLatency::After(us(1000)));
        let bus = Memory::filled(102, 0).map(&hw);
        let device = if to_device { Peripheral::player(stream(EASY)) } else { recorder(stream(EASY), 1000) };
        hw.attach(0, device);
        let moves = Moves::Cyclic { bus, len: 400, period: 400, to_device };
        run(&hw, 0, Program { tag: 1, moves });
        hw.advance_to(us(1000));
        assert_eq!(hw.take_news(0).unwrap().kind, NewsKind::Fault);
        assert_eq!((hw.progress(0).bytes, hw.faults()), (100, 1));
        let refused = *hw.log().last().unwrap();
        assert_eq!((refused.bus, refused.len, refused.write, refused.blocked), (bus + 100, 4, !to_device, true));
    }
}

#[test]
fn bus_addresses_are_not_given_out_again() {
    let hw = hw(StopLatency::After(Nanos(0)));
    let memory = Memory::filled(400, 0);
    let first = memory.map(&hw);
    hw.unmap(first);
    let second = memory.map(&hw);
    assert!(second >= first + 400 + 4096, "and there is a gap");
    hw.unmap(first);
    assert_eq!(hw.faults(), 1, "handed back twice");
    hw.claim(first, 1);
    assert_eq!(hw.faults(), 2, "claimed after it was handed back");
    // The old address is late, though the memory is mapped again elsewhere.
    hw.attach(0, recorder(stream(EASY), 1000));
    run(&hw, 0, ring(1, first, 400, 40));
    hw.advance_to(us(100));
    assert_eq!((hw.late_accesses(), hw.faults()), (10, 2));
    assert_eq!(memory.bytes(), [0; 400]);
}

#[test]
fn a_blocked_read_gives_zeros() {
    let hw = hw(StopLatency::After(Nanos(0)));
    let memory = Memory::of(&numbered(1, 100));
    let bus = memory.map(&hw);
    hw.unmap(bus);
    hw.attach(0, Peripheral::player(stream(EASY)));
    let moves = Moves::Cyclic { bus, len: 400, period: 40, to_device: true };
    run(&hw, 0, Program { tag: 1, moves });
    hw.advance_to(us(100));
    assert_eq!(hw.late_accesses(), 42, "ten played, 32 in the FIFO");
    let played = hw.with_peripheral(0, |p| p.taken()[0].bytes.to_vec());
    assert_eq!(played, Some(vec![0; 40]));
}

#[test]
fn the_log_joins_neighbours_and_can_be_switched_off() {
    let (hw, _, bus) = recording(StopLatency::After(Nanos(0)));
    hw.advance_to(us(12_345));
    let seen: Vec<_> = hw.log().iter().map(|a| (a.bus, a.len, a.from, a.to)).collect();
    assert_eq!(seen, [(bus, 4000, us(10), us(10_000)), (bus, 936, us(10_010), us(12_340))], "an entry a lap");
    hw.set_log(false);
    hw.unmap(bus);
    hw.advance_to(us(20_345));
    assert_eq!(hw.log().len(), 2);
    assert_eq!(hw.late_accesses(), 800, "the counters go on");
}

#[test]
fn coherent_memory_is_reached_by_its_bus_address_alone() {
    let hw = hw(StopLatency::After(Nanos(0)));
    let bus = hw.alloc_coherent(8);
    hw.write_memory(bus + 2, &[7; 4]);
    hw.write_memory(bus + 6, &[9; 4]);
    let mut data = [1; 8];
    hw.read_memory(bus, &mut data);
    assert_eq!(data, [0, 0, 7, 7, 7, 7, 0, 0], "what does not fit is not written");
    hw.read_memory(bus + 4, &mut data);
    assert_eq!(data, [0, 0, 7, 7, 7, 7, 0, 0], "and not read");

    let memory = Memory::filled(8, 5);
    hw.write_memory(memory.map_read_only(&hw), &[9; 4]);
    assert_eq!(memory.bytes(), [5; 8]);
    run(&hw, 0, Program { tag: 1, moves: Moves::Copy { dst: memory.map(&hw), src: bus, len: 8 } });
    hw.advance_to(us(1));
    assert_eq!(memory.bytes(), [0, 0, 7, 7, 7, 7, 0, 0]);
}
