//! Where drivers of this engine went wrong: what still moves after a stop, and what an old context does.

use sim_imx_sdma::bus::LogOptions;
use sim_imx_sdma::time::Cycles;
use sim_imx_sdma::{RegisterAccess, ReportKind, Trouble};

use crate::rig::*;

const ITEMS: usize = 4;
const OLD: u32 = BUFFER;
const NEW: u32 = BUFFER + 0x4000;

fn fill(rig: &mut Rig) {
    let words: Vec<u32> = (0..0x1000).collect();
    rig.put(BUFFER, &words);
}

/// The driver writes STOP at any moment of a playback whose line never falls, and frees the buffer when HE reads 0. The burst
/// that is on its way is still moved: up to its end, and no item of the next one.
#[test]
fn a_stop_of_the_channel_on_the_core_moves_one_more_burst_and_not_two() {
    let mut most = 0;
    for phase in 0..400 {
        let mut rig = Rig::booted();
        fill(&mut rig);
        rig.serve(5, 2, MCU_2_APP, 4 * ITEMS as u32, &[[D | 0x400, OLD, 0]]);
        rig.request(10_000);
        rig.start(5);
        rig.run_to_item(8);
        rig.run(phase);
        rig.stop(5);
        let before = rig.port().taken.len();
        rig.run_until_idle();
        let after = rig.port().taken.len();
        assert_eq!(after % ITEMS, 0, "a burst is whole");
        assert!(after - before <= ITEMS, "{before} to {after}");
        most = most.max(after - before);
    }
    assert_eq!(most, ITEMS, "a stop between the election and the first item is followed by all of it");
}

/// A capture of 64 bytes is stopped in its middle, where its channel waits for the next request.
fn frozen() -> Rig {
    let mut rig = Rig::booted();
    rig.serve(5, 2, APP_2_MCU, 4 * ITEMS as u32, &[[D | I | 64, OLD, 0]]);
    rig.start(5);
    rig.request(ITEMS);
    rig.run_until_idle();
    rig.stop(5);
    assert_eq!((rig.port().given as usize, rig.words(OLD + 16, 4)), (ITEMS, vec![0; 4]));
    rig
}

/// The driver takes the old buffer back, puts a new descriptor into the control block and starts the channel, but does not
/// load a context. The script has the old descriptor in its scratch words and fills the old buffer.
#[test]
fn a_frozen_channel_without_a_new_context_writes_into_the_old_buffer() {
    let mut rig = frozen();
    let now = rig.now();
    let old = rig.bus().watch(OLD..OLD + 64, now);
    let old_bd = rig.bus().watch(Rig::bd(5, 0)..Rig::bd(5, 1), now);
    rig.put(Rig::bd(5, 8), &[D | I | 64, NEW, 0]);
    rig.put(CCBS + 16 * 5, &[Rig::bd(5, 8), Rig::bd(5, 8)]);
    rig.start(5);
    rig.request(12);
    rig.run_until_idle();
    let touched: Vec<_> = rig.bus().touches(old).iter().map(|access| access.address).collect();
    assert_eq!(touched, (4..16).map(|n| OLD + 4 * n).collect::<Vec<_>>());
    assert!(!rig.bus().touches(old_bd).is_empty(), "and the old descriptor is closed");
    assert_eq!((rig.mode(5, 8), rig.words(NEW, 16)), (D | I | 64, vec![0; 16]));
}

/// The same with a new context: nobody touches the old buffer or the old descriptor any more.
#[test]
fn a_frozen_channel_with_a_new_context_leaves_the_old_buffer_alone() {
    let mut rig = frozen();
    let now = rig.now();
    let old = rig.bus().watch(OLD..OLD + 64, now);
    let old_bd = rig.bus().watch(Rig::bd(5, 0)..Rig::bd(5, 1), now);
    rig.put(Rig::bd(5, 8), &[D | I | 64, NEW, 0]);
    rig.put(CCBS + 16 * 5, &[Rig::bd(5, 8), Rig::bd(5, 8)]);
    rig.load(5, APP_2_MCU, 4 * ITEMS as u32);
    rig.start(5);
    rig.request(16);
    rig.run_until_idle();
    assert_eq!(rig.bus().touches(old), []);
    assert_eq!(rig.bus().touches(old_bd), []);
    assert_eq!((rig.mode(5, 8), rig.words(NEW, 16)), (I | 64, (0x104..0x114).collect()));
}

/// A request comes while the channel is stopped, and its line falls again. EP stays, so the next start gives the channel a turn
/// for nothing: it reads its descriptor, sees that no line is up, and sleeps. Nothing moves.
#[test]
fn a_stale_request_makes_one_turn_in_which_nothing_moves() {
    let mut rig = frozen();
    rig.request(1);
    rig.run(1);
    rig.port().wants = 0;
    rig.load(5, APP_2_MCU, 4 * ITEMS as u32);
    rig.chain(5, &[[D | I | 64, NEW, 0]]);
    assert_eq!(rig.read32(EVTPEND), 1 << 5);
    let given = rig.port().given;
    rig.bus().start_log(LogOptions::default());
    rig.start(5);
    rig.run_until_idle();
    let turn: Vec<_> = rig.bus().log().expect("it was begun").iter().map(|access| access.address).collect();
    assert_eq!(turn, [CCBS + 80, Rig::bd(5, 0), Rig::bd(5, 0) + 4, Rig::bd(5, 0) + 8]);
    assert_eq!((rig.read32(EVTPEND), rig.read32(STOP_STAT)), (0, 1 << 5), "it waits for its request now");
    rig.run(10_000);
    assert_eq!((rig.bus().log().map_or(0, |log| log.len()), rig.port().given), (4, given));
}

/// A context is loaded while the old instance of the channel is not yet saved, and the save comes later than the load.
///
/// Channel 0 cannot run while another channel is on the core, so the only way there is a save whose end trails the switch
/// (`Trouble::TrailingSave`, unconfirmed), and channel 0 that loads into its own context.
#[test]
fn a_context_loaded_before_the_old_one_is_saved_is_overwritten() {
    for trails in [true, false] {
        let mut rig = Rig::booted();
        fill(&mut rig);
        rig.serve(5, 2, MCU_2_APP, 4 * ITEMS as u32, &[[D | 0x400, OLD, 0]]);
        rig.request(10_000);
        rig.start(5);
        rig.run_to_item(6);
        if trails {
            rig.cause(Trouble::TrailingSave { by: Cycles(100_000) });
        }
        rig.stop(5);
        rig.load(5, APP_2_MCU, 32);
        rig.run_until_idle();
        let loaded = Rig::context(APP_2_MCU, 32);
        let context = rig.view().context(5);
        assert_eq!(context[0], APP_2_MCU, "the program counter is saved at once, before the load");
        if trails {
            assert_eq!(rig.kinds(), [ReportKind::ContextOverwritten { channel: 5 }]);
            let [r0, r5, r6, r7] = [2, 7, 8, 9].map(|word| context[word]);
            assert_eq!([r0, r5, r6, r7], [0, 0x400 - 8 * 4, 0x7000, 32], "what had changed is the old instance's");
            rig.chain(5, &[[D | I | 64, NEW, 0]]);
            rig.start(5);
            rig.run(10_000);
            assert_eq!((rig.mode(5, 0), rig.port().given), (D | I | 64, 0), "r0 is its mask: it waits for no request");
        } else {
            assert_eq!((context, rig.kinds()), (loaded, vec![]), "channel 0 runs after the switch, so it is a fence");
        }
    }
}

#[test]
fn channel_0_that_loads_its_own_context_overwrites_it_when_it_leaves() {
    let mut rig = Rig::booted();
    let mut context = [0; 32];
    (context[0], context[9]) = (AP_2_AP, 0x1234);
    rig.set_data(2048, &context);
    assert_eq!(rig.kinds(), [ReportKind::ContextOverwritten { channel: 0 }]);
    assert_ne!(rig.view().context(0)[0] & 0x3FFF, AP_2_AP);
    assert_eq!(rig.get_data(0x0C00, 1).len(), 1, "it is still channel 0");
}

/// The fence: STOP, then a command of channel 0, then wait for it. Whoever was on the core has left it by then, because channel
/// 0 has had it; so the driver may have the stopped channel's buffers back. At any moment, with others in the way.
#[test]
fn after_a_command_of_channel_0_nothing_of_a_stopped_channel_moves() {
    let (mut late, mut busy) = (0, 0);
    let mut seed = 1_u64;
    for _ in 0..1000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let phase = seed >> 33;
        let mut rig = Rig::booted();
        let priority = 1 + phase as u32 % 6;
        rig.serve(5, priority, APP_2_MCU, 4 * ITEMS as u32, &[[D | W | C | 64, OLD, 0]]);
        for channel in [3, 19, 30] {
            let buffer = BUFFER + 0x1_0000 + 0x4000 * channel;
            rig.copy(channel, 1 + channel % 4, &[[D | 0x2000, BUFFER + 0x8000, buffer]]);
        }
        rig.request(1_000_000);
        rig.write32(HSTART, 1 << 5 | 1 << 3 | 1 << 19 | 1 << 30);
        rig.run(phase / 6 % 2000);
        rig.stop(5);
        let stopped = rig.now();
        let since_stop = rig.bus().watch(OLD..OLD + 64, stopped);
        rig.get_data(0x0C00, 1);
        let fenced = rig.now();
        let buffer = rig.bus().watch(OLD..OLD + 64, fenced);
        let descriptor = rig.bus().watch(Rig::bd(5, 0)..Rig::bd(5, 1), fenced);
        rig.bus().start_log(LogOptions::default());
        rig.run(2_000);
        assert_eq!(rig.bus().touches(buffer), [], "phase {phase}");
        assert_eq!(rig.bus().touches(descriptor), [], "phase {phase}");
        let log = rig.bus().stop_log().expect("it was begun");
        assert!(log.iter().all(|access| access.channel != 5), "phase {phase}");
        busy += usize::from(!log.is_empty());
        late += usize::from(!rig.bus().touches(since_stop).is_empty());
    }
    assert!(late >= 20, "without the fence {late} of 1,000 would have written into the buffer");
    assert!(busy > 500, "others were on their way in {busy}");
}
