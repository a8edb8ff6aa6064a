//! Which request lines an SSI pulls.

/// The request lines of an SSI, each 0 to 47.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SsiLines {
    /// Of receive FIFO 0 and 1.
    pub rx: [u8; 2],
    /// Of transmit FIFO 0 and 1.
    pub tx: [u8; 2],
}

impl SsiLines {
    /// Of SSI1 on i.MX6 (i.MX 6Dual/6Quad RM, table "SDMA event mapping").
    pub const SSI1: Self = Self { rx: [37, 35], tx: [38, 36] };
    /// Of SSI2.
    pub const SSI2: Self = Self { rx: [41, 39], tx: [42, 40] };
    /// Of SSI3.
    pub const SSI3: Self = Self { rx: [45, 43], tx: [46, 44] };
}
