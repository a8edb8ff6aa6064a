//! A cookie asked again after its transfer was aborted and another has completed: Linux compares numbers and says
//! "complete". A transfer says once how it ended, and is gone.
use backend_mock::Mock;
use dmaengine_core::Transfer;

fn poll(transfer: Transfer<'_, Mock, &'static mut [u8]>) {
    let _first = transfer.try_resolve();
    let _second = transfer.try_resolve();
}

fn main() {}
