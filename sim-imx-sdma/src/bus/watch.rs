//! Watchpoints: does anyone touch this buffer after that moment?

use alloc::vec::Vec;
use core::ops::Range;

use super::access::Access;
use crate::time::Cycles;

/// A watchpoint that was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Watch(u64);

#[derive(Clone, Debug)]
struct Watchpoint {
    watch: Watch,
    range: Range<u32>,
    from: Cycles,
    touches: Vec<Access>,
}

impl Watchpoint {
    fn is_touched_by(&self, access: &Access) -> bool {
        let end = u64::from(access.address) + u64::from(access.width.bytes());
        access.time >= self.from && access.address < self.range.end && end > u64::from(self.range.start)
    }
}

/// All of them. Few, so they are looked through one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Watchpoints {
    points: Vec<Watchpoint>,
    set: u64,
}

impl Watchpoints {
    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    pub(super) fn set(&mut self, range: Range<u32>, from: Cycles) -> Watch {
        let watch = Watch(self.set);
        self.set += 1;
        self.points.push(Watchpoint { watch, range, from, touches: Vec::new() });
        watch
    }

    pub(super) fn touches(&self, watch: Watch) -> &[Access] {
        self.points.iter().find(|point| point.watch == watch).map_or(&[], |point| &point.touches)
    }

    pub(super) fn clear(&mut self, watch: Watch) -> Vec<Access> {
        match self.points.iter().position(|point| point.watch == watch) {
            Some(at) => self.points.remove(at).touches,
            None => Vec::new(),
        }
    }

    pub(super) fn note(&mut self, access: Access) {
        for point in &mut self.points {
            if point.is_touched_by(&access) {
                point.touches.push(access);
            }
        }
    }
}
