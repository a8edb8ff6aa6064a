//! The driver on this board: its own registers at their address, and a piece of memory for it and the SDMA.
//!
//! The module has `unsafe` because it promises the driver both.

use alloc::vec;
use core::ptr::NonNull;

use backend_imx_sdma::soc::instances;
use backend_imx_sdma::{Fence, ImxSdma, Mmio, Settings, SharedMemory, Soc, StopMethod};
use dmaengine_core::BusAddr;

use crate::platform::Board;
use crate::{gic, irq};

/// The engine, with a way to know that a channel has stopped.
pub type Sdma<S = Fence> = ImxSdma<Board, Mmio, S>;

/// Transfers that there is room for, and segments or periods of each.
pub const TRANSFERS: usize = 32;
/// Segments or periods of a transfer.
pub const SEGMENTS: u16 = 64;

/// The driver, set up. [`hardware::mount`](crate::hardware::mount) comes first.
///
/// # Panics
/// If the SDMA does not answer.
#[must_use]
pub fn driver<S: StopMethod>(settings: Settings) -> Sdma<S> {
    let instance = instances::IMX6Q;
    let memory = vec![0_u64; SharedMemory::bytes_for(TRANSFERS, SEGMENTS).div_ceil(8)].leak();
    let (bytes, memory) = (size_of_val(memory), NonNull::from(memory).cast::<u8>());
    let bus = BusAddr(memory.as_ptr().addr() as u64);
    let base = NonNull::new(instance.base as usize as *mut u32).expect("it is not at 0");
    // SAFETY: the registers answer at their address for as long as the program runs. The memory is leaked and nobody else's, and the
    // SDMA sees it where it is, uncached.
    let (regs, memory) = unsafe { (Mmio::new(base), SharedMemory::new(memory, bus, bytes, SEGMENTS)) };
    let mut settings = settings;
    settings.spba = instance.spba;
    ImxSdma::new(Soc::IMX6Q, regs, Board, memory, settings).expect("the SDMA answers")
}

/// Has a handler called when the SDMA interrupts, on this core.
pub fn on_interrupt(handler: fn()) {
    irq::handle(gic::SDMA, irq::NORMAL, handler);
}
