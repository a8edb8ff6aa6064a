//! The client goes on writing into its ring after it has given the transfer up for its memory.
use backend_mock::Mock;
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};
use dmaengine_core::{Transfer, View};

fn after_the_end(mut ring: Transfer<'_, Mock, &'static mut [u8]>) {
    let mut view: View<'_, Mock> = ring.view(0, 4).unwrap();
    let bytes: &[AtomicU8] = view.bytes();
    let memory = ring.try_resolve().unwrap().buffer;
    bytes[0].store(1, Relaxed);
    drop(memory);
}

fn main() {}
