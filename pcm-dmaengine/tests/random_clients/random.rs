//! Chance that can be had again: the same seed, the same client.

/// xorshift64*.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// From 0 to `most`.
    pub fn up_to(&mut self, most: u64) -> u64 {
        self.next() % (most + 1)
    }

    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.up_to(most - least)
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.up_to(n - 1) == 0
    }

    pub fn of<T: Copy>(&mut self, some: &[T]) -> T {
        some[self.up_to(some.len() as u64 - 1) as usize]
    }

    /// One of several, each as often as its weight says.
    pub fn weighed<T: Copy>(&mut self, some: &[(u64, T)]) -> T {
        let mut at = self.up_to(some.iter().map(|(weight, _)| weight).sum::<u64>() - 1);
        for &(weight, one) in some {
            if at < weight {
                return one;
            }
            at -= weight;
        }
        unreachable!("less than their sum")
    }
}
