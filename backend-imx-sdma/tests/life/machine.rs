//! The board as the driver gets it, and what may be wrong between the two. It counts, too.

use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard};

use backend_imx_sdma::Registers;
use dmaengine_core::{BusAddr, Direction, Micros, Platform, PrepError, Region};
use sim_board::{Board, SimLock};
use sim_imx_sdma::Trouble;

/// What is wrong, and what was counted.
#[derive(Debug, Default)]
pub struct State {
    /// Registers read 0.
    pub dead: bool,
    /// The bit that says that a reset is under way stays.
    pub reset_sticks: bool,
    /// The block has no power: who touches a register now hangs the bus, and the test.
    pub off: bool,
    /// No memory can be mapped.
    pub refuses: bool,
    /// Memory is mapped above 4 GB.
    pub far: bool,
    /// The SDMA gets an error in the middle of what is mapped.
    pub broken: bool,
    /// Somebody comes by once, while the driver waits for channel 0: is told, and says when he has gone.
    pub visitor: Option<(Sender<()>, Receiver<()>)>,
    /// Regions that are mapped.
    pub mapped: i32,
    /// Accesses to registers.
    pub accesses: u64,
}

#[derive(Clone, Debug)]
pub struct Machine {
    pub board: Board,
    state: Arc<Mutex<State>>,
}

impl Machine {
    pub fn new(board: Board) -> Self {
        Self { board, state: Arc::default() }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn touch(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        assert!(!state.off, "a register of a block without power was touched");
        state.accesses += 1;
        state
    }
}

impl Registers for Machine {
    fn read(&self, offset: u32) -> u32 {
        let (dead, sticks) = {
            let state = self.touch();
            (state.dead, state.reset_sticks && offset == 0x024)
        };
        let value = self.board.read(offset);
        if dead { 0 } else { value | u32::from(sticks) }
    }

    fn write(&self, offset: u32, value: u32) {
        drop(self.touch());
        self.board.write(offset, value);
    }

    fn barrier(&self) {}
}

// SAFETY: it is the board, which is one; `far` addresses are for a driver that refuses them.
unsafe impl Platform for Machine {
    type Lock = SimLock;

    fn now(&self) -> Micros {
        self.board.now()
    }

    fn delay(&self, time: Micros) {
        let is_set_up = self.board.read(0x000) != 0;
        let visitor = if is_set_up { self.state().visitor.take() } else { None };
        if let Some((at_the_door, gone)) = visitor {
            at_the_door.send(()).unwrap();
            gone.recv().unwrap();
        }
        self.board.delay(time);
    }

    fn map(&self, region: &Region, direction: Direction) -> Result<BusAddr, PrepError> {
        let mut state = self.state();
        if state.refuses {
            return Err(PrepError::Unreachable { address: 0x1234 });
        }
        let bus = self.board.map(region, direction)?;
        state.mapped += 1;
        if state.broken {
            let address = bus.0 as u32 + region.len as u32 / 2;
            self.board.hw(|hw| hw.cause(Trouble::BusError { address, len: 4 }));
        }
        Ok(if state.far { BusAddr(bus.0 | 1 << 32) } else { bus })
    }

    fn unmap(&self, region: &Region, direction: Direction) {
        let bus = BusAddr(region.bus.0 & 0xFFFF_FFFF);
        self.board.unmap(&Region { bus, ..*region }, direction);
        self.state().mapped -= 1;
    }

    fn sync_for_cpu(&self, _part: &Region) {}

    fn sync_for_device(&self, _part: &Region) {}
}
