//! The client of the traces: it asks for a channel, configures it, and prepares, submits and issues transfers, as the steps say.
//!
//! Handles are typed by their memory; here they are boxed, so that a step of any kind finds them by name.

use std::fmt;

use backend_imx_sdma::{ImxSdma, Peripheral};
use dmaengine_core::{Active, Cyclic, Idle, Payload, Pending, PrepError, Prepared, SlaveConfig, Transfer};
use dmaengine_core::{Generation, Status};

use super::machine::Machine;

/// The driver on the machine.
pub type Engine = ImxSdma<Machine, Machine>;

/// A channel, as far as the client is with it.
pub enum Client {
    Idle(Idle<'static, Engine>),
    Pending(Pending<'static, Engine>),
    Active(Active<'static, Engine>),
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idle(_) => "Idle",
            Self::Pending(_) => "Pending",
            Self::Active(_) => "Active",
        })
    }
}

/// A prepared transfer of any memory.
pub trait Submit {
    fn submit(self: Box<Self>, client: Client) -> (Client, Box<dyn Watch>);
}

/// A submitted one.
pub trait Watch {
    fn generation(&self) -> Generation;
    fn status(&self) -> Status;
}

impl<B: Payload + 'static> Watch for Transfer<'static, Engine, B> {
    fn generation(&self) -> Generation {
        Transfer::generation(self)
    }

    fn status(&self) -> Status {
        Transfer::status(self)
    }
}

impl<B: Payload + 'static> Submit for Prepared<'static, Engine, B> {
    fn submit(self: Box<Self>, client: Client) -> (Client, Box<dyn Watch>) {
        match client {
            Client::Idle(idle) => {
                let Ok((pending, transfer)) = idle.submit(*self) else { panic!("refused by its own channel") };
                (Client::Pending(pending), Box::new(transfer))
            }
            Client::Pending(pending) => {
                let Ok(transfer) = pending.submit(*self) else { panic!("refused by its own channel") };
                (Client::Pending(pending), Box::new(transfer))
            }
            Client::Active(active) => {
                let Ok(transfer) = active.submit(*self) else { panic!("refused by its own channel") };
                (Client::Active(active), Box::new(transfer))
            }
        }
    }
}

/// What the client prepares. Lengths in bytes; where the memory lies, the machine was told.
#[derive(Debug)]
pub enum Wish {
    Ring { len: usize, request: Cyclic<Peripheral> },
    List { lens: Vec<usize>, config: SlaveConfig<Peripheral> },
    Copy { len: usize },
}

fn memory(len: usize) -> &'static mut [u8] {
    vec![0; len].leak()
}

/// An array of so many buffers, since their number is part of the type.
fn buffers<const N: usize>(lens: &[usize]) -> [&'static mut [u8]; N] {
    std::array::from_fn(|i| memory(lens[i]))
}

macro_rules! prepare {
    ($state:expr, $wish:expr) => {{
        let state = $state;
        macro_rules! list {
            ($lens:expr, $config:expr, $n:literal) => {
                boxed(state.prep_slave_sg_to_device(buffers::<$n>($lens), $config))
            };
        }
        match $wish {
            Wish::Ring { len, request } => boxed(state.prep_cyclic(memory(*len), request)),
            Wish::Copy { len } => boxed(state.prep_memcpy(memory(*len), &*memory(*len))),
            Wish::List { lens, config } => match lens.len() {
                1 => list!(lens, config, 1),
                2 => list!(lens, config, 2),
                3 => list!(lens, config, 3),
                other => panic!("a list of {other}"),
            },
        }
    }};
}

fn boxed<B: Payload + 'static, K>(
    answer: Result<Prepared<'static, Engine, B>, dmaengine_core::Kept<K, PrepError>>,
) -> Result<Box<dyn Submit>, PrepError> {
    match answer {
        Ok(prepared) => Ok(Box::new(prepared)),
        Err(kept) => Err(kept.error),
    }
}

impl Client {
    /// Prepares a transfer.
    pub fn prepare(&self, wish: &Wish) -> Result<Box<dyn Submit>, PrepError> {
        match self {
            Self::Idle(idle) => prepare!(idle, wish),
            Self::Active(active) => prepare!(active, wish),
            Self::Pending(_) => panic!("the traces prepare nothing between submit and issue"),
        }
    }

    /// Issues what is submitted.
    pub fn issue(self) -> Self {
        match self {
            Self::Pending(pending) => Self::Active(pending.issue()),
            Self::Active(active) => {
                active.issue();
                Self::Active(active)
            }
            Self::Idle(idle) => Self::Idle(idle),
        }
    }
}
