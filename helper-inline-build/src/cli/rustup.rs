//! What rustup has installed. It installs nothing itself.

use std::path::PathBuf;
use std::process::Command;

use crate::cli::command;

/// An installed toolchain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    /// rustup's name of it, such as `1.85-x86_64-unknown-linux-gnu`.
    pub name: String,
    /// Its sysroot.
    pub sysroot: PathBuf,
}

/// The installed toolchains; none without rustup.
pub fn toolchains() -> Vec<Toolchain> {
    let mut list = Command::new("rustup");
    list.args(["toolchain", "list", "--verbose"]);
    // A failure is that of a machine without any.
    command::output(&mut list).map_or_else(|_| Vec::new(), |text| parse(&text))
}

/// Lines such as `stable-x86_64-unknown-linux-gnu (active, default) /home/me/.rustup/…`.
fn parse(text: &str) -> Vec<Toolchain> {
    text.lines()
        .filter_map(|line| {
            let path = line.find('/')?;
            let name = line[..path].split_whitespace().next()?;
            Some(Toolchain {
                name: name.to_owned(),
                sysroot: PathBuf::from(line[path..].trim_end()),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_places_are_read_from_the_list() {
        let text = "stable-x86_64-unknown-linux-gnu (active, default) /home/a b/.rustup/toolchains/stable\n\
                    1.85-x86_64-unknown-linux-gnu\t/r/1.85\n";
        let toolchain = |name: &str, path: &str| Toolchain {
            name: name.into(),
            sysroot: path.into(),
        };
        assert_eq!(
            parse(text),
            [
                toolchain(
                    "stable-x86_64-unknown-linux-gnu",
                    "/home/a b/.rustup/toolchains/stable"
                ),
                toolchain("1.85-x86_64-unknown-linux-gnu", "/r/1.85"),
            ]
        );
        assert_eq!(parse("no installed toolchains\n"), []);
    }
}
