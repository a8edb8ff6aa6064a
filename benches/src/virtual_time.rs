//! The mock engine: a driver that does next to nothing over hardware in virtual time, which is in the figures with it. It stops a
//! microsecond after it was told, as channel 0 of the other does, and plays 48 kHz frames of four bytes.

use backend_mock::hw::{Nanos, NewsKind, Peripheral, StreamConfig};
use backend_mock::{Mock, MockConfig};
use dmaengine_core::{BusAddr, BusWidth, Cyclic, Direction, Micros, SlaveConfig};

use crate::ops::PERIOD;
use crate::rig::Rig;

impl Rig for Mock {
    const NAME: &'static str = "mock";
    type Hardware = ();

    fn new() -> ((), Self) {
        let stop = Micros(1);
        let mock = Self::new(MockConfig { stop_latency: stop, stop_bound: stop, ..MockConfig::default() });
        mock.hw().set_log(false);
        ((), mock)
    }

    fn request() -> Cyclic {
        let config = SlaveConfig::new(BusAddr(0), BusWidth::Two, ()).with_max_burst(6);
        Cyclic { direction: Direction::MemToDev, period: PERIOD, config }
    }

    /// A player remembers what it has played, so there is a new one.
    fn begin(&self, (): ()) {
        self.hw().attach(0, Peripheral::player(StreamConfig::default()));
    }

    fn answer(&self, (): ()) {
        self.hw().advance_to(self.hw().now() + Nanos::from_micros(1));
    }

    fn finish(&self, (): (), periods: u16) {
        let finished = |news| matches!(news, NewsKind::Periods(n) if n >= u32::from(periods));
        while !self.hw().peek_news(0).is_some_and(|news| finished(news.kind)) {
            let next = self.hw().next_news().expect("it runs");
            self.hw().advance_to(next);
        }
    }
}
