//! Many commands that can run anywhere: each with its plain command line, the files
//! that it reads and the files that it makes.
//!
//! [`run`] runs a [`Batch`] of them on this machine: as many at once as the
//! [`Jobserver`] has tokens, and only those whose outputs no [`Cache`] has.
//! [`distribute`] has another program do it, by the JSON in which lld describes the back
//! ends of ThinLTO to a distributor; [`read_dtlto`] reads that, so that lld is served
//! too. Not here: what jobs are for (`dist`).
//!
//! ```no_run
//! use helper_inline_build::jobs::{Batch, Cache, Job, Jobserver, Options, run};
//!
//! # fn main() -> Result<(), helper_inline_build::Error> {
//! let job = Job {
//!     args: ["clang-22", "-c", "-x", "ir", "a.bc", "-o", "a.o"].map(String::from).to_vec(),
//!     inputs: vec!["a.bc".into()],
//!     outputs: vec!["a.o".into()],
//! };
//! println!("{}", job.command_line());
//! let batch = Batch::new("target/units", vec![job]);
//! let jobserver = Jobserver::from_env()?;
//! let cache = Cache::open("target/job-cache")?;
//! let mut options = Options::new(&jobserver);
//! options.cache = Some(&cache);
//! for done in run(&batch, &options)? {
//!     println!("{} ms, from cache: {}", done.milliseconds, done.from_cache);
//! }
//! # Ok(())
//! # }
//! ```

mod batch;
mod cache;
mod distcc;
mod distribute;
mod dtlto;
mod engine;
mod jobserver;
mod key;
mod place;
mod process;
mod run;
#[cfg(test)]
mod tests;

pub use batch::{Batch, Job};
pub use cache::Cache;
pub use distcc::{Distcc, NAME as DISTCC_NAME, dispatch};
pub use distribute::{Distributor, distribute};
pub use dtlto::read as read_dtlto;
pub use engine::Engine;
pub use jobserver::{Jobserver, Token};
pub(crate) use key::find;
pub use run::{Done, Options, run};
