//! Streams as tasks: who is woken, when, and what a wait that was given up leaves behind.
//!
//! A task that is not woken for the end of its run hangs, and one that is woken for every period burns power. So each test
//! counts wake-ups, and looks before and after.

mod common;

use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::sync::Arc;

use backend_mock::hw::{Nanos, News, NewsKind, Peripheral, Source, StopLatency, StreamConfig};
use backend_mock::{Cpu, Mock, MockConfig};
use common::task::{Task, block_on};
use common::{Bench, SEED, capture, counting, device, numbered, numbers, playback, ring, stops_after};
use dmaengine_core::{Atomic, Dma, Generation, Micros, TransferError};
use pcm_dmaengine::{Broken, Capture, Elapsed, Fault, Frames, Link, Open, Pcm, Running, SwParams, Way, XrunCause};

const LATENCY: Micros = Micros(1_000);
const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

/// Runs, and wakes a client when so many frames are there.
fn start<'a>(open: Open<'a, Mock, Capture>, avail_min: u64) -> Running<'a, Mock, Capture> {
    let sw = SwParams { avail_min: Frames(avail_min), ..SwParams::new(&SEED) };
    open.hw_params(SEED, ring(&SEED)).unwrap().with_sw_params(sw).unwrap().prepare().start().unwrap()
}

fn poll<D: Way>(stream: &mut Running<'_, Mock, D>, waker: &Waker) -> Poll<()> {
    stream.poll_ready(&mut Context::from_waker(waker))
}

/// Lets time pass up to the next interrupt.
fn next_interrupt(bench: &Bench<'_>) {
    let seen = bench.seen.borrow().len();
    while bench.seen.borrow().len() == seen {
        bench.pass(Micros(1));
    }
}

#[test]
fn the_period_with_which_enough_is_there_wakes_and_those_before_do_not() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut stream = start(open, 40);
        let (task, waker) = Task::new();
        assert!(poll(&mut stream, &waker).is_pending());
        next_interrupt(&bench);
        assert_eq!((bench.count(Elapsed::Moved), task.woken()), (1, 0), "32 frames are not 40");
        next_interrupt(&bench);
        assert_eq!((bench.count(Elapsed::Moved), task.woken()), (2, 1), "64 are");
        assert!(poll(&mut stream, &waker).is_ready());
        next_interrupt(&bench);
        assert_eq!(task.woken(), 0, "nobody waits any more");
        assert_eq!(Arc::strong_count(&task), 2, "and no waker is left behind");
        let _ = stream.stop().synchronize(context).unwrap();
    });
}

#[test]
fn what_is_there_already_is_not_waited_for() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut stream = start(open, 40);
        bench.pass(Micros(900));
        let (task, waker) = Task::new();
        assert!(poll(&mut stream, &waker).is_ready(), "43 frames, and one interrupt, at 32");
        assert_eq!((bench.count(Elapsed::Moved), task.woken(), Arc::strong_count(&task)), (1, 0, 2));
        let _ = stream.stop().synchronize(context).unwrap();
    });
}

/// What ended a run that a task had waited for.
fn ended<'a, T>(
    task: &Task,
    waker: &Waker,
    stream: Running<'a, Mock, Capture>,
    told: impl FnOnce(Broken<'a, Mock, Capture>) -> T,
) -> T {
    let mut stream = stream;
    assert_eq!(task.woken(), 1, "once");
    assert!(poll(&mut stream, waker).is_ready(), "woken for nothing");
    match stream.hwsync() {
        Ok(_) => panic!("it runs"),
        Err(broken) => told(broken),
    }
}

/// The stop of the engine takes a millisecond, or for ever: the client knows of the XRUN before that.
#[test]
fn an_xrun_wakes_at_once_and_not_when_the_stop_is_complete() {
    for latency in [StopLatency::After(Nanos::from_micros(1_000)), StopLatency::Never] {
        capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
            bench.hw.set_stop_latency(latency);
            let mut stream = start(open, 10_000);
            let (task, waker) = Task::new();
            assert!(poll(&mut stream, &waker).is_pending());
            while bench.count(Elapsed::Xrun) == 0 {
                assert_eq!(task.woken(), 0);
                next_interrupt(&bench);
            }
            let over = ended(&task, &waker, stream, |broken| match broken {
                Broken::Xrun(over) => over,
                broken => panic!("{broken}"),
            });
            assert_eq!((over.report().at, over.report().cause), (bench.now(), XrunCause::Overtaken));
            let _ = over.stop().reset(context).unwrap();
        });
    }
}

#[test]
fn a_disconnect_and_an_overrun_of_the_peripheral_wake() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut stream = start(open, 10_000);
        let (task, waker) = Task::new();
        assert!(poll(&mut stream, &waker).is_pending());
        assert!(bench.half().xrun());
        let over = ended(&task, &waker, stream, |broken| match broken {
            Broken::Xrun(over) => over,
            broken => panic!("{broken}"),
        });
        let mut stream = over.prepare(context).unwrap().start().unwrap();
        assert!(poll(&mut stream, &waker).is_pending());
        bench.half().disconnect();
        let gone = ended(&task, &waker, stream, |broken| match broken {
            Broken::Disconnected(gone) => gone,
            broken => panic!("{broken}"),
        });
        let _ = gone.close(context).unwrap();
    });
}

#[test]
fn a_failure_of_the_engine_wakes() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut stream = start(open, 10_000);
        let (task, waker) = Task::new();
        assert!(poll(&mut stream, &waker).is_pending());
        let tag = bench.hw.log().last().map_or(0, |access| access.tag);
        bench.hw.post_news(0, News { tag, kind: NewsKind::Fault, at: bench.hw.now() });
        bench.pass(Micros(1));
        let dead = ended(&task, &waker, stream, |broken| match broken {
            Broken::Faulted(dead) => dead,
            broken => panic!("{broken}"),
        });
        assert_eq!(dead.fault(), Fault::Engine(TransferError::Bus));
        let _ = dead.reset(context).unwrap();
    });
}

/// Nothing moves, so nothing interrupts: that the stream is dead is found by whoever looks.
#[test]
fn a_stream_on_which_nothing_moves_is_found_when_it_is_polled_and_wakes_nobody() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut stream = start(open, 200);
        let (task, waker) = Task::new();
        bench.pass(Micros(2_000));
        bench.hw.pause(0);
        bench.pass(Micros(50_000));
        assert!(poll(&mut stream, &waker).is_pending());
        bench.pass(Micros(100_000));
        assert_eq!(task.woken(), 0);
        assert!(poll(&mut stream, &waker).is_ready());
        let Err(Broken::Faulted(dead)) = stream.hwsync() else { panic!("it does not run") };
        assert!(matches!(dead.fault(), Fault::Stalled { .. }));
        let _ = dead.reset(context).unwrap();
    });
}

/// Two streams on two channels, linked, and a stop handle of the first's channel.
#[test]
fn the_stop_of_a_linked_stream_wakes_and_so_does_one_by_a_stranger() {
    let dma: Dma<Mock, 2> = Dma::new(Mock::new(MockConfig { channels: 2, ..stops_after(LATENCY) }));
    let hw = dma.engine().hw();
    for channel in 0..2 {
        let source = Source { frames: numbered(1, 20_000).into(), repeat: 1 };
        hw.attach(channel, Peripheral::recorder(LINE, source));
    }
    let (mut one, mut two) = (Pcm::new(), Pcm::new());
    let (channel, other) = (dma.channel(0).unwrap(), dma.channel(1).unwrap());
    let stranger = channel.stopper();
    let ((open, half), (other, other_half)) = (one.open_capture(channel, device()), two.open_capture(other, device()));
    let halves = [half, other_half];
    let link = Link::new(&halves);
    let cpu = Cpu::new(dma.engine(), |atomic: &Atomic<'_>| {
        dma.interrupt(atomic, &mut |callback, event| _ = link.elapsed(callback, event));
    });
    cpu.thread(|context| {
        let mut stream = start(open.with_link(link), 10_000);
        let mut other = start(other.with_link(link), 10_000);
        let ((task, waker), (second, other_waker)) = (Task::new(), Task::new());
        assert!(poll(&mut stream, &waker).is_pending() && poll(&mut other, &other_waker).is_pending());
        let stopped = other.stop();
        assert_eq!((second.woken(), Arc::strong_count(&second)), (0, 2), "who stops knows, and takes its waker along");
        let over = ended(&task, &waker, stream, |broken| match broken {
            Broken::Xrun(over) => over,
            broken => panic!("{broken}"),
        });
        assert_eq!(over.report().cause, XrunCause::Linked);
        let _ = stopped.synchronize(context).unwrap();

        let mut stream = over.prepare(context).unwrap().start().unwrap();
        assert!(poll(&mut stream, &waker).is_pending());
        assert!(stranger.terminate_async(Generation(1)));
        cpu.run_until(hw.now() + Nanos::from_micros(2_000));
        let dead = ended(&task, &waker, stream, |broken| match broken {
            Broken::Faulted(dead) => dead,
            broken => panic!("{broken}"),
        });
        assert_eq!(dead.fault(), Fault::StoppedByAnother);
        let _ = dead.reset(context).unwrap();
    });
}

/// Whatever is given up takes its waker along, and takes no frame.
#[test]
fn a_wait_that_was_given_up_loses_nothing() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut stream = start(open, 40);
        let (task, waker) = Task::new();
        let mut out = vec![0; 4 * 960];
        {
            let reading = pin!(stream.readi_async(&mut out));
            assert!(reading.poll(&mut Context::from_waker(&waker)).is_pending());
            bench.pass(Micros(1_000));
            assert_eq!(task.woken(), 0, "48 frames, but the interrupt told of 32");
        }
        assert_eq!(Arc::strong_count(&task), 2);
        {
            let ready = pin!(stream.ready());
            assert!(ready.poll(&mut Context::from_waker(&waker)).is_ready());
        }
        // Polled and not dropped, the waker is the last one's.
        stream.rewind(Frames(480));
        stream.reset();
        let (last, other) = Task::new();
        assert!(poll(&mut stream, &waker).is_pending() && poll(&mut stream, &other).is_pending());
        assert_eq!(Arc::strong_count(&task), 2);
        bench.pass(Micros(2_000));
        assert_eq!((task.woken(), last.woken()), (0, 1));

        let from = stream.appl_ptr().0 as u32;
        let read = block_on(context, stream.readi_async(&mut out)).unwrap();
        assert_eq!(numbers(&out[..4 * read.0 as usize]), counting(1 + from, read.0 as u32));
        assert!(poll(&mut stream, &waker).is_pending());
        let stopped = stream.stop();
        assert_eq!((task.woken(), Arc::strong_count(&task)), (0, 2), "a stream that is stopped takes its waker along");
        let _ = stopped.synchronize(context).unwrap();
    });
}

#[test]
fn a_task_reads_every_frame_in_order_and_learns_of_the_end() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut stream = start(open, 32);
        bench.at(Micros(60_000), |half| half.disconnect());
        let (mut heard, mut out) = (Vec::new(), vec![0; 4 * 50]);
        let mut sizes = Vec::new();
        while let Some(Frames(read)) = block_on(context, stream.readi_async(&mut out)) {
            heard.extend_from_slice(&out[..4 * read as usize]);
            sizes.push(read);
        }
        assert_eq!(numbers(&heard), counting(1, heard.len() as u32 / 4));
        assert!((2_800..2_900).contains(&(heard.len() / 4)), "60 ms are 2,880 frames, and it read {}", heard.len() / 4);
        assert!(sizes.iter().all(|&read| (1..=50).contains(&read)), "{sizes:?}");
        let Err(Broken::Disconnected(gone)) = stream.hwsync() else { panic!("it is gone") };
        let _ = gone.close(context).unwrap();
    });
}

/// A read of nothing is no wait.
#[test]
fn a_task_that_reads_nothing_does_not_wait() {
    capture(stops_after(LATENCY), LINE, 20_000, |_, context, open| {
        let mut stream = start(open, 32);
        assert_eq!(block_on(context, stream.readi_async(&mut [])), Some(Frames(0)));
        let _ = stream.stop().synchronize(context).unwrap();
    });
}

#[test]
fn a_task_writes_and_drains_and_silence_comes_behind_it() {
    // Odd counts; a full ring at the drain; fewer frames than a period.
    for frames in [1, 31, 480, 500, 1_201, 2_400] {
        let line = StreamConfig { fifo_frames: 4, ..LINE };
        let (_, statistics) = playback(stops_after(LATENCY), line, |bench, context, open| {
            let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
            let sound = numbered(1, frames);
            let mut at = prepared.writei(&sound).0 as usize;
            let mut stream = prepared.start().unwrap();
            while at < frames as usize {
                at += block_on(context, stream.writei_async(&sound[4 * at..])).unwrap().0 as usize;
            }
            let mut draining = stream.begin_drain().unwrap();
            {
                // Given up once, it drains on.
                let (task, waker) = Task::new();
                let pending = pin!(draining.drain_async()).poll(&mut Context::from_waker(&waker)).is_pending();
                assert_eq!(pending, frames > 4, "four the device takes at once");
                assert_eq!(Arc::strong_count(&task), 2);
            }
            block_on(context, draining.drain_async());
            let Ok(Ok(stopped)) = draining.try_finish() else { panic!("it was woken for the end") };
            let played = bench.played().remove(0);
            assert_eq!(numbers(&played[..sound.len()]), counting(1, frames));
            assert!(played[sound.len()..].iter().all(|&byte| byte == 0), "{frames} frames, and then silence");
            let _ = stopped.synchronize(context).unwrap();
        });
        assert_eq!(statistics.xruns, 0);
    }
}

/// The race: the interrupt comes between the look and the waker. A task that looked first and left its waker then would sleep through it. So the waker
/// comes first. Here the interrupt is a thread of its own, and comes at any moment.
#[test]
fn no_wake_up_is_lost_to_an_interrupt_on_another_core() {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Duration;

    const FRAMES: u32 = 100_000;
    struct Unpark(thread::Thread, AtomicBool);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.1.store(true, Ordering::Release);
            self.0.unpark();
        }
    }

    /// The task has done its work, or failed: the interrupts end.
    struct Done<'a>(&'a AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Release);
        }
    }

    let dma: Dma<Mock, 1> = Dma::new(Mock::new(stops_after(LATENCY)));
    let hw = dma.engine().hw();
    hw.set_log(false);
    hw.attach(0, Peripheral::recorder(LINE, Source { frames: numbered(1, FRAMES + 1_000).into(), repeat: 1 }));
    let mut pcm = Pcm::new();
    let (open, half) = pcm.open_capture(dma.channel(0).unwrap(), device());
    let mut stream = start(open, 32);
    let task = Arc::new(Unpark(thread::current(), AtomicBool::new(false)));
    let (waker, asleep, done) = (Waker::from(task.clone()), AtomicBool::new(false), AtomicBool::new(false));
    let mut heard = 0;
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                // A period at a time, as soon as the task has gone to sleep for the one before, or nearly.
                while !asleep.swap(false, Ordering::AcqRel) && !done.load(Ordering::Acquire) {
                    thread::yield_now();
                }
                hw.advance_to(hw.now() + Nanos::from_micros(667));
                dma.interrupt(&Atomic::new(), &mut |callback, event| _ = half.elapsed(callback, event));
            }
        });
        let _done = Done(&done);
        let mut out = vec![0; 4 * 480];
        while heard < FRAMES {
            asleep.store(true, Ordering::Release);
            let read = {
                let mut reading = pin!(stream.readi_async(&mut out));
                loop {
                    match reading.as_mut().poll(&mut Context::from_waker(&waker)) {
                        Poll::Ready(read) => break read.expect("nobody is late"),
                        Poll::Pending => {
                            let since = std::time::Instant::now();
                            while !task.1.swap(false, Ordering::AcqRel) {
                                thread::park_timeout(Duration::from_millis(100));
                                assert!(since.elapsed() < Duration::from_secs(10), "a wake-up was lost");
                            }
                        }
                    }
                }
            };
            assert_eq!(numbers(&out[..4 * read.0 as usize]), counting(1 + heard, read.0 as u32));
            heard += read.0 as u32;
        }
    });
    drop(stream);
}
