//! A full-duplex exchange with a slave, with a driver that knows no engine: blocking, as a task, cancelled, and with a slave
//! that stops answering.
//!
//! `cargo run -p dmaengine-core --example spi_duplex`

#[path = "../common/mod.rs"]
mod common;
#[allow(dead_code, reason = "a driver offers more than a demo shows")]
mod driver;

use std::sync::Arc;

use backend_mock::hw::{Nanos, Peripheral, StreamConfig};
use common::{Executor, attach_line, board, cpu};
use dmaengine_core::{BusAddr, BusWidth, Micros, SlaveConfig};
use driver::{Bytes, Ended, Spi};

/// A byte in 10 µs.
const BYTES_PER_SECOND: u32 = 100_000;

fn main() {
    let dma = board();
    let (cpu, mock) = (cpu(&dma), dma.engine());
    // The slave takes what it is sent, and answers at these times.
    let stream = StreamConfig { rate: BYTES_PER_SECOND, frame_bytes: 1, ..StreamConfig::default() };
    mock.hw().attach(0, Peripheral::player(stream));
    let answer = |ms: u64, text: &str| (Nanos::from_micros(1_000 * ms), Arc::from(text.as_bytes()));
    attach_line(mock, 1, BYTES_PER_SECOND, &[answer(0, "first answer"), answer(3, "other answer"), answer(20, "I am")]);

    let device = |register| SlaveConfig::new(BusAddr(register), BusWidth::One, ());
    let [tx, rx] = [0, 1].map(|channel| dma.channel(channel).unwrap());
    let spi = Spi { tx, rx, to: device(0x0200_8004), from: device(0x0200_8000) };
    let question = |text: &str| -> Bytes { text.as_bytes().to_vec().leak() };
    let tell = |how: &str, Ended { end, tx, rx }: Ended| {
        let answer = String::from_utf8_lossy(&rx.buffer[..rx.valid]);
        println!("{}: {how}: {end:?}, {} bytes sent, answer {answer:?}", mock.hw().now(), tx.valid);
        (tx.buffer, rx.buffer)
    };

    let spi = cpu.thread(|context| {
        let exchange = spi.start(question("the question"), question("............")).unwrap();
        let (spi, ended) = exchange.wait(context, Micros::from_millis(1)).unwrap();
        tell("blocking", ended);
        spi
    });

    let executor = Executor::new(&cpu, mock);
    let spi = executor.block_on(async {
        executor.after(Micros(2_700)).await;
        let exchange = spi.start(question("the question"), question("............")).unwrap();
        let (spi, ended) = exchange.run(executor.after(Micros::from_millis(1))).await.unwrap();
        let (tx, rx) = tell("as a task", ended);

        let mut exchange = spi.start(tx, rx).unwrap();
        // The task has better things to do after a while.
        let _gave_up = executor.race(exchange.done(), Micros(500)).await;
        let mut halting = exchange.stop();
        halting.quiescent().await.unwrap();
        let (spi, ended) = halting.try_finish().unwrap();
        tell("cancelled", ended);
        spi
    });

    cpu.run_until(Nanos::from_micros(19_900));
    cpu.thread(|context| {
        let exchange = spi.start(question("the question"), question("............")).unwrap();
        let (_spi, ended) = exchange.wait(context, Micros::from_millis(2)).unwrap();
        tell("timed out", ended);
    });
}
