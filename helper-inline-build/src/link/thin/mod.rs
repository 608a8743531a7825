//! Distributed ThinLTO: the work of the link engine, cut into jobs.
//!
//! Instead of one module of everything, each crate stays a unit. Here is what is done to
//! a unit before the thin link: it is harmonized as in a whole link, its calls of helpers
//! are numbered, and it is written with the summary that the thin link reads. Helpers are
//! units as well, from which the thin link imports; what is left to be called of them is
//! compiled once, at the end (`rest`). Not here: running jobs, or the thin link itself
//! (`dist::thin`).

mod account;
mod alive;
mod check;
mod facts;
mod helpers;
mod job;
mod krate;
mod libraries;
mod promote;
mod references;
mod request;
mod rest;
mod settle;
mod survey;
mod unit;
mod unseen;

pub use account::Account;
pub use facts::{Facts, HelperFacts, Left, RestFacts, Site, SurveyFacts, Symbol};
pub use job::{
    CheckJob, CrateJob, HelperUnit, HelpersJob, LibrariesJob, Needed, RestJob, SettleJob,
    SettleUnit, SurveyJob, Target,
};

pub use request::Request;
pub use rest::REST;
pub use unit::source_name;

pub(super) use request::run;
