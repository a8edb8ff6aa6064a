//! What is played and then recorded through the driver, the simulated SDMA and the SSI is what was played: bit for bit, in every
//! format, on one to eight channels; and with a hundred XRUNs on the way each way, less what these have lost.

#[path = "../../examples/play/player.rs"]
mod player;
#[path = "../../examples/record/recorder.rs"]
mod recorder;
#[path = "../../examples/sound/mod.rs"]
mod sound;
#[path = "../../examples/loopback/through.rs"]
mod through;

mod in_step;
mod numbered;
mod there_and_back;
