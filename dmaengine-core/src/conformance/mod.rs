//! The conformance suite: seventy-three promises of a DMA engine, each tried on a backend by name.
//!
//! # For whom
//!
//! You have written an [`Engine`](crate::Engine) and want to know whether it keeps its word. The suite drives it through the
//! client's interface, and through nothing else, and says by name which promise is broken: what was promised, what was seen,
//! and where the promise is written.
//!
//! # What you write
//!
//! A [`Rig`]: the engine in its surroundings, and how interrupts reach it. Then one line, in a test of your crate, with
//! `dmaengine-core` among your development dependencies with its features `conformance` and `std`:
//!
//! ```
//! use backend_mock::{Cpu, Mock, MockConfig};
//! use dmaengine_core::conformance::{self, Abilities, Controller, Rig};
//! use dmaengine_core::{Atomic, Dma, Sleepable};
//!
//! struct Bench(Dma<Mock, 2>);
//!
//! impl Rig for Bench {
//!     type Engine = Mock;
//!
//!     fn dma(&self) -> &dyn Controller<Mock> {
//!         &self.0
//!     }
//!
//!     fn abilities(&self) -> Abilities<Mock> {
//!         Abilities::none().memcpy().terminate_atomic()
//!     }
//!
//!     fn thread(&self, handler: &dyn Fn(&Atomic<'_>), body: &mut dyn FnMut(&mut Sleepable<'_>)) {
//!         Cpu::new(self.0.engine(), handler).thread(body);
//!     }
//! }
//!
//! fn bench() -> Bench {
//!     // Slow enough for a copy to be stopped in its middle.
//!     Bench(Dma::new(Mock::new(MockConfig { copy_bytes_per_us: 1, ..MockConfig::default() })))
//! }
//!
//! // In a file of tests this makes one test for each statement:
//! dmaengine_core::conformance::suite!(bench);
//!
//! // The same at once, for a program:
//! let summary = conformance::run_all(bench);
//! assert!(summary.failed.is_empty(), "{summary}");
//! assert!(summary.skipped.iter().any(|skipped| skipped.reason.contains("declares no pause")));
//! ```
//!
//! A device that counts ([`Rig::counter`]) or that takes ([`Rig::sink`]), hardware that can be made to ignore a stop
//! ([`Rig::ignore_stops`]) and a count of accesses that should not have been ([`Rig::trespasses`]) show more, if you have them.
//!
//! # On a board
//!
//! Without the feature `std` the suite needs a heap and nothing else, so a program for bare metal can call [`run_all`] and print the
//! summary. There a statement that panics ends the program.
//!
//! # What it says
//!
//! A statement holds, fails, or is skipped with a reason (`cargo test -- --nocapture` shows it): the engine lacks an ability,
//! or the rig a device. Some have nothing to try: types keep them, or this interface has no words to break them in. They
//! are in the table all the same, with that reason, so that all seventy-three numbers are accounted for. Others are kept by the
//! library whatever a backend does; they are tried, and [`Keeper::Core`] says why a backend cannot break them.
//!
//! The statements are Linux's contract of dmaengine as its manuals, headers and repairs have it (v6.12), what this library
//! promises beyond it, and each cites its source.
//!
//! # What it cannot see
//!
//! It sees what a client sees, and the memory. An engine that reads memory late and writes nothing is not caught, unless
//! [`Rig::trespasses`] counts it. Data towards a device is looked at if there is a [`Rig::sink`], and not otherwise. One
//! thread drives it: races between threads are for the library's own models and not for a backend, whose methods are called
//! one at a time.

mod abilities;
mod case;
mod checks;
mod rig;
mod runner;
mod statement;
mod walk;
mod witness;
mod work;

mod atomic;
mod callbacks;
mod data;
mod lifetime;
mod pause;
mod prepare_submit_issue;
mod residue;
mod restart;
mod status;
mod synchronize;
mod terminate;
mod to_device;

/// What a hosted crate has without asking.
mod prelude {
    pub(super) use alloc::boxed::Box;
    pub(super) use alloc::rc::Rc;
    pub(super) use alloc::string::{String, ToString};
    pub(super) use alloc::vec::Vec;
    pub(super) use alloc::{format, vec};
    pub(super) use core::cell::{Cell, RefCell};
}

pub use self::abilities::Abilities;
pub use self::rig::{Controller, Counter, Rig, Scale, Sink};
pub use self::runner::{Failure, Skipped, Summary, check, run_all};
pub use self::statement::{Keeper, Need, Statement, statement, statements};
use self::work::Memory;

/// How many statements there are.
pub const STATEMENTS: usize = 73;

#[doc(inline)]
pub use crate::__conformance_suite as suite;

/// One test for each statement, on rigs that a function makes: `suite!(make_rig);`.
///
/// The tests are named after the statements, so that `cargo test s41` tries one of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_suite {
    ($make_rig:path) => {
        $crate::__conformance_suite! {
            $make_rig;
            1 s01_a_prepared_transfer_touches_nothing
            2 s02_submit_alone_starts_nothing
            3 s03_what_is_submitted_while_another_runs_waits_for_its_issue
            4 s04_issue_starts_the_oldest
            5 s05_issue_with_nothing_submitted_is_harmless
            6 s06_transfers_run_in_the_order_of_submission
            7 s07_prepare_submit_issue_and_status_work_in_an_interrupt
            8 s08_exhaustion_is_an_error_and_not_a_wait
            9 s09_a_request_out_of_limits_is_refused
            10 s10_a_new_config_changes_nothing_that_is_prepared
            11 s11_a_submitted_transfer_cannot_be_altered
            12 s12_names_of_transfers_increase
            13 s13_completion_arithmetic_holds_across_the_wrap
            14 s14_each_transfer_completes_once_and_not_early
            15 s15_status_takes_no_state_pointer
            16 s16_status_is_of_the_transfer_that_is_asked_for
            17 s17_an_aborted_transfer_stays_aborted
            18 s18_status_after_terminate_is_the_same_for_every_backend
            19 s19_coarse_residue_counts_nothing_before_the_end
            20 s20_residue_moves_as_finely_as_declared_and_never_back
            21 s21_cyclic_residue_is_of_one_round_and_never_0
            22 s22_what_counts_as_transferred_is_there
            23 s23_all_of_a_queued_transfer_is_left
            24 s24_a_callback_may_prepare_submit_and_issue
            25 s25_a_callback_may_stop_its_own_channel
            26 s26_the_callback_context_is_the_declared_one
            27 s27_the_result_is_valid_for_the_whole_call
            28 s28_no_interrupt_flag_no_callback
            29 s29_two_ends_before_the_handler_runs_are_told_both
            30 s30_folded_periods_are_counted
            31 s31_a_descriptor_lives_until_its_callback_returns
            32 s32_a_pause_moves_nothing_and_loses_nothing
            33 s33_a_paused_transfer_is_reported_as_paused
            34 s34_resume_without_pause_is_no_start
            35 s35_a_pause_that_is_not_supported_is_known_beforehand
            36 s36_terminate_while_paused_leaves_the_channel_restartable
            37 s37_terminate_async_works_anywhere_and_does_not_wait
            38 s38_terminate_aborts_what_runs_is_issued_or_is_submitted
            39 s39_no_callback_begins_after_terminate
            40 s40_a_running_callback_keeps_the_channel
            41 s41_memory_is_not_given_back_before_the_stop
            42 s42_no_descriptor_is_used_again_before_the_stop
            43 s43_terminate_with_nothing_to_stop_is_harmless
            44 s44_a_second_terminate_within_the_first_frees_nothing_early
            45 s45_a_prepared_transfer_survives_a_terminate
            46 s46_what_is_queued_behind_a_stop_runs_after_it
            47 s47_the_end_of_a_stop_touches_nothing_newer
            48 s48_a_new_transfer_is_programmed_afresh
            49 s49_no_period_of_the_old_run_is_told_as_one_of_the_new
            50 s50_any_order_of_calls_leaves_every_transfer_accounted_for
            51 s51_stops_and_starts_without_end_leak_nothing_and_stall_nothing
            52 s52_after_synchronize_no_memory_is_touched
            53 s53_after_synchronize_no_callback_runs_or_will
            54 s54_synchronize_is_rejected_where_nobody_may_sleep
            55 s55_issue_between_terminate_and_synchronize_is_rejected
            56 s56_synchronize_without_terminate_is_rejected
            57 s57_hardware_that_does_not_stop_is_reported_and_keeps_its_memory
            58 s58_a_backend_declares_how_it_stops
            59 s59_terminate_sync_is_both_in_one
            60 s60_terminate_atomic_is_done_within_its_bound
            61 s61_terminate_atomic_frees_nothing
            62 s62_a_channel_given_up_at_work_is_stopped_before_the_next_has_it
            63 s63_release_frees_every_descriptor
            64 s64_a_reusable_descriptor_is_freed_once
            65 s65_a_repeated_transfer_repeats_until_its_successor
            66 s66_metadata_modes_do_not_mix
            67 s67_a_copy_copies_its_region_and_nothing_else
            68 s68_channels_do_not_disturb_each_other
            69 s69_polled_and_interrupt_completion_give_the_same
            70 s70_no_callback_comes_after_the_end
            71 s71_a_device_gets_every_byte_once_and_in_order
            72 s72_what_counts_as_transferred_is_at_the_device
            73 s73_after_quiescence_a_device_gets_nothing_more
        }
    };
    ($make_rig:path; $($number:literal $name:ident)*) => {
        $(
            #[test]
            fn $name() {
                $crate::conformance::check($number, stringify!($name), $make_rig);
            }
        )*

        #[test]
        fn every_statement_has_its_test() {
            assert_eq!([$($number),*].len(), $crate::conformance::STATEMENTS);
        }
    };
}
