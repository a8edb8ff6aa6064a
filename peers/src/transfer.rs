//! One copy is handed to the device; later its memory is taken back: this library's channel and a queue of virtio-drivers. What each
//! of them does, and does not: `benches/notes/peers.md`.
//!
//! The module has `unsafe` because it plays virtio's device and its platform.

use core::ptr::NonNull;
use core::sync::atomic::{AtomicU16, Ordering};
use std::alloc::{Layout, alloc_zeroed, dealloc};

use benches::plain::{Plain, Sdma};
use dmaengine_core::{Active, Atomic, Dma, Resolved, Transfer};
use virtio_drivers::queue::VirtQueue;
use virtio_drivers::transport::{DeviceStatus, DeviceType, InterruptStatus, Transport};
use virtio_drivers::{BufferDirection, Hal, PAGE_SIZE, PhysAddr};

/// Bytes of a copy.
const LEN: usize = 1024;
type Memory = &'static mut [u8];
type Copy = Transfer<'static, Sdma, (Memory, Memory)>;

fn memory() -> Memory {
    vec![0; LEN].leak()
}

/// This library: a channel that has done a copy before, and two buffers.
#[derive(Debug)]
pub struct Ours {
    plain: &'static Plain,
    dma: &'static Dma<Sdma, 1, 8>,
    active: Active<'static, Sdma>,
    buffers: Option<(Memory, Memory)>,
    copy: Option<Copy>,
}

impl Ours {
    /// A machine.
    pub fn new() -> Self {
        let (plain, sdma) = Plain::sdma();
        let dma: &'static Dma<Sdma, 1, 8> = Box::leak(Box::new(Dma::new(sdma)));
        let idle = dma.channel(0).expect("nobody has it");
        let prepared = idle.prep_memcpy(memory(), memory()).expect("it is right");
        let (active, copy) = idle.start(prepared).expect("it is its channel");
        let mut this = Self { plain, dma, active, buffers: None, copy: Some(copy) };
        this.finish();
        this.reap();
        this
    }

    /// The device has done it.
    pub fn finish(&self) {
        self.plain.finish(1, 1);
    }

    /// Prepare, submit, issue.
    ///
    /// # Panics
    /// If the copy before was not reaped, or this one is refused.
    pub fn submit(&mut self) {
        let Some((dst, src)) = self.buffers.take() else { panic!("the buffers are away") };
        let Ok(prepared) = self.active.prep_memcpy(dst, src) else { panic!("it is right") };
        let Ok(copy) = self.active.submit(prepared) else { panic!("it is its channel") };
        self.active.issue();
        self.copy = Some(copy);
    }

    /// The interrupt, and the buffers.
    ///
    /// # Panics
    /// If nothing was submitted, or it is not done.
    pub fn reap(&mut self) {
        self.dma.interrupt(&Atomic::new(), &mut |_, _| ());
        let Some(copy) = self.copy.take() else { panic!("nothing was submitted") };
        let Ok(Resolved { buffer, .. }) = copy.try_resolve() else { panic!("it is done") };
        self.buffers = Some(buffer);
    }
}

impl Default for Ours {
    fn default() -> Self {
        Self::new()
    }
}

const SIZE: usize = 16;

/// Virtio's: a queue, and two buffers.
#[derive(Debug)]
pub struct Virtio {
    queue: VirtQueue<Identity, SIZE>,
    used: NonNull<UsedRing>,
    token: u16,
    buffers: (Memory, Memory),
}

/// The layout of a used ring (Virtio 1.2, 2.7.8).
#[repr(C)]
struct UsedRing {
    flags: AtomicU16,
    idx: AtomicU16,
    ring: [(u32, u32); SIZE],
}

impl Virtio {
    /// A queue that has been round once.
    pub fn new() -> Self {
        let mut device = Device::default();
        let queue = VirtQueue::new(&mut device, 0, false, false).expect("the device has a queue");
        let used = NonNull::new(device.used as usize as *mut UsedRing).expect("the queue was set");
        let mut this = Self { queue, used, token: 0, buffers: (memory(), memory()) };
        this.submit();
        this.finish();
        this.reap();
        this
    }

    /// The device has done it.
    pub fn finish(&mut self) {
        // SAFETY: the ring is the queue's, which is alive, and nobody reads it before the index moves.
        let used = unsafe { self.used.as_mut() };
        let idx = used.idx.load(Ordering::Relaxed);
        used.ring[usize::from(idx) % SIZE] = (self.token.into(), LEN as u32);
        used.idx.store(idx.wrapping_add(1), Ordering::Release);
    }

    /// Adds a source and a destination.
    pub fn submit(&mut self) {
        let (dst, src) = &mut self.buffers;
        // SAFETY: the buffers stay, and nobody is at them before `reap`.
        self.token = unsafe { self.queue.add(&[src], &mut [dst]) }.expect("there is room");
    }

    /// Takes it off the used ring.
    pub fn reap(&mut self) {
        let (dst, src) = &mut self.buffers;
        // SAFETY: the same buffers as in `submit`.
        let written = unsafe { self.queue.pop_used(self.token, &[src], &mut [dst]) };
        assert_eq!(written, Ok(LEN as u32), "it is done");
    }
}

impl Default for Virtio {
    fn default() -> Self {
        Self::new()
    }
}

/// Memory that the device sees as it is.
#[derive(Debug)]
pub struct Identity;

// SAFETY: pages from the allocator, aligned and zeroed; buffers are shared at their own address.
unsafe impl Hal for Identity {
    fn dma_alloc(pages: usize, _direction: BufferDirection) -> (PhysAddr, NonNull<u8>) {
        let layout = Layout::from_size_align(pages * PAGE_SIZE, PAGE_SIZE).expect("a few pages");
        // SAFETY: not of size 0.
        let memory = NonNull::new(unsafe { alloc_zeroed(layout) }).expect("there is memory");
        (memory.as_ptr().addr() as PhysAddr, memory)
    }

    unsafe fn dma_dealloc(_paddr: PhysAddr, vaddr: NonNull<u8>, pages: usize) -> i32 {
        let layout = Layout::from_size_align(pages * PAGE_SIZE, PAGE_SIZE).expect("as above");
        // SAFETY: from `dma_alloc`, with the same layout.
        unsafe { dealloc(vaddr.as_ptr(), layout) };
        0
    }

    unsafe fn mmio_phys_to_virt(_paddr: PhysAddr, _size: usize) -> NonNull<u8> {
        NonNull::dangling()
    }

    unsafe fn share(buffer: NonNull<[u8]>, _direction: BufferDirection) -> PhysAddr {
        buffer.cast::<u8>().as_ptr().addr() as PhysAddr
    }

    unsafe fn unshare(_paddr: PhysAddr, _buffer: NonNull<[u8]>, _direction: BufferDirection) {}
}

/// A device with one queue, which remembers where its used ring is.
#[derive(Debug, Default)]
struct Device {
    used: PhysAddr,
}

impl Transport for Device {
    fn device_type(&self) -> DeviceType {
        DeviceType::Block
    }

    fn read_device_features(&mut self) -> u64 {
        0
    }

    fn write_driver_features(&mut self, _driver_features: u64) {}

    fn max_queue_size(&mut self, _queue: u16) -> u32 {
        SIZE as u32
    }

    fn notify(&mut self, _queue: u16) {}

    fn get_status(&self) -> DeviceStatus {
        DeviceStatus::empty()
    }

    fn set_status(&mut self, _status: DeviceStatus) {}

    fn set_guest_page_size(&mut self, _guest_page_size: u32) {}

    fn requires_legacy_layout(&self) -> bool {
        false
    }

    fn queue_set(&mut self, _queue: u16, _size: u32, _descriptors: PhysAddr, _driver: PhysAddr, device: PhysAddr) {
        self.used = device;
    }

    fn queue_unset(&mut self, _queue: u16) {}

    fn queue_used(&mut self, _queue: u16) -> bool {
        false
    }

    fn ack_interrupt(&mut self) -> InterruptStatus {
        InterruptStatus::empty()
    }

    fn read_config_generation(&self) -> u32 {
        0
    }

    fn read_config_space<T>(&self, _offset: usize) -> virtio_drivers::Result<T> {
        Err(virtio_drivers::Error::Unsupported)
    }

    fn write_config_space<T>(&mut self, _offset: usize, _value: T) -> virtio_drivers::Result<()> {
        Err(virtio_drivers::Error::Unsupported)
    }
}
