//! The command line.

use std::path::PathBuf;

pub const USAGE: &str = "\
Shows what an XRUN does to a DMA channel: twice as Linux lost its sound in 2020, and three ways in which it does not.

usage: xrun_recovery [options]
  --playback            play instead of record
  --wav FILE            16-bit PCM WAV: what the peripheral records, or what the client plays (default: a clip of speech)
  --engine NAME         mock (default), or imx-sdma: the driver of the i.MX SDMA, on a simulated one
  --policy NAME         only this one: linux-5.4, linux-5.8, synchronize, terminate-atomic, queue-after-stop;
                        the models of Linux run on the mock alone
  --out FILE            what the client read, or what the peripheral was given, as WAV (needs --policy)
  --stop-latency-us N   how long the engine goes on after it was told to stop, 0 to 50000 (default 1000); of the mock
  --xruns N             how many times the client is late, 1 to 10000 (default 1)
  --seed N              which random moments (default 1)
  --svg FILE            the time line as a picture
  --json                one JSON object on standard output, and nothing else there
  --help                this text";

/// Whose engine it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Mock,
    ImxSdma,
}

impl Engine {
    const ALL: [Self; 2] = [Self::Mock, Self::ImxSdma];

    pub fn name(self) -> &'static str {
        match self {
            Self::Mock => "mock",
            Self::ImxSdma => "imx-sdma",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    Linux5_4,
    Linux5_8,
    Synchronize,
    TerminateAtomic,
    QueueAfterStop,
}

impl Policy {
    pub const ALL: [Self; 5] =
        [Self::Linux5_4, Self::Linux5_8, Self::Synchronize, Self::TerminateAtomic, Self::QueueAfterStop];

    pub fn name(self) -> &'static str {
        match self {
            Self::Linux5_4 => "linux-5.4",
            Self::Linux5_8 => "linux-5.8",
            Self::Synchronize => "synchronize",
            Self::TerminateAtomic => "terminate-atomic",
            Self::QueueAfterStop => "queue-after-stop",
        }
    }

    /// It is one of the two models of Linux.
    pub fn is_linux(self) -> bool {
        matches!(self, Self::Linux5_4 | Self::Linux5_8)
    }

    /// What the policy is, in half a line.
    pub fn motto(self) -> &'static str {
        match self {
            Self::Linux5_4 => "a model of Linux 5.4: the worker frees every list it finds",
            Self::Linux5_8 => "a model of Linux 5.8: the window is between submit and issue",
            Self::Synchronize => "leave the atomic context, and sleep until it has stopped",
            Self::TerminateAtomic => "busy-wait until it has stopped, with a bound",
            Self::QueueAfterStop => "the next transfer waits behind the stop",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Options {
    pub playback: bool,
    pub wav: Option<PathBuf>,
    pub engine: Engine,
    pub policy: Option<Policy>,
    pub out: Option<PathBuf>,
    pub stop_latency_us: u64,
    pub xruns: u64,
    pub seed: u64,
    pub svg: Option<PathBuf>,
    pub json: bool,
}

pub const DEFAULT_STOP_LATENCY_US: u64 = 1_000;

impl Options {
    /// `Ok(None)`: help was asked for.
    pub fn parse(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Option<Self>, String> {
        let mut options = Self {
            playback: false,
            wav: None,
            engine: Engine::Mock,
            policy: None,
            out: None,
            stop_latency_us: DEFAULT_STOP_LATENCY_US,
            xruns: 1,
            seed: 1,
            svg: None,
            json: false,
        };
        let mut stop_latency = None;
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let name = argument.to_string_lossy().into_owned();
            let mut value = || arguments.next().ok_or(format!("{name} needs a value"));
            match name.as_str() {
                "--playback" => options.playback = true,
                "--json" => options.json = true,
                "--wav" => options.wav = Some(value()?.into()),
                "--out" => options.out = Some(value()?.into()),
                "--svg" => options.svg = Some(value()?.into()),
                "--engine" => {
                    let wanted = value()?.to_string_lossy().into_owned();
                    let found = Engine::ALL.into_iter().find(|engine| engine.name() == wanted);
                    options.engine = found.ok_or(format!("unknown engine {wanted:?}"))?;
                }
                "--policy" => {
                    let wanted = value()?.to_string_lossy().into_owned();
                    let found = Policy::ALL.into_iter().find(|policy| policy.name() == wanted);
                    options.policy = Some(found.ok_or(format!("unknown policy {wanted:?}"))?);
                }
                "--stop-latency-us" => stop_latency = Some(number(&name, &value()?, 0..=50_000)?),
                "--xruns" => options.xruns = number(&name, &value()?, 1..=10_000)?,
                "--seed" => options.seed = number(&name, &value()?, 0..=u64::MAX)?,
                "--help" | "-h" => return Ok(None),
                _ => return Err(format!("unknown option {name:?}")),
            }
        }
        if options.out.is_some() && options.policy.is_none() {
            return Err("--out needs --policy: each policy reads something else".into());
        }
        if options.engine != Engine::Mock {
            let name = options.engine.name();
            if let Some(policy) = options.policy.filter(|policy| policy.is_linux()) {
                return Err(format!("{} is a model on the mock; it does not run on {name}", policy.name()));
            }
            if stop_latency.is_some() {
                return Err(format!("--stop-latency-us is for the mock; {name} stops when its burst is over"));
            }
        }
        options.stop_latency_us = stop_latency.unwrap_or(DEFAULT_STOP_LATENCY_US);
        Ok(Some(options))
    }

    pub fn policies(&self) -> Vec<Policy> {
        let runs = |policy: &Policy| match self.policy {
            Some(only) => *policy == only,
            None => self.engine == Engine::Mock || !policy.is_linux(),
        };
        Policy::ALL.into_iter().filter(runs).collect()
    }
}

fn number(name: &str, value: &std::ffi::OsStr, range: std::ops::RangeInclusive<u64>) -> Result<u64, String> {
    let value = value.to_string_lossy();
    let parsed = value.parse().ok().filter(|number| range.contains(number));
    parsed.ok_or_else(|| format!("{name} {value:?}: a number from {} to {}", range.start(), range.end()))
}
