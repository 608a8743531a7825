//! The `key=value` strings of a module, in the section where the kernel, modpost
//! and `modinfo` look for them. For [`module!`](crate::module).

/// The string of a PCI device's alias, with its end.
pub type PciAlias = [u8; 43];

/// What modpost writes for `PCI_DEVICE(vendor, device)`.
#[must_use]
pub const fn pci_alias(vendor: u16, device: u16) -> PciAlias {
    let mut text = *b"alias=pci:v0000----d0000----sv*sd*bc*sc*i*\0";
    let mut digit = 0;
    while digit < 4 {
        let shift = 12 - 4 * digit;
        text[15 + digit] = hex(vendor >> shift);
        text[24 + digit] = hex(device >> shift);
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
            const TEXT: &str = ::core::concat!($($part,)+ "\0");
            // SAFETY: the section holds strings that end in NUL, as this does.
            #[used]
            #[unsafe(link_section = ".modinfo")]
            static ENTRY: [u8; TEXT.len()] = $crate::modinfo::entry(TEXT);
        };
    };
}
