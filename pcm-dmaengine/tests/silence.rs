//! The rules of silence, as arithmetic: against a model that knows of each single frame whether it is silent.

use std::collections::BTreeSet;

use pcm_dmaengine::silence::{Rule, Silence, Stretch};
use pcm_dmaengine::{Frames, HwParams, SampleFormat, SwParams};
use proptest::prelude::*;

const PARAMS: HwParams =
    HwParams { format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: Frames(8), periods: 6 };
const RING: u64 = 48;

#[test]
fn sw_params_say_which_rule() {
    let of = |silence_size, silence_threshold| {
        let sw = SwParams { silence_size, silence_threshold, ..SwParams::new(&PARAMS) };
        sw.check(&PARAMS).unwrap();
        Rule::new(&sw, &PARAMS)
    };
    let boundary = PARAMS.boundary();
    assert_eq!(of(Frames(0), Frames(48)), Rule::Never);
    assert_eq!(of(Frames(1), Frames(48)), Rule::Ahead { threshold: Frames(48), size: Frames(1) });
    assert_eq!(of(boundary, Frames(0)), Rule::Played);
    assert_eq!(of(boundary + Frames(1), Frames(0)), Rule::Played);
    assert_eq!(Rule::of_drain(&PARAMS), Rule::Ahead { threshold: Frames(48), size: Frames(48) });
}

/// What lies in a place of the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    Silence,
    /// The client's frame with that position.
    Frame(u64),
    /// Written where the client was, and not counted.
    Scribble,
}

/// The ring, frame by frame, and the positions that are known to be silent.
struct Model {
    ring: Vec<Cell>,
    silent: BTreeSet<u64>,
    hw_ptr: u64,
    appl_ptr: u64,
    claimed: u64,
    seen: u64,
}

impl Model {
    fn new() -> Self {
        let (ring, silent) = (vec![Cell::Silence; RING as usize], (0..RING).collect());
        Self { ring, silent, hw_ptr: 0, appl_ptr: 0, claimed: 0, seen: 0 }
    }

    fn written_to(&self) -> u64 {
        self.appl_ptr + self.claimed
    }

    fn room(&self) -> u64 {
        (self.hw_ptr + RING).saturating_sub(self.appl_ptr)
    }

    fn put(&mut self, from: u64, count: u64, cell: impl Fn(u64) -> Cell) {
        for position in from..from + count {
            self.ring[(position % RING) as usize] = cell(position);
        }
    }

    /// Linux's way: behind the client's position is what was silenced, unless the client went back.
    fn due(&mut self, rule: Rule, last: u64) -> Option<(u64, u64)> {
        let written_to = self.written_to();
        if written_to < self.seen {
            self.silent.clear();
        }
        self.seen = written_to;
        self.silent.retain(|&position| position >= written_to);
        let (from, count) = match rule {
            Rule::Never => (0, 0),
            Rule::Played => (last, self.hw_ptr - last),
            Rule::Ahead { threshold, size } => {
                let first = written_to.max(self.hw_ptr);
                let noise = (first..).find(|position| !self.silent.contains(position)).unwrap();
                (noise, threshold.0.saturating_sub(noise - self.hw_ptr).min(size.0))
            }
        };
        (count > 0).then_some((from, count))
    }
}

#[derive(Clone, Copy, Debug)]
enum Act {
    /// The engine comes on.
    Moves(u64),
    /// The client writes so many, as far as there is room.
    Writes(u64),
    /// It goes back, as far as the engine has not been there.
    GoesBack(u64),
    /// It goes to where the engine is.
    Resets,
    /// It is at so many frames, writes them all, and counts so many of a hundred later, if the engine has come on by so many meanwhile.
    Claims { frames: u64, percent: u64, meanwhile: u64 },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..RING / 2).prop_map(Act::Moves),
        1 => (0..3 * RING).prop_map(Act::Moves),
        4 => (0..RING).prop_map(Act::Writes),
        1 => (0..RING).prop_map(Act::GoesBack),
        1 => Just(Act::Resets),
        2 => (0..RING, 0..=100_u64, 0..RING / 2)
            .prop_map(|(frames, percent, meanwhile)| Act::Claims { frames, percent, meanwhile }),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    prop_oneof![
        Just(Rule::Never),
        Just(Rule::Played),
        Just(Rule::of_drain(&PARAMS)),
        (1..=RING)
            .prop_flat_map(|threshold| (Just(threshold), 1..=threshold))
            .prop_map(|(threshold, size)| Rule::Ahead { threshold: Frames(threshold), size: Frames(size) }),
    ]
}

/// The engine comes on, and whoever moves the pointer silences what is due.
fn update(model: &mut Model, silence: &mut Silence, rule: Rule, by: u64) -> Result<(), TestCaseError> {
    let last = model.hw_ptr;
    model.hw_ptr += by;
    let (hw_ptr, written_to) = (model.hw_ptr, model.written_to());
    let due = silence.due(rule, Frames(last), Frames(hw_ptr), Frames(written_to));
    prop_assert_eq!(due.map(|Stretch { from, count }| (from.0, count.0)), model.due(rule, last));
    if let Some(stretch) = due {
        silence.done(stretch);
        let (from, count) = (stretch.from.0, stretch.count.0);
        match rule {
            Rule::Never => prop_assert!(false, "never"),
            Rule::Played => prop_assert!(from + count <= hw_ptr, "what is to be played was silenced"),
            Rule::Ahead { threshold, size } => {
                prop_assert!(from >= written_to && from >= hw_ptr, "what was written was silenced");
                prop_assert!(from + count <= hw_ptr + threshold.0 && count <= size.0);
                model.silent.extend(from..from + count);
            }
        }
        model.put(from, count, |_| Cell::Silence);
    }
    if let Rule::Ahead { threshold, size } = rule {
        // Unless it is told to do less at once than is missing, there is nothing old as far as the threshold goes.
        if size >= threshold {
            for position in written_to.max(hw_ptr)..hw_ptr + threshold.0 {
                prop_assert_eq!(model.ring[(position % RING) as usize], Cell::Silence, "at {}", position);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any rule, which may change, and any client: what is due is what the model says; what was written and not played is never
    /// silenced; and behind it there is silence as far as the rule goes.
    #[test]
    fn what_was_written_is_played_and_behind_it_is_silence(steps in prop::collection::vec((act(), rule()), 1..60)) {
        let (mut model, mut silence) = (Model::new(), Silence::of_silent_ring(&PARAMS));
        for (act, rule) in steps {
            // Who is late goes to where the engine is, before anything else.
            if model.appl_ptr < model.hw_ptr {
                model.appl_ptr = model.hw_ptr;
            }
            let mut by = 0;
            match act {
                Act::Moves(frames) => by = frames,
                Act::Writes(frames) => {
                    let count = frames.min(model.room());
                    model.put(model.appl_ptr, count, Cell::Frame);
                    model.appl_ptr += count;
                }
                Act::GoesBack(frames) => model.appl_ptr -= frames.min(model.appl_ptr - model.hw_ptr),
                Act::Resets => model.appl_ptr = model.hw_ptr,
                Act::Claims { frames, percent, meanwhile } => {
                    model.claimed = frames.min(model.room());
                    silence.written_to(Frames(model.written_to()));
                    // As the engine must not come by, it stays behind what was written.
                    let meanwhile = meanwhile.min(model.appl_ptr - model.hw_ptr);
                    update(&mut model, &mut silence, rule, meanwhile)?;
                    let (from, count) = (model.appl_ptr, model.claimed * percent / 100);
                    model.put(from, model.claimed, |at| if at < from + count { Cell::Frame(at) } else { Cell::Scribble });
                    model.silent.retain(|&position| position >= from + model.claimed);
                    model.seen = model.written_to();
                    (model.appl_ptr, model.claimed) = (from + count, 0);
                }
            }
            update(&mut model, &mut silence, rule, by)?;
            // All that was written and not played is still there.
            for position in model.hw_ptr..model.appl_ptr {
                prop_assert_eq!(model.ring[(position % RING) as usize], Cell::Frame(position));
            }
        }
    }

    /// A client that only is late: what is due is Linux's arithmetic, whatever it does.
    #[test]
    fn a_late_client_gets_as_much_silence_as_linux_gives(
        steps in prop::collection::vec((0..2 * RING, 0..RING), 1..60), threshold in 1..=RING, size in 1..=RING,
    ) {
        let rule = Rule::Ahead { threshold: Frames(threshold), size: Frames(size.min(threshold)) };
        let (mut model, mut silence) = (Model::new(), Silence::of_silent_ring(&PARAMS));
        for (by, written) in steps {
            model.appl_ptr += written.min(model.room());
            let last = model.hw_ptr;
            model.hw_ptr += by;
            let due = silence.due(rule, Frames(last), Frames(model.hw_ptr), Frames(model.appl_ptr));
            prop_assert_eq!(due.map(|Stretch { from, count }| (from.0, count.0)), model.due(rule, last));
            if let Some(stretch) = due {
                silence.done(stretch);
                model.silent.extend(stretch.from.0..stretch.from.0 + stretch.count.0);
            }
        }
    }
}
