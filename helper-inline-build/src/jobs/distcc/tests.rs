//! A job packed, served and unpacked, and what a server refuses.

use super::bundle::{Sent, pack, unpack, unpack_outputs};
use super::server::serve;
use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::ExitCode;

/// A directory with a job's inputs, a compiler, and the job as it is sent.
struct Fixture {
    dir: TempDir,
    job: Job,
}

impl Fixture {
    fn new() -> Fixture {
        let dir = TempDir::new().unwrap();
        fs::create_dir_all(dir.path().join("home/u")).unwrap();
        fs::write(dir.path().join("home/u/a.bc"), "a").unwrap();
        fs::write(dir.path().join("b.bc"), "b").unwrap();
        let fixture = Fixture {
            job: Job {
                args: ["cc", "-O2", "-c", "u/a.bc", "-o", "u/a.o"]
                    .map(String::from)
                    .to_vec(),
                inputs: vec!["u/a.bc".into(), "../b.bc".into()],
                outputs: vec!["u/a.o".into()],
            },
            dir,
        };
        fixture.compiler("cat u/a.bc ../b.bc >u/a.o; echo $* >>u/a.o; basename $PWD >>u/a.o");
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn compiler(&self, script: &str) {
        let script = format!("#!/bin/sh\n[ $1 = --version ] && exec echo cc 1\n{script}\n");
        // Not written in place: it may be in use.
        fs::write(self.path("new"), script).unwrap();
        fs::set_permissions(self.path("new"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(self.path("new"), self.path("cc")).unwrap();
    }

    fn pack(&self) {
        let home = self.path("home");
        let packed = pack(&self.job, "cc 1\n", &["home".into()], &home).unwrap();
        fs::write(self.path("job.i"), packed).unwrap();
    }

    /// Serves what was packed.
    fn serve(&self) -> Result<ExitCode> {
        let words: Vec<_> = [
            "-c".into(),
            self.path("job.i"),
            "-o".into(),
            self.path("job.o"),
        ]
        .map(Into::into)
        .to_vec();
        serve(&words, Some(self.path("cc").into()))
    }

    fn refused(&self) -> String {
        let error = self.serve().unwrap_err();
        assert!(!self.path("job.o").exists());
        error.to_string()
    }
}

#[test]
fn a_job_runs_where_it_is_sent_with_the_same_words() {
    let fixture = Fixture::new();
    fixture.pack();
    let first = fs::read(fixture.path("job.i")).unwrap();
    assert_eq!(fixture.serve().unwrap(), ExitCode::SUCCESS);
    let back = fixture.path("back");
    unpack_outputs(&fixture.job, &fixture.path("job.o"), &back).unwrap();
    let made = fs::read_to_string(back.join("u/a.o")).unwrap();
    assert_eq!(made, "ab-O2 -c u/a.bc -o u/a.o\nhome\n");
    // A bundle's bytes are those of the job alone.
    let old = fs::File::options()
        .write(true)
        .open(fixture.path("b.bc"))
        .unwrap();
    old.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    fixture.pack();
    assert!(fs::read(fixture.path("job.i")).unwrap() == first);
}

#[test]
fn a_job_that_fails_brings_nothing_back() {
    let fixture = Fixture::new();
    fixture.compiler("echo half >u/a.o; exit 7");
    fixture.pack();
    assert_eq!(fixture.serve().unwrap(), ExitCode::from(7));
    assert!(!fixture.path("job.o").exists());
    fixture.compiler("exit 0");
    assert!(fixture.refused().contains("u/a.o"));
}

#[test]
fn what_leads_out_of_its_directory_is_refused() {
    for (outer, input, named) in [
        ("home", "/etc/passwd", "/etc/passwd"),
        ("home", "../../x", "../../x"),
        ("home", "u/../../../x", "u/../../../x"),
        ("..", "u/a.bc", ".."),
        ("a/..", "u/a.bc", "a/.."),
        ("/etc", "u/a.bc", "/etc"),
        (".", "u/a.bc", "."),
        ("", "u/a.bc", ""),
    ] {
        let mut fixture = Fixture::new();
        fixture.job.inputs[1] = input.into();
        let place = fixture.path("home");
        // Packed as one who means harm would.
        fs::write(fixture.path("x"), "x").unwrap();
        let mut job = fixture.job.clone();
        job.inputs.truncate(1);
        let packed = pack(&job, "cc 1\n", &[outer.into()], &place).unwrap();
        let text = String::from_utf8(packed).unwrap();
        let description = text[512..].split('\0').next().unwrap();
        let harmful =
            description.replace(r#""u/a.bc"],"outputs"#, &format!(r#""{input}"],"outputs"#));
        let mut archive = tar::Builder::new(Vec::new());
        for (name, content) in [("job.json", &*harmful), ("0", "a")] {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            archive
                .append_data(&mut header, name, content.as_bytes())
                .unwrap();
        }
        fs::write(fixture.path("job.i"), archive.into_inner().unwrap()).unwrap();
        let text = fixture.refused();
        assert!(
            text.contains("the job that was sent is refused: `"),
            "{text}"
        );
        assert!(text.contains(&format!("`{named}`")), "{text}");
    }
}

#[test]
fn only_the_compiler_that_the_server_knows_is_run() {
    let mut fixture = Fixture::new();
    // The first word means nothing.
    fixture.job.args[0] = "/bin/false".into();
    fixture.pack();
    assert_eq!(fixture.serve().unwrap(), ExitCode::SUCCESS);
    fs::remove_file(fixture.path("job.o")).unwrap();
    // Nor does another version do.
    let packed = pack(
        &fixture.job,
        "cc 2\n",
        &["home".into()],
        &fixture.path("home"),
    )
    .unwrap();
    fs::write(fixture.path("job.i"), packed).unwrap();
    let text = fixture.refused();
    assert!(
        text.contains("it is for `cc 2`, and HELPER_INLINE_JOB_COMPILER is "),
        "{text}"
    );
    assert!(text.ends_with(", `cc 1`"), "{text}");
    // Without being told of one, a server runs clang.
    let words: Vec<_> = [
        "-c".into(),
        fixture.path("job.i"),
        "-o".into(),
        fixture.path("job.o"),
    ]
    .map(Into::into)
    .to_vec();
    let text = serve(&words, None).unwrap_err().to_string();
    assert!(text.contains("which is no clang"), "{text}");
}

#[test]
fn options_that_are_not_known_to_be_safe_are_refused() {
    let mut fixture = Fixture::new();
    fixture.job.args.push("-fplugin=u/a.bc".into());
    fixture.pack();
    let text = fixture.refused();
    assert!(
        text.ends_with("`-fplugin=u/a.bc` is not for another machine"),
        "{text}"
    );
}

#[test]
fn what_is_no_bundle_is_refused() {
    let fixture = Fixture::new();
    fixture.pack();
    let whole = fs::read(fixture.path("job.i")).unwrap();
    for end in [0, 100, 512, 700, 1536] {
        fs::write(fixture.path("job.i"), &whole[..end]).unwrap();
        assert!(fixture.refused().contains("job.i"));
    }
    let error = unpack(&fixture.path("none"), |_: &Sent| unreachable!()).unwrap_err();
    assert!(error.to_string().contains("cannot read"), "{error}");
    for words in [&[][..], &["-c", "a", "-o"], &["-c", "a", "-x", "b"]] {
        let words: Vec<_> = words.iter().map(Into::into).collect();
        let error = serve(&words, None).unwrap_err();
        assert!(
            error.to_string().contains("it is no command of its own"),
            "{error}"
        );
    }
}
