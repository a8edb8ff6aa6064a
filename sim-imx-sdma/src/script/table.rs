//! Which script lies where in program memory.

use alloc::vec::Vec;

/// A script, by what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptKind {
    /// Memory to memory.
    Ap2Ap,
}

/// The scripts of a chip: in its ROM, and in the RAM images that it may be loaded with.
#[derive(Clone, Debug, Default)]
pub struct Scripts {
    entries: Vec<(u16, u16, ScriptKind)>,
}

impl Scripts {
    /// Which script is there, and how many words into it.
    pub(crate) fn at(&self, pc: u16) -> Option<(ScriptKind, u16)> {
        self.entries
            .iter()
            .find(|(start, len, _)| (*start..start + len).contains(&pc))
            .map(|(start, _, kind)| (*kind, pc - start))
    }
}
