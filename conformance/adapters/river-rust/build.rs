//! Tells the program which `riverqueue` cargo resolved, for the handshake.

fn main() {
    println!("cargo::rerun-if-changed=Cargo.lock");
    let lock = std::fs::read_to_string("Cargo.lock").expect("Cargo.lock must be readable");
    let version = lock
        .split("[[package]]")
        .find(|package| package.contains("name = \"riverqueue\"\n"))
        .and_then(|package| package.split("version = \"").nth(1)?.split('"').next())
        .expect("Cargo.lock must name riverqueue");
    println!("cargo::rustc-env=RIVERQUEUE={version}");
}
