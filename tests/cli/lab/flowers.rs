//! A small data set in the layout of Oxford-102: round flowers with captions, labels and segmentations.

use std::path::Path;

use image::{Rgb, RgbImage};

/// Training classes start at 41, validation classes at 21 (split `reed`).
const LABELS: [u8; 16] = [41, 41, 41, 42, 42, 42, 43, 43, 43, 44, 44, 44, 21, 21, 22, 22];
const COLOURS: [(&str, [u8; 3]); 4] =
    [("red", [200, 40, 40]), ("yellow", [230, 210, 40]), ("purple", [150, 60, 170]), ("white", [240, 240, 235])];

/// Writes small images of one round flower each, with captions, labels and segmentations.
pub fn write(root: &Path) -> Result<(), Box<dyn std::error::Error>> {
    for part in ["jpg", "segmim"] {
        std::fs::create_dir_all(root.join(part))?;
    }
    std::fs::write(root.join("imagelabels.mat"), labels())?;
    for (id, class) in (1u32..).zip(LABELS) {
        let (name, petal) = COLOURS[(class % 4) as usize];
        let (width, height) = (40 + id, 36);
        let inside = |x: u32, y: u32| {
            let (dx, dy) = (f64::from(x) - f64::from(width) / 2.0, f64::from(y) - 18.0);
            dx.hypot(dy) < 8.0 + f64::from(id % 4)
        };
        let photo = RgbImage::from_fn(width, height, |x, y| match inside(x, y) {
            true => Rgb(petal),
            false => Rgb([40, 120 + (id * 5) as u8, 50]),
        });
        let cut = RgbImage::from_fn(width, height, |x, y| if inside(x, y) { Rgb(petal) } else { Rgb([0, 0, 254]) });
        photo.save(root.join(format!("jpg/image_{id:05}.jpg")))?;
        cut.save(root.join(format!("segmim/segmim_{id:05}.jpg")))?;
        let folder = root.join(format!("text_c10/class_{class:05}"));
        std::fs::create_dir_all(&folder)?;
        let text = format!(
            "a {name} flower with round petals\nthis flower is {name}\n\npetals that are {name} and number {id}\n"
        );
        std::fs::write(folder.join(format!("image_{id:05}.txt")), text)?;
    }
    Ok(())
}

/// `imagelabels.mat`: a MATLAB 5 file with one 1×N array of bytes.
fn labels() -> Vec<u8> {
    fn element(kind: u32, payload: &[u8]) -> Vec<u8> {
        let mut bytes = [kind.to_le_bytes(), (payload.len() as u32).to_le_bytes()].concat();
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }
    let flags = element(6, &[9, 0, 0, 0, 0, 0, 0, 0]);
    let shape = element(5, &[1u32.to_le_bytes(), (LABELS.len() as u32).to_le_bytes()].concat());
    let matrix = [flags, shape, element(1, b"labels"), element(2, &LABELS)].concat();
    let mut file = b"MATLAB 5.0 MAT-file".to_vec();
    file.resize(124, b' ');
    file.extend([0, 1, b'I', b'M']);
    file.extend(element(14, &matrix));
    file
}
