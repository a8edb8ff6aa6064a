//! [`Interval`]: the values that one quantity may still have, and its two [`Bound`]s.
//!
//! All quantities are positive. Counts are whole numbers; times are not: 32 frames at 48 kHz are between 666 and 667 us,
//! and neither. That is what open bounds are for.

use core::fmt;

use super::Constraints;
use super::grid::{Grid, Scale};

/// One end of an [`Interval`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Where it is.
    pub value: u32,
    /// Whether the value itself is outside.
    pub open: bool,
    /// What it follows from.
    pub because: Constraints,
}

impl Bound {
    /// A bound that is no constraint, at the lower end: more than nothing.
    const LOWEST: Self = Self { value: 0, open: true, because: Constraints::empty() };
    /// A bound that is no constraint, at the upper end: what can be counted.
    const HIGHEST: Self = Self { value: u32::MAX, open: false, because: Constraints::empty() };

    /// A bound at a value; above all that can be counted if the value is.
    pub(super) fn at(value: u64, open: bool, because: Constraints) -> Self {
        match u32::try_from(value) {
            Ok(value) => Self { value, open, because },
            Err(_) => Self { value: u32::MAX, open: true, because },
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.value, self.because)
    }
}

/// The values that a quantity may still have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "snd_interval")]
pub struct Interval {
    min: Bound,
    max: Bound,
    whole: bool,
}

impl Interval {
    /// Every count from 1 on.
    pub(super) const COUNT: Self = Self { min: Bound { value: 1, ..Bound::HIGHEST }, max: Bound::HIGHEST, whole: true };
    /// Every time above 0.
    pub(super) const TIME: Self = Self { min: Bound::LOWEST, max: Bound::HIGHEST, whole: false };

    /// One value that nobody has chosen.
    pub(super) const fn constant(value: u32) -> Self {
        let bound = Bound { value, open: false, because: Constraints::empty() };
        Self { min: bound, max: bound, whole: true }
    }

    /// The lower end.
    pub const fn min(&self) -> Bound {
        self.min
    }

    /// The upper end.
    pub const fn max(&self) -> Bound {
        self.max
    }

    /// Whether only whole numbers are in it.
    pub const fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether nothing is in it.
    pub const fn is_empty(&self) -> bool {
        let (min, max) = (self.min.value, self.max.value);
        min > max || min == max && (self.min.open || self.max.open)
    }

    /// The value, if there is but one.
    pub const fn single(&self) -> Option<u32> {
        if self.min.value == self.max.value && !self.is_empty() { Some(self.min.value) } else { None }
    }

    /// Whether `numerator / denominator` is in it.
    pub const fn contains(&self, numerator: u128, denominator: u64) -> bool {
        let denominator = denominator as u128;
        // 32 bits by 64: no overflow.
        let (min, max) = (self.min.value as u128 * denominator, self.max.value as u128 * denominator);
        let above = if self.min.open { numerator > min } else { numerator >= min };
        let below = if self.max.open { numerator < max } else { numerator <= max };
        denominator > 0 && above && below && (!self.whole || numerator % denominator == 0)
    }

    /// Nothing below the bound any more. True if that changed something.
    pub(super) fn raise(&mut self, mut bound: Bound) -> bool {
        if self.whole && bound.open && bound.value < u32::MAX {
            bound = Bound { value: bound.value + 1, open: false, ..bound };
        }
        let tighter = (bound.value, bound.open) > (self.min.value, self.min.open);
        if tighter {
            self.min = bound;
        }
        tighter
    }

    /// Nothing above the bound any more. True if that changed something.
    pub(super) fn lower(&mut self, mut bound: Bound) -> bool {
        if self.whole && bound.open && bound.value > 0 {
            bound = Bound { value: bound.value - 1, open: false, ..bound };
        }
        let tighter = (bound.value, !bound.open) < (self.max.value, !self.max.open);
        if tighter {
            self.max = bound;
        }
        tighter
    }

    /// Draws both ends in to the next values on a grid. If there are none between them, the ends pass each other: then they
    /// are the two sides of a hole. True if that changed something.
    pub(super) fn snap(&mut self, grid: &Grid, because: Constraints) -> bool {
        let (min, max) = (self.min, self.max);
        let from = u64::from(min.value) + u64::from(min.open);
        let to = u64::from(max.value).saturating_sub(max.open.into());
        let above = grid.ends(from.max(1), u32::MAX.into(), Scale::ONE).map(|(first, _)| first);
        let below = grid.ends(1, to, Scale::ONE).map(|(_, last)| last);
        let mut changed = false;
        if let Some(above) = above {
            changed |= self.raise(Bound::at(above, false, min.because | because));
        }
        if below.is_some() || above.is_none() {
            changed |= self.lower(Bound::at(below.unwrap_or(0), false, max.because | because));
        }
        changed
    }

    /// The bounds of `x * y / z`: nothing that these three can make lies outside.
    pub(super) fn product(x: &Self, y: &Self, z: &Self) -> (Bound, Bound) {
        let low = match z.max.value {
            0 => Bound::LOWEST,
            divisor => {
                let (product, divisor) = (u64::from(x.min.value) * u64::from(y.min.value), u64::from(divisor));
                let open = x.min.open || y.min.open || z.max.open || product % divisor != 0;
                Bound::at(product / divisor, open, x.min.because | y.min.because | z.max.because)
            }
        };
        let high = match z.min.value {
            0 => Bound::HIGHEST,
            divisor => {
                let (product, divisor) = (u64::from(x.max.value) * u64::from(y.max.value), u64::from(divisor));
                let open = x.max.open || y.max.open || z.min.open || product % divisor != 0;
                match u32::try_from(product.div_ceil(divisor)) {
                    Ok(value) => Bound { value, open, because: x.max.because | y.max.because | z.min.because },
                    Err(_) => Bound::HIGHEST,
                }
            }
        };
        (low, high)
    }

    /// The counts that lie between the bounds as `scale` sees them, from the least to the most.
    pub(super) fn solve(&self, Scale { numerator, denominator }: Scale) -> (u64, u64) {
        // No denominator of ours has more than 32 bits.
        let (min, max) = (u64::from(self.min.value) * denominator, u64::from(self.max.value) * denominator);
        let least = if self.min.open { min / numerator + 1 } else { min.div_ceil(numerator) };
        let most = if self.max.open { max.div_ceil(numerator).saturating_sub(1) } else { max / numerator };
        (least, most)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (left, right) = (if self.min.open { '(' } else { '[' }, if self.max.open { ')' } else { ']' });
        match self.single() {
            Some(value) => value.fmt(f),
            None => write!(f, "{left}{} {}{right}", self.min.value, self.max.value),
        }
    }
}
