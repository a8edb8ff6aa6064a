//! The other 15 channels, all busy: two more sound interfaces both ways (44.1 kHz stereo), a UART that sends 3 Mbaud, and ten
//! copies of 384 KB, each with the next one queued behind it.

use std::collections::VecDeque;

use backend_imx_sdma::{Peripheral, StopMethod};
use dmaengine_core::{Active, BusWidth, Cyclic, Direction, Outcome, SlaveConfig, Sleepable, Status, Transfer};
use sim_board::Engine;
use sim_imx_sdma::RegisterAccess;
use sim_imx_sdma::peripheral::{Ssi, SsiLines, Uart, UartLines};
use sim_imx_sdma::time::Clock;

use super::world::{BURST, PERIOD, Ring, World, config, ring};

/// Words of a copy.
const COPY: usize = 96 * 1_024;
/// How many copies go on at a time.
const COPIES: usize = 10;
/// Writing a bit wakes a channel.
const EVTPEND: u32 = 0x01C;

type Copied = (Ring, &'static [u32]);

/// The load, while it is there.
pub(super) struct Load<'d, S: StopMethod> {
    copies: Vec<Copying<'d, S>>,
    rings: Vec<(Active<'d, Engine<S>>, Transfer<'d, Engine<S>, Ring>)>,
}

struct Copying<'d, S: StopMethod> {
    active: Active<'d, Engine<S>>,
    transfers: VecDeque<Transfer<'d, Engine<S>, Copied>>,
}

impl<'d, S: StopMethod> Load<'d, S> {
    /// Nobody else.
    pub(super) fn none() -> Self {
        Self { copies: Vec::new(), rings: Vec::new() }
    }

    /// Sets the others to work.
    pub(super) fn on(world: &'d World<S>) -> Self {
        let mut this = Self::none();
        for (base, lines) in [(0x0202_C000, SsiLines::SSI2), (0x0203_0000, SsiLines::SSI3)] {
            let ssi = world.board.hw(|hw| {
                let ssi = Ssi::new(Clock::IMX6, 44_100, lines);
                hw.bus().add_peripheral(base, 0x4000, ssi).expect("nothing else is there")
            });
            this.ring(world, Direction::DevToMem, config(base + 8, lines.rx[0], Peripheral::ssi_shared));
            this.ring(world, Direction::MemToDev, config(base, lines.tx[0], Peripheral::ssi_shared));
            world.board.hw(|hw| {
                let now = hw.now();
                let ssi = hw.bus().peripheral(ssi);
                ssi.set_up(now, BURST as u8, false);
                ssi.start_rx(now);
                ssi.start_tx(now);
            });
        }
        let uart = world.board.hw(|hw| {
            let uart = Uart::new(Clock::IMX6, 3_000_000, UartLines::UART1);
            hw.bus().add_peripheral(0x0202_0000, 0x4000, uart).expect("nothing else is there")
        });
        let mut sender = config(0x0202_0040, 26, Peripheral::uart_shared);
        sender = SlaveConfig::new(sender.address, BusWidth::One, sender.peripheral).with_max_burst(BURST as u16);
        this.ring(world, Direction::MemToDev, sender);
        world.board.hw(|hw| {
            let now = hw.now();
            hw.bus().peripheral(uart).set_up(now, 16, 16);
        });
        for _ in 0..COPIES {
            this.copy(world);
        }
        this
    }

    /// How many channels it keeps busy.
    pub(super) fn channels(&self) -> usize {
        self.rings.len() + self.copies.len()
    }

    fn next_channel(&self) -> u8 {
        1 + self.channels() as u8
    }

    fn ring(&mut self, world: &'d World<S>, direction: Direction, config: SlaveConfig<Peripheral>) {
        let idle = world.dma.channel(self.next_channel()).expect("free");
        let request = Cyclic { direction, period: 4 * PERIOD as u32, config };
        let prepared = idle.prep_cyclic(ring(2), &request).expect("a ring");
        self.rings.push(idle.start(prepared).expect("its own channel"));
    }

    fn copy(&mut self, world: &'d World<S>) {
        let channel = self.next_channel();
        let idle = world.dma.channel(channel).expect("free");
        let source: &'static [u32] = (0..COPY as u32).map(|n| u32::from(channel) << 24 | n).collect::<Vec<_>>().leak();
        let prepared = idle.prep_memcpy(vec![0; COPY].leak(), source).expect("a copy");
        let (active, first) = idle.start(prepared).expect("its own channel");
        let mut copying = Copying { active, transfers: [first].into() };
        copying.queue((vec![0; COPY].leak(), source));
        self.copies.push(copying);
    }

    /// Looks at the copies that have ended, and queues them again. Rings whose script missed a request are woken.
    pub(super) fn refresh(&mut self, world: &World<S>) {
        let rings = ((1 << self.rings.len()) - 1) << 2;
        world.board.hw(|hw| hw.write32(EVTPEND, rings));
        self.copies.iter_mut().for_each(Copying::refresh);
    }

    /// None of the copies has run out of work since [`refresh`](Self::refresh).
    pub(super) fn is_busy(&self) -> bool {
        self.copies
            .iter()
            .all(|copying| copying.transfers.back().is_some_and(|last| last.status() != Status::Completed))
    }

    /// Stops them all; their transfers give back all they had.
    pub(super) fn end(self, context: &Sleepable<'_>) {
        for (active, transfer) in self.rings {
            active.terminate_sync(context).expect("the hardware works");
            let ended = transfer.try_resolve().expect("it was stopped");
            assert!(matches!(ended.outcome, Outcome::Aborted { .. }), "a ring ended by itself");
        }
        for Copying { active, transfers } in self.copies {
            active.terminate_sync(context).expect("the hardware works");
            assert!(transfers.into_iter().all(|transfer| transfer.try_resolve().is_ok()), "a copy has not ended");
        }
    }
}

impl<S: StopMethod> Copying<'_, S> {
    fn refresh(&mut self) {
        while let Some(first) = self.transfers.pop_front() {
            match first.try_resolve() {
                Ok(ended) => {
                    assert_eq!(ended.outcome, Outcome::Completed);
                    let (target, source) = ended.buffer;
                    assert_eq!(target, source, "a copy");
                    target.fill(0);
                    self.queue((target, source));
                }
                Err(first) => return self.transfers.push_front(first),
            }
        }
    }

    fn queue(&mut self, (target, source): Copied) {
        let prepared = self.active.prep_memcpy(target, source).expect("a copy");
        self.transfers.push_back(self.active.submit(prepared).expect("its own channel"));
        self.active.issue();
    }
}
