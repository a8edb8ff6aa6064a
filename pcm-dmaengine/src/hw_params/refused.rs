//! Why a space cannot be narrowed down, or has nothing in it to choose.

use dmaengine_core::ErrorKind;

use super::{Bound, Constraints, Quantity};

/// Why a space of configurations could not be narrowed, or no configuration chosen. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[doc(alias = "EINVAL")]
pub enum RefineError {
    /// Two constraints leave nothing of a quantity. An open bound is not itself in the interval.
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
    #[error("no access is left after: {because}")]
    NoAccess {
        /// What took them away.
        because: Constraints,
    },
    /// No format is left.
    #[error("no format is left after: {because}")]
    NoFormat {
        /// What took them away.
        because: Constraints,
    },
    /// Each quantity has values left, but there is no configuration that has them all.
    #[error("the constraints have no configuration in common")]
    NothingInCommon,
    /// So many values were tried without an end to be seen.
    #[error("nothing found in {steps} steps")]
    Undecided {
        /// How many.
        steps: u32,
    },
}

impl RefineError {
    /// Always [`ErrorKind::InvalidInput`].
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
    }
}
