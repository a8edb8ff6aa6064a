//! The DMA request lines of i.MX6 Quad, Dual, DualLite and Solo.
//!
//! Sources: `sdma_event.h` of Freescale's i.MX6 Platform SDK, and Linux 6.12 `imx6qdl.dtsi`. Lines that two peripherals
//! share are switched by bits of `IOMUXC_GPR`; eCSPI5 is on i.MX6 Quad and Dual alone.

/// Video processor.
pub const VPU: u8 = 0;
/// Power controller.
pub const GPC: u8 = 1;
/// Image processor; or external request 0, which HDMI audio takes, by the multiplexer.
pub const IPU1: u8 = 2;
/// eCSPI1, received. Shared with I2C3.
pub const ECSPI1_RX: u8 = 3;
/// eCSPI1, to send. Shared with I2C2.
pub const ECSPI1_TX: u8 = 4;
/// eCSPI2, received. Shared with I2C1.
pub const ECSPI2_RX: u8 = 5;
/// eCSPI2, to send.
pub const ECSPI2_TX: u8 = 6;
/// eCSPI3, received.
pub const ECSPI3_RX: u8 = 7;
/// eCSPI3, to send.
pub const ECSPI3_TX: u8 = 8;
/// eCSPI4, received. Shared with EPIT2.
pub const ECSPI4_RX: u8 = 9;
/// eCSPI4, to send. Shared with I2C1, its second place.
pub const ECSPI4_TX: u8 = 10;
/// eCSPI5, received.
pub const ECSPI5_RX: u8 = 11;
/// eCSPI5, to send.
pub const ECSPI5_TX: u8 = 12;
/// General purpose timer.
pub const GPT: u8 = 13;
/// S/PDIF, received; or external request 1.
pub const SPDIF_RX: u8 = 14;
/// S/PDIF, to send.
pub const SPDIF_TX: u8 = 15;
/// Periodic interrupt timer 1.
pub const EPIT1: u8 = 16;
/// Sample rate converter, input of pair A.
pub const ASRC_RX_A: u8 = 17;
/// Sample rate converter, input of pair B.
pub const ASRC_RX_B: u8 = 18;
/// Sample rate converter, input of pair C.
pub const ASRC_RX_C: u8 = 19;
/// Sample rate converter, output of pair A.
pub const ASRC_TX_A: u8 = 20;
/// Sample rate converter, output of pair B.
pub const ASRC_TX_B: u8 = 21;
/// Sample rate converter, output of pair C.
pub const ASRC_TX_C: u8 = 22;
/// ESAI, received. Shared with I2C3, its second place.
pub const ESAI_RX: u8 = 23;
/// ESAI, to send.
pub const ESAI_TX: u8 = 24;
/// UART1, received.
pub const UART1_RX: u8 = 25;
/// UART1, to send.
pub const UART1_TX: u8 = 26;
/// UART2, received.
pub const UART2_RX: u8 = 27;
/// UART2, to send.
pub const UART2_TX: u8 = 28;
/// UART3, received.
pub const UART3_RX: u8 = 29;
/// UART3, to send.
pub const UART3_TX: u8 = 30;
/// UART4, received.
pub const UART4_RX: u8 = 31;
/// UART4, to send.
pub const UART4_TX: u8 = 32;
/// UART5, received.
pub const UART5_RX: u8 = 33;
/// UART5, to send.
pub const UART5_TX: u8 = 34;
/// SSI1, second FIFO, received.
pub const SSI1_RX1: u8 = 35;
/// SSI1, second FIFO, to send.
pub const SSI1_TX1: u8 = 36;
/// SSI1, first FIFO, received: the one that is used.
pub const SSI1_RX0: u8 = 37;
/// SSI1, first FIFO, to send: the one that is used.
pub const SSI1_TX0: u8 = 38;
/// SSI2, second FIFO, received.
pub const SSI2_RX1: u8 = 39;
/// SSI2, second FIFO, to send.
pub const SSI2_TX1: u8 = 40;
/// SSI2, first FIFO, received: the one that is used.
pub const SSI2_RX0: u8 = 41;
/// SSI2, first FIFO, to send: the one that is used.
pub const SSI2_TX0: u8 = 42;
/// SSI3, second FIFO, received.
pub const SSI3_RX1: u8 = 43;
/// SSI3, second FIFO, to send.
pub const SSI3_TX1: u8 = 44;
/// SSI3, first FIFO, received: the one that is used.
pub const SSI3_RX0: u8 = 45;
/// SSI3, first FIFO, to send: the one that is used.
pub const SSI3_TX0: u8 = 46;
/// Content protection.
pub const DTCP: u8 = 47;
/// I2C1, in the place of eCSPI2.
pub const I2C1: u8 = ECSPI2_RX;
/// I2C1, its second place: that of eCSPI4.
pub const I2C1_B: u8 = ECSPI4_TX;
/// I2C2, in the place of eCSPI1.
pub const I2C2: u8 = ECSPI1_TX;
/// I2C3, in the place of eCSPI1.
pub const I2C3: u8 = ECSPI1_RX;
/// I2C3, its second place: that of ESAI.
pub const I2C3_B: u8 = ESAI_RX;
/// EPIT2, in the place of eCSPI4.
pub const EPIT2: u8 = ECSPI4_RX;
/// External request 0, in the place of the image processor: HDMI audio.
pub const EXT0: u8 = IPU1;
/// External request 1, in the place of S/PDIF.
pub const EXT1: u8 = SPDIF_RX;
