//! [`Mask`]: the accesses, or the formats, that are still possible.

use core::fmt;
use core::marker::PhantomData;

use crate::access::Access;
use crate::format::SampleFormat;

mod sealed {
    pub trait Sealed {
        fn bit(self) -> u64;
    }
}

/// What a [`Mask`] can be of: [`Access`] or [`SampleFormat`].
pub trait Maskable: sealed::Sealed + Copy + fmt::Debug + fmt::Display + 'static {
    /// All there are, in the order of ALSA's numbers.
    const ALL: &'static [Self];
}

impl sealed::Sealed for Access {
    fn bit(self) -> u64 {
        1 << self.number()
    }
}

impl sealed::Sealed for SampleFormat {
    fn bit(self) -> u64 {
        1 << self.number()
    }
}

impl Maskable for Access {
    const ALL: &'static [Self] = &Self::ALL;
}

impl Maskable for SampleFormat {
    const ALL: &'static [Self] = &Self::ALL;
}

/// A set of accesses, or of formats. Bit n is the one with ALSA's number n.
///
/// ```
/// use pcm_dmaengine::SampleFormat;
/// use pcm_dmaengine::hw_params::Mask;
/// let codec = Mask::of(&[SampleFormat::S32Le, SampleFormat::S16Le]);
/// assert_eq!(codec.first(), Some(SampleFormat::S16Le));
/// assert!(codec.has(SampleFormat::S32Le) && !codec.has(SampleFormat::U8));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[doc(alias = "snd_mask")]
pub struct Mask<T> {
    bits: u64,
    of: PhantomData<T>,
}

impl<T: Maskable> Mask<T> {
    /// Every one there is.
    #[must_use]
    pub fn all() -> Self {
        Self::of(T::ALL)
    }

    /// These.
    #[must_use]
    pub fn of(these: &[T]) -> Self {
        Self { bits: these.iter().fold(0, |bits, one| bits | one.bit()), of: PhantomData }
    }

    /// Those of them that are right.
    #[must_use]
    pub fn filter(self, right: impl Fn(T) -> bool) -> Self {
        let bits = self.iter().filter(|&one| right(one)).fold(0, |bits, one| bits | one.bit());
        Self { bits, ..self }
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { bits: self.bits & other.bits, ..self }
    }

    /// Whether this one is in it.
    pub fn has(&self, one: T) -> bool {
        self.bits & one.bit() != 0
    }

    /// Whether none is.
    pub const fn is_empty(&self) -> bool {
        self.bits == 0
    }

    /// The first, by ALSA's numbers.
    pub fn first(&self) -> Option<T> {
        self.iter().next()
    }

    /// All that are in it, by ALSA's numbers.
    pub fn iter(&self) -> impl Iterator<Item = T> + use<T> {
        let mask = *self;
        T::ALL.iter().copied().filter(move |&one| mask.has(one))
    }
}

impl<T: Maskable> fmt::Debug for Mask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<T: Maskable> fmt::Display for Mask<T> {
    /// ALSA's names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        for (place, one) in self.iter().enumerate() {
            write!(f, "{}{one}", if place > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}
