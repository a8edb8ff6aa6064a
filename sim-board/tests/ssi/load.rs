//! The other fourteen channels, all busy: two more SSIs both ways, and memory copies, which never rest.

use std::sync::Arc;

use backend_imx_sdma::Fence;
use dmaengine_core::{Active, BusWidth, Cyclic, Direction, Outcome, Sleepable, Transfer};
use sim_board::{Engine, SsiInstance, SsiPort};

use crate::bench::{Bench, CHANNELS, RECORD, Ring};

/// Bytes of a copy. Short ones would keep channel 0 busy rather than the others: ten commands in a row take 30 µs.
const COPY: usize = 20_000;

struct Copying<'b> {
    active: Active<'b, Engine<Fence>>,
    transfer: Option<Transfer<'b, Engine<Fence>, (Ring, &'static [u8])>>,
    source: &'static [u8],
}

pub struct Load<'b> {
    rings: Vec<(Active<'b, Engine<Fence>>, Transfer<'b, Engine<Fence>, Ring>)>,
    copies: Vec<Copying<'b>>,
    ports: Vec<SsiPort>,
    copied: u64,
}

impl<'b> Load<'b> {
    pub fn on(bench: &'b Bench) -> Self {
        let mut this = Self { rings: vec![], copies: vec![], ports: vec![], copied: 0 };
        for instance in [SsiInstance::Ssi2, SsiInstance::Ssi3] {
            let port = SsiPort::new(&bench.board, instance);
            port.set_up(BusWidth::Two, 2, 44_100).unwrap();
            port.wire().keep(false);
            port.wire().record(Arc::new([1, 2, 3, 4]));
            for direction in [Direction::MemToDev, Direction::DevToMem] {
                let idle = bench.dma.channel(this.channel()).unwrap();
                let request = Cyclic { direction, period: 256, config: port.slave_config(direction).unwrap() };
                let prepared = idle.prep_cyclic::<Ring>(vec![0; 1_024].leak(), &request).unwrap();
                this.rings.push(idle.start(prepared).unwrap());
            }
            port.start_tx().unwrap();
            port.start_rx().unwrap();
            this.ports.push(port);
        }
        while usize::from(this.channel()) < CHANNELS {
            let idle = bench.dma.channel(this.channel()).unwrap();
            let source: &'static [u8] = vec![this.channel(); COPY].leak();
            let prepared = idle.prep_memcpy::<Ring, _>(vec![0; COPY].leak(), source).unwrap();
            let (active, transfer) = idle.start(prepared).unwrap();
            this.copies.push(Copying { active, transfer: Some(transfer), source });
        }
        this
    }

    fn channel(&self) -> u8 {
        RECORD + 1 + (self.rings.len() + self.copies.len()) as u8
    }

    /// Looks at the copies that have ended, and begins anew.
    pub fn refresh(&mut self) {
        for copying in &mut self.copies {
            match copying.transfer.take().unwrap().try_resolve() {
                Ok(ended) => {
                    assert_eq!(ended.outcome, Outcome::Completed);
                    let (target, source) = ended.buffer;
                    assert_eq!(target, copying.source, "a copy");
                    self.copied += 1;
                    target.fill(0);
                    let prepared = copying.active.prep_memcpy(target, source).unwrap();
                    copying.transfer = Some(copying.active.submit(prepared).unwrap());
                    copying.active.issue();
                }
                Err(transfer) => copying.transfer = Some(transfer),
            }
        }
    }

    /// How many copies have ended.
    pub fn copied(&self) -> u64 {
        self.copied
    }

    pub fn end(self, context: &Sleepable<'_>) {
        for port in self.ports {
            port.stop_tx();
            port.stop_rx();
        }
        for (active, transfer) in self.rings {
            active.terminate_sync(context).unwrap();
            transfer.try_resolve().unwrap();
        }
        for Copying { active, transfer, .. } in self.copies {
            active.terminate_sync(context).unwrap();
            transfer.unwrap().try_resolve().unwrap();
        }
    }
}
