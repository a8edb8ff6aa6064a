//! What the features for other crates add: `defmt`'s trait, and what is told to `log`.
#![cfg(any(feature = "defmt", feature = "log"))]

#[cfg(feature = "log")]
mod common;

#[cfg(feature = "defmt")]
mod defmt {
    use dmaengine_core::engine::{ChannelSet, News, NewsKind, Progress, StopKind};
    use dmaengine_core::*;

    fn formats<T: ::defmt::Format>() {}

    /// What can be printed on a host by `Debug` can be told by a board.
    #[test]
    fn the_small_types_have_a_format() {
        formats::<Kept<BusAddr, ErrorKind>>();
        formats::<(RequestError, PrepError, SubmitError, TransferError)>();
        formats::<(StillRunning, Unfinished, GroupError, OutOfRange)>();
        formats::<(Micros, Generation, ChannelId, ChannelSet)>();
        formats::<(Event, EventKind, News, NewsKind)>();
        formats::<(Outcome, Status, Statistics, Progress, Position)>();
        formats::<(Direction, BusWidth, Chunk, FlowController)>();
        formats::<(ResidueGranularity, StopKind)>();
    }
}

/// One test, because a process has one logger.
#[cfg(feature = "log")]
mod log {
    use std::future::Future;
    use std::pin::pin;
    use std::sync::Mutex;
    use std::task::{Context, Poll, Waker};

    use ::log::{Level, LevelFilter, Log, Metadata, Record};
    use backend_mock::Mock;
    use backend_mock::hw::StopLatency;
    use dmaengine_core::{Active, Dma, Group, SYNCHRONIZE_GRACE, Status, Transfer};

    use super::common::*;

    struct Kept(Mutex<Vec<(Level, String)>>);

    static KEPT: Kept = Kept(Mutex::new(Vec::new()));

    impl Log for Kept {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn log(&self, record: &Record<'_>) {
            assert!(record.target().starts_with("dmaengine_core"), "{}", record.target());
            // With a channel's lock held, this would never come back: the lock is not one to take twice.
            BOARD.with(|board| {
                for channel in [0, 1] {
                    assert!(board.statistics(channel).is_some());
                }
            });
            self.0.lock().unwrap().push((record.level(), record.args().to_string()));
        }

        fn flush(&self) {}
    }

    thread_local! {
        static BOARD: &'static Board<4> = Box::leak(Box::new(board()));
    }

    fn told() -> Vec<(Level, String)> {
        core::mem::take(&mut KEPT.0.lock().unwrap())
    }

    fn both(dma: &'static Dma<Mock, 2, 4>) -> [(Active<'static, Mock>, Transfer<'static, Mock, Memory>); 2] {
        [0, 1].map(|channel| start_ring(dma.channel(channel).unwrap()))
    }

    #[test]
    fn waits_that_run_out_and_resets_are_told_and_nothing_else_is() {
        ::log::set_logger(&KEPT).unwrap();
        ::log::set_max_level(LevelFilter::Trace);
        let dma = BOARD.with(|board| *board);
        let events = Events::default();
        let cpu = cpu(dma, &events);
        cpu.thread(|cx| {
            // A life without trouble: nothing is told, and nothing of a reset that finds everything stopped.
            let (active, transfer) = start_ring(dma.channel(0).unwrap());
            run(&cpu, dma.engine(), 3 * PERIOD_US);
            let idle = active.terminate_sync(cx).unwrap();
            let _memory = transfer.try_resolve().unwrap();
            let (active, transfer) = start_ring(idle);
            let stopping = active.terminate_async();
            run(&cpu, dma.engine(), 2 * L);
            drop(stopping.reset().unwrap());
            let _memory = transfer.try_resolve().unwrap();
            assert_eq!(told(), []);

            // Each wait that runs out, once.
            dma.engine().hw().set_stop_latency(StopLatency::Never);
            let (active, transfer) = start_ring(dma.channel(0).unwrap());
            let kept = active.terminate_atomic().unwrap_err();
            let busy = format!("channel 0: {}", kept.error);
            assert_eq!(told(), [(Level::Warn, busy)]);
            let kept = kept.value.synchronize(cx).unwrap_err();
            let asleep = format!("channel 0: {}", kept.error);
            assert_eq!(told(), [(Level::Warn, asleep)]);

            // A task's wait: polled within its bound and dropped it tells nothing; polled after it, once.
            let mut stopping = kept.value;
            let mut task = Context::from_waker(Waker::noop());
            assert_eq!(pin!(stopping.quiescent()).poll(&mut task), Poll::Pending);
            assert_eq!(told(), []);
            let answer = {
                let mut quiescent = pin!(stopping.quiescent());
                assert_eq!(quiescent.as_mut().poll(&mut task), Poll::Pending);
                pass(dma.engine(), 2 * L + SYNCHRONIZE_GRACE.0);
                quiescent.poll(&mut task)
            };
            let Poll::Ready(Err(error)) = answer else { panic!("{answer:?}") };
            assert_eq!(told(), [(Level::Warn, format!("channel 0: {error}"))]);

            // Asking without waiting tells nothing; the reset is told.
            let stopping = stopping.try_finish().unwrap_err();
            assert_eq!(transfer.status(), Status::Stopping);
            assert_eq!(told(), []);
            drop(stopping.reset().unwrap());
            let _memory = transfer.try_resolve().unwrap();
            let reset = |channel| (Level::Debug, format!("channel {channel}: reset, because it has not stopped"));
            assert_eq!(told(), [reset(0)]);

            // A group: the wait names the channel that did not stop, the reset each of them.
            let [(one, first), (two, second)] = both(dma);
            let kept = Group::terminate_async([one, two]).terminate_atomic().unwrap_err();
            assert_eq!(told(), [(Level::Warn, kept.error.to_string())]);
            let [_idle, _other] = kept.value.reset().unwrap();
            assert_eq!(told(), [reset(0), reset(1)]);
            let _memory = (first.try_resolve().unwrap(), second.try_resolve().unwrap());
        });
    }
}
