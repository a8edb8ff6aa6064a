//! An engine whose callbacks run in its interrupt, on a machine whose lock masks none: the callback would wait for the lock
//! that the code it interrupted holds.
use backend_mock::Mock;
use dmaengine_core::context::InInterrupt;
use dmaengine_core::engine::{ChannelSet, News, Progress};
use dmaengine_core::{ChannelId, Engine, Facts, Generation};

struct Interrupting(Mock);

// SAFETY: never compiled.
unsafe impl Engine for Interrupting {
    type Platform = Mock;
    type Callbacks = InInterrupt;
    type Channel = ();
    type Descriptor = ();
    type Peripheral = ();

    fn facts(&self) -> &Facts {
        self.0.facts()
    }
    fn platform(&self) -> &Mock {
        &self.0
    }
    fn open(&self, _: ChannelId) {}
    fn start(&self, _: &mut (), _: &mut (), _: Generation) {}
    fn stop(&self, _: &mut ()) {}
    fn is_stopped(&self, _: &mut ()) -> bool {
        true
    }
    fn progress(&self, _: &mut (), _: &()) -> Progress {
        Progress::default()
    }
    fn interrupt(&self) -> ChannelSet {
        ChannelSet(0)
    }
    fn service(&self, _: &mut (), _: Option<&mut ()>) -> Option<News> {
        None
    }
    fn reset(&self, _: &mut ()) -> bool {
        true
    }
    fn park(&self, _: &mut ()) {}
    fn release(&self, _: &mut (), _: &mut ()) {}
}

fn main() {}
