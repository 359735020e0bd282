//! The losses of both networks in words, from the resolved settings of a cell.

use crate::report::format::significant;
use crate::spec::Settings;

/// What the discriminator learns, with the weights of what it must reject.
///
/// The weights are those of `NegativeWeights` in [`crate::gan`]: with mismatched guides all are equal; otherwise generated
/// images have `objective.fake_share` and mismatched pairs have the rest.
pub fn discriminator(settings: &Settings) -> String {
    let share = settings.objective.fake_share;
    let (pairs, guides) = (settings.objective.kind.has_mismatched_pairs(), settings.guide.has_mismatched_guides());
    let (mismatched, guide, generated) = match (pairs, guides) {
        (false, false) => (None, None, "1".to_owned()),
        (true, false) => (Some(significant_weight(1.0 - share)), None, significant_weight(share)),
        (false, true) => (None, Some("1/2".to_owned()), "1/2".to_owned()),
        (true, true) => (Some("1/3".to_owned()), Some("1/3".to_owned()), "1/3".to_owned()),
    };
    let what = match settings.objective.mismatch_by.as_str() {
        "image" => "another image with the text",
        _ => "a real image with another text",
    };
    let mut rejected = vec![format!("a generated image (weight {generated})")];
    rejected.extend(mismatched.map(|weight| format!("{what} (weight {weight})")));
    rejected.extend(guide.map(|weight| format!("a real image with another guide (weight {weight})")));
    let smoothing = match settings.objective.smoothing {
        0.0 => String::new(),
        smoothing => format!(" (target {})", significant_weight(1.0 - smoothing)),
    };
    format!("Discriminator: accepts a real image with its own text{smoothing}; rejects {}.", rejected.join(", "))
}

/// What the generator learns.
pub fn generator(settings: &Settings) -> String {
    let objective = &settings.objective;
    let mut terms = vec!["its images are accepted with their texts".to_owned()];
    if objective.kind.interpolates() {
        terms.push(format!(
            "and with interpolated texts (weight {}, {} of the own text)",
            significant_weight(objective.int_weight),
            significant_weight(objective.int_beta)
        ));
    }
    if objective.reconstruction > 0.0 {
        terms.push(format!(
            "{} × mean absolute difference to the real image",
            significant_weight(objective.reconstruction)
        ));
    }
    if settings.guide.is_on() && objective.guide_match > 0.0 {
        terms.push(format!("{} × distance to the features of the guide", significant_weight(objective.guide_match)));
    }
    format!("Generator: {}.", terms.join(", "))
}

/// A weight with few digits.
fn significant_weight(weight: f64) -> String {
    if weight == weight.round() || (weight * 100.0).fract().abs() < 1e-9 {
        weight.to_string()
    } else {
        significant(weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Value;

    fn settings(pairs: &[(&str, Value)]) -> Settings {
        Settings::from_values(pairs.iter().map(|(key, value)| (*key, value))).unwrap()
    }

    fn text(word: &str) -> Value {
        Value::Text(word.to_owned())
    }

    #[test]
    fn the_losses_of_the_four_objectives() {
        let of = |kind: &str| settings(&[("objective.kind", text(kind))]);
        let gan = "Discriminator: accepts a real image with its own text; rejects a generated image (weight 1).";
        assert_eq!(discriminator(&of("gan")), gan);
        assert_eq!(
            discriminator(&of("gan-cls-int")),
            "Discriminator: accepts a real image with its own text; rejects a generated image (weight 0.5), a real image \
             with another text (weight 0.5)."
        );
        assert_eq!(generator(&of("gan-cls")), "Generator: its images are accepted with their texts.");
        assert_eq!(
            generator(&of("gan-cls-int")),
            "Generator: its images are accepted with their texts, and with interpolated texts (weight 1, 0.5 of the own \
             text)."
        );
    }

    #[test]
    fn a_joined_guide_and_reconstruction_are_named_with_their_weights() {
        let joined = [
            ("guide.network", text("alexnet")),
            ("guide.discriminator", text("joined")),
            ("objective.reconstruction", Value::Number(5.0)),
        ];
        let loss = discriminator(&settings(&joined));
        assert!(loss.ends_with("another text (weight 1/3), a real image with another guide (weight 1/3)."), "{loss}");
        let loss = generator(&settings(&joined));
        assert!(loss.ends_with("texts, 5 × mean absolute difference to the real image."), "{loss}");
        let mut zero = joined.to_vec();
        zero.push(("guide.source", text("zero")));
        assert!(!discriminator(&settings(&zero)).contains("another guide"), "all guides of zeros are equal");
    }
}
