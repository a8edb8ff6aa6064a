//! Named tests. Each prints its name and `ok`; the first that fails ends the program with status 1, since there is no unwinding here.

use core::sync::atomic::{AtomicUsize, Ordering};

use dmaengine_core::Sleepable;

use crate::uart;

/// A test, in a thread's context. It fails by a panic.
pub type Test = fn(&mut Sleepable<'_>);

static PASSED: AtomicUsize = AtomicUsize::new(0);
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Runs them in order. [`tests!`](crate::tests) is the way to it.
pub fn run(context: &mut Sleepable<'_>, tests: &[(&str, Test)]) {
    COUNT.store(tests.len(), Ordering::Relaxed);
    for (name, test) in tests {
        crate::print!("test {name} ... ");
        test(context);
        PASSED.fetch_add(1, Ordering::Relaxed);
        crate::println!("ok");
    }
    crate::println!("test result: ok. {} passed", tests.len());
}

/// The program ends here.
pub(crate) fn failed() {
    let (passed, count) = (PASSED.load(Ordering::Relaxed), COUNT.load(Ordering::Relaxed));
    let left = count.saturating_sub(passed + 1);
    uart::put_at_the_end(format_args!("test result: FAILED. {passed} passed; 1 failed; {left} not run\n"));
}

/// Makes a program of tests: functions that take a `&mut Sleepable` and panic if something is wrong. Their names are printed.
///
/// ```ignore
/// board::tests![a_wild_read_faults, a_wild_write_faults];
/// ```
#[macro_export]
macro_rules! tests {
    ($($test:ident),* $(,)?) => {
        $crate::program!(|context| {
            $crate::test::run(context, &[$((stringify!($test), $test)),*]);
        });
    };
}
