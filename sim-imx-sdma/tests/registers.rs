//! Every register of every chip, from the one table: what it holds after a reset, and what reading and writing it does.

use sim_imx_sdma::bus::{BusError, Peripheral, Width};
use sim_imx_sdma::time::Cycles;
use sim_imx_sdma::{Config, Register, RegisterAccess, ReportKind, Rule, Sdma, Variant, registers};

const VARIANTS: [Variant; 4] = [Variant::Imx31, Variant::Imx35, Variant::Imx6, Variant::Imx8m];

/// A device whose request lines are all driven by what is written to it.
struct Lines(u64);

impl Peripheral for Lines {
    fn advance(&mut self, _: Cycles) {}

    fn read(&mut self, _: Cycles, _: u32, _: Width) -> Result<u32, BusError> {
        Ok(0)
    }

    fn write(&mut self, _: Cycles, _: u32, _: Width, value: u32) -> Result<(), BusError> {
        self.0 = if value == 0 { 0 } else { u64::MAX };
        Ok(())
    }

    fn lines(&self) -> u64 {
        self.0
    }

    fn next_change(&self) -> Option<Cycles> {
        None
    }
}

fn offsets(register: &Register) -> impl Iterator<Item = u32> {
    (register.offset..).step_by(4).take(register.count as usize)
}

fn one(variant: Variant, name: &str) -> u32 {
    registers(variant).find(|register| register.name == name).expect("it has one").offset
}

fn kinds(sdma: &Sdma) -> Vec<ReportKind> {
    sdma.reports().iter().map(|report| report.kind).collect()
}

/// One in which every register that reading or writing may clear has something in it: all lines rose twice, and all are errors.
fn busy(variant: Variant) -> Sdma {
    let mut sdma = Sdma::new(Config::new(variant));
    sdma.bus().add_peripheral(0x1000, 4, Lines(0)).expect("there is room");
    for register in registers(variant).filter(|register| register.reset.is_none()) {
        offsets(register).for_each(|offset| sdma.write32(offset, u32::MAX));
    }
    sdma.write32(one(variant, "INTRMASK"), u32::MAX);
    // All are started and none may run.
    sdma.write32(one(variant, "DSPOVR"), 0);
    sdma.write32(one(variant, "HSTART"), u32::MAX);
    for level in [1, 0, 1] {
        sdma.bus().write(0, Cycles(0), 0x1000, Width::Four, level).expect("it answers");
        sdma.run_for(Cycles(1));
    }
    assert_eq!(kinds(&sdma), []);
    sdma
}

#[test]
fn acceptance_01_every_register_has_its_reset_value() {
    for variant in VARIANTS {
        let mut sdma = Sdma::new(Config::new(variant));
        for _ in 0..2 {
            for register in registers(variant) {
                for offset in offsets(register) {
                    let value = sdma.read32(offset);
                    if let Some(reset) = register.reset {
                        assert_eq!(value, reset, "{variant:?} {} {offset:#05x}", register.name);
                    }
                }
            }
            // Everything that can be changed is, and a software reset takes it back.
            for register in registers(variant).filter(|it| it.rule == Rule::ReadWrite && it.reset.is_some()) {
                offsets(register).for_each(|offset| sdma.write32(offset, register.mask));
            }
            sdma.write32(one(variant, "HSTART"), u32::MAX);
            sdma.write32(one(variant, "HSTART"), u32::MAX);
            sdma.write32(one(variant, "EVTPEND"), u32::MAX);
            sdma.write32(one(variant, "RESET"), 1);
            sdma.run_for(Cycles(16));
        }
    }
}

#[test]
fn acceptance_01_the_request_map_has_no_reset_value() {
    for variant in VARIANTS {
        let map = |seed| {
            let mut sdma = Sdma::new(Config::new(variant).seed(seed));
            let base = one(variant, "CHNENBL");
            (0..variant.events()).map(|event| sdma.read32(base + 4 * event)).collect::<Vec<_>>()
        };
        assert_eq!(map(1), map(1), "the same run is the same");
        assert_ne!(map(1), map(2));
        assert!(map(1).iter().all(|channels| *channels != 0));
    }
}

#[test]
fn acceptance_01_the_request_map_survives_a_software_reset() {
    let mut sdma = Sdma::new(Config::new(Variant::Imx6));
    sdma.write32(0x204, 0x1234);
    sdma.write32(0x024, 1);
    sdma.run_for(Cycles(16));
    assert_eq!(sdma.read32(0x204), 0x1234);
}

#[test]
fn acceptance_01_every_register_keeps_its_rule() {
    for variant in VARIANTS {
        for register in registers(variant) {
            for offset in offsets(register) {
                keeps_its_rule(variant, register, offset);
            }
        }
    }
}

fn keeps_its_rule(variant: Variant, register: &Register, offset: u32) {
    let mut sdma = busy(variant);
    let name = register.name;
    let context = format!("{variant:?} {name} {offset:#05x}");
    match register.rule {
        Rule::ReadWrite => {
            for pattern in [0xA5A5_A5A5, 0x5A5A_5A5A, 0] {
                // The lock locks itself.
                let value = if name == "SDMA_LOCK" { pattern & 0b10 } else { pattern };
                sdma.write32(offset, value & register.mask);
                assert_eq!(sdma.read32(offset), value & register.mask, "{context}");
            }
            assert_eq!(kinds(&sdma), [], "{context}");
            if register.mask != u32::MAX {
                sdma.write32(offset, !register.mask);
                assert_eq!(sdma.read32(offset), 0, "{context}");
                assert_eq!(kinds(&sdma), [ReportKind::ReservedBits { register: name, bits: !register.mask }]);
            }
        }
        Rule::ReadOnly => {
            let before = sdma.read32(offset);
            sdma.write32(offset, !before);
            assert_eq!(sdma.read32(offset), before, "{context}");
            assert_eq!(kinds(&sdma), [ReportKind::ReadOnly { register: name }], "{context}");
        }
        Rule::ReadClears => {
            sdma.write32(offset, 0);
            assert_eq!(kinds(&sdma), [ReportKind::ReadOnly { register: name }], "{context}");
            assert_eq!((sdma.read32(offset), sdma.read32(offset)), (register.mask, 0), "{context}");
        }
        Rule::WriteOneClears => {
            assert_eq!(sdma.read32(offset), u32::MAX, "{context}");
            sdma.write32(offset, 0x00F0_00F0);
            assert_eq!(sdma.read32(offset), !0x00F0_00F0, "{context}");
            sdma.write32(offset, 0);
            assert_eq!(sdma.read32(offset), !0x00F0_00F0, "{context}");
        }
        Rule::WriteOneSets => {
            let mut sdma = Sdma::new(Config::new(variant));
            // The first start sets HE, not HSTART.
            if name == "HSTART" {
                sdma.write32(offset, u32::MAX);
                assert_eq!((sdma.read32(offset), sdma.read32(one(variant, "STOP_STAT"))), (0, u32::MAX), "{context}");
            }
            sdma.write32(offset, 0x00F0_00F0);
            sdma.write32(offset, 0x0000_000F);
            assert_eq!(sdma.read32(offset), 0x00F0_00FF, "{context}");
        }
        Rule::Command => {
            sdma.write32(offset, 1);
            assert_eq!(sdma.read32(offset), 1, "{context}");
            sdma.run_for(Cycles(16));
            assert_eq!((sdma.read32(offset), sdma.read32(one(variant, "STOP_STAT"))), (0, 0), "{context}");
        }
    }
}

#[test]
fn acceptance_12_what_the_lock_locks_cannot_be_written() {
    for variant in [Variant::Imx35, Variant::Imx6, Variant::Imx8m] {
        let locked: Vec<_> = registers(variant).filter(|register| register.lockable).collect();
        let names: Vec<_> = locked.iter().map(|register| register.name).collect();
        assert_eq!(names, ["SDMA_LOCK", "ONCE_ENB", "ILLINSTADDR", "CHN0ADDR"]);
        let mut sdma = Sdma::new(Config::new(variant));
        sdma.write32(0x03C, 1);
        for register in locked {
            let before = sdma.read32(register.offset);
            sdma.write32(register.offset, !before & register.mask);
            assert_eq!(sdma.read32(register.offset), before, "{}", register.name);
        }
        assert_eq!(sdma.reports().len(), 4);
    }
}

#[test]
fn what_is_no_register_or_no_word_is_told() {
    for variant in VARIANTS {
        let known: Vec<_> = registers(variant).flat_map(offsets).collect();
        for offset in 0..0x1010 {
            let mut sdma = Sdma::new(Config::new(variant));
            sdma.write(offset, Width::Four, 0);
            let unknown = [ReportKind::UnknownRegister { offset }];
            assert_eq!(kinds(&sdma) == unknown, !known.contains(&offset), "{variant:?} {offset:#05x}");
        }
        let mut sdma = Sdma::new(Config::new(variant));
        sdma.write(0x05C, Width::Two, 0x1234);
        assert_eq!((sdma.read(0x05C, Width::One), sdma.read32(0x05C)), (0, 0x50));
        let wrong = |width| ReportKind::WrongWidth { offset: 0x05C, width };
        assert_eq!(kinds(&sdma), [wrong(Width::Two), wrong(Width::One)]);
    }
}

#[test]
fn a_request_without_a_map_entry_is_told() {
    let mut sdma = Sdma::new(Config::new(Variant::Imx6));
    sdma.bus().add_peripheral(0x1000, 4, Lines(0)).expect("there is room");
    sdma.write32(0x200, 0);
    sdma.bus().write(0, Cycles(0), 0x1000, Width::Four, 1).expect("it answers");
    sdma.run_for(Cycles(1));
    let expected: Vec<_> = (1..48).map(|event| ReportKind::UnsetEventMap { event }).collect();
    assert_eq!(kinds(&sdma), expected);
}

#[test]
fn an_access_takes_time_so_that_a_loop_that_polls_gets_somewhere() {
    let mut sdma = Sdma::new(Config::new(Variant::Imx6));
    sdma.write32(0x024, 1);
    let polls = (0..1000).take_while(|_| sdma.read32(0x024) & 1 == 1).count();
    assert_eq!(polls, 1, "8 cycles each, and a reset of 16");
}

#[test]
fn only_so_many_reports_are_kept() {
    let mut sdma = Sdma::new(Config::new(Variant::Imx6));
    for _ in 0..1030 {
        sdma.read32(0x020);
    }
    assert_eq!((sdma.reports().len(), sdma.reports_dropped()), (1024, 6));
    assert_eq!(sdma.reports()[1].to_string(), "16: there is no register at offset 0x020");
    sdma.clear_reports();
    assert_eq!((sdma.reports().len(), sdma.reports_dropped()), (0, 0));
}
