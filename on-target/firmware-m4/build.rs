//! The programs are laid out by the board's `m4.ld`.

fn main() {
    println!("cargo::rustc-link-arg-bins=-Tm4.ld");
}
