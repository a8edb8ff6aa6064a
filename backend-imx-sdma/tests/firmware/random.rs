//! Any bytes at all: no panic, and whatever is accepted can be loaded and run.

use crate::image::Image;
use backend_imx_sdma::{
    firmware::Firmware,
    soc::scripts::{Script, ScriptAddresses},
};
use proptest::{prelude::*, sample::Index};

/// What must be true of an image that is accepted. Reads the bytes by itself, so that it does not trust what it checks.
fn sound(image: &[u8]) {
    let Ok(firmware) = Firmware::parse(image) else { return };
    let word = |at: usize| u32::from_le_bytes(image[at..at + 4].try_into().unwrap());
    let [major, minor, table_start, num, code_start, code_size] = [4, 8, 12, 16, 20, 24].map(word);
    assert_eq!(&image[..4], b"SDMA");
    assert!((1..=4).contains(&major) && num >= 35);
    assert_eq!(firmware.version(), (major, minor));

    let table = table_start as usize..table_start as usize + 4 * num as usize;
    let code = code_start as usize..code_start as usize + code_size as usize;
    assert!(table.start >= 28 && table.start % 4 == 0 && table.end <= image.len());
    assert!(code.start >= 28 && code.len() >= 2 && code.len() % 2 == 0 && code.end <= image.len());
    assert!(table.end <= code.start || code.end <= table.start);
    assert_eq!(firmware.ram_code(), &image[code]);

    let loaded = firmware.load_address()..firmware.load_address() + (code_size / 2) as u16;
    assert!(loaded.start >= 0x1800 && loaded.end <= 0x2000);
    let entry = |index: usize| word(table.start + 4 * index) as i32;
    assert_eq!(entry(34), i32::from(loaded.start));

    let merged = firmware.merge(&ScriptAddresses::NONE);
    for script in Script::ALL {
        let index = match (script, major, num) {
            (Script::Mcu2Zqspi, 4, _) => num as usize - 1,
            _ => script as usize,
        };
        let address = firmware.address(script);
        for address in address.iter().chain(&merged.get(script)) {
            assert!((1..0x800).contains(address) || loaded.contains(address), "{script:?} at {address}");
        }
        assert!(address.is_none_or(|address| i32::from(address) == entry(index)), "{script:?}");
        assert!(address.is_none() || merged.get(script).is_some(), "{script:?}");
    }
    assert_eq!(firmware.scripts().count(), Script::ALL.iter().filter(|s| firmware.address(**s).is_some()).count());
}

/// A sound image, with scripts at places where they can be.
fn valid() -> impl Strategy<Value = Image> {
    let table = prop_oneof![(1_u32..=3, 35_u32..=50), (Just(4), prop_oneof![35_u32..=42, Just(46), Just(48)])];
    (table, 1_u32..100).prop_flat_map(|((major, num), code_words)| {
        let place = prop_oneof![i32::MIN..=0, 1..0x800, 6144..6144 + code_words as i32];
        prop::collection::vec(place, num as usize).prop_map(move |mut entries| {
            entries[34] = 6144;
            Image { entries, ..Image::new(major, num, code_words) }
        })
    })
}

/// One change to an image.
#[derive(Clone, Debug)]
enum Change {
    Byte(Index, u8),
    Header(usize, u32),
    HeaderBy(usize, i8),
    Entry(Index, i32),
    Cut(Index),
    Longer(u8),
}

fn change() -> impl Strategy<Value = Change> {
    let edge = prop_oneof![Just(0), Just(u32::MAX), Just(1 << 31), Just(28), 0_u32..700, any::<u32>()];
    let address = prop_oneof![0x17F0..0x1880, 0x7F0..0x810, 0x1FF0..0x2010, any::<i32>()];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        (0_usize..7, edge).prop_map(|(field, word)| Change::Header(field, word)),
        (0_usize..7, any::<i8>()).prop_map(|(field, by)| Change::HeaderBy(field, by)),
        (any::<Index>(), address).prop_map(|(at, address)| Change::Entry(at, address)),
        any::<Index>().prop_map(Change::Cut),
        any::<u8>().prop_map(Change::Longer),
    ]
}

fn apply(change: &Change, bytes: &mut Vec<u8>) {
    let mut put = |at: usize, word: u32| {
        if let Some(place) = bytes.get_mut(at..at + 4) {
            place.copy_from_slice(&word.to_le_bytes());
        }
    };
    match *change {
        Change::Header(field, word) => put(4 * field, word),
        Change::Entry(at, address) => put(28 + 4 * at.index(50), address as u32),
        Change::HeaderBy(field, by) => {
            if let Some(place) = bytes.get_mut(4 * field..4 * field + 4) {
                let word = u32::from_le_bytes(place.try_into().unwrap());
                place.copy_from_slice(&word.wrapping_add_signed(by.into()).to_le_bytes());
            }
        }
        Change::Byte(at, byte) => {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        Change::Cut(at) => bytes.truncate(at.index(bytes.len() + 1)),
        Change::Longer(by) => bytes.resize(bytes.len() + usize::from(by), 0x5A),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_refused_or_sound(image in prop::collection::vec(any::<u8>(), 0..600)) {
        sound(&image);
    }

    #[test]
    fn any_bytes_behind_a_good_magic_are_refused_or_sound(mut image in prop::collection::vec(any::<u8>(), 4..600)) {
        image[..4].copy_from_slice(b"SDMA");
        sound(&image);
    }

    #[test]
    fn an_image_changed_at_random_is_refused_or_sound(
        image in valid(), code_first: bool, changes in prop::collection::vec(change(), 1..5)
    ) {
        let mut bytes = if code_first { image.code_first() } else { image.bytes() };
        for change in &changes {
            apply(change, &mut bytes);
        }
        sound(&bytes);
    }

    #[test]
    fn a_sound_image_is_accepted_whatever_comes_first(image in valid(), code_first: bool) {
        let entries = image.entries.clone();
        let bytes = if code_first { image.code_first() } else { image.bytes() };
        sound(&bytes);
        let firmware = Firmware::parse(&bytes).unwrap();
        // In all layouts the first 35 are where they are, and the table can be read back by name.
        for script in Script::ALL.into_iter().filter(|script| (*script as usize) < 35) {
            let expected = u16::try_from(entries[script as usize]).ok().filter(|address| *address > 0);
            prop_assert_eq!(firmware.address(script), expected);
        }
    }
}
