//! The scripts, each against a machine that is memory, one device and a clock.

mod chain;
mod channel0;
mod data;
mod device_to_device;
mod driver;
mod frozen;
mod slices;
mod table;
mod uart;
mod units;
