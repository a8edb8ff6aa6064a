//! Which script lies where.

use crate::script::table::{Firmware, ScriptKind, Scripts};
use crate::script::testing::Fake;

/// The entries as Linux and NXP's old board code have them.
#[test]
fn the_roms_have_their_scripts_where_drivers_look_for_them() {
    use ScriptKind::*;
    let kinds = [Ap2Ap, App2Mcu, Mcu2App, Uart2Mcu, Shp2Mcu, Mcu2Shp, Uartsh2Mcu, Spdif2Mcu, Mcu2Spdif];
    let table = [
        (Scripts::imx25(), [729, 770, 834, 904, 979, 1048, 1120, 0, 0]),
        (Scripts::imx31(), [423, 0, 0, 0, 0, 0, 0, 0, 0]),
        (Scripts::imx35(), [729, 770, 834, 904, 979, 1048, 1270, 0, 0]),
        (Scripts::imx50(), [642, 683, 747, 817, 891, 960, 1032, 0, 0]),
        (Scripts::imx51(), [642, 683, 747, 817, 892, 961, 0, 0, 0]),
        (Scripts::imx53(), [642, 683, 747, 817, 891, 960, 1032, 1100, 1134]),
        (Scripts::imx6(), [642, 683, 747, 817, 891, 960, 1032, 1100, 1134]),
        (Scripts::imx7(), [644, 685, 749, 819, 893, 962, 1034, 1102, 1136]),
    ];
    for (scripts, entries) in table {
        for (kind, entry) in kinds.into_iter().zip(entries) {
            assert_eq!(scripts.entry(kind).unwrap_or(0), entry, "{kind:?}");
        }
        assert_eq!((scripts.at(0), scripts.at(80)), (Some((Startup, 0)), Some((Channel0, 0))));
        assert_eq!((scripts.at(19), scripts.at(20), scripts.at(79)), (Some((Startup, 19)), None, None));
    }
}

/// Every address is in the script that begins last before it, or in none, if that one ends before.
#[test]
fn every_address_finds_its_script() {
    let scripts = Scripts::imx6();
    assert_eq!(scripts.at(642), Some((ScriptKind::Ap2Ap, 0)));
    assert_eq!(scripts.at(682), Some((ScriptKind::Ap2Ap, 40)));
    assert_eq!(scripts.at(683), Some((ScriptKind::App2Mcu, 0)));
    assert_eq!((scripts.at(641), scripts.at(1193), scripts.at(6144), scripts.at(0x3FFF)), (None, None, None, None));
    assert_eq!(Scripts::default().at(0), None);
}

/// RAM scripts lie where the image has them, take the place of what was there, and do not hide the ROM's.
#[test]
fn ram_scripts_are_where_they_are_put() {
    for (firmware, sai, hdmi) in [
        (Firmware::Imx6V3_3, None, 6989),
        (Firmware::Imx6V3_5, Some((6235, 6773)), 7256),
        (Firmware::Imx7V4_2, None, 6931),
        (Firmware::Imx7V4_5, Some((6235, 6715)), 7198),
    ] {
        let scripts = Scripts::imx6().with_firmware(firmware);
        assert_eq!(scripts.entry(ScriptKind::Mcu2Sai).zip(scripts.entry(ScriptKind::Sai2Mcu)), sai);
        assert_eq!(scripts.entry(ScriptKind::HdmiDma), Some(hdmi));
        assert_eq!(scripts.at(6144), Some((ScriptKind::Mcu2Ecspi, 0)));
        assert_eq!(scripts.at(817), Some((ScriptKind::Uart2Mcu, 0)));
    }
    let scripts = Scripts::imx6().with_ram(ScriptKind::Mcu2Sai, 6144).with_ram(ScriptKind::Per2Per, 6150);
    assert_eq!((scripts.at(6144), scripts.at(6150)), (None, Some((ScriptKind::Per2Per, 0))));
}

/// The windows of both families, with the published examples.
#[test]
fn a_device_falls_into_its_window() {
    let imx6 = Scripts::imx6().chip();
    let imx7 = Scripts::imx7().chip();
    for (address, window) in [(0x0200_4000, 0x1000), (0x0202_8000, 0xA000), (0x0203_4ABC, 0xDABC)] {
        assert_eq!(imx6.window(address), window);
    }
    for (address, window) in [(0x3082_0000, 0x2000), (0x3083_0004, 0x3004), (0x3086_0000, 0x6000)] {
        assert_eq!(imx7.window(address), window);
    }
}

/// A program counter outside of every script, or inside where no label is, is an illegal instruction.
#[test]
fn no_script_there_is_an_illegal_instruction() {
    for pc in [700 + 50, 6144, 500] {
        let mut fake = Fake::new(&Scripts::imx6(), ScriptKind::Mcu2App);
        fake.regs.pc = if pc == 750 { 747 + 60 } else { pc };
        let scripts = Scripts::imx6();
        assert_eq!(crate::script::run(&mut fake, &scripts), None);
    }
}
