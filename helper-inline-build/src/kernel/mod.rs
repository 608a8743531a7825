//! Kernel build directories: what they are, and compiling and packaging
//! through their own Kbuild.
//!
//! Not here: getting a kernel onto the machine, or booting one.

mod deciding;
mod dir;
mod gcc_built;
mod kbuild;
#[cfg(feature = "dist")]
mod modinfo;
pub(crate) mod nearby;
#[cfg(feature = "dist")]
mod package;
#[cfg(feature = "dist")]
mod sign;
#[cfg(feature = "dist")]
mod symvers;
#[cfg(feature = "dist")]
mod system_map;
mod tool_versions;
mod unserved;
mod variables;

pub use dir::KernelDir;
pub(crate) use kbuild::{HelperUnit, compile_helpers, helper_flags};
#[cfg(feature = "dist")]
pub(crate) use modinfo::ModInfo;
#[cfg(feature = "dist")]
pub(crate) use package::{PackageRequest, package, package_built_in};
#[cfg(feature = "dist")]
pub use sign::SigningKey;
#[cfg(feature = "dist")]
pub(crate) use symvers::{Export, Symvers};
#[cfg(feature = "dist")]
pub(crate) use system_map::SystemMap;
pub(crate) use variables::variables;
