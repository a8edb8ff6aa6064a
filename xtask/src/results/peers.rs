//! The table of other crates beside this library, at what they have in common. What each of them does not do is in the notes, and where
//! it is measured (`peers/src`).

use super::callgrind::Counts;
use crate::chore::{Error, Result};

/// What is done, and by whom it was counted.
const ROWS: [(&str, &[(&str, &str)]); 4] = [
    (
        "submit one transfer, and start it",
        &[("this library", "submit_dmaengine/dmaengine"), ("`virtio-drivers`, a queue", "submit_virtio/virtio")],
    ),
    (
        "reap one that has ended",
        &[("this library", "reap_dmaengine/dmaengine"), ("`virtio-drivers`, a queue", "reap_virtio/virtio")],
    ),
    (
        "read a period of frames",
        &[
            ("this library, a capture stream", "period_dmaengine/dmaengine"),
            ("`rtrb`", "period_rtrb/rtrb"),
            ("`heapless`, `spsc`", "period_heapless/heapless"),
        ],
    ),
    (
        "stop, prepare and start a stream",
        &[
            ("this library, waiting busily", "cycle_dmaengine/dmaengine_atomic"),
            ("this library, queued behind the stop", "cycle_dmaengine/dmaengine_queued"),
            ("libasound's `null` PCM", "cycle_null/libasound"),
        ],
    ),
];

/// Makes it.
pub fn table(counts: &Counts) -> Result<String> {
    let mut text = String::from(
        "Instructions, counted by callgrind in one run.\n\n| | by | instructions |\n| --- | --- | ---: |\n",
    );
    let mut listed = 0;
    for (what, by) in ROWS {
        for (who, name) in by {
            let name = format!("beside/{name}");
            let count = counts.get(&name).ok_or_else(|| Error::new(format!("{name} was not counted")))?;
            text.push_str(&format!("| {what} | {who} | {count} |\n"));
            listed += 1;
        }
    }
    if listed < counts.len() {
        return Err(Error::new("peers/ counts more than the table has rows for"));
    }
    Ok(text)
}
