//! Tells the linker where the board has its memory.

fn main() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/memory.ld");
    println!("cargo:rerun-if-changed={script}");
    println!("cargo:rustc-link-arg-bins=-T{script}");
}
