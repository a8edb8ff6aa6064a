//! What the figures are held against: the driver of Linux, and the goals.

/// How Linux's figures were taken.
pub const LINUX: &str = "\
Linux 6.12.117: `drivers/dma/imx-sdma.c`, `virt-dma.c` and `dmaengine.c`, unmodified, in a user process on x86-64, by gcc 12.2 -O2 with
uncontended spin locks, a free list for small allocations, registers in plain memory and no barrier instructions; the 1 to 2 ms for which
its terminate worker sleeps take no instructions. Ours runs on registers in plain memory, too, with an uncontended spin lock. Both are
instructions of x86-64: they compare code paths, and are no figures of an i.MX.";

/// A figure that has a goal.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// What it is.
    pub figure: &'static str,
    /// Ours.
    pub ours: Figure,
    /// Ours when it was counted for the first time, before anything was done about it.
    pub first: u32,
    /// Linux's.
    pub linux: u32,
    /// The most that it may be.
    pub goal: u32,
}

/// How a figure comes of counts of an operation.
#[derive(Clone, Copy, Debug)]
pub enum Figure {
    /// The count of one case.
    Count(&'static str, &'static str),
    /// What each of so many more takes: the difference of a case to another, divided.
    Each(&'static str, &'static str, &'static str, u32),
}

use Figure::{Count, Each};

const fn goal(figure: &'static str, ours: Figure, [first, linux, goal]: [u32; 3]) -> Goal {
    Goal { figure, ours, first, linux, goal }
}

/// All that have one.
pub const GOALS: [Goal; 9] = [
    goal("`terminate_async`, 1 queued", Count("terminate_async", "q1"), [541, 92, 60]),
    goal("`terminate_async`, 512 queued", Count("terminate_async", "q512"), [541, 110, 60]),
    goal("`terminate_async`, 511 more queued", Each("terminate_async", "q1", "q512", 1), [0, 18, 0]),
    goal("`synchronize`, nothing pending", Count("synchronize_complete", "q1"), [118, 75, 40]),
    goal("freeing, each terminated transfer", Each("free", "q1", "q512", 511), [240, 50, 20]),
    goal("prepare, submit and issue, 4 periods", Count("prepare_submit_issue", "p4"), [1607, 673, 450]),
    goal("interrupt, one period", Count("interrupt", "p1"), [769, 154, 100]),
    goal("interrupt, each further period", Each("interrupt", "p1", "p4", 3), [60, 53, 35]),
    goal("status of a running transfer", Count("status", "q1"), [228, 85, 40]),
];

/// An operation over a range of cases.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    /// What it is.
    pub figure: &'static str,
    /// The operations whose counts it is the sum of.
    pub of: &'static [&'static str],
    /// Linux's, of each case that was measured.
    pub linux: &'static [u32],
}

const fn growth(figure: &'static str, of: &'static [&'static str], linux: &'static [u32]) -> Growth {
    Growth { figure, of, linux }
}

/// Cases of what is queued.
pub const QUEUED: [&str; 4] = ["q1", "q8", "q64", "q512"];

/// What a queue of transfers might change.
pub const OVER_QUEUED: [Growth; 8] = [
    growth("`terminate_async`", &["terminate_async"], &[92, 110, 110, 110]),
    growth("`terminate_atomic`, with the wait for a microsecond", &["terminate_atomic"], &[]),
    growth("`synchronize`, nothing pending", &["synchronize_complete"], &[75, 75, 75, 75]),
    growth("`synchronize`, a stop pending; Linux frees in it", &["synchronize_pending"], &[172, 522, 3_322, 25_722]),
    growth("freeing them all; Linux does in `synchronize`", &["free"], &[]),
    growth(
        "the three: stop, wait, free",
        &["terminate_async", "synchronize_pending", "free"],
        &[270, 638, 3_438, 25_838],
    ),
    growth("restart, queued behind a stop; Linux has to wait", &["restart"], &[]),
    growth("status", &["status"], &[85]),
];

/// Cases of how many periods a transfer has.
pub const PERIODS: [&str; 3] = ["p4", "p16", "p64"];

/// What they might change. Linux remembers nothing of a request.
pub const OVER_PERIODS: [Growth; 2] = [
    growth("prepare, submit and issue", &["prepare_submit_issue"], &[673, 916, 1_892]),
    growth("the same with another request than the last", &["prepare_anew"], &[673, 916, 1_892]),
];

/// Cases of how many periods ended, and what depends on it.
pub const OVER_ENDED: ([&str; 3], Growth) = (["p1", "p2", "p4"], growth("interrupt", &["interrupt"], &[154, 207, 313]));
