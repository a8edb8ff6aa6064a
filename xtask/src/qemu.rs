//! Runs a program in QEMU, with an end even if it has none itself.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::chore::{Error, Result};

/// A machine with a program in it. The program's exit status is QEMU's (semihosting).
pub fn qemu(machine: &str, program: &Path) -> Result<Command> {
    const QEMU: &str = "qemu-system-arm";
    if Command::new(QEMU).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        return Err(Error::missing("QEMU for ARM", "apt-get install --no-install-recommends qemu-system-arm"));
    }
    let mut command = Command::new("timeout");
    command.args(["-k", "3", "60", QEMU, "-M", machine, "-display", "none", "-monitor", "none"]);
    // What it prints by semihosting comes out here, not among the complaints.
    command.args(["-chardev", "stdio,id=console", "-semihosting-config", "enable=on,target=native,chardev=console"]);
    command.arg("-kernel").arg(program).stdin(Stdio::null());
    Ok(command)
}
