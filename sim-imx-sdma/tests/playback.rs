//! A cyclic playback of 48 kHz stereo on SSI1, from reset to the frames that came out.

use sim_imx_sdma::peripheral::{Ssi, SsiLines};
use sim_imx_sdma::time::{Clock, Cycles};
use sim_imx_sdma::{Config, Ended, RegisterAccess, Sdma, Until, Variant};

const CCB: u32 = 0x1000_0000;
const BD0: u32 = 0x1000_0400;
const BD: u32 = 0x1000_0500;
const CONTEXT: u32 = 0x1000_0800;
const BUFFER: u32 = 0x1001_0000;
const SSI1: u32 = 0x0202_8000;
const PERIOD: u32 = 480 * 8;

fn put(sdma: &mut Sdma, address: u32, words: &[u32]) {
    let bytes: Vec<_> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    sdma.bus().poke(address, &bytes).expect("there is memory");
}

fn word(sdma: &mut Sdma, address: u32) -> u32 {
    let mut bytes = [0; 4];
    sdma.bus().peek(address, &mut bytes).expect("there is memory");
    u32::from_le_bytes(bytes)
}

#[test]
fn a_cyclic_playback_gives_every_frame_once_and_in_order() {
    let mut sdma = Sdma::new(Config::new(Variant::Imx6));
    sdma.bus().add_ram(CCB, 0x10_0000).expect("there is room");
    let ssi = Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1);
    let ssi = sdma.bus().add_peripheral(SSI1, 0x4000, ssi).expect("there is room");

    for event in 0..48 {
        sdma.write32(0x200 + 4 * event, 0);
    }
    sdma.write32(0x010, 1);
    sdma.write32(0x05C, 0x4050);
    sdma.write32(0x038, 0);
    sdma.write32(0x100, 7);
    sdma.write32(0x000, CCB);
    // Channel 0 loads the context of channel 1: mcu_2_app at 747, request 38, watermark of 8 words.
    put(&mut sdma, CCB, &[BD0, BD0, 0, 0, BD, BD, 0, 0]);
    put(&mut sdma, BD0, &[0x0183_0020, CONTEXT, 2048 + 32]);
    let mut context = [0; 32];
    (context[0], context[2], context[8], context[9]) = (747, 1 << 6, SSI1, 32);
    put(&mut sdma, CONTEXT, &context);
    sdma.write32(0x00C, 1);
    let limit = sdma.now() + Cycles(33_000);
    assert_eq!(sdma.run_until(Until::Idle { limit }), Ended::Idle);
    assert_eq!(sdma.read32(0x008), 0);
    assert_eq!(sdma.view().context(1), context);
    sdma.write32(0x038, 3);

    for period in 0..4 {
        let wrap = if period == 3 { 1 << 17 } else { 0 };
        put(&mut sdma, BD + 12 * period, &[0x008D_0000 | wrap | PERIOD, BUFFER + PERIOD * period, 0]);
    }
    let samples: Vec<u32> = (0..4 * 960).collect();
    put(&mut sdma, BUFFER, &samples);
    sdma.write32(0x200 + 4 * 38, 1 << 1);
    sdma.write32(0x104, 3);
    sdma.write32(0x00C, 1 << 1);
    let now = sdma.now();
    let device = sdma.bus().peripheral(ssi);
    device.set_up(now, 8, false);
    device.request_tx(now, true);
    sdma.run_for(Cycles(2000));
    let now = sdma.now();
    sdma.bus().peripheral(ssi).start_tx(now);

    let began = std::time::Instant::now();
    let periods = 100;
    for n in 0..periods {
        let limit = sdma.now() + Cycles(66_000_000 / 50);
        assert_eq!(sdma.run_until(Until::Interrupt { limit }), Ended::Interrupt, "period {n}");
        assert_eq!(sdma.read32(0x004), 1 << 1);
        sdma.write32(0x004, 1 << 1);
        let bd = BD + 12 * (n % 4);
        let mode = word(&mut sdma, bd);
        assert_eq!(mode & 0x0011_FFFF, PERIOD, "given back, whole, without an error");
        put(&mut sdma, bd, &[mode | 1 << 16]);
    }
    println!("{} times real time", f64::from(periods) * 0.01 / began.elapsed().as_secs_f64());
    assert_eq!(sdma.reports(), []);
    let taken = sdma.bus().peripheral(ssi).taken(0);
    assert!(taken.len() > 90 * 960, "{}", taken.len());
    for (n, sample) in taken.iter().enumerate() {
        assert_eq!(*sample as usize, n % (4 * 960), "sample {n}");
    }
}
