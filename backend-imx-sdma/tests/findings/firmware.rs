//! Finding 22: which scripts an image has is for its header to say.

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::firmware::Firmware;
use dmaengine_core::{BusWidth, PrepError, SlaveConfig};

use crate::bench::{Bench, buffer, line};

/// An image of a version with so many entries in its table and so many words of code for 0x1800. The code is 0x1C20 all through,
/// which read as an entry would be a place for a script.
pub fn image(major: u32, num: u32, code_words: u32, scripts: &[(usize, u32)]) -> &'static [u8] {
    let mut table = vec![u32::MAX; num as usize];
    table[34] = 0x1800;
    for &(entry, address) in scripts {
        table[entry] = address;
    }
    let header = [0x414D_4453, major, 1, 28, num, 28 + 4 * num, 2 * code_words];
    let code = vec![0x0000_1C20; code_words as usize / 2];
    let words = [&header[..], &table, &code].concat();
    words.into_iter().flat_map(u32::to_le_bytes).collect::<Vec<_>>().leak()
}

/// Linux 6.12 takes 47 scripts from any table of version 3, and what lies behind a shorter one becomes addresses. Right: the
/// scripts behind the header's count are not there, and a transfer that needs one is refused.
#[test]
fn finding_22_scripts_behind_the_headers_count_are_not_there() {
    for (num, has_sai) in [(41, false), (45, true)] {
        let bench = Bench::new();
        let cpu = bench.cpu();
        cpu.thread(|context| {
            // mcu_2_ssish is in any table, mcu_2_sai is entry 41, mcu_2_i2c entry 46.
            let scripts = [(35, 0x1810), (41, 0x1818)];
            let image = Firmware::parse(image(3, num, 64, &scripts[..if has_sai { 2 } else { 1 }])).unwrap();
            bench.dma.engine().load_firmware(&image, context).unwrap();
            assert_eq!(bench.board.hw(|hw| hw.view().program(0x1800)), Some(0x1C20), "the code is where it says");

            let idle = bench.dma.channel(0).unwrap();
            let address = dmaengine_core::BusAddr(0x0202_8000);
            let prepare = |peripheral: Peripheral| {
                let config = SlaveConfig::new(address, BusWidth::Four, peripheral).with_max_burst(2);
                idle.prep_slave_sg_to_device([&*buffer(1)], &config).map(drop).map_err(|kept| kept.error)
            };
            assert_eq!(prepare(Peripheral::ssi_dual(line(38))), Ok(()));
            let fifos = backend_imx_sdma::peripheral::MultiFifo::new(1).unwrap();
            let sai = prepare(Peripheral::multi_sai(line(38), fifos));
            let missing = |name| Err(PrepError::NoProgram { name });
            assert_eq!(sai, if has_sai { Ok(()) } else { missing("mcu_2_sai") }, "{num} entries");
            assert_eq!(prepare(Peripheral::i2c(line(38))), missing("mcu_2_i2c"), "{num} entries");
        });
        bench.was_clean();
    }
}
