//! The driver as `dmaengine-core` sees it: start, stop, progress, interrupt.
//!
//! The module has `unsafe` because it implements [`Engine`], whose promises Rust cannot check. They rest on three facts: a script
//! touches the memory of the descriptors that its control block leads to and no other; it reads them again at each start;
//! and a channel whose HE is clear, and which the core has left, is not elected.
//!
//! ```text
//!            start                      last descriptor closed
//!  Quiet ──────────▶ Running ─────────────────────────────────▶ Quiet, Done
//!    ▲                  │ stop, or an error in a ring
//!    │ the core has     ▼
//!    └──────────── Stopping
//!      left it: Stopped, or Failed
//! ```

use dmaengine_core::context::InInterrupt;
use dmaengine_core::engine::{ChannelSet, News, NewsKind, Progress};
use dmaengine_core::lock::MasksInterrupts;
use dmaengine_core::{
    ChannelId, Engine, EngineQueueAfterStop, EngineTerminateAtomic, Facts, Generation, Micros, Platform, TransferError,
};

use crate::channel::{Channel, Descriptor, Run};
use crate::peripheral::Count;
use crate::regs::{Psw, Registers, offset};
use crate::sdma::ImxSdma;
use crate::shared::{Shared, Wiring};
use crate::stop::{Fence, OnCore, StopMethod};

impl<P, R, S> ImxSdma<P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    /// Clears HE, and sends the fence after it; also where stops are known in another way, so that the next load is the second
    /// command after the stop, and finds nothing any more of a save that trails.
    #[inline]
    pub(crate) fn halt(&self, shared: &mut Shared, channel: u8) {
        self.regs.write(offset::STOP_STAT, 1 << channel);
        shared.zero.fence(self, channel);
    }

    /// When it is, for the way of knowing a stop that wants to know.
    #[inline]
    pub(crate) fn clock_of_stops(&self) -> Micros {
        if S::TIMED { self.platform.now() } else { Micros::ZERO }
    }

    /// Has channel 0 interrupt once more for a channel that the driver stops by itself, if it was not over when the fence was passed:
    /// nobody is going to ask for its end. Called at each such interrupt until it is there, for no longer than a stop takes.
    fn call_back(&self, channel: u8) {
        if !S::FENCED {
            self.shared.with(|shared| shared.zero.fence(self, channel));
        }
    }

    /// Whether the core has left a channel that was told to stop at `since`. Asks the hardware, not only the notes.
    #[inline]
    fn has_left(&self, shared: &mut Shared, channel: u8, since: Micros) -> bool {
        let fenced = || {
            shared.zero.advance(self);
            shared.zero.is_fenced(channel)
        };
        let psw = || OnCore::new(Psw(self.regs.read_ordered(offset::PSW)), self.settings.psw);
        S::has_left(fenced, psw, channel, || self.platform.now() - since)
    }

    /// A channel that is stopping, if the core has left it: quiet. It says then why it was stopped, if by the driver itself.
    #[inline]
    pub(crate) fn come_to_rest(&self, channel: &mut Channel) -> Option<NewsKind> {
        let Run::Stopping { since, because, .. } = channel.run else { return None };
        let left = self.shared.with(|shared| {
            let left = self.has_left(shared, channel.number, since);
            if left {
                shared.set_running(channel.number, false);
            }
            left
        });
        if !left {
            return None;
        }
        channel.run = Run::Quiet;
        Some(because.map_or(NewsKind::Stopped, NewsKind::Failed))
    }

    /// What there is to tell of a channel that is stopping; `because` if the driver stopped it.
    #[inline(never)]
    fn look_for_rest(&self, channel: &mut Channel, because: Option<TransferError>) -> Option<News> {
        let news = self.come_to_rest(channel).map(|kind| channel.news(kind));
        if news.is_none() && because.is_some() {
            self.call_back(channel.number);
        }
        news
    }

    /// The hardware does nothing for this channel any more.
    pub(crate) fn quiet(&self, channel: &mut Channel) {
        channel.run = Run::Quiet;
        self.shared.with(|shared| shared.set_running(channel.number, false));
    }
}

// SAFETY: `start` hands the hardware one block of descriptors, which name the regions of the transfer and nothing else. `Done` is
// told when the last of them is closed, `Stopped` and `Failed`, and `is_stopped` is true, when the core has left the channel with
// HE clear, by the way `S` that the integrator has chosen; a transfer that was never started by channel 0 is taken back. `reset`
// stops the whole block. Counts that come back are checked against what was asked.
unsafe impl<P, R, S> Engine for ImxSdma<P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    type Platform = P;
    type Callbacks = InInterrupt;
    type Channel = Channel;
    type Descriptor = Descriptor;
    type Peripheral = crate::Peripheral;

    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn platform(&self) -> &P {
        &self.platform
    }

    fn open(&self, id: ChannelId) -> Channel {
        Channel::new(id.0 + 1)
    }

    #[inline]
    fn start(&self, channel: &mut Channel, transfer: &mut Descriptor, generation: Generation) {
        let Some(filled) = &transfer.0 else { return };
        (channel.run, channel.generation) = (Run::Running, generation);
        let descriptor = filled.block.bus();
        self.shared.with(|shared| {
            shared.set_running(channel.number, true);
            if filled.is_out_of_date(shared.images()) {
                return shared.zero.refuse(self, channel.number);
            }
            shared.wire_for(&self.regs, &self.soc, channel.number, &filled.plan);
            if filled.plan.count == Count::NoDescriptors && !shared.is_asleep() {
                // Its interrupts are all there is to see of it; one left over from an earlier transfer is none of them.
                self.regs.write(offset::INTR, 1 << channel.number);
            }
            if !shared.zero.go(self, channel.number, descriptor) {
                shared.zero.load(self, channel.number, &filled.plan.context, descriptor, true);
            }
        });
    }

    #[inline]
    fn stop(&self, channel: &mut Channel) {
        match &mut channel.run {
            Run::Running => {
                channel.run = self.shared.with(|shared| {
                    if shared.zero.take_back(channel.number) {
                        shared.set_running(channel.number, false);
                        return Run::Quiet;
                    }
                    self.halt(shared, channel.number);
                    Run::Stopping { since: self.clock_of_stops(), because: None, fresh: true }
                });
            }
            // It is being stopped already; now it is the client's stop.
            Run::Stopping { because, .. } => *because = None,
            Run::Quiet => {}
        }
    }

    #[inline]
    fn is_stopped(&self, channel: &mut Channel) -> bool {
        if let Run::Stopping { fresh, .. } = &mut channel.run {
            // Asked for the first time, which is right behind the stop: no script of channel 0 is as fast as that, and when it is
            // through it interrupts.
            if core::mem::take(fresh) && S::FENCED {
                return false;
            }
        }
        channel.run == Run::Quiet || self.come_to_rest(channel).is_some()
    }

    #[inline]
    fn progress(&self, channel: &mut Channel, transfer: &Descriptor) -> Progress {
        let Some(filled) = &transfer.0 else { return Progress::default() };
        Progress { bytes: self.bytes_done(channel, filled), in_flight: 0 }
    }

    #[inline]
    fn position(&self, _channel: &mut Channel, transfer: &Descriptor) -> u64 {
        transfer.0.as_ref().map_or(0, |filled| filled.bytes)
    }

    #[inline]
    fn interrupt(&self) -> ChannelSet {
        let news = self.shared.with(|shared| {
            if shared.is_asleep() {
                return 0;
            }
            // With the lock held, so that no channel starts between the look and what is made of it.
            let pending = self.regs.read(offset::INTR);
            self.regs.write(offset::INTR, pending);
            shared.zero.advance(self);
            shared.zero.take_news(pending)
        });
        ChannelSet(u64::from(news >> 1))
    }

    #[inline]
    fn service(&self, channel: &mut Channel, transfer: Option<&mut Descriptor>) -> Option<News> {
        match channel.run {
            Run::Quiet => None,
            Run::Stopping { because, .. } => self.look_for_rest(channel, because),
            Run::Running => self.look(channel, transfer?.0.as_mut()?),
        }
    }

    fn reset(&self, channel: &mut Channel) -> bool {
        self.reset_channel(channel)
    }

    fn park(&self, channel: &mut Channel) {
        self.shared.with(|shared| {
            shared.zero.forget(channel.number);
            shared.wire(&self.regs, &self.soc, channel.number, Wiring::default());
        });
    }

    #[inline]
    fn release(&self, channel: &mut Channel, transfer: &mut Descriptor) {
        let Some(filled) = transfer.0.take() else { return };
        self.shared.with(|shared| {
            shared.zero.forget_load_of(channel.number, filled.block.bus());
            shared.blocks.give_back(filled.block);
        });
    }
}

// SAFETY: a stop needs channel 0, or the clock, and whoever asks whether it is complete sees to channel 0 himself.
unsafe impl<P, R, S> EngineTerminateAtomic for ImxSdma<P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    fn atomic_bound(&self) -> Micros {
        self.facts.stop.bound()
    }
}

// SAFETY: channel 0 interrupts when the fence is passed.
unsafe impl<P, R> EngineQueueAfterStop for ImxSdma<P, R, Fence>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
{
    /// Channel 0 loads the next context behind the fence, with nobody asked in between: when the stop is complete, the next
    /// transfer has only to be let go.
    fn queue(&self, channel: &mut Channel, next: &mut Descriptor) {
        let Some(filled) = &next.0 else { return };
        let (context, descriptor) = (&filled.plan.context, filled.block.bus());
        self.shared.with(|shared| shared.zero.load(self, channel.number, context, descriptor, false));
    }
}
