//! The repository keeps its own rules.

mod codes;
mod layers;
