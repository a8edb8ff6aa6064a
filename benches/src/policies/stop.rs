//! One stop: a stream begins, is told to stop at a given moment, and is started again; and what was seen of it.

use backend_imx_sdma::StopMethod;
use dmaengine_core::{Sleepable, Transfer};
use sim_board::Engine;
use sim_imx_sdma::bus::{Access, Watch};
use sim_imx_sdma::time::{Clock, Cycles};

use super::load::Load;
use super::ways::{Next, Restart, Stopped};
use super::world::{BURST, BURST_TIME, DEPTH, Processor, RATE, RING_BYTES, Ring, STREAM, Way, World};

/// What was seen of one stop. Times are in nanoseconds from the stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// The old memory came back, which is when the channel was known to be quiescent.
    pub(super) back: u64,
    /// The SDMA last touched the old memory; 0 if it did not after the stop.
    pub(super) touched: u64,
    /// The new run moved its first word. Counts from when the device asked for it, if that was later.
    pub(super) running: u64,
    /// The processor did something, for this stream.
    pub(super) busy: u64,
    /// Interrupts were masked, for this stream.
    pub(super) masked: u64,
    /// Frames of which the device lost a word.
    pub(super) lost: u64,
    /// Accesses of the SDMA to memory that was not lent to it, after the stop.
    pub(super) late: u64,
}

/// The memory of the streams, from one to the next.
pub(super) struct Rings(pub(super) Ring, pub(super) Ring);

/// What stops a stream at a moment, and starts it again.
pub(super) struct Scene<'w, 'd, 'p, S: StopMethod> {
    pub(super) world: &'d World<S>,
    pub(super) cpu: &'w Processor<'p>,
    pub(super) restart: Restart<S>,
    /// The memory is unmapped twice: by the one who hands it back too early, and by the library in time.
    pub(super) unmapped_twice: bool,
}

/// How many bursts there are before the stop.
const RUN_IN: u64 = 8;

impl<'d, S: StopMethod> Scene<'_, 'd, '_, S> {
    /// Begins a stream, stops it so many cycles into a period, and sees it run again.
    pub(super) fn stop(
        &self,
        context: &mut Sleepable<'_>,
        load: &mut Load<'d, S>,
        rings: Rings,
        (nth, phase): (u64, u64),
    ) -> (Seen, Rings) {
        let (world, cpu) = (self.world, self.cpu);
        let register = self.watch(world.register(), 4);
        let (lost_before, misplaced) = (world.lost(), world.misplaced());
        let idle = world.dma.channel(STREAM).expect("free");
        let prepared = idle.prep_cyclic(rings.0, &world.request()).expect("a ring");
        let (active, old) = idle.start(prepared).expect("its own channel");
        let since = world.switch_on(cpu);
        load.refresh(world);
        cpu.run_until(since + Cycles(RUN_IN * BURST_TIME + phase));

        let ring_at = world.ring_at();
        let (trespasses, before) = (world.board.trespasses(), self.spent());
        let memory = self.watch(ring_at, RING_BYTES);
        let (at, lost) = (world.now(), world.lost());
        let stopping = cpu.masked(context, |_| active.terminate_async());
        let stopped = Stopped { stopping, old, next: rings.1, at, ring_at, nth };
        let Next { active, transfer, old, back, between } = (self.restart)(world, cpu, context, stopped);
        let (counted, first) = self.first_word(register, between, &transfer);
        let after = self.spent();

        let clock = Clock::IMX6;
        // The device asks when its FIFO has a burst, or room for one. What it lost in the run before the stop went by, too.
        let word = (lost - lost_before)
            + match world.way {
                Way::Capture => counted + BURST,
                Way::Playback => counted - (DEPTH - BURST),
            };
        let asked = clock.tick(since, RATE, word);
        let touched = self.unwatch(memory).last().map_or(at, |access| access.time);
        let seen = Seen {
            back: clock.nanos(back - at),
            touched: clock.nanos(touched - at),
            running: clock.nanos(first - asked.max(at)),
            busy: clock.nanos(after.busy - before.busy),
            masked: clock.nanos(after.masked - before.masked),
            lost: (world.lost() - lost).div_ceil(2),
            late: world.board.trespasses() - trespasses - u64::from(self.unmapped_twice),
        };
        assert_eq!(world.misplaced(), misplaced, "the SDMA and the FIFO are out of step");
        assert!(load.is_busy(), "the load has run out of work");
        self.unwatch(register);
        // A burst under way finds the device as it was; then what is left in the FIFO goes.
        drop(active.terminate_sync(context).expect("the hardware works"));
        world.switch_off();
        let new = transfer.try_resolve().expect("it was stopped");
        (seen, Rings(new.buffer, old.buffer))
    }

    /// Lets time pass until the new run moves a word; says how many were moved before, and when this one was.
    fn first_word(&self, register: Watch, between: Cycles, new: &Transfer<'d, Engine<S>, Ring>) -> (u64, Cycles) {
        let limit = self.world.board.after(5_000);
        loop {
            let found = self.world.board.hw(|hw| {
                let touches = hw.bus().touches(register).iter().filter(|access| access.channel == STREAM + 1);
                let times: Vec<_> = touches.map(|access| access.time).collect();
                let old = times.iter().take_while(|time| **time < between).count();
                times.get(old).map(|first| (old as u64, *first))
            });
            if let Some(found) = found {
                return found;
            }
            assert!(self.world.now() < limit, "no word after the restart: {:?}", new.status());
            self.cpu.run_until(self.world.board.after(2));
        }
    }

    /// What the processor has spent on this stream so far: all but sleep, and handlers that had nothing of it to tell.
    fn spent(&self) -> Spent {
        let for_others = self.world.desk.for_others.get();
        let (busy, masked) = (self.world.now() - self.cpu.idle_time(), self.cpu.masked_time());
        Spent { busy: busy - for_others, masked: masked - for_others }
    }

    fn watch(&self, from: u32, len: u32) -> Watch {
        self.world.board.hw(|hw| {
            let now = hw.now();
            hw.bus().watch(from..from + len, now)
        })
    }

    fn unwatch(&self, watch: Watch) -> Vec<Access> {
        self.world.board.hw(|hw| hw.bus().unwatch(watch))
    }
}

#[derive(Clone, Copy, Debug)]
struct Spent {
    busy: Cycles,
    masked: Cycles,
}
