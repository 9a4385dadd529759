//! The web's build is embedded when this package is compiled: a new build is a reason to compile again.

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
}
