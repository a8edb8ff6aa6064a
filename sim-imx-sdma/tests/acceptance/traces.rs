//! What Linux 6.12's driver (drivers/dma/imx-sdma.c) writes for well-known transfers, and what it expects to read back: descriptors,
//! control blocks, HE and INTR after each completed descriptor. S01 to S13 are the scenarios' names in the record.
//!
//! In the record BD addresses are as Linux' allocator gave them; here they are counted from the chain's first.

use sim_imx_sdma::{RegisterAccess, Trouble};

use crate::rig::*;

/// What is found after a descriptor was completed: its mode word, the current descriptor, INTR, and HE.
type Completed = (u32, u32, u32, u32);

const SOURCE: u32 = BUFFER;

/// Context words 0 to 9 of the playback: `mcu_2_shp`, line 38, SSI1's data register, 8 items of 2 bytes.
const PLAYBACK: [u32; 10] = [0x3C0, 0, 0x40, 0, 0, 0, 0, 0, 0x0202_8000, 0x10];

fn playback(bds: &[[u32; 3]]) -> Rig {
    let mut rig = Rig::booted();
    rig.set_priority(1, 3);
    rig.write32(0x298, 0x2);
    let mut context = [0; 32];
    context[..10].copy_from_slice(&PLAYBACK);
    assert_eq!(context, Rig::context(MCU_2_SHP, 16));
    rig.put(STAGE, &context);
    assert_eq!(rig.command(0x0100_0020, STAGE, 0x820), 0x0182_0020, "from 0x01830020, with D cleared");
    assert_eq!(rig.view().context(1), context);
    rig.chain(1, bds);
    rig.request(1_000_000);
    rig.start(1);
    rig
}

/// Lets the engine complete the next descriptor.
fn complete(rig: &mut Rig, n: u32) -> Completed {
    let bd = rig.current_bd(1);
    assert_eq!(bd, n);
    rig.run_up_to(|rig| rig.current_bd(1) != bd);
    // Up to `done 2`, if it comes now.
    rig.run(40);
    (rig.mode(1, bd), rig.current_bd(1), rig.read32(INTR), rig.read32(STOP_STAT))
}

const CYCLIC: [[u32; 3]; 4] = [
    [0x028D_0780, SOURCE, 0],
    [0x028D_0780, SOURCE + 0x780, 0],
    [0x028D_0780, SOURCE + 0xF00, 0],
    [0x028F_0780, SOURCE + 0x1680, 0],
];

/// The probe's writes, in order, but for the maps and priorities; each reads back as it was written.
#[test]
fn s01_what_the_probe_writes_reads_back() {
    let mut rig = Rig::cold();
    rig.write32(MC0PTR, 0);
    for offset in (CHNENBL..CHNENBL + 4 * 48).chain(CHNPRI..CHNPRI + 4 * 32).step_by(4) {
        rig.write32(offset, 0);
    }
    rig.write32(CHNPRI, 1);
    assert_eq!((rig.read32(EVTOVR), rig.read32(HOSTOVR), rig.read32(DSPOVR)), (0, 0, u32::MAX));
    let writes = [(EVTOVR, 1), (HOSTOVR, 0), (DSPOVR, 1), (CHN0ADDR, 0x4050), (CONFIG, 0), (MC0PTR, CCBS), (CHNPRI, 7)];
    for (offset, value) in writes {
        rig.write32(offset, value);
    }
    for (offset, value) in writes {
        assert_eq!(rig.read32(offset), value, "{offset:#05x}");
    }
    assert!((CHNENBL..CHNENBL + 4 * 48).step_by(4).all(|offset| rig.read32(offset) == 0));
    assert!((CHNPRI + 4..CHNPRI + 4 * 32).step_by(4).all(|offset| rig.read32(offset) == 0));
    assert_eq!((rig.read32(INTR), rig.read32(STOP_STAT), rig.reports()), (0, 0, &[][..]));
}

/// The first command, in static mode: HE falls, CONFIG is as it was, and no interrupt, because its BD asks for none.
#[test]
fn s03_channel_0_ends_without_an_interrupt() {
    let mut rig = Rig::initialised();
    rig.put(STAGE, &Rig::context(MCU_2_SHP, 16));
    assert_eq!(rig.command(0x0100_0020, STAGE, 0x820), 0x0182_0020);
    assert_eq!((rig.read32(STOP_STAT), rig.read32(CONFIG), rig.read32(INTR)), (0, 0, 0));
    rig.write32(CONFIG, 3);
    assert_eq!(rig.read32(CONFIG), 3);
}

#[test]
fn s03_a_cyclic_playback_gives_back_each_period() {
    let mut rig = playback(&CYCLIC);
    let expected: [Completed; 5] = [
        (0x028C_0780, 1, 2, 2),
        (0x028C_0780, 2, 2, 2),
        (0x028C_0780, 3, 2, 2),
        (0x028E_0780, 0, 2, 2),
        (0x028C_0780, 1, 2, 2),
    ];
    for (n, expected) in expected.into_iter().enumerate() {
        let n = n as u32 % 4;
        assert_eq!(complete(&mut rig, n), expected, "period {n}");
        rig.write32(INTR, 2);
        rig.put(Rig::bd(1, n), &[CYCLIC[n as usize][0]]);
        assert_eq!(rig.read32(STOP_STAT), 2);
    }
    assert_eq!(rig.words(CCBS + 16, 4), [Rig::bd(1, 1), Rig::bd(1, 0), 0, 0], "after 5 periods");
    // Two periods in one interrupt.
    assert_eq!(complete(&mut rig, 1), (0x028C_0780, 2, 2, 2));
    assert_eq!(complete(&mut rig, 2), (0x028C_0780, 3, 2, 2));
    rig.write32(INTR, 2);
    assert_eq!((rig.read32(INTR), rig.interrupt()), (0, false), "one bit, however many periods");
}

#[test]
fn s05_a_list_completes_entry_by_entry_and_then_stops() {
    let bds = [[0x0285_0780, SOURCE, 0], [0x0285_03C0, SOURCE + 0x8000, 0], [0x02A9_01E0, SOURCE + 0x4000, 0]];
    let mut rig = playback(&bds);
    assert_eq!(complete(&mut rig, 0), (0x0284_0780, 1, 0, 2));
    assert_eq!(complete(&mut rig, 1), (0x0284_03C0, 2, 0, 2));
    assert_eq!(complete(&mut rig, 2), (0x02A8_01E0, 3, 2, 0));
}

#[test]
fn s05_an_error_in_the_middle_of_a_list_ends_only_its_entry() {
    let bds = [[0x0285_0780, SOURCE, 0], [0x0285_03C0, SOURCE + 0x8000, 0], [0x02A9_01E0, SOURCE + 0x4000, 0]];
    let mut rig = playback(&bds);
    rig.cause(Trouble::BusError { address: SOURCE + 0x8000 + 100, len: 4 });
    assert_eq!(complete(&mut rig, 0), (0x0284_0780, 1, 0, 2));
    assert_eq!(complete(&mut rig, 1), (0x0294_0064, 2, 0, 2));
    assert_eq!(complete(&mut rig, 2), (0x02A8_01E0, 3, 2, 0));
}

#[test]
fn s06_a_copy_of_several_descriptors_interrupts_at_the_last() {
    for (len, bds, completed) in [
        (4, vec![[0x00A9_0004, 0, 0]], vec![(0x00A8_0004, 1, 2, 0)]),
        (10_000, vec![[0x00A9_2710, 0, 0]], vec![(0x00A8_2710, 1, 2, 0)]),
        (
            131_070,
            vec![[0x0085_FFFF, 0, 0], [0x00A9_FFFF, 0xFFFF, 0xFFFF], [0, 0, 0]],
            vec![(0x0084_FFFF, 1, 0, 2), (0x00A8_FFFF, 2, 2, 0)],
        ),
        (
            200_000,
            vec![
                [0x0085_FFFF, 0, 0],
                [0x0085_FFFF, 0xFFFF, 0xFFFF],
                [0x0085_FFFF, 0x1_FFFE, 0x1_FFFE],
                [0x00A9_0D43, 0x2_FFFD, 0x2_FFFD],
            ],
            vec![(0x0084_FFFF, 1, 0, 2), (0x0084_FFFF, 2, 0, 2), (0x0084_FFFF, 3, 0, 2), (0x00A8_0D43, 4, 2, 0)],
        ),
    ] {
        let mut rig = Rig::booted();
        let bytes: Vec<u8> = (0..len).map(|n| (n % 251) as u8).collect();
        rig.bus().poke(SOURCE, &bytes).expect("there is memory");
        let destination = SOURCE + 0x8_0000;
        let placed: Vec<_> = bds.iter().map(|bd| [bd[0], SOURCE + bd[1], destination + bd[2]]).collect();
        rig.copy(1, 1, &placed);
        assert_eq!(rig.view().context(1)[..10], [0x282, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        rig.start(1);
        for (n, expected) in completed.into_iter().enumerate() {
            assert_eq!(complete(&mut rig, n as u32), expected, "{len} bytes, descriptor {n}");
        }
        assert_eq!(rig.bytes(destination, len), bytes);
        assert_eq!(rig.bytes(destination + len, 1), [0]);
    }
}

#[test]
fn s09_a_period_with_an_error_is_followed_by_a_good_one() {
    let mut rig = playback(&CYCLIC);
    rig.cause(Trouble::BusError { address: SOURCE + 512, len: 2 });
    assert_eq!(complete(&mut rig, 0), (0x029C_0200, 1, 2, 2));
    assert_eq!(complete(&mut rig, 1), (0x028C_0780, 2, 2, 2));
}

/// The processor is late: all four periods are used up and the fifth is not the engine's. HE falls, and nothing else says so.
#[test]
fn s13_a_playback_that_starves_stops_without_an_interrupt() {
    let mut rig = playback(&CYCLIC);
    for expected in [(0x028C_0780, 1, 2, 2), (0x028C_0780, 2, 2, 2), (0x028C_0780, 3, 2, 2)] {
        assert_eq!(complete(&mut rig, expected.1 - 1), expected);
    }
    rig.run_up_to(|rig| rig.current_bd(1) == 0);
    rig.write32(INTR, 2);
    rig.run_until_idle();
    assert_eq!((rig.read32(STOP_STAT), rig.read32(INTR), rig.interrupt()), (0, 0, false));
    assert_eq!(rig.words(CCBS + 16, 4), [Rig::bd(1, 0), Rig::bd(1, 0), 0, 0]);
    assert_eq!([0, 1, 2, 3].map(|n| rig.mode(1, n)), [0x028C_0780, 0x028C_0780, 0x028C_0780, 0x028E_0780]);
    // Given back and started again, it goes on with the first.
    for (n, bd) in CYCLIC.iter().enumerate() {
        rig.put(Rig::bd(1, n as u32), bd);
    }
    rig.start(1);
    assert_eq!(complete(&mut rig, 0), (0x028C_0780, 1, 2, 2));
    rig.write32(INTR, 2);
    assert_eq!(complete(&mut rig, 1), (0x028C_0780, 2, 2, 2));
}
