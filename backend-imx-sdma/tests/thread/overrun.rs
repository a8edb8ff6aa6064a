//! The thread's failure, with each of its cures: an overrun stops the stream in the interrupt, it is started again at once, and it
//! goes on. In every phase of a burst.

use backend_imx_sdma::{Fence, Poll, StopMethod, Wait};

use crate::bench::{BURST_TIME, Bench, Way};
use crate::cures::{self, Cure};
use crate::load::Load;
use crate::stream::Stream;

/// Phases of a burst that are tried; the stride is no divisor of anything.
const PHASES: u64 = 200;
const STRIDE: u64 = BURST_TIME / PHASES;

fn sweep<S: StopMethod>(cure: Cure<S>, bench: Bench<S>, is_loaded: bool) {
    bench.thread(|cpu, context| {
        let mut load = if is_loaded { Load::on(&bench) } else { Load::none() };
        let mut stream = Stream::begin(&bench);
        for phase in (0..BURST_TIME).step_by(STRIDE as usize) {
            stream.overrun(cpu, phase);
            stream.restart(cpu, context, cure);
            load.refresh(&bench);
        }
        stream.overrun(cpu, 0);
        load.end(context);
        stream.end(context);
    });
}

macro_rules! sweeps {
    ($($name:ident = $cure:expr, $bench:expr;)*) => { $(
        mod $name {
            use super::*;

            #[test]
            fn a_capture_goes_on_after_an_overrun() {
                sweep($cure, $bench(Way::Capture), false);
            }

            #[test]
            fn a_playback_goes_on_after_an_overrun() {
                sweep($cure, $bench(Way::Playback), false);
            }

            #[test]
            fn a_capture_goes_on_after_an_overrun_with_15_others_busy() {
                sweep($cure, $bench(Way::Capture), true);
            }

            #[test]
            fn a_playback_goes_on_after_an_overrun_with_15_others_busy() {
                sweep($cure, $bench(Way::Playback), true);
            }
        }
    )* };
}

/// Where it takes longer than the FIFO has room for, the device stops and starts with its DMA.
fn led<S: StopMethod>(way: Way) -> Bench<S> {
    Bench::new(way).led()
}

sweeps! {
    synchronize_by_fence = cures::synchronize::<Fence>, Bench::new;
    synchronize_by_poll = cures::synchronize::<Poll>, led;
    synchronize_by_wait = cures::synchronize::<Wait>, led;
    terminate_atomic_by_fence = cures::atomic::<Fence>, Bench::new;
    terminate_atomic_by_poll = cures::atomic::<Poll>, Bench::new;
    terminate_atomic_by_wait = cures::atomic::<Wait>, led;
    queue_after_stop = cures::queue_after_stop, Bench::new;
    queue_again = cures::queue_again, Bench::new;
}
