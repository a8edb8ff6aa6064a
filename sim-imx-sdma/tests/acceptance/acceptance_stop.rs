//! Item 11: what a stop does, which is less than drivers hope for.

use sim_imx_sdma::RegisterAccess;

use crate::rig::*;

const ITEMS: usize = 4;

/// A playback whose line never falls: 16 items, four a burst.
fn playing() -> Rig {
    let mut rig = Rig::booted();
    rig.serve(5, 2, MCU_2_APP, 4 * ITEMS as u32, &[[D | I | 64, BUFFER, 0]]);
    rig.request(1000);
    rig.start(5);
    rig
}

#[test]
fn acceptance_11_a_stop_of_the_channel_on_the_core_lets_it_go_on_to_its_next_yield() {
    let mut rig = playing();
    rig.run_to_item(ITEMS + 2);
    rig.stop(5);
    assert_eq!((rig.view().current(), rig.read32(STOP_STAT)), (Some(5), 0), "HE says only that it was told");
    rig.run_until_idle();
    assert_eq!((rig.port().taken.len(), rig.mode(5, 0), rig.read32(INTR)), (2 * ITEMS, D | I | 64, 0));
}

#[test]
fn acceptance_11_a_channel_that_is_not_on_the_core_is_frozen() {
    let mut rig = playing();
    rig.port().wants = ITEMS;
    rig.run_until_idle();
    assert_eq!((rig.port().taken.len(), rig.view().current()), (ITEMS, None));
    rig.stop(5);
    let frozen = rig.view().context(5);
    rig.request(1000);
    rig.run(10_000);
    assert_eq!((rig.port().taken.len(), rig.view().context(5)), (ITEMS, frozen));
    // The middle of the descriptor lies in the context: how much is left, which descriptor, which buffer.
    assert_eq!([frozen[0x1D], frozen[0x19], frozen[0x1E]], [48, Rig::bd(5, 0), BUFFER]);
    rig.start(5);
    rig.run_until_idle();
    assert_eq!((rig.port().taken.len(), rig.mode(5, 0)), (16, I | 64), "it goes on there");
}

/// A stop that comes while a higher priority has the core: the channel was preempted, and is not resumed.
#[test]
fn acceptance_11_a_preempted_channel_is_frozen_too() {
    let mut rig = playing();
    rig.copy(8, 6, &[[D | 0x1000, BUFFER, BUFFER + 0x8000]]);
    rig.run_until_idle();
    rig.chain(5, &[[D | I | 64, BUFFER, 0]]);
    rig.start(5);
    rig.run_to_item(16 + 2);
    rig.start(8);
    rig.run_up_to(|rig| rig.view().current() == Some(8));
    let moved = rig.port().taken.len();
    assert!((20..32).contains(&moved) && moved % ITEMS == 0, "{moved}");
    rig.stop(5);
    rig.run_until_idle();
    assert_eq!((rig.port().taken.len(), rig.mode(8, 0) & D, rig.mode(5, 0) & D), (moved, 0, D));
}
