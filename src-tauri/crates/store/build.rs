//! A migration file that is added or removed changes no Rust source, so cargo has to be told to embed it.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
