//! Setting the block up: on each kind of chip, and where it does not answer. No wait is without an end.

use backend_imx_sdma::error::InitError;
use backend_imx_sdma::{Settings, Soc};
use dmaengine_core::error::ErrorKind;
use dmaengine_core::{Micros, Outcome};
use sim_board::Board;
use sim_imx_sdma::{Config, RegisterAccess, Trouble, Variant};

use crate::bench::{Bench, LONG, driver};
use crate::machine::Machine;

fn machine() -> Machine {
    Machine::new(Board::new())
}

#[test]
fn a_block_whose_registers_read_zero_is_refused() {
    let machine = machine();
    machine.state().dead = true;
    let error = driver(Soc::IMX6Q, &machine, Settings::default()).unwrap_err();
    assert!(matches!(error, InitError::NoRegisters { wrote, read: 0 } if wrote != 0), "{error}");
    assert_eq!(error.kind(), ErrorKind::Hardware);
}

#[test]
fn a_reset_that_does_not_end_is_not_waited_for_for_ever() {
    let machine = machine();
    machine.state().reset_sticks = true;
    let error = driver(Soc::IMX6Q, &machine, Settings::default()).unwrap_err();
    let InitError::Reset { waited, bound } = error else { panic!("{error}") };
    assert!(bound == Micros(100) && waited >= bound && waited < bound + Micros(10), "{error}");
    assert!(error.to_string().starts_with("the reset did not end within 10"), "{error}");
    // And nothing was set up.
    assert_eq!(machine.board.hw(|hw| (hw.read32(0x000), hw.read32(0x100))), (0, 0));
}

#[test]
fn a_channel_0_that_does_not_answer_is_not_waited_for_for_ever() {
    let machine = machine();
    machine.board.hw(|hw| hw.cause(Trouble::Hang { channel: 0 }));
    let mut settings = Settings::default();
    settings.command_bound = Micros(700);
    let error = driver(Soc::IMX6Q, &machine, settings).unwrap_err();
    let InitError::NoAnswer { waited, bound } = error else { panic!("{error}") };
    assert!(bound == Micros(700) && waited >= bound && waited < bound + Micros(10), "{error}");
}

#[test]
fn a_slow_channel_0_is_waited_for() {
    let machine = machine();
    let slow = machine.board.hw(|hw| hw.clock().from_micros(600));
    machine.board.hw(|hw| hw.cause(Trouble::SlowChannel0 { by: slow }));
    driver(Soc::IMX6Q, &machine, Settings::default()).unwrap();
}

/// CHNENBL is memory and comes up with anything in it: each entry that the chip has is cleared, and no other place is written.
#[test]
fn every_chip_is_set_up_where_its_registers_are_and_moves_data() {
    let chips = [
        (Soc::IMX31_TO2, Variant::Imx31, 0x080, 32),
        (Soc::IMX35_TO2, Variant::Imx35, 0x200, 48),
        (Soc::IMX25, Variant::Imx35, 0x200, 48),
        (Soc::IMX6Q, Variant::Imx6, 0x200, 48),
        (Soc::IMX8MM, Variant::Imx8m, 0x200, 48),
    ];
    for (soc, variant, chnenbl, lines) in chips {
        for equal_clocks in [false, true] {
            let config = Config::new(variant).seed(7);
            let poison = Machine::new(Board::with(config.clone()));
            let of = |machine: &Machine, line: u32| machine.board.hw(|hw| hw.read32(chnenbl + 4 * line));
            assert!((0..lines).all(|line| of(&poison, line) != 0), "{}: no poison", soc.name);

            let mut settings = Settings::default();
            settings.equal_clocks = equal_clocks;
            let bench = Bench::with(soc, config, settings);
            assert!((0..lines).all(|line| of(&bench.machine, line) == 0), "{}", soc.name);
            assert!((1..32).all(|channel| bench.register(0x100 + 4 * channel) == 0), "{}", soc.name);
            assert_eq!(bench.register(0x100), 7);
            let (evtovr, dspovr, hostovr) = (bench.register(0x010), bench.register(0x014), bench.register(0x018));
            assert_eq!((evtovr, dspovr, hostovr), (1, u32::MAX, 0));
            assert_eq!(bench.register(0x05C), 0x4050);
            assert_eq!(bench.register(0x038), if equal_clocks { 0x13 } else { 0x03 });
            assert_eq!(bench.register(0x004), 0, "an interrupt that nobody waits for");
            bench.run(|_, context| {
                let idle = bench.idle(30);
                let copy = idle.prep_memcpy(vec![0_u8; 99].leak(), vec![0x5A_u8; 99].leak()).unwrap();
                let (_active, transfer) = idle.start(copy).unwrap();
                let ended = transfer.wait(context, LONG).unwrap();
                assert_eq!((ended.outcome, &ended.buffer.0[..]), (Outcome::Completed, &[0x5A; 99][..]), "{}", soc.name);
            });
        }
    }
}

/// A loader may have left a channel running, with a script that nobody knows of.
#[test]
fn what_ran_before_is_stopped() {
    let machine = machine();
    let first = driver(Soc::IMX6Q, &machine, Settings::default()).unwrap();
    machine.board.hw(|hw| {
        hw.write32(0x010, 0b11);
        hw.write32(0x104, 1);
        hw.write32(0x00C, 2);
    });
    drop(first);
    let _second = driver(Soc::IMX6Q, &machine, Settings::default()).unwrap();
    machine.board.hw(|hw| assert_eq!((hw.read32(0x008) & !1, hw.read32(0x104), hw.read32(0x010)), (0, 0, 1)));
}
