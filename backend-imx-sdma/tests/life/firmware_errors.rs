//! Firmware that cannot be loaded: each reason is told apart, there is no firmware after it, and its memory is let go of as soon as
//! nobody reads it any more.

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::error::FirmwareLoadError;
use backend_imx_sdma::firmware::Firmware;
use dmaengine_core::error::{ErrorKind, PrepError};
use dmaengine_core::{BusWidth, Micros};
use sim_imx_sdma::{RegisterAccess, Trouble};

use crate::bench::{Bench, buffer, line, slave};
use crate::image;

fn load(bench: &Bench, firmware: &Firmware<'static>) -> Result<(), FirmwareLoadError> {
    bench.run(|_, context| bench.dma.engine().load_firmware(firmware, context))
}

/// There is no firmware, also if there was some before, and nothing can be prepared that needs it.
fn assert_none(bench: &Bench, mapped: i32) {
    assert_eq!(bench.dma.engine().firmware(), None);
    let config = slave(0x0202_8000, BusWidth::Four, 4, Peripheral::ssi_dual(line(38)));
    let refused = bench.idle(0).prep_slave_sg_to_device([&*buffer(&[0; 32])], &config).unwrap_err();
    assert_eq!(refused.error, PrepError::NoProgram { name: "mcu_2_ssish" });
    assert_eq!(bench.machine.state().mapped, mapped);
}

/// Channel 0 stands again on its feet: the command that it was at goes on.
fn recover(bench: &Bench) {
    bench.board().hw(|hw| {
        hw.clear_troubles();
        hw.write32(0x024, 2);
    });
}

#[test]
fn a_bus_error_in_the_image_is_told() {
    let bench = Bench::with_firmware();
    bench.machine.state().broken = true;
    let error = load(&bench, &image::imx6q()).unwrap_err();
    assert!(matches!(error, FirmwareLoadError::Bus { .. }), "{error}");
    assert_eq!(error.kind(), ErrorKind::Hardware);
    assert_none(&bench, 0);

    bench.machine.state().broken = false;
    bench.board().hw(|hw| hw.clear_troubles());
    load(&bench, &image::imx6q()).unwrap();
    assert_eq!(bench.dma.engine().firmware(), Some((3, 5)));
}

#[test]
fn an_image_that_the_sdma_cannot_address_is_told_before_anything_is_begun() {
    let bench = Bench::with_firmware();
    let misaligned = image::at(2, &image::bytes(3, 5, 45, &[], 100));
    // A channel that is given back for the first time is parked.
    drop(bench.idle(0));
    let accesses = bench.machine.state().accesses;
    let error = load(&bench, &misaligned).unwrap_err();
    let FirmwareLoadError::Address { bus } = error else { panic!("{error}") };
    assert_eq!((bus.0 % 4, error.kind()), (2, ErrorKind::InvalidInput));
    assert_none(&bench, 0);

    bench.machine.state().far = true;
    let error = load(&bench, &image::imx6q()).unwrap_err();
    assert!(matches!(error, FirmwareLoadError::Address { bus } if bus.0 > 1 << 32), "{error}");
    bench.machine.state().far = false;
    assert_none(&bench, 0);
    assert_eq!(bench.machine.state().accesses, accesses);
}

#[test]
fn an_image_that_cannot_be_mapped_is_told() {
    let bench = Bench::with_firmware();
    bench.machine.state().refuses = true;
    let error = load(&bench, &image::imx6q()).unwrap_err();
    let why = PrepError::Unreachable { address: 0x1234 };
    assert_eq!((error, error.kind()), (FirmwareLoadError::Map(why), ErrorKind::InvalidInput));
    bench.machine.state().refuses = false;
    assert_none(&bench, 0);
}

/// Channel 0 may go on with the command at any time, and reads the image then: it stays mapped.
#[test]
fn an_image_that_channel_0_may_still_read_stays_mapped() {
    let bench = Bench::with_firmware();
    bench.board().hw(|hw| hw.cause(Trouble::Hang { channel: 0 }));
    let error = load(&bench, &image::imx6q()).unwrap_err();
    let FirmwareLoadError::NoAnswer { waited, bound } = error else { panic!("{error}") };
    assert!(bound == Micros(5_000) && waited >= bound && waited < bound + Micros(100), "{error}");
    assert_eq!(error.kind(), ErrorKind::Hardware);
    assert_none(&bench, 1);

    // It does, and finds it. But nobody has waited for it: there is no firmware.
    recover(&bench);
    bench.run(|cpu, _| bench.pass(cpu, 1_000));
    assert_none(&bench, 1);
    load(&bench, &image::imx6q()).unwrap();
    assert_eq!(bench.dma.engine().firmware(), Some((3, 5)));
}

/// The answer to the first load, given up long ago, must not be taken for that to the second: the second would be "loaded" before
/// its code is there, and unmapped while channel 0 reads it.
#[test]
fn a_late_answer_to_a_load_that_was_given_up_does_not_answer_the_next() {
    let bench = Bench::new();
    bench.board().hw(|hw| hw.cause(Trouble::Hang { channel: 0 }));
    load(&bench, &image::firmware(1, 1, 35, &[(14, 0x1800)], 20)).unwrap_err();
    recover(&bench);
    // Nobody has looked at channel 0 in between.
    load(&bench, &image::imx6q()).unwrap();
    bench.board().hw(|hw| assert_eq!(hw.view().program(0x1800 + 1268), Some(image::word(1268))));
    assert_eq!(bench.machine.state().mapped, 1);
}

/// While channel 0 hangs in the first image, the second never comes to be read: that one is let go of.
#[test]
fn an_image_that_channel_0_was_never_given_is_unmapped() {
    let bench = Bench::new();
    bench.board().hw(|hw| hw.cause(Trouble::Hang { channel: 0 }));
    load(&bench, &image::imx6q()).unwrap_err();
    load(&bench, &image::firmware(1, 1, 35, &[], 2047)).unwrap_err();
    assert_none(&bench, 1);
    recover(&bench);
    bench.run(|cpu, _| bench.pass(cpu, 1_000));
    // The first was loaded in the end, and nothing after it.
    bench.board().hw(|hw| {
        assert_eq!(hw.view().program(0x1800 + 1268), Some(image::word(1268)));
        assert!(!hw.view().is_written((0x1800 + 1400) >> 1));
    });
}
