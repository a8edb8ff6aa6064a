//! [`Window`]: the counts that several quantities allow at once, when all else is given.
//!
//! With a format, a number of channels and a rate, the frames, bytes and microseconds of a period are one number in three
//! units. So their intervals and grids are limits of one number: the intervals give the two ends of the window, the grids
//! its bars.

use super::grid::Scale;
use super::{HwSpace, Quantity, RefineError};

/// A search gives up after so many steps.
pub(super) struct Steps {
    left: u32,
    most: u32,
}

impl Steps {
    pub(super) const fn at_most(most: u32) -> Self {
        Self { left: most, most }
    }

    pub(super) fn take(&mut self) -> Result<(), RefineError> {
        self.left = self.left.checked_sub(1).ok_or(RefineError::Undecided { steps: self.most })?;
        Ok(())
    }
}

/// The counts that are right for all of these quantities, each as it sees the count.
pub(super) struct Window<'a> {
    space: &'a HwSpace,
    terms: &'a [(Quantity, Scale)],
    low: u64,
    high: u64,
}

impl<'a> Window<'a> {
    pub(super) fn new(space: &'a HwSpace, terms: &'a [(Quantity, Scale)]) -> Self {
        let solved = terms.iter().map(|&(quantity, scale)| space.interval(quantity).solve(scale));
        let (low, high) = solved.fold((1, u64::MAX), |(low, high), (least, most)| (low.max(least), high.min(most)));
        Self { space, terms, low, high }
    }

    /// The least count, from here on.
    pub(super) fn least(&self, from: u64, steps: &mut Steps) -> Result<Option<u64>, RefineError> {
        self.settle(from.max(self.low), steps, |count| (count, self.high), |(first, _)| first)
    }

    /// The greatest count, up to here.
    pub(super) fn most(&self, to: u64, steps: &mut Steps) -> Result<Option<u64>, RefineError> {
        self.settle(to.min(self.high), steps, |count| (self.low, count), |(_, last)| last)
    }

    /// Goes from grid to grid, always in one direction, until all agree on a count or there is none left.
    fn settle(
        &self,
        mut count: u64,
        steps: &mut Steps,
        rest: impl Fn(u64) -> (u64, u64),
        nearest: impl Fn((u64, u64)) -> u64,
    ) -> Result<Option<u64>, RefineError> {
        loop {
            let before = count;
            let (low, high) = rest(count);
            if low > high {
                return Ok(None);
            }
            for &(quantity, scale) in self.terms {
                for placed in self.space.grids(quantity) {
                    let (low, high) = rest(count);
                    let Some(ends) = placed.grid.ends(low, high, scale) else { return Ok(None) };
                    count = nearest(ends);
                }
            }
            if count == before {
                return Ok(Some(count));
            }
            steps.take()?;
        }
    }
}
