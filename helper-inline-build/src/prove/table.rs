//! A report as a table for people.
//!
//! Not here: progress while the report is made.

use super::report::{HelperReport, HelperState, Report};
use std::fmt::Write as _;

/// The table of a report's used helpers, with a line for each call that stayed,
/// and the totals below.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let text = std::fs::read_to_string("report.json")?;
/// print!("{}", helper_inline_build::prove::render(&serde_json::from_str(&text)?));
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn render(report: &Report) -> String {
    let used: Vec<&HelperReport> = report
        .helpers
        .iter()
        .filter(|helper| helper.state != HelperState::Unused)
        .collect();
    let width = used
        .iter()
        .map(|h| h.label().len())
        .max()
        .unwrap_or(0)
        .max(6);
    let mut text = String::new();
    let mut line = |helper: &str, state: &str, sites: &str, inlined: &str| {
        let row = format!("{helper:width$}  {state:8}  {sites:>5}  {inlined:>7}");
        writeln!(text, "{}", row.trim_end()).expect("a String takes all");
    };
    line("helper", "state", "calls", "inlined");
    for helper in &used {
        let state = match helper.state {
            HelperState::Inlined => "inlined",
            HelperState::Outlined => "OUTLINED",
            HelperState::Exempt => "exempt",
            HelperState::Unused => "unused",
        };
        line(
            &helper.label(),
            state,
            &helper.call_sites.to_string(),
            &helper.inlined.to_string(),
        );
    }
    for helper in used.iter().filter(|helper| !helper.remaining.is_empty()) {
        writeln!(text, "\n{} {}:", helper.label(), helper.fate()).expect("a String takes all");
        for call in &helper.remaining {
            writeln!(text, "  {call}").expect("a String takes all");
        }
    }
    let summary = &report.summary;
    let kernel = report.kernel.as_ref();
    let kernel = kernel.map_or_else(String::new, |k| format!(" for Linux {}", k.release));
    writeln!(
        text,
        "\n{} ({}){kernel}: {} of {} helpers used, {} call sites, {} inlined, {} outlined; {} bytes of code",
        report.module,
        report.target,
        summary.used,
        summary.helpers,
        summary.call_sites,
        summary.inlined,
        summary.outlined,
        report.object.text_bytes
    )
    .expect("a String takes all");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::job::{Cause, HelperOutcome, RemainingCall};
    use crate::prove::{KernelReport, ObjectReport, SCHEMA, Summary, Toolchain};

    pub(super) fn report() -> Report {
        let helper = |name: &str, call_sites, remaining: Vec<RemainingCall>| {
            HelperReport::new(HelperOutcome {
                name: name.into(),
                call_sites,
                inlined: call_sites - remaining.len() as u64,
                remaining,
                exempt: false,
            })
        };
        let stayed = RemainingCall {
            caller: "sample::work".into(),
            location: Some("src/lib.rs:7:9".into()),
            cause: Cause::Noinline,
            attribute: Some("noinline".into()),
            callee: None,
        };
        let helpers = vec![
            helper("rust_helper_atomic_inc", 4, vec![]),
            helper("rust_helper_cold", 2, vec![stayed.clone()]),
            HelperReport::new(HelperOutcome {
                name: "rust_helper_callback".into(),
                call_sites: 1,
                inlined: 1,
                remaining: vec![RemainingCall {
                    cause: Cause::AddressTaken,
                    attribute: None,
                    callee: None,
                    ..stayed
                }],
                exempt: false,
            }),
            helper("rust_helper_unused", 0, vec![]),
        ];
        Report {
            schema: SCHEMA,
            module: "sample".into(),
            target: "x86_64-unknown-none".into(),
            kernel: Some(KernelReport {
                release: "6.1.0-56-amd64".into(),
                dir: "/k".into(),
                built_in: false,
            }),
            toolchain: Toolchain {
                rustc: "rustc 1.95.0".into(),
                rustc_llvm: "22.1.2".into(),
                clang: "22.1.8".into(),
                link_llvm: "22.1.2".into(),
            },
            summary: Summary::of(&helpers),
            helpers,
            object: ObjectReport {
                text_bytes: 1234,
                file_bytes: 5678,
                undefined: vec!["_printk".into()],
                helper_calls: [("rust_helper_cold".to_owned(), 1)].into(),
                imports: vec![],
                modinfo: vec![],
                functions: vec![],
            },
            harmonized: vec![],
            timings_ms: [("link".to_owned(), 12)].into(),
            thin: None,
            sites: None,
            comparison: None,
        }
    }

    #[test]
    fn a_call_that_stayed_is_named_with_place_and_cause() {
        expect_test::expect![[r#"
            helper                  state     calls  inlined
            rust_helper_atomic_inc  inlined       4        4
            rust_helper_cold        OUTLINED      2        1
            rust_helper_callback    inlined       1        1

            rust_helper_cold stayed out of line:
              in sample::work at src/lib.rs:7:9: noinline (noinline)

            rust_helper_callback is inlined and kept once, for its address:
              in sample::work at src/lib.rs:7:9: address-taken

            sample (x86_64-unknown-none) for Linux 6.1.0-56-amd64: 3 of 4 helpers used, 7 call sites, 6 inlined, 1 outlined; 1234 bytes of code
        "#]]
        .assert_eq(&render(&report()));
    }
}
