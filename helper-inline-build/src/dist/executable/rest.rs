//! What a program is linked of beside the crates that have bitcode: the standard
//! library, C libraries, objects that rustc makes for the link, and options.
//!
//! A crate's archive may hold objects of C, which stay. Not here: running the linker
//! (`line`).

use super::line::Line;
use crate::dist::cargo::Crate;
use crate::manifest::Manifest;
use crate::{Error, Result, archive, files};
use object::{Object as _, ObjectSymbol as _};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

/// One argument of the link, or what takes its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The objects that the crates became.
    Objects,
    /// As it was.
    Argument(String),
    /// Of a crate's archive what is no Rust.
    Native {
        name: String,
        members: Vec<archive::Member>,
    },
    /// Where the program goes.
    Output,
}

/// A link without its crates.
pub(super) struct Rest {
    pub(super) parts: Vec<Part>,
    /// What it needs of them, beside what they export to everybody.
    pub(super) needs: Vec<String>,
    /// The symbols of helpers that it needs by their C names, by these.
    pub(super) by_name: BTreeMap<String, String>,
}

impl Rest {
    /// Takes the crates that have bitcode and the helpers' archives out of a link.
    pub(super) fn of(line: &Line, crates: &[Crate], manifests: &[Manifest]) -> Result<Rest> {
        let mut sorting = Sorting {
            stems: crates.iter().map(Crate::stem).collect(),
            helper_libraries: manifests.iter().filter_map(option_of).collect(),
            helper_objects: HashSet::new(),
            defined: HashSet::new(),
            needed: BTreeSet::new(),
        };
        for manifest in manifests {
            for (_, object) in archive::read(&manifest.archive)? {
                sorting.replaced(&object)?;
                sorting.helper_objects.insert(object);
            }
        }
        let own = own_object(line)?;
        let mut parts = Vec::new();
        let mut is_output = false;
        for argument in &line.arguments {
            parts.extend(if std::mem::take(&mut is_output) {
                Some(Part::Output)
            } else if argument == own {
                sorting.replaced(&files::read(Path::new(own))?)?;
                Some(Part::Objects)
            } else {
                is_output = argument == "-o";
                sorting.sort(argument)?
            });
        }
        let defined = |name: &&String| sorting.defined.contains(*name);
        let needs = sorting.needed.iter().filter(defined).cloned();
        let (by_name, needs) = needs.partition(|name| c_names(manifests, name).next().is_some());
        let mut rest = Rest {
            parts,
            needs,
            by_name: BTreeMap::new(),
        };
        rest.find(by_name, manifests)?;
        Ok(rest)
    }
}

impl Rest {
    /// Finds the helpers of C names, which other C calls.
    fn find(&mut self, names: Vec<String>, manifests: &[Manifest]) -> Result<()> {
        for name in names {
            let found: Vec<_> = c_names(manifests, &name).collect();
            if let [(one, _), (other, _), ..] = found.as_slice() {
                let packages = [one, other].map(|manifest| manifest.package.clone());
                return Err(Error::EqualNames { name, packages });
            }
            for (_, symbol) in found {
                self.needs.push(symbol.to_owned());
                self.by_name.insert(name.clone(), symbol.to_owned());
            }
        }
        Ok(())
    }
}

/// The helpers of a C name that have another symbol, where it is not the symbol of one.
fn c_names<'a>(
    manifests: &'a [Manifest],
    name: &str,
) -> impl Iterator<Item = (&'a Manifest, &'a str)> {
    let is_symbol = manifests
        .iter()
        .any(|m| m.helpers.iter().any(|symbol| symbol == name));
    let manifests = manifests.iter().filter(move |_| !is_symbol);
    manifests.flat_map(move |manifest| {
        let symbols = manifest.c_names.iter();
        let symbols = symbols.filter(move |(_, c_name)| *c_name == name);
        symbols.map(move |(symbol, _)| (manifest, symbol.as_str()))
    })
}

/// The object of the program's own crate. The others with its name are those that
/// rustc makes for the link, such as the allocator's.
fn own_object(line: &Line) -> Result<&str> {
    let prefix = format!("{}.", line.made.stem);
    let is_own = |argument: &&String| {
        let name = Path::new(argument).file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        name.starts_with(&prefix) && name.ends_with("-cgu.0.rcgu.o")
    };
    let own: Vec<&String> = line.arguments.iter().filter(is_own).collect();
    match own.as_slice() {
        [own] => Ok(own),
        _ => Err(Error::Malformed {
            path: line.made.program.clone(),
            expected: "program of one code-generation unit",
            detail: format!(
                "its own crate was linked as {} objects; take `-Ccodegen-units` out of RUSTFLAGS",
                own.len()
            ),
        }),
    }
}

/// Which of the crates are in a link. Rust links none that no code names.
pub(super) fn linked<'a>(line: &Line, crates: &'a [Crate]) -> Vec<&'a Crate> {
    let stems: HashSet<&str> = line.arguments.iter().filter_map(|a| stem(a)).collect();
    let is_linked = |krate: &&Crate| stems.contains(&*krate.stem());
    crates.iter().filter(is_linked).collect()
}

/// What a crate's archive is called after.
fn stem(argument: &str) -> Option<&str> {
    let path = Path::new(argument);
    let stem = path.file_name()?.to_str()?.strip_suffix(".rlib")?;
    stem.strip_prefix("lib")
}

/// `-l` of an archive of helpers.
fn option_of(manifest: &Manifest) -> Option<String> {
    let stem = manifest.archive.file_stem()?.to_str()?;
    Some(format!("-l{}", stem.strip_prefix("lib")?))
}

/// The sorting of arguments, and what was seen of symbols.
struct Sorting {
    stems: BTreeSet<String>,
    helper_libraries: BTreeSet<String>,
    helper_objects: HashSet<Vec<u8>>,
    /// What the replaced objects define.
    defined: HashSet<String>,
    /// What all others lack.
    needed: BTreeSet<String>,
}

impl Sorting {
    /// What becomes of an argument; nothing when its content is all bitcode's.
    fn sort(&mut self, argument: &str) -> Result<Option<Part>> {
        if self.helper_libraries.contains(argument) {
            return Ok(None);
        }
        let path = Path::new(argument);
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let kept = || Ok(Some(Part::Argument(argument.to_owned())));
        match &*extension {
            "rlib" | "a" => {}
            "o" | "so" => {
                if path.is_file() {
                    self.kept(&files::read(path)?);
                }
                return kept();
            }
            _ => return kept(),
        }
        if !path.is_file() {
            return kept();
        }
        let members = archive::read(path)?;
        let Some(stem) = stem(argument).filter(|stem| self.stems.contains(*stem)) else {
            members.iter().for_each(|(_, content)| self.kept(content));
            return kept();
        };
        let prefix = format!("{stem}.");
        let mut native = Vec::new();
        for (name, content) in members {
            if name.starts_with(&prefix) && name.ends_with(".rcgu.o") {
                self.replaced(&content)?;
            } else if !name.ends_with(".rmeta") && !self.helper_objects.contains(&content) {
                self.kept(&content);
                native.push((name, content));
            }
        }
        Ok((!native.is_empty()).then(|| Part::Native {
            name: format!("lib{stem}.a"),
            members: native,
        }))
    }

    fn replaced(&mut self, object: &[u8]) -> Result<()> {
        if object.starts_with(b"BC\xC0\xDE") {
            return Err(Error::Usage {
                message: "rustc wrote bitcode in place of objects: take `-Clinker-plugin-lto` \
                          out of RUSTFLAGS, `dist` links all crates in one"
                    .into(),
            });
        }
        read(object, &mut |name, is_defined| {
            if is_defined {
                self.defined.insert(name.to_owned());
            }
        });
        Ok(())
    }

    fn kept(&mut self, object: &[u8]) {
        read(object, &mut |name, is_defined| {
            if !is_defined {
                self.needed.insert(name.to_owned());
            }
        });
    }
}

/// Reads an object's global symbols: their names and whether it defines them. What is
/// no object, a linker script say, has none.
fn read(object: &[u8], found: &mut dyn FnMut(&str, bool)) {
    let Ok(file) = object::File::parse(object) else {
        return;
    };
    for symbol in file.symbols().chain(file.dynamic_symbols()) {
        let Ok(name) = symbol.name() else { continue };
        if !name.is_empty() && !symbol.is_local() {
            found(name, !symbol.is_undefined());
        }
    }
}
