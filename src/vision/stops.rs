//! What is taken of images on their way through a network.

use super::layer::Place;
use burn::tensor::Tensor;

/// The places where something is wanted, and what was found there.
pub(super) struct Stops<T> {
    places: Vec<Place>,
    found: Vec<Option<T>>,
    of_map: fn(Tensor<4>) -> T,
    of_vector: fn(Tensor<2>) -> T,
}

impl Stops<Tensor<2>> {
    /// Features: of a map `[n, channels, height, width]`, the mean of each channel over the picture.
    pub(super) fn features(places: Vec<Place>) -> Self {
        Self::new(places, means, |vector| vector)
    }

    /// Nothing is wanted: the way goes to the end.
    pub(super) fn nowhere() -> Self {
        Self::features(Vec::new())
    }
}

impl Stops<Tensor<4>> {
    /// Whole maps; a vector is one of a single pixel.
    pub(super) fn maps(places: Vec<Place>) -> Self {
        let pixel = |vector: Tensor<2>| {
            let [n, length] = vector.dims();
            vector.reshape([n, length, 1, 1])
        };
        Self::new(places, |map| map, pixel)
    }
}

impl<T> Stops<T> {
    fn new(places: Vec<Place>, of_map: fn(Tensor<4>) -> T, of_vector: fn(Tensor<2>) -> T) -> Self {
        let found = places.iter().map(|_| None).collect();
        Self { places, found, of_map, of_vector }
    }

    /// Takes a map if it is wanted; whether all is found now.
    pub(super) fn at_map(&mut self, place: Place, map: &Tensor<4>) -> bool {
        self.at(place, |stops| (stops.of_map)(map.clone()))
    }

    /// Takes a vector if it is wanted; whether all is found now.
    pub(super) fn at_vector(&mut self, place: Place, vector: &Tensor<2>) -> bool {
        self.at(place, |stops| (stops.of_vector)(vector.clone()))
    }

    fn at(&mut self, place: Place, take: impl Fn(&Self) -> T) -> bool {
        for index in 0..self.places.len() {
            if self.places[index] == place {
                self.found[index] = Some(take(self));
            }
        }
        !self.found.is_empty() && self.found.iter().all(Option::is_some)
    }

    /// What was found, in the order of the places.
    pub(super) fn found(self) -> Vec<T> {
        self.found.into_iter().map(|found| found.expect("the way goes past every place of the network")).collect()
    }
}

pub(super) fn means(map: Tensor<4>) -> Tensor<2> {
    map.mean_dim(3).mean_dim(2).flatten(1, 3)
}
