//! Images with the published headers and tables, and what Linux makes of a made-up one.

use crate::image::Image;
use backend_imx_sdma::{
    firmware::{Firmware, FirmwareError},
    soc::{
        Soc,
        scripts::{Script, Script::*},
    },
};

/// One of NXP's files in `firmware-imx` and linux-firmware: its header and its table, which were published with it.
struct File {
    version: (u32, u32),
    /// Length in bytes, entries, words of code.
    size: (usize, u32, u32),
    table: &'static [(usize, i32)],
    /// By name, in the order of [`Script::ALL`].
    scripts: &'static [(Script, u16)],
}

#[rustfmt::skip]
const FILES: [(File, Soc); 4] = [
    (File {
        version: (3, 3),
        size: (2196, 41, 1002),
        table: &[
            (0, 642), (11, 6722), (13, 747), (14, 6324), (16, 6814), (18, 960), (22, 683), (24, 891), (27, 1100),
            (28, 1134), (35, 6235), (36, 6638), (37, 6989), (38, 6888), (39, 7044), (40, 6144),
        ],
        scripts: &[
            (Ap2Ap, 642), (Uart2Mcu, 6722), (Mcu2App, 747), (Per2Per, 6324), (Uartsh2Mcu, 6814), (Mcu2Shp, 960),
            (App2Mcu, 683), (Shp2Mcu, 891), (Spdif2Mcu, 1100), (Mcu2Spdif, 1134), (Mcu2Ssish, 6235), (Ssish2Mcu, 6638),
            (HdmiDma, 6989), (Zcanfd2Mcu, 6888), (Zqspi2Mcu, 7044), (Mcu2Ecspi, 6144),
        ],
    }, Soc::IMX6Q),
    (File {
        version: (3, 5),
        size: (2746, 45, 1269),
        table: &[
            (0, 642), (11, 6989), (13, 747), (14, 6459), (16, 7081), (18, 960), (22, 683), (24, 891), (27, 1100),
            (28, 1134), (35, 6370), (36, 6905), (37, 7256), (38, 7155), (39, 7311), (40, 6144), (41, 6235), (42, 6773),
            (43, 817), (44, 1032),
        ],
        scripts: &[
            (Ap2Ap, 642), (Uart2Mcu, 6989), (Mcu2App, 747), (Per2Per, 6459), (Uartsh2Mcu, 7081), (Mcu2Shp, 960),
            (App2Mcu, 683), (Shp2Mcu, 891), (Spdif2Mcu, 1100), (Mcu2Spdif, 1134), (Mcu2Ssish, 6370), (Ssish2Mcu, 6905),
            (HdmiDma, 7256), (Zcanfd2Mcu, 7155), (Zqspi2Mcu, 7311), (Mcu2Ecspi, 6144), (Mcu2Sai, 6235), (Sai2Mcu, 6773),
            (Uart2McuRom, 817), (Uartsh2McuRom, 1032),
        ],
    }, Soc::IMX6Q),
    (File {
        version: (4, 2),
        size: (2302, 42, 1053),
        table: &[
            (0, 644), (11, 6664), (13, 749), (14, 6324), (16, 6756), (18, 962), (22, 685), (24, 893), (27, 1102),
            (28, 1136), (35, 6235), (36, 6580), (37, 6931), (38, 6830), (39, 6986), (40, 6144),
        ],
        scripts: &[
            (Ap2Ap, 644), (Uart2Mcu, 6664), (Mcu2App, 749), (Per2Per, 6324), (Uartsh2Mcu, 6756), (Mcu2Shp, 962),
            (App2Mcu, 685), (Shp2Mcu, 893), (Spdif2Mcu, 1102), (Mcu2Spdif, 1136), (Mcu2Ssish, 6235), (Ssish2Mcu, 6580),
            (HdmiDma, 6931), (Zcanfd2Mcu, 6830), (Zqspi2Mcu, 6986), (Mcu2Ecspi, 6144),
        ],
    }, Soc::IMX7D),
    (File {
        version: (4, 5),
        size: (2862, 46, 1325),
        table: &[
            (0, 644), (11, 6931), (13, 749), (14, 6459), (16, 7023), (18, 962), (22, 685), (24, 893), (27, 1102),
            (28, 1136), (35, 6370), (36, 6847), (37, 7198), (38, 7097), (39, 7253), (40, 6144), (41, 6235), (42, 6715),
            (43, 819), (44, 1034), (45, 7355),
        ],
        scripts: &[
            (Ap2Ap, 644), (Uart2Mcu, 6931), (Mcu2App, 749), (Per2Per, 6459), (Uartsh2Mcu, 7023), (Mcu2Shp, 962),
            (App2Mcu, 685), (Shp2Mcu, 893), (Spdif2Mcu, 1102), (Mcu2Spdif, 1136), (Mcu2Ssish, 6370), (Ssish2Mcu, 6847),
            (HdmiDma, 7198), (Zcanfd2Mcu, 7097), (Zqspi2Mcu, 7253), (Mcu2Ecspi, 6144), (Mcu2Sai, 6235), (Sai2Mcu, 6715),
            (Uart2McuRom, 819), (Uartsh2McuRom, 1034), (Mcu2Zqspi, 7355),
        ],
    }, Soc::IMX7D),
];

fn built(file: &File) -> Vec<u8> {
    let (major, minor) = file.version;
    let (_, num, code_words) = file.size;
    Image { minor, ..Image::new(major, num, code_words) }.with(file.table).bytes()
}

#[test]
fn nxps_four_files_give_the_addresses_published_with_them() {
    for (file, _) in &FILES {
        let bytes = built(file);
        assert_eq!(bytes.len(), file.size.0, "{:?}", file.version);
        let firmware = Firmware::parse(&bytes).unwrap();
        assert_eq!(firmware.version(), file.version);
        assert_eq!(firmware.load_address(), 6144);
        assert_eq!(firmware.ram_code().len() as u32, 2 * file.size.2);
        assert_eq!(firmware.scripts().collect::<Vec<_>>(), file.scripts, "{:?}", file.version);
    }
}

#[test]
fn the_rom_of_the_chip_is_where_its_firmware_says_too() {
    for (file, soc) in &FILES {
        let bytes = built(file);
        let merged = Firmware::parse(&bytes).unwrap().merge(&soc.rom);
        let newer = file.version.1 == 5;
        for script in Script::ALL {
            let (rom, now) = (soc.rom.get(script), merged.get(script));
            // Only the older files replace scripts of the ROM: those of the UARTs.
            let replaced = !newer && matches!(script, Uart2Mcu | Uartsh2Mcu);
            assert!(rom.is_none() || (rom == now) != replaced, "{script:?} of {:?}: {rom:?}, {now:?}", file.version);
        }
    }
}

/// The entries of the image in the recorded runs of Linux 6.12; those not named are 0.
const MADE_UP: [(usize, i32); 15] = [
    (11, 6200),
    (14, 6300),
    (16, 6230),
    (29, 6250),
    (34, 6144),
    (35, 6350),
    (36, 6400),
    (37, 6450),
    (40, 6500),
    (41, 6550),
    (42, 6600),
    (43, 817),
    (44, 1032),
    (45, 6650),
    (46, 6700),
];

/// Linux's table of an i.MX6Q without firmware, as it was recorded. The last entry named is the one in RAM.
const BEFORE: [(usize, u16); 10] =
    [(0, 642), (11, 817), (13, 747), (16, 1032), (18, 960), (22, 683), (24, 891), (27, 1100), (28, 1134), (14, 6331)];

fn made_up(major: u32, code_words: u32) -> Vec<u8> {
    let mut image = Image::new(major, 48, code_words);
    image.entries.fill(0);
    image.with(&MADE_UP).bytes()
}

/// What Linux 6.12's table holds after it took that image: that of the ROM, with these on top.
#[rustfmt::skip]
const AFTER: [(u32, &[(usize, u16)]); 4] = [
    (1, &[(11, 6200), (14, 6300), (16, 6230), (29, 6250)]),
    (2, &[(11, 6200), (14, 6300), (16, 6230), (29, 6250), (35, 6350), (36, 6400), (37, 6450)]),
    (3, &[
        (14, 6300), (29, 6250), (35, 6350), (36, 6400), (37, 6450), (40, 6500), (41, 6550), (42, 6600), (43, 817),
        (44, 1032), (45, 6650), (46, 6700),
    ]),
    (4, &[
        (14, 6300), (29, 6250), (35, 6350), (36, 6400), (37, 6450), (40, 6500), (41, 6550), (42, 6600), (43, 817),
        (44, 1032), (45, 6650), (46, 6700),
    ]),
];

#[test]
fn a_merged_table_is_that_of_linux() {
    for (major, after) in AFTER {
        // Linux took it with 32 words of code; its addresses reach further.
        let bytes = made_up(major, 600);
        let merged = Firmware::parse(&bytes).unwrap().merge(&Soc::IMX6Q.rom);
        let mut expected = [0; 48];
        for (index, address) in BEFORE.iter().chain(after) {
            expected[*index] = *address;
        }
        for script in Script::ALL {
            let address = expected[script as usize];
            assert_eq!(merged.get(script).unwrap_or(0), address, "{script:?}, major {major}");
        }
    }
}

#[test]
fn without_firmware_only_the_script_in_ram_is_missing_from_linux_table() {
    for (index, address) in BEFORE {
        let script = Script::ALL.into_iter().find(|script| *script as usize == index).unwrap();
        let expected = Some(address).filter(|_| script != Per2Per);
        assert_eq!(Soc::IMX6Q.rom.get(script), expected, "{script:?}");
    }
}

/// Linux starts a channel at such an address, where the RAM holds whatever it held.
#[test]
fn the_image_that_linux_took_names_scripts_it_does_not_bring() {
    let bytes = made_up(3, 32);
    assert_eq!(bytes.len(), 284);
    let error = FirmwareError::ScriptOutside { script: Uart2Mcu, address: 6200, start: 6144, end: 6176 };
    assert_eq!(Firmware::parse(&bytes), Err(error));
}

#[test]
fn what_linux_refused_is_refused() {
    let bytes = made_up(3, 32);
    assert_eq!(Firmware::parse(&bytes[..20]), Err(FirmwareError::TooShort { len: 20, limit: 28 }));
    assert_eq!(Firmware::parse(&bytes[..230]), Err(FirmwareError::RamCodePastEnd { end: 284, len: 230 }));
    assert_eq!(Firmware::parse(&made_up(5, 32)), Err(FirmwareError::Version { major: 5 }));
}
