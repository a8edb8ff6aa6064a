//! The chips' data: what must hold of all of them, and the numbers that tell them apart.

use backend_imx_sdma::soc::{
    ClockRatio, Registers, Soc, imx6q,
    instances::{self, Instance, Interrupt, Window},
    scripts::{Script, Script::*, ScriptAddresses},
};

const ALL: [Soc; 20] = [
    Soc::IMX25,
    Soc::IMX31,
    Soc::IMX31_TO1,
    Soc::IMX31_TO2,
    Soc::IMX35,
    Soc::IMX35_TO1,
    Soc::IMX35_TO2,
    Soc::IMX50,
    Soc::IMX51,
    Soc::IMX53,
    Soc::IMX6Q,
    Soc::IMX6DL,
    Soc::IMX6SL,
    Soc::IMX6SX,
    Soc::IMX6UL,
    Soc::IMX7D,
    Soc::IMX8MQ,
    Soc::IMX8MM,
    Soc::IMX8MN,
    Soc::IMX8MP,
];

fn names(chips: impl Fn(&Soc) -> bool) -> Vec<&'static str> {
    ALL.iter().filter(|soc| chips(soc)).map(|soc| soc.name).collect()
}

#[test]
fn every_chip_has_a_name_of_its_own() {
    for (i, soc) in ALL.iter().enumerate() {
        assert!(ALL[..i].iter().all(|other| other.name != soc.name), "{}", soc.name);
    }
}

#[test]
fn only_i_mx31_has_32_lines_and_the_old_registers() {
    assert_eq!(names(|soc| soc.request_lines == 32), ["imx31", "imx31-to1", "imx31-to2"]);
    assert_eq!(names(|soc| soc.registers == Registers::Imx31), ["imx31", "imx31-to1", "imx31-to2"]);
    assert_eq!(names(|soc| soc.request_lines == 48).len(), ALL.len() - 3);
    assert_eq!((Registers::Imx31.chnenbl(), Registers::Imx35.chnenbl()), (0x080, 0x200));
    // One register for each line, and the next ones are those of the priorities, at 0x100.
    assert_eq!(Registers::Imx31.chnenbl() + 4 * u32::from(Soc::IMX31.request_lines), 0x100);
}

#[test]
fn from_i_mx8mq_on_the_clocks_may_be_equal() {
    assert_eq!(names(|soc| soc.clock_ratio == ClockRatio::EitherWay), ["imx8mq", "imx8mm", "imx8mn", "imx8mp"]);
    assert!(ClockRatio::EitherWay.acr(133_000_000, 133_000_000));
    assert!(!ClockRatio::EitherWay.acr(133_000_000, 66_500_000));
    assert!(!ClockRatio::TwoToOne.acr(66_500_000, 66_500_000));
}

#[test]
fn the_erratum_of_the_ecspi_is_on_i_mx6_to_8m_but_where_it_was_fixed() {
    let affected = ["imx6q", "imx6dl", "imx6sl", "imx6sx", "imx7d", "imx8mq", "imx8mm", "imx8mn"];
    assert_eq!(names(|soc| soc.err009165), affected);
    assert_eq!(names(|soc| soc.ecspi_tx_script() == Mcu2Ecspi), affected);
    assert_eq!(Soc::IMX6UL.ecspi_tx_script(), Mcu2App);
}

#[test]
fn only_i_mx8m_has_done_config() {
    assert_eq!(names(|soc| soc.done_config), ["imx8mq", "imx8mm", "imx8mn", "imx8mp"]);
}

#[test]
fn the_roms_hold_what_linux_and_its_forerunners_list() {
    let rom = |soc: Soc, script| soc.rom.get(script);
    // One row a script, where the chips differ: i.MX25, 51, 53, 6Q, 7D.
    let chips = [Soc::IMX25, Soc::IMX51, Soc::IMX53, Soc::IMX6Q, Soc::IMX7D];
    let rows: [(Script, [u16; 5]); 10] = [
        (Ap2Ap, [729, 642, 642, 642, 644]),
        (App2Mcu, [770, 683, 683, 683, 685]),
        (Mcu2App, [834, 747, 747, 747, 749]),
        (Uart2Mcu, [904, 817, 817, 817, 819]),
        (Shp2Mcu, [979, 892, 891, 891, 893]),
        (Mcu2Shp, [1048, 961, 960, 960, 962]),
        (Uartsh2Mcu, [1120, 0, 1032, 1032, 1034]),
        (Spdif2Mcu, [0, 0, 1100, 1100, 1102]),
        (Mcu2Spdif, [0, 0, 1134, 1134, 1136]),
        (Per2Per, [0; 5]),
    ];
    for (script, row) in rows {
        for (soc, address) in chips.into_iter().zip(row) {
            assert_eq!(rom(soc, script).unwrap_or(0), address, "{script:?} of {}", soc.name);
        }
    }
    assert_eq!((rom(Soc::IMX31_TO2, Ap2Ap), rom(Soc::IMX31_TO1, Per2Per)), (Some(423), Some(1677)));
    assert_eq!((rom(Soc::IMX35_TO1, Shp2Mcu), rom(Soc::IMX35_TO2, Shp2Mcu)), (Some(892), Some(979)));
    assert_eq!((rom(Soc::IMX50, Uartsh2Mcu), rom(Soc::IMX50, Spdif2Mcu)), (Some(1032), None));
    assert_eq!((Soc::IMX31.rom, Soc::IMX35.rom), (ScriptAddresses::NONE, ScriptAddresses::NONE));
}

#[test]
fn no_rom_lists_a_script_in_ram() {
    for soc in ALL {
        for script in Script::ALL {
            assert!(soc.rom.get(script).is_none_or(|address| address < 0x800), "{script:?} of {}", soc.name);
        }
    }
}

#[test]
fn a_script_has_one_place_of_48_and_34_is_nobodys() {
    let places: Vec<usize> = Script::ALL.into_iter().map(|script| script as usize).collect();
    let expected: Vec<usize> = (0..ScriptAddresses::COUNT).filter(|place| *place != 34).collect();
    assert_eq!(places, expected);
    for script in Script::ALL {
        let table = ScriptAddresses::NONE.with(script, 700);
        for other in Script::ALL {
            assert_eq!(table.get(other), Some(700).filter(|_| other == script));
        }
        assert_eq!(table.with(script, 0), ScriptAddresses::NONE);
    }
}

#[test]
fn the_lines_of_i_mx6q_are_those_of_its_device_tree() {
    let spi = [imx6q::ECSPI1_RX, imx6q::ECSPI2_RX, imx6q::ECSPI3_RX, imx6q::ECSPI4_RX, imx6q::ECSPI5_RX];
    assert_eq!(spi, [3, 5, 7, 9, 11]);
    let uart = [imx6q::UART1_RX, imx6q::UART2_RX, imx6q::UART3_RX, imx6q::UART4_RX, imx6q::UART5_RX];
    assert_eq!(uart, [25, 27, 29, 31, 33]);
    assert_eq!([imx6q::UART1_TX, imx6q::UART5_TX, imx6q::ECSPI1_TX, imx6q::ECSPI5_TX], [26, 34, 4, 12]);
    assert_eq!([imx6q::SSI1_RX0, imx6q::SSI2_RX0, imx6q::SSI3_RX0], [37, 41, 45]);
    assert_eq!([imx6q::SSI1_TX0, imx6q::SSI2_TX0, imx6q::SSI3_TX0], [38, 42, 46]);
    assert_eq!([imx6q::ASRC_RX_A, imx6q::ASRC_RX_C, imx6q::ASRC_TX_A, imx6q::ASRC_TX_C], [17, 19, 20, 22]);
    assert_eq!([imx6q::SPDIF_RX, imx6q::SPDIF_TX, imx6q::ESAI_RX, imx6q::ESAI_TX], [14, 15, 23, 24]);
    assert_eq!([imx6q::I2C1, imx6q::I2C1_B, imx6q::I2C2, imx6q::I2C3, imx6q::I2C3_B], [5, 10, 4, 3, 23]);
    assert_eq!([imx6q::EXT0, imx6q::EPIT1, imx6q::EPIT2, imx6q::DTCP], [2, 16, 9, 47]);
}

#[test]
fn the_instances_are_where_the_device_trees_have_them() {
    let of = |instance: Instance| (instance.base, instance.size, instance.interrupt.id());
    assert_eq!(of(instances::IMX25), (0x53FD_4000, 0x4000, 34));
    assert_eq!(of(instances::IMX51), (0x83FB_0000, 0x4000, 6));
    assert_eq!(of(instances::IMX53), (0x63FB_0000, 0x4000, 6));
    assert_eq!(of(instances::IMX6Q), (0x020E_C000, 0x4000, 34));
    assert_eq!(of(instances::IMX7D), (0x30BD_0000, 0x1_0000, 34));
    assert_eq!(of(instances::IMX8MM_SDMA2), (0x302C_0000, 0x1_0000, 135));
    assert_eq!(of(instances::IMX8MM_SDMA3), (0x302B_0000, 0x1_0000, 66));
    assert_eq!(of(instances::IMX8MP_SDMA2), (0x30E1_0000, 0x1_0000, 135));
    assert_eq!(instances::IMX6Q.interrupt, Interrupt::Spi(2));
}

#[test]
fn an_address_is_on_the_shared_bus_from_its_first_byte_to_its_last() {
    let spba = instances::IMX6Q.spba.unwrap();
    assert_eq!(spba, Window::new(0x0200_0000, 0x4_0000));
    let asrc = 0x0203_4000;
    let uart2 = 0x021E_8000;
    let inside = [0x01FF_FFFF, 0x0200_0000, asrc, 0x0203_FFFF, 0x0204_0000, uart2, 0, u32::MAX];
    assert_eq!(inside.map(|at| spba.contains(at)), [false, true, true, true, false, false, false, false]);
}
