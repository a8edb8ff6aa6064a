//! The engine's limits, checked before anything reaches the engine. Each error names the value and the limit.

use crate::config::{Chunk, Cyclic, DevToDev, Interleaved, InterleavedSlave, SlaveConfig};
use crate::engine::Facts;
use crate::error::PrepError;
use crate::memory::Region;

impl Facts {
    pub(super) fn aligned(&self, value: u64) -> Result<(), PrepError> {
        // A power of two, so no division.
        if value & u64::from(self.align.max(1) - 1) == 0 {
            return Ok(());
        }
        Err(PrepError::Misaligned { value, align: self.align })
    }

    /// A buffer that may be cut into as many segments as there are.
    pub(super) fn whole(&self, region: &Region) -> Result<(), PrepError> {
        if region.len == 0 {
            return Err(PrepError::Zero);
        }
        self.aligned(region.ptr.as_ptr() as u64)?;
        self.aligned(region.len as u64)
    }

    /// One hardware segment.
    pub(super) fn segment(&self, region: &Region) -> Result<(), PrepError> {
        self.whole(region)?;
        self.length(region.len as u64)
    }

    pub(super) fn length(&self, len: u64) -> Result<(), PrepError> {
        if len <= u64::from(self.max_segment) {
            return Ok(());
        }
        Err(PrepError::SegmentTooLong { len, limit: self.max_segment })
    }

    pub(super) fn count(&self, count: u64) -> Result<(), PrepError> {
        if count == 0 {
            return Err(PrepError::Zero);
        }
        if count <= u64::from(self.max_segments) {
            return Ok(());
        }
        Err(PrepError::TooManySegments { count, limit: self.max_segments })
    }

    /// Memory that is cut into as few segments as it takes.
    pub(super) fn pieces(&self, region: &Region) -> Result<(), PrepError> {
        self.count((region.len as u64).div_ceil(u64::from(self.max_segment.max(1))))
    }

    pub(super) fn device<P>(&self, config: &SlaveConfig<P>) -> Result<(), PrepError> {
        if self.widths.has(config.width) {
            return Ok(());
        }
        Err(PrepError::Width { bytes: config.width.bytes() })
    }

    pub(super) fn dev_to_dev<P>(&self, request: &DevToDev<P>) -> Result<(), PrepError> {
        self.device(&request.source)?;
        self.device(&request.destination)?;
        if request.period == 0 {
            return Err(PrepError::Zero);
        }
        self.aligned(u64::from(request.period))?;
        self.length(u64::from(request.period))
    }

    pub(super) fn interleaved(&self, dst: &Region, src: &Region, request: &Interleaved<'_>) -> Result<(), PrepError> {
        self.whole(dst)?;
        self.whole(src)?;
        self.rows(request)?;
        self.side(dst, request, |chunk| chunk.dst_gap)?;
        self.side(src, request, |chunk| chunk.src_gap)
    }

    pub(super) fn interleaved_slave<P>(
        &self,
        buffer: &Region,
        request: &InterleavedSlave<'_, P>,
    ) -> Result<(), PrepError> {
        self.device(&request.config)?;
        self.whole(buffer)?;
        self.rows(&request.shape)?;
        self.side(buffer, &request.shape, |chunk| request.gap(chunk))
    }

    /// Rows of chunks, each of which is a hardware segment.
    fn rows(&self, shape: &Interleaved<'_>) -> Result<(), PrepError> {
        self.count((shape.chunks.len() as u64).saturating_mul(u64::from(shape.rows)))?;
        for chunk in shape.chunks {
            if chunk.size == 0 {
                return Err(PrepError::Zero);
            }
            self.length(u64::from(chunk.size))?;
            self.aligned(u64::from(chunk.size))?;
        }
        Ok(())
    }

    /// Rows with their gaps on one side, in the memory there.
    fn side(&self, region: &Region, shape: &Interleaved<'_>, gap: impl Fn(&Chunk) -> u32) -> Result<(), PrepError> {
        shape.chunks.iter().try_for_each(|chunk| self.aligned(u64::from(gap(chunk))))?;
        let (end, len) = (shape.extent(gap), region.len as u64);
        if end <= len { Ok(()) } else { Err(PrepError::OutOfBuffer { end, len }) }
    }

    #[inline]
    pub(super) fn cyclic<P>(&self, buffer: &Region, request: &Cyclic<P>) -> Result<(), PrepError> {
        let len = buffer.len as u64;
        request.check(len)?;
        self.device(&request.config)?;
        self.whole(buffer)?;
        self.aligned(u64::from(request.period))?;
        self.length(u64::from(request.period))?;
        self.count(len / u64::from(request.period))
    }
}
