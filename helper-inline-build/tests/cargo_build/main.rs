//! The rustc wrapper in ordinary cargo builds: a workspace with helpers in every kind
//! of crate is built, and its artifacts are read and run.

mod build_script;
mod copies;
mod cures;
mod dist;
mod names;
mod policy;
mod rebuild;
mod report;
mod values;
mod ways;
mod workspace;
