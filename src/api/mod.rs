pub mod dtle3;
