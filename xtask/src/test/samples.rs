//! What each sample module must be, read from its report and from the packaged
//! file itself.
//!
//! Not here: what its kernel hardens (`mitigations`).

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use helper_inline_build::dist::Dist;
use helper_inline_build::prove::HelperState;
use object::{Object as _, ObjectSection as _, ObjectSymbol as _};

/// What is expected of a sample.
struct Sample {
    module: &'static str,
    /// It is there to use many helpers: at least so many.
    helpers: u64,
    /// Some that it must use, at least one of each crate that has helpers, and some
    /// that only a dependency's generic or `#[inline]` code calls.
    uses: &'static [&'static str],
    /// Tables that its inlined helpers have something in, on every kernel.
    tables: &'static [&'static str],
    /// Its parameters, with the kernel's names of their types.
    parameters: &'static [&'static str],
}

const SAMPLES: [Sample; 2] = [
    Sample {
        module: "sample_kmod",
        helpers: 100,
        uses: &[
            "copy_from_user",
            "spin_lock",
            "list_add_tail",
            "refcount_inc",
        ],
        tables: &[
            ".altinstructions",
            "__bug_table",
            "__ex_table",
            "__jump_table",
        ],
        parameters: &["fail_step:byte"],
    },
    Sample {
        module: "sample_block",
        helpers: 30,
        uses: &[
            "req_op",
            "rq_segments_next",
            "bvec_kmap_local",
            "xa_cmpxchg",
            "memcpy_to_page",
            "this_cpu_add_u64",
            "kernel_param_lock",
        ],
        tables: &[],
        parameters: &[
            "name:charp",
            "size_mib:uint",
            "block_size:uint",
            "queues:ushort",
            "depth:ushort",
            "refuse_writes:bool",
            "answer:byte",
            "fail_step:byte",
        ],
    },
];

/// `sizeof(struct kernel_param)` on 64-bit kernels.
const KERNEL_PARAM: u64 = 40;

/// That every sample was made for every kernel that one of them was made for.
pub fn check_all_made(made: &[Dist]) -> Result<()> {
    for module in made {
        let kernel = &module.report.kernel;
        for sample in &SAMPLES {
            ensure!(
                made.iter()
                    .any(|m| m.report.module == sample.module && m.report.kernel == *kernel),
                "no {} was made for {kernel:?}",
                sample.module
            );
        }
    }
    Ok(())
}

/// Holds a sample to what is expected of it: every used helper is inlined, none
/// has left a symbol, neither objtool nor modpost warned, and all of its
/// declaration is there.
pub fn check(module: &Dist) -> Result<()> {
    let name = &module.report.module;
    let sample = SAMPLES.iter().find(|sample| sample.module == name);
    let sample = sample.with_context(|| format!("nothing is known of the module {name}"))?;
    let summary = &module.report.summary;
    let outlined: Vec<&str> = module.report.outlined().map(|h| h.name.as_str()).collect();
    ensure!(outlined.is_empty(), "helpers stayed: {outlined:?}");
    ensure!(
        summary.used >= sample.helpers && summary.inlined == summary.call_sites,
        "the report's totals are {summary:?}"
    );
    for helper in sample.uses {
        let symbol = format!("rust_helper_{helper}");
        let found = module.report.helpers.iter().find(|h| h.name == symbol);
        ensure!(
            found.is_some_and(|h| h.state == HelperState::Inlined && h.call_sites > 0),
            "{helper} is not among the inlined helpers: {found:?}"
        );
    }
    ensure!(
        module.warnings.is_empty(),
        "Kbuild warned: {:?}",
        module.warnings
    );
    file(module, sample)
}

/// The packaged file.
fn file(module: &Dist, sample: &Sample) -> Result<()> {
    let data = std::fs::read(&module.module)?;
    let file = object::File::parse(data.as_slice())?;
    // Defined, or needed from elsewhere.
    let symbols = file.symbols().filter_map(|symbol| symbol.name().ok());
    let left: Vec<&str> = symbols.filter(|s| s.starts_with("rust_helper_")).collect();
    ensure!(left.is_empty(), "the file has the symbols {left:?}");
    let sections = file.sections().filter_map(|section| section.name().ok());
    let debug: Vec<&str> = sections.filter(|s| s.contains("debug")).collect();
    ensure!(debug.is_empty(), "the file has {debug:?}");
    for table in sample.tables {
        let bytes = file.section_by_name(table).map_or(0, |s| s.size());
        ensure!(bytes > 0, "the file has nothing in {table}");
    }
    declaration(module, sample, &file)
}

/// What the module's one declaration has left in the file.
fn declaration(module: &Dist, sample: &Sample, file: &object::File<'_>) -> Result<()> {
    let sections: Vec<_> = file
        .sections()
        .filter(|section| section.name() == Ok(".modinfo"))
        .collect();
    // With two, the kernel reads one of them only.
    ensure!(sections.len() == 1, "{} .modinfo sections", sections.len());
    let text = String::from_utf8(sections[0].data()?.to_vec())?;
    let strings: Vec<&str> = text.split('\0').filter(|s| !s.is_empty()).collect();
    for key in ["license", "author", "description", "name", "vermagic"] {
        let times = strings
            .iter()
            .filter(|s| s.strip_prefix(key).is_some_and(|s| s.starts_with('=')))
            .count();
        ensure!(times == 1, "`{key}` is there {times} times: {strings:?}");
    }
    // rustc puts them in an order of its own.
    let types: BTreeSet<&str> = strings
        .iter()
        .filter_map(|s| s.strip_prefix("parmtype="))
        .collect();
    ensure!(
        types == sample.parameters.iter().copied().collect(),
        "the parameters are {types:?}"
    );
    let table = file.section_by_name("__param").map_or(0, |s| s.size());
    ensure!(
        table == KERNEL_PARAM * types.len() as u64,
        "__param has {table} bytes for {} parameters",
        types.len()
    );
    for line in &module.report.object.modinfo {
        ensure!(
            strings.contains(&line.as_str()),
            "the report has `{line}`, and the file has not"
        );
    }
    let reported = |name: &&&str| {
        let line = format!("parmtype={name}");
        !module.report.object.modinfo.contains(&line)
    };
    let missing: Vec<&&str> = sample.parameters.iter().filter(reported).collect();
    ensure!(missing.is_empty(), "the report lacks {missing:?}");
    Ok(())
}
