//! The registers of an SSI that its driver uses (i.MX 6Dual/6Quad RM, chapter "Synchronous Serial Interface (SSI)").

pub(super) const STX0: u32 = 0x00;
pub(super) const SRX0: u32 = 0x08;
pub(super) const SCR: u32 = 0x10;
pub(super) const SISR: u32 = 0x14;
pub(super) const SIER: u32 = 0x18;
pub(super) const STCR: u32 = 0x1C;
pub(super) const SRCR: u32 = 0x20;
pub(super) const STCCR: u32 = 0x24;
pub(super) const SRCCR: u32 = 0x28;
pub(super) const SFCSR: u32 = 0x2C;
pub(super) const SOR: u32 = 0x34;

pub(super) const SCR_SSIEN: u32 = 1 << 0;
pub(super) const SCR_TE: u32 = 1 << 1;
pub(super) const SCR_RE: u32 = 1 << 2;
pub(super) const SCR_NET: u32 = 1 << 3;
pub(super) const SCR_SYN: u32 = 1 << 4;
pub(super) const SISR_TUE0: u32 = 1 << 8;
pub(super) const SISR_ROE0: u32 = 1 << 10;
pub(super) const SISR_TRFC: u32 = 1 << 23;
pub(super) const SISR_RFRC: u32 = 1 << 24;
pub(super) const SIER_TDMAE: u32 = 1 << 20;
pub(super) const SIER_RDMAE: u32 = 1 << 22;
/// `STCR`, `SRCR`: FIFO 0 is in use, and words are at the lower end of a register. The clocks come from outside.
pub(super) const CR_FEN0_BIT0: u32 = 1 << 7 | 1 << 9;
pub(super) const SOR_TX_CLR: u32 = 1 << 4;
pub(super) const SOR_RX_CLR: u32 = 1 << 5;

/// `STCCR`, `SRCCR`: so many words of so many bits, an even number.
pub(super) const fn frame(slots: u32, bits: u32) -> u32 {
    (bits / 2 - 1) << 13 | (slots - 1) << 8
}

/// `SFCSR`: `TFWM0`, `RFWM0`.
pub(super) const fn watermarks(words: u32) -> u32 {
    words | words << 4
}

/// `SFCSR`: `TFCNT0`, the words in transmit FIFO 0.
pub(super) const fn tx_level(sfcsr: u32) -> u32 {
    sfcsr >> 8 & 0xF
}
