//! Named tests. Each prints its name and `ok`; the first that fails ends the program with status 1, since there is no unwinding here.

use core::fmt::Write;
use core::panic::PanicInfo;

use dmaengine_core::Sleepable;
use m4::cpu;
use m4::semihosting::{Console, exit};

use crate::context;

/// A test, in the thread's context. It fails by a panic.
pub type Test = fn(&mut Sleepable<'_>);

/// Runs them in order, and ends the program. [`tests!`](crate::tests) is the way to it.
pub fn run(tests: &[(&str, Test)]) -> ! {
    context::thread(|context| {
        for (name, test) in tests {
            _ = write!(Console, "test {name} ... ");
            test(context);
            _ = writeln!(Console, "ok");
        }
    });
    _ = writeln!(Console, "test result: ok. {} passed", tests.len());
    exit(0)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    cpu::mask();
    _ = writeln!(Console, "\n{info}\n  exception {}\ntest result: FAILED", cpu::exception());
    exit(1)
}

/// Makes a program of tests: functions that take a `&mut Sleepable` and panic if something is wrong. Their names are printed.
///
/// ```ignore
/// firmware_m4::tests![sections_mask, sections_nest];
/// ```
#[macro_export]
macro_rules! tests {
    ($($test:ident),* $(,)?) => {
        #[unsafe(no_mangle)]
        extern "C" fn main() -> ! {
            $crate::test::run(&[$((stringify!($test), $test)),*])
        }
    };
}
