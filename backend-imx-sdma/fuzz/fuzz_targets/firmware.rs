//! Any bytes as a firmware image: no panic, and an address that is given lies in the ROM or in the loaded code.
//! The same as `tests/firmware/random.rs`, for as long as one likes.
#![no_main]

use backend_imx_sdma::{firmware::Firmware, soc::Soc};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|image: &[u8]| {
    if let Ok(firmware) = Firmware::parse(image) {
        let words = (firmware.ram_code().len() / 2) as u16;
        let loaded = firmware.load_address()..firmware.load_address() + words;
        assert!(words > 0 && loaded.start >= 0x1800 && loaded.end <= 0x2000);
        let merged = firmware.merge(&Soc::IMX6Q.rom);
        for (script, address) in firmware.scripts() {
            assert!((1..0x800).contains(&address) || loaded.contains(&address), "{script:?} at {address}");
            assert!(merged.get(script).is_some());
        }
    }
});
