//! Loading firmware: what arrives in program memory, what can be used before and after, and what goes on meanwhile.

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::firmware::Firmware;
use backend_imx_sdma::peripheral::Priority;
use dmaengine_core::error::{PrepError, TransferError};
use dmaengine_core::{BusWidth, Cyclic, DevToDev, Direction, Outcome};
use sim_imx_sdma::bus::{Direction as Way, Width};
use sim_imx_sdma::peripheral::{Ssi, SsiLines};
use sim_imx_sdma::time::Clock;

use crate::bench::{Bench, LONG, buffer, items, line, packed, slave};
use crate::image::{self, START};

const SSI1: u32 = 0x0202_8000;

/// What the SDMA's program memory has where the image's code belongs, and nothing beside it.
fn assert_loaded(bench: &Bench, words: u16) {
    bench.board().hw(|hw| {
        let view = hw.view();
        let found = (0..words).filter_map(|n| view.program(START + n));
        assert!(found.eq((0..words).map(image::word)));
        // What comes up in the memory at power-on is still there.
        let end = START + words;
        assert_eq!(view.program(end), view.program(0x1FFE + end % 2));
        assert!(!view.is_written((end + 1) >> 1));
    });
}

/// What a bench can prepare only with firmware: script by script.
fn refused(bench: &Bench, name: &'static str) -> Option<PrepError> {
    let idle = bench.idle(5);
    let four = |address, peripheral| slave(address, BusWidth::Four, 4, peripheral);
    let to = |peripheral| idle.prep_slave_sg_to_device([&*buffer(&[0; 32])], &four(SSI1, peripheral)).err();
    match name {
        "per_2_per" => {
            let source = four(0x0203_4064, Peripheral::asrc_shared(line(20)));
            let destination = four(SSI1, Peripheral::ssi_shared(line(38)));
            idle.prep_dev_to_dev(&DevToDev { source, destination, period: 64 }).err()
        }
        "mcu_2_ssish" => to(Peripheral::ssi_dual(line(38))).map(|kept| kept.error),
        "mcu_2_ecspi" => to(Peripheral::ecspi(line(4))).map(|kept| kept.error),
        _ => panic!("{name}"),
    }
}

#[test]
fn code_of_every_version_arrives_word_for_word_and_its_scripts_can_be_used_then() {
    let versions: [(u32, u32, usize, &str, u16); 5] = [
        (1, 35, 14, "per_2_per", 2),
        (2, 38, 35, "mcu_2_ssish", 301),
        (3, 41, 40, "mcu_2_ecspi", 1002),
        (3, 45, 40, "mcu_2_ecspi", 1269),
        (4, 42, 14, "per_2_per", 2047),
    ];
    for (major, num, index, name, words) in versions {
        let bench = Bench::new();
        assert_eq!(bench.dma.engine().firmware(), None);
        assert_eq!(refused(&bench, name), Some(PrepError::NoProgram { name }));
        let firmware = image::firmware(major, 9, num, &[(index, START.into())], words);
        bench.run(|_, context| bench.dma.engine().load_firmware(&firmware, context)).unwrap();
        assert_eq!(bench.dma.engine().firmware(), Some((major, 9)));
        assert_eq!(refused(&bench, name), None);
        assert_loaded(&bench, words);
        assert_eq!(bench.machine.state().mapped, 0);
        // What it has not is still refused.
        let other = if name == "per_2_per" { "mcu_2_ssish" } else { "per_2_per" };
        assert_eq!(refused(&bench, other), Some(PrepError::NoProgram { name: other }));
    }
}

/// Linux would run what lies there now.
#[test]
fn what_was_prepared_with_a_script_that_is_gone_fails_when_it_is_started() {
    let bench = Bench::new();
    let (with, without) = (image::firmware(2, 9, 38, &[(35, START.into())], 40), image::firmware(2, 10, 38, &[], 40));
    bench.run(|cpu, context| {
        bench.dma.engine().load_firmware(&with, context).unwrap();
        let config = slave(SSI1, BusWidth::Four, 4, Peripheral::ssi_dual(line(38)));
        let idle = bench.idle(5);
        let stale = idle.prep_slave_sg_to_device([&*buffer(&[7_u8; 32])], &config).unwrap();
        let copy = idle.prep_memcpy(buffer(&[0_u8; 32]), buffer(&[9_u8; 32])).unwrap();
        bench.dma.engine().load_firmware(&without, context).unwrap();
        // A script of the ROM is where it was.
        let (active, copy) = idle.start(copy).unwrap();
        assert_eq!(copy.wait(context, LONG).unwrap().buffer.0, [0x0909_0909; 8]);
        let (active, stale) = active.try_idle().unwrap().start(stale).unwrap();
        bench.pass(cpu, 100);
        let ended = stale.try_resolve().unwrap();
        assert_eq!(ended.outcome, Outcome::Failed(TransferError::NoProgram));
        assert_eq!(ended.buffer, [&[0x0707_0707; 8][..]]);
        // The channel is none the worse.
        let idle = active.try_idle().unwrap();
        let copy = idle.prep_memcpy(buffer(&[0_u8; 32]), buffer(&[8_u8; 32])).unwrap();
        let (_active, copy) = idle.start(copy).unwrap();
        assert_eq!(copy.wait(context, LONG).unwrap().buffer.0, [0x0808_0808; 8]);
    });
}

#[test]
fn another_image_takes_the_place_of_the_first() {
    let bench = Bench::with_firmware();
    let load = |firmware: &Firmware<'static>| {
        bench.run(|_, context| bench.dma.engine().load_firmware(firmware, context)).unwrap();
        bench.dma.engine().firmware()
    };
    assert_eq!(load(&image::imx6q()), Some((3, 5)));
    assert_loaded(&bench, 1269);
    assert_eq!(refused(&bench, "mcu_2_ssish"), None);
    assert_eq!(load(&image::firmware(1, 2, 35, &[(14, 0x1800)], 10)), Some((1, 2)));
    assert_eq!(refused(&bench, "per_2_per"), None);
    assert_eq!(refused(&bench, "mcu_2_ssish"), Some(PrepError::NoProgram { name: "mcu_2_ssish" }));
}

/// Channel 0 has the highest priority, so a load keeps a transfer from the core for its time; FIFOs bridge that.
#[test]
fn transfers_go_on_while_firmware_is_loaded() {
    let bench = Bench::new();
    let ssi = bench.add(SSI1, Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1));
    let words = items(64, BusWidth::Four);
    bench.run(|cpu, context| {
        bench.device(ssi, |ssi, now| ssi.set_up(now, 6, false));
        let peripheral = Peripheral::ssi_shared(line(38)).with_priority(Priority::High);
        let config = slave(SSI1, BusWidth::Four, 6, peripheral);
        let request = Cyclic { direction: Direction::MemToDev, period: 64, config };
        let idle = bench.idle(0);
        let ring = idle.prep_cyclic(buffer(&packed(&words, BusWidth::Four)), &request).unwrap();
        let (playing, ring) = idle.start(ring).unwrap();
        bench.device(ssi, |ssi, now| ssi.request_tx(now, true));
        bench.pass(cpu, 20);
        bench.device(ssi, Ssi::start_tx);

        let other = bench.idle(1);
        let copy = other.prep_memcpy(vec![0_u8; 60_000].leak(), vec![3_u8; 60_000].leak()).unwrap();
        let (copying, copy) = other.start(copy).unwrap();
        bench.dma.engine().load_firmware(&image::imx6q(), context).unwrap();
        let copied = copy.wait(context, LONG).unwrap();
        assert_eq!((copied.outcome, &copied.buffer.0[..]), (Outcome::Completed, &[3; 60_000][..]));
        copying.try_idle().unwrap();
        bench.pass(cpu, 5_000);
        bench.device(ssi, |ssi, _| {
            let fifo = ssi.tx().fifo(0).unwrap();
            assert_eq!((fifo.underruns(), fifo.overruns()), (0, 0));
        });

        playing.terminate_sync(context).unwrap();
        assert!(matches!(ring.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
    });
    assert_loaded(&bench, 1269);
    bench.device(ssi, |ssi, _| {
        let taken = ssi.taken(0);
        assert!(taken.len() > 400, "{}", taken.len());
        assert!(taken.iter().eq(words.iter().cycle().take(taken.len())));
    });
}

/// The SDMA reads the image, and gives back the one descriptor of its command: the mode word, and the place in the control block.
#[test]
fn a_load_writes_nothing_to_memory_but_its_answer() {
    let bench = Bench::with_firmware();
    let watch = bench.board().hw(|hw| {
        let now = hw.now();
        hw.bus().watch(0..u32::MAX, now)
    });
    bench.run(|_, context| bench.dma.engine().load_firmware(&image::imx6q(), context)).unwrap();
    bench.board().hw(|hw| {
        let touches = hw.bus().unwatch(watch);
        let written: Vec<_> = touches.iter().filter(|access| access.direction == Way::Write).collect();
        assert!((1..=2).contains(&written.len()) && touches.len() > 1269 / 2, "{written:?}");
        assert!(written.iter().all(|access| access.channel == 0 && access.width == Width::Four), "{written:?}");
    });
}
