//! Linux's policies in the restart model: that it fails on them is what shows that it can fail.
//!
//! The thread of August 2020 on the ALSA and dmaengine lists, "pcm|dmaengine|imx-sdma race condition on i.MX6", as a
//! model: `backend_mock::linux` is how `drivers/dma/imx-sdma.c` kept its lists at v5.4 and v5.8.

use std::panic::{AssertUnwindSafe, catch_unwind};

use backend_mock::hw::{Hw, HwConfig, Nanos};
use backend_mock::linux::{LinuxChannel, List, Status, Version};
use loom::sync::{Arc, Mutex};

/// A ring is stopped and another one is started. With `synchronize`, the reader waits for the worker in between.
///
/// One thread is the reader, the other is the worker, which may run at any time after the stop.
fn restart(version: Version, synchronize: bool) {
    loom::model(move || {
        let hw: &'static Hw = Box::leak(Box::new(Hw::new(HwConfig::default())));
        let (old_ring, new_ring) = (hw.alloc_coherent(8), hw.alloc_coherent(8));
        let mut channel = LinuxChannel::new(hw, 0, version, Nanos(0));
        let old = channel.prep_cyclic(old_ring, 8, 4, false);
        channel.submit(old).unwrap();
        channel.issue_pending();
        let channel = Arc::new(Mutex::new(channel));

        let workers = Arc::clone(&channel);
        let worker = loom::thread::spawn(move || _ = workers.lock().unwrap().run_worker());
        channel.lock().unwrap().terminate_async();
        if synchronize {
            channel.lock().unwrap().synchronize();
        }
        let new = channel.lock().unwrap().prep_cyclic(new_ring, 8, 4, false);
        let cookie = channel.lock().unwrap().submit(new).expect("the new transfer does not run");
        channel.lock().unwrap().issue_pending();
        worker.join().unwrap();

        let channel = &mut *channel.lock().unwrap();
        channel.run_worker();
        let lists = channel.lists();
        let runs = lists.active == Some(new) && matches!(channel.tx_status(cookie), Status::InProgress { .. });
        assert!(runs, "the new transfer does not run: {lists}");
        assert!(!lists.on(List::Issued).contains(&old));
    });
}

fn message_of(version: Version) -> String {
    let failed = catch_unwind(AssertUnwindSafe(|| restart(version, false))).expect_err("loom found nothing");
    let text = failed.downcast_ref::<String>().cloned();
    text.or_else(|| failed.downcast_ref::<&str>().map(|text| text.to_string())).expect("a message")
}

/// The worker takes every list of the channel, whatever came onto them since the stop; and with the old ring still active,
/// the new one is not even started.
#[test]
fn linux_5_4_loses_the_new_transfer() {
    let message = message_of(Version::V5_4);
    assert!(message.starts_with("the new transfer does not run"), "{message}");
}

/// What is terminated has a list of its own, and the worker takes the others with it all the same.
#[test]
fn linux_5_8_loses_the_new_transfer() {
    let message = message_of(Version::V5_8);
    assert!(message.starts_with("the new transfer does not run"), "{message}");
}

/// The same model with the rule kept: a synchronize before the restart. So it is the policy that fails, not the model.
#[test]
fn linux_with_a_synchronize_keeps_the_new_transfer() {
    restart(Version::V5_4, true);
    restart(Version::V5_8, true);
}
