//! What the transition table does not say of the façade: the numbers it answers with, what it tells once and what twice, and its memory.

mod common;

use backend_mock::Mock;
use backend_mock::hw::{News, NewsKind, Peripheral, Source, StreamConfig};
use common::{Bench, SEED, capture, counting, numbered, numbers, playback, ring, stops_after};
use dmaengine_core::{Micros, PrepError, TransferError};
use pcm_dmaengine::dynamic::{DynPcm, Errno, State};
use pcm_dmaengine::{DaiError, Frames, HwParams, Open, ParamError, StartError, SwParams, Way};

const LATENCY: Micros = Micros(1_000);
const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

fn facade<'a, D: Way>(bench: &Bench<'a>, open: Open<'a, Mock, D>) -> DynPcm<'a, Mock, D> {
    DynPcm::new(open, bench.half(), ring(&SEED)).with_pause()
}

#[test]
fn the_numbers_of_a_capture() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut pcm = facade(&bench, open);
        let status = pcm.status().unwrap();
        assert_eq!((status.state, status.hw_ptr, status.avail, status.delay), (State::Open, Frames(0), Frames(0), 0));
        pcm.hw_params(context, SEED).unwrap();
        pcm.prepare(context).unwrap();
        bench.pass(Micros(500));
        pcm.start(context).unwrap();
        let started = bench.now();
        bench.pass(Micros(5_000));
        let mut out = vec![0; 4 * 100];
        assert_eq!(pcm.readi(context, &mut out), Ok(Frames(100)));
        assert_eq!(numbers(&out)[99].unwrap() - numbers(&out)[0].unwrap(), 99);

        let status = pcm.status().unwrap();
        assert_eq!((status.state, status.appl_ptr), (State::Running, Frames(100)));
        assert!((Frames(235)..=Frames(245)).contains(&status.hw_ptr), "5 ms: {status:?}");
        assert_eq!((status.avail, status.delay), (status.hw_ptr - Frames(100), status.avail.0 as i64));
        assert!(status.avail_max > status.avail, "before the read there was more: {status:?}");
        assert_eq!(pcm.status().unwrap().avail_max, status.avail, "and since the last status there was not");
        assert_eq!((status.trigger_time, status.suspended_state), (started, None));
        assert_eq!(pcm.delay(), Ok(status.delay));
        assert_eq!((pcm.rewind(Frames(60)), pcm.forward(Frames(20))), (Ok(Frames(60)), Ok(Frames(20))));
        assert_eq!(pcm.status().unwrap().appl_ptr, Frames(60));
        pcm.reset().unwrap();
        assert_eq!(pcm.status().unwrap().avail, Frames(0));

        pcm.suspend().unwrap();
        let status = pcm.status().unwrap();
        assert_eq!((status.state, status.suspended_state, status.delay), (State::Suspended, Some(State::Running), 0));
        pcm.resume().unwrap();
        bench.pass(Micros(20_000));
        let status = pcm.status().unwrap();
        assert_eq!((status.state, status.delay), (State::Xrun, 0));
        assert!(status.trigger_time < bench.now() - Micros(8_000), "when it was found: {status:?}");
        pcm.close(context).unwrap();
    });
}

#[test]
fn the_numbers_of_a_playback() {
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut pcm = facade(&bench, open);
        pcm.hw_params(context, SEED).unwrap();
        pcm.prepare(context).unwrap();
        pcm.sw_params(SwParams { start_threshold: Frames(481), ..SwParams::new(&SEED) }).unwrap();
        assert_eq!(pcm.writei(context, &numbered(1, 300)), Ok(Frames(300)));
        assert_eq!((pcm.delay(), pcm.rewind(Frames(40)), pcm.delay()), (Ok(300), Ok(Frames(40)), Ok(260)));
        let status = pcm.status().unwrap();
        assert_eq!((status.avail, status.delay), (Frames(220), 0), "of a stream that does not run, there is no delay");
        assert_eq!(pcm.writei(context, &numbered(261, 400)), Ok(Frames(220)), "what there is room for");
        assert_eq!(pcm.writei(context, &numbered(1, 1)), Err(Errno::EIO), "nobody will start it");
        pcm.start(context).unwrap();
        pcm.set_nonblock(true);
        assert_eq!(pcm.drain(context), Err(Errno::EAGAIN));
        let status = pcm.status().unwrap();
        assert_eq!((status.state, status.delay), (State::Draining, 480 - status.hw_ptr.0 as i64));
        bench.pass(Micros(12_000));
        assert_eq!(pcm.state(), State::Setup);
        assert_eq!(numbers(&bench.played()[0][..4 * 480]), counting(1, 480));
        pcm.close(context).unwrap();
    });
}

/// A blocking write that is longer than the ring starts the stream and goes on.
#[test]
fn a_long_write_starts_and_follows() {
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut pcm = facade(&bench, open);
        pcm.hw_params(context, SEED).unwrap();
        pcm.prepare(context).unwrap();
        assert_eq!(pcm.writei(context, &numbered(1, 2_000)), Ok(Frames(2_000)));
        assert_eq!(pcm.drain(context), Ok(()));
        assert_eq!(numbers(&bench.played()[0][..4 * 2_000]), counting(1, 2_000));
        pcm.close(context).unwrap();
    });
}

/// EIO once, XRUN from then on, and the way on is that of every XRUN.
#[test]
fn a_death_is_told_once() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut pcm = facade(&bench, open);
        pcm.hw_params(context, SEED).unwrap();
        pcm.prepare(context).unwrap();
        pcm.start(context).unwrap();
        let source = Source { frames: numbered(1, 20_000).into(), repeat: 1 };
        bench.hw.attach(0, Peripheral::recorder(LINE, source));
        assert_eq!(pcm.readi(context, &mut [0; 4]), Err(Errno::EIO));
        assert_eq!((pcm.state(), pcm.readi(context, &mut [0; 4])), (State::Xrun, Err(Errno::EPIPE)));
        pcm.prepare(context).unwrap();
        assert_eq!(pcm.readi(context, &mut [0; 4 * 32]), Ok(Frames(32)));
        pcm.close(context).unwrap();
    });
}

/// One that the interrupt finds shows in the state at once, and is told by the first call that wants frames.
#[test]
fn a_death_that_the_interrupt_finds_is_told_once() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut pcm = facade(&bench, open);
        pcm.hw_params(context, SEED).unwrap();
        pcm.prepare(context).unwrap();
        assert_eq!(pcm.readi(context, &mut [0; 4 * 32]), Ok(Frames(32)));
        bench.hw.reset(0);
        let tag = bench.seen.borrow()[0].0.generation.0;
        bench.hw.post_news(0, News { tag, at: bench.hw.now(), kind: NewsKind::Fault });
        bench.cpu.take_interrupt();
        assert_eq!((pcm.state(), pcm.start(context)), (State::Xrun, Err(Errno::EBADFD)));
        assert_eq!((pcm.hwsync(), pcm.hwsync()), (Err(Errno::EIO), Err(Errno::EPIPE)));
        assert_eq!((pcm.drop_frames(context), pcm.state()), (Ok(()), State::Setup));
        pcm.close(context).unwrap();
    });
}

#[test]
fn each_hw_params_takes_what_it_needs_of_the_memory() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut pcm = facade(&bench, open);
        let params = |periods| HwParams { periods, ..SEED };
        for periods in [2, 15, 7, 15] {
            pcm.hw_params(context, params(periods)).unwrap();
            pcm.prepare(context).unwrap();
            let mut out = vec![0; 4 * 200];
            assert_eq!(pcm.readi(context, &mut out), Ok(Frames(200)));
            let first = numbers(&out)[0].unwrap();
            assert_eq!(numbers(&out), counting(first, 200), "round a ring of {periods} periods");
            pcm.drop_frames(context).unwrap();
        }
        assert_eq!(pcm.hw_params(context, params(16)), Err(Errno::ENOMEM));
        assert_eq!(pcm.state(), State::Open);
        pcm.hw_params(context, params(15)).unwrap();
        pcm.prepare(context).unwrap();
        pcm.start(context).unwrap();
        let (_channel, memory) = pcm.close(context).unwrap();
        assert_eq!(memory.len(), 1_920, "all of it, also from a stream that ran");
    });
}

#[test]
fn errors_as_numbers() {
    assert_eq!(Errno::ALL.len(), 12);
    for errno in Errno::ALL {
        let name = errno.name().expect("it has one");
        assert_eq!((errno.to_string(), errno.code()), (name.to_owned(), -errno.0));
    }
    assert_eq!((Errno(71).name(), Errno(71).to_string()), (None, "errno 71".to_owned()));
    let dai = |code| Errno::from(DaiError::Refused { code });
    assert_eq!((dai(-19), dai(-71), dai(19), dai(-4_096)), (Errno::ENODEV, Errno(71), Errno::EIO, Errno::EIO));
    assert_eq!(Errno::from(StartError::Engine(PrepError::Zero)), Errno::ENOMEM);
    assert_eq!(Errno::from(StartError::Resume(TransferError::Bus)), Errno::EIO);
    assert_eq!(Errno::from(ParamError::Zero), Errno::EINVAL);
    for (number, state) in State::ALL.into_iter().enumerate() {
        assert_eq!((usize::from(state.number()), state.name().parse()), (number, Ok(state)));
    }
    assert!("RUNNING ".parse::<State>().is_err());
}

#[test]
fn channels_are_read_and_written_one_by_one() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut pcm = facade(&bench, open);
        let (mut left, mut right) = (vec![0; 2 * 100], vec![0; 2 * 100]);
        assert_eq!(pcm.readn(context, &mut [&mut left, &mut right]), Err(Errno::EBADFD));
        pcm.hw_params(context, SEED).unwrap();
        pcm.prepare(context).unwrap();
        assert_eq!(pcm.readn(context, &mut [&mut left]), Err(Errno::EINVAL), "it has two");
        assert_eq!(pcm.readn(context, &mut [&mut left, &mut right]), Ok(Frames(100)));
        let frames: Vec<u8> =
            left.chunks_exact(2).zip(right.chunks_exact(2)).flat_map(|(left, right)| [left, right].concat()).collect();
        assert_eq!(numbers(&frames), counting(1, 100));
        pcm.close(context).unwrap();
    });
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut pcm = facade(&bench, open);
        pcm.hw_params(context, SEED).unwrap();
        pcm.sw_params(SwParams { start_threshold: Frames(400), ..SwParams::new(&SEED) }).unwrap();
        pcm.prepare(context).unwrap();
        let sound = numbered(1, 1_000);
        let side =
            |at: usize| sound.chunks_exact(4).flat_map(move |frame| frame[at..at + 2].to_vec()).collect::<Vec<u8>>();
        assert_eq!(pcm.writen(context, &[side(0), side(2)]), Ok(Frames(1_000)), "it starts on the way");
        pcm.drain(context).unwrap();
        assert_eq!(numbers(&bench.played()[0])[..1_000], counting(1, 1_000));
        pcm.close(context).unwrap();
    });
}
