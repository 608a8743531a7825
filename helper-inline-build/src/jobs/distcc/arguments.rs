//! Which command lines of a compiler another machine runs.
//!
//! A server runs what a client sends. So only options are taken that are known to read
//! and write what is declared and nothing else, run no other program, load no code, and
//! mean the same on every machine. Assembler in the bitcode can still include what the
//! server's user may read. Not here: which compiler it is (`server`).

use super::super::Job;
use std::path::Path;

/// Beginnings of options that are taken, with a plain word or a declared file as value.
const TAKEN: [&str; 5] = ["-O", "-g", "-m", "-f", "-W"];
/// Beginnings of options among those that are not.
const REFUSED: [&str; 9] = [
    // They run programs or write where they like.
    "-fmodule",
    "-fbuild-session",
    "-fcrash-diagnostics",
    "-fno-integrated",
    "-fthinlto-distributor",
    "-fuse-ld",
    // It is told as two words.
    "-mllvm",
    // Of more programs.
    "-Wa",
    "-Wp",
];
/// Ends of the names of inputs that are LLVM IR, also without `-x ir`.
const IR: [&str; 3] = ["bc", "ll", "o"];
/// Words in an option of LLVM's own that reads, writes or loads files.
const OF_FILES: [&str; 6] = ["file", "path", "dir", "load", "plugin", "output"];

/// Says which word is not for another machine, and why.
pub(super) fn check(job: &Job) -> Result<(), String> {
    let mut words = job.args.iter().skip(1);
    let mut is_ir = false;
    while let Some(word) = words.next() {
        let mut value = || words.next().map_or("", String::as_str);
        let fine = match word.as_str() {
            "-c" | "-w" | "-pipe" | "-pthread" | "--no-default-config" => true,
            "-x" => {
                is_ir = value() == "ir";
                is_ir
            }
            "-o" => is_output(job, value()),
            "-target" => is_plain(value()),
            "-mllvm" => is_llvms(value()),
            other if is_input(job, other) => is_ir || ends_as_ir(other),
            other => is_option(job, other),
        };
        if !fine {
            return Err(format!("`{word}` is not for another machine"));
        }
    }
    Ok(())
}

fn is_input(job: &Job, word: &str) -> bool {
    !word.starts_with(['-', '@']) && job.inputs.iter().any(|input| input == Path::new(word))
}

fn ends_as_ir(word: &str) -> bool {
    let end = Path::new(word).extension().unwrap_or_default();
    IR.iter().any(|known| end == *known)
}

fn is_output(job: &Job, word: &str) -> bool {
    !word.starts_with(['-', '@']) && job.outputs.iter().any(|output| output == Path::new(word))
}

/// No path, and nothing of a shell's or a response file's.
fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && word != ".."
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-+=:".contains(c))
}

fn is_option(job: &Job, word: &str) -> bool {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    };
    let taken = name == "--target" || TAKEN.iter().any(|begin| name.starts_with(begin));
    let refused = name.contains("plugin") || REFUSED.iter().any(|begin| name.starts_with(begin));
    if !taken || refused || !is_plain(name) {
        return false;
    }
    match value {
        None => true,
        // It is another one on each machine.
        Some("native") => false,
        Some(value) => is_plain(value) || is_input(job, value) || is_output(job, value),
    }
}

/// An option of LLVM's own.
fn is_llvms(word: &str) -> bool {
    word.starts_with('-') && is_plain(word) && !OF_FILES.iter().any(|part| word.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(args: &str) -> Result<(), String> {
        check(&Job {
            args: format!("clang {args}")
                .split(' ')
                .map(String::from)
                .collect(),
            inputs: ["u/a.bc", "u/a.bc.thinlto.bc", "../my.prof", "u/a.s"]
                .map(Into::into)
                .to_vec(),
            outputs: vec!["u/a.o".into()],
        })
    }

    #[test]
    fn what_lld_and_we_ask_for_is_taken() {
        for args in [
            "--target=x86_64-unknown-none -O2 -c -x ir u/a.bc -fthinlto-index=u/a.bc.thinlto.bc -o u/a.o",
            "-c --target=x86_64-pc-linux-gnu -O2 -faddrsig -ffunction-sections -fdata-sections -fpic -Wno-unused-command-line-argument u/a.bc -fthinlto-index=u/a.bc.thinlto.bc -o u/a.o",
            "-target x86_64-linux-gnu -mcmodel=kernel -mno-red-zone -march=x86-64-v3 -gdwarf-4 -c u/a.bc -o u/a.o",
            "-x ir u/a.s -fuse-init-array",
            "-fprofile-sample-use=../my.prof -mllvm -inline-threshold=300 -Os u/a.bc",
        ] {
            assert_eq!(checked(args), Ok(()));
        }
    }

    #[test]
    fn what_reads_writes_or_runs_other_things_is_not() {
        for (args, named) in [
            ("-fplugin=u/a.bc", "-fplugin=u/a.bc"),
            ("-fpass-plugin=u/a.bc", "-fpass-plugin=u/a.bc"),
            ("-Xclang -load", "-Xclang"),
            ("-load u/a.bc", "-load"),
            ("-cc1 u/a.bc", "-cc1"),
            ("@u/a.bc", "@u/a.bc"),
            ("-Bu", "-Bu"),
            ("--config=u/a.bc", "--config=u/a.bc"),
            ("-Wa,--x", "-Wa,--x"),
            ("-Wl,x", "-Wl,x"),
            ("-x c u/a.bc", "-x"),
            ("-x", "-x"),
            ("u/a.s", "u/a.s"),
            ("-o /etc/passwd", "-o"),
            ("-o u/other", "-o"),
            ("-o", "-o"),
            ("-O2 /etc/passwd", "/etc/passwd"),
            ("u/undeclared.bc", "u/undeclared.bc"),
            ("-fthinlto-index=/etc/passwd", "-fthinlto-index=/etc/passwd"),
            ("-ftime-trace=../x", "-ftime-trace=../x"),
            (
                "-foptimization-record-file=..",
                "-foptimization-record-file=..",
            ),
            ("-fno-integrated-as", "-fno-integrated-as"),
            ("-fcrash-diagnostics-dir=x", "-fcrash-diagnostics-dir=x"),
            ("-march=native", "-march=native"),
            ("-mllvm -load=u/a.bc", "-mllvm"),
            ("-mllvm -info-output-file=x", "-mllvm"),
            ("-mllvm=-load", "-mllvm=-load"),
            ("-include u/a.bc", "-include"),
            ("-I.", "-I."),
            ("-MF", "-MF"),
            ("-S", "-S"),
            ("-save-temps", "-save-temps"),
            ("-wrapper sh", "-wrapper"),
            ("-ccc-gcc-name x", "-ccc-gcc-name"),
        ] {
            let error = checked(args).unwrap_err();
            assert_eq!(error, format!("`{named}` is not for another machine"));
        }
    }
}
