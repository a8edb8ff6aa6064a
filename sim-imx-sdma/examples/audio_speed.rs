//! How fast the model is: seconds of 48 kHz stereo on SSI1 that it simulates in a second, with four periods of 480 frames that are
//! given back to the SDMA at each interrupt, as a driver does. What came through is compared, frame by frame, as it goes.
//!
//! ```text
//! cargo run --release --example audio_speed [seconds]
//! ```

use std::time::Instant;

use sim_imx_sdma::peripheral::{Source, Ssi, SsiLines};
use sim_imx_sdma::time::{Clock, Cycles};
use sim_imx_sdma::{Config, Ended, RegisterAccess, ScriptKind, Scripts, Sdma, Until, Variant};

const CCB: u32 = 0x1000_0000;
const BD0: u32 = 0x1000_0400;
const BD: u32 = 0x1000_0500;
const CONTEXT: u32 = 0x1000_0800;
const BUFFER: u32 = 0x1001_0000;
const SSI1: u32 = 0x0202_8000;

/// Words of a period, and their width and maximal burst as a driver would set them.
const PERIOD: u32 = 2 * 480;
const WIDTH: u32 = 2;
const MAXBURST: u32 = 8;
const PERIODS: u32 = 4;

fn put(sdma: &mut Sdma, address: u32, words: &[u32]) {
    let bytes: Vec<_> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    sdma.bus().poke(address, &bytes).expect("there is memory");
}

fn word(sdma: &mut Sdma, address: u32) -> u32 {
    let mut bytes = [0; 4];
    sdma.bus().peek(address, &mut bytes).expect("there is memory");
    u32::from_le_bytes(bytes)
}

/// Channel 1 with a script, and the chain that goes round: the buffer is filled for a playback.
fn set_up(script: ScriptKind, is_playback: bool) -> Sdma {
    let mut sdma = Sdma::new(Config::new(Variant::Imx6));
    sdma.bus().add_ram(CCB, 0x10_0000).expect("there is room");
    for event in 0..48 {
        sdma.write32(0x200 + 4 * event, 0);
    }
    for (register, value) in [(0x010, 1), (0x05C, 0x4050), (0x038, 0), (0x100, 7), (0x000, CCB)] {
        sdma.write32(register, value);
    }
    let (event, device) = if is_playback { (38, SSI1) } else { (37, SSI1 + 8) };
    let mut context = [0; 32];
    context[0] = Scripts::imx6().entry(script).expect("it is in ROM").into();
    (context[2], context[8], context[9]) = (1 << (event - 32), device, MAXBURST * WIDTH);
    put(&mut sdma, CONTEXT, &context);
    put(&mut sdma, CCB, &[BD0, BD0, 0, 0, BD, BD, 0, 0]);
    put(&mut sdma, BD0, &[0x0183_0020, CONTEXT, 2048 + 32]);
    sdma.write32(0x00C, 1);
    let limit = sdma.now() + Cycles(33_000);
    assert_eq!(sdma.run_until(Until::Idle { limit }), Ended::Idle);
    sdma.write32(0x038, 3);

    let bytes = PERIOD * WIDTH;
    for period in 0..PERIODS {
        let wrap = if period == PERIODS - 1 { 1 << 17 } else { 0 };
        put(&mut sdma, BD + 12 * period, &[WIDTH << 24 | 0x000D_0000 | wrap | bytes, BUFFER + bytes * period, 0]);
    }
    if is_playback {
        for n in (0..PERIODS * PERIOD).step_by(2) {
            put(&mut sdma, BUFFER + WIDTH * n, &[n | (n + 1) << 16]);
        }
    }
    sdma.write32(0x200 + 4 * event, 1 << 1);
    sdma.write32(0x104, 3);
    sdma.write32(0x00C, 1 << 1);
    sdma
}

/// Simulated seconds in a second.
fn speed(script: ScriptKind, is_playback: bool, seconds: u32) -> f64 {
    let mut sdma = set_up(script, is_playback);
    let ssi = Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1);
    let ssi = sdma.bus().add_peripheral(SSI1, 0x4000, ssi).expect("there is room");
    let now = sdma.now();
    sdma.bus().peripheral(ssi).set_up(now, MAXBURST as u8, false);
    if is_playback {
        // Filled before it begins.
        sdma.bus().peripheral(ssi).request_tx(now, true);
        sdma.run_for(Cycles(2000));
        let now = sdma.now();
        sdma.bus().peripheral(ssi).start_tx(now);
    } else {
        sdma.bus().peripheral(ssi).give(0, Source::Function(Box::new(|n| n as u32 % (PERIODS * PERIOD))));
        sdma.bus().peripheral(ssi).start_rx(now);
    }

    let (first, began) = (sdma.now(), Instant::now());
    let buffer: Vec<u32> = (0..PERIODS * PERIOD).collect();
    let mut words = 0;
    for n in 0..seconds * 100 {
        let limit = sdma.now() + Cycles(66_000_000 / 50);
        assert_eq!(sdma.run_until(Until::Interrupt { limit }), Ended::Interrupt, "period {n}");
        assert_eq!(sdma.read32(0x004), 1 << 1);
        sdma.write32(0x004, 1 << 1);
        let period = n % PERIODS;
        let mode = word(&mut sdma, BD + 12 * period);
        assert_eq!(mode & 0x0011_FFFF, PERIOD * WIDTH, "given back, whole, without an error");
        if is_playback {
            let fifo = sdma.bus().peripheral(ssi).tx().fifo_mut(0).expect("there is one");
            let taken = fifo.drain_taken();
            // A FIFO's worth of the period is still to come, so it ends with the first words of the next round.
            let (end, rest) = buffer.split_at(words % buffer.len());
            let (after, before) = taken.as_slice().split_at(taken.len().min(rest.len()));
            assert!(rest.starts_with(after) && end.starts_with(before), "every frame once and in order");
            words += taken.len();
        } else {
            let mut bytes = [0; (PERIOD * WIDTH) as usize];
            sdma.bus().peek(BUFFER + PERIOD * WIDTH * period, &mut bytes).expect("there is memory");
            let captured = bytes.chunks_exact(2).map(|bytes| u32::from(u16::from_le_bytes([bytes[0], bytes[1]])));
            let expected = &buffer[(PERIOD * period) as usize..][..PERIOD as usize];
            assert!(captured.eq(expected.iter().copied()), "every frame once and in order");
            words += expected.len();
        }
        put(&mut sdma, BD + 12 * period, &[mode | 1 << 16]);
    }
    let (real, simulated) = (began.elapsed(), sdma.now() - first);

    assert_eq!(sdma.reports(), []);
    let device = sdma.bus().peripheral(ssi);
    let mishaps = device.tx().fifo(0).map_or(0, |fifo| fifo.underruns() + fifo.overruns());
    let mishaps = mishaps + device.rx().fifo(0).map_or(0, |fifo| fifo.underruns() + fifo.overruns());
    assert_eq!(mishaps, 0);
    assert!(words as u32 >= (seconds * 100 - PERIODS) * PERIOD, "only {words} words");
    sdma.clock().nanos(simulated) as f64 / real.as_nanos() as f64
}

fn main() {
    let seconds = std::env::args().nth(1).and_then(|seconds| seconds.parse().ok()).unwrap_or(20);
    let only = std::env::args().nth(2);
    let all = [
        ("mcu_2_app", ScriptKind::Mcu2App, true),
        ("mcu_2_shp", ScriptKind::Mcu2Shp, true),
        ("app_2_mcu", ScriptKind::App2Mcu, false),
    ];
    let wanted = all.into_iter().filter(|(name, ..)| only.as_ref().is_none_or(|only| only == name));
    let speeds: Vec<_> = wanted.map(|(name, kind, out)| format!("{name} {:.0}", speed(kind, out, seconds))).collect();
    println!("times real time, 48 kHz stereo on SSI1: {}", speeds.join(", "));
}
