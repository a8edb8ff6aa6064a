//! A DMA engine in virtual time, for trying out clients of [`dmaengine-core`](dmaengine_core) and for testing what a
//! stop does.
//!
//! Three layers, each on the one below:
//!
//! - [`hw`]: the hardware. A controller with stop latency, memory behind an IOMMU with a log of every access, and
//!   peripherals that give or take a frame each 1/rate seconds. It knows nobody and is deterministic to the nanosecond.
//! - [`Mock`]: the driver, an [`Engine`](dmaengine_core::Engine) over that hardware; and [`Cpu`], which plays the
//!   processor: it hands out contexts, delivers interrupts when it likes, and counts the time spent with them off.
//! - [`linux`]: how Linux 5.4 and 5.8 kept their lists on the same hardware. They show the failure; they are no engines.
//!
//! ```
//! use backend_mock::{Cpu, Mock, MockConfig, hw::StopLatency};
//! use dmaengine_core::{Dma, Micros};
//!
//! // An engine that needs 2 ms to stop, promises to stop within 3 ms, and whose interrupts nobody handles yet.
//! let config = MockConfig { stop_latency: Micros(2_000), stop_bound: Micros(3_000), ..MockConfig::default() };
//! let dma: Dma<Mock, 2> = Dma::new(Mock::new(config));
//! let cpu = Cpu::new(dma.engine(), |atomic| dma.interrupt(atomic, &mut |_, _| ()));
//! cpu.thread(|context| context.sleep(Micros(500)));
//! assert_eq!(dma.engine().hw().now().as_micros(), 500);
//! # let _ = StopLatency::Never;
//! ```
#![no_std]

extern crate alloc;

pub mod faulty;
pub mod hw;
pub mod linux;

mod cpu;
mod engine;

pub use cpu::Cpu;
pub use engine::{Mock, MockChannel, MockConfig, MockDescriptor};
