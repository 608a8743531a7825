//! From a linked object to a `.ko`, by the kernel's own Kbuild: objtool,
//! modpost, the module's own unit and the final link; or, for code of the kernel
//! image, to the object that Kbuild links there.
//!
//! Not here: making the object (`link`).

use super::KernelDir;
use super::kbuild::make;
use super::sign::{SigningKey, sign};
use crate::{Clang, Error, Result, command, files};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The option of a kernel whose modules get a `.BTF` section.
const BTF: &str = "CONFIG_DEBUG_INFO_BTF_MODULES";

/// What to package.
pub(crate) struct PackageRequest<'a> {
    /// Directory for Kbuild to fill; it is there.
    pub dir: &'a Path,
    /// The module's name, or the object's.
    pub name: &'a str,
    /// The linked object.
    pub object: &'a Path,
    /// Whether the `.ko` keeps debug sections.
    pub debug: bool,
    /// What it is signed with, if it is.
    pub sign: Option<&'a SigningKey>,
}

/// A packaged module or object.
pub(crate) struct Package {
    /// The `.ko` or `.o`, in the directory given.
    pub made: PathBuf,
    /// What objtool and modpost warned of.
    pub warnings: Vec<String>,
    /// What Kbuild left out, and why.
    pub notes: Vec<String>,
}

/// Packages an object as `<name>.ko`.
pub(crate) fn package(
    kernel: &KernelDir,
    clang: &Clang,
    request: &PackageRequest<'_>,
) -> Result<Package> {
    let PackageRequest {
        dir,
        name,
        debug,
        sign: signing_key,
        ..
    } = *request;
    let mut make = prepare(kernel, clang, request, &kbuild(name))?;
    let mut notes = Vec::new();
    if signing_key.is_none() {
        notes.extend(unsigned_note(kernel));
    }
    if !debug {
        check_btf(kernel)?;
    } else if kernel.is_set(BTF) {
        // Inlined frames make the units refer to one another, and pahole cannot
        // leave Rust's out then. For the same reason a kernel with BTF has either
        // Rust or LTO.
        make.arg(format!("{BTF}="));
        notes.push("no .BTF section: pahole cannot make it beside debug sections of Rust".into());
    }
    // The directory's name is new each time, and the module's build ID must not be.
    let canonical = dir.canonicalize().map_err(files::io("resolve", dir))?;
    make.arg(format!(
        "KCFLAGS=-ffile-prefix-map={}=.",
        canonical.display()
    ));
    let stderr = run(make, request)?;
    let ko = dir.join(format!("{name}.ko"));
    if !debug {
        // The kernel's flags give the module's own unit, and no other, debug
        // sections; .BTF is made of them, and stays.
        let mut strip = Command::new(clang.tool("llvm-strip"));
        strip.arg("--strip-debug").arg(&ko);
        command::run("stripping debug sections", &mut strip)?;
    }
    // Last, because a signature is one of every byte.
    if let Some(key) = signing_key {
        sign(kernel, key, &ko)?;
    }
    // Kbuild prints this for every module when the headers come without vmlinux.
    let (no_btf, warnings): (Vec<&str>, Vec<&str>) = stderr
        .lines()
        .partition(|line| line.starts_with("Skipping BTF generation"));
    if !no_btf.is_empty() {
        notes.push("no .BTF section: the kernel's headers hold no vmlinux to make it from".into());
    }
    Ok(Package {
        made: ko,
        warnings: warnings.into_iter().map(str::to_owned).collect(),
        notes,
    })
}

/// Makes an object `<name>.o` as Kbuild makes one of a kernel image, to be named in
/// an `obj-y` there. Where objtool looks at the whole image at once
/// (`delay-objtool`), it is left to the link of the image.
pub(crate) fn package_built_in(
    kernel: &KernelDir,
    clang: &Clang,
    request: &PackageRequest<'_>,
) -> Result<Package> {
    let name = request.name;
    let rules =
        rules(name) + &format!("always-y += {name}.o\n$(obj)/{name}.o: part-of-builtin := y\n");
    let make = prepare(kernel, clang, request, &rules)?;
    let stderr = run(make, request)?;
    Ok(Package {
        made: request.dir.join(format!("{name}.o")),
        warnings: stderr.lines().map(str::to_owned).collect(),
        notes: Vec::new(),
    })
}

/// Writes the rules and the object, and returns the command that follows them.
fn prepare(
    kernel: &KernelDir,
    clang: &Clang,
    request: &PackageRequest<'_>,
    kbuild: &str,
) -> Result<Command> {
    let dir = request.dir;
    files::write(&dir.join("Kbuild"), kbuild.as_bytes())?;
    files::write(
        &dir.join(format!("{}.o_shipped", request.name)),
        &files::read(request.object)?,
    )?;
    make(kernel, clang, dir)
}

/// Runs make; what it printed for errors.
fn run(mut make: Command, request: &PackageRequest<'_>) -> Result<String> {
    let PackageRequest { dir, name, .. } = *request;
    make.arg("modules");
    command::show(&make);
    let output = make
        .stdin(Stdio::null())
        .output()
        .map_err(|e| command::start_error("packaging the module", &make, &e))?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        return Ok(stderr);
    }
    Err(Error::Command {
        what: format!("packaging `{name}` by the kernel's Kbuild"),
        command: command::line(&make),
        status: output.status.to_string(),
        output: stderr
            + &files::full_disk_note(dir).map_or_else(String::new, |note| format!("\n{note}")),
    })
}

/// What an unsigned module meets on a kernel that was not told otherwise.
fn unsigned_note(kernel: &KernelDir) -> Option<String> {
    let option = "CONFIG_MODULE_SIG_FORCE";
    kernel.is_set(option).then(|| {
        format!(
            "the module is not signed, and this kernel ({option}) loads signed ones alone: \
             give --sign-key and --sign-cert, of a key that it trusts"
        )
    })
}

/// Fails when the kernel's Kbuild would call a program that is not there.
fn check_btf(kernel: &KernelDir) -> Result<()> {
    let makes_btf = kernel.is_set(BTF) && kernel.path().join("vmlinux").is_file();
    let has_pahole = || Command::new("pahole").arg("--version").output().is_ok();
    if !makes_btf || has_pahole() {
        return Ok(());
    }
    Err(Error::KernelDir {
        dir: kernel.path().to_owned(),
        problem: format!(
            "its modules get .BTF ({BTF}), which `pahole` makes, and that is not on PATH"
        ),
        mend: "install it (on Debian `apt-get install dwarves`)".into(),
    })
}

/// Rules that take the object as Kbuild would have made it from C. A prebuilt
/// object (`.o_shipped` alone) would skip objtool, and with it unwinding data and
/// return sites.
fn rules(name: &str) -> String {
    format!(
        "\
# Generated: packages an object that is already linked.
targets += {name}.o

quiet_cmd_helper_inline = OBJECT  $@
      cmd_helper_inline = cat $< > $@ $(cmd_objtool)
$(obj)/{name}.o: $(src)/{name}.o_shipped FORCE
\t$(call if_changed,helper_inline)
"
    )
}

fn kbuild(name: &str) -> String {
    format!("{}obj-m := {name}.o\n", rules(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::dir::tests::kernel;

    #[test]
    fn a_kernel_that_wants_signatures_is_told_of() {
        let dir = kernel("CONFIG_X86_64=y\nCONFIG_MODULE_SIG_FORCE=y\n");
        let note = unsigned_note(&KernelDir::open(dir.path()).unwrap()).unwrap();
        assert!(note.contains("--sign-key"), "{note}");
        let dir = kernel("CONFIG_X86_64=y\nCONFIG_MODULE_SIG=y\n");
        let kernel = KernelDir::open(dir.path()).unwrap();
        assert_eq!(unsigned_note(&kernel), None);
    }
}
