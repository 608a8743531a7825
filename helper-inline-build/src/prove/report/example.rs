//! A report with something of everything, for tests of what reads reports.

use super::*;
use crate::prove::{
    CodeRange, ComparedCall, FunctionChange, InlinedCall, Parameter, Place, Recoverable, Refusal,
    SiteTotals,
};

/// An inlined call with a parameter in every place.
fn sites() -> SitesReport {
    let places = [
        Place::Register("rdi".into()),
        Place::Stack("rsp+24".into()),
        Place::Constant("42".into()),
        Place::Lost,
    ];
    let parameter = |place| Parameter {
        name: "p".into(),
        value_type: (place != Place::Lost).then(|| "x64".into()),
        place,
    };
    SitesReport {
        totals: SiteTotals {
            fully: 0,
            partly: 1,
            not: 0,
        },
        calls: vec![InlinedCall {
            helper: "rust_helper_f".into(),
            caller: "m::f".into(),
            location: Some("a.rs:1:2".into()),
            ranges: vec![CodeRange {
                symbol: "m_f".into(),
                offset: 4,
                section: ".text".into(),
                address: 20,
                bytes: 3,
                file_offset: Some(4116),
            }],
            refused: Some(Refusal::JumpLabel),
            recoverable: Recoverable::Partly,
            parameters: places.map(parameter).to_vec(),
        }],
    }
}

/// A function that is gone and one that has come; a call that left something.
fn comparison() -> ComparisonReport {
    let change = |symbol: &str, before, after| FunctionChange {
        symbol: symbol.into(),
        name: symbol.into(),
        before,
        after,
        helper_bytes: 0,
    };
    ComparisonReport {
        same_code: true,
        text_bytes_before: 3,
        text_bytes_after: 1,
        functions: vec![
            change("rust_helper_f", Some(2), None),
            change("m_f", None, Some(1)),
        ],
        calls: vec![ComparedCall {
            helper: "rust_helper_f".into(),
            caller: "m::f".into(),
            location: Some("a.rs:1:2".into()),
            called: 1,
            left: 0,
            inlined_into: vec!["m_f".into()],
            bytes: 3,
        }],
    }
}

/// A report with every state and every cause in it.
pub(crate) fn report() -> Report {
    let causes = [
        Cause::Noinline,
        Cause::ConflictingAttribute,
        Cause::TypeMismatch,
        Cause::AddressTaken,
        Cause::NotInlinable,
        Cause::Replaceable,
        Cause::Alias,
        Cause::AssemblySymbol,
        Cause::Exempt,
        Cause::InliningOff,
    ];
    let remaining = causes.map(|cause| RemainingCall {
        caller: "f".into(),
        location: (cause == Cause::Noinline).then(|| "a.rs:1:2".into()),
        cause,
        attribute: (cause != Cause::Noinline).then(|| "x".into()),
        callee: None,
    });
    let states = [
        HelperState::Inlined,
        HelperState::Outlined,
        HelperState::Exempt,
        HelperState::Unused,
    ];
    let helpers: Vec<HelperReport> = states
        .into_iter()
        .map(|state| HelperReport {
            name: format!("rust_helper_{state:?}"),
            package: None,
            state,
            call_sites: 6,
            inlined: 2,
            remaining: remaining.to_vec(),
        })
        .collect();
    Report {
        schema: SCHEMA,
        module: "m".into(),
        target: "x86_64-unknown-none".into(),
        kernel: None,
        toolchain: Toolchain {
            rustc: "rustc 1.95.0".into(),
            rustc_llvm: "22.1.2".into(),
            clang: "22.1.8".into(),
            link_llvm: "22.1.2".into(),
        },
        summary: Summary::of(&helpers),
        helpers,
        object: ObjectReport {
            text_bytes: 1,
            file_bytes: 2,
            undefined: vec!["memcpy".into()],
            helper_calls: [("rust_helper_f".to_owned(), 1)].into(),
            imports: vec![ImportReport {
                symbol: "cxl_f".into(),
                crc: "0x00000003".into(),
                module: "drivers/cxl/core".into(),
                gpl_only: true,
                namespace: Some("CXL".into()),
            }],
            modinfo: vec!["license=GPL".into(), "parmtype=size:uint".into()],
            functions: vec![FunctionReport {
                symbol: "m_f".into(),
                name: "m::f".into(),
                bytes: 1,
            }],
        },
        harmonized: vec![Harmonized {
            attribute: "sspstrong".into(),
            action: "adopted from C: set".into(),
            functions: 3,
        }],
        timings_ms: [("link".to_owned(), 1)].into(),
        thin: Some(ThinReport {
            back_ends: vec![BackEndReport {
                unit: "core".into(),
                imports: vec!["m-1".into()],
                ran: true,
                milliseconds: 20,
            }],
        }),
        sites: Some(sites()),
        comparison: Some(comparison()),
    }
}
