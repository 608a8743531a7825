//! Compiling the helper unit by a kernel's own Kbuild, with its own flags.
//!
//! Not here: what the unit contains (`build::unit`), or making a `.ko`
//! (`package`).

use super::{KernelDir, gcc_built, tool_versions};
use crate::clang::defaults;
use crate::clang::instrumentation::{self, INSTRUMENTED_MACRO};
use crate::{Clang, Error, Result, command, files};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The helper unit to compile.
pub(crate) struct HelperUnit<'a> {
    /// Directory for Kbuild's files; created.
    pub dir: &'a Path,
    /// The C source that includes every helper source.
    pub source: &'a Path,
    /// The user's own compiler arguments.
    pub args: &'a [String],
    /// Clang's flag for the debug information in the bitcode.
    pub debug_flag: &'a str,
    /// Whether it becomes a part of the kernel image, not of a module.
    pub built_in: bool,
}

/// What Kbuild made of a helper unit.
pub(crate) struct CompiledUnit {
    /// Bitcode of the unit.
    pub bitcode: PathBuf,
    /// The unit as an ordinary object.
    pub object: PathBuf,
    /// Every argument that clang was given, paths absolute.
    pub flags: Vec<String>,
    /// Make's list of what the unit includes.
    pub depfile: PathBuf,
    /// The compiler's working directory, to which paths in that list are relative.
    pub directory: PathBuf,
    /// The kernel's sources, for which their build directory may be another.
    pub source_tree: PathBuf,
    /// The makefiles that say how the unit is compiled, as far as make's last process
    /// read them.
    pub makefiles: Vec<PathBuf>,
}

/// Rules that compile the unit as a part of a module or of the kernel image would
/// be, which is for `helper-part` to say: by it Kbuild chooses between the flags of
/// either, such as `-DMODULE`.
///
/// `helper-passes` says whether clang's passes run ([`WITHOUT_PASSES`]). The flag for debug information
/// comes after the kernel's own, which keep the version of DWARF. Function tracing is taken off because an
/// inlined helper has no entry to patch, and `-fno-builtin-wcslen` because it
/// stops inlining into any function that was compiled without it. Kbuild's own LTO
/// is off: its bitcode is what comes of the passes, and the object must be one. What clang
/// would choose by the machine (`clang::defaults`) is fixed after all else. The
/// directory of the compilation goes before its flags, which are relative to it;
/// it is the kernel's or, from 6.13 on, the module's. The object comes after the bitcode, so that clang says once what is wrong with a source.
const KBUILD: &str = "\
# Generated: compiles the C helpers to bitcode and to an ordinary object.
always-y += $(if $(helper-flags-only),helpers.flags,helpers.bc helpers-out-of-line.o)
$(obj)/helpers.flags $(obj)/helpers.bc $(obj)/helpers-out-of-line.o: part-of-$(helper-part) := y

helper-flags = $(filter-out -pg -mfentry -mrecord-mcount $(CC_FLAGS_FTRACE) $(CC_FLAGS_LTO) -fno-builtin-wcslen,$(c_flags)) \\
\t-Wno-missing-prototypes -Wno-missing-declarations @$(src)/user-flags \\
\t$(helper-fixed-flags)

quiet_cmd_helpers_flags = FLAGS    $@
      cmd_helpers_flags = { pwd; printf '%s\\n' $(helper-flags); } > $@
$(obj)/helpers.flags: FORCE
\t$(call cmd,helpers_flags)

quiet_cmd_helpers_bc = CLANG BC $@
      cmd_helpers_bc = { pwd; printf '%s\\n' $(helper-flags); } > $(obj)/flags; \\
\tprintf '%s\\n' $(abspath $(srctree) $(MAKEFILE_LIST)) > $(obj)/makefiles; \\
\t$(CC) $(helper-flags) -DHELPER_INLINE_BITCODE $(helper-debug-flag) $(helper-passes) -emit-llvm -c -o $@ $<
$(obj)/helpers.bc: $(src)/helpers.c FORCE
\t$(call cmd,helpers_bc)

quiet_cmd_helpers_o = CLANG    $@
      cmd_helpers_o = $(CC) $(helper-flags) -w -g0 -c -o $@ $<
$(obj)/helpers-out-of-line.o: $(src)/helpers.c FORCE | $(obj)/helpers.bc
\t$(call cmd,helpers_o)
";

/// What leaves the bodies as written, so that `__builtin_constant_p` is decided after
/// inlining.
const WITHOUT_PASSES: &str = "-Xclang -disable-llvm-passes";

/// Compiles a helper unit.
pub(crate) fn compile_helpers(
    kernel: &KernelDir,
    clang: &Clang,
    unit: &HelperUnit<'_>,
) -> Result<CompiledUnit> {
    let dir = unit.dir;
    // Warnings of a successful compilation are the author's to see.
    let passes = |passes: &str| format!("helper-passes={passes}");
    for line in run(kernel, clang, unit, &passes(WITHOUT_PASSES))?.lines() {
        println!("cargo::warning={line}");
    }

    let (directory, flags) = read_flags(&dir.join("flags"), unit)?;
    let mut shown = Command::new(&clang.path);
    shown.current_dir(&directory).args(&flags).arg("-c");
    shown.arg(dir.join("helpers.c"));
    if instrumentation::is_added_by_passes(shown) {
        // Which flags a kernel has, only its make files know.
        run(
            kernel,
            clang,
            unit,
            &passes(&format!("-D{INSTRUMENTED_MACRO}")),
        )?;
    }
    let makefiles = files::read_to_string(&dir.join("makefiles"))?;
    let mut makefiles = makefiles.lines().map(PathBuf::from);
    Ok(CompiledUnit {
        source_tree: makefiles.next().unwrap_or_default(),
        makefiles: makefiles.filter(|path| path.is_file()).collect(),
        directory,
        bitcode: dir.join("helpers.bc"),
        object: dir.join("helpers-out-of-line.o"),
        flags,
        depfile: dir.join(".helpers.bc.d"),
    })
}

/// Every argument that clang will be given, paths absolute. Nothing is compiled.
pub(crate) fn helper_flags(
    kernel: &KernelDir,
    clang: &Clang,
    unit: &HelperUnit<'_>,
) -> Result<Vec<String>> {
    run(kernel, clang, unit, "helper-flags-only=y")?;
    Ok(read_flags(&unit.dir.join("helpers.flags"), unit)?.1)
}

/// Reads Kbuild's directory and its arguments, as its rules have written them.
fn read_flags(path: &Path, unit: &HelperUnit<'_>) -> Result<(PathBuf, Vec<String>)> {
    let text = files::read_to_string(path)?;
    let mut flags = text.lines();
    let directory = PathBuf::from(flags.next().unwrap_or_default());
    let flags = absolute_flags(&directory, flags, unit.args);
    Ok((directory, flags))
}

/// Runs Kbuild on the unit, with one more variable of make's. Returns what it said.
fn run(kernel: &KernelDir, clang: &Clang, unit: &HelperUnit<'_>, variable: &str) -> Result<String> {
    let dir = unit.dir;
    files::create_dir_all(dir)?;
    files::write_if_changed(&dir.join("Kbuild"), KBUILD.as_bytes())?;
    let include = format!("#include \"{}\"\n", unit.source.display());
    files::write_if_changed(&dir.join("helpers.c"), include.as_bytes())?;
    let user: String = unit.args.iter().map(|arg| response_line(arg)).collect();
    files::write_if_changed(&dir.join("user-flags"), user.as_bytes())?;
    let mut make = make(kernel, clang, dir)?;
    let fixed = defaults::flags(kernel.target_arch(), true).join(" ");
    let part = if unit.built_in { "builtin" } else { "module" };
    make.arg(format!("helper-debug-flag={}", unit.debug_flag))
        .arg(format!("helper-part={part}"))
        .arg(variable)
        .arg(format!("helper-fixed-flags={fixed}"))
        .arg("modules");
    let output = make
        .stdin(Stdio::null())
        .output()
        .map_err(|e| command::start_error("compiling the helpers", &make, &e))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return Ok(said.into_owned());
    }
    Err(Error::Compile {
        command: command::line(&make),
        status: output.status.to_string(),
        stderr: said.trim().to_owned()
            + &files::full_disk_note(dir).map_or_else(String::new, |note| format!("\n{note}")),
    })
}

/// Variables that would change what make does, and why each is not for it.
const NOT_PASSED: &[(&str, &str)] = &[
    ("MAKEFLAGS", "an outer make's"),
    ("MFLAGS", "an outer make's"),
    ("GNUMAKEFLAGS", "an outer make's"),
    ("MAKELEVEL", "an outer make's"),
    ("MAKEFILES", "files that make reads before the kernel's"),
    ("ARCH", "the kernel says which"),
    ("CROSS_COMPILE", "clang compiles for every architecture"),
    (
        "LLVM_IAS",
        "the assembler of a GCC of this machine would be used",
    ),
    ("KBUILD_OUTPUT", "the kernel's directory is named"),
];

/// `make` in the kernel's directory for the module directory `module`, with
/// clang for compiler whichever the kernel was built with.
pub(super) fn make(kernel: &KernelDir, clang: &Clang, module: &Path) -> Result<Command> {
    let module = module
        .canonicalize()
        .map_err(files::io("resolve", module))?;
    let text = module.to_string_lossy();
    if text.contains([' ', ':', '#', '$', '\'', '"']) {
        return Err(Error::InvalidPath {
            reason: "Kbuild cannot build in a path with a space, quote, colon, `#` or `$`; \
                     move the project, or set CARGO_TARGET_DIR to another path"
                .into(),
            path: module,
        });
    }
    let mut make = Command::new("make");
    for (variable, _) in NOT_PASSED {
        make.env_remove(variable);
    }
    defaults::isolate(&mut make);
    make.arg("--no-print-directory")
        .arg("-s")
        .arg("-j2")
        .arg("-C")
        .arg(kernel.path())
        .arg(format!("M={}", module.display()))
        .arg(format!("ARCH={}", kernel.arch()))
        .arg(format!("LLVM={}", clang.kbuild_llvm()))
        .arg(format!("CC={}", clang.path.display()))
        .args(tool_versions::make_variables(kernel, clang));
    if kernel.is_set("CONFIG_CC_IS_GCC") {
        let shadow = module.join("shadow");
        files::create_dir_all(&shadow.join("generated"))?;
        files::write_if_changed(
            &shadow.join("generated/autoconf.h"),
            gcc_built::shadow_autoconf(clang.version).as_bytes(),
        )?;
        make.args(gcc_built::make_variables(kernel, clang.version))
            // What Kbuild puts before its own include directories.
            .arg(format!("NOSTDINC_FLAGS=-nostdinc -I{}", shadow.display()));
    }
    Ok(make)
}

/// One argument of a clang response file.
fn response_line(arg: &str) -> String {
    let escaped = arg.replace('\\', r"\\").replace('"', "\\\"");
    format!("\"{escaped}\"\n")
}

/// Flags with a path in the same word.
const WITH_PATH: [&str; 2] = ["-I", "-frandomize-layout-seed-file="];

/// Kbuild's flags with paths relative to the directory made absolute, and the
/// response file replaced by what it holds.
fn absolute_flags<'a>(
    directory: &Path,
    flags: impl Iterator<Item = &'a str>,
    user: &[String],
) -> Vec<String> {
    let mut absolute = Vec::new();
    let mut path_follows = false;
    for flag in flags {
        let path_within = WITH_PATH.iter().find_map(|name| {
            let path = flag.strip_prefix(name).filter(|path| !path.is_empty())?;
            Path::new(path).is_relative().then_some((name, path))
        });
        if flag.starts_with('@') {
            absolute.extend(user.iter().cloned());
        } else if path_follows && Path::new(flag).is_relative() {
            absolute.push(directory.join(flag).display().to_string());
        } else if let Some((name, path)) = path_within {
            absolute.push(format!("{name}{}", directory.join(path).display()));
        } else {
            absolute.push(flag.to_owned());
        }
        path_follows = matches!(flag, "-I" | "-include" | "-isystem" | "-idirafter");
    }
    absolute
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_hold_outside_the_kernels_directory() {
        let flags = "-nostdinc -I./arch/x86/include/generated -I/abs -include ./a.h -O2 -Iinclude \
             -frandomize-layout-seed-file=./seed @/x/user-flags";
        let absolute = absolute_flags(
            Path::new("/k"),
            flags.split(' '),
            &["-DX=\"a b\"".to_owned()],
        );
        expect_test::expect![[
            r#"-nostdinc|-I/k/./arch/x86/include/generated|-I/abs|-include|/k/./a.h|-O2|-I/k/include|-frandomize-layout-seed-file=/k/./seed|-DX="a b""#
        ]]
        .assert_eq(&absolute.join("|"));
    }

    #[test]
    fn the_rules_define_what_the_unit_asks_for() {
        assert!(KBUILD.contains(&format!("-D{} ", crate::manifest::BITCODE_MACRO)));
    }

    #[test]
    fn response_files_keep_quotes_and_backslashes() {
        assert_eq!(response_line(r#"-DX="a\b""#), "\"-DX=\\\"a\\\\b\\\"\"\n");
    }
}
