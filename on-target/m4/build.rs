//! The programs on top are laid out by `m4.ld`: their build scripts say `-Tm4.ld`, and it is found.

fn main() {
    println!("cargo::rerun-if-changed=m4.ld");
    println!("cargo::rustc-link-search=native={}", env!("CARGO_MANIFEST_DIR"));
}
