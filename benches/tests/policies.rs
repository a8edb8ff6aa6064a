//! What the table of the stop policies claims, on a coarser walk than the table's.

use benches::policies::{Figures, GOAL, Policy, Stride, picture, table, walk};

/// A burst takes some ninety cycles: no stride passes it by.
const STRIDE: Stride = Stride { alone: 8, loaded: 44 };

fn both(policy: Policy) -> [Figures; 2] {
    [false, true].map(|is_loaded| walk(policy, is_loaded, STRIDE))
}

/// The memory is taken from the SDMA at the stop: it goes on with its burst all the same.
#[test]
fn memory_that_is_handed_back_at_once_is_touched() {
    for figures in both(Policy::ReturnAtOnce) {
        assert!(figures.late.sum() > 0, "{figures:?}");
        assert!(figures.back.worst() < figures.touched.worst(), "the SDMA was through before the memory was back");
    }
}

#[test]
fn memory_that_comes_back_by_any_other_policy_is_left_alone() {
    for policy in Policy::ALL.into_iter().filter(|policy| policy.is_sound()) {
        for figures in both(policy) {
            assert_eq!(figures.late.sum(), 0, "{policy:?}");
            // Some stops fall into a burst, else this would say nothing.
            assert!(figures.touched.worst() > 0, "{policy:?}: no burst was under way in any stop");
        }
    }
}

/// In every cycle of a period.
#[test]
fn fence_and_queue_after_stop_run_again_within_50_microseconds() {
    for policy in [Policy::Fence, Policy::QueueAfterStop] {
        let figures = walk(policy, false, Stride { alone: 1, ..STRIDE });
        assert!(figures.running.worst() <= GOAL && figures.meets_goal(), "{policy:?}: {} ns", figures.running.worst());
        assert_eq!(figures.lost.worst(), 0, "{policy:?}: frames lost");
    }
}

#[test]
fn fixed_times_are_what_they_are_called_and_cost_frames() {
    for (policy, times) in [(Policy::FixedSleep, 1_000_000..=2_050_000), (Policy::Wait, 1_000_000..=1_200_000)] {
        for figures in both(policy) {
            let (least, worst) = (figures.back.permille(0), figures.back.worst());
            assert!(times.contains(&least) && times.contains(&worst), "{policy:?}: {least} to {worst} ns");
            assert!(!figures.meets_goal() && figures.lost.permille(0) > 0, "{policy:?}");
        }
    }
}

/// Sleeping costs the processor nothing; a busy wait is as long as the stop, with interrupts masked.
#[test]
fn a_busy_wait_masks_interrupts_for_as_long_as_the_stop_takes() {
    let [asleep, busy] = [Policy::Fence, Policy::FenceBusy].map(|policy| walk(policy, false, STRIDE));
    assert!(busy.masked.worst() >= busy.back.worst(), "{} of {} ns", busy.masked.worst(), busy.back.worst());
    assert!(asleep.busy.worst() < asleep.back.median(), "{} of {} ns", asleep.busy.worst(), asleep.back.median());
}

#[test]
fn load_is_fifteen_channels() {
    assert_eq!(both(Policy::Fence).map(|figures| figures.others), [0, 15]);
}

#[test]
fn two_runs_give_the_same_table_and_picture() {
    let [first, second] = [(); 2].map(|()| both(Policy::QueueAfterStop).to_vec());
    assert_eq!(table(&first), table(&second));
    assert_eq!(picture(&first), picture(&second));
}
