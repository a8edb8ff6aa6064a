//! [`Ratnum`]: the rates that a divider makes of a clock.

/// The rates that a divider makes of a clock: `num / den`, for the dividers from `den_min` to `den_max` in steps of
/// `den_step`. With ALSA's names.
///
/// A quotient that is not whole counts as the whole number below, as `params_rate` has it in ALSA. The true rate is between
/// that and the next: 66 MHz / 1496 are 44117.6 Hz, and 44117 here.
///
/// ```
/// use pcm_dmaengine::hw_params::Ratnum;
/// let mclk = Ratnum { num: 12_288_000, den_min: 64, den_max: 1_536, den_step: 64 };
/// assert_eq!(mclk.divider(48_000), Some(256));
/// assert_eq!(mclk.divider(44_100), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "snd_ratnum")]
pub struct Ratnum {
    /// The clock, in Hz.
    pub num: u32,
    /// The least divider; not 0.
    pub den_min: u32,
    /// The greatest divider.
    pub den_max: u32,
    /// From one divider to the next; not 0.
    pub den_step: u32,
}

impl Ratnum {
    /// The divider that makes this rate. If there are several, the one that comes nearest to it, which is the greatest.
    pub fn divider(&self, rate: u32) -> Option<u32> {
        if !self.is_sound() {
            return None;
        }
        let divider = self.at_most(self.num.checked_div(rate)?)?;
        (self.num / divider == rate).then_some(divider)
    }

    /// Whether it makes any rate, and division by zero none.
    pub(super) const fn is_sound(&self) -> bool {
        self.num > 0 && self.den_min > 0 && self.den_min <= self.den_max && self.den_step > 0
    }

    /// The lowest and the highest of its rates from `low` to `high`; `low` is not 0.
    pub(super) fn ends(&self, low: u64, high: u64) -> Option<(u64, u64)> {
        let num = u64::from(self.num);
        // Clocks have 32 bits: no rate is above that.
        let slowest = self.at_most((num / low) as u32)?;
        let fastest = self.at_least((num / high.saturating_add(1)) as u32 + 1)?;
        // More dividing is slower. If the two have passed each other, there is nothing between.
        (fastest <= slowest).then_some((num / u64::from(slowest), num / u64::from(fastest)))
    }

    /// The greatest divider up to here.
    fn at_most(&self, divider: u32) -> Option<u32> {
        let above = divider.min(self.den_max).checked_sub(self.den_min)?;
        Some(self.den_min + above / self.den_step * self.den_step)
    }

    /// The least divider from here on.
    fn at_least(&self, divider: u32) -> Option<u32> {
        let above = divider.saturating_sub(self.den_min);
        let found = above.checked_next_multiple_of(self.den_step)?.checked_add(self.den_min)?;
        (found <= self.den_max).then_some(found)
    }
}
