//! A client that works on engines whose callbacks interrupt it, and shares data with them behind a lock that masks nothing.
use dmaengine_core::Engine;
use dmaengine_core::context::{CallbackContext, InInterrupt};
use dmaengine_core::lock::{Locked, RawLock, ThreadLock};

fn shared<E: Engine, L: RawLock>() -> Locked<L, u64>
where
    E::Callbacks: CallbackContext<L>,
{
    Locked::new(0)
}

fn client<E: Engine<Callbacks = InInterrupt>>() {
    shared::<E, ThreadLock>();
}

fn main() {}
