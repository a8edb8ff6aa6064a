//! A backend that says nothing about how it knows that it has stopped. In Linux `device_synchronize` is optional, and a
//! driver without it lets its clients believe that they have waited.
use backend_mock::Mock;
use dmaengine_core::context::Deferred;
use dmaengine_core::engine::{ChannelSet, News, Progress};
use dmaengine_core::{ChannelId, Engine, Facts, Generation};

struct Hasty(Mock);

// SAFETY: never compiled.
unsafe impl Engine for Hasty {
    type Platform = Mock;
    type Callbacks = Deferred;
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
