//! Runs a program in QEMU, with an end even if it has none itself.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::chore::{Error, Result};

/// Where a program prints, in QEMU's words.
#[derive(Clone, Copy, Debug)]
pub enum Console {
    /// By semihosting. It comes out here, not among the complaints.
    Semihosting,
    /// On the first serial port.
    Serial,
}

/// How long a program may take, in seconds of the host, and how long QEMU to end when it is told to; it does not always listen.
const LIMIT: &str = "120";
const GRACE: &str = "3";

/// A machine with a program in it. The program's exit status is QEMU's (semihosting).
pub fn qemu(machine: &str, console: Console, program: &Path) -> Result<Command> {
    const QEMU: &str = "qemu-system-arm";
    if Command::new(QEMU).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        return Err(Error::missing("QEMU for ARM", "apt-get install --no-install-recommends qemu-system-arm"));
    }
    let mut command = Command::new("timeout");
    command.args(["-k", GRACE, LIMIT, QEMU, "-M", machine, "-display", "none", "-monitor", "none"]);
    match console {
        Console::Semihosting => command
            .args(["-chardev", "stdio,id=console"])
            .args(["-semihosting-config", "enable=on,target=native,chardev=console"]),
        Console::Serial => command.args(["-serial", "stdio", "-semihosting-config", "enable=on,target=native"]),
    };
    command.arg("-kernel").arg(program).stdin(Stdio::null());
    Ok(command)
}
