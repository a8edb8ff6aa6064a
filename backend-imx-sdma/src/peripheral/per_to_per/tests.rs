//! The word of `per_2_per` by table, both orders of bursts on both sides of line 32, and what is refused.

use crate::soc::instances::Window;

use dmaengine_core::BusAddr;

use super::super::{MultiFifo, Priority, RequestLine};
use super::*;
use crate::soc::scripts::{Script, ScriptAddresses};

/// The SPBA of i.MX6Q.
const SPBA: Window = Window::new(0x0200_0000, 0x4_0000);
const ASRC: u64 = 0x0203_4060;
const SSI: u64 = 0x0202_8000;
const ELSEWHERE: u64 = 0x0218_4000;
const PER_2_PER: ScriptAddresses = ScriptAddresses::NONE.with(Script::Per2Per, 6_459);
const CHIP: Chip<'static> =
    Chip { scripts: &PER_2_PER, request_lines: 48, err009165: true, done_config: false, spba: Some(SPBA) };

fn line(number: u8) -> RequestLine {
    RequestLine::new(number).unwrap()
}

fn end(peripheral: Peripheral, address: u64, burst: u16) -> SlaveConfig<Peripheral> {
    SlaveConfig::new(BusAddr(address), BusWidth::Four, peripheral).with_max_burst(burst)
}

fn plan(source: SlaveConfig<Peripheral>, destination: SlaveConfig<Peripheral>) -> Result<Plan, PrepError> {
    dev_to_dev(&CHIP, &DevToDev { source, destination, period: 64 }, Until::Stopped, None)
}

/// From an ASRC at a line and burst to an SSI at a line and burst: r0, r1, r7.
fn words(source: (u8, u16), destination: (u8, u16)) -> (u32, u32, u32) {
    let source = end(Peripheral::asrc_shared(line(source.0)), ASRC, source.1);
    let destination = end(Peripheral::ssi_shared(line(destination.0)), SSI, destination.1);
    let ContextArgs { r0, r1, r7, .. } = plan(source, destination).unwrap().context;
    (r0, r1, r7)
}

const CONT_SP_DP: u32 = 0x8000_1800;
const LWE: u32 = 1 << 28;
const HWE: u32 = 1 << 29;

/// Linux exchanges sizes and masks when the source's burst is the larger, but not the bits that say which half of the
/// lines a mask is of: with lines on both sides of 32, the script waits for two lines that nobody pulls.
#[test]
fn sizes_masks_and_halves_go_together() {
    // The destination's burst is the larger, or they are the same: as given.
    assert_eq!(words((17, 4), (24, 8)), (1 << 17, 1 << 24, CONT_SP_DP | 0x0008_0004));
    assert_eq!(words((17, 6), (38, 6)), (1 << 17, 1 << 6, CONT_SP_DP | 0x0006_0006 | HWE));
    assert_eq!(words((38, 4), (17, 8)), (1 << 6, 1 << 17, CONT_SP_DP | 0x0008_0004 | LWE));
    assert_eq!(words((33, 4), (38, 8)), (1 << 1, 1 << 6, CONT_SP_DP | 0x0008_0004 | LWE | HWE));
    // The source's is: exchanged.
    assert_eq!(words((17, 8), (24, 4)), (1 << 24, 1 << 17, CONT_SP_DP | 0x0008_0004));
    assert_eq!(words((17, 8), (38, 4)), (1 << 6, 1 << 17, CONT_SP_DP | 0x0008_0004 | LWE));
    assert_eq!(words((38, 8), (17, 4)), (1 << 17, 1 << 6, CONT_SP_DP | 0x0008_0004 | HWE));
    assert_eq!(words((33, 8), (38, 4)), (1 << 6, 1 << 1, CONT_SP_DP | 0x0008_0004 | LWE | HWE));
    // The edge, and the largest.
    assert_eq!(words((31, 255), (32, 255)), (1 << 31, 1, CONT_SP_DP | 0x00FF_00FF | HWE));
}

#[test]
fn the_rest_of_the_plan() {
    let source = end(Peripheral::asrc_shared(line(17)), ASRC, 8);
    let destination = end(Peripheral::ssi_shared(line(38)).with_priority(Priority::High), SSI, 4);
    let plan = plan(source, destination).unwrap();
    // Addresses are not exchanged with the bursts.
    assert_eq!((plan.context.r2, plan.context.r6, plan.context.r4), (ASRC as u32, SSI as u32, 0));
    assert_eq!((plan.context.pc, plan.lines), (6_459, 1 << 17 | 1 << 38));
    assert_eq!((plan.priority, plan.count, plan.unit.command), (Priority::High, Count::Endless, 0));
}

#[test]
fn each_side_says_for_itself_whether_it_is_on_the_spba_and_has_two_fifos() {
    let r7 = |source, destination| plan(source, destination).unwrap().context.r7 & !0x00FF_00FF;
    let asrc = |address| end(Peripheral::asrc(line(17)), address, 4);
    let sai = |address| end(Peripheral::sai(line(24)), address, 4);
    assert_eq!(r7(asrc(ASRC), sai(ELSEWHERE)), 0x8000_0800);
    assert_eq!(r7(asrc(ELSEWHERE), sai(SSI)), 0x8000_1000);
    assert_eq!(r7(asrc(ELSEWHERE), sai(ELSEWHERE)), 0x8000_0000);
    assert_eq!(r7(asrc(0x0200_0000), sai(0x0203_FFFC)), 0x8000_1800);
    assert_eq!(r7(asrc(0x01FF_FFFC), sai(0x0204_0000)), 0x8000_0000);

    let fifos = |fifos| end(Peripheral::multi_sai(line(24), MultiFifo::new(fifos).unwrap()), ELSEWHERE, 4);
    let dual = end(Peripheral::ssi_dual(line(24)), ELSEWHERE, 4);
    assert_eq!(r7(dual, asrc(ELSEWHERE)), 0x8000_2000);
    assert_eq!(r7(asrc(ELSEWHERE), dual), 0x8000_4000);
    assert_eq!(r7(asrc(ELSEWHERE), fifos(2)), 0x8000_4000);
    assert_eq!(r7(fifos(1), asrc(ELSEWHERE)), 0x8000_0000);
    assert_eq!(plan(asrc(ELSEWHERE), fifos(3)), Err(REFUSED));
    // With the larger burst at the source, too: these are of the devices, not of the bursts.
    assert_eq!(r7(dual.with_max_burst(8), asrc(ASRC)), 0x8000_3000);
}

#[test]
fn spdif_takes_two_registers_in_turn_on_both_sides_of_the_spba() {
    let spdif = |number, address| end(Peripheral::spdif(line(number)), address, 4);
    let asrc = end(Peripheral::asrc_shared(line(17)), ASRC, 4);
    let both = plan(spdif(14, 0x0200_4014), spdif(15, 0x0200_402C)).unwrap();
    assert_eq!(both.context.r7, 0x8000_1C00 | 0x0004_0004);
    assert_eq!(plan(spdif(14, 0x0200_4014), asrc), Err(REFUSED));
    assert_eq!(plan(asrc, spdif(15, 0x0200_402C)), Err(REFUSED));
    let refused = Err(PrepError::Unreachable { address: ELSEWHERE });
    assert_eq!(plan(spdif(14, ELSEWHERE), spdif(15, 0x0200_402C)), refused);
    assert_eq!(plan(spdif(14, 0x0200_4014), spdif(15, ELSEWHERE)), refused);
}

#[test]
fn counted_transfers_and_pads() {
    let request = DevToDev {
        source: end(Peripheral::asrc_shared(line(17)), ASRC, 4),
        destination: end(Peripheral::ssi_shared(line(24)), SSI, 4),
        period: 64,
    };
    let plan = |until, pad| dev_to_dev(&CHIP, &request, until, pad).unwrap();
    let counted = plan(Until::Counted, None);
    assert_eq!((counted.context.r7, counted.count), (0x0004_1804, Count::Words));
    assert_eq!(plan(Until::Counted, Pad::swallow(3)).context.r7, 0x0304_1904);
    assert_eq!(plan(Until::Stopped, Pad::add(15)).context.r7, 0x8F04_1A04);
    for every in [0, 2, 14, 16, 17] {
        assert_eq!((Pad::swallow(every), Pad::add(every)), (None, None), "an odd number up to 15");
    }
}

#[test]
fn what_per_2_per_cannot_do_is_refused() {
    let asrc = end(Peripheral::asrc_shared(line(17)), ASRC, 4);
    let ssi = end(Peripheral::ssi_shared(line(38)), SSI, 4);
    let narrow = SlaveConfig::new(BusAddr(SSI), BusWidth::Two, Peripheral::ssi_shared(line(38)));
    assert_eq!(plan(asrc, narrow), Err(PrepError::Width { bytes: 2 }));
    assert_eq!(plan(narrow, asrc), Err(PrepError::Width { bytes: 2 }));
    for words in [0, 256, 65_535] {
        assert_eq!(plan(asrc.with_max_burst(words), ssi), Err(PrepError::Burst { words, limit: 255 }));
        assert_eq!(plan(asrc, ssi.with_max_burst(words)), Err(PrepError::Burst { words, limit: 255 }));
    }
    for other in [Peripheral::uart(line(1)), Peripheral::ecspi(line(1)), Peripheral::hdmi(line(1), 1)] {
        assert_eq!(plan(asrc, end(other, SSI, 4)), Err(REFUSED));
        assert_eq!(plan(end(other, SSI, 4), asrc), Err(REFUSED));
    }
    assert_eq!(plan(asrc, ssi.with_port_window(4)), Err(PrepError::PortWindow { words: 4, limit: 1 }));
    assert_eq!(
        plan(end(Peripheral::asrc(line(17)), 1 << 40, 4), ssi),
        Err(PrepError::Unreachable { address: 1 << 40 })
    );
    assert_eq!(
        plan(asrc, end(Peripheral::ssi(line(1)), SSI + 2, 4)),
        Err(PrepError::Misaligned { value: SSI + 2, align: 4 })
    );

    let request = DevToDev { source: asrc, destination: ssi, period: 64 };
    let small = Chip { request_lines: 32, ..CHIP };
    let refused = dev_to_dev(&small, &request, Until::Stopped, None);
    assert_eq!(refused, Err(PrepError::NoSuchLine { line: 38, count: 32 }));
    let bare = Chip { scripts: &ScriptAddresses::NONE, ..CHIP };
    let refused = dev_to_dev(&bare, &request, Until::Stopped, None);
    assert_eq!(refused, Err(PrepError::NoProgram { name: "per_2_per" }));
}
