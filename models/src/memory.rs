//! The memory of the models: a few places, each with a name, that nobody really reads or writes.
//!
//! Who has which one at a time is what matters; the hardware keeps that (see [`Hardware`](crate::Hardware)).
//!
//! This module has `unsafe` because it implements [`Payload`].

use std::ptr::NonNull;

use dmaengine_core::{Buffer, Payload, Region, WriteBuffer};

/// How many places there are.
pub(crate) const BUFFERS: usize = 6;

static PLACES: [u8; BUFFERS] = [0; BUFFERS];

/// One place, below 6. A model uses each once.
#[derive(Debug, PartialEq, Eq)]
pub struct Buf(pub usize);

/// Which place a region is.
pub(crate) fn place(region: &Region) -> usize {
    region.ptr.as_ptr() as usize - PLACES.as_ptr() as usize
}

// SAFETY: no byte of a place is ever accessed, so there is nothing that two could reach.
unsafe impl Payload for Buf {
    type Regions = [Region; 1];
    type Keep = ();

    fn into_regions(self) -> ([Region; 1], ()) {
        ([Region::new(NonNull::from(&PLACES[self.0]), 1)], ())
    }

    unsafe fn from_regions([region]: [Region; 1], (): ()) -> Self {
        Self(place(&region))
    }
}

// SAFETY: as above.
unsafe impl Buffer for Buf {}
// SAFETY: as above.
unsafe impl WriteBuffer for Buf {}
