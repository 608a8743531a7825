//! What of the module's ABI may be copied to and from the calling process. The
//! copying is in `sample-kernel`.

use sample_kernel::uaccess::Bytes;

use crate::abi;

// SAFETY: integers, without padding between them, as in each type below.
unsafe impl Bytes for abi::Config {}
// SAFETY: see Config.
unsafe impl Bytes for abi::Peek {}
// SAFETY: see Config.
unsafe impl Bytes for abi::Bench {}
// SAFETY: see Config.
unsafe impl Bytes for abi::Stats {}
// SAFETY: see Config.
unsafe impl Bytes for abi::Patched {}
// SAFETY: see Config.
unsafe impl Bytes for abi::Chars {}
