//! Where the scripts lie in each ROM, in words of 16 bit.
//!
//! Sources: Linux 6.12 `drivers/dma/imx-sdma.c` for i.MX25, 51, 53, 6Q and 7D; `arch/arm/mach-imx/mm-imx3.c` of Linux
//! before 3.6 for i.MX31 and 35; `sdma_script_code_mx50.h` of Freescale's kernel for i.MX50.

use super::scripts::{ROM_END, Script, Script::*, ScriptAddresses};

/// A table of these, and of nothing else.
const fn rom(entries: &[(Script, u16)]) -> ScriptAddresses {
    let mut table = ScriptAddresses::NONE;
    let mut i = 0;
    while i < entries.len() {
        let (script, address) = entries[i];
        assert!(0 < address && address < ROM_END, "a script of the ROM is in the ROM");
        table = table.with(script, address);
        i += 1;
    }
    table
}

pub(super) const IMX25: ScriptAddresses = rom(&[
    (Ap2Ap, 729),
    (App2Mcu, 770),
    (Mcu2App, 834),
    (Uart2Mcu, 904),
    (Shp2Mcu, 979),
    (Mcu2Shp, 1048),
    (Uartsh2Mcu, 1120),
    (App2Per, 1189),
    (Per2App, 1255),
    (Per2Shp, 1329),
    (Shp2Per, 1407),
    (Mcu2Ata, 1479),
    (Ata2Mcu, 1560),
]);

pub(super) const IMX31_TO1: ScriptAddresses = rom(&[(Per2Per, 1677)]);

pub(super) const IMX31_TO2: ScriptAddresses = rom(&[(Ap2Ap, 423), (Ap2Bp, 829), (Bp2Ap, 1029)]);

pub(super) const IMX35_TO1: ScriptAddresses = rom(&[
    (Ap2Ap, 642),
    (App2Mcu, 683),
    (Mcu2App, 747),
    (Uart2Mcu, 817),
    (Shp2Mcu, 892),
    (Mcu2Shp, 961),
    (Per2Shp, 1033),
    (Shp2Per, 1111),
    (Uartsh2Mcu, 1183),
    (Mcu2Ata, 1252),
    (Ata2Mcu, 1333),
]);

pub(super) const IMX35_TO2: ScriptAddresses = rom(&[
    (Ap2Ap, 729),
    (App2Mcu, 770),
    (Mcu2App, 834),
    (Uart2Mcu, 904),
    (Shp2Mcu, 979),
    (Mcu2Shp, 1048),
    (Per2Shp, 1120),
    (Shp2Per, 1198),
    (Uartsh2Mcu, 1270),
    (Mcu2Ata, 1339),
    (Ata2Mcu, 1429),
    (App2Per, 1531),
    (Per2App, 1597),
]);

pub(super) const IMX50: ScriptAddresses = rom(&[
    (Ap2Ap, 642),
    (App2Mcu, 683),
    (Mcu2App, 747),
    (Uart2Mcu, 817),
    (Shp2Mcu, 891),
    (Mcu2Shp, 960),
    (Uartsh2Mcu, 1032),
]);

pub(super) const IMX51: ScriptAddresses = rom(&[
    (Ap2Ap, 642),
    (App2Mcu, 683),
    (Mcu2App, 747),
    (Uart2Mcu, 817),
    (Shp2Mcu, 892),
    (Mcu2Shp, 961),
    (App2Per, 1033),
    (Shp2Per, 1251),
    (Mcu2Ata, 1392),
    (Ata2Mcu, 1473),
]);

pub(super) const IMX53: ScriptAddresses = rom(&[
    (Ap2Ap, 642),
    (App2Mcu, 683),
    (Mcu2App, 747),
    (Uart2Mcu, 817),
    (Shp2Mcu, 891),
    (Mcu2Shp, 960),
    (Uartsh2Mcu, 1032),
    (Spdif2Mcu, 1100),
    (Mcu2Spdif, 1134),
    (Firi2Mcu, 1193),
    (Mcu2Firi, 1290),
]);

/// Linux lists `per_2_per` at 6331 here too. That is in RAM, where an older firmware had it; with any other image it
/// points into the middle of something else. It is left out: a firmware that has the script says where.
pub(super) const IMX6Q: ScriptAddresses = rom(&[
    (Ap2Ap, 642),
    (App2Mcu, 683),
    (Mcu2App, 747),
    (Uart2Mcu, 817),
    (Shp2Mcu, 891),
    (Mcu2Shp, 960),
    (Uartsh2Mcu, 1032),
    (Spdif2Mcu, 1100),
    (Mcu2Spdif, 1134),
]);

pub(super) const IMX7D: ScriptAddresses = rom(&[
    (Ap2Ap, 644),
    (App2Mcu, 685),
    (Mcu2App, 749),
    (Uart2Mcu, 819),
    (Shp2Mcu, 893),
    (Mcu2Shp, 962),
    (Uartsh2Mcu, 1034),
    (Spdif2Mcu, 1102),
    (Mcu2Spdif, 1136),
]);
