//! Why a space cannot be narrowed down, or has nothing in it to choose.

use dmaengine_core::ErrorKind;

use super::{Bound, Constraints, Mask, Quantity, Ratnum};
use crate::access::Access;
use crate::format::SampleFormat;

/// Why a space of configurations could not be narrowed, or no configuration chosen. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[doc(alias = "EINVAL")]
pub enum RefineError {
    /// Two constraints leave nothing of a quantity. An open bound is not itself in the interval. If the two met in a hole
    /// between two values, these are its two sides.
    #[error("{quantity}: at least {least}, at most {most}")]
    Empty {
        /// The quantity of which nothing is left.
        quantity: Quantity,
        /// The lower bound, and what it follows from.
        least: Bound,
        /// The upper bound below it, and what that follows from.
        most: Bound,
    },
    /// No access is left.
    #[error("access {asked}: only {left} left ({because})")]
    NoAccess {
        /// Those that the last constraint would have left.
        asked: Mask<Access>,
        /// Those that the ones before it have left.
        left: Mask<Access>,
        /// All of these constraints.
        because: Constraints,
    },
    /// No format is left.
    #[error("format {asked}: only {left} left ({because})")]
    NoFormat {
        /// Those that the last constraint would have left.
        asked: Mask<SampleFormat>,
        /// Those that the ones before it have left.
        left: Mask<SampleFormat>,
        /// All of these constraints.
        because: Constraints,
    },
    /// Each quantity has values left, but there is no configuration that has them all.
    #[error("the constraints have no configuration in common")]
    NothingInCommon,
    /// So many steps were gone without an end to be seen.
    #[error("nothing found in {steps} steps")]
    Undecided {
        /// How many.
        steps: u32,
    },
    /// A list, or a set of rates or clocks, with nothing in it.
    #[error("{quantity}: a list of no values")]
    EmptyList {
        /// The quantity it was for.
        quantity: Quantity,
    },
    /// There are no multiples of 0.
    #[error("{quantity}: a step of 0, at least 1")]
    ZeroStep {
        /// The quantity it was for.
        quantity: Quantity,
    },
    /// A clock of 0 Hz, no divider, a divider of 0, or no way from one to the next.
    #[error("no rates: {} Hz by {} to {} in steps of {}", ratnum.num, ratnum.den_min, ratnum.den_max, ratnum.den_step)]
    Ratnum {
        /// It.
        ratnum: Ratnum,
    },
    /// A space keeps only so many lists, ratios, steps and powers of two.
    #[error("{quantity}: more than {limit} lists, ratios, steps and powers of two")]
    TooManyGrids {
        /// The quantity that the one more was for.
        quantity: Quantity,
        /// The most.
        limit: usize,
    },
}

impl RefineError {
    /// Always [`ErrorKind::InvalidInput`].
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
    }
}
