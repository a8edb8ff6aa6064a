//! The other 15 channels, all busy: two more sound interfaces both ways, a UART that sends, and ten copies.

use backend_imx_sdma::{Peripheral, StopMethod};
use dmaengine_core::{Active, BusWidth, Cyclic, Direction, Outcome, SlaveConfig, Transfer};
use sim_board::Engine;
use sim_imx_sdma::RegisterAccess;
use sim_imx_sdma::peripheral::{Ssi, SsiLines, Uart, UartLines};
use sim_imx_sdma::time::Clock;

use crate::bench::{BURST, Bench, PERIOD, RING, Ring, config};

/// Words of a copy.
const COPY: usize = 1_024;

const EVTPEND: u32 = 0x01C;

type Copied = (Ring, &'static [u32]);

/// The load, while it is there.
pub struct Load<'d, S: StopMethod> {
    copies: Vec<Copying<'d, S>>,
    rings: Vec<(Active<'d, Engine<S>>, Transfer<'d, Engine<S>, Ring>)>,
}

struct Copying<'d, S: StopMethod> {
    active: Active<'d, Engine<S>>,
    transfer: Option<Transfer<'d, Engine<S>, Copied>>,
    source: &'static [u32],
}

impl<'d, S: StopMethod> Load<'d, S> {
    /// Nobody else.
    pub fn none() -> Self {
        Self { copies: Vec::new(), rings: Vec::new() }
    }

    /// Sets the others to work.
    pub fn on(bench: &'d Bench<S>) -> Self {
        let mut this = Self::none();
        for (n, lines) in [SsiLines::SSI2, SsiLines::SSI3].into_iter().enumerate() {
            let base = 0x0202_C000 + 0x4000 * n as u32;
            let ssi = bench.board.hw(|hw| {
                let ssi = Ssi::new(Clock::IMX6, 44_100, lines);
                hw.bus().add_peripheral(base, 0x4000, ssi).unwrap()
            });
            this.ring(bench, Direction::DevToMem, config(base + 8, lines.rx[0], Peripheral::ssi_shared));
            this.ring(bench, Direction::MemToDev, config(base, lines.tx[0], Peripheral::ssi_shared));
            bench.board.hw(|hw| {
                let now = hw.now();
                let ssi = hw.bus().peripheral(ssi);
                ssi.set_up(now, BURST as u8, false);
                ssi.start_rx(now);
                ssi.start_tx(now);
            });
        }
        let uart = bench.board.hw(|hw| {
            let uart = Uart::new(Clock::IMX6, 3_000_000, UartLines::UART1);
            hw.bus().add_peripheral(0x0202_0000, 0x4000, uart).unwrap()
        });
        let mut sender = config(0x0202_0040, 26, Peripheral::uart_shared);
        sender = SlaveConfig::new(sender.address, BusWidth::One, sender.peripheral).with_max_burst(BURST as u16);
        this.ring(bench, Direction::MemToDev, sender);
        bench.board.hw(|hw| {
            let now = hw.now();
            hw.bus().peripheral(uart).set_up(now, 16, 16);
        });
        for _ in 0..10 {
            this.copy(bench);
        }
        this
    }

    fn channel(&self) -> u8 {
        (1 + self.rings.len() + self.copies.len()) as u8
    }

    fn ring(&mut self, bench: &'d Bench<S>, direction: Direction, config: SlaveConfig<Peripheral>) {
        let idle = bench.dma.channel(self.channel()).unwrap();
        let ring: Ring = vec![0; 2 * RING].leak();
        let prepared = idle.prep_cyclic(ring, &Cyclic { direction, period: 4 * PERIOD as u32, config }).unwrap();
        self.rings.push(idle.start(prepared).unwrap());
    }

    fn copy(&mut self, bench: &'d Bench<S>) {
        let channel = self.channel();
        let idle = bench.dma.channel(channel).unwrap();
        let source: &'static [u32] = (0..COPY as u32).map(|n| u32::from(channel) << 24 | n).collect::<Vec<_>>().leak();
        let target: Ring = vec![0; COPY].leak();
        let prepared = idle.prep_memcpy(target, source).unwrap();
        let (active, transfer) = idle.start(prepared).unwrap();
        self.copies.push(Copying { active, transfer: Some(transfer), source });
    }

    /// Looks at the copies that have ended, and begins anew. Rings whose script missed a request are woken.
    pub fn refresh(&mut self, bench: &Bench<S>) {
        bench.board.hw(|hw| hw.write32(EVTPEND, ((1 << self.rings.len()) - 1) << 2));
        for copying in &mut self.copies {
            match copying.transfer.take().unwrap().try_resolve() {
                Ok(ended) => {
                    assert_eq!(ended.outcome, Outcome::Completed);
                    let (target, source) = ended.buffer;
                    assert_eq!(target, copying.source, "a copy");
                    target.fill(0);
                    let prepared = copying.active.prep_memcpy(target, source).unwrap();
                    copying.transfer = Some(copying.active.submit(prepared).unwrap());
                    copying.active.issue();
                }
                Err(transfer) => copying.transfer = Some(transfer),
            }
        }
    }

    /// Stops them all; their transfers give back all they had.
    pub fn end(self, context: &dmaengine_core::Sleepable<'_>) {
        for (active, transfer) in self.rings {
            active.terminate_sync(context).unwrap();
            assert!(matches!(transfer.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
        }
        for Copying { active, transfer, .. } in self.copies {
            active.terminate_sync(context).unwrap();
            transfer.unwrap().try_resolve().unwrap();
        }
    }
}
