//! One thread terminates, and frees what another has prepared and is about to submit (J. Hai, dmaengine list, July
//! 2023).
use backend_mock::Mock;
use dmaengine_core::{Active, Prepared};

fn race<'d>(active: Active<'d, Mock>, prepared: Prepared<'d, Mock, &'static mut [u8]>) {
    std::thread::scope(|scope| {
        scope.spawn(move || prepared.cancel());
        let _ = active.submit(prepared);
    });
}

fn main() {}
