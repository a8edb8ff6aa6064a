//! Statement 68 of the conformance suite on two threads: channels of one controller do not disturb each other when their
//! owners really run at the same time, and each takes whatever interrupt comes, the other's too.

mod common;

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use backend_mock::Mock;
use backend_mock::hw::{Peripheral, Source};
use common::*;
use dmaengine_core::{Active, Atomic, Dma, EventKind, Idle, Micros, Outcome, Payload, Platform, Transfer};

type Shared = Dma<Mock, 2, 4>;

const ROUNDS: u64 = 1_500;
/// Bytes of a copy, which takes a microsecond for each, and of a list, which takes 10 for a frame of four.
const LEN: usize = 256;
/// A device's numbers, before they begin again. Those of the first channel's begin at that number, of the second's at twice it.
const FRAMES: u32 = 1_000;
/// How long the engine needs to stop, in microseconds.
const STOP: u64 = 100;
/// Far longer than anything here takes, in microseconds.
const EVER: u64 = 100_000_000;

struct Owner<'d> {
    dma: &'d Shared,
    channel: u8,
    random: u64,
    /// The ends that were told, by channel, on whichever thread.
    told: &'d [AtomicU64; 2],
    /// The transfers of this channel that ran to their end.
    completed: u64,
}

impl<'d> Owner<'d> {
    /// Marsaglia's xorshift.
    fn below(&mut self, bound: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) % bound
    }

    /// A little time passes, for both channels, and an interrupt may be there, of either.
    fn step(&self) {
        self.dma.engine().delay(Micros(7));
        self.dma.interrupt(&Atomic::new(), &mut |_, event| {
            if event.kind == EventKind::Completed {
                self.told[usize::from(event.channel.0)].fetch_add(1, Relaxed);
            }
        });
    }

    /// Goes on asking until it is so.
    fn until<T, U>(&self, what: &str, mut value: T, is_so: impl Fn(T) -> Result<U, T>) -> U {
        let start = now(self.dma.engine());
        loop {
            value = match is_so(value) {
                Ok(answer) => return answer,
                Err(value) => value,
            };
            assert!(now(self.dma.engine()) - start < EVER, "channel {}: {what} never comes", self.channel);
            // The other thread may be in this channel's callback.
            thread::yield_now();
            self.step();
        }
    }

    /// Lets a transfer end, or stops it at any moment, busy or by and by. Answers how many of its bytes arrived, and its memory.
    fn run<B: Payload>(
        &mut self,
        active: Active<'d, Mock>,
        transfer: Transfer<'d, Mock, B>,
    ) -> (usize, B, Idle<'d, Mock>) {
        let how = self.below(3);
        if how == 0 {
            let ended = self.until("the end", transfer, Transfer::try_resolve);
            assert_eq!(ended.outcome, Outcome::Completed, "channel {}", self.channel);
            self.completed += 1;
            let idle = self.until("the last callback", active, |active| active.try_idle().map_err(|kept| kept.value));
            return (LEN, ended.buffer, idle);
        }
        for _ in 0..self.below(LEN as u64 / 4) {
            self.step();
        }
        let stopping = active.terminate_async();
        let idle = self.until("the stop", stopping, |stopping| match how {
            // While the other thread is in this channel's callback, it may take more than one try.
            1 => stopping.terminate_atomic().map_err(|kept| kept.value),
            _ => stopping.try_finish(),
        });
        let Ok(ended) = transfer.try_resolve() else { panic!("channel {}: idle, and not over", self.channel) };
        let done = match ended.outcome {
            Outcome::Completed => {
                self.completed += 1;
                LEN
            }
            Outcome::Aborted { residue } => LEN - residue as usize,
            Outcome::Failed(error) => panic!("channel {}: {error}", self.channel),
        };
        (done, ended.buffer, idle)
    }

    /// Copies and lists from the channel's device in turn; the data of each is looked at when it is over.
    fn work(mut self) -> u64 {
        let (mut dst, mut src, mut part) = (zeroed(LEN), pattern(LEN, self.channel), zeroed(LEN));
        let mut idle = self.dma.channel(self.channel).unwrap();
        for round in 0..ROUNDS {
            dst.fill(POISON);
            src.rotate_left(1);
            let copy = idle.prep_memcpy(dst, src).unwrap();
            let (active, copy) = idle.start(copy).unwrap();
            let (done, memory, back) = self.run(active, copy);
            (dst, src) = memory;
            let what = format!("channel {}, round {round}, {done} of {LEN} bytes", self.channel);
            assert_eq!(dst[..done], src[..done], "{what}");
            assert!(dst[done..].iter().all(|&byte| byte == POISON), "{what}: copied more than it says");

            part.fill(POISON);
            let list = back.prep_slave_sg_from_device([part], &config()).unwrap();
            let (active, list) = back.start(list).unwrap();
            let (done, [filled], back) = self.run(active, list);
            let frame = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            let frames: Vec<_> = filled[..done].chunks_exact(4).map(frame).collect();
            let what = format!("channel {}, round {round}, {frames:#x?}", self.channel);
            assert!(
                frames.iter().all(|frame| frame / FRAMES == u32::from(self.channel) + 1),
                "{what}: of another device"
            );
            assert!(frames.windows(2).all(|pair| pair[1] % FRAMES == (pair[0] + 1) % FRAMES), "{what}: a gap");
            assert!(filled[done..].iter().all(|&byte| byte == POISON), "{what}: more came than it says");
            (part, idle) = (filled, back);
        }
        self.completed
    }
}

/// The race: while one owner is in the middle of a start or a stop, the other stops or starts its own channel, and takes the
/// interrupt of both. A stop must not reach the neighbour; news of one channel, taken on the thread of the other, must be
/// neither lost nor told twice; and the end of a stop that the other thread has found must be the owner's to see.
#[test]
fn two_owners_on_two_threads_stop_and_start_without_disturbing_each_other() {
    let dma: Shared = Dma::new(mock(STOP));
    dma.engine().hw().set_log(false);
    for channel in 0..2_u32 {
        let first = (channel + 1) * FRAMES;
        let frames: Vec<u8> = (first..first + FRAMES).flat_map(u32::to_le_bytes).collect();
        let source = Source { frames: frames.into(), repeat: u64::MAX };
        dma.engine().hw().attach(channel as usize, Peripheral::recorder(stream(), source));
    }
    let (told, together) = ([const { AtomicU64::new(0) }; 2], Barrier::new(2));
    let completed = thread::scope(|scope| {
        let owners = [0, 1].map(|channel| {
            let owner = Owner { dma: &dma, channel, random: 0x9E37 + u64::from(channel), told: &told, completed: 0 };
            let together = &together;
            scope.spawn(move || {
                together.wait();
                owner.work()
            })
        });
        owners.map(|owner| owner.join().unwrap())
    });
    assert_eq!(told.map(AtomicU64::into_inner), completed, "each end is told once");
    assert!(completed.iter().all(|&ends| ends > ROUNDS / 2), "{completed:?}: some must run to their end");
    assert_clean(dma.engine());
}
