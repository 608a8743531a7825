//! C's `char` by value through inlined helpers: the number that C itself makes of it,
//! whatever the sign that the kernel's flags give it.

use super::device::Device;
use super::{abi, nonblocking};
use crate::checks::Checks;
use crate::system;

/// From this version on the kernel's `char` is unsigned on every architecture.
const UNSIGNED_SINCE: (u32, u32) = (6, 2);

/// Each value at which the two kinds differ, and one at which they do not. Bits above the
/// lowest eight are none of a `char`'s.
pub fn run(checks: &mut Checks) -> Result<(), String> {
    let device = nonblocking()?;
    let is_signed = is_signed(&system::kernel_release(), cfg!(target_arch = "x86_64"))?;
    for value in [-1, 0x80, 0x7f, 0x1ff, 0x12345600] {
        let chars = chars(&device, value)?;
        let (widened, next) = made_of(value, is_signed);
        let what = |kind| format!("{kind} of the char {value:#x}");
        checks.equal(&what("the int in C"), &chars.widened_in_c, &widened)?;
        checks.equal(&what("the next in C"), &chars.next_in_c, &next)?;
        checks.equal(&what("the int"), &chars.widened, &widened)?;
        checks.equal(&what("the next"), &chars.next, &next)?;
    }
    Ok(())
}

fn chars(device: &Device, value: i32) -> Result<abi::Chars, String> {
    let mut chars = abi::Chars {
        value,
        ..abi::Chars::default()
    };
    device
        .request_with(abi::CHARS, &mut chars)
        .map_err(|error| format!("CHARS: {error}"))?;
    Ok(chars)
}

/// The value as an int, and the char after it.
fn made_of(value: i32, is_signed: bool) -> (i32, i32) {
    let char = |value: i32| match is_signed {
        true => i32::from(value as i8),
        false => i32::from(value as u8),
    };
    (char(value), char(char(value) + 1))
}

/// Whether a kernel of this release has a signed `char`.
fn is_signed(release: &str, is_x86: bool) -> Result<bool, String> {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit());
    let mut number = || numbers.next().and_then(|digits| digits.parse().ok());
    match (number(), number()) {
        (Some(major), Some(minor)) => Ok(is_x86 && (major, minor) < UNSIGNED_SINCE),
        _ => Err(format!("`{release}` is no release of a kernel")),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_signed, made_of};

    #[test]
    fn the_sign_is_the_kernels() {
        for (release, is_x86, signed) in [
            ("6.1.0-57-amd64", true, true),
            ("6.1.0-57-arm64", false, false),
            ("6.2-rc1", true, false),
            ("6.12.95+deb12-amd64", true, false),
            ("7.3", true, false),
        ] {
            assert_eq!(is_signed(release, is_x86), Ok(signed), "{release}");
        }
        assert!(is_signed("linux", true).is_err());
        assert_eq!(made_of(-1, true), (-1, 0));
        assert_eq!(made_of(-1, false), (255, 0));
        assert_eq!(made_of(0x7f, true), (127, -128));
        assert_eq!(made_of(0x7f, false), (127, 128));
    }
}
