//! One opening of a machine's channels: one or two streams, opened, used at random, and closed; and what must be left then.

use std::cell::{Cell, RefCell};

use dmaengine_core::{Atomic, Engine, Idle, Micros, Sleepable};
use pcm_dmaengine::{Capture, Elapsed, Link, Pcm, PeriodHalf, Playback, TriggerOrder};

use crate::client::{Actor, Client};
use crate::desk::{Accident, Desks, End};
use crate::journal::Journal;
use crate::machine::{Machine, Processor, now};
use crate::random::Random;
use crate::side::{Side, Stream, way};
use crate::witness::Witness;
use crate::world::{Account, Rings, World};

/// A machine, and what outlives an opening of it.
pub struct Place<'w, M: Machine> {
    pub machine: &'w M,
    pub journal: &'w Journal,
    pub account: &'w RefCell<Account>,
    pub rings: &'w RefCell<Rings>,
}

pub fn opening<M: Machine>(place: &Place<'_, M>, pcms: &mut [Pcm<M::Engine>; 2], random: &mut Random) {
    let [first, second] = pcms;
    match random.up_to(3) {
        0 => of::<M, Capture, Capture>(place, first, second, random),
        1 => of::<M, Capture, Playback>(place, first, second, random),
        2 => of::<M, Playback, Capture>(place, first, second, random),
        _ => of::<M, Playback, Playback>(place, first, second, random),
    }
    place.account.borrow_mut().openings += 1;
}

/// A channel, which must be there.
fn channel<'w, M: Machine>(place: &Place<'w, M>, number: u8) -> Idle<'w, M::Engine> {
    place.machine.dma().channel(number).expect("everybody has closed it, and it has stopped")
}

fn of<M: Machine, D0: Side, D1: Side>(
    place: &Place<'_, M>,
    first: &mut Pcm<M::Engine>,
    second: &mut Pcm<M::Engine>,
    random: &mut Random,
) {
    let machine = place.machine;
    let order = |random: &mut Random| random.weighed(&[(3, TriggerOrder::LinkDmaDai), (1, TriggerOrder::LinkDaiDma)]);
    let witnesses = [0, 1].map(|stream| Witness::new(machine, stream, order(random)));
    let channels = [0, 1].map(|_| random.between(1, machine.sounds().1.into()) as u16);
    let world = World {
        machine,
        journal: place.journal,
        account: place.account,
        rings: place.rings,
        desks: Desks::default(),
        unseen: Cell::new(0),
        uncertain: Cell::new(false),
        slow: Cell::new(false),
    };
    world.calm();
    let config = machine.config(0, way::<D0>(), channels[0]);
    let (one, half) = first.open_with::<D0>(channel(place, 0), config, &witnesses[0]);
    let config = machine.config(1, way::<D1>(), channels[1]);
    let (other, other_half) = second.open_with::<D1>(channel(place, 1), config, &witnesses[1]);
    let halves = [half, other_half];
    let (linked, linkable) = (random.one_in(4), random.one_in(2));
    let link = if linked { Some(Link::new(&halves)) } else { linkable.then(|| Link::unlinked(&halves)) };
    world.desks.0.iter().for_each(|desk| desk.linked.set(linked));
    world.uncertain.set(linked);
    let (one, other) = match link {
        Some(link) => (one.with_link(link), other.with_link(link)),
        None => (one, other),
    };
    let cpu = machine.processor(|atomic| interrupt(&world, &halves, link, atomic));
    let mut one = Client::new(&world, 0, channels[0], half, &witnesses[0], link, Stream::Open(one));
    let mut other = Client::new(&world, 1, channels[1], other_half, &witnesses[1], link, Stream::Open(other));
    cpu.thread(&mut |context| use_them(&world, &cpu, context, random, [&mut one, &mut other]));
    drop((one, other));
    cpu.thread(&mut |_| is_left(&world, &cpu));
    witnesses.iter().for_each(Witness::check_stopped);
}

/// The board's interrupt handler.
fn interrupt<M: Machine>(
    world: &World<'_, M>,
    halves: &[PeriodHalf<'_, M::Engine>; 2],
    link: Option<Link<'_, M::Engine>>,
    atomic: &Atomic<'_>,
) {
    world.machine.dma().interrupt(atomic, &mut |callback, event| {
        let stream = usize::from(event.channel.0);
        let half = &halves[stream];
        let elapsed = match link {
            Some(link) => link.elapsed(callback, event),
            None => half.elapsed(callback, event),
        };
        world.journal.add(&format!(" <{stream}: {:?} {elapsed:?}>", event.kind));
        world.desks.heard(stream, event, elapsed, world.now());
        let desk = world.desk(stream);
        match desk.accident.take() {
            Some(Accident::Xrun) => {
                let at = world.now();
                if half.xrun() {
                    desk.finish(End::Xrun { cause: pcm_dmaengine::XrunCause::Peripheral, at, hw: None });
                }
            }
            Some(Accident::DeviceGoes) => {
                half.disconnect();
                desk.gone();
            }
            Some(Accident::LateEvent) => {
                let [_, before] = desk.events.get();
                let made = before.map_or(Elapsed::NotOurs, |event| half.elapsed(callback, event));
                assert_eq!(made, Elapsed::NotOurs, "{before:?} was of the run before");
            }
            None => {}
        }
    });
}

fn use_them<M: Machine>(
    world: &World<'_, M>,
    cpu: &dyn Processor,
    context: &mut Sleepable<'_>,
    random: &mut Random,
    clients: [&mut dyn Actor; 2],
) {
    let steps = random.of(&[10, 60, 200, 400]);
    let alone = random.one_in(2).then(|| random.up_to(1) as usize);
    for step in 0..2 * steps {
        let n = alone.unwrap_or(random.up_to(1) as usize);
        if clients[n].is_closed() && step > steps / 2 {
            break;
        }
        clients[n].step(cpu, context, random, false);
    }
    world.calm();
    for client in clients {
        for _ in 0..20 {
            client.step(cpu, context, random, true);
        }
        assert!(client.is_closed(), "it does not close");
    }
}

/// After closing: all memory is back, and the channels, when what was dropped has stopped.
fn is_left<M: Machine>(world: &World<'_, M>, cpu: &dyn Processor) {
    let engine = world.machine.dma().engine();
    let until = world.now() + Micros(2 * engine.facts().stop.bound().0 + 20_000);
    for channel in 0..2 {
        while world.machine.dma().channel(channel).is_err() {
            assert!(world.now() < until, "channel {channel} is not to be had again");
            cpu.pass(Micros(100));
        }
    }
    assert_eq!(world.rings.borrow().lent(), 0, "a ring has not come back");
    world.machine.check();
}

/// Opens a machine again and again until so many simulated seconds are over, and then another one.
pub fn run<M: Machine>(seconds: u64, seed: u64, name: &str) -> Account {
    let (account, rings) = (RefCell::<Account>::default(), RefCell::default());
    let mut machines = 0;
    while account.borrow().simulated < 1_000_000 * seconds {
        let account: &RefCell<Account> = &account;
        let seed = seed + machines;
        machines += 1;
        let journal = Journal::new(format!(
            "PCM_SEED={seed} PCM_SECONDS=1 cargo test -p pcm-dmaengine --test random_clients {name}"
        ));
        let mut random = Random::new(seed);
        let machine = M::new(&mut random);
        let mut pcms = [Pcm::new(), Pcm::new()];
        let place = Place { machine: &machine, journal: &journal, account, rings: &rings };
        for _ in 0..12 {
            opening(&place, &mut pcms, &mut random);
        }
        account.borrow_mut().simulated += now(&machine).0;
    }
    account.into_inner()
}
