//! What the whole has to get right, seen as a driver sees it: registers, descriptors in memory, and commands to channel 0.
//!
//! The acceptance list has 13 items; the tests of item n are named `acceptance_n_`. Those for which no published script has
//! the instruction (`done 3`, `yieldge`) are beside the scheduler, in the library.

mod acceptance_channel0;
mod acceptance_descriptors;
mod acceptance_registers;
mod acceptance_scheduling;
mod acceptance_stop;
mod hazards;
mod instances;
mod rig;
mod traces;
mod trouble;
