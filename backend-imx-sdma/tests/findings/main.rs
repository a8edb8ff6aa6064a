//! What traces of Linux's driver showed, finding by finding: each is a test that this driver does otherwise, or as well. The
//! numbers are those of a list of 22 findings, made with the drivers of Linux 5.4.18, 5.8.18 and 6.12.117 on a simulated i.MX6Q.
//!
//! | finding | of Linux | tests here, `finding_NN_...` |
//! |---|---|---|
//! | 1 | 5.4: a restart before the worker ran is freed with the old transfer | [`races`] |
//! | 2 | 5.8: the same between prep, submit and issue | [`races`], twice |
//! | 3 | 6.12 survives these, and a restart in the callback | [`races`] |
//! | 4 | 6.12: a second terminate breaks the 1 ms rule | [`races`] |
//! | 5 | 6.12: submitted descriptors survive a terminate | [`terminate`]. "Past release" cannot be: what is prepared is a value that its holder owns |
//! | 6 | 6.12: terminate frees prepared ones and loses finished ones | [`terminate`], twice. An order of freeing there is not: each transfer's memory comes back to its own handle |
//! | 7 | 6.12: an interrupt from before ends the new transfer | [`terminate`]: list, ring, copy; and a ring without descriptors |
//! | 8 | preparing stops or reloads what runs | [`hardware`] |
//! | 9 | 5.4, 5.8: a restart loads no context | [`hardware`] |
//! | 10 | priority is not taken back | [`hardware`] |
//! | 11 | 6.12: errors are lost | [`progress`], three times |
//! | 12 | 6.12: residues | [`progress`]. A cookie never given out has no status, because a transfer's handle is what is asked |
//! | 13 | 5.4, 5.8: starved, and dead | [`starvation`] |
//! | 14 | 5.4, 5.8: a period is handed back before its callback | [`starvation`] |
//! | 15 | request lines from 32 on, in 64-bit builds | [`refusals`] |
//! | 16 | 6.12: no check stops | [`refusals`], twice. Not to be said: width 0, an unknown peripheral, line 48, no configuration |
//! | 17 | 6.12: periods that do not fit | [`refusals`] |
//! | 18 | 6.12: what is refused has been written | [`refusals`] |
//! | 19 | copies at 65,535 bytes | [`refusals`] |
//! | 20 | channel 0 hung | [`channel_zero`], five times |
//! | 21 | CONFIG; two terminates; the order among channels | [`hardware`], three times. A worker there is not |
//! | 22 | the number of scripts | [`firmware`] |

#[path = "../patient/mod.rs"]
mod patient;

mod bench;
mod channel_zero;
mod firmware;
mod hardware;
mod progress;
mod races;
mod refusals;
mod starvation;
mod terminate;
