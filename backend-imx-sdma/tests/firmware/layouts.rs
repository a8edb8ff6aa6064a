//! Which entry is which script, in every generation of tables; and how they are merged with the ROM's.

use crate::image::Image;
use backend_imx_sdma::{
    firmware::Firmware,
    soc::{
        Soc,
        scripts::{Script, ScriptAddresses},
    },
};

/// A table in which entry `i` is 6144 + `i`, so that an address tells which entry it was.
fn numbered(major: u32, num: u32) -> Vec<u8> {
    let mut image = Image::new(major, num, 300);
    for index in (0..num as usize).filter(|index| *index != 34) {
        image.entries[index] = 6144 + index as i32;
    }
    image.bytes()
}

/// Reads such a table: each script that it has, with the entry it was read from.
fn entries(major: u32, num: u32) -> Vec<(Script, u8)> {
    let bytes = numbered(major, num);
    let firmware = Firmware::parse(&bytes).unwrap();
    firmware.scripts().map(|(script, address)| (script, (address - 6144) as u8)).collect()
}

/// Where each script is in Linux 6.12, up to a number of entries.
fn in_place(count: u8) -> Vec<(Script, u8)> {
    Script::ALL.into_iter().map(|script| (script, script as u8)).filter(|(_, index)| *index < count).collect()
}

#[test]
fn a_version_has_so_many_scripts_and_an_image_never_more_than_it_says() {
    for num in 35..=60 {
        assert_eq!(entries(1, num), in_place(35), "version 1, {num}");
        assert_eq!(entries(2, num), in_place(num.min(38) as u8), "version 2, {num}");
        assert_eq!(entries(3, num), in_place(num.min(47) as u8), "version 3, {num}");
    }
    for num in 35..=41 {
        assert_eq!(entries(4, num), in_place(num as u8), "version 4, {num}");
    }
}

#[test]
fn the_last_script_of_version_4_is_where_the_number_of_entries_says() {
    for (num, last) in [(42, 41), (46, 45), (48, 47)] {
        let mut expected = in_place(last);
        expected.push((Script::Mcu2Zqspi, last));
        assert_eq!(entries(4, num), expected, "{num} entries");
    }
}

#[test]
fn entry_41_is_a_sai_in_version_3_and_a_quad_spi_in_version_4_with_42() {
    assert_eq!(entries(3, 42).last(), Some(&(Script::Mcu2Sai, 41)));
    assert_eq!(entries(4, 42).last(), Some(&(Script::Mcu2Zqspi, 41)));
    assert!(!entries(4, 42).contains(&(Script::Mcu2Sai, 41)));
}

#[test]
fn entries_that_a_version_does_not_know_are_not_looked_at() {
    // They may be anything, an address that no script can have among them.
    let bytes = Image::new(2, 40, 10).with(&[(38, i32::MAX), (39, 0x0FFF)]).bytes();
    assert_eq!(Firmware::parse(&bytes).unwrap().scripts().count(), 0);
}

#[test]
fn what_the_image_does_not_name_stays_as_it_is_in_rom() {
    let bytes = Image::new(3, 45, 300).with(&[(0, 0), (13, -1), (14, 6200)]).bytes();
    let merged = Firmware::parse(&bytes).unwrap().merge(&Soc::IMX6Q.rom);
    assert_eq!(merged, Soc::IMX6Q.rom.with(Script::Per2Per, 6200));
}

#[test]
fn a_uart_script_in_rom_is_taken_before_the_one_in_ram() {
    let both = [(11, 6200), (16, 6230), (43, 817), (44, 1032)];
    let bytes = Image::new(3, 45, 300).with(&both).bytes();
    let firmware = Firmware::parse(&bytes).unwrap();
    assert_eq!(firmware.address(Script::Uart2Mcu), Some(6200));

    let merged = firmware.merge(&ScriptAddresses::NONE);
    assert_eq!(merged.get(Script::Uart2Mcu), Some(817));
    assert_eq!(merged.get(Script::Uartsh2Mcu), Some(1032));
    assert_eq!(merged.get(Script::Uart2McuRom), Some(817));

    // Each on its own: the other stays in RAM.
    let bytes = Image::new(3, 45, 300).with(&both).with(&[(43, -1)]).bytes();
    let merged = Firmware::parse(&bytes).unwrap().merge(&ScriptAddresses::NONE);
    assert_eq!((merged.get(Script::Uart2Mcu), merged.get(Script::Uartsh2Mcu)), (Some(6200), Some(1032)));
}

#[test]
fn before_version_3_there_is_no_uart_script_in_rom_to_prefer() {
    let bytes = Image::new(2, 45, 300).with(&[(11, 6200), (43, 817)]).bytes();
    let merged = Firmware::parse(&bytes).unwrap().merge(&Soc::IMX6Q.rom);
    assert_eq!(merged.get(Script::Uart2Mcu), Some(6200));
}

#[test]
fn an_image_is_read_where_it_lies_at_any_address() {
    let bytes = numbered(4, 46);
    for shift in 0..8 {
        let memory = [vec![0xEE; shift], bytes.clone()].concat();
        let firmware = Firmware::parse(&memory[shift..]).unwrap();
        assert_eq!(firmware.address(Script::Mcu2Zqspi), Some(6144 + 45));
        assert_eq!(firmware.ram_code().as_ptr(), memory[shift + 28 + 4 * 46..].as_ptr());
    }
}
