//! The `key=value` strings of a module, in the section where the kernel, modpost
//! and `modinfo` look for them. For [`module!`](crate::module).

/// What modpost writes for a PCI device, with zeros for its vendor and itself.
const PCI_ALIAS: &[u8; 43] = b"alias=pci:v0000----d0000----sv*sd*bc*sc*i*\0";

/// How long the string of a PCI device's alias is, with its end.
#[must_use]
pub const fn pci_alias_len(prefix: &str) -> usize {
    prefix.len() + PCI_ALIAS.len()
}

/// What modpost writes for `PCI_DEVICE(vendor, device)`, after a prefix.
#[must_use]
pub const fn pci_alias<const N: usize>(prefix: &str, vendor: u16, device: u16) -> [u8; N] {
    let mut text = [0; N];
    let start = prefix.len();
    let mut at = 0;
    while at < N {
        text[at] = match at < start {
            true => prefix.as_bytes()[at],
            false => PCI_ALIAS[at - start],
        };
        at += 1;
    }
    let mut digit = 0;
    while digit < 4 {
        let shift = 12 - 4 * digit;
        text[start + 15 + digit] = hex(vendor >> shift);
        text[start + 24 + digit] = hex(device >> shift);
        digit += 1;
    }
    text
}

const fn hex(value: u16) -> u8 {
    b"0123456789ABCDEF"[(value & 15) as usize]
}

/// A string as an array of its own length. A string with a NUL inside would be
/// two to the kernel.
#[must_use]
pub const fn entry<const N: usize>(text: &str) -> [u8; N] {
    let bytes = text.as_bytes();
    let mut entry = [0; N];
    let mut at = 0;
    while at < N {
        assert!(
            (bytes[at] == 0) == (at == N - 1),
            "a string in module! must have no NUL in it"
        );
        entry[at] = bytes[at];
        at += 1;
    }
    entry
}

/// Puts strings into `.modinfo`.
///
/// Kept by `#[used]`; the link step sees to it that the section is one with
/// that which modpost adds.
#[doc(hidden)]
#[macro_export]
macro_rules! __modinfo {
    ($($part:expr),+ $(,)?) => {
        const _: () = {
            const TEXT: &str = ::core::concat!($crate::__modinfo_prefix!(), $($part,)+ "\0");
            // SAFETY: the section holds strings that end in NUL, as this does.
            #[used]
            #[unsafe(link_section = ".modinfo")]
            static ENTRY: [u8; TEXT.len()] = $crate::modinfo::entry(TEXT);
        };
    };
}

/// What stands before each string, and before each parameter's name: nothing in a
/// module; in built-in code, which shares the section with all of the kernel,
/// `MODULE_PARAM_PREFIX` of C.
#[cfg(not(helper_inline_built_in))]
#[doc(hidden)]
#[macro_export]
#[rustfmt::skip]
macro_rules! __modinfo_prefix {
    () => { "" };
}

/// See above.
#[cfg(helper_inline_built_in)]
#[doc(hidden)]
#[macro_export]
macro_rules! __modinfo_prefix {
    () => {
        ::core::concat!(
            ::core::env!(
                "HELPER_INLINE_MODULE_NAME",
                "built-in code is made by `dist --built-in`"
            ),
            "."
        )
    };
}

/// The string by which the kernel's build lists what is built in, for modprobe to
/// know that there is no such module to load.
#[cfg(not(helper_inline_built_in))]
#[doc(hidden)]
#[macro_export]
macro_rules! __file {
    () => {};
}

/// See above. Nothing but the name at the end of the path matters to modprobe.
#[cfg(helper_inline_built_in)]
#[doc(hidden)]
#[macro_export]
macro_rules! __file {
    () => {
        $crate::__modinfo!("file=", ::core::env!("HELPER_INLINE_MODULE_NAME"));
    };
}
