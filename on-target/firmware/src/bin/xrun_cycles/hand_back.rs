//! Memory that is the client's: nobody on the SDMA's bus may touch it.

use core::ops::Range;

use board::hardware;
use sim_imx_sdma::bus::Watch;

/// A watch on memory that was handed back.
#[must_use]
pub struct HandedBack(Watch);

impl HandedBack {
    /// From now on.
    pub fn watch(memory: &Range<u32>) -> Self {
        Self(hardware::hw(|sdma| {
            let now = sdma.now();
            sdma.bus().watch(memory.clone(), now)
        }))
    }

    /// Up to now nobody has.
    pub fn check(self) {
        assert_eq!(hardware::hw(|sdma| sdma.bus().unwatch(self.0)), [], "memory that was handed back was touched");
    }
}
