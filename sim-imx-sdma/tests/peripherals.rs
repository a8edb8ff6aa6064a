//! The audio devices and the ECSPI: when lines rise and fall, what was moved, what was lost, and what is refused.

use sim_imx_sdma::bus::{Bus, BusError, Peripheral, Width};
use sim_imx_sdma::peripheral::{
    Asrc, AsrcLines, AsrcPair, Ecspi, EcspiLines, Sai, SaiLines, Source, Spdif, SpdifLines, Ssi, SsiLines,
};
use sim_imx_sdma::time::{Clock, Cycles};

const T0: Cycles = Cycles(1_000);
const SSI1: u32 = 0x0202_8000;

/// When word `n` of a stream that began at `T0` moves, at 48 kHz stereo.
fn word(n: u64) -> Cycles {
    Clock::IMX6.tick(T0, 96_000, n)
}

fn write(device: &mut impl Peripheral, now: Cycles, offset: u32, values: impl IntoIterator<Item = u32>) {
    values.into_iter().for_each(|value| device.write(now, offset, Width::Four, value).unwrap());
}

fn read(device: &mut impl Peripheral, now: Cycles, offset: u32, count: u32) -> Vec<u32> {
    (0..count).map(|_| device.read(now, offset, Width::Four).unwrap()).collect()
}

fn ssi(watermark: u8, is_dual: bool) -> Ssi {
    let mut ssi = Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1);
    ssi.set_up(Cycles(0), watermark, is_dual);
    ssi
}

#[test]
fn the_transmit_line_rises_with_the_word_that_makes_room_for_a_burst_and_falls_when_it_is_filled() {
    let mut bus = Bus::new();
    let ssi = bus.add_peripheral(SSI1, 0x4000, ssi(6, false)).unwrap();
    bus.peripheral(ssi).request_tx(Cycles(0), true);
    for n in 0..15 {
        // Asks while 6 or more of 15 are free: up to the tenth word.
        assert_eq!(bus.lines(), if n <= 9 { 1 << 38 } else { 0 }, "{n} words");
        bus.write(1, Cycles(n), SSI1, Width::Four, n as u32).unwrap();
    }
    assert_eq!(bus.next_change(), None); // nobody plays yet
    bus.peripheral(ssi).start_tx(T0);
    assert_eq!(bus.next_change(), Some(word(6)));
    bus.advance(Cycles(word(6).0 - 1));
    assert_eq!(bus.lines(), 0);
    bus.advance(word(6));
    assert_eq!((bus.lines(), bus.next_change()), (1 << 38, None));
    assert_eq!(bus.peripheral(ssi).taken(0), [0, 1, 2, 3, 4, 5]);
    bus.write(1, word(6), SSI1, Width::Four, 15).unwrap();
    assert_eq!((bus.lines(), bus.next_change()), (0, Some(word(7))));
    bus.peripheral(ssi).stop_tx(word(8));
    assert_eq!((bus.lines(), bus.next_change()), (0, None));
    bus.advance(word(1_000));
    assert_eq!(bus.peripheral(ssi).taken(0).len(), 8);
}

#[test]
fn the_receive_line_rises_with_the_word_that_completes_a_burst() {
    let mut bus = Bus::new();
    let ssi = bus.add_peripheral(SSI1, 0x4000, ssi(8, false)).unwrap();
    bus.peripheral(ssi).give(0, Source::Function(Box::new(|n| 100 + n as u32)));
    bus.peripheral(ssi).start_rx(T0);
    assert_eq!((bus.lines(), bus.next_change()), (0, Some(word(8))));
    bus.advance(word(8));
    assert_eq!((bus.lines(), bus.next_change()), (1 << 37, None));
    assert_eq!(bus.read(1, word(8), SSI1 + 8, Width::Four), Ok(100));
    assert_eq!((bus.lines(), bus.next_change()), (0, Some(word(9))));
}

#[test]
fn a_word_that_is_not_there_is_an_underrun_and_one_that_does_not_fit_an_overrun() {
    let mut ssi = ssi(8, false);
    ssi.give(0, Source::Words((1..=40).collect()));
    ssi.start_tx(T0);
    ssi.start_rx(T0);
    write(&mut ssi, T0, 0x00, 0..20);
    ssi.advance(word(22));
    let tx = ssi.tx().fifo(0).unwrap();
    assert_eq!((tx.overruns(), tx.underruns(), tx.count(), tx.level()), (5, 7, 15, 0));
    assert_eq!(read(&mut ssi, word(22), 0x08, 17), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0]);
    let rx = ssi.rx().fifo(0).unwrap();
    assert_eq!((rx.overruns(), rx.underruns()), (7, 2));
    // What was lost is lost: it goes on with the word after.
    ssi.advance(word(23));
    assert_eq!(read(&mut ssi, word(23), 0x08, 1), [23]);
    assert_eq!(ssi.given(0).len(), 16);
    // TUE0 and ROE0, until they are written back.
    assert_eq!(read(&mut ssi, word(23), 0x14, 1), [1 << 10 | 1 << 8 | 0b11 & 0b01]);
    write(&mut ssi, word(23), 0x14, [1 << 8]);
    assert_eq!(read(&mut ssi, word(23), 0x14, 1), [1 << 10 | 1]);
}

#[test]
fn with_two_fifos_left_and_right_move_in_turn_and_each_has_its_line() {
    let mut ssi = ssi(15, true);
    ssi.start_tx(T0);
    assert_eq!(ssi.lines(), 1 << 38 | 1 << 36);
    write(&mut ssi, T0, 0x00, [10, 11]);
    write(&mut ssi, T0, 0x04, [20, 21]);
    assert_eq!((ssi.lines(), ssi.next_change()), (0, Some(word(3))));
    ssi.advance(word(3));
    assert_eq!((ssi.taken(0), ssi.taken(1)), (&[10, 11][..], &[20][..]));
    assert_eq!((ssi.lines(), ssi.next_change()), (1 << 38, Some(word(4))));
    ssi.advance(word(4));
    assert_eq!((ssi.lines(), ssi.taken(1)), (1 << 38 | 1 << 36, &[20, 21][..]));

    ssi.give(0, Source::Counter(0));
    ssi.give(1, Source::Counter(1_000));
    ssi.start_rx(word(4));
    ssi.advance(word(4 + 5));
    assert_eq!((ssi.given(0), ssi.given(1)), (&[0, 1, 2][..], &[1_000, 1_001][..]));
}

#[test]
fn only_an_enabled_fifo_with_dma_enabled_asks_and_disabling_the_ssi_empties_it() {
    let mut ssi = Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1);
    assert_eq!(read(&mut ssi, T0, 0x2C, 1), [0x0081_0081]);
    assert_eq!(read(&mut ssi, T0, 0x18, 1), [0x3003]);
    write(&mut ssi, T0, 0x10, [0b11]); // SSIEN, TE
    write(&mut ssi, T0, 0x18, [1 << 20]); // TDMAE
    assert_eq!(ssi.lines(), 0);
    write(&mut ssi, T0, 0x1C, [1 << 7]); // TFEN0
    assert_eq!(ssi.lines(), 1 << 38);
    write(&mut ssi, T0, 0x18, [0]);
    assert_eq!(ssi.lines(), 0);
    write(&mut ssi, T0, 0x00, 0..5);
    assert_eq!(read(&mut ssi, T0, 0x2C, 1), [0x0081_0081 | 5 << 8]);
    write(&mut ssi, T0, 0x10, [1]);
    assert_eq!(read(&mut ssi, T0, 0x2C, 1), [0x0081_0081 | 5 << 8]);
    write(&mut ssi, T0, 0x10, [0]);
    assert_eq!(read(&mut ssi, T0, 0x2C, 1), [0x0081_0081]);
    write(&mut ssi, T0, 0x00, 0..5);
    write(&mut ssi, T0, 0x34, [1 << 5]);
    assert_eq!(read(&mut ssi, T0, 0x2C, 1), [0x0081_0081 | 5 << 8]);
    write(&mut ssi, T0, 0x34, [1 << 4]);
    assert_eq!(read(&mut ssi, T0, 0x2C, 1), [0x0081_0081]);
}

#[test]
fn a_data_register_takes_narrow_words_and_a_control_register_does_not() {
    let mut ssi = ssi(8, false);
    ssi.start_tx(T0);
    ssi.write(T0, 0x00, Width::Two, 0x1234_5678).unwrap();
    ssi.write(T0, 0x00, Width::One, 0x1234_5678).unwrap();
    ssi.advance(word(2));
    assert_eq!(ssi.taken(0), [0x5678, 0x78]);
}

#[test]
fn a_wrong_width_or_register_is_a_bus_error() {
    fn refuses(device: &mut impl Peripheral, reads: &[(u32, Width)], writes: &[(u32, Width)]) {
        for &(address, width) in reads {
            assert_eq!(device.read(T0, address, width), Err(BusError { address }));
        }
        for &(address, width) in writes {
            assert_eq!(device.write(T0, address, width, 0), Err(BusError { address }));
        }
    }
    use Width::{Four, One, Two};
    let clock = Clock::IMX6;
    refuses(&mut ssi(8, false), &[(0, Four), (0x10, Two), (0x30, Four), (9, One)], &[(8, Four), (0x2C, One), (2, Two)]);
    let mut sai = Sai::new(clock, 96_000, SaiLines { rx: 0, tx: 1 });
    refuses(
        &mut sai,
        &[(0x20, Four), (0xA2, Two), (0xC0, Four), (0x8C, Two)],
        &[(0xA0, Four), (0x21, One), (0x40, Four)],
    );
    let mut spdif = Spdif::new(clock, 48_000, SpdifLines::IMX6);
    refuses(&mut spdif, &[(0x2C, Four), (0x14, Two), (0, One)], &[(0x14, Four), (0x30, Two), (4, Four)]);
    let mut asrc = Asrc::new(clock, [(1, 1); 3], AsrcLines::IMX6);
    refuses(&mut asrc, &[(0x60, Four), (0x64, Two), (0x78, Four)], &[(0x64, Four), (0x60, One), (0xA4, Four)]);
    let mut ecspi = Ecspi::new(clock, 1_000, 8, EcspiLines::ECSPI1);
    refuses(&mut ecspi, &[(4, Four), (8, Two), (0x24, Four)], &[(0, Four), (0x14, One), (0x24, Four)]);
}

#[test]
fn words_are_served_in_order_when_each_request_is_answered() {
    let mut bus = Bus::new();
    let ssi = bus.add_peripheral(SSI1, 0x4000, Ssi::new(Clock::IMX6, 44_100, SsiLines::SSI1)).unwrap();
    bus.peripheral(ssi).set_up(Cycles(0), 12, false);
    bus.peripheral(ssi).start_tx(T0);
    let seconds = 2;
    let mut sent = 0;
    let mut now = T0;
    while now < T0 + Cycles(seconds * 66_000_000) {
        bus.advance(now);
        while bus.lines() != 0 {
            bus.write(1, now, SSI1, Width::Four, sent).unwrap();
            sent += 1;
        }
        now = bus.next_change().unwrap();
    }
    bus.advance(T0 + Cycles(seconds * 66_000_000));
    let ssi = bus.peripheral(ssi);
    assert_eq!(ssi.taken(0).len() as u64, seconds * 88_200);
    let waiting = ssi.tx().fifo(0).unwrap().level() as u32;
    assert!(ssi.taken(0).iter().copied().eq(0..sent - waiting));
    assert_eq!(ssi.tx().fifo(0).unwrap().underruns(), 0);
}

#[test]
fn a_fifo_that_is_not_in_use_foretells_nothing() {
    let mut ssi = ssi(8, true);
    write(&mut ssi, T0, 0x10, [0b11]); // no TCH_EN, though TFEN1 is set
    write(&mut ssi, T0, 0x1C, [1 << 8]); // and TFEN0 is not
    write(&mut ssi, T0, 0x18, [1 << 20]);
    write(&mut ssi, T0, 0x00, 0..15);
    assert_eq!((ssi.lines(), ssi.next_change()), (0, None));
}

#[test]
fn all_fifos_of_a_sai_move_together_behind_one_line() {
    let mut sai = Sai::new(Clock::IMX6, 96_000, SaiLines { rx: 0, tx: 1 });
    sai.set_up(Cycles(0), 3, 100);
    (0..8).for_each(|n| sai.give(n, Source::Counter(100 * n as u32)));
    sai.request_tx(T0, true);
    assert_eq!(sai.lines(), 1 << 1);
    for n in 0..3 {
        write(&mut sai, T0, 0x20 + 4 * n, 0..30);
        assert_eq!(sai.lines(), u64::from(n < 2) << 1); // any FIFO with 28 or fewer
    }
    sai.start_tx(T0);
    sai.start_rx(T0);
    assert_eq!(sai.next_change(), Some(word(2)));
    sai.advance(word(2));
    assert_eq!((sai.lines(), sai.next_change()), (1 << 1, Some(word(100))));
    sai.advance(word(100));
    assert_eq!(sai.lines(), 1 << 1 | 1);
    assert_eq!((sai.taken(0).len(), sai.taken(2).len(), sai.taken(3).len()), (30, 30, 0));
    assert_eq!((sai.given(2)[99], sai.given(3).len()), (299, 0));
    assert_eq!(read(&mut sai, word(100), 0xA8, 2), [200, 201]);
    // FEF: it underran. Cleared by writing 1, and set again by the next one.
    let tcsr = read(&mut sai, word(100), 0x08, 1)[0];
    assert_eq!(tcsr & (1 << 18 | 1 << 16), 1 << 18 | 1 << 16);
    write(&mut sai, word(100), 0x08, [tcsr]);
    assert_eq!(read(&mut sai, word(100), 0x08, 1)[0] & (1 << 18), 0);
    sai.advance(word(101));
    assert_eq!(read(&mut sai, word(101), 0x08, 1)[0] & (1 << 18), 1 << 18);
}

#[test]
fn the_spdif_asks_when_both_sides_are_at_the_watermark_and_samples_have_24_bit() {
    let mut spdif = Spdif::new(Clock::IMX6, 96_000, SpdifLines::IMX6);
    spdif.set_up(Cycles(0), 2, 1); // 8 left to send, 4 received
    spdif.give(1, Source::Counter(0xFFFF_FFFE));
    spdif.start_tx(T0);
    spdif.start_rx(T0);
    assert_eq!(spdif.lines(), 1 << 15);
    write(&mut spdif, T0, 0x2C, (0..9).map(|n| 0xAB00_0000 + n));
    assert_eq!(spdif.lines(), 0); // left alone is enough for it to fall
    write(&mut spdif, T0, 0x30, 100..111);
    assert_eq!(spdif.next_change(), Some(word(3))); // right
    spdif.advance(word(3));
    assert_eq!((spdif.lines(), spdif.next_change()), (1 << 15, Some(word(4))));
    spdif.advance(word(4));
    assert_eq!((spdif.lines(), spdif.next_change()), (1 << 15 | 1 << 14, None));
    assert_eq!((spdif.taken(0), spdif.taken(1)), (&[0, 1, 2, 3][..], &[100, 101, 102, 103][..]));
    assert_eq!(read(&mut spdif, word(4), 0x18, 3), [0xFF_FFFE, 0xFF_FFFF, 0]);
    assert_eq!(spdif.lines(), 1 << 15);
}

#[test]
fn an_asrc_takes_on_one_line_and_gives_on_another() {
    let mut asrc = Asrc::new(Clock::IMX6, [(0, 0), (96_000, 48_000), (0, 0)], AsrcLines::IMX6);
    asrc.set_up(Cycles(0), AsrcPair::B, 4, 2);
    assert_eq!(asrc.lines(), 0);
    asrc.start(T0, AsrcPair::B);
    assert_eq!((asrc.lines(), asrc.next_change()), (1 << 18, Some(word(6)))); // third at half the rate
    write(&mut asrc, T0, 0x68, 50..56);
    assert_eq!((asrc.lines(), asrc.next_change()), (0, Some(word(3))));
    asrc.advance(word(3));
    assert_eq!(asrc.lines(), 1 << 18);
    asrc.advance(word(6));
    assert_eq!(asrc.lines(), 1 << 18 | 1 << 21);
    assert_eq!((asrc.taken(AsrcPair::B), asrc.given(AsrcPair::B)), (&[50, 51, 52, 53, 54, 55][..], &[0, 1, 2][..]));
    assert_eq!(read(&mut asrc, word(6), 0xAC, 1), [3 << 12]);
    assert_eq!(read(&mut asrc, word(6), 0x6C, 1), [0]);
    assert_eq!(asrc.lines(), 1 << 18);
    asrc.stop(word(7), AsrcPair::B);
    assert_eq!((asrc.lines(), asrc.next_change()), (0, None));
}

/// 32 bit at 3.072 MHz are 96000 words a second.
fn ecspi(smc: bool) -> Ecspi {
    let mut ecspi = Ecspi::new(Clock::IMX6, 3_072_000, 32, EcspiLines::ECSPI1);
    ecspi.set_up(Cycles(0), 2, 3, smc, true);
    ecspi
}

#[test]
fn the_ecspi_exchanges_from_the_first_word_on_or_from_xch_on() {
    let mut started = ecspi(true);
    assert_eq!(started.lines(), 1 << 4);
    write(&mut started, T0, 0x04, 1..=6);
    assert_eq!((started.lines(), started.next_change()), (0, Some(word(4))));
    started.advance(word(4));
    assert_eq!(started.lines(), 1 << 4 | 1 << 3); // two left, four received
    assert_eq!(read(&mut started, word(4), 0x20, 1), [1 << 31 | 4 << 8 | 2]);
    started.advance(word(60));
    assert_eq!(read(&mut started, word(60), 0x00, 7), [1, 2, 3, 4, 5, 6, 0]);
    assert_eq!(started.taken(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(started.rx().underruns(), 1);

    let mut told = ecspi(false);
    write(&mut told, Cycles(0), 0x04, 1..=6);
    assert_eq!(told.next_change(), None);
    write(&mut told, T0, 0x08, [0b101]);
    told.advance(word(5));
    assert_eq!(read(&mut told, word(5), 0x08, 1), [0b101]);
    told.advance(word(6));
    assert_eq!(read(&mut told, word(6), 0x08, 1), [0b001]);
    assert_eq!(read(&mut told, word(6), 0x18, 1), [1 << 7 | 1 << 4 | 1 << 3 | 1 << 1 | 1]);
    write(&mut told, word(6), 0x18, [1 << 7]);
    assert_eq!(read(&mut told, word(6), 0x18, 1)[0] >> 7, 0);
}

#[test]
fn without_loop_back_the_ecspi_receives_what_the_other_end_gives() {
    let mut ecspi = Ecspi::new(Clock::IMX6, 3_072_000, 32, EcspiLines::ECSPI1);
    ecspi.set_up(T0, 0, 0, true, false);
    ecspi.give(Source::Words(vec![7, 8]));
    write(&mut ecspi, T0, 0x04, [1, 2, 3]);
    ecspi.advance(word(3));
    assert_eq!(read(&mut ecspi, word(3), 0x00, 3), [7, 8, 0]);
}

/// ERR009165: the workaround, XCH instead of SMC, is what keeps it from happening.
#[test]
fn the_ecspi_glitch_sends_a_word_twice_in_smc_mode_only() {
    for (smc, sent) in [(true, &[1, 1, 2, 3][..]), (false, &[1, 2, 3][..])] {
        let mut ecspi = ecspi(smc);
        ecspi.set_glitch(2);
        write(&mut ecspi, T0, 0x04, [1]);
        write(&mut ecspi, T0, 0x08, [if smc { 0b1001 } else { 0b101 }]);
        write(&mut ecspi, T0, 0x04, [2, 3]);
        ecspi.advance(word(20));
        assert_eq!((ecspi.taken(), ecspi.given()), (sent, sent), "SMC {smc}");
    }
}
