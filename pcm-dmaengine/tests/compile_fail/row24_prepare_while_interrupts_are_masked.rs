//! Misuse: sleeping with interrupts masked, as Linux's trigger would have to: it runs under the stream's spin lock
//! (Documentation/sound/kernel-api/writing-an-alsa-driver.rst).

use backend_mock::{Cpu, Mock};
use dmaengine_core::{Atomic, Sleepable};
use pcm_dmaengine::{Capture, Xrun};

fn trigger<H: Fn(&Atomic<'_>)>(cpu: &Cpu<'_, H>, context: &mut Sleepable<'_>, xrun: Xrun<'_, Mock, Capture>) {
    cpu.masked(context, |_| xrun.prepare(context).is_ok());
}

fn main() {}
