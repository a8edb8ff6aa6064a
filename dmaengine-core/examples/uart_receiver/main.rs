//! A serial port that hears three messages, with a driver that knows no engine: blocking, as a task, and too late.
//!
//! `cargo run -p dmaengine-core --example uart_receiver`

#[path = "../common/mod.rs"]
mod common;
#[allow(dead_code, reason = "a driver offers more than a demo shows")]
mod driver;

use std::future::Future;
use std::sync::Arc;

use backend_mock::hw::Nanos;
use common::{Executor, attach_line, board, cpu};
use dmaengine_core::{BusAddr, BusWidth, Micros, SlaveConfig};
use driver::{ReadError, Receiver, Timer, UartConfig};

/// 115,200 baud: 86.8 µs to a byte.
const BYTES_PER_SECOND: u32 = 11_520;

impl Timer for Executor<'_, '_> {
    fn after(&self, time: Micros) -> impl Future<Output = ()> {
        Executor::after(self, time)
    }
}

fn main() {
    let dma = board();
    let cpu = cpu(&dma);
    let now = || dma.engine().hw().now();
    let burst = |ms: u64, text: &str| (Nanos::from_micros(1_000 * ms), Arc::from(text.as_bytes()));
    let flood = "and on ".repeat(20);
    let said = [burst(2, "ping"), burst(20, "It fills more than a period. It fills two."), burst(50, &flood)];
    attach_line(dma.engine(), 0, BYTES_PER_SECOND, &said);

    let device = SlaveConfig::new(BusAddr(0x0202_0000), BusWidth::One, ());
    let config = UartConfig { device, period: 16, idle: Micros(500) };
    let ring: &'static mut [u8] = vec![0; 64].leak();
    let mut uart = Receiver::start(dma.channel(0).unwrap(), ring, &config).unwrap();
    let mut out = [0; 64];

    cpu.thread(|context| {
        let count = uart.read(context, &mut out, Micros::from_millis(10)).unwrap();
        println!("{}: blocking, {:?}", now(), String::from_utf8_lossy(&out[..count]));
        let silence = uart.read(context, &mut out, Micros::from_millis(5));
        println!("{}: blocking, {:?}", now(), silence.unwrap_err());
    });

    let executor = Executor::new(&cpu, dma.engine());
    executor.block_on(async {
        for _ in 0..3 {
            let count = uart.read_async(&executor, &mut out).await.unwrap();
            println!("{}: as a task, {:?}", now(), String::from_utf8_lossy(&out[..count]));
        }
    });

    // Nobody reads for a while, and the ring goes round more than once.
    cpu.run_until(Nanos::from_micros(60_000));
    cpu.thread(|context| {
        let Err(ReadError::Overrun { lost }) = uart.read(context, &mut out, Micros::from_millis(1)) else {
            panic!("the ring has 64 bytes");
        };
        println!("{}: too late, {lost} bytes are lost", now());
        let count = uart.read(context, &mut out, Micros::from_millis(10)).unwrap();
        println!("{}: and on with {:?}", now(), String::from_utf8_lossy(&out[..count]));

        let (_idle, ring) = uart.stop().synchronize(context).unwrap();
        println!("{}: stopped, and the ring of {} bytes is back", now(), ring.len());
    });
}
