//! Firmware images with the tables of NXP's and none of their code: each word of 16 bit says where it belongs.

use backend_imx_sdma::firmware::Firmware;

/// Where code goes.
pub const START: u16 = 0x1800;

/// The n-th word of the code.
pub fn word(n: u16) -> u16 {
    0xA000 + n
}

/// An image's bytes: a header, a table of `num` entries, and so many words of code.
pub fn bytes(major: u32, minor: u32, num: u32, entries: &[(usize, i32)], words: u16) -> Vec<u8> {
    let mut table = vec![-1_i32; num as usize];
    table[34] = START.into();
    for &(index, address) in entries {
        table[index] = address;
    }
    let header = [u32::from_le_bytes(*b"SDMA"), major, minor, 28, num, 28 + 4 * num, 2 * u32::from(words)];
    let code = (0..words).flat_map(|n| word(n).to_le_bytes());
    let header = header.iter().flat_map(|word| word.to_le_bytes());
    header.chain(table.iter().flat_map(|entry| entry.to_le_bytes())).chain(code).collect()
}

/// The image, in memory that begins `offset` bytes behind a multiple of 4, for ever.
pub fn at(offset: usize, bytes: &[u8]) -> Firmware<'static> {
    let memory: &'static mut [u32] = vec![0; bytes.len() / 4 + 2].leak();
    // SAFETY: any bytes are bytes, and nobody else has the memory.
    let memory: &'static mut [u8] = unsafe { memory.align_to_mut().1 };
    let place = &mut memory[offset..][..bytes.len()];
    place.copy_from_slice(bytes);
    Firmware::parse(place).unwrap()
}

pub fn firmware(major: u32, minor: u32, num: u32, entries: &[(usize, i32)], words: u16) -> Firmware<'static> {
    at(0, &bytes(major, minor, num, entries, words))
}

/// As `sdma-imx6q.bin`, version 3.5.
pub fn imx6q() -> Firmware<'static> {
    let entries = [
        (0, 642),
        (11, 6989),
        (13, 747),
        (14, 6459),
        (16, 7081),
        (18, 960),
        (22, 683),
        (24, 891),
        (27, 1100),
        (28, 1134),
        (35, 6370),
        (36, 6905),
        (37, 7256),
        (40, 6144),
        (41, 6235),
        (42, 6773),
        (43, 817),
        (44, 1032),
    ];
    firmware(3, 5, 45, &entries, 1269)
}

/// As `sdma-imx7d.bin`, version 4.5.
pub fn imx7d() -> Firmware<'static> {
    let entries = [
        (0, 644),
        (11, 6931),
        (13, 749),
        (14, 6459),
        (16, 7023),
        (18, 962),
        (22, 685),
        (24, 893),
        (27, 1102),
        (28, 1136),
        (35, 6370),
        (36, 6847),
        (37, 7198),
        (40, 6144),
        (41, 6235),
        (42, 6715),
        (43, 819),
        (44, 1034),
        (45, 7355),
    ];
    firmware(4, 5, 46, &entries, 1325)
}
