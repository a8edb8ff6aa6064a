//! The ECSPI, both ways at once, with erratum ERR009165 and on a chip that has it not.

use backend_imx_sdma::soc::scripts::Script;
use backend_imx_sdma::{Peripheral, Soc};
use dmaengine_core::{BusWidth, Outcome};
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::peripheral::{Ecspi, EcspiLines};
use sim_imx_sdma::time::Clock;

use crate::bench::{Bench, LONG, buffer, imx6, items, line, packed, settings, slave};
use crate::image;

const BASE: u32 = 0x0200_8000;
const FOUR: BusWidth = BusWidth::Four;

/// ECSPI1, which hears what it says. It asks for 16 words when 32 or fewer are left, and to be freed of 16.
fn ecspi(bench: &Bench, smc: bool, glitch: u32) -> Handle<Ecspi> {
    let ecspi = bench.add(BASE, Ecspi::new(Clock::IMX6, 10_000_000, 32, EcspiLines::ECSPI1));
    bench.device(ecspi, |ecspi, now| {
        ecspi.set_up(now, 32, 15, smc, true);
        ecspi.set_glitch(glitch);
    });
    ecspi
}

/// What was sent, and what came back.
fn exchange(bench: &Bench, ecspi: Handle<Ecspi>, words: &[u32]) -> (Vec<u32>, Vec<u8>) {
    let bytes = packed(words, FOUR);
    let received = bench.run(|cpu, context| {
        let (sender, receiver) = (bench.idle(0), bench.idle(1));
        let config = slave(BASE, FOUR, 16, Peripheral::ecspi(line(3)));
        let receive = receiver.prep_slave_sg_from_device([buffer(&vec![0; bytes.len()])], &config).unwrap();
        let (receiving, received) = receiver.start(receive).unwrap();
        let config = slave(BASE + 4, FOUR, 16, Peripheral::ecspi(line(4)));
        let send = sender.prep_slave_sg_to_device([&*buffer(&bytes)], &config).unwrap();
        let (sending, sent) = sender.start(send).unwrap();
        assert_eq!(sent.wait(context, LONG).unwrap().outcome, Outcome::Completed);
        let received = received.wait(context, LONG).unwrap();
        assert_eq!(received.outcome, Outcome::Completed);
        sending.try_idle().unwrap();
        receiving.try_idle().unwrap();
        bench.pass(cpu, 1_000);
        let [received] = received.buffer;
        packed(received, FOUR)
    });
    (bench.device(ecspi, |ecspi, _| ecspi.taken().to_vec()), received)
}

/// By the script in RAM, which starts each exchange itself: a controller that would repeat words has no cause to.
#[test]
fn a_chip_with_the_erratum_sends_by_the_script_that_works_around_it() {
    let bench = Bench::with_firmware();
    let ecspi = ecspi(&bench, false, 5);
    let words = items(256, FOUR);
    let (sent, received) = exchange(&bench, ecspi, &words);
    assert_eq!((&sent[..], received), (&words[..], packed(&words, FOUR)));
    bench.board().hw(|hw| assert!((6144..6235).contains(&(hw.view().context(1)[0] & 0x3FFF))));
}

#[test]
fn a_chip_without_the_erratum_sends_by_the_plain_script_and_needs_no_firmware() {
    let bench = Bench::with(Soc::IMX6UL, imx6(), settings());
    let ecspi = ecspi(&bench, true, 0);
    let words = items(256, FOUR);
    let (sent, received) = exchange(&bench, ecspi, &words);
    assert_eq!((&sent[..], received), (&words[..], packed(&words, FOUR)));
}

/// The same, where the chip is taken for one without: words are sent twice. So the erratum shows in the test above.
#[test]
fn the_plain_script_on_a_chip_with_the_erratum_sends_words_twice() {
    let bench = Bench::with(Soc::IMX6UL, imx6(), settings());
    let ecspi = ecspi(&bench, true, 5);
    let words = items(256, FOUR);
    let (sent, _) = exchange(&bench, ecspi, &words);
    assert_ne!(sent, words);
    assert!(sent.len() > words.len());
}

#[test]
fn the_script_in_ram_has_the_place_that_the_image_says() {
    assert_eq!(image::imx6q().address(Script::Mcu2Ecspi), Some(6144));
    assert_eq!(Soc::IMX6Q.ecspi_tx_script(), Script::Mcu2Ecspi);
}
