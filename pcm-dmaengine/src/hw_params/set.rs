//! What a client can say about a configuration. Every setter narrows the space and refines it, or fails and leaves it
//! as it was.

use dmaengine_core::Micros;

use super::RefineError;
use super::mask::Mask;
use super::{Bound, Constraints, HwSpace, Quantity};
use crate::access::Access;
use crate::format::SampleFormat;
use crate::units::Frames;

impl HwSpace {
    /// Narrows the space, if something is left then.
    pub(super) fn narrow(&mut self, by: impl FnOnce(&mut Self) -> Result<(), RefineError>) -> Result<(), RefineError> {
        let mut narrower = *self;
        by(&mut narrower)?;
        narrower.refine()?;
        *self = narrower;
        Ok(())
    }

    /// Fixes the access.
    ///
    /// # Errors
    /// [`RefineError`] if nothing is left; nothing was changed then. So it is with all that follow.
    #[doc(alias = "snd_pcm_hw_params_set_access")]
    pub fn set_access(&mut self, access: Access) -> Result<(), RefineError> {
        self.narrow(|space| space.only_accesses(Mask::of(&[access]), Constraints::ACCESS))
    }

    /// Fixes the format.
    ///
    /// # Errors
    /// [`RefineError`] if nothing is left.
    #[doc(alias = "snd_pcm_hw_params_set_format")]
    pub fn set_format(&mut self, format: SampleFormat) -> Result<(), RefineError> {
        self.set_formats(Mask::of(&[format]))
    }

    /// Leaves only these formats.
    ///
    /// # Errors
    /// [`RefineError`] if nothing is left.
    #[doc(alias = "snd_pcm_hw_params_set_format_mask")]
    pub fn set_formats(&mut self, formats: Mask<SampleFormat>) -> Result<(), RefineError> {
        self.narrow(|space| space.only_formats(formats, Constraints::FORMAT))
    }

    /// Fixes a quantity.
    ///
    /// # Errors
    /// [`RefineError`] if nothing is left.
    #[doc(alias = "snd_pcm_hw_constraint_single")]
    pub fn set(&mut self, quantity: Quantity, value: u64) -> Result<(), RefineError> {
        self.narrow_to(quantity, Some(value), Some(value))
    }

    /// Leaves nothing below a value.
    ///
    /// # Errors
    /// [`RefineError`] if nothing is left.
    #[doc(alias = "snd_pcm_hw_constraint_minmax")]
    pub fn set_min(&mut self, quantity: Quantity, value: u64) -> Result<(), RefineError> {
        self.narrow_to(quantity, Some(value), None)
    }

    /// Leaves nothing above a value.
    ///
    /// # Errors
    /// [`RefineError`] if nothing is left.
    #[doc(alias = "snd_pcm_hw_constraint_minmax")]
    pub fn set_max(&mut self, quantity: Quantity, value: u64) -> Result<(), RefineError> {
        self.narrow_to(quantity, None, Some(value))
    }

    fn narrow_to(&mut self, quantity: Quantity, least: Option<u64>, most: Option<u64>) -> Result<(), RefineError> {
        self.narrow(|space| {
            space.between(quantity, least, most);
            Ok(())
        })
    }

    pub(super) fn only_accesses(&mut self, asked: Mask<Access>, because: Constraints) -> Result<(), RefineError> {
        let left = self.accesses;
        self.accesses = left.and(asked);
        self.accesses_because |= because;
        let because = self.accesses_because;
        if self.accesses.is_empty() { Err(RefineError::NoAccess { asked, left, because }) } else { Ok(()) }
    }

    pub(super) fn only_formats(&mut self, asked: Mask<SampleFormat>, because: Constraints) -> Result<(), RefineError> {
        let left = self.formats;
        self.formats = left.and(asked);
        self.formats_because |= because;
        let because = self.formats_because;
        if self.formats.is_empty() { Err(RefineError::NoFormat { asked, left, because }) } else { Ok(()) }
    }

    pub(super) fn between(&mut self, quantity: Quantity, least: Option<u64>, most: Option<u64>) {
        let (interval, because) = (&mut self.quantities[quantity as usize], quantity.constraint());
        if let Some(least) = least {
            interval.raise(Bound::at(least, false, because));
        }
        if let Some(most) = most.filter(|&most| most <= u32::MAX.into()) {
            interval.lower(Bound::at(most, false, because));
        }
    }
}

/// A client's number as the quantity counts it.
trait Unit {
    fn count(self) -> u64;
    fn of(count: u64) -> Self;
}

impl Unit for u64 {
    fn count(self) -> u64 {
        self
    }
    fn of(count: u64) -> Self {
        count
    }
}

impl Unit for u32 {
    fn count(self) -> u64 {
        self.into()
    }
    fn of(count: u64) -> Self {
        // No quantity counts beyond 32 bits.
        count as u32
    }
}

impl Unit for Frames {
    fn count(self) -> u64 {
        self.0
    }
    fn of(count: u64) -> Self {
        Self(count)
    }
}

impl Unit for Micros {
    fn count(self) -> u64 {
        self.0
    }
    fn of(count: u64) -> Self {
        Self(count)
    }
}

/// The setters by name and unit: the same as the general ones for one quantity.
macro_rules! setters {
    ($($quantity:ident in $unit:ident: $set:ident $min:ident $max:ident $near:ident)*) => {
        impl HwSpace { $(
            #[doc = concat!("[`set`](Self::set) for [`Quantity::", stringify!($quantity), "`].")]
            ///
            /// # Errors
            /// [`RefineError`] if nothing is left.
            pub fn $set(&mut self, value: $unit) -> Result<(), RefineError> {
                self.set(Quantity::$quantity, value.count())
            }

            #[doc = concat!("[`set_min`](Self::set_min) for [`Quantity::", stringify!($quantity), "`].")]
            ///
            /// # Errors
            /// [`RefineError`] if nothing is left.
            pub fn $min(&mut self, value: $unit) -> Result<(), RefineError> {
                self.set_min(Quantity::$quantity, value.count())
            }

            #[doc = concat!("[`set_max`](Self::set_max) for [`Quantity::", stringify!($quantity), "`].")]
            ///
            /// # Errors
            /// [`RefineError`] if nothing is left.
            pub fn $max(&mut self, value: $unit) -> Result<(), RefineError> {
                self.set_max(Quantity::$quantity, value.count())
            }

            #[doc = concat!("[`set_near`](Self::set_near) for [`Quantity::", stringify!($quantity), "`].")]
            ///
            /// # Errors
            /// [`RefineError`] if nothing near was found.
            pub fn $near(&mut self, value: $unit) -> Result<$unit, RefineError> {
                self.set_near(Quantity::$quantity, value.count()).map($unit::of)
            }
        )* }
    };
}

setters! {
    Channels in u32: set_channels set_channels_min set_channels_max set_channels_near
    Rate in u32: set_rate set_rate_min set_rate_max set_rate_near
    PeriodTime in Micros: set_period_time set_period_time_min set_period_time_max set_period_time_near
    PeriodSize in Frames: set_period_size set_period_size_min set_period_size_max set_period_size_near
    PeriodBytes in u64: set_period_bytes set_period_bytes_min set_period_bytes_max set_period_bytes_near
    Periods in u32: set_periods set_periods_min set_periods_max set_periods_near
    BufferTime in Micros: set_buffer_time set_buffer_time_min set_buffer_time_max set_buffer_time_near
    BufferSize in Frames: set_buffer_size set_buffer_size_min set_buffer_size_max set_buffer_size_near
    BufferBytes in u64: set_buffer_bytes set_buffer_bytes_min set_buffer_bytes_max set_buffer_bytes_near
}
