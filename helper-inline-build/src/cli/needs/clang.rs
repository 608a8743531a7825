//! The rows of clang and what belongs to it: libclang for bindgen, and the LLVM
//! tools that Kbuild calls beside it. Which clang is taken is the library's
//! decision (`toolchain`); what mends a missing one is decided here.

use crate::Error;

use super::toolchain::Toolchain;
use super::{BUILDING, Host, Mend, Need, State};

/// What Kbuild calls, and Debian's package of each without its version.
const TOOLS: [(&str, &str); 5] = [
    ("ld.lld", "lld"),
    ("llvm-ar", "llvm"),
    ("llvm-nm", "llvm"),
    ("llvm-objcopy", "llvm"),
    ("llvm-strip", "llvm"),
];

/// Debian's packages of one LLVM that building a module needs.
pub fn packages(major: u32) -> Vec<String> {
    vec![
        format!("clang-{major}"),
        format!("lld-{major}"),
        format!("llvm-{major}"),
        format!("libclang-{major}-dev"),
    ]
}

/// The rows.
pub fn needs(host: &Host, toolchain: &Toolchain) -> Vec<Need> {
    let mut needs = vec![
        Need::new("clang", BUILDING, clang(host, toolchain)),
        Need::new("libclang", BUILDING, libclang(toolchain)),
    ];
    for (name, package) in TOOLS {
        let state = tool(host, toolchain, name, package);
        needs.push(Need::new(name, BUILDING, state));
    }
    needs
}

fn clang(host: &Host, toolchain: &Toolchain) -> State {
    let error = match &toolchain.clang {
        Ok(clang) => {
            // The library keeps a bare name as it is; here one wants to see the file.
            let path = host.find(&clang.path.to_string_lossy());
            let path = path.as_ref().unwrap_or(&clang.path);
            return State::Found(format!("{} ({})", clang.version, path.display()));
        }
        Err(error) => error,
    };
    let major = toolchain.llvm_major();
    let why = match error {
        Error::ClangNotFound { searched, .. } => format!("looked for {searched}"),
        Error::ClangTooNew { path, clang, llvm } => format!(
            "`{}` is clang {clang}, newer than rustc's LLVM {llvm}, and without its own libLLVM to link with",
            path.display()
        ),
        Error::ClangUnusable { path, reason } => format!("`{}`: {reason}", path.display()),
        other => other.to_string(),
    };
    let mend = if toolchain.named.clang {
        Mend::ByHand(format!(
            "set HELPER_INLINE_CLANG to a clang of at most LLVM {major}, or unset it"
        ))
    } else {
        Mend::Apt(vec![format!("clang-{major}")])
    };
    State::Missing(why, mend)
}

fn libclang(toolchain: &Toolchain) -> State {
    let why = match &toolchain.libclang {
        Ok(version) => return State::Found(version.clone()),
        Err(Error::LibclangNotFound { detail, .. }) => detail.clone(),
        Err(other) => other.to_string(),
    };
    let mend = if toolchain.named.libclang {
        Mend::ByHand("set LIBCLANG_PATH to the directory of libclang.so, or unset it".into())
    } else {
        Mend::Apt(vec![format!("libclang-{}-dev", toolchain.tools_major())])
    };
    State::Missing(why, mend)
}

fn tool(host: &Host, toolchain: &Toolchain, name: &str, package: &str) -> State {
    let major = toolchain.tools_major();
    let program = match &toolchain.clang {
        Ok(clang) => clang.tool(name).to_string_lossy().into_owned(),
        Err(_) => format!("{name}-{major}"),
    };
    if let Some(path) = host.find(&program) {
        return State::Found(path.display().to_string());
    }
    let (why, mend) = if program.contains('/') {
        (
            format!("no `{program}`, beside clang"),
            Mend::ByHand(
                "set HELPER_INLINE_CLANG to a clang that has its LLVM's tools beside it, or unset it"
                    .into(),
            ),
        )
    } else if program == name {
        // Debian's packages with a version in their name bring no plain `llvm-nm`.
        (
            format!("no `{program}` on PATH"),
            Mend::Apt(vec![package.to_owned()]),
        )
    } else {
        (
            format!("no `{program}` on PATH"),
            Mend::Apt(vec![format!("{package}-{major}")]),
        )
    };
    State::Missing(why, mend)
}
