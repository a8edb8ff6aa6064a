//! Waiting with a bound, asleep or busy. Every wait of this library goes through one of the two, or is a task's
//! ([`Quiescent`](super::Quiescent)); all of them give up in the same way.

use crate::Micros;
use crate::context::Sleepable;
use crate::engine::{Engine, EngineTerminateAtomic, StopKind};
use crate::error::{StillRunning, Unfinished};
use crate::platform::Platform;
use crate::vchan::Chan;

/// How long [`synchronize`](crate::Stopping::synchronize) grants beyond the engine's own bound, for callbacks to return
/// and for the scheduler to be late: 10 ms.
pub const SYNCHRONIZE_GRACE: Micros = Micros::from_millis(10);

/// Asks again and again until it is so, or the bound has passed; `rest` is told how much of it is left.
fn until<E: Engine, T>(
    chan: Chan<'_, E>,
    bound: Micros,
    mut is_so: impl FnMut() -> Result<T, Unfinished>,
    rest: impl Fn(Unfinished, Micros),
) -> Result<T, StillRunning> {
    let platform = chan.platform();
    let start = platform.now();
    loop {
        let waited = platform.now() - start;
        match is_so() {
            Ok(answer) => return Ok(answer),
            Err(reason) if waited >= bound => return Err(ran_out(chan, waited, bound, reason)),
            Err(reason) => rest(reason, bound - waited),
        }
    }
}

/// What a wait says when it gives up.
#[cfg_attr(not(feature = "log"), expect(unused_variables, reason = "only the log names the channel"))]
pub(super) fn ran_out<E: Engine>(chan: Chan<'_, E>, waited: Micros, bound: Micros, reason: Unfinished) -> StillRunning {
    let error = StillRunning { waited, bound, reason };
    #[cfg(feature = "log")]
    log::warn!("{chan:?}: {error}");
    error
}

/// Busy-waits, a microsecond at a time.
pub(crate) fn busy<E: Engine, T>(
    chan: Chan<'_, E>,
    bound: Micros,
    is_so: impl FnMut() -> Result<T, Unfinished>,
) -> Result<T, StillRunning> {
    until(chan, bound, is_so, |_, _| chan.platform().delay(Micros(1)))
}

/// Busy-waits for the hardware alone, within the engine's bound: for a stop from where callbacks cannot be waited for.
pub(crate) fn hardware_stopped<E: EngineTerminateAtomic>(chan: Chan<'_, E>) -> Result<(), StillRunning> {
    busy(chan, chan.engine.atomic_bound(), || {
        let stopped = chan.with(|engine, inner| inner.hardware_stopped(engine));
        if stopped { Ok(()) } else { Err(Unfinished::Engine) }
    })
}

/// How long a `synchronize` waits, asleep or as a task.
pub(crate) fn synchronize_bound(engine: &impl Engine) -> Micros {
    engine.facts().stop.bound() * 2 + SYNCHRONIZE_GRACE
}

/// Sleeps. An engine that tells the end of its stop by interrupt wakes the sleeper, and is asked after its bound in case that
/// interrupt was lost; others are asked now and then.
pub(crate) fn asleep<E: Engine, T>(
    chan: Chan<'_, E>,
    context: &Sleepable<'_>,
    is_so: impl FnMut() -> Result<T, Unfinished>,
) -> Result<T, StillRunning> {
    let stop = chan.engine.facts().stop;
    let tells = matches!(stop, StopKind::Deferred { interrupt: true, .. });
    let now_and_then = Micros((stop.bound().0 / 16).clamp(1, 1_000));
    let at_the_bound = stop.bound().max(Micros(1));
    until(chan, synchronize_bound(chan.engine), is_so, |reason, left| {
        context.sleep(if tells && reason == Unfinished::Engine { at_the_bound } else { now_and_then }.min(left));
    })
}
