//! A random walk over one channel's states, by a client who keeps count.

use super::case::{Case, Trouble, ensure, failed};
use super::prelude::*;
use super::rig::Rig;
use super::work::Work;
use crate::{Active, Idle, Micros, Outcome, Stopping};

/// Numbers that look random and are the same each time (xorshift).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Below a limit that is not 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

enum Hold<'r, R: Rig> {
    Idle(Idle<'r, R::Engine>),
    Active(Active<'r, R::Engine>),
    Stopping(Stopping<'r, R::Engine>),
}

/// Sixty calls that the channel's state allows; then everything is stopped, and everything must have ended.
pub(super) fn random_calls<'r, R: Rig>(
    case: &Case<'_, 'r, R>,
    idle: Idle<'r, R::Engine>,
    seed: u64,
) -> Result<Idle<'r, R::Engine>, Trouble> {
    let mut random = Random::new(seed);
    let mut hold = Hold::<R>::Idle(idle);
    let mut works = Vec::new();
    for _ in 0..60 {
        hold = one_call(case, hold, &mut works, &mut random)?;
        match random.below(4) {
            0 => case.run(Micros(random.below(case.bound().0 + 100))),
            1 => case.pass(Micros(random.below(case.bound().0 / 2 + 100))),
            _ => {}
        }
        works = take_back(works, random.below(2) == 0)?;
    }
    let idle = match hold {
        Hold::Idle(idle) => idle,
        Hold::Active(active) => case.stop(active)?,
        Hold::Stopping(stopping) => case.synchronize(stopping)?,
    };
    let left = take_back(works, true)?;
    ensure!(left.is_empty(), "on a quiescent channel, {} transfers have not ended (walk {seed})", left.len());
    Ok(idle)
}

fn one_call<'r, R: Rig>(
    case: &Case<'_, 'r, R>,
    hold: Hold<'r, R>,
    works: &mut Vec<Work<'r, R::Engine>>,
    random: &mut Random,
) -> Result<Hold<'r, R>, Trouble> {
    let seed = random.below(200) as u8;
    let endless = random.below(3) == 0;
    Ok(match (hold, random.below(6)) {
        (Hold::Idle(idle), 0..=3) => {
            // On an idle channel everything has ended.
            *works = take_back(core::mem::take(works), true)?;
            ensure!(works.is_empty(), "on an idle channel, {} transfers have not ended", works.len());
            let (active, work) =
                case.start(idle, |case, idle| if endless { case.endless(idle) } else { case.finite(idle, seed) })?;
            works.push(work);
            Hold::Active(active)
        }
        (Hold::Active(active), 0..=2) => {
            if let Ok(ready) = case.finite(&active, seed) {
                if let Ok(work) = ready.join(&active) {
                    works.push(work);
                }
            }
            Hold::Active(active)
        }
        (Hold::Active(active), 3) => {
            active.issue();
            Hold::Active(active)
        }
        (Hold::Active(active), 4) => match active.try_idle() {
            Ok(idle) => Hold::Idle(idle),
            Err(kept) => Hold::Active(kept.value),
        },
        (Hold::Active(active), _) => Hold::Stopping(active.terminate_async()),
        (Hold::Stopping(stopping), 0..=1) => match stopping.try_finish() {
            Ok(idle) => Hold::Idle(idle),
            Err(stopping) => Hold::Stopping(stopping),
        },
        (Hold::Stopping(stopping), 2..=3) if case.abilities.queue.is_some() => match case.finite(&stopping, seed) {
            Ok(ready) => match ready.queue(case.abilities, stopping) {
                Some((active, work)) => {
                    works.push(work);
                    Hold::Active(active)
                }
                None => return failed("a transfer of the same channel was not queued behind its stop"),
            },
            Err(_) => Hold::Stopping(stopping),
        },
        (Hold::Stopping(stopping), 4) => Hold::Idle(case.synchronize(stopping)?),
        (hold, _) => hold,
    })
}

/// Takes back what has ended, and looks at it.
fn take_back<E: crate::Engine>(works: Vec<Work<'_, E>>, really: bool) -> Result<Vec<Work<'_, E>>, Trouble> {
    if !really {
        return Ok(works);
    }
    let mut left = Vec::new();
    for work in works {
        match work.try_resolve() {
            Err(work) => left.push(work),
            Ok(ended) => {
                let holds = match ended.outcome {
                    Outcome::Completed => ended.memory.holds(ended.memory.len()),
                    Outcome::Aborted { residue } => ended.memory.holds_before(residue),
                    Outcome::Failed(error) => return failed(format!("a transfer failed: {error}")),
                };
                if let Err(wrong) = holds {
                    return failed(format!("a transfer ended as {:?}, and {wrong}", ended.outcome));
                }
            }
        }
    }
    Ok(left)
}
