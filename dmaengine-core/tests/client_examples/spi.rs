//! The SPI port: both ways, timed out, given up, failed by half, and never half stopped.

use backend_mock::Mock;
use backend_mock::hw::{News, NewsKind, Peripheral, StopLatency, StreamConfig};
use dmaengine_core::{Kept, Micros, Outcome, PrepError, TransferError, Unfinished};

use crate::common::{L, assert_all_slots_free, assert_clean, assert_left_alone, now, pass, us, zeroed};
use crate::demo::{Board, Executor, attach_line, board, cpu};
use crate::spi::{End, Spi, StartError};
use crate::{Dice, RATE, Script, byte, device};

/// A port with a slave that takes everything and answers what the script says.
fn port<'d>(dma: &'d Board, script: &Script) -> Spi<'d, Mock> {
    let stream = StreamConfig { rate: RATE, frame_bytes: 1, ..StreamConfig::default() };
    dma.engine().hw().attach(0, Peripheral::player(stream));
    attach_line(dma.engine(), 1, RATE, &script.bursts);
    let [tx, rx] = [0, 1].map(|channel| dma.channel(channel).unwrap());
    Spi { tx, rx, to: device(), from: device() }
}

/// What has come out of the port, exchange by exchange.
fn sent(dma: &Board) -> Vec<Vec<u8>> {
    let taken = |slave: &mut Peripheral| slave.taken().iter().map(|run| run.bytes.to_vec()).collect();
    dma.engine().hw().with_peripheral(0, taken).unwrap()
}

fn question(len: usize, seed: u8) -> &'static mut [u8] {
    (0..len).map(|i| byte(i) ^ seed).collect::<Vec<_>>().leak()
}

#[test]
fn an_exchange_goes_both_ways() {
    for seed in 1..=60 {
        let dice = &mut Dice(seed);
        let lengths = [1 + dice.below(90), 1 + dice.below(90)];
        let script = Script::new([(100, lengths[0]), (50_000, lengths[1])]);
        let dma = board();
        let cpu = cpu(&dma);
        let executor = Executor::new(&cpu, dma.engine());
        let mut spi = port(&dma, &script);
        let mut from = 0;
        for (i, len) in lengths.into_iter().enumerate() {
            let len = len as usize;
            let exchange = spi.start(question(len, i as u8), zeroed(len)).unwrap();
            let at_most = Micros(100_000);
            let (port, ended) = if dice.below(2) == 0 {
                cpu.thread(|context| exchange.wait(context, at_most)).unwrap()
            } else {
                executor.block_on(exchange.run(executor.after(at_most))).unwrap()
            };
            spi = port;
            assert_eq!((ended.end, ended.tx.valid, ended.rx.valid), (End::Complete, len, len));
            assert_eq!((ended.tx.outcome, ended.rx.outcome), (Outcome::Completed, Outcome::Completed));
            assert_eq!(ended.rx.buffer, &script.all[from..from + len]);
            assert_eq!(dma.engine().hw().now().as_micros(), script.arrival(from + len - 1).as_micros(), "not later");
            from += len;
            cpu.run_until(dma.engine().hw().now() + us(20_000));
            assert_eq!(sent(&dma)[i], ended.tx.buffer);
        }
        assert_clean(dma.engine());
        assert_all_slots_free(&spi.tx, 8);
        assert_all_slots_free(&spi.rx, 8);
    }
}

/// The slave says half of it. Both buffers come back, a stop latency after the time-out and not before.
#[test]
fn a_slave_that_stops_answering_is_given_up() {
    for blocking in [true, false] {
        let (dma, script) = (board(), Script::new([(100, 30)]));
        let cpu = cpu(&dma);
        let executor = Executor::new(&cpu, dma.engine());
        let exchange = port(&dma, &script).start(question(80, 1), zeroed(80)).unwrap();
        let at_most = Micros(5_000);
        let (spi, ended) = if blocking {
            cpu.thread(|context| exchange.wait(context, at_most)).unwrap()
        } else {
            executor.block_on(exchange.run(executor.after(at_most))).unwrap()
        };
        assert_eq!(now(dma.engine()), 5_000 + L);
        assert_eq!((ended.end, ended.rx.outcome), (End::TimedOut, Outcome::Aborted { residue: 50 }));
        assert_eq!(ended.rx.buffer[..ended.rx.valid], script.all);
        assert!(ended.rx.buffer[30..].iter().all(|&byte| byte == 0));
        assert_eq!(ended.tx.buffer, question(80, 1));
        let played = sent(&dma).concat();
        assert!(ended.tx.valid >= played.len() && played == ended.tx.buffer[..played.len()]);
        assert_left_alone(dma.engine(), ended.tx.buffer);
        assert_left_alone(dma.engine(), ended.rx.buffer);
        assert_all_slots_free(&spi.tx, 8);
        assert_all_slots_free(&spi.rx, 8);
    }
}

/// Given up at any moment: the wait costs nothing, the stop gives both buffers back, and not before it is complete.
#[test]
fn an_exchange_can_be_cancelled_at_any_moment() {
    for seed in 1..=100 {
        let dice = &mut Dice(seed);
        let (dma, script) = (board(), Script::new([(dice.below(2_000), 1 + dice.below(60))]));
        let cpu = cpu(&dma);
        let executor = Executor::new(&cpu, dma.engine());
        let mut exchange = port(&dma, &script).start(question(60, 1), zeroed(60)).unwrap();
        for _ in 0..dice.below(3) {
            let moment = dma.engine().hw().now() + us(dice.below(2_500));
            assert!(executor.poll_until(exchange.done(), moment).is_none());
        }
        let stopped_at = now(dma.engine());
        let mut halting = exchange.stop().try_finish().unwrap_err();
        pass(dma.engine(), dice.below(L));
        halting = halting.try_finish().unwrap_err();
        let (spi, ended) = if dice.below(2) == 0 {
            cpu.thread(|context| halting.synchronize(context)).unwrap()
        } else {
            executor.block_on(halting.quiescent()).unwrap();
            halting.try_finish().unwrap()
        };
        assert_eq!((now(dma.engine()), ended.end), (stopped_at + L, End::Cancelled));
        let valid = ended.rx.valid;
        assert_eq!(valid, script.come(us(stopped_at + L)).min(60), "seed {seed}");
        assert_eq!(ended.rx.buffer[..valid], script.all[..valid]);
        cpu.run_until(script.end().max(dma.engine().hw().now()));
        assert_left_alone(dma.engine(), ended.tx.buffer);
        assert_left_alone(dma.engine(), ended.rx.buffer);
        drop(spi);
    }
}

/// One direction fails: the other is stopped with it, at once and not at the time-out.
#[test]
fn an_exchange_of_which_half_fails_stops_whole() {
    for blocking in [true, false] {
        let (dma, script) = (board(), Script::new([(100, 80)]));
        let cpu = cpu(&dma);
        let executor = Executor::new(&cpu, dma.engine());
        let exchange = port(&dma, &script).start(question(80, 1), zeroed(80)).unwrap();
        cpu.run_until(us(1_000));
        let hw = dma.engine().hw();
        let tag = hw.progress(1).tag;
        hw.reset(1);
        hw.post_news(1, News { tag, at: hw.now(), kind: NewsKind::Fault });
        let (_spi, ended) = if blocking {
            cpu.thread(|context| exchange.wait(context, Micros(90_000))).unwrap()
        } else {
            executor.block_on(exchange.run(executor.after(Micros(90_000)))).unwrap()
        };
        assert_eq!((now(dma.engine()), ended.end), (1_000 + L, End::Broken));
        assert_eq!((ended.rx.outcome, ended.rx.valid), (Outcome::Failed(TransferError::Bus), 0));
        assert!(matches!(ended.tx.outcome, Outcome::Aborted { .. }));
        assert_left_alone(dma.engine(), ended.tx.buffer);
    }
}

/// A channel that does not stop keeps both buffers, until it has.
#[test]
fn an_exchange_that_does_not_stop_keeps_everything() {
    let (dma, script) = (board(), Script::new([(100, 30)]));
    let cpu = cpu(&dma);
    let exchange = port(&dma, &script).start(question(400, 1), zeroed(400)).unwrap();
    dma.engine().hw().set_stop_latency(StopLatency::Never);
    let kept = cpu.thread(|context| exchange.wait(context, Micros(3_000))).unwrap_err();
    assert_eq!((kept.error.channel.0, kept.error.error.reason), (0, Unfinished::Engine));
    dma.engine().hw().reset(0);
    let kept = cpu.thread(|context| kept.value.synchronize(context)).unwrap_err();
    assert_eq!(kept.error.channel.0, 1, "half of it is not enough");
    dma.engine().hw().reset(1);
    let (_spi, ended) = cpu.thread(|context| kept.value.synchronize(context)).unwrap();
    assert_eq!((ended.end, ended.rx.valid), (End::TimedOut, 30));
    assert_left_alone(dma.engine(), ended.rx.buffer);
}

#[test]
fn an_exchange_that_is_refused_gives_everything_back() {
    let (dma, script) = (board(), Script::new([(100, 30)]));
    let spi = port(&dma, &script);
    let Kept { value: (spi, tx, rx), error } = spi.start(question(8, 1), zeroed(9)).unwrap_err();
    assert_eq!((error, tx.len(), rx.len()), (StartError::LengthsDiffer { tx: 8, rx: 9 }, 8, 9));
    let Kept { value: (mut spi, ..), error } = spi.start(zeroed(0), zeroed(0)).unwrap_err();
    assert_eq!(error, StartError::Prepare(PrepError::Zero));
    // The second preparation is refused, and the first undone: all slots of the transmitter's channel are in use.
    let taken: Vec<_> = (0..8).map(|_| spi.tx.prep_memcpy(zeroed(4), zeroed(4)).unwrap()).collect();
    let Kept { value: (port, tx, rx), error } = spi.start(question(8, 1), zeroed(8)).unwrap_err();
    let limit = 8;
    assert_eq!(error, StartError::Prepare(PrepError::NoDescriptor { limit }));
    assert_eq!((tx.len(), rx.len()), (8, 8));
    spi = port;
    drop(taken);
    assert_all_slots_free(&spi.tx, 8);
    assert_all_slots_free(&spi.rx, 8);
    assert_clean(dma.engine());
}
