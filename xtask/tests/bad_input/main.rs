//! `dist` as a program on input that it must refuse and on machines that fail
//! it: the exit code of the contract, a message that helps, and outputs that are
//! complete or absent. Besides, the commands that it shows, by which one finds out why.
//!
//! Each test spoils a copy of `fixtures/module` in one way. All copies share one
//! target directory, so that what build scripts need is compiled once.

mod bitcode;
mod disk;
mod helpers;
mod interrupt;
mod kernel;
mod missing;
mod noinline;
mod several;
mod shown;
mod sign;
mod stale;
mod support;
mod symbols;
mod usage;
mod warned;
