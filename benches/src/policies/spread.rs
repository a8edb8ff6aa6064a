//! Many values of one kind: their median, the value that 99.9 % do not exceed, and the worst.

/// Sorted values, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread(Vec<u64>);

impl Spread {
    /// These values; `None` if there are none.
    #[must_use]
    pub fn new(values: impl IntoIterator<Item = u64>) -> Option<Self> {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_unstable();
        (!values.is_empty()).then_some(Self(values))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The least value that so many thousandths of all do not exceed (the nearest rank). Of 0 it is the least, of 1000 the worst.
    #[must_use]
    pub fn permille(&self, permille: usize) -> u64 {
        let rank = (self.count() * permille.min(1_000)).div_ceil(1_000);
        self.0[rank.max(1) - 1]
    }

    /// Half of all are not above it.
    #[must_use]
    pub fn median(&self) -> u64 {
        self.permille(500)
    }

    /// The greatest.
    #[must_use]
    pub fn worst(&self) -> u64 {
        self.permille(1_000)
    }

    /// All together.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.0.iter().sum()
    }

    /// How many are above zero.
    #[must_use]
    pub fn above_zero(&self) -> usize {
        self.0.iter().filter(|value| **value > 0).count()
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn of_a_thousand_and_one_only_the_worst_is_above_99_9_percent() {
        let spread = Spread::new((0..1_000).rev().chain([5_000])).unwrap();
        assert_eq!((spread.count(), spread.median(), spread.permille(999), spread.worst()), (1_001, 500, 999, 5_000));
        let spread = Spread::new(0..1_000).unwrap();
        assert_eq!((spread.median(), spread.permille(999), spread.worst()), (499, 998, 999));
    }

    #[test]
    fn of_few_99_9_percent_is_the_worst() {
        let spread = Spread::new([30, 10, 20]).unwrap();
        assert_eq!(
            [0, 1, 333, 334, 500, 667, 999, 1_000].map(|n| spread.permille(n)),
            [10, 10, 10, 20, 20, 30, 30, 30]
        );
        assert_eq!(spread.sum(), 60);
    }

    #[test]
    fn of_nothing_there_is_no_spread() {
        assert_eq!(Spread::new([]), None);
    }
}
