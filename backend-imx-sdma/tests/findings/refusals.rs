//! Findings 15 to 19: what a request becomes, and what is refused before anything is written.

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::RequestLine;
use dmaengine_core::{
    BusAddr, BusWidth, Cyclic, Direction, FlowController, Idle, Micros, Outcome, PrepError, SlaveConfig,
};

use crate::bench::{BURST, Bench, Buffer, DONE, Driver, PERIOD, PERIOD_TIME, line};

/// Linux in a 64-bit build makes a mask of an unsigned long and loses request lines from 32 on. Right: r0 has lines 47 to 32 and
/// r1 lines 31 to 0, in any build; and a transfer on line 38 runs.
#[test]
fn finding_15_request_lines_from_32_on_are_in_the_context() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let (played, mut idle) = (bench.play(0), bench.dma.channel(0).unwrap());
        for number in [0, 5, 31, 32, 38, 47] {
            let peripheral = Peripheral::ssi_shared(line(number));
            let config = SlaveConfig::new(played.address, BusWidth::Four, peripheral).with_max_burst(BURST);
            let list = idle.prep_slave_sg_to_device([&*vec![3_u32; 96].leak()], &config).unwrap();
            let (active, list) = idle.start(list).unwrap();
            let mask = 1_u64 << number;
            let words = bench.last_context();
            assert_eq!((words[2], words[3]), ((mask >> 32) as u32, mask as u32), "line {number}");
            assert_eq!((words[8], words[9]), (0x0202_8000, 4 * u32::from(BURST)));
            let list = list.wait(context, Micros(10 * PERIOD_TIME));
            // Only on its own line does the device ask.
            assert_eq!(list.is_ok_and(|list| list.outcome == Outcome::Completed), number == 38, "line {number}");
            idle = active.terminate_sync(context).unwrap();
        }
        assert_eq!(&bench.taken(0)[..8], [3, 0, 0, 0, 3, 0, 0, 0]);
    });
}

type Refused = (&'static str, Box<dyn Fn(&Idle<'_, Driver>) -> Option<PrepError>>, PrepError);

/// Bytes that begin at a whole word.
fn bytes(len: usize) -> &'static mut [u8] {
    let memory: &'static mut [u8] = vec![0_u8; len + 3].leak();
    let skip = memory.as_ptr().align_offset(4);
    &mut memory[skip..skip + len]
}

fn ring(
    memory: fn() -> &'static mut [u8],
    change: fn(&mut Cyclic<Peripheral>),
) -> Box<dyn Fn(&Idle<'_, Driver>) -> Option<PrepError>> {
    Box::new(move |idle| {
        let peripheral = Peripheral::ssi_shared(line(37));
        let config = SlaveConfig::new(BusAddr(0x0202_8000), BusWidth::Four, peripheral).with_max_burst(BURST);
        let mut request = Cyclic { direction: Direction::DevToMem, period: PERIOD, config };
        change(&mut request);
        idle.prep_cyclic(memory(), &request).err().map(|kept| kept.error)
    })
}

fn list(
    memory: fn() -> &'static mut [u8],
    change: fn(&mut SlaveConfig<Peripheral>),
) -> Box<dyn Fn(&Idle<'_, Driver>) -> Option<PrepError>> {
    Box::new(move |idle| {
        let peripheral = Peripheral::ssi_shared(line(37));
        let mut config = SlaveConfig::new(BusAddr(0x0202_8000), BusWidth::Four, peripheral).with_max_burst(BURST);
        change(&mut config);
        idle.prep_slave_sg_from_device([bytes(64), memory()], &config).err().map(|kept| kept.error)
    })
}

/// Finding 16: what Linux does not check. A line 48, a width of 0 and an unknown peripheral cannot be said here at all, and a
/// preparation without a configuration has no place to be written.
fn never_checked() -> Vec<Refused> {
    let no_program = |name| PrepError::NoProgram { name };
    let at = |value, align| PrepError::Misaligned { value, align };
    vec![
        ("ring of 8 bytes", ring(|| bytes(768), |r| r.config.width = BusWidth::Eight), PrepError::Width { bytes: 8 }),
        ("list of 8 bytes", list(|| bytes(64), |c| c.width = BusWidth::Eight), PrepError::Width { bytes: 8 }),
        ("no words in a burst", list(|| bytes(64), |c| c.max_burst = 0), PrepError::Burst { words: 0, limit: 65_535 }),
        ("odd register", list(|| bytes(64), |c| c.address = BusAddr(0x0202_8002)), at(0x0202_8002, 4)),
        (
            "register above 4 GB",
            ring(|| bytes(768), |r| r.config.address = BusAddr(1 << 32)),
            PrepError::Unreachable { address: 1 << 32 },
        ),
        ("window", list(|| bytes(64), |c| c.port_window = 2), PrepError::PortWindow { words: 2, limit: 1 }),
        (
            "device in control",
            list(|| bytes(64), |c| c.flow_controller = FlowController::Device),
            PrepError::FlowController,
        ),
        (
            "script of firmware that is not there",
            ring(|| bytes(768), |r| r.config.peripheral = Peripheral::ssi_dual(line(37))),
            no_program("ssish_2_mcu"),
        ),
        (
            "script that no chip has",
            list(|| bytes(64), |c| c.peripheral = Peripheral::ipu_memory(line(37))),
            PrepError::Direction { direction: Direction::DevToMem },
        ),
        (
            "ring between memories",
            ring(|| bytes(768), |r| r.direction = Direction::MemToMem),
            PrepError::Direction { direction: Direction::MemToMem },
        ),
        (
            "list without entries",
            Box::new(|idle| {
                let config = SlaveConfig::new(BusAddr(0), BusWidth::Four, Peripheral::ssi(line(0)));
                let none: [Buffer; 0] = [];
                idle.prep_slave_sg_from_device(none, &config).err().map(|kept| kept.error)
            }),
            PrepError::Zero,
        ),
        ("empty entry", list(|| bytes(0), |_| ()), PrepError::Zero),
        ("entry not whole words", list(|| bytes(63), |_| ()), at(63, 4)),
    ]
}

/// Finding 17: periods that do not fit. Linux writes one BD past the array, follows a null pointer, or divides by zero.
fn wrong_periods() -> Vec<Refused> {
    let divides = |len, period| PrepError::PeriodDoesNotDivide { len, period };
    vec![
        ("not a multiple", ring(|| bytes(800), |_| ()), divides(800, 192)),
        ("under one period", ring(|| bytes(96), |_| ()), divides(96, 192)),
        ("period of 0", ring(|| bytes(768), |r| r.period = 0), PrepError::Zero),
        ("nothing", ring(|| bytes(0), |_| ()), PrepError::Zero),
        (
            "period not whole words",
            ring(|| bytes(188), |r| r.period = 94),
            PrepError::Misaligned { value: 94, align: 4 },
        ),
    ]
}

/// Finding 18: what Linux refuses, after it has written STOP, ownership and the context.
fn refused_too_late() -> Vec<Refused> {
    let long = |len| PrepError::SegmentTooLong { len, limit: 65_535 };
    vec![
        ("period too long", ring(|| bytes(131_072), |r| r.period = 65_536), long(65_536)),
        ("entry too long", list(|| bytes(65_536), |_| ()), long(65_536)),
        (
            "too many periods",
            ring(|| bytes(65 * 4), |r| r.period = 4),
            PrepError::TooManySegments { count: 65, limit: 64 },
        ),
        (
            "copy too long",
            Box::new(|idle| {
                // Few enough pieces of 65,535, one too many of 65,532.
                let [dst, src] = [(); 2].map(|()| bytes(64 * 65_532 + 1));
                idle.prep_memcpy(dst, &*src).err().map(|kept| kept.error)
            }),
            PrepError::TooManySegments { count: 65, limit: 64 },
        ),
        (
            "copy of two lengths",
            Box::new(|idle| idle.prep_memcpy(bytes(8), &*bytes(9)).err().map(|kept| kept.error)),
            PrepError::LengthsDiffer { dst: 8, src: 9 },
        ),
    ]
}

/// Each is refused with its error, twice, and has written no register, no byte of the shared memory and no context; what was
/// prepared before it is unharmed.
fn all_are_refused(table: Vec<Refused>) {
    let bench = Bench::new();
    let idle = bench.dma.channel(0).unwrap();
    let kept = idle.prep_memcpy(bytes(8), &*bytes(8)).unwrap();
    // So that there is a free block that was in use, and one that never was.
    drop(idle.prep_memcpy(bytes(8), &*bytes(8)).unwrap());
    let context = || bench.board.hw(|hw| hw.view().context(1));
    let (shared, before) = (bench.shared(), context());
    bench.regs.clear();
    for (what, prepare, error) in table {
        for _ in 0..2 {
            assert_eq!(prepare(&idle), Some(error), "{what}");
            // Looked at by the test's own way, which the recorder does not see.
            assert_eq!(bench.regs.count(), 0, "{what}: an access to a register");
            assert_eq!(bench.shared(), shared, "{what}: shared memory");
            assert_eq!(context(), before, "{what}: the context");
        }
    }
    drop(kept);
    bench.was_clean();
}

/// Linux lets a failed configuration pass into the preparation, loads program counter 0 for a peripheral it does not know, and takes
/// widths, odd addresses and empty lists as they come.
#[test]
fn finding_16_what_linux_never_checks_is_refused() {
    assert_eq!(RequestLine::new(48), None);
    assert!(RequestLine::new(47).is_some());
    all_are_refused(never_checked());
}

/// Odd addresses: of a ring refused, of a copy done as they are.
#[test]
fn finding_16_an_odd_address_is_refused_where_the_script_cannot_and_copied_where_it_can() {
    let odd = ring(|| &mut bytes(772)[1..769], |_| ());
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let idle = bench.dma.channel(0).unwrap();
        let (shared, error) = (bench.shared(), odd(&idle));
        assert!(matches!(error, Some(PrepError::Misaligned { align: 4, value }) if value % 4 == 1), "{error:?}");
        assert_eq!(bench.shared(), shared, "also what only the recipe finds has written nothing");

        let src = bytes(1_003);
        (0..).zip(src.iter_mut()).for_each(|(index, byte)| *byte = (index % 251) as u8);
        let (dst, src) = (&mut bytes(1_008)[3..1_003], &src[1..1_001]);
        let copy = idle.prep_memcpy(dst, src).unwrap();
        let (active, copy) = idle.start(copy).unwrap();
        let copy = copy.wait(context, Micros(1_000)).unwrap();
        assert_eq!(copy.outcome, Outcome::Completed);
        assert!(copy.buffer.0 == src);
        drop(active);
    });
    bench.was_clean();
}

/// See [`wrong_periods`].
#[test]
fn finding_17_periods_that_do_not_fit_are_refused() {
    all_are_refused(wrong_periods());
}

/// Right: a preparation that is refused has not happened.
#[test]
fn finding_18_a_refused_preparation_has_written_nothing() {
    all_are_refused(refused_too_late());
}

/// Linux cuts copies at 65,535 bytes, so their second piece is odd, and an exact multiple has one BD too many. Right: pieces of
/// whole words, and as many as it takes.
#[test]
fn finding_19_copies_are_cut_at_whole_words_and_have_no_descriptor_too_many() {
    for (len, pieces) in [(65_532, 1), (65_533, 2), (65_535, 2), (131_064, 2), (131_070, 3), (196_596, 3)] {
        let bench = Bench::new();
        let cpu = bench.cpu();
        cpu.thread(|context| {
            let idle = bench.dma.channel(0).unwrap();
            let src = bytes(len);
            (0..).zip(src.iter_mut()).for_each(|(index, byte)| *byte = (index % 251) as u8);
            let src = &*src;
            let copy = idle.prep_memcpy(bytes(len), src).unwrap();
            let (active, copy) = idle.start(copy).unwrap();
            let cut: Vec<_> = (0..4).map(|index| bench.descriptor(1, index)).collect();
            assert_eq!(cut.iter().filter(|piece| piece[0] & DONE != 0).count(), pieces, "{len} bytes");
            for piece in &cut[..pieces] {
                assert_eq!((piece[1] % 4, piece[2] % 4), (0, 0), "{len} bytes");
            }
            assert_eq!(cut[..pieces].iter().map(|piece| (piece[0] & 0xFFFF) as usize).sum::<usize>(), len);
            let copy = copy.wait(context, Micros(20_000)).unwrap();
            assert_eq!(copy.outcome, Outcome::Completed);
            assert!(copy.buffer.0 == src, "{len} bytes");
            drop(active);
        });
        bench.was_clean();
    }
}
