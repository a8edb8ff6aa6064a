//! What statements look at again and again: how transfers end, and whose memory is touched.

use super::abilities::View;
use super::case::{Case, Trouble, Verdict, ensure, failed};
use super::prelude::*;
use super::rig::Rig;
use super::work::{Ended, Given, Memory, POISON, Ready, Work, poisoned};
use crate::{Active, Idle, Outcome, Status, Stopping};

impl<'r, R: Rig> Case<'_, 'r, R> {
    /// Waits asleep until a transfer has ended.
    pub(super) fn end(&self, what: &str, work: Work<'r, R::Engine>) -> Result<Ended, Trouble> {
        let mut holder = Some(work);
        let mut ended = None;
        self.until(|| {
            match holder.take().map(Work::try_resolve) {
                Some(Ok(end)) => ended = Some(end),
                Some(Err(work)) => holder = Some(work),
                None => {}
            }
            ended.is_some()
        });
        match (ended, holder) {
            (Some(end), _) => Ok(end),
            (None, Some(work)) => {
                failed(format!("{what} has not ended after {}: {:?}", self.scale.patience, work.status()))
            }
            (None, None) => failed(format!("{what} is lost")),
        }
    }

    /// Waits until a finite transfer has run to its end, with all its data.
    pub(super) fn completes(&self, what: &str, work: Work<'r, R::Engine>) -> Result<Given, Trouble> {
        let ended = self.end(what, work)?;
        ensure!(ended.outcome == Outcome::Completed, "{what} ended as {:?}", ended.outcome);
        if let Err(wrong) = ended.memory.holds(ended.memory.len()) {
            return failed(format!("{what} is complete, and {wrong}"));
        }
        Ok(ended.memory)
    }

    /// A transfer of a quiescent channel: it has ended now, aborted.
    pub(super) fn aborted(&self, what: &str, work: Work<'r, R::Engine>) -> Result<(Given, u64), Trouble> {
        match work.try_resolve() {
            Ok(Ended { outcome: Outcome::Aborted { residue }, memory }) => Ok((memory, residue)),
            Ok(ended) => failed(format!("{what}, which was stopped, ended as {:?}", ended.outcome)),
            Err(work) => failed(format!("{what} still has its memory on a quiescent channel: {:?}", work.status())),
        }
    }

    /// Stops and waits for it, asleep.
    pub(super) fn stop(&self, active: Active<'r, R::Engine>) -> Result<Idle<'r, R::Engine>, Trouble> {
        self.synchronize(active.terminate_async())
    }

    pub(super) fn synchronize(&self, stopping: Stopping<'r, R::Engine>) -> Result<Idle<'r, R::Engine>, Trouble> {
        stopping.synchronize(self.cx).map_err(|kept| Trouble::Failed(format!("synchronize: {}", kept.error)))
    }

    /// Memory that came back is nobody else's: it is poisoned, time passes, and nobody writes or tries to.
    pub(super) fn left_alone(&self, what: &str, memory: &mut Given) -> Verdict {
        for target in memory.targets() {
            target.fill(POISON);
        }
        self.run(self.bound() * 4 + self.period() * 5);
        if let Err(wrong) = memory.untouched() {
            return failed(format!("after {what} came back, {wrong}"));
        }
        self.no_trespass(what)
    }

    /// The hardware has touched nothing that was not its own.
    pub(super) fn no_trespass(&self, what: &str) -> Verdict {
        let more = self.rig.trespasses().unwrap_or(0) - self.trespasses;
        ensure!(more == 0, "{more} accesses to memory that was not the engine's, around {what}");
        Ok(())
    }

    /// The work counts as running or as queued.
    pub(super) fn alive(&self, what: &str, work: &Work<'r, R::Engine>) -> Verdict {
        let status = work.status();
        let alive = matches!(status, Status::Running { .. } | Status::Queued { .. });
        ensure!(alive, "{what} is {status:?}");
        Ok(())
    }

    /// As many transfers as a channel has room for can be prepared, and no more.
    pub(super) fn all_slots_free(&self, idle: &Idle<'r, R::Engine>) -> Verdict {
        let slots = self.dma().slots();
        let mut all = Vec::new();
        for i in 0..slots {
            match self.short(idle) {
                Ok(ready) => all.push(ready),
                Err(Trouble::Failed(seen)) => return failed(format!("transfer {i} of {slots}: {seen}")),
                Err(skipped) => return Err(skipped),
            }
        }
        ensure!(self.short(idle).is_err(), "more than {slots} transfers at a time");
        Ok(())
    }

    /// Any transfer that the engine can do, as small as can be.
    fn short<'a, 'd>(&self, on: impl Into<View<'a, 'd, R::Engine>>) -> Result<Ready<'d, R::Engine>, Trouble>
    where
        'd: 'a,
        R::Engine: 'd,
    {
        if self.abilities.memcpy.is_some() || self.abilities.slave_sg.is_some() || self.has_rows_from() {
            return self.finite(on, 1);
        }
        self.endless(on)
    }

    pub(super) fn nobody_writes(&self, what: &str, ready: Ready<'r, R::Engine>) -> Verdict {
        match ready.cancel().untouched() {
            Ok(()) => self.no_trespass(what),
            Err(wrong) => failed(format!("{what}: {wrong}")),
        }
    }

    pub(super) fn poisoned(&self, len: usize) -> Memory {
        poisoned(len)
    }
}
