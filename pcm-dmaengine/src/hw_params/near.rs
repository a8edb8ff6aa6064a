//! The value nearest to a wish.
//!
//! Refinement draws the ends of an interval in to values that there are. But that such a value has a configuration, refinement
//! does not know: buffers of 1024 or 4096 frames of 1 to 8 channels have no size between 24576 and 28672 bytes, and an
//! interval has them all. So the search halves what is left on each side of the wish, always the nearer half first, and a half
//! in which there is nothing is gone at once.
//!
//! Times have values between two whole ones. The places where a value can be are counted in half steps: place 2 n is n
//! itself, place 2 n + 1 is all that is between n and n + 1.

use super::RefineError;
use super::window::Steps;
use super::{Bound, HwSpace, Interval, Quantity};

/// The most parts of a space that are looked into. Real spaces take two or three, hard ones as often as one can halve 32
/// bits.
const MOST_TRIES: u32 = 1 << 8;

/// The most steps to find out that a part has no configuration. What takes longer counts as having one.
const MOST_STEPS: u32 = 1 << 12;

/// On which side of the wish.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Below,
    Above,
}

impl HwSpace {
    /// Fixes a quantity at the value nearest to this one that a configuration has, the lower of two that are equally near, and
    /// gives it back. A time that is not a whole number of microseconds is left between the two whole ones, and the lower is
    /// given back.
    ///
    /// A value in a hole is never taken. One that only looks as if it had a configuration is, if it would take too long to
    /// find out: then [`choose`](Self::choose) says so.
    ///
    /// # Errors
    /// [`RefineError::NothingInCommon`] if no value is possible; [`RefineError::Undecided`] if 256 parts of the space had
    /// none. Nothing was changed.
    pub fn set_near(&mut self, quantity: Quantity, value: u64) -> Result<u64, RefineError> {
        let mut tries = Steps::at_most(MOST_TRIES);
        let mut side = |least, most, side| {
            let mut part = *self;
            part.between(quantity, least, most);
            match part.refine() {
                Ok(()) => part.nearest(quantity, side, &mut tries),
                Err(_) => Ok(None),
            }
        };
        let below = side(None, Some(value), Side::Below)?;
        let above = side(Some(value), None, Side::Above)?;
        // How far it is down to what was found below, and up to what was found above.
        let down = below.map(|space| value.abs_diff(space.interval(quantity).max().value.into()));
        let up = above.map(|space| value.abs_diff(space.interval(quantity).min().value.into()));
        let nearest = match (down, up) {
            (Some(down), Some(up)) if up < down => above,
            (Some(_), _) => below,
            (None, _) => above,
        };
        let found = nearest.ok_or(RefineError::NothingInCommon)?;
        *self = found;
        Ok(found.interval(quantity).min().value.into())
    }

    /// What is left at the nearest place. `side` is where this space is, as seen from the wish.
    fn nearest(mut self, quantity: Quantity, side: Side, tries: &mut Steps) -> Result<Option<Self>, RefineError> {
        let mut part = self;
        loop {
            tries.take()?;
            let (low, high) = places(part.interval(quantity));
            let middle = low + (high - low) / 2;
            let (end, near, far) = match side {
                Side::Below => (high, (middle + 1, high), (low, middle)),
                Side::Above => (low, (low, middle), (middle + 1, high)),
            };
            if let Some(found) = part.within(quantity, (end, end)) {
                return Ok(Some(found));
            }
            let half =
                if low < high { part.within(quantity, near).or_else(|| part.within(quantity, far)) } else { None };
            if let Some(half) = half {
                part = half;
                continue;
            }
            // It had looked as if there were something. On with what is beyond it.
            let (first, last) = places(self.interval(quantity));
            let beyond = match side {
                Side::Below => (first, low.saturating_sub(1)),
                Side::Above => (high + 1, last),
            };
            match self.within(quantity, beyond) {
                Some(rest) => (self, part) = (rest, rest),
                None => return Ok(None),
            }
        }
    }

    /// What is left between two places, if there is something. Neither is outside the interval by more than one.
    fn within(&self, quantity: Quantity, (low, high): (u64, u64)) -> Option<Self> {
        let because = quantity.constraint();
        let mut part = *self;
        let interval = &mut part.quantities[quantity as usize];
        interval.raise(Bound::at(low / 2, low % 2 != 0, because));
        interval.lower(Bound::at(high.div_ceil(2), high % 2 != 0, because));
        part.refine().ok()?;
        let empty = part.first(&mut Steps::at_most(MOST_STEPS)) == Err(RefineError::NothingInCommon);
        (!empty).then_some(part)
    }
}

/// The first place of an interval, and the last.
fn places(interval: Interval) -> (u64, u64) {
    let (min, max) = (interval.min(), interval.max());
    (2 * u64::from(min.value) + u64::from(min.open), 2 * u64::from(max.value) - u64::from(max.open))
}
