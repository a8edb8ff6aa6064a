//! Contexts, and what becomes of a program counter that leads nowhere.

use super::*;
use crate::ram::RAM;

/// A channel that runs, with dynamic switching, after channel 0 has run with static switching.
fn dynamic() -> Rig {
    let mut rig = Rig::booted();
    rig.set(CONFIG, 3);
    rig
}

#[test]
fn a_switch_costs_what_the_manual_says() {
    for (config, cost, wake) in [(0, 26, 13), (3, 8, 5)] {
        let mut rig = Rig::booted();
        rig.set(CONFIG, config);
        rig.start(3, YIELDS_TO_EQUALS, 1);
        rig.start(8, YIELDS_TO_EQUALS, 1);
        let began = rig.core.now;
        rig.run_into(8);
        assert_eq!(rig.core.now - began, Cycles(3 + wake), "from sleep");
        let began = rig.core.now;
        rig.run_into(3);
        assert_eq!(rig.core.now - began, Cycles(20 + 1 + cost), "from channel to channel");
    }
}

#[test]
fn the_first_save_after_a_reset_is_whole_only_if_it_is_static() {
    for (config, written) in [(0, 24), (3, 2)] {
        let mut rig = Rig::cold();
        rig.set(CONFIG, config);
        rig.set(CHNPRI, 7);
        rig.set(HSTART, 1);
        rig.run(5);
        // Nothing but the program counter and one register is saved: no other differs from what a reset leaves.
        rig.core.regs.r[3] = 9;
        rig.run(100);
        assert_eq!((0x0800..0x0820).filter(|word| rig.core.ram.is_written(*word)).count(), written);
        rig.set(HSTART, 1);
        rig.run(100);
        let told = rig.told();
        let words = ((1 << 24) - 1) & !(1 << 5 | 1);
        let expected: &[_] = if config == 0 { &[] } else { &[ReportKind::UnwrittenContext { channel: 0, words }] };
        assert_eq!(told.iter().take(1).copied().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_context_loaded_while_its_channel_is_on_the_core_is_overwritten_at_its_next_switch() {
    let mut rig = Rig::booted();
    rig.start(3, COUNTS, 1);
    rig.run_into(3);
    let base = rig.core.context(3);
    assert!(rig.core.store(base, ENDS.into()).is_ok());
    assert_eq!(rig.told(), [ReportKind::ContextOverwritten { channel: 3 }]);
    rig.start(8, YIELDS, 2);
    rig.run_into(8);
    assert_eq!(rig.core.ram.read(base), Some(COUNTS_ON.into()));
}

#[test]
fn an_illegal_instruction_leads_to_illinstaddr_and_a_second_one_holds_the_core() {
    let mut rig = dynamic();
    rig.set(0x058, NO_PROGRAM.into());
    rig.start(3, NO_PROGRAM + 1, 1);
    rig.start(8, ENDS, 1);
    rig.set(STOP_STAT, 1 << 8);
    rig.run(1000);
    let illegal = ReportKind::IllegalInstruction { channel: 3, pc: NO_PROGRAM + 1 };
    assert_eq!(rig.told(), [illegal, ReportKind::Stuck { channel: 3 }]);
    assert_eq!((rig.core.regs.pc, rig.core.current()), (NO_PROGRAM, Some(3)));
    rig.set(HSTART, 1 << 8);
    rig.run(1000);
    assert_eq!(rig.core.current(), Some(3), "time goes on and nobody else runs");
    rig.set(STOP_STAT, 1 << 3);
    rig.run(3);
    rig.set(RESET, 0b10);
    rig.run(100);
    assert_eq!((rig.core.current(), rig.get(STOP_STAT)), (None, 0));
}

#[test]
fn after_an_illegal_instruction_epc_says_where_it_was() {
    let mut rig = dynamic();
    rig.set(0x058, YIELDS.into());
    rig.start(3, NO_PROGRAM, 1);
    rig.run(100);
    assert_eq!((rig.core.regs.epc, rig.core.regs.lm, rig.core.regs.pc), (NO_PROGRAM + 1, 0, YIELDS));
}

#[test]
fn code_that_nobody_loaded_is_told_and_does_not_run() {
    let mut rig = dynamic();
    rig.start(3, 0x1800, 1);
    rig.run(100);
    assert_eq!(rig.told()[0], ReportKind::UnloadedCode { channel: 3, pc: 0x1800 });
    let mut rig = dynamic();
    rig.core.ram.write(0x0C00, 0);
    rig.start(3, 0x1800, 1);
    rig.run(100);
    assert_eq!(rig.told()[0], ReportKind::IllegalInstruction { channel: 3, pc: 0x1800 }, "loaded, but no program");
}

#[test]
fn scripts_see_the_contexts_as_memory_and_the_devices_through_windows() {
    let mut rig = Rig::booted();
    rig.core.bus.add_peripheral(DEVICE, 0x4000, Lines { lines: 0xAB, arranged: Vec::new() }).expect("there is room");
    assert_eq!(rig.core.load(0xA000), Ok(0xAB), "SSI1 of an i.MX6 is slot 10");
    assert!(rig.core.load(0xB000).is_err() && rig.core.store(0xB000, 0).is_err(), "nothing is in slot 11");
    assert!(rig.core.store(RAM.start, 5) == Ok(()) && rig.core.load(RAM.start) == Ok(5));
    assert!(rig.core.load(0).is_ok() && rig.core.store(0, 0).is_err(), "ROM");
    assert!(rig.core.load(0x0400).is_err());
    assert_eq!((rig.core.load(0x701C), rig.core.load(0x701D)), (Ok(0x4050), Ok(1)));
    assert!(rig.core.store(0x7003, 0).is_err() && rig.core.load(0x7001).is_err());
    assert!(rig.core.store(0x7018, 7) == Ok(()) && rig.core.load(0x7018) == Ok(7));
}

#[test]
fn a_word_of_memory_a_word_of_a_device_and_time() {
    let mut rig = Rig::booted();
    rig.core.bus.add_ram(0x1000_0000, 16).expect("there is room");
    rig.core.bus.add_peripheral(DEVICE, 4, Lines::default()).expect("there is room");
    let costs = rig.core.config.costs;
    let mut took = |access: &dyn Fn(&mut Core)| {
        let before = rig.core.now;
        access(&mut rig.core);
        (rig.core.now - before).0
    };
    assert_eq!(took(&|core| _ = core.read(0x1000_0000, Width::Four)), costs.memory_access.into());
    assert_eq!(took(&|core| _ = core.write(DEVICE, Width::Four, 0)), costs.peripheral_access.into());
    assert_eq!(took(&|core| _ = core.load(0xA000)), costs.spba_access.into());
    assert_eq!(took(&|core| _ = core.load(0x0800)), costs.ram_access.into());
}
