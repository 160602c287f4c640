//! Builds the program anew when the web application was.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A path that is not there would build the program anew every time.
    for path in ["../../web/dist", "../../web/package.json"] {
        if std::path::Path::new(path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}
