//! Times the rendering of drawn flowers on all cores and prints a JSON line for each side: {"side": 64, "images_per_s": 2000}.

use std::time::Instant;

use jem::data::DrawnFlowers;
use rayon::prelude::*;

const IMAGES: u32 = 2000;

fn main() {
    for side in [32, 64, 128] {
        let set = DrawnFlowers::new(IMAGES, side, 1);
        let started = Instant::now();
        let bytes: usize = set.ids().into_par_iter().map(|id| set.image(id).as_raw().len()).sum();
        let rate = f64::from(IMAGES) / started.elapsed().as_secs_f64();
        assert_eq!(bytes, (IMAGES * side * side * 3) as usize);
        println!("{{\"side\": {side}, \"images_per_s\": {rate:.0}}}");
    }
}
