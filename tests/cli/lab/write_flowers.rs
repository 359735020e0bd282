//! Writes the tests' small data set to a folder, for trying the real binary without a download.

mod flowers;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).expect("usage: flowers FOLDER");
    flowers::write(std::path::Path::new(&folder))
}
