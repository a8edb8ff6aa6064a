//! A period of 256 frames of 4 bytes is taken out of a ring: by a capture stream of this library, by rtrb and by heapless' `spsc`. What
//! each of them does, and does not: `benches/notes/peers.md`.

use benches::plain::{Plain, Sdma};
use dmaengine_core::{Atomic, BusAddr, BusWidth, Dma, SlaveConfig};
use heapless::spsc;
use pcm_dmaengine::{Capture, Frames, HwParams, Pcm, Running, SampleFormat};
use rtrb::RingBuffer;

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::RequestLine;

/// Frames of a period, and bytes.
pub const PERIOD: usize = 256;
const BYTES: usize = 4 * PERIOD;

/// A frame.
pub type Frame = [u8; 4];
/// A capture stream that runs, on registers that are plain memory.
pub type Stream = Running<'static, Sdma, Capture>;

/// One of four periods that has one period to read.
///
/// # Panics
/// If the driver does not like it.
pub fn ours() -> Stream {
    let (plain, sdma) = Plain::sdma();
    let dma: &'static Dma<Sdma, 1, 8> = Box::leak(Box::new(Dma::new(sdma)));
    let pcm: &'static mut Pcm<Sdma> = Box::leak(Box::new(Pcm::new()));
    // SSI1's receiver (i.MX 6Dual/6Quad RM, table "SDMA event mapping").
    let ssi = Peripheral::ssi_shared(RequestLine::new(37).expect("a line of i.MX6"));
    let config = SlaveConfig::new(BusAddr(0x0202_8008), BusWidth::Two, ssi).with_max_burst(8);
    let (open, half) = pcm.open_capture(dma.channel(0).expect("nobody has it"), config);
    let params = HwParams {
        format: SampleFormat::S16Le,
        rate: 48_000,
        channels: 2,
        period_size: Frames(PERIOD as u64),
        periods: 4,
    };
    let Ok(setup) = open.hw_params(params, vec![0; 4 * BYTES].leak()) else { panic!("it is right") };
    let Ok(running) = setup.prepare().start() else { panic!("it starts") };
    plain.answer();
    dma.interrupt(&Atomic::new(), &mut |callback, event| _ = half.elapsed(callback, event));
    plain.finish(1, 1);
    dma.interrupt(&Atomic::new(), &mut |callback, event| _ = half.elapsed(callback, event));
    running
}

/// Reads it.
///
/// # Panics
/// If it is not there.
pub fn read_ours(running: Stream, period: &mut [Frame; PERIOD]) -> Stream {
    let Ok((running, read)) = running.try_readi(period.as_flattened_mut()) else { panic!("it runs") };
    assert_eq!(read, Frames(PERIOD as u64));
    running
}

/// A ring of rtrb.
pub type Rtrb = (rtrb::Producer<Frame>, rtrb::Consumer<Frame>);

/// rtrb with a period in it.
///
/// # Panics
/// Never: there is room.
pub fn rtrb() -> Rtrb {
    let (mut producer, consumer) = RingBuffer::new(4 * PERIOD);
    (0..PERIOD).for_each(|_| producer.push([1; 4]).expect("there is room"));
    (producer, consumer)
}

/// Reads it.
///
/// # Panics
/// If it is not there.
pub fn read_rtrb(consumer: &mut rtrb::Consumer<Frame>, period: &mut [Frame; PERIOD]) {
    let Ok(chunk) = consumer.read_chunk(PERIOD) else { panic!("it is there") };
    let (first, second) = chunk.as_slices();
    let (head, tail) = period.split_at_mut(first.len());
    head.copy_from_slice(first);
    tail.copy_from_slice(second);
    chunk.commit_all();
}

/// A queue of heapless.
pub type Queue = spsc::Queue<Frame, { 4 * PERIOD + 1 }>;

/// heapless with a period in it.
///
/// # Panics
/// Never: there is room.
pub fn heapless() -> Box<Queue> {
    let mut queue = Box::new(Queue::new());
    (0..PERIOD).for_each(|_| queue.enqueue([1; 4]).expect("there is room"));
    queue
}

/// Reads it.
///
/// # Panics
/// If it is not there.
pub fn read_heapless(queue: &mut Queue, period: &mut [Frame; PERIOD]) {
    for frame in period {
        let Some(next) = queue.dequeue() else { panic!("it is there") };
        *frame = next;
    }
}
