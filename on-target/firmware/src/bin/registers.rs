//! An access to a register of a simulated device is one instruction to the program, as on a chip: it changes nothing but its target,
//! though a whole simulation runs inside it.
//!
//! The program has `unsafe` because it looks at registers of the core, which takes assembly.
#![no_std]
#![no_main]

use core::arch::global_asm;

use board::{cpu, hardware};
use dmaengine_core::Sleepable;
use sim_imx_sdma::bus::{BusError, Peripheral, Width};
use sim_imx_sdma::time::Cycles;

/// STOP_STAT, the register with which the simulation does the most: time passes, scripts run.
const STOP_STAT: u32 = 0x020E_C008;
const CHNPRI9: u32 = 0x020E_C124;

/// In place of SSI1: a device that calculates with floating-point numbers, which the simulation itself does not.
const CALCULATOR: u32 = 0x0202_8000;

#[derive(Debug)]
struct Calculator;

impl Peripheral for Calculator {
    fn advance(&mut self, _now: Cycles) {}

    fn read(&mut self, _now: Cycles, offset: u32, _width: Width) -> Result<u32, BusError> {
        let numbers: [f64; 8] = core::array::from_fn(|n| core::hint::black_box(f64::from(offset + n as u32)) * 1.5);
        Ok(numbers.iter().sum::<f64>() as u32)
    }

    fn write(&mut self, now: Cycles, offset: u32, width: Width, _value: u32) -> Result<(), BusError> {
        self.read(now, offset, width).map(drop)
    }

    fn lines(&self) -> u64 {
        0
    }

    fn next_change(&self) -> Option<Cycles> {
        None
    }
}

/// d0 to d7 and d16 to d31: what a function may change.
const FLOATS: usize = 24;

#[derive(Debug, PartialEq)]
#[repr(C)]
struct Registers {
    floats: [u64; FLOATS],
    /// r3 to r12.
    integers: [u32; 10],
    lr: u32,
    sp_moved: u32,
}

unsafe extern "C" {
    /// Fills the registers from `before`, reads a word at `address` to LR, and writes the registers to `after`.
    fn read_among_registers(address: u32, before: *const Registers, after: *mut Registers);
    /// The same, but writes LR's word.
    fn write_among_registers(address: u32, before: *const Registers, after: *mut Registers);
}

#[cfg(target_abi = "eabihf")]
global_asm!(
    ".macro load_floats",
    "vldmia r1!, {{d0-d7}}",
    "vldmia r1!, {{d16-d31}}",
    ".endm",
    ".macro store_floats",
    "vstmia r2!, {{d0-d7}}",
    "vstmia r2!, {{d16-d31}}",
    ".endm",
);

// There are none; what is stored is what there would have been.
#[cfg(not(target_abi = "eabihf"))]
global_asm!(".macro load_floats", "add r1, r1, #192", ".endm", ".macro store_floats", "add r2, r2, #192", ".endm");

global_asm!(
    ".macro among access:vararg",
    "push {{r4-r11, lr}}",
    "load_floats",
    "str sp, [r2, #236]",
    "ldm r1, {{r3-r12, lr}}",
    "\\access",
    "store_floats",
    "stm r2!, {{r3-r12, lr}}",
    "ldr r1, [r2]",
    "sub r1, r1, sp",
    "str r1, [r2]",
    "pop {{r4-r11, pc}}",
    ".endm",
    ".arm",
    "read_among_registers:",
    "among ldr lr, [r0]",
    "write_among_registers:",
    "among str lr, [r0]",
);

fn numbers() -> Registers {
    Registers {
        floats: core::array::from_fn(|n| (n as u64 + 1) * 0x0123_4567_89AB_CDEF),
        integers: core::array::from_fn(|n| (n as u32 + 1) * 0x0101_0101),
        lr: 0x5A5A_5A5A,
        sp_moved: 0,
    }
}

fn among(access: unsafe extern "C" fn(u32, *const Registers, *mut Registers), address: u32, lr: u32) -> Registers {
    let before = Registers { lr, ..numbers() };
    let mut after = Registers { sp_moved: 1, ..numbers() };
    // SAFETY: the function keeps to the calling convention, and both pointers are good for all that it does with them.
    unsafe { access(address, &before, &mut after) };
    after
}

fn a_read_changes_its_target_alone(_: &mut Sleepable<'_>) {
    hardware::mount();
    board::mmio::write(CHNPRI9, 6);
    assert_eq!(among(read_among_registers, CHNPRI9, 0), Registers { lr: 6, ..numbers() });
    for _ in 0..1_000 {
        assert_eq!(among(read_among_registers, STOP_STAT, 0), Registers { lr: 0, ..numbers() });
    }
}

fn it_may_calculate_with_floating_point_numbers_meanwhile(_: &mut Sleepable<'_>) {
    hardware::hw(|sdma| sdma.bus().add_peripheral(CALCULATOR, 0x1000, Calculator).map(drop)).unwrap();
    // 1.5 times (0 + 1 + ... + 7).
    assert_eq!(among(read_among_registers, CALCULATOR, 0), Registers { lr: 42, ..numbers() });
    assert_eq!(among(write_among_registers, CALCULATOR, 9), Registers { lr: 9, ..numbers() });
}

fn a_write_changes_nothing(_: &mut Sleepable<'_>) {
    assert_eq!(among(write_among_registers, CHNPRI9, 5), Registers { lr: 5, ..numbers() });
    assert_eq!(board::mmio::read(CHNPRI9), 5);
}

fn nor_does_it_with_interrupts_masked(_: &mut Sleepable<'_>) {
    cpu::masked(|| {
        assert_eq!(among(write_among_registers, CHNPRI9, 4), Registers { lr: 4, ..numbers() });
        assert_eq!(among(read_among_registers, CHNPRI9, 0), Registers { lr: 4, ..numbers() });
        assert!(!cpu::interrupts_enabled());
    });
    assert!(cpu::interrupts_enabled());
}

board::tests![
    a_read_changes_its_target_alone,
    it_may_calculate_with_floating_point_numbers_meanwhile,
    a_write_changes_nothing,
    nor_does_it_with_interrupts_masked,
];
