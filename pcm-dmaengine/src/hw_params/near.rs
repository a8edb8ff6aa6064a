//! The value nearest to a wish. An interval has no holes and the configurations have, so it takes trying.

use super::RefineError;
use super::{HwSpace, Quantity};

/// The most values that are tried.
const MOST_TRIES: u32 = 1 << 8;

impl HwSpace {
    /// Fixes a quantity as near to a value as refinement allows, the lower of two that are equally near, and gives it back. A
    /// time that is not a whole number of microseconds is left between the two whole ones, and the lower is given back.
    ///
    /// # Errors
    /// [`RefineError::NothingInCommon`] if no value is possible; [`RefineError::Undecided`] if 256 were not. Nothing
    /// was changed.
    pub fn set_near(&mut self, quantity: Quantity, value: u64) -> Result<u64, RefineError> {
        let because = quantity.constraint();
        let refined = |mut space: Self| space.refine().is_ok().then_some(space);
        let (mut below, mut above) = (*self, *self);
        below.between(quantity, None, Some(value));
        above.between(quantity, Some(value), None);
        let (mut below, mut above) = (refined(below), refined(above));
        for _ in 0..MOST_TRIES {
            // How far it is down to what is left below, and up to what is left above.
            let down = below.map(|space| value.abs_diff(space.interval(quantity).max().value.into()));
            let up = above.map(|space| value.abs_diff(space.interval(quantity).min().value.into()));
            let (side, lower) = match (down, up) {
                (Some(down), Some(up)) if up < down => (&mut above, false),
                (Some(_), _) => (&mut below, true),
                (None, _) => (&mut above, false),
            };
            let Some(space) = *side else { return Err(RefineError::NothingInCommon) };
            let interval = space.interval(quantity);
            let (nearest, rest) = if lower { interval.split_highest(because) } else { interval.split_lowest(because) };
            let with = |interval| {
                let mut part = space;
                part.quantities[quantity as usize] = interval;
                refined(part)
            };
            if let Some(found) = with(nearest) {
                *self = found;
                return Ok(found.interval(quantity).min().value.into());
            }
            *side = with(rest);
        }
        Err(RefineError::Undecided { steps: MOST_TRIES })
    }
}
