//! clang and what belongs to it: which one compiles the helpers, its libclang
//! for bindgen, and the LLVM tools that Kbuild calls beside it.

use std::path::{Path, PathBuf};

use super::{BUILDING, Host, Mend, Need, State};

/// The oldest clang that the helpers are compiled with.
const OLDEST: u32 = 14;

/// The clang that compiles the helpers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Clang {
    path: PathBuf,
    version: String,
    major: u32,
}

/// Debian's packages of one LLVM that building a module needs.
pub fn packages(major: u32) -> Vec<String> {
    vec![
        format!("clang-{major}"),
        format!("lld-{major}"),
        format!("llvm-{major}"),
        format!("libclang-{major}-dev"),
    ]
}

/// The rows of clang, for a rustc that links with LLVM `rust_major`.
pub fn needs(host: &Host, rust_major: u32) -> Vec<Need> {
    let clang = find(host, rust_major);
    // Kbuild takes all tools from one LLVM, that of clang.
    let major = clang.as_ref().map_or(rust_major, |clang| clang.major);
    let mut needs = vec![
        Need::new(
            "clang",
            BUILDING,
            match &clang {
                Ok(clang) => State::Found(format!("{} ({})", clang.version, clang.path.display())),
                Err((why, mend)) => State::Missing(why.clone(), mend.clone()),
            },
        ),
        Need::new("libclang", BUILDING, libclang(host, major)),
    ];
    let beside = clang.as_ref().ok().and_then(|clang| {
        let directory = clang.path.canonicalize().ok()?;
        directory.parent().map(Path::to_path_buf)
    });
    for (tool, package) in [
        ("ld.lld", "lld"),
        ("llvm-ar", "llvm"),
        ("llvm-nm", "llvm"),
        ("llvm-objcopy", "llvm"),
        ("llvm-strip", "llvm"),
    ] {
        needs.push(Need::new(
            tool,
            BUILDING,
            match of_llvm(host, tool, major, beside.as_deref()) {
                Some(path) => State::Found(path.display().to_string()),
                None => State::Missing(
                    format!("no `{tool}-{major}` on PATH"),
                    Mend::Apt(vec![format!("{package}-{major}")]),
                ),
            },
        ));
    }
    needs
}

/// What HELPER_INLINE_CLANG names, or else the newest that rustc's LLVM can read.
fn find(host: &Host, newest: u32) -> Result<Clang, (String, Mend)> {
    let install = || Mend::Apt(vec![format!("clang-{newest}")]);
    if let Some(named) = host.variable("HELPER_INLINE_CLANG") {
        let named = named.to_string_lossy();
        let unset = Mend::ByHand("set HELPER_INLINE_CLANG to a clang, or unset it".into());
        let path = host.find(&named).ok_or_else(|| {
            (
                format!("HELPER_INLINE_CLANG={named} is no program"),
                unset.clone(),
            )
        })?;
        let clang = ask(host, path)
            .ok_or_else(|| (format!("HELPER_INLINE_CLANG={named} is not clang"), unset))?;
        return not_newer(clang, newest).map_err(|why| (why, install()));
    }
    for major in (OLDEST..=newest).rev() {
        if let Some(clang) = host
            .find(&format!("clang-{major}"))
            .and_then(|path| ask(host, path))
        {
            return not_newer(clang, newest).map_err(|why| (why, install()));
        }
    }
    let path = host
        .find("clang")
        .ok_or_else(|| (format!("no `clang-{newest}` or older on PATH"), install()))?;
    let clang = ask(host, path.clone())
        .ok_or_else(|| (format!("{} says no version", path.display()), install()))?;
    not_newer(clang, newest).map_err(|why| (why, install()))
}

/// rustc's LLVM reads what its own version or an older one wrote.
fn not_newer(clang: Clang, newest: u32) -> Result<Clang, String> {
    if clang.major < OLDEST {
        return Err(format!(
            "{} is clang {}, older than {OLDEST}",
            clang.path.display(),
            clang.version
        ));
    }
    if clang.major > newest {
        return Err(format!(
            "{} is clang {}, newer than rustc's LLVM {newest}, which has to read its bitcode",
            clang.path.display(),
            clang.version
        ));
    }
    Ok(clang)
}

fn ask(host: &Host, path: PathBuf) -> Option<Clang> {
    let text = host.output(&path, &["--version"])?;
    let version = version(&text)?;
    let major = version.split('.').next()?.parse().ok()?;
    Some(Clang {
        path,
        version,
        major,
    })
}

/// `Debian clang version 22.1.8 (…)`
fn version(text: &str) -> Option<String> {
    let rest = text.split("clang version ").nth(1)?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    Some(rest[..end].to_owned()).filter(|version| !version.is_empty())
}

fn libclang(host: &Host, major: u32) -> State {
    let mend = Mend::Apt(vec![format!("libclang-{major}-dev")]);
    let is_libclang = |name: &str| {
        name == "libclang.so"
            || name.starts_with("libclang-") && name.contains(".so")
            || name.starts_with("libclang.so.")
    };
    if let Some(named) = host.variable("LIBCLANG_PATH").map(PathBuf::from) {
        // bindgen takes the file itself or its directory.
        if named.is_file() {
            return State::Found(named.display().to_string());
        }
        return match Host::file_in(std::slice::from_ref(&named), is_libclang) {
            Some(path) => State::Found(path.display().to_string()),
            None => State::Missing(
                format!("LIBCLANG_PATH={} holds no libclang.so", named.display()),
                Mend::ByHand("unset LIBCLANG_PATH, or set it to libclang's directory".into()),
            ),
        };
    }
    let mut directories = host.llvm_libraries(major);
    for name in [format!("llvm-config-{major}"), "llvm-config".into()] {
        let asked = host
            .find(&name)
            .and_then(|path| host.output(&path, &["--libdir"]));
        directories.extend(asked.map(|text| PathBuf::from(text.trim())));
    }
    directories.extend(host.libraries.iter().cloned());
    match Host::file_in(&directories, is_libclang) {
        Some(path) => State::Found(path.display().to_string()),
        None => State::Missing("no libclang.so where bindgen looks".into(), mend),
    }
}

/// A tool with LLVM's version in its name on PATH, or without beside clang itself.
fn of_llvm(host: &Host, tool: &str, major: u32, beside: Option<&Path>) -> Option<PathBuf> {
    host.find(&format!("{tool}-{major}")).or_else(|| {
        let directory = beside?.to_path_buf();
        crate::command::find_in(&[directory], tool)
    })
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn every_vendors_clang_says_its_version() {
        assert_eq!(
            version("Debian clang version 22.1.8 (1~deb12u1)\n").unwrap(),
            "22.1.8"
        );
        assert_eq!(
            version("clang version 19.1.7\nTarget: x").unwrap(),
            "19.1.7"
        );
        assert_eq!(
            version("Apple clang version 16.0.0 (clang-1600)").unwrap(),
            "16.0.0"
        );
        assert_eq!(version("gcc (Debian 12.2.0) 12.2.0"), None);
    }
}
