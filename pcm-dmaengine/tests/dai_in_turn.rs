//! The peripheral hears nothing more of a run that was stopped: whoever stops it, the interrupt, a linked stream or the end of
//! what there was to play, has stopped the peripheral, too.

mod common;

use std::sync::Mutex;

use backend_mock::Mock;
use backend_mock::hw::{Nanos, Peripheral, Source, StreamConfig};
use common::{SEED, device, numbered, ring, stops_after};
use dmaengine_core::{Atomic, Dma, Micros};
use pcm_dmaengine::{
    Broken, Capture, Dai, DaiError, Pcm, Playback, ReleaseFailed, Resumed, StartError, Trigger, TriggerOrder, Way,
};

const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

/// Notes what it is told.
struct Witness(TriggerOrder, Mutex<Vec<Trigger>>);

impl Witness {
    fn new(order: TriggerOrder) -> Self {
        Self(order, Mutex::default())
    }

    fn told(&self) -> Vec<Trigger> {
        self.1.lock().unwrap().clone()
    }
}

impl Dai for Witness {
    fn trigger(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        self.1.lock().unwrap().push(trigger);
        Ok(())
    }

    fn order(&self) -> TriggerOrder {
        self.0
    }
}

const ORDERS: [TriggerOrder; 2] = [TriggerOrder::LinkDmaDai, TriggerOrder::LinkDaiDma];

/// A machine of one channel with something at its end.
fn dma<D: Way>() -> Dma<Mock, 1> {
    let dma = Dma::new(Mock::new(stops_after(Micros(1_000))));
    let source = Source { frames: numbered(1, 100).into(), repeat: 1_000 };
    let capture = D::DIRECTION == dmaengine_core::Direction::DevToMem;
    let peripheral = if capture { Peripheral::recorder(LINE, source) } else { Peripheral::player(LINE) };
    dma.engine().hw().attach(0, peripheral);
    dma
}

#[test]
fn a_suspend_of_what_was_played_out_tells_the_peripheral_nothing() {
    for order in ORDERS {
        let (dma, witness, mut pcm) = (dma::<Playback>(), Witness::new(order), Pcm::new());
        let (open, _) = pcm.open_with::<Playback>(dma.channel(0).unwrap(), device(), &witness);
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        prepared.writei(&numbered(1, 100));
        let stream = prepared.start().unwrap();
        dma.engine().hw().advance_to(Nanos::from_micros(5_000));
        let Ok(draining) = stream.begin_drain() else { panic!("all was played, and nobody was late") };
        assert_eq!(witness.told(), [Trigger::Start, Trigger::Stop]);
        let kept = draining.suspend_paused().resume().expect_err("there is nothing to go on with");
        assert_eq!(kept.error, StartError::NotResumable);
        drop(kept.value.stop());
        assert_eq!(witness.told(), [Trigger::Start, Trigger::Stop]);
    }
}

#[test]
fn a_run_that_was_stopped_while_it_slept_does_not_start_its_peripheral() {
    for order in ORDERS {
        let (dma, witness, mut pcm) = (dma::<Capture>(), Witness::new(order), Pcm::new());
        let (open, half) = pcm.open_with::<Capture>(dma.channel(0).unwrap(), device(), &witness);
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        let Ok(suspended) = stream.suspend_paused() else { panic!("it ran") };
        assert!(half.xrun(), "the driver of the peripheral has found an overrun");
        let Ok(Resumed::Xrun(over)) = suspended.resume() else { panic!("it was stopped") };
        drop(over);
        assert_eq!(witness.told(), [Trigger::Start, Trigger::Suspend, Trigger::Stop]);
    }
}

#[test]
fn a_run_that_was_stopped_while_it_was_paused_does_not_start_its_peripheral() {
    for order in ORDERS {
        let (dma, witness, mut pcm) = (dma::<Capture>(), Witness::new(order), Pcm::new());
        let (open, half) = pcm.open_with::<Capture>(dma.channel(0).unwrap(), device(), &witness);
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        let Ok(paused) = stream.pause() else { panic!("it ran") };
        assert!(half.xrun());
        let Err(ReleaseFailed::Broken(Broken::Xrun(over))) = paused.resume() else { panic!("it was stopped") };
        drop(over);
        assert_eq!(witness.told(), [Trigger::Start, Trigger::PausePush, Trigger::Stop]);
    }
}
