//! [`Constraints`]: who is to blame for a bound. Every bound of a configuration space carries the set it follows from.

use core::fmt;

bitflags::bitflags! {
    /// A set of constraints: those that a bound follows from. The empty set is what numbers can hold at all.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Constraints: u32 {
        /// What the client said about the bits of a sample.
        const SAMPLE_BITS = 1 << 0;
        /// What the client said about the bits of a frame.
        const FRAME_BITS = 1 << 1;
        /// What the client said about the channels.
        const CHANNELS = 1 << 2;
        /// What the client said about the rate.
        const RATE = 1 << 3;
        /// What the client said about the time of a period.
        const PERIOD_TIME = 1 << 4;
        /// What the client said about the frames of a period.
        const PERIOD_SIZE = 1 << 5;
        /// What the client said about the bytes of a period.
        const PERIOD_BYTES = 1 << 6;
        /// What the client said about the number of periods.
        const PERIODS = 1 << 7;
        /// What the client said about the time of the buffer.
        const BUFFER_TIME = 1 << 8;
        /// What the client said about the frames of the buffer.
        const BUFFER_SIZE = 1 << 9;
        /// What the client said about the bytes of the buffer.
        const BUFFER_BYTES = 1 << 10;
        /// What the client said about the access.
        const ACCESS = 1 << 11;
        /// What the client said about the format.
        const FORMAT = 1 << 12;
        /// The engine goes through memory in one way only.
        const ENGINE_LAYOUT = 1 << 16;
        /// [`Facts::widths`](dmaengine_core::Facts::widths).
        const ENGINE_WIDTHS = 1 << 17;
        /// [`Facts::align`](dmaengine_core::Facts::align).
        const ENGINE_ALIGN = 1 << 18;
        /// [`Facts::max_segment`](dmaengine_core::Facts::max_segment).
        const ENGINE_MAX_SEGMENT = 1 << 19;
        /// [`Facts::max_segments`](dmaengine_core::Facts::max_segments).
        const ENGINE_MAX_SEGMENTS = 1 << 20;
        /// Which bits of a sample there are: a list, ratios, steps or powers of two.
        const SAMPLE_BITS_GRID = 1 << 21;
        /// Which bits of a frame there are: a list, ratios, steps or powers of two.
        const FRAME_BITS_GRID = 1 << 22;
        /// Which numbers of channels there are: a list, ratios, steps or powers of two.
        const CHANNELS_GRID = 1 << 23;
        /// Which rates there are: a list, ratios, steps or powers of two.
        const RATE_GRID = 1 << 24;
        /// Which times of a period there are: a list, ratios, steps or powers of two.
        const PERIOD_TIME_GRID = 1 << 25;
        /// Which frames of a period there are: a list, ratios, steps or powers of two.
        const PERIOD_SIZE_GRID = 1 << 26;
        /// Which bytes of a period there are: a list, ratios, steps or powers of two.
        const PERIOD_BYTES_GRID = 1 << 27;
        /// Which numbers of periods there are: a list, ratios, steps or powers of two.
        const PERIODS_GRID = 1 << 28;
        /// Which times of the buffer there are: a list, ratios, steps or powers of two.
        const BUFFER_TIME_GRID = 1 << 29;
        /// Which frames of the buffer there are: a list, ratios, steps or powers of two.
        const BUFFER_SIZE_GRID = 1 << 30;
        /// Which bytes of the buffer there are: a list, ratios, steps or powers of two.
        const BUFFER_BYTES_GRID = 1 << 31;
    }
}

impl fmt::Display for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("the range of numbers");
        }
        for (place, (name, one)) in self.iter_names().enumerate() {
            let (article, words) = match one {
                Self::ENGINE_LAYOUT => ("the ", "engine's way through memory"),
                Self::ENGINE_WIDTHS => ("the ", "engine's widths"),
                Self::ENGINE_ALIGN => ("the ", "engine's alignment"),
                Self::ENGINE_MAX_SEGMENT => ("the ", "engine's longest period"),
                Self::ENGINE_MAX_SEGMENTS => ("the ", "engine's most periods"),
                _ => name.strip_suffix("_GRID").map_or(("", name), |quantity| ("the grid of ", quantity)),
            };
            write!(f, "{}{article}{words}", if place > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}
