//! A new user's way: from the packaged crates to a module of their own that is loaded, and
//! to bindings that are inlined, outside of this workspace.
//!
//! The kernels and the versions of dependencies are those that are there already: what is
//! new elsewhere is no fault of a change. Fetching kernels is tested elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::command;
use crate::failure::Outcome;
use crate::kernels::{self, Arch};

use super::package::{self, PUBLISHED};
use super::unconfigured;

/// Goes all the way.
pub fn check(root: &Path) -> Outcome {
    let user = User::with_packages(root)?;
    user.module(root)?;
    user.bindings()?;
    Ok(())
}

/// Somebody with nothing but the packaged crates and cargo.
struct User {
    home: TempDir,
    /// The versions of dependencies that are here.
    lock: PathBuf,
    /// Compiled once, and outside of the home.
    target: PathBuf,
}

impl User {
    /// Packs the crates, has cargo take them for those of the registry, and installs the
    /// subcommand from them.
    fn with_packages(root: &Path) -> Result<User> {
        let home = tempfile::tempdir().context("making a user's home")?;
        let target = root.join("target/project");
        let mut patch = String::from("[patch.crates-io]\n");
        let packages = package::make(root, &target, home.path())?;
        for (package, name) in packages.iter().zip(PUBLISHED) {
            let dir = &package.dir;
            ensure!(
                !dir.join("target").exists(),
                "{name} is packed with its target"
            );
            patch += &format!("{name}.path = \"{}\"\n", dir.display());
        }
        let config = home.path().join(".cargo");
        fs::create_dir(&config)?;
        fs::write(config.join("config.toml"), patch)?;
        let user = User {
            home,
            lock: root.join("Cargo.lock"),
            target,
        };
        command::run(
            user.cargo(user.home.path())
                .args([
                    "install",
                    "--quiet",
                    "--debug",
                    "--locked",
                    "--features",
                    "cli",
                    "--path",
                ])
                .arg(&packages[0].dir)
                .arg("--root")
                .arg(user.home.path()),
        )?;
        Ok(user)
    }

    /// A cargo that knows nothing of this workspace's.
    fn cargo(&self, dir: &Path) -> Command {
        let mut cargo = Command::new("cargo");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut paths = vec![self.home.path().join("bin")];
        paths.extend(std::env::split_paths(&path));
        cargo
            .current_dir(dir)
            .env("PATH", std::env::join_paths(paths).unwrap_or(path))
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_NET_OFFLINE", "true")
            // As build scripts are compiled: what they and programs both use is so once.
            .env("CARGO_PROFILE_DEV_DEBUG", "none");
        for variable in [
            "CARGO",
            "CARGO_MANIFEST_DIR",
            "RUSTC_WRAPPER",
            "RUSTFLAGS",
            "CARGO_BUILD_TARGET",
            "HELPER_INLINE_KERNEL",
            "HELPER_INLINE_POLICY",
        ] {
            cargo.env_remove(variable);
        }
        cargo
    }

    fn helper_inline(&self, dir: &Path, arguments: &[&str]) -> Command {
        let mut cargo = self.cargo(dir);
        cargo.arg("helper-inline").args(arguments);
        cargo
    }

    fn new_project(&self, name: &str, kind: &str) -> Result<PathBuf> {
        command::run(&mut self.helper_inline(self.home.path(), &["new", name, kind]))?;
        let dir = self.home.path().join(name);
        fs::copy(&self.lock, dir.join("Cargo.lock")).context("giving it the lock file")?;
        Ok(dir)
    }

    /// A module, built and loaded by the subcommand and by the project's own test.
    fn module(&self, root: &Path) -> Result<()> {
        let dir = self.new_project("first-module", "--kernel-module")?;
        // As an editor does it before anything else, with neither kernel nor clang.
        let mut check = self.cargo(&dir);
        check.args([
            "check",
            "--quiet",
            "--all-targets",
            "--package=first-module",
        ]);
        unconfigured::without_clang(&mut check);
        let saved = unconfigured::said_by(&mut check)?;
        saved.declares("first-module", "helpers/saved-bindings.rs")?;
        let arch = Arch::host().context("modules are for amd64 and arm64")?;
        some_kernels(&kernels::directory(root), &dir.join("target/kernels"), arch)?;
        let arguments = ["--target", arch.module_target()];
        let with = |name: &'static str| [&[name], &arguments[..]].concat();
        let shipped = self.home.path().join("shipped-bindings.rs");
        let bindings = dir.join("helpers/saved-bindings.rs");
        fs::copy(&bindings, &shipped).context("keeping the template's declarations")?;
        let mut dist = self.helper_inline(&dir, &with("dist"));
        let made = command::output(dist.arg("--save-bindings"))?;
        let mend = "copying what `dist --save-bindings` writes in a new module to \
                    helper-inline-build/templates/module/helpers";
        unconfigured::same_names(&shipped, &bindings, mend)?;
        ensure!(
            made.contains("first_module.ko"),
            "dist made no module: {made}"
        );
        let loaded = command::output(&mut self.helper_inline(&dir, &with("boot")))?;
        ensure!(
            loaded.contains("first_module: loaded for 3 users"),
            "the module did not speak: {loaded}"
        );
        let refused = self
            .helper_inline(&dir, &["boot", "--params", "users=0", "--rounds", "0"])
            .args(arguments)
            .output()?;
        let text = String::from_utf8_lossy(&refused.stderr);
        ensure!(
            refused.status.code() == Some(3) && text.contains("Invalid argument"),
            "a parameter that the module refuses: {text}"
        );
        let mut test = self.cargo(&dir);
        test.args(["test", "--quiet", "--workspace"]);
        command::output(&mut test).context("the project's own test")?;
        println!("first-module: built, loaded, tested");
        Ok(())
    }

    /// Bindings, which are inlined.
    fn bindings(&self) -> Result<()> {
        let dir = self.new_project("first-ring", "--ffi")?;
        command::output(self.cargo(&dir).args(["test", "--quiet"]))
            .context("the project's own test")?;
        let report =
            command::output(&mut self.helper_inline(&dir, &["report", "--", "test", "--no-run"]))?;
        ensure!(
            report.contains(" 0 out of line") && !report.contains("\n0 call sites"),
            "helpers stayed out of line: {report}"
        );
        println!("first-ring: tested, inlined");
        Ok(())
    }
}

/// Gives a project two of the kernels that are there, where it keeps its own: the one that
/// is fetched when nothing is said, and the newest. The samples are built for all.
fn some_kernels(there: &Path, own: &Path, arch: Arch) -> Result<()> {
    fs::create_dir_all(own)?;
    let default = kernels::default_for(there, arch.module_target());
    let newest = kernels::installed(there)
        .into_iter()
        .find(|kernel| kernel.arch == arch);
    for kernel in default.iter().chain(&newest) {
        let link = own.join(&kernel.release);
        if !link.exists() {
            std::os::unix::fs::symlink(there.join(&kernel.release), link)?;
        }
    }
    Ok(())
}
