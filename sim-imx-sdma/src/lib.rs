//! The i.MX SDMA in software, seen through its registers: for testing drivers without the hardware.
//!
//! **What it is.** [`Sdma`] is one SDMA with a [`bus`] around it. A driver gets at it by [`RegisterAccess`], with the
//! descriptors and channel control blocks in memory as on the chip: channel 0 carries out commands, scripts move data between
//! memory and [peripherals](peripheral) that ask for it by request lines, and INTR says when. It is deterministic, and it
//! stands still until a test lets [`time`] pass. A test looks on (log, watchpoints, [`View`]), makes things go
//! [wrong](Trouble), and reads what the model has to [complain](ReportKind) about. Several live side by side.
//!
//! **What it is not.** It runs no SDMA instructions and contains no firmware: a script is known by its [kind](ScriptKind) and
//! the address where it begins, and does what that kind does. There is no processor, no cache and no second bus master; the
//! debugger (ONCE) and the external triggers are registers that hold what was written. What instructions cost is an estimate.
//!
//! # A transfer, from reset on
//!
//! ```
//! use sim_imx_sdma::peripheral::{Ssi, SsiLines};
//! use sim_imx_sdma::time::Clock;
//! use sim_imx_sdma::{Config, Ended, RegisterAccess, ScriptKind, Scripts, Sdma, Until, Variant};
//!
//! const CCBS: u32 = 0x1000_0000; // channel control blocks, 16 bytes each
//! const BD0: u32 = CCBS + 0x400; // channel 0's descriptor
//! const BD1: u32 = CCBS + 0x500; // channel 1's
//! const CONTEXT: u32 = CCBS + 0x800;
//! const BUFFER: u32 = CCBS + 0x1000;
//! const SSI1: u32 = 0x0202_8000;
//!
//! fn put(sdma: &mut Sdma, address: u32, words: &[u32]) {
//!     let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
//!     sdma.bus().poke(address, &bytes).expect("there is memory");
//! }
//!
//! let mut sdma = Sdma::new(Config::new(Variant::Imx6));
//! sdma.bus().add_ram(CCBS, 0x1_0000)?;
//! let ssi = sdma.bus().add_peripheral(SSI1, 0x4000, Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1))?;
//!
//! // As a driver begins: no request is for anybody; channel 0 needs none; contexts of 32 words, switched in full.
//! (0..48).for_each(|event| sdma.write32(0x200 + 4 * event, 0)); // CHNENBL
//! for (register, value) in [(0x010, 1), (0x05C, 0x4050), (0x038, 0), (0x000, CCBS), (0x100, 7)] {
//!     sdma.write32(register, value); // EVTOVR, CHN0ADDR, CONFIG, MC0PTR, CHNPRI0
//! }
//! // Channel 0 loads a context for channel 1: script, request 38, device, 8 words at a time. SETDM, 32 words, to 2048 + 32.
//! let mut context = [0; 32];
//! context[0] = Scripts::imx6().entry(ScriptKind::Mcu2App).expect("it is in ROM").into();
//! (context[2], context[8], context[9]) = (1 << (38 - 32), SSI1, 32);
//! put(&mut sdma, CONTEXT, &context);
//! put(&mut sdma, BD0, &[0x0183_0020, CONTEXT, 2048 + 32]);
//! put(&mut sdma, CCBS, &[BD0, BD0, 0, 0, BD1, BD1, 0, 0]);
//! sdma.write32(0x00C, 1 << 0); // HSTART
//! while sdma.read32(0x008) & 1 != 0 {} // STOP_STAT: each access takes its time
//!
//! // 480 frames, one descriptor with an interrupt at its end.
//! let samples: Vec<u32> = (0..960).collect();
//! put(&mut sdma, BUFFER, &samples);
//! put(&mut sdma, BD1, &[0x0009_0000 | 4 * 960, BUFFER, 0]);
//! sdma.write32(0x200 + 4 * 38, 1 << 1);
//! sdma.write32(0x104, 3); // CHNPRI1
//! sdma.write32(0x00C, 1 << 1);
//! let now = sdma.now();
//! sdma.bus().peripheral(ssi).set_up(now, 8, false);
//! sdma.bus().peripheral(ssi).request_tx(now, true);
//! sdma.run_for(Clock::IMX6.from_micros(30));
//! let now = sdma.now();
//! sdma.bus().peripheral(ssi).start_tx(now);
//! let limit = now + Clock::IMX6.from_micros(11_000);
//! assert_eq!(sdma.run_until(Until::Interrupt { limit }), Ended::Interrupt);
//! assert_eq!(sdma.read32(0x004), 1 << 1); // INTR
//! assert!(samples.starts_with(sdma.bus().peripheral(ssi).taken(0)));
//! assert_eq!(sdma.reports(), []);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Under a driver
//!
//! A driver that has a trait of its own for its registers gets an implementation on a type around `Sdma`, of one line a method:
//!
//! ```
//! # use sim_imx_sdma::{Config, RegisterAccess, Sdma, Variant};
//! # trait Mmio { fn get(&mut self, offset: u32) -> u32; fn set(&mut self, offset: u32, value: u32); }
//! # struct Simulated(Sdma);
//! impl Mmio for Simulated {
//!     fn get(&mut self, offset: u32) -> u32 { self.0.read32(offset) }
//!     fn set(&mut self, offset: u32, value: u32) { self.0.write32(offset, value) }
//! }
//! # assert_eq!(Simulated(Sdma::new(Config::new(Variant::Imx6))).get(0x05C), 0x50);
//! ```
//!
//! `Sdma` is `Send`: drivers that are shared put it behind their lock. A RAM script that the driver loads has to be announced
//! ([`Scripts::with_firmware`], [`Scripts::with_ram`]), because it is known by its address alone.
//!
//! # Trouble on demand
//!
//! | [`Trouble`] | what a driver meets | how often |
//! |---|---|---|
//! | `HoldCore` | a script that comes to no switch point for a time; channel 0 waits | once |
//! | `Hang` | the same for ever, until RESCHED or RESET; for channel 0, a command that never ends | once |
//! | `SlowChannel0` | commands that take longer | from now on |
//! | `LostInterrupt` | INTR without the interrupt line | once |
//! | `LateInterrupt` | INTR at once, the line later | once |
//! | `DoubledInterrupt` | an interrupt that comes again, with its bit, after it was cleared | once |
//! | `StaleInterrupt` | the line up while INTR reads 0 | once |
//! | `BusError` | memory, or a descriptor, that the SDMA cannot reach | from now on |
//! | `WrongCount` | a descriptor given back with another count | once |
//! | `TrailingSave` | a context that is overwritten after it was loaded | from now on |
//!
//! One needs no switch: a request that comes between a script's last look at its line and the `done 4` that clears EP is
//! forgotten, and [reported](ReportKind::LostWakeup).
//!
//! # What is not certain
//!
//! Facts are from public manuals and drivers. Where they say nothing, or not the same, the code says so where it matters, with
//! "Inferred" (and from what), "Unconfirmed" or "Conflict". A driver should not rest on these:
//!
//! | what | here |
//! |---|---|
//! | an edge between the level check and `done 4` | EP is cleared, and the case reported |
//! | a dynamic save | writes the program counter and what has changed, at the switch |
//! | what the burst unit has buffered at a forced switch | read-ahead is read again, unflushed data is lost |
//! | where scripts of the ROM leave the core | after each burst, and while their line is low |
//! | how ROM helpers close a descriptor | mode word, INTR, control block, in this order |
//! | an illegal instruction with ILLINSTADDR as after reset | the channel clears its HE |
//! | PSW | channel in 5 bits ([`PswLayout`]); asleep: the last channel, priority 0 |
//! | ones in reserved bits, accesses of 8 or 16 bit | dropped, and reported |
//! | EVT_MIRROR | keeps edges until it is read |
//! | GETPM | 0x06 and 0x08 |
//! | SPDIF, SAI and HDMI scripts | what their arguments say; their code is not public |
//! | costs | [`Costs`]: those of the switches are published, those of accesses and instructions are not |
//!
//! # From the outside in
//!
//! `sim` is the whole, `window` the registers, `core` the channel that runs and the switches between channels, `sched` who is
//! next, `script` what the programs do, `bus` what they move data between.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod bus;
pub mod peripheral;
pub mod time;

mod config;
mod core;
mod interrupt;
mod machine;
mod ram;
mod registers;
mod report;
mod sched;
mod script;
mod sim;
mod trouble;
mod view;
mod window;

pub use config::{Config, Costs, PswLayout, Spba, Variant};
pub use report::{Report, ReportKind};
pub use script::table::{Firmware, ScriptKind, Scripts};
pub use sim::{Ended, Sdma, Until};
pub use trouble::Trouble;
pub use view::View;
pub use window::{Register, RegisterAccess, Rule, registers};
