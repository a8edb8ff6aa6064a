//! Both streams of a board, linked.

use dmaengine_core::Sleepable;
use pcm_dmaengine::{
    Broken, Capture, Paused, PcmStatistics, Playback, Prepared, Running, TriggerOrder, Way, XrunReport,
};

use super::pair::{Pair, Setting, board, filled, prepared};
use super::wayward::Wayward;

pub type Ready<'a> = (Prepared<'a, Wayward, Capture>, Prepared<'a, Wayward, Playback>);
pub type Duplex<'a> = (Running<'a, Wayward, Capture>, Running<'a, Wayward, Playback>);
pub type Still<'a> = (Paused<'a, Wayward, Capture>, Paused<'a, Wayward, Playback>);

pub fn linked<R>(
    order: TriggerOrder,
    body: impl for<'a> FnOnce(&Pair<'a>, &Sleepable<'_>, Ready<'a>) -> R,
) -> (R, [PcmStatistics; 2]) {
    board(Setting { order, ..Setting::default() }, |pair, context, (capture, playback)| {
        pair.link.link(0, 1).unwrap();
        body(pair, context, (prepared(capture), filled(playback, 320)))
    })
}

pub fn both(body: impl for<'a> Fn(&Pair<'a>, &Sleepable<'_>, Ready<'a>)) {
    for order in [TriggerOrder::LinkDmaDai, TriggerOrder::LinkDaiDma] {
        linked(order, &body);
    }
}

pub fn start<'a>(pair: &Pair<'a>, ready: Ready<'a>) -> Duplex<'a> {
    pair.link.start(ready).unwrap_or_else(|kept| panic!("{}", kept.error))
}

pub fn pause<'a>(pair: &Pair<'a>, duplex: Duplex<'a>) -> Still<'a> {
    pair.link.pause(duplex).unwrap_or_else(|kept| panic!("{}", kept.error))
}

#[track_caller]
pub fn report<D: Way>(stream: Running<'_, Wayward, D>) -> XrunReport {
    match stream.hwsync() {
        Err(Broken::Xrun(over)) => *over.report(),
        Err(broken) => panic!("{broken}"),
        Ok(_) => panic!("it runs on"),
    }
}
