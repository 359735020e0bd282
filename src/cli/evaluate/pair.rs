//! Two sides that may be compared, and what is taken of them.

use std::borrow::Cow;

use crate::data::Digests;
use crate::metric::{FeatureOrigin, FeatureSet, Moments};
use crate::prepare::Cache;

use super::super::{CliError, Global};
use super::answer::Party;
use super::error::EvaluateError;
use super::name::differences;
use super::network::NetworkArgs;
use super::observer::Observer;
use super::runs::Runs;
use super::source::Source;
use super::{SidesArgs, reference};

/// The two sides, held to be comparable, and the network for those that are pictures still.
pub struct Pair {
    /// What was generated.
    pub generated: Source,
    /// What it is held against.
    pub real: Source,
    observer: Option<Observer>,
    cache: Cache,
    digests: Digests,
}

impl Pair {
    /// Opens both.
    ///
    /// # Errors
    ///
    /// If a side is not there, or their features are made in different ways.
    pub fn open(global: &Global, sides: &SidesArgs, network: &NetworkArgs) -> Result<Self, CliError> {
        let runs = Runs::new(global, &network.device, sides.samples);
        let generated = Source::open(&sides.generated, &runs)?;
        let real = Source::open(&sides.real()?, &runs)?;
        let cache = global.cache();
        let digests = cache.digests();
        let looks = [&generated, &real].into_iter().any(|source| matches!(source, Source::Pictures(_)));
        let observer = looks.then(|| Observer::new(network, &digests, global.quiet)).transpose()?;
        let pair = Self { generated, real, observer, cache, digests };
        if let [Some(first), Some(second)] = pair.origins() {
            let differences = differences(first, second);
            if !differences.is_empty() {
                let [first, second] = [&pair.generated, &pair.real].map(|source| source.path().display().to_string());
                return Err(EvaluateError::OtherOrigin { first, second, differences }.into());
            }
        }
        if let [Some(first), Some(second)] = pair.dimensions()
            && first != second
        {
            let [generated, real] = [&pair.generated, &pair.real].map(|source| source.path().display().to_string());
            return Err(EvaluateError::Dimensions { generated, first, real, second }.into());
        }
        Ok(pair)
    }

    /// How many numbers the features of each side have.
    fn dimensions(&self) -> [Option<usize>; 2] {
        let seen = || self.observer.as_ref().map(Observer::length);
        [&self.generated, &self.real].map(|source| source.dimension().or_else(seen))
    }

    fn origins(&self) -> [Option<&FeatureOrigin>; 2] {
        [&self.generated, &self.real].map(|source| match source {
            Source::Pictures(_) => self.observer.as_ref().map(Observer::origin),
            Source::Features { set, .. } => set.origin(),
            Source::Moments { origin, .. } => origin.as_ref(),
        })
    }

    /// How the features of both are made, where that is known of both.
    pub fn origin(&self) -> Option<&FeatureOrigin> {
        let [first, second] = self.origins();
        first.and(second)
    }

    /// What a reader has to know about how the features were made.
    pub fn notes(&self) -> Vec<String> {
        let [first, second] = self.origins();
        let sides = [("generated", first), ("real", second)];
        let unknown = sides.into_iter().filter(|(_, origin)| origin.is_none()).map(|(side, _)| {
            format!("how the features of the {side} side were made is not known: that both are alike is for you to say")
        });
        let versions = match [first, second] {
            [Some(first), Some(second)] if first.version != second.version => {
                Some(format!("the features were made by jem {} and jem {}", first.version, second.version))
            }
            _ => None,
        };
        unknown.chain(versions).collect()
    }

    /// The features of a side that has them, and what is to be said about it.
    ///
    /// # Errors
    ///
    /// If it has moments alone, or its pictures cannot be looked at.
    pub fn features<'a>(&self, source: &'a Source) -> Result<(Cow<'a, FeatureSet>, Party), CliError> {
        let party = |skipped, count| Party { count: Some(count), skipped, cached: false, ..Party::of(source) };
        match source {
            Source::Pictures(pictures) => {
                let seen = self.observer().look(&**pictures, false)?;
                let party = party(seen.skipped, seen.features.rows().count());
                Ok((Cow::Owned(seen.features), party))
            }
            Source::Features { set, .. } => Ok((Cow::Borrowed(set), party(0, set.rows().count()))),
            Source::Moments { path, .. } => Err(EvaluateError::OnlyMoments { path: path.clone() }.into()),
        }
    }

    /// The moments of what was generated.
    ///
    /// # Errors
    ///
    /// If its pictures cannot be looked at.
    pub fn generated_moments(&self) -> Result<(Cow<'_, Moments>, Party), CliError> {
        match &self.generated {
            Source::Moments { moments, .. } => Ok((Cow::Borrowed(moments), Party::of(&self.generated))),
            source => {
                let (features, party) = self.features(source)?;
                Ok((Cow::Owned(Moments::of(&features.rows())), party))
            }
        }
    }

    /// The moments of the real side, which are kept where they are pictures.
    ///
    /// # Errors
    ///
    /// If its pictures cannot be looked at.
    pub fn real_moments(&self) -> Result<(Cow<'_, Moments>, Party), CliError> {
        match &self.real {
            Source::Pictures(pictures) => {
                let kept = reference::moments(&**pictures, self.observer(), &self.cache, &self.digests)?;
                let (count, skipped, cached) = (kept.moments.count(), kept.skipped, kept.cached);
                Ok((Cow::Owned(kept.moments), Party { count, skipped, cached, ..Party::of(&self.real) }))
            }
            Source::Features { set, .. } => Ok((Cow::Owned(Moments::of(&set.rows())), Party::of(&self.real))),
            Source::Moments { moments, .. } => Ok((Cow::Borrowed(moments), Party::of(&self.real))),
        }
    }

    fn observer(&self) -> &Observer {
        self.observer.as_ref().expect("a pair with pictures has an observer")
    }
}

impl Drop for Pair {
    /// Remembers what was hashed. Where that cannot be written, it is hashed again next time.
    fn drop(&mut self) {
        let _ = self.digests.save();
    }
}
