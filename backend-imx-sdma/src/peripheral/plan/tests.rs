//! Plans between memory and devices: against what Linux 6.12 loaded in its golden traces, word for word; by table; and
//! what is refused.

use dmaengine_core::BusAddr;
use dmaengine_core::error::ErrorKind;

use super::super::RequestLine;
use super::*;
use crate::soc::scripts::Script;
use crate::words::Context;

/// The scripts in the ROM of an i.MX6Q (Linux 6.12), as far as the traces run them.
const IMX6Q_ROM: ScriptAddresses = ScriptAddresses::NONE
    .with(Script::Ap2Ap, 642)
    .with(Script::App2Mcu, 683)
    .with(Script::Mcu2App, 747)
    .with(Script::Uart2Mcu, 817)
    .with(Script::Shp2Mcu, 891)
    .with(Script::Mcu2Shp, 960);

const SCRIPTS: [Script; 27] = [
    Script::Ap2Ap,
    Script::Firi2Mcu,
    Script::Mcu2Firi,
    Script::Uart2Mcu,
    Script::Mcu2App,
    Script::Per2Per,
    Script::Uartsh2Mcu,
    Script::Mcu2Shp,
    Script::Ata2Mcu,
    Script::Mcu2Ata,
    Script::App2Mcu,
    Script::Shp2Mcu,
    Script::Mshc2Mcu,
    Script::Mcu2Mshc,
    Script::Spdif2Mcu,
    Script::Mcu2Spdif,
    Script::Asrc2Mcu,
    Script::ExtMem2Ipu,
    Script::DptcDvfs,
    Script::Mcu2Ssish,
    Script::Ssish2Mcu,
    Script::HdmiDma,
    Script::Mcu2Ecspi,
    Script::Mcu2Sai,
    Script::Sai2Mcu,
    Script::I2c2Mcu,
    Script::Mcu2I2c,
];

/// Every script, at 1,000 and its place in the table of a firmware image.
const EVERY: ScriptAddresses = {
    let (mut scripts, mut index) = (ScriptAddresses::NONE, 0);
    while index < SCRIPTS.len() {
        scripts = scripts.with(SCRIPTS[index], 1_000 + SCRIPTS[index] as u16);
        index += 1;
    }
    scripts
};

fn chip(scripts: &ScriptAddresses) -> Chip<'_> {
    Chip { scripts, request_lines: 48, err009165: true, done_config: true, spba: None }
}

fn line(number: u8) -> RequestLine {
    RequestLine::new(number).unwrap()
}

/// A device at SSI1's address, of width 2, in bursts of 8: that of the traces.
fn config(peripheral: Peripheral) -> SlaveConfig<Peripheral> {
    SlaveConfig::new(BusAddr(0x0202_8000), BusWidth::Two, peripheral).with_max_burst(8)
}

fn sends(chip: &Chip<'_>, config: SlaveConfig<Peripheral>) -> Result<Plan, PrepError> {
    cyclic(chip, &Cyclic { direction: Direction::MemToDev, period: 1_920, config })
}

fn receives(chip: &Chip<'_>, config: SlaveConfig<Peripheral>) -> Result<Plan, PrepError> {
    cyclic(chip, &Cyclic { direction: Direction::DevToMem, period: 1_920, config })
}

/// A context's words that are not 0, as the traces print them.
fn context(pc: u32) -> [u32; 32] {
    let mut words = [0; 32];
    (words[0], words[2], words[8], words[9]) = (pc, 0x40, 0x0202_8000, 0x10);
    words
}

/// S03: variants ssi-sp-rom-only, ssi-sp, and ssi; and ssi-sp-64-bit-build, where Linux leaves word 2 empty: it gets
/// the words of a 32-bit build here, whatever this is built for.
#[test]
fn s03_cyclic_playback_on_line_38() {
    let firmware = IMX6Q_ROM.with(Script::Per2Per, 6_300).with(Script::Uart2Mcu, 6_200).with(Script::Mcu2Ssish, 6_350);
    let variants: [(_, _, fn(_) -> _, _); 4] = [
        ("ssi-sp-rom-only", &IMX6Q_ROM, Peripheral::ssi_shared, 0x03C0),
        ("ssi-sp", &firmware, Peripheral::ssi_shared, 0x03C0),
        ("ssi-sp-64-bit-build", &firmware, Peripheral::ssi_shared, 0x03C0),
        ("ssi", &firmware, Peripheral::ssi, 0x02EB),
    ];
    for (name, scripts, peripheral, pc) in variants {
        let peripheral = peripheral(line(38)).with_priority(Priority::High);
        let plan = sends(&chip(scripts), config(peripheral)).unwrap();
        assert_eq!(*Context::new(&plan.context).words(), context(pc), "{name}");
        // Linux writes CHNPRI 3, and the channel's bit into CHNENBL38.
        assert_eq!((plan.priority as u8, plan.lines), (3, 1 << 38));
        assert_eq!((plan.unit.command, plan.count, plan.software_done), (2, Count::Moved, None));
    }
}

/// S05 and S09, which are of the same device.
#[test]
fn s05_slave_sg_and_s09_have_the_context_of_s03() {
    let request = SlaveSg { direction: Direction::MemToDev, config: config(Peripheral::ssi_shared(line(38))) };
    let plan = slave_sg(&chip(&IMX6Q_ROM), &request).unwrap();
    assert_eq!(*Context::new(&plan.context).words(), context(0x03C0));
    assert_eq!(plan.priority, Priority::Low);
}

/// S06: nothing but the program counter.
#[test]
fn s06_memcpy() {
    let plan = memcpy(&chip(&IMX6Q_ROM)).unwrap();
    let mut words = [0; 32];
    words[0] = 0x0282;
    assert_eq!(*Context::new(&plan.context).words(), words);
    assert_eq!((plan.lines, plan.unit, plan.count), (0, Unit::COPY, Count::Moved));
}

/// `sdma_get_pc` of Linux 6.12: a constructor, and the places of its scripts from and to the device in the table of a
/// firmware.
#[test]
fn each_kind_has_the_scripts_linux_gives_it() {
    let fifos = MultiFifo::new(2).unwrap();
    let table = [
        (Peripheral::ssi(line(1)), Some((22, "app_2_mcu")), Some((13, "mcu_2_app"))),
        (Peripheral::sai(line(1)), Some((22, "app_2_mcu")), Some((13, "mcu_2_app"))),
        (Peripheral::ext(line(1)), Some((22, "app_2_mcu")), Some((13, "mcu_2_app"))),
        (Peripheral::ssi_shared(line(1)), Some((24, "shp_2_mcu")), Some((18, "mcu_2_shp"))),
        (Peripheral::mmc(line(1)), Some((24, "shp_2_mcu")), Some((18, "mcu_2_shp"))),
        (Peripheral::sdhc(line(1)), Some((24, "shp_2_mcu")), Some((18, "mcu_2_shp"))),
        (Peripheral::ecspi_shared(line(1)), Some((24, "shp_2_mcu")), Some((18, "mcu_2_shp"))),
        (Peripheral::esai(line(1)), Some((24, "shp_2_mcu")), Some((18, "mcu_2_shp"))),
        (Peripheral::mshc_shared(line(1)), Some((24, "shp_2_mcu")), Some((18, "mcu_2_shp"))),
        (Peripheral::asrc_shared(line(1)), Some((24, "shp_2_mcu")), Some((18, "mcu_2_shp"))),
        (Peripheral::ssi_dual(line(1)), Some((36, "ssish_2_mcu")), Some((35, "mcu_2_ssish"))),
        (Peripheral::uart(line(1)), Some((11, "uart_2_mcu")), Some((13, "mcu_2_app"))),
        (Peripheral::uart_shared(line(1)), Some((16, "uartsh_2_mcu")), Some((18, "mcu_2_shp"))),
        (Peripheral::ecspi(line(1)), Some((22, "app_2_mcu")), Some((40, "mcu_2_ecspi"))),
        (Peripheral::spdif(line(1)), Some((27, "spdif_2_mcu")), Some((28, "mcu_2_spdif"))),
        (Peripheral::multi_sai(line(1), fifos), Some((42, "sai_2_mcu")), Some((41, "mcu_2_sai"))),
        (Peripheral::asrc(line(1)), Some((29, "asrc_2_mcu")), Some((29, "asrc_2_mcu"))),
        (Peripheral::mshc(line(1)), Some((25, "mshc_2_mcu")), Some((26, "mcu_2_mshc"))),
        (Peripheral::ata(line(1)), Some((19, "ata_2_mcu")), Some((20, "mcu_2_ata"))),
        (Peripheral::firi(line(1)), Some((7, "firi_2_mcu")), Some((9, "mcu_2_firi"))),
        (Peripheral::i2c(line(1)), Some((45, "i2c_2_mcu")), Some((46, "mcu_2_i2c"))),
        (Peripheral::ccm(line(1)), Some((32, "dptc_dvfs")), None),
        (Peripheral::ipu_memory(line(1)), None, Some((30, "ext_mem_2_ipu"))),
        (Peripheral::hdmi(line(1), 2), None, Some((37, "hdmi_dma"))),
    ];
    for (peripheral, from_device, to_device) in table {
        let mut config = config(peripheral);
        config.width = BusWidth::One;
        for (direction, expected) in [(Direction::DevToMem, from_device), (Direction::MemToDev, to_device)] {
            let plan = |scripts| slave(&chip(scripts), direction, &config);
            match expected {
                Some((place, name)) => {
                    assert_eq!(plan(&EVERY).unwrap().context.pc, 1_000 + place, "{peripheral:?}");
                    assert_eq!(plan(&ScriptAddresses::NONE), Err(PrepError::NoProgram { name }));
                }
                None => assert_eq!(plan(&EVERY), Err(PrepError::Direction { direction })),
            }
        }
        for direction in [Direction::MemToMem, Direction::DevToDev] {
            assert_eq!(slave(&chip(&EVERY), direction, &config), Err(PrepError::Direction { direction }));
        }
    }
}

/// ERR009165: chips that are free of it need no firmware to send.
#[test]
fn an_ecspi_sends_by_the_script_in_rom_where_the_erratum_is_fixed() {
    let spi = config(Peripheral::ecspi(line(4)));
    assert_eq!(sends(&chip(&IMX6Q_ROM), spi), Err(PrepError::NoProgram { name: "mcu_2_ecspi" }));
    let fixed = Chip { err009165: false, ..chip(&IMX6Q_ROM) };
    assert_eq!(sends(&fixed, spi).unwrap().context.pc, 747);
    assert_eq!(receives(&fixed, spi).unwrap().context.pc, 683);
}

/// r1 is for lines 0 to 31, r0 for 32 to 47.
#[test]
fn masks_are_right_on_both_sides_of_line_32() {
    for (number, r0, r1) in
        [(0, 0, 1), (14, 0, 0x4000), (31, 0, 0x8000_0000), (32, 1, 0), (38, 0x40, 0), (47, 0x8000, 0)]
    {
        let plan = sends(&chip(&EVERY), config(Peripheral::sai(line(number)))).unwrap();
        assert_eq!((plan.context.r0, plan.context.r1, plan.lines), (r0, r1, 1 << number), "line {number}");
    }
}

#[test]
fn the_watermark_is_the_burst_in_bytes_and_what_the_script_wants_beside() {
    let r7 = |peripheral, width, burst| {
        let mut config = config(peripheral).with_max_burst(burst);
        config.width = width;
        receives(&chip(&EVERY), config).unwrap().context.r7
    };
    assert_eq!(r7(Peripheral::ssi(line(1)), BusWidth::Four, 6), 24);
    assert_eq!(r7(Peripheral::ssi(line(1)), BusWidth::Three, 6), 18);
    assert_eq!(r7(Peripheral::ssi(line(1)), BusWidth::Four, 65_535), 0x3_FFFC);
    assert_eq!(r7(Peripheral::uart(line(1)), BusWidth::One, 16), 16);
    assert_eq!(r7(Peripheral::ssi_dual(line(1)), BusWidth::Two, 12), 24);
    let four =
        MultiFifo::new(4).and_then(|four| four.with_stride(1)).and_then(|four| four.with_words_per_fifo(2)).unwrap();
    assert_eq!(r7(Peripheral::multi_sai(line(1), four), BusWidth::Four, 64), 0x1001_4100);
    // The largest that twelve bits hold.
    assert_eq!(r7(Peripheral::multi_sai(line(1), four), BusWidth::Four, 1_016), 0x1001_4FE0);
    let lane = DoneLane::new(1).unwrap();
    let done = Peripheral::multi_sai(line(1), MultiFifo::new(8).unwrap().with_software_done(lane));
    assert_eq!(r7(done, BusWidth::Four, 64), 0x0180_8100);
    let plan = receives(&chip(&EVERY), config(done)).unwrap();
    assert_eq!((plan.count, plan.software_done), (Count::Remaining, Some(lane)));
}

/// r4 and r6, and nothing else: the script knows neither masks nor a watermark.
#[test]
fn hdmi_has_registers_of_its_own() {
    let plan = sends(&chip(&EVERY), config(Peripheral::hdmi(line(2), 3))).unwrap();
    assert_eq!(plan.context, ContextArgs { pc: 1_037, r4: 3, r6: 0x0202_8000, ..ContextArgs::default() });
    assert_eq!((plan.lines, plan.count), (1 << 2, Count::NoDescriptors));
    let request = SlaveSg { direction: Direction::MemToDev, config: config(Peripheral::hdmi(line(2), 3)) };
    let refused = PrepError::Direction { direction: Direction::MemToDev };
    assert_eq!(slave_sg(&chip(&EVERY), &request), Err(refused));
}

#[test]
fn two_fifos_take_whole_pairs() {
    let dual = config(Peripheral::ssi_dual(line(38)));
    assert_eq!(sends(&chip(&EVERY), dual).unwrap().unit, Unit { command: 2, address_align: 2, length_align: 4 });
    assert_eq!(sends(&chip(&EVERY), dual.with_max_burst(7)), Err(PrepError::Misaligned { value: 14, align: 4 }));
}

#[test]
fn what_the_sdma_cannot_do_is_refused_by_value_and_limit() {
    let good = config(Peripheral::ssi(line(38)));
    let refused = |config| sends(&chip(&EVERY), config).unwrap_err();
    let with = |change: fn(&mut SlaveConfig<Peripheral>)| {
        let mut config = good;
        change(&mut config);
        refused(config)
    };
    assert!(sends(&chip(&EVERY), good).is_ok());
    assert_eq!(with(|c| c.width = BusWidth::Eight), PrepError::Width { bytes: 8 });
    assert_eq!(with(|c| c.max_burst = 0), PrepError::Burst { words: 0, limit: 65_535 });
    assert_eq!(with(|c| c.port_window = 2), PrepError::PortWindow { words: 2, limit: 1 });
    assert_eq!(with(|c| c.port_window = 0), PrepError::PortWindow { words: 0, limit: 1 });
    assert_eq!(with(|c| c.flow_controller = FlowController::Device), PrepError::FlowController);
    assert_eq!(with(|c| c.address = BusAddr(1 << 32)), PrepError::Unreachable { address: 1 << 32 });
    assert_eq!(with(|c| c.address = BusAddr(0x0202_8001)), PrepError::Misaligned { value: 0x0202_8001, align: 2 });

    // i.MX31 has 32 lines.
    let small = Chip { request_lines: 32, ..chip(&EVERY) };
    assert_eq!(sends(&small, good), Err(PrepError::NoSuchLine { line: 38, count: 32 }));
    let edge = |number| sends(&small, config(Peripheral::ssi(line(number)))).map(|plan| plan.context.r1);
    assert_eq!((edge(31), edge(32)), (Ok(1 << 31), Err(PrepError::NoSuchLine { line: 32, count: 32 })));

    let uart = config(Peripheral::uart(line(25)));
    assert_eq!(receives(&chip(&EVERY), uart), Err(PrepError::Width { bytes: 2 }));
    assert_eq!(receives(&chip(&EVERY), config(Peripheral::uart_shared(line(25)))), Err(PrepError::Width { bytes: 2 }));
    assert!(sends(&chip(&EVERY), uart).is_ok());

    let sai = config(Peripheral::multi_sai(line(1), MultiFifo::new(4).unwrap()));
    assert_eq!(refused(sai.with_max_burst(2_048)), PrepError::Burst { words: 2_048, limit: 2_047 });
    // Four FIFOs: rounds of four words.
    assert!(sends(&chip(&EVERY), sai.with_max_burst(2_044)).is_ok());
    let torn = sends(&chip(&EVERY), sai.with_max_burst(2_046)).unwrap_err();
    assert_eq!(torn, PrepError::Misaligned { value: 2 * 2_046, align: 8 });
    let done = MultiFifo::new(4).unwrap().with_software_done(DoneLane::new(0).unwrap());
    let older = Chip { done_config: false, ..chip(&EVERY) };
    let refused = PrepError::Engine { code: NO_SOFTWARE_DONE };
    assert_eq!(sends(&older, config(Peripheral::multi_sai(line(1), done))), Err(refused));

    assert_eq!(memcpy(&chip(&ScriptAddresses::NONE)), Err(PrepError::NoProgram { name: "ap_2_ap" }));
}

#[test]
fn a_line_that_no_chip_has_is_none() {
    assert_eq!((RequestLine::new(47).map(RequestLine::number), RequestLine::new(48)), (Some(47), None));
}

#[test]
fn refusals_have_their_kind() {
    let kinds = [
        (PrepError::NoProgram { name: "ap_2_ap" }, ErrorKind::Unsupported),
        (PrepError::PortWindow { words: 2, limit: 1 }, ErrorKind::Unsupported),
        (PrepError::FlowController, ErrorKind::Unsupported),
        (PrepError::NoSuchLine { line: 47, count: 32 }, ErrorKind::InvalidInput),
        (PrepError::Burst { words: 0, limit: 255 }, ErrorKind::InvalidInput),
    ];
    for (error, kind) in kinds {
        assert_eq!(error.kind(), kind);
    }
}
