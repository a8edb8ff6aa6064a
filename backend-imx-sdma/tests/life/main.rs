//! The driver's whole life on the simulated SDMA: set up, given firmware, at work for every kind of device, put to sleep, reset.
//!
//! [`bench`] is the board with the driver on it, [`machine`] what may be wrong between the two, [`image`] firmware without code.

mod bench;
mod image;
mod machine;

mod copy;
mod ecspi;
mod firmware;
mod firmware_errors;
mod from_asrc;
mod hdmi;
mod release;
mod reset;
mod sai;
mod setup;
mod sleep;
mod spdif;
mod ssi;
mod together;
mod uart;
