//! A driver in a few lines, and a device that asks when it is told to.

use std::ops::{Deref, DerefMut};

use sim_imx_sdma::bus::{BusError, Handle, Peripheral, Width};
use sim_imx_sdma::time::Cycles;
use sim_imx_sdma::{Config, Ended, RegisterAccess, ReportKind, Sdma, Until, Variant};

pub const MC0PTR: u32 = 0x000;
pub const INTR: u32 = 0x004;
pub const STOP_STAT: u32 = 0x008;
pub const HSTART: u32 = 0x00C;
pub const EVTOVR: u32 = 0x010;
pub const DSPOVR: u32 = 0x014;
pub const HOSTOVR: u32 = 0x018;
pub const EVTPEND: u32 = 0x01C;
pub const RESET: u32 = 0x024;
pub const EVTERR: u32 = 0x028;
pub const INTRMASK: u32 = 0x02C;
pub const EVTERRDBG: u32 = 0x034;
pub const CONFIG: u32 = 0x038;
pub const SDMA_LOCK: u32 = 0x03C;
pub const ONCE_STAT: u32 = 0x04C;
pub const ILLINSTADDR: u32 = 0x058;
pub const CHN0ADDR: u32 = 0x05C;
pub const EVT_MIRROR: u32 = 0x060;
pub const EVT_MIRROR2: u32 = 0x064;
pub const CHNPRI: u32 = 0x100;
pub const CHNENBL: u32 = 0x200;

/// Bits of a mode word.
pub const D: u32 = 1 << 16;
pub const W: u32 = 1 << 17;
pub const C: u32 = 1 << 18;
pub const I: u32 = 1 << 19;
pub const R: u32 = 1 << 20;
pub const EXTD: u32 = 1 << 23;

/// Where the control blocks lie, channel 0's descriptor, what it copies, and the chains of the other channels.
pub const CCBS: u32 = 0x1000_0000;
pub const BD0: u32 = CCBS + 0x400;
pub const STAGE: u32 = CCBS + 0x800;
const CHAINS: u32 = CCBS + 0x1_0000;
/// Memory for data.
pub const BUFFER: u32 = 0x1800_0000;
pub const BUFFER_SIZE: u32 = 0x10_0000;
/// Nothing is there.
pub const HOLE: u32 = 0x7000_0000;
/// The device, in the place of SSI1, and its request line.
pub const DEVICE: u32 = 0x0202_8000;
pub const EVENT: u32 = 38;

/// Scripts of the i.MX6's ROM.
pub const AP_2_AP: u32 = 642;
pub const APP_2_MCU: u32 = 683;
pub const MCU_2_APP: u32 = 747;
pub const MCU_2_SHP: u32 = 960;

/// A device whose line is up while it wants to be served.
#[derive(Debug, Default)]
pub struct Port {
    /// Its request lines while it asks.
    pub lines: u64,
    /// How many more items it wants to have moved.
    pub wants: usize,
    pub taken: Vec<u32>,
    /// How many it gave: it counts, from 0x100 on.
    pub given: u32,
}

impl Peripheral for Port {
    fn advance(&mut self, _: Cycles) {}

    fn read(&mut self, _: Cycles, _: u32, width: Width) -> Result<u32, BusError> {
        self.wants = self.wants.saturating_sub(1);
        self.given += 1;
        Ok(width.cut(0xFF + self.given))
    }

    fn write(&mut self, _: Cycles, _: u32, _: Width, value: u32) -> Result<(), BusError> {
        self.wants = self.wants.saturating_sub(1);
        self.taken.push(value);
        Ok(())
    }

    fn lines(&self) -> u64 {
        if self.wants > 0 { self.lines } else { 0 }
    }

    fn next_change(&self) -> Option<Cycles> {
        None
    }
}

pub struct Rig {
    sdma: Sdma,
    port: Handle<Port>,
}

impl Deref for Rig {
    type Target = Sdma;

    fn deref(&self) -> &Sdma {
        &self.sdma
    }
}

impl DerefMut for Rig {
    fn deref_mut(&mut self) -> &mut Sdma {
        &mut self.sdma
    }
}

impl Rig {
    /// Powered on, nothing written.
    pub fn cold() -> Self {
        Self::with(Config::new(Variant::Imx6))
    }

    pub fn with(config: Config) -> Self {
        let mut sdma = Sdma::new(config);
        sdma.bus().add_ram(CCBS, 0x2_0000).expect("there is room");
        sdma.bus().add_ram(BUFFER, BUFFER_SIZE).expect("there is room");
        let device = Port { lines: 1 << EVENT, ..Port::default() };
        let port = sdma.bus().add_peripheral(DEVICE, 0x4000, device).expect("there is room");
        Self { sdma, port }
    }

    /// Ready for channel 0's first command, with contexts of 32 words and static switching, as drivers begin.
    pub fn initialised() -> Self {
        let mut this = Self::cold();
        this.initialise(0x4050);
        this
    }

    pub fn initialise(&mut self, chn0addr: u32) {
        for event in 0..48 {
            self.write32(CHNENBL + 4 * event, 0);
        }
        self.write32(EVTOVR, 1);
        self.write32(CHN0ADDR, chn0addr);
        self.write32(CONFIG, 0);
        self.write32(MC0PTR, CCBS);
        self.write32(CHNPRI, 7);
        self.put(CCBS, &[BD0, BD0, 0, 0]);
    }

    /// And channel 0 has run; contexts are switched dynamically.
    pub fn booted() -> Self {
        let mut this = Self::initialised();
        this.get_data(0x0800, 1);
        this.write32(CONFIG, 3);
        this
    }

    pub fn port(&mut self) -> &mut Port {
        let port = self.port;
        self.sdma.bus().peripheral(port)
    }

    pub fn put(&mut self, address: u32, words: &[u32]) {
        let bytes: Vec<_> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.bus().poke(address, &bytes).expect("there is memory");
    }

    pub fn bytes(&mut self, address: u32, len: u32) -> Vec<u8> {
        let mut bytes = vec![0; len as usize];
        self.bus().peek(address, &mut bytes).expect("there is memory");
        bytes
    }

    pub fn words(&mut self, address: u32, count: u32) -> Vec<u32> {
        let bytes = self.bytes(address, 4 * count);
        bytes.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().expect("four"))).collect()
    }

    pub fn word(&mut self, address: u32) -> u32 {
        self.words(address, 1)[0]
    }

    /// Channel 0 carries out a command; gives the mode word as it gave it back.
    pub fn command(&mut self, mode: u32, buffer: u32, inside: u32) -> u32 {
        self.begin(mode, buffer, inside);
        self.finish()
    }

    pub fn begin(&mut self, mode: u32, buffer: u32, inside: u32) {
        self.put(BD0, &[mode | D | W | EXTD, buffer, inside]);
        self.write32(HSTART, 1);
    }

    /// As Linux waits: until HE of channel 0 reads 0, for 500 us at most.
    pub fn finish(&mut self) -> u32 {
        let limit = self.now() + Cycles(33_000);
        while self.read32(STOP_STAT) & 1 != 0 {
            assert!(self.now() < limit, "channel 0 does not answer");
        }
        self.word(BD0)
    }

    /// SETDM.
    pub fn set_data(&mut self, inside: u32, words: &[u32]) {
        self.put(STAGE, words);
        let mode = self.command(0x0100_0000 | words.len() as u32, STAGE, inside);
        assert_eq!(mode & (D | R), 0);
    }

    /// GETDM.
    pub fn get_data(&mut self, inside: u32, count: u32) -> Vec<u32> {
        let mode = self.command(0x0200_0000 | count, STAGE, inside);
        assert_eq!(mode & (D | R), 0);
        self.words(STAGE, count)
    }

    /// A context of 32 words for a channel.
    pub fn load(&mut self, channel: u32, script: u32, watermark: u32) {
        let context = Self::context(script, watermark);
        self.set_data(2048 + 32 * channel, &context);
    }

    /// For a script that serves the device.
    pub fn context(script: u32, watermark: u32) -> [u32; 32] {
        let mut context = [0; 32];
        (context[0], context[2], context[8], context[9]) = (script, 1 << (EVENT - 32), DEVICE, watermark);
        context
    }

    /// Where a channel's descriptor lies.
    pub fn bd(channel: u32, n: u32) -> u32 {
        CHAINS + 0x200 * channel + 12 * n
    }

    /// A channel's descriptors, and its control block at the first.
    pub fn chain(&mut self, channel: u32, bds: &[[u32; 3]]) {
        for (n, bd) in bds.iter().enumerate() {
            self.put(Self::bd(channel, n as u32), bd);
        }
        self.put(CCBS + 16 * channel, &[Self::bd(channel, 0), Self::bd(channel, 0), 0, 0]);
    }

    pub fn mode(&mut self, channel: u32, n: u32) -> u32 {
        self.word(Self::bd(channel, n))
    }

    /// Which descriptor the control block points at.
    pub fn current_bd(&mut self, channel: u32) -> u32 {
        (self.word(CCBS + 16 * channel) - Self::bd(channel, 0)) / 12
    }

    pub fn set_priority(&mut self, channel: u32, priority: u32) {
        self.write32(CHNPRI + 4 * channel, priority);
    }

    pub fn start(&mut self, channel: u32) {
        self.write32(HSTART, 1 << channel);
    }

    pub fn stop(&mut self, channel: u32) {
        self.write32(STOP_STAT, 1 << channel);
    }

    /// A memory copy that is ready to be started.
    pub fn copy(&mut self, channel: u32, priority: u32, bds: &[[u32; 3]]) {
        let events = self.read32(EVTOVR);
        self.write32(EVTOVR, events | 1 << channel);
        self.set_priority(channel, priority);
        let mut context = [0; 32];
        context[0] = AP_2_AP;
        self.set_data(2048 + 32 * channel, &context);
        self.chain(channel, bds);
    }

    /// A channel that serves the device, ready to be started.
    pub fn serve(&mut self, channel: u32, priority: u32, script: u32, watermark: u32, bds: &[[u32; 3]]) {
        self.write32(CHNENBL + 4 * EVENT, 1 << channel);
        self.set_priority(channel, priority);
        self.load(channel, script, watermark);
        self.chain(channel, bds);
    }

    /// The device wants so many more items moved.
    pub fn request(&mut self, items: usize) {
        self.port().wants += items;
    }

    pub fn run(&mut self, cycles: u64) {
        self.run_for(Cycles(cycles));
    }

    pub fn run_until_idle(&mut self) {
        let limit = self.now() + Cycles(10_000_000);
        assert_eq!(self.run_until(Until::Idle { limit }), Ended::Idle);
    }

    /// Runs, cycle by cycle, until something is so.
    pub fn run_up_to(&mut self, mut is_so: impl FnMut(&mut Self) -> bool) {
        for _ in 0..2_000_000 {
            if is_so(self) {
                return;
            }
            self.run(1);
        }
        panic!("it never came to that");
    }

    /// Runs until so many items are through the device.
    pub fn run_to_item(&mut self, items: usize) {
        self.run_up_to(|rig| rig.port().taken.len() + rig.port().given as usize >= items);
    }

    pub fn kinds(&self) -> Vec<ReportKind> {
        self.reports().iter().map(|report| report.kind).collect()
    }
}
