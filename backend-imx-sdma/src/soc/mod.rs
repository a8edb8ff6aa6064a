//! What differs from chip to chip.

pub mod scripts;
