//! What an engine takes away from the space of configurations.

use dmaengine_core::{BusWidth, Facts};

use super::RefineError;
use super::grid::{Grid, Placed};
use super::mask::Mask;
use super::{Bound, Constraints, HwSpace, Quantity};
use crate::access::Access;
use crate::format::SampleFormat;

impl HwSpace {
    /// Leaves what a cyclic transfer of this engine can do:
    ///
    /// - interleaved access, since the engine goes through the ring from end to end;
    /// - formats whose samples are as wide as an access that it can make to a device
    ///   (as Linux 6.12, sound/core/pcm_dmaengine.c);
    /// - periods of a multiple of [`Facts::align`] bytes, of at most [`Facts::max_segment`], and no more of them than
    ///   [`Facts::max_segments`].
    ///
    /// The device at the other end has limits of its own; set them as a client does.
    ///
    /// # Errors
    /// [`RefineError`] if nothing is left. Nothing was changed then.
    #[doc(alias = "snd_dmaengine_pcm_refine_runtime_hwparams")]
    pub fn limit_to_engine(&mut self, facts: &Facts) -> Result<(), RefineError> {
        let (quantity, grid) = (Quantity::PeriodBytes, Grid::Step(facts.align.max(1).into()));
        self.narrow(|space| {
            space.only_accesses(Mask::of(&[Access::RwInterleaved]), Constraints::ENGINE_LAYOUT)?;
            let formats = Mask::all().filter(|format| facts.widths.has(width(format)));
            space.only_formats(formats, Constraints::ENGINE_WIDTHS)?;
            space.place(Placed { quantity, grid, because: Constraints::ENGINE_ALIGN })?;
            space.at_most(Quantity::PeriodBytes, facts.max_segment, Constraints::ENGINE_MAX_SEGMENT);
            space.at_most(Quantity::Periods, facts.max_segments, Constraints::ENGINE_MAX_SEGMENTS);
            Ok(())
        })
    }

    fn at_most(&mut self, quantity: Quantity, limit: u32, because: Constraints) {
        self.quantities[quantity as usize].lower(Bound::at(limit.into(), false, because));
    }
}

fn width(format: SampleFormat) -> BusWidth {
    match format.bytes() {
        1 => BusWidth::One,
        2 => BusWidth::Two,
        3 => BusWidth::Three,
        4 => BusWidth::Four,
        _ => BusWidth::Eight,
    }
}
