//! Sound on an engine that can tell only whether a transfer is over. Its streams move by whole periods, with the interrupt.

mod common;

use backend_mock::Cpu;
use backend_mock::faulty::Faulty;
use backend_mock::hw::{Nanos, Peripheral, Source, StreamConfig};
use common::{SEED, counting, device, numbered, numbers, ring, stops_after};
use dmaengine_core::{Dma, Micros, ResidueGranularity};
use pcm_dmaengine::{Broken, Frames, Pcm};

const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

/// The reader gets every frame in order for as long as it reads, over several rounds of the ring. When it does not, the
/// engine goes round over frames that nobody has read, and only the count of periods can tell: that is an XRUN, and the
/// stream begins again at 0.
#[test]
fn capture_reads_every_frame_and_finds_its_xrun() {
    let engine = Faulty::with_residue(stops_after(Micros(1_000)), ResidueGranularity::Descriptor);
    let dma: Dma<Faulty, 1> = Dma::new(engine);
    let mock = dma.engine().mock();
    mock.hw().attach(0, Peripheral::recorder(LINE, Source { frames: numbered(1, 20_000).into(), repeat: 1 }));
    let mut pcm = Pcm::new();
    let (open, half) = pcm.open_capture(dma.channel(0).unwrap(), device());
    let cpu = Cpu::new(mock, |atomic: &_| {
        dma.interrupt(atomic, &mut |callback, event| _ = half.elapsed(callback, event));
    });
    let pass = |frames: u64| cpu.run_until(mock.hw().now() + Nanos(frames * 1_000_000_000 / 48_000 + 1));
    cpu.thread(|context| {
        let mut stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        pass(31);
        assert_eq!(stream.avail(), Frames(0), "a period that is not over does not count");
        pass(1);
        let mut out = [0; 4 * 32];
        for period in 0..50 {
            assert_eq!(stream.avail(), Frames(32), "period {period}");
            let Ok((on, frames)) = stream.readi(context, &mut out) else { panic!("in time") };
            assert_eq!((frames, numbers(&out)), (Frames(32), counting(1 + 32 * period, 32)));
            pass(32);
            stream = on;
        }
        pass(480);
        let Err(Broken::Xrun(over)) = stream.readi(context, &mut out) else { panic!("the ring ran over, unnoticed") };
        assert_eq!(over.report().appl_ptr, Frames(1_600));

        let stream = over.prepare(context).unwrap().start().unwrap();
        pass(33);
        assert_eq!(stream.avail(), Frames(32));
        let Ok((stream, _)) = stream.readi(context, &mut out) else { panic!("in time") };
        let run = mock.hw().with_peripheral(0, |recorder| recorder.runs()[1]).unwrap();
        assert_eq!(numbers(&out), counting(run.first_frame as u32 + 1, 32));
        let _ = stream.stop().synchronize(context).unwrap();
    });
}
