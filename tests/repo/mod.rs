//! The repository keeps its own rules.

mod layers;
