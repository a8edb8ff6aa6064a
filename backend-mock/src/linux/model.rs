//! What the models keep: names, lists, and the rules that lists must obey.
//!
//! A descriptor lives from `prep` until it is freed. In that time it is on exactly one list, or it is the active one
//! and on none, or (Linux 5.4, cyclic) active and still on ISS.

use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;

use crate::hw::Nanos;

/// Names a descriptor. The hardware knows it by the same number, as its tag. They count up from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DescId(pub u64);

impl fmt::Display for DescId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What `submit` hands out, to ask `tx_status` with. They count up from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cookie(pub u32);

/// `virt-dma.h`'s lists, in the order in which "get all descriptors" empties them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Prepared, still in the client's hands.
    Allocated,
    /// Submitted, not issued.
    Submitted,
    /// Issued.
    Issued,
    /// Completed, callback owed. A cyclic transfer never gets here.
    Completed,
    /// Terminated, not freed (Linux 5.8).
    Terminated,
}

impl List {
    const ALL: [(List, &'static str); 5] = [
        (List::Allocated, "ALLOC"),
        (List::Submitted, "SUBM"),
        (List::Issued, "ISS"),
        (List::Completed, "COMPL"),
        (List::Terminated, "TERM"),
    ];
}

/// A snapshot of a channel's lists. Displays as `ISS {1, 2}, ACT 1`: only what is not empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lists {
    lists: [Vec<DescId>; 5],
    /// The driver's pointer to the descriptor that it thinks is in the hardware.
    pub active: Option<DescId>,
}

impl Lists {
    /// What is on `list`, oldest first.
    pub fn on(&self, list: List) -> &[DescId] {
        &self.lists[list as usize]
    }

    /// The list that a descriptor is on; the first, if it is on several.
    pub fn find(&self, desc: DescId) -> Option<List> {
        let mut all = List::ALL.iter().map(|&(list, _)| list);
        all.find(|&list| self.on(list).contains(&desc))
    }

    pub(super) fn push(&mut self, list: List, desc: DescId) {
        self.lists[list as usize].push(desc);
    }

    pub(super) fn remove(&mut self, list: List, desc: DescId) {
        self.lists[list as usize].retain(|&other| other != desc);
    }

    /// Moves all of `from` behind the last of `to`.
    pub(super) fn splice(&mut self, from: List, to: List) {
        let moved = core::mem::take(&mut self.lists[from as usize]);
        self.lists[to as usize].extend(moved);
    }

    /// Empties one list.
    pub(super) fn take(&mut self, list: List) -> Vec<Freed> {
        let taken = core::mem::take(&mut self.lists[list as usize]);
        let freed = taken.into_iter().map(|desc| Freed { desc, from: list });
        freed.collect()
    }

    /// Empties every list, in their order.
    pub(super) fn take_all(&mut self) -> Vec<Freed> {
        let all = List::ALL.iter();
        all.flat_map(|&(list, _)| self.take(list)).collect()
    }

    /// Checks that every one of the `live` descriptors is somewhere, once, and that nothing else is anywhere.
    ///
    /// # Errors
    ///
    /// The first [`Violation`] of that.
    pub fn check(&self, live: &[DescId]) -> Result<(), Violation> {
        for &desc in live {
            let listed = self.listed().filter(|&other| other == desc).count();
            match listed {
                0 if self.active != Some(desc) => return Err(Violation::Lost(desc)),
                0 | 1 => {}
                _ => return Err(Violation::Twice(desc)),
            }
        }
        let mut held = self.listed().chain(self.active);
        match held.find(|desc| !live.contains(desc)) {
            Some(desc) => Err(Violation::Dangling(desc)),
            None => Ok(()),
        }
    }

    fn listed(&self) -> impl Iterator<Item = DescId> {
        self.lists.iter().flatten().copied()
    }
}

impl fmt::Display for Lists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut is_empty = true;
        let mut comma = |f: &mut fmt::Formatter<'_>| {
            let first = core::mem::replace(&mut is_empty, false);
            f.write_str(if first { "" } else { ", " })
        };
        for (list, name) in List::ALL {
            let [first, rest @ ..] = self.on(list) else {
                continue;
            };
            comma(f)?;
            write!(f, "{name} {{{first}")?;
            for desc in rest {
                write!(f, ", {desc}")?;
            }
            f.write_str("}")?;
        }
        if let Some(active) = self.active {
            comma(f)?;
            write!(f, "ACT {active}")?;
        }
        if is_empty {
            f.write_str("all empty")?;
        }
        Ok(())
    }
}

/// A descriptor that was freed, and where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freed {
    /// The descriptor.
    pub desc: DescId,
    /// The list it was on.
    pub from: List,
}

/// A period callback as the client gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Callback {
    /// The descriptor whose callback is run.
    pub desc: DescId,
    /// The descriptor whose periods have really ended.
    pub moved_by: DescId,
    /// How many.
    pub periods: u32,
    /// When the first of them ended.
    pub at: Nanos,
}

/// What `tx_status` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Also for a cookie that was never handed out.
    Complete,
    /// Also for a transfer that is gone and will never do anything.
    InProgress {
        /// Bytes; 0 for what is not issued, or gone.
        residue: u32,
    },
    /// The channel was told to stop, and nothing was prepared since. Says nothing about this transfer.
    Error {
        /// As above.
        residue: u32,
    },
}

/// The client used a descriptor that the driver had freed under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("descriptor {0} was used after it was freed")]
pub struct UseAfterFree(pub DescId);

/// What must not happen, and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Violation {
    /// A live descriptor is on no list, and not active.
    #[error("descriptor {0} is on no list")]
    Lost(DescId),
    /// A live descriptor is on more than one list.
    #[error("descriptor {0} is on two lists")]
    Twice(DescId),
    /// A freed descriptor is still on a list, or active.
    #[error("descriptor {0} is freed and still held")]
    Dangling(DescId),
    /// A descriptor was freed by the worker of a terminate that came before it was made.
    #[error("descriptor {desc} was freed by a terminate from before its time, at {terminated}")]
    FreedTooYoung {
        /// The descriptor.
        desc: DescId,
        /// When that terminate was.
        terminated: Nanos,
    },
    /// A descriptor was freed while the engine was at work on it.
    #[error("descriptor {0} was freed under the engine")]
    FreedInUse(DescId),
    /// As [`UseAfterFree`].
    #[error("descriptor {0} was used after it was freed")]
    UsedAfterFree(DescId),
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    const O: DescId = DescId(1);
    const N: DescId = DescId(2);

    #[test]
    fn lists_print_as_in_a_time_line() {
        let mut lists = Lists::default();
        assert_eq!(lists.to_string(), "all empty");
        lists.push(List::Issued, O);
        lists.push(List::Issued, N);
        lists.active = Some(O);
        assert_eq!(lists.to_string(), "ISS {1, 2}, ACT 1");
        lists.remove(List::Issued, O);
        lists.push(List::Terminated, O);
        assert_eq!(lists.to_string(), "ISS {2}, TERM {1}, ACT 1");
    }

    #[test]
    fn each_broken_list_is_named() {
        let mut lists = Lists::default();
        lists.push(List::Issued, O);
        assert_eq!(lists.check(&[O]), Ok(()));
        assert_eq!(lists.check(&[O, N]), Err(Violation::Lost(N)));
        assert_eq!(lists.check(&[]), Err(Violation::Dangling(O)));
        lists.active = Some(N);
        assert_eq!(lists.check(&[O, N]), Ok(()));
        assert_eq!(lists.check(&[O]), Err(Violation::Dangling(N)));
        lists.push(List::Terminated, O);
        assert_eq!(lists.check(&[O, N]), Err(Violation::Twice(O)));
    }

    #[test]
    fn all_are_taken_in_list_order() {
        let mut lists = Lists::default();
        let order = List::ALL.map(|(list, _)| list);
        for list in order.into_iter().rev() {
            lists.push(list, O);
        }
        assert_eq!(lists.to_string(), "ALLOC {1}, SUBM {1}, ISS {1}, COMPL {1}, TERM {1}");
        let taken: Vec<List> = lists.take_all().iter().map(|freed| freed.from).collect();
        assert_eq!(taken, order);
        assert_eq!(lists, Lists::default());
    }
}
