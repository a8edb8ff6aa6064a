//! What the board decides about the driver.

use dmaengine_core::Micros;

use crate::peripheral::Until;
use crate::regs::PswLayout;
use crate::soc::instances::Window;

/// How the driver behaves. [`Settings::default`] is right for a board that knows nothing better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// The AHB clock runs as fast as the core's: ACR. See [`Soc::clock_ratio`](crate::soc::Soc).
    pub equal_clocks: bool,
    /// The longest that a stop takes, if the hardware works: the longest burst of any channel, and channel 0's commands. Declared
    /// to clients; a busy-wait for a stop is never longer.
    ///
    /// "One BD cost time, maximum 1 ms" is NXP's word (in Linux 6.12 drivers/dma/imx-sdma.c); by default it is twice that.
    pub stop_bound: Micros,
    /// How long channel 0 may take for a command while the driver is set up, or for a program. Linux grants 500 µs, NXP's
    /// kernel 5 ms.
    pub command_bound: Micros,
    /// Where PSW has the channel that is on the core, for [`Poll`](crate::Poll).
    pub psw: PswLayout,
    /// The shared peripheral bus, which device-to-device transfers have to know:
    /// [`Instance::spba`](crate::soc::instances::Instance::spba).
    pub spba: Option<Window>,
    /// Whether a device-to-device transfer counts. If it does, it tells of its periods, and stops if it is not handed on in time;
    /// if not, it goes on by itself and tells of none, as in Linux.
    pub dev_to_dev: Until,
    /// Reads from a stopped channel's context how far its script came, so that the residue of a terminated transfer is exact.
    /// Where the standard scripts keep that is inferred from published code; what does not fit the descriptors is ignored.
    pub exact_residue: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            equal_clocks: false,
            stop_bound: Micros::from_millis(2),
            command_bound: Micros::from_millis(5),
            psw: PswLayout::Symmetric,
            spba: None,
            dev_to_dev: Until::Counted,
            exact_residue: true,
        }
    }
}
