//! An access to where nothing is faults, and is seen; it does not read 0.
#![no_std]
#![no_main]

use board::mmio::{read, write};
use board::{RAM, RAM_SIZE, fault_of, hardware};
use dmaengine_core::Sleepable;

/// A null pointer, behind the memory, between the devices, where the SDMA's registers end.
const NOWHERE: [u32; 5] = [0, RAM + RAM_SIZE, 0x0300_0000, 0xFFFF_FFF0, 0x0220_0000];

fn a_wild_read_faults(_: &mut Sleepable<'_>) {
    for address in NOWHERE {
        let fault = fault_of(|| _ = read(address));
        assert_eq!(fault, Some(address));
    }
}

fn a_wild_write_faults(_: &mut Sleepable<'_>) {
    assert_eq!(fault_of(|| write(0x0300_0004, 1)), Some(0x0300_0004));
}

fn what_is_there_does_not_fault(_: &mut Sleepable<'_>) {
    let word = 7_u32;
    let address = (&raw const word).addr() as u32;
    let mut seen = 0;
    assert_eq!(fault_of(|| seen = read(address)), None);
    assert_eq!(seen, 7);
}

fn without_an_sdma_its_registers_fault_and_with_one_they_answer(_: &mut Sleepable<'_>) {
    const CHN0ADDR: u32 = 0x020E_C05C;
    assert_eq!(fault_of(|| _ = read(CHN0ADDR)), Some(CHN0ADDR));
    hardware::mount();
    let mut seen = 0;
    assert_eq!(fault_of(|| seen = read(CHN0ADDR)), None);
    assert_eq!(seen, 0x50);
    // The page is the SSI's, but there is none.
    assert_eq!(fault_of(|| _ = read(0x0202_8010)), Some(0x0202_8010));
}

board::tests![
    a_wild_read_faults,
    a_wild_write_faults,
    what_is_there_does_not_fault,
    without_an_sdma_its_registers_fault_and_with_one_they_answer,
];
