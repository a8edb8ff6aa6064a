//! Frames of an SSI: where they begin and end, what is heard when a word is missing, and what is lost when there is no room.

use sim_imx_sdma::bus::{Bus, Handle, Width};
use sim_imx_sdma::peripheral::{Ssi, SsiLines, SsiRun, SsiSound, SsiWire};
use sim_imx_sdma::time::{Clock, Cycles};

/// A thousand cycles to a frame.
const CLOCK: Clock = Clock { hz: 1_000_000 };
const FRAME: u64 = 1_000;
const BASE: u32 = 0x0202_8000;

const SCR: u32 = 0x10;
const SISR: u32 = 0x14;
const SIER: u32 = 0x18;
const SOR: u32 = 0x34;
/// SSIEN, NET, SYN; then TE and RE.
const ON: u32 = 0b1_1001;
const TE: u32 = 0b10;
const RE: u32 = 0b100;
const TUE0: u32 = 1 << 8;
const ROE0: u32 = 1 << 10;
const TRFC: u32 = 1 << 23;
const RFRC: u32 = 1 << 24;

struct Rig {
    bus: Bus,
    ssi: Handle<Ssi>,
    now: Cycles,
}

impl Rig {
    /// So many slots of 16 bits.
    fn new(slots: u32) -> Self {
        let mut bus = Bus::new();
        let ssi = bus.add_peripheral(BASE, 0x4000, Ssi::new(CLOCK, 1_000, SsiLines::SSI1)).unwrap();
        bus.peripheral(ssi).connect(Cycles(0), SsiWire::new());
        let mut rig = Self { bus, ssi, now: Cycles(0) };
        let frame = 7 << 13 | (slots - 1) << 8;
        for (offset, value) in [(0x1C, 0x280), (0x20, 0x280), (0x24, frame), (0x28, frame), (0x2C, 0x88), (SCR, ON)] {
            rig.write(offset, value);
        }
        rig
    }

    fn write(&mut self, offset: u32, value: u32) {
        self.bus.advance(self.now);
        self.bus.write(0, self.now, BASE + offset, Width::Four, value).unwrap();
    }

    fn read(&mut self, offset: u32) -> u32 {
        self.bus.advance(self.now);
        self.bus.read(0, self.now, BASE + offset, Width::Four).unwrap()
    }

    fn send(&mut self, words: impl IntoIterator<Item = u32>) {
        words.into_iter().for_each(|word| self.write(0, word));
    }

    /// Up to the moment so many cycles into a frame.
    fn at(&mut self, frame: u64, cycle: u64) {
        self.now = Cycles(frame * FRAME + cycle);
        self.bus.advance(self.now);
    }

    fn wire<R>(&mut self, f: impl FnOnce(&mut SsiWire) -> R) -> R {
        f(self.bus.peripheral(self.ssi).wire(self.now).unwrap())
    }

    fn played(&mut self) -> Vec<SsiRun> {
        self.wire(|wire| wire.played().to_vec())
    }
}

fn words(run: &SsiRun) -> Vec<u16> {
    run.bytes.chunks_exact(2).map(|word| u16::from_le_bytes([word[0], word[1]])).collect()
}

#[test]
fn a_frame_takes_as_long_whatever_its_slots() {
    for slots in 1..=15 {
        let mut rig = Rig::new(slots);
        rig.send(1..=slots);
        rig.write(SCR, ON | TE);
        rig.at(0, FRAME - 1);
        assert_eq!((rig.played()[0].frames, rig.read(0x2C) >> 8 & 0xF), (0, 1));
        rig.at(1, 0);
        let run = &rig.played()[0];
        assert_eq!((run.frames, run.torn, words(run)), (1, 0, (1..=slots as u16).collect()));
    }
}

/// The word before is sent again, and the word that comes late is in the next slot, whichever that is.
#[test]
fn a_missing_word_is_the_last_one_again_and_shifts_the_rest() {
    let mut rig = Rig::new(4);
    rig.send(1..=6);
    rig.write(SCR, ON | TE);
    rig.at(1, 510);
    assert_eq!(rig.read(SISR) & TUE0, 0);
    rig.at(1, 760);
    assert_eq!(rig.read(SISR) & TUE0, TUE0);
    rig.send(7..=11);
    rig.at(3, 0);
    let run = &rig.played()[0];
    assert_eq!(words(run), [1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10, 11]);
    assert_eq!((run.frames, run.torn, run.first_torn, run.dry), (3, 1, Some(1), 0));
    rig.write(SISR, TUE0);
    assert_eq!(rig.read(SISR) & TUE0, 0);
}

/// Frames with no word at all are not sound; an hour of them costs nothing.
#[test]
fn an_empty_fifo_is_counted_in_dry_frames() {
    let mut rig = Rig::new(3);
    rig.send(1..=3);
    rig.write(SCR, ON | TE);
    rig.at(4, 400);
    rig.at(3_600_000, 700);
    let run = &rig.played()[0];
    assert_eq!((words(run), run.frames, run.dry, run.torn), (vec![1, 2, 3], 1, 3_599_999, 0));
}

#[test]
fn a_transmitter_that_is_disabled_sends_the_frame_to_its_end() {
    let mut rig = Rig::new(4);
    rig.send(1..=12);
    rig.write(SCR, ON | TE);
    rig.at(0, 300);
    rig.write(SCR, ON);
    rig.at(0, 999);
    assert_eq!(rig.read(SISR) & TRFC, 0);
    rig.at(1, 0);
    assert_eq!(rig.read(SISR) & TRFC, TRFC);
    rig.at(5, 0);
    assert_eq!((words(&rig.played()[0]), rig.read(0x2C) >> 8 & 0xF), (vec![1, 2, 3, 4], 8));
    // It goes on with the next frame from then on.
    rig.at(7, 1);
    rig.write(SISR, TRFC);
    rig.write(SCR, ON | TE);
    rig.at(9, 0);
    let played = rig.played();
    assert_eq!((played.len(), words(&played[0]), played[0].first_frame), (1, (1..=8).collect(), 0));
    assert_eq!(rig.read(SISR) & TRFC, 0);
}

#[test]
fn one_that_is_enabled_again_in_the_frame_goes_on() {
    let mut rig = Rig::new(4);
    rig.send(1..=15);
    rig.write(SCR, ON | TE);
    rig.at(0, 300);
    rig.write(SCR, ON);
    rig.at(0, 900);
    rig.write(SCR, ON | TE);
    rig.at(3, 0);
    assert_eq!((words(&rig.played()[0]), rig.read(SISR) & (TRFC | TUE0)), ((1..=12).collect(), 0));
}

#[test]
fn emptied_fifos_make_a_new_run() {
    let mut rig = Rig::new(2);
    rig.send(1..=15);
    rig.write(SCR, ON | TE);
    rig.at(2, 100);
    rig.write(SCR, ON);
    rig.at(5, 500);
    rig.write(SOR, 1 << 4);
    rig.send(21..=24);
    rig.write(SCR, ON | TE);
    rig.at(8, 0);
    let played = rig.played();
    assert_eq!(played.iter().map(words).collect::<Vec<_>>(), [(1..=6).collect::<Vec<_>>(), (21..=24).collect()]);
    assert_eq!((played[0].first_frame, played[1].first_frame), (0, 6));
}

/// The receiver joins in the middle of a frame: it hears from the next one on what is sent in the same slots.
#[test]
fn both_directions_are_on_one_frame_clock() {
    let mut rig = Rig::new(3);
    rig.wire(|wire| wire.set_sound(SsiSound::Loop));
    rig.send(1..=9);
    rig.write(SCR, ON | TE);
    rig.at(0, 500);
    rig.write(SCR, ON | TE | RE);
    rig.at(3, 0);
    let heard: Vec<_> = (0..6).map(|_| rig.read(8)).collect();
    assert_eq!(heard, [4, 5, 6, 7, 8, 9]);
    assert_eq!(rig.wire(|wire| (wire.recorded()[0].first_frame, wire.recorded()[0].frames)), (1, 2));
    // The transmitter stops, and there is silence.
    rig.write(SCR, ON | RE);
    rig.at(4, 0);
    rig.at(6, 0);
    assert_eq!((rig.read(8), rig.read(8), rig.read(8)), (0, 0, 0));
}

#[test]
fn a_full_fifo_loses_words_and_says_of_which_frames() {
    let mut rig = Rig::new(4);
    let sound: Vec<u8> = (0..80_u16).flat_map(u16::to_le_bytes).collect();
    rig.wire(|wire| wire.set_sound(SsiSound::Frames(sound.into())));
    rig.at(0, 100);
    rig.write(SCR, ON | RE);
    // It holds 15 words: frames 3, 4 and 5 lack some, however often somebody looks.
    rig.at(4, 480);
    rig.read(SISR);
    rig.at(5, 730);
    rig.read(SISR);
    rig.at(6, 110);
    assert_eq!(rig.read(SISR) & ROE0, ROE0);
    let heard: Vec<_> = (0..16).map(|_| rig.read(8)).collect();
    assert_eq!(heard, (0..15).chain([0]).collect::<Vec<_>>());
    rig.at(7, 110);
    assert_eq!(rig.read(8), 24);
    let run = rig.wire(|wire| wire.recorded()[0].clone());
    assert_eq!((run.frames, run.torn, run.first_torn), (7, 3, Some(3)));
    rig.write(SCR, ON);
    rig.at(7, 500);
    assert_eq!(rig.read(SISR) & RFRC, 0);
    rig.at(8, 100);
    assert_eq!(rig.read(SISR) & RFRC, RFRC);
    // The sound goes on, whether it is listened to or not.
    rig.write(SOR, 1 << 5);
    rig.at(10, 50);
    rig.write(SCR, ON | RE);
    rig.at(11, 110);
    assert_eq!([rig.read(8), rig.read(8), rig.read(8), rig.read(8)], [40, 41, 42, 43]);
}

/// A burst that is asked for is asked for again with each word, for a script that did not see the edge.
#[test]
fn a_request_falls_for_a_cycle_with_each_word() {
    let mut rig = Rig::new(4);
    rig.send(1..=15);
    rig.write(SIER, 1 << 20);
    rig.write(SCR, ON | TE);
    // After eight words eight are free.
    assert_eq!((rig.bus.lines(), rig.bus.next_change()), (0, Some(Cycles(2_000))));
    for word in 8..12 {
        rig.at(0, 250 * word);
        assert_eq!((rig.bus.lines(), rig.bus.next_change()), (0, Some(Cycles(250 * word + 1))));
        rig.at(0, 250 * word + 1);
        assert_eq!((rig.bus.lines(), rig.bus.next_change()), (1 << 38, Some(Cycles(250 * (word + 1)))));
    }
    rig.write(SIER, 0);
    assert_eq!((rig.bus.lines(), rig.bus.next_change()), (0, None));
}

#[test]
fn words_are_cut_to_their_length() {
    for (bits, mask) in [(8, 0xFF), (16, 0xFFFF), (24, 0xFF_FFFF)] {
        let mut rig = Rig::new(2);
        let frame = (bits / 2 - 1) << 13 | 1 << 8;
        rig.write(0x24, frame);
        rig.wire(|wire| wire.set_sound(SsiSound::Loop));
        rig.send([0x89AB_CDEF, 0x7654_3210]);
        rig.write(SCR, ON | TE | RE);
        rig.at(1, 0);
        assert_eq!([rig.read(8), rig.read(8)], [0x89AB_CDEF & mask, 0x7654_3210 & mask]);
        assert_eq!(rig.played()[0].bytes.len() as u32, 2 * bits / 8);
    }
}
