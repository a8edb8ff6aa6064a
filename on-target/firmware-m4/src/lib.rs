//! What the programs for the small board share: the mock engine as a device of this machine, time, contexts, and tests.
//!
//! There is no DMA controller here either, and the mock is one: hardware that is told of time, and an engine over it. SysTick tells it
//! of time, and raises interrupt 0 when it has news; so both halves of a driver are where they are on a chip.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`section`] | the machine's one critical section: what the library's lock is made of |
//! | `heap` | an allocator for the mock, which needs one; the library does not |
//! | [`machine`] | the mock behind that lock, as engine and as platform |
//! | [`context`] | who may sleep |
//! | [`test`](mod@test) | named tests |
#![no_std]

extern crate alloc;

pub mod context;
pub mod machine;
pub mod section;
pub mod test;

mod heap;
