//! [`Grid`]: which values a quantity has at all. What lies between two of them is a hole.
//!
//! An interval has two ends and nothing to say about the middle; a codec has, and an engine's words, and a divider. So a
//! space keeps, beside its intervals, a few grids: a list, usual rates, ratios of a clock, steps, powers of two. All their
//! values are whole and positive. One question is enough for all that is done with them: between these two values, which
//! is the first on the grid and which the last? Refinement asks it to draw the ends of an interval in; the choice, to step
//! over the holes.

use super::{Constraints, Quantity, RateMask, Ratnum};

/// The most grids of one space. Real ones have a handful: the rates and channels of a codec, the engine's words, a step.
pub(super) const MOST_GRIDS: usize = 8;

/// Which values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grid {
    List(&'static [u32]),
    Rates(RateMask),
    Ratnums(&'static [Ratnum]),
    /// The multiples; never 0.
    Step(u64),
    PowersOfTwo,
}

/// A grid, the quantity it is for, and who is to blame for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) quantity: Quantity,
    pub(super) grid: Grid,
    pub(super) because: Constraints,
}

/// What a count of one quantity is in another: `count * numerator / denominator`. Neither is 0.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    pub(super) numerator: u64,
    pub(super) denominator: u64,
}

impl Scale {
    pub(super) const ONE: Self = Self::times(1);

    pub(super) const fn times(numerator: u64) -> Self {
        Self { numerator, denominator: 1 }
    }

    /// The count for which this is the value.
    fn count(self, value: u32) -> Option<u64> {
        let value = u64::from(value) * self.denominator;
        (value % self.numerator == 0).then(|| value / self.numerator)
    }
}

impl Grid {
    /// The first and the last count from `low` to `high` that is on the grid, as `scale` sees it. `low` is not 0.
    pub(super) fn ends(&self, low: u64, high: u64, scale: Scale) -> Option<(u64, u64)> {
        match *self {
            Self::List(list) => ends_of(list.iter().copied(), low, high, scale),
            Self::Rates(rates) => ends_of(rates.rates(), low, high, scale),
            Self::PowersOfTwo => ends_of((0..u32::BITS).map(|bit| 1 << bit), low, high, scale),
            Self::Step(step) => {
                let whole = step.saturating_mul(scale.denominator);
                let step = whole / common_divisor(whole, scale.numerator);
                let (first, last) = (low.checked_next_multiple_of(step)?, high / step * step);
                (first <= last).then_some((first, last))
            }
            // Only rates are ratios of a clock, and nobody asks for a rate in terms of another quantity.
            Self::Ratnums(ratnums) => {
                ratnums.iter().filter_map(|ratnum| ratnum.ends(low, high)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
            }
        }
    }

    /// Whether `numerator / denominator` is on it.
    pub(super) fn has(&self, numerator: u128, denominator: u64) -> bool {
        let denominator = u128::from(denominator.max(1));
        let whole = numerator % denominator == 0;
        let value = u64::try_from(numerator / denominator);
        whole && value.is_ok_and(|value| value > 0 && self.ends(value, value, Scale::ONE).is_some())
    }
}

fn ends_of(values: impl Iterator<Item = u32>, low: u64, high: u64, scale: Scale) -> Option<(u64, u64)> {
    let between = values.filter_map(|value| scale.count(value)).filter(|count| (low..=high).contains(count));
    between.fold(None, |ends, count| {
        let (first, last) = ends.unwrap_or((count, count));
        Some((count.min(first), count.max(last)))
    })
}

fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// The least common multiple. Two of 32 bits have one in 64; beyond that no count of ours is a multiple anyway.
pub(super) fn common_multiple(a: u64, b: u64) -> u64 {
    (a / common_divisor(a, b)).saturating_mul(b)
}
