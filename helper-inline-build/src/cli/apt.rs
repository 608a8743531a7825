//! apt with a state of its own: private sources, lists, cache and architectures,
//! so that Debian packages of any architecture can be looked up and downloaded
//! on any machine that has apt, by any user, and the system's apt stays as it
//! is. apt itself checks signatures and checksums. Which packages, and what to
//! do with them, is the caller's matter.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cli::command;
use crate::cli::failure::{Failure, Outcome};

/// Which of Debian's suites are looked at. Its keyring signs them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suites {
    /// Debian 12, and what was updated of it.
    Bookworm,
    /// The same with newer versions that were built for it.
    BookwormBackports,
    /// Debian 13, with newer versions that were built for it.
    TrixieBackports,
}

impl Suites {
    /// All, in the order in which they are asked: what an older Debian has runs on a
    /// newer one too.
    pub const ALL: [Self; 3] = [
        Self::Bookworm,
        Self::BookwormBackports,
        Self::TrixieBackports,
    ];

    fn codename(self) -> &'static str {
        match self {
            Self::Bookworm | Self::BookwormBackports => "bookworm",
            Self::TrixieBackports => "trixie",
        }
    }

    fn has_backports(self) -> bool {
        self != Self::Bookworm
    }
}

const MIRROR: &str = "http://deb.debian.org/debian/";
const SECURITY_MIRROR: &str = "http://deb.debian.org/debian-security/";
/// The package debian-archive-keyring, under its newer and older file name.
const KEYRINGS: [&str; 2] = [
    "/usr/share/keyrings/debian-archive-keyring.pgp",
    "/usr/share/keyrings/debian-archive-keyring.gpg",
];

/// Debian's keyring, when it is there.
pub fn keyring() -> Option<&'static Path> {
    KEYRINGS.iter().map(Path::new).find(|path| path.is_file())
}

/// A private apt.
#[derive(Debug)]
pub struct Apt {
    config: PathBuf,
}

/// A package file as apt's index describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its exact version.
    pub version: String,
    /// `amd64`, `arm64` or `all`.
    pub architecture: String,
    /// The names it depends on, first alternatives, without versions.
    pub depends: Vec<String>,
    /// Bytes to download.
    pub size: u64,
    /// Bytes of what it holds, about.
    pub unpacked: u64,
}

impl Apt {
    /// Sets the state up in `state`, for these architectures (the machine's own
    /// first).
    pub fn new(state: &Path, architectures: &[&str], suites: Suites) -> Outcome<Self> {
        for program in ["apt-get", "apt-cache", "apt-config", "dpkg-deb"] {
            if command::find(program).is_none() {
                return Err(Failure::need(format_args!(
                    "`{program}` is not on PATH: Debian kernels are fetched through apt. On a system without apt, unpack a kernel's headers yourself and name them with `--kernel DIR`"
                )));
            }
        }
        let keyring = keyring().ok_or_else(|| {
            Failure::need(
                "Debian's archive keyring is missing, so nothing could be verified: apt-get install debian-archive-keyring",
            )
        })?;
        let apt = Self {
            config: state.join("apt.conf"),
        };
        apt.write(state, keyring, architectures, suites)?;
        Ok(apt)
    }

    fn write(
        &self,
        state: &Path,
        keyring: &Path,
        architectures: &[&str],
        suites: Suites,
    ) -> Result<()> {
        for part in ["state/lists/partial", "cache/archives/partial", "log"] {
            let path = state.join(part);
            std::fs::create_dir_all(&path)
                .with_context(|| format!("creating {}", path.display()))?;
        }
        let put = |name: &str, text: &str| {
            let path = state.join(name);
            std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
        };
        let mirrors = mirrors(&system_sources());
        put("state/status", "")?;
        put(
            "debian.sources",
            &sources(&mirrors, keyring, architectures, suites),
        )?;
        let acquire = command::output(Command::new("apt-config").args(["dump", "Acquire"]))?;
        put("apt.conf", &config(state, architectures, &acquire))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        // Read before any other configuration; it turns the system's parts off.
        command.env("APT_CONFIG", &self.config).env("LC_ALL", "C");
        command
    }

    /// Fetches the package lists. `on_percent` hears how far it is.
    pub fn update(&self, on_percent: impl FnMut(f64)) -> Result<()> {
        let mut command = self.command("apt-get");
        command.args(["-qq", "-o", "APT::Status-Fd=1"]);
        // Otherwise a list that could not be fetched is a mere warning.
        command.args(["--error-on=any", "update"]);
        watch(&mut command, on_percent).context("fetching Debian's package lists")
    }

    /// Every version of a package that the lists know.
    pub fn versions(&self, name: &str, architecture: &str) -> Result<Vec<Package>> {
        let known = command::output(self.command("apt-cache").args(["pkgnames", name]))?;
        if !known.lines().any(|line| line == name) {
            return Ok(Vec::new());
        }
        let mut show = self.command("apt-cache");
        show.args(["show", "--all-versions"])
            .arg(format!("{name}:{architecture}"));
        // A package that exists for other architectures alone makes apt-cache fail.
        Ok(command::output(&mut show).map_or_else(|_| Vec::new(), |text| parse(&text)))
    }

    /// Downloads packages into `directory`, which apt verifies. `on_percent` hears how far it is.
    pub fn download(
        &self,
        packages: &[Package],
        directory: &Path,
        on_percent: impl FnMut(f64),
    ) -> Result<()> {
        let mut command = self.command("apt-get");
        command
            .args(["-qq", "-o", "APT::Status-Fd=1", "download"])
            .args(packages.iter().map(|package| {
                let Package {
                    name,
                    version,
                    architecture,
                    ..
                } = package;
                match architecture.as_str() {
                    "all" => format!("{name}={version}"),
                    _ => format!("{name}:{architecture}={version}"),
                }
            }))
            .current_dir(directory);
        watch(&mut command, on_percent).context("downloading packages")
    }
}

/// Runs apt-get and reads the progress from its status lines: `dlstatus:2:80.06:Retrieving …`.
fn watch(command: &mut Command, mut on_percent: impl FnMut(f64)) -> Result<()> {
    command::stream(command, |line| {
        let percent = line
            .strip_prefix("dlstatus:")
            .and_then(|rest| rest.split(':').nth(1))
            .and_then(|percent| percent.parse().ok());
        if let Some(percent) = percent {
            on_percent(percent);
        }
    })
}

/// The `deb` sources of the system: address, suite, component. Empty where apt is not set up.
fn system_sources() -> String {
    let mut command = Command::new("apt-get");
    command.args(["indextargets", "--format"]);
    command.arg("$(REPO_URI) $(RELEASE) $(COMPONENT) $(CREATED_BY)");
    command::output(&mut command).unwrap_or_default()
}

#[derive(Debug, PartialEq, Eq)]
struct Mirrors {
    main: String,
    security: String,
}

/// Debian's addresses among the system's sources, so that a local mirror is used
/// where there is one. A third party's `…/debian` has other suites or components,
/// and one that slips through fails on the signature.
fn mirrors(system_sources: &str) -> Mirrors {
    let find = |directory: &str, suite_tail: &str| {
        system_sources.lines().find_map(|line| {
            let mut fields = line.split(' ');
            let (uri, suite, component) = (fields.next()?, fields.next()?, fields.next()?);
            let debian = ["bookworm", "trixie", "forky", "sid", "stable", "testing"]
                .iter()
                .any(|codename| suite.strip_prefix(codename) == Some(suite_tail));
            let named = uri.trim_end_matches('/').rsplit('/').next() == Some(directory);
            (debian && component == "main" && named).then(|| uri.to_owned())
        })
    };
    Mirrors {
        main: find("debian", "").unwrap_or_else(|| MIRROR.to_owned()),
        security: find("debian-security", "-security")
            .unwrap_or_else(|| SECURITY_MIRROR.to_owned()),
    }
}

fn sources(mirrors: &Mirrors, keyring: &Path, architectures: &[&str], suites: Suites) -> String {
    let codename = suites.codename();
    let stanza = |uri: &str, suites: &str| {
        format!(
            "Types: deb\nURIs: {uri}\nSuites: {suites}\nComponents: main\nArchitectures: {}\nSigned-By: {}\n",
            architectures.join(" "),
            keyring.display()
        )
    };
    let mut names = format!("{codename} {codename}-updates");
    if suites.has_backports() {
        names.push_str(&format!(" {codename}-backports"));
    }
    let main = stanza(&mirrors.main, &names);
    let security = stanza(&mirrors.security, &format!("{codename}-security"));
    format!("{main}\n{security}")
}

/// What a private apt may take over from the system's: how to reach the network
/// and what it thinks of the clock. Nothing that weakens verification.
fn is_taken_over(line: &str) -> bool {
    const TAKEN: [&str; 8] = [
        "http",
        "https",
        "ftp",
        "Retries",
        "ForceIPv4",
        "ForceIPv6",
        "Check-Valid-Until",
        "Check-Date",
    ];
    let Some(rest) = line.strip_prefix("Acquire::") else {
        return false;
    };
    let end = rest.find([':', ' ']).unwrap_or(rest.len());
    TAKEN
        .iter()
        .any(|name| rest[..end].eq_ignore_ascii_case(name))
}

fn config(state: &Path, architectures: &[&str], acquire: &str) -> String {
    let state = state.display();
    let own = architectures.first().copied().unwrap_or_default();
    let all: String = architectures.iter().map(|a| format!(" \"{a}\";")).collect();
    let network: String = acquire
        .lines()
        .filter(|line| is_taken_over(line))
        .map(|line| format!("{line}\n"))
        .collect();
    // apt drops to the user _apt when root runs it, who cannot write here; the
    // files it fetches are verified all the same.
    format!(
        r#"Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::sourcelist "{state}/debian.sources";
Dir::State "{state}/state";
Dir::State::status "{state}/state/status";
Dir::Cache "{state}/cache";
Dir::Log "{state}/log";
APT::Architecture "{own}";
APT::Architectures {{{all} }};
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
{network}"#
    )
}

/// The stanzas that `apt-cache show` prints.
fn parse(text: &str) -> Vec<Package> {
    let field = |stanza: &str, name: &str| {
        stanza.lines().find_map(|line| {
            let value = line.strip_prefix(name)?.strip_prefix(": ")?;
            Some(value.to_owned())
        })
    };
    text.split("\n\n")
        .filter_map(|stanza| {
            let depends = field(stanza, "Depends").unwrap_or_default();
            let depends = depends.split(',').filter_map(|one| {
                let name = one.split_whitespace().next()?;
                Some(name.split(':').next().unwrap_or(name).to_owned())
            });
            let size = field(stanza, "Size")?.parse().ok()?;
            // In kilobytes, and not a field that every package must have.
            let installed: Option<u64> =
                field(stanza, "Installed-Size").and_then(|text| text.parse().ok());
            Some(Package {
                name: field(stanza, "Package")?,
                version: field(stanza, "Version")?,
                architecture: field(stanza, "Architecture")?,
                depends: depends.collect(),
                size,
                unpacked: installed.map_or(size, |kilobytes| kilobytes * 1024),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
