//! Firmware images: what is read from a good one, and what each bad one is told.
//!
//! No image here holds NXP's code: headers and tables are made up or have the published numbers, the code is zeros.

mod defects;
mod image;
mod known;
mod layouts;
mod random;
