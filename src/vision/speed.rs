//! Speed and memory of feature extraction with the published networks; compare tests/reference/vision_speed.py.
//!
//! `JEM_TEST_SPEED=1 RAYON_NUM_THREADS=2 cargo test --release --lib speed -- --nocapture --test-threads=1`

use super::*;
use burn::tensor::Device;
use image::{Rgb, RgbImage};
use std::time::Instant;

fn images(count: u32) -> Vec<RgbImage> {
    let image = |seed| RgbImage::from_fn(64, 64, |x, y| Rgb([(x * 4) as u8, (y * 4) as u8, (x * y + seed) as u8]));
    (0..count).map(image).collect()
}

/// The peak memory of this process in MiB; `None` where the system does not report it.
fn peak() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<usize>().ok()? / 1024)
}

/// The processor time of all threads so far, in ticks (100 per second on Linux); 0 where the system does not report it.
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the process name, which may contain any character, the 12th and 13th fields are user and system time.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|field| field.parse::<u64>().ok()).sum()
}

#[test]
fn speed_at_full_width() {
    if std::env::var_os("JEM_TEST_SPEED").is_none() {
        eprintln!("skipped: JEM_TEST_SPEED is not set (it takes minutes and much memory)");
        return;
    }
    let device = Device::flex();
    for (network, name) in [(Network::InceptionFid, "pool3"), (Network::Vgg16, "fc7")] {
        let config = NetworkConfig::published(network);
        let net = FeatureNet::load(network, config, &Weights::Random { seed: 1 }, &device).unwrap();
        let layers = [network.layer(name).unwrap()];
        let extract = |count| resized_features(&net, &layers, &images(count), Resizer::Clean, &device);
        extract(16);
        for _ in 0..2 {
            let (start, before) = (Instant::now(), ticks());
            extract(32);
            let busy = (ticks() - before) as f64 / 100.0;
            eprintln!("{network}: 32 images in {:.2?}, {busy:.2} s of all threads", start.elapsed());
        }
        extract(64);
        let small = peak();
        extract(256);
        eprintln!("{network}: peak {small:?} MiB with 64 images, {:?} with 256", peak());
        if let (Some(small), Some(large)) = (small, peak()) {
            assert!(large < small + small / 4, "{network}: {small} and {large} MiB");
        }
    }
}
