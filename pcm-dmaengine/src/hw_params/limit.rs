//! What hardware has to say about a configuration that is not an interval: lists, ratios, steps, powers of two.
//!
//! A peripheral's driver says these once, after the engine's limits and before any wish; a client may too.

use super::grid::{Grid, MOST_GRIDS, Placed, common_multiple};
use super::{HwSpace, Quantity, RateMask, Ratnum, RefineError};

impl HwSpace {
    /// Leaves only these values of a quantity. They need no order. A time is one of these to the microsecond: 1000 is not
    /// near enough to 1000.5.
    ///
    /// The list is `'static` since data sheets are; a space stays a plain value.
    ///
    /// ```
    /// use pcm_dmaengine::HwSpace;
    /// use pcm_dmaengine::hw_params::Quantity;
    /// let mut space = HwSpace::any();
    /// space.limit_to_list(Quantity::Channels, &[1, 2, 4, 6, 8]).unwrap();
    /// assert_eq!(space.set_channels_near(3), Ok(2));
    ///
    /// // 3 is in a hole: the next value that there is, is more than what was asked for.
    /// let mut space = HwSpace::any();
    /// space.limit_to_list(Quantity::Channels, &[1, 2, 4, 6, 8]).unwrap();
    /// let refused = space.set_channels(3).unwrap_err();
    /// let why = "CHANNELS: at least 4 (CHANNELS, the grid of CHANNELS), at most 2 (CHANNELS, the grid of CHANNELS)";
    /// assert_eq!(refused.to_string(), why);
    /// ```
    ///
    /// # Errors
    /// [`RefineError::EmptyList`]; [`RefineError::TooManyGrids`]; and if nothing is left, the two sides. Nothing was changed
    /// then. So it is with all that follow.
    #[doc(alias = "snd_pcm_hw_constraint_list")]
    pub fn limit_to_list(&mut self, quantity: Quantity, list: &'static [u32]) -> Result<(), RefineError> {
        if list.is_empty() {
            return Err(RefineError::EmptyList { quantity });
        }
        self.limit(quantity, Grid::List(list))
    }

    /// Leaves only the rates of this set. A set that is [no limit](RateMask::is_limit) takes nothing away.
    ///
    /// # Errors
    /// [`RefineError`], as above.
    #[doc(alias = "snd_pcm_limit_hw_rates")]
    pub fn limit_rates(&mut self, rates: RateMask) -> Result<(), RefineError> {
        if !rates.is_limit() {
            return Ok(());
        }
        if rates.is_empty() {
            return Err(RefineError::EmptyList { quantity: Quantity::Rate });
        }
        self.limit(Quantity::Rate, Grid::Rates(rates))
    }

    /// Leaves only the rates that these clocks and their dividers make. Which divider it became,
    /// [`Ratnum::divider`] says.
    ///
    /// ```
    /// use pcm_dmaengine::HwSpace;
    /// use pcm_dmaengine::hw_params::Ratnum;
    /// static CLOCKS: [Ratnum; 2] = [
    ///     Ratnum { num: 11_289_600, den_min: 128, den_max: 1_024, den_step: 128 },
    ///     Ratnum { num: 12_288_000, den_min: 128, den_max: 1_024, den_step: 128 },
    /// ];
    /// let mut space = HwSpace::any();
    /// space.limit_to_ratnums(&CLOCKS).unwrap();
    /// assert_eq!({ space }.set_rate_near(44_000), Ok(44_100));
    /// assert_eq!({ space }.set_rate_near(50_000), Ok(48_000));
    /// ```
    ///
    /// # Errors
    /// [`RefineError::Ratnum`] if one of them has no divider or divides by 0; else as above.
    #[doc(alias = "snd_pcm_hw_constraint_ratnums")]
    pub fn limit_to_ratnums(&mut self, clocks: &'static [Ratnum]) -> Result<(), RefineError> {
        if let Some(&ratnum) = clocks.iter().find(|ratnum| !ratnum.is_sound()) {
            return Err(RefineError::Ratnum { ratnum });
        }
        if clocks.is_empty() {
            return Err(RefineError::EmptyList { quantity: Quantity::Rate });
        }
        self.limit(Quantity::Rate, Grid::Ratnums(clocks))
    }

    /// Leaves only multiples of `step`. A step of 1 makes a time a whole number of microseconds; all else is whole already.
    ///
    /// # Errors
    /// [`RefineError::ZeroStep`]; else as above.
    #[doc(alias = "snd_pcm_hw_constraint_step")]
    #[doc(alias = "snd_pcm_hw_constraint_integer")]
    pub fn limit_to_step(&mut self, quantity: Quantity, step: u32) -> Result<(), RefineError> {
        if step == 0 {
            return Err(RefineError::ZeroStep { quantity });
        }
        self.limit(quantity, Grid::Step(step.into()))
    }

    /// Leaves only powers of two.
    ///
    /// # Errors
    /// [`RefineError`], as above.
    #[doc(alias = "snd_pcm_hw_constraint_pow2")]
    pub fn limit_to_pow2(&mut self, quantity: Quantity) -> Result<(), RefineError> {
        self.limit(quantity, Grid::PowersOfTwo)
    }

    fn limit(&mut self, quantity: Quantity, grid: Grid) -> Result<(), RefineError> {
        self.narrow(|space| space.place(Placed { quantity, grid, because: quantity.grid() }))
    }

    /// Puts a grid where there is room for it. One that is there already needs none, and two steps become one.
    pub(super) fn place(&mut self, new: Placed) -> Result<(), RefineError> {
        for place in &mut self.grids {
            let Some(old) = place else {
                *place = Some(new);
                return Ok(());
            };
            if old.quantity != new.quantity {
                continue;
            }
            match (old.grid, new.grid) {
                (Grid::Step(a), Grid::Step(b)) => old.grid = Grid::Step(common_multiple(a, b)),
                (a, b) if a == b => {}
                _ => continue,
            }
            old.because |= new.because;
            return Ok(());
        }
        Err(RefineError::TooManyGrids { quantity: new.quantity, limit: MOST_GRIDS })
    }

    /// The grids on a quantity.
    pub(super) fn grids(&self, quantity: Quantity) -> impl Iterator<Item = &Placed> {
        self.grids.iter().flatten().filter(move |placed| placed.quantity == quantity)
    }

    /// Every grid draws the ends of its interval in. True if that changed something.
    pub(super) fn settle_grids(&mut self) -> Result<bool, RefineError> {
        let mut changed = false;
        for Placed { quantity, grid, because } in self.grids.into_iter().flatten() {
            changed |= self.quantities[quantity as usize].snap(&grid, because);
            self.settle(quantity)?;
        }
        Ok(changed)
    }
}
