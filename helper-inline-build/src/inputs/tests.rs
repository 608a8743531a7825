use super::*;
use std::fs;
use std::process::Command;

/// Long enough after what is written now for its time to be another.
fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(60)
}

/// Inputs as a later run reads them.
fn of(list: impl IntoIterator<Item = Input>) -> (tempfile::TempDir, Recorded) {
    let dir = tempfile::tempdir().unwrap();
    let mut inputs = Inputs::new(Some(Path::new("/k")));
    list.into_iter().for_each(|input| inputs.add(input));
    inputs.write(dir.path()).unwrap();
    let recorded = Recorded::read(dir.path()).unwrap();
    assert!(recorded.is_for(Some(Path::new("/k"))) && !recorded.is_for(None));
    (dir, recorded)
}

/// What of them has changed, with a memo that knows nothing.
fn changed(inputs: &(tempfile::TempDir, Recorded)) -> Option<PathBuf> {
    changed_by(inputs, &Memo::open(inputs.0.path().join("memo")))
}

fn changed_by(inputs: &(tempfile::TempDir, Recorded), memo: &Memo) -> Option<PathBuf> {
    inputs.1.changed(memo).unwrap()
}

#[test]
fn a_change_is_seen_whatever_the_times_say() {
    let dir = tempfile::tempdir().unwrap();
    let header = dir.path().join("a.h");
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_500_000_000);
    let set_old = |path: &Path| {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(old).unwrap();
    };
    type Change<'a> = (&'a str, &'a dyn Fn());
    let beside = dir.path().join("b.h");
    let changes: [Change<'_>; 4] = [
        ("in place, same size, old time", &|| {
            fs::write(&header, "int x;\n").unwrap();
            set_old(&header);
        }),
        ("replaced by rename, as dpkg does", &|| {
            fs::write(&beside, "int y;\n").unwrap();
            set_old(&beside);
            fs::rename(&beside, &header).unwrap();
        }),
        ("restored by cp -a", &|| {
            fs::write(&beside, "int z;\n").unwrap();
            set_old(&beside);
            let mut cp = Command::new("cp");
            cp.arg("-a").args([&beside, &header]);
            assert!(cp.status().unwrap().success());
        }),
        ("removed", &|| fs::remove_file(&header).unwrap()),
    ];
    for (what, change) in changes {
        fs::write(&header, "int v;\n").unwrap();
        set_old(&header);
        for started in [SystemTime::now(), later()] {
            let inputs = of([Input::file(&header, started)]);
            assert_eq!(changed(&inputs), None, "{what}");
        }
        let inputs = of([Input::file(&header, later())]);
        change();
        assert_eq!(changed(&inputs), Some(header.clone()), "{what}");
    }
}

#[test]
fn what_is_only_touched_is_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let header = dir.path().join("a.h");
    fs::write(&header, "int v;\n").unwrap();
    let inputs = of([Input::file(&header, later())]);
    fs::remove_file(&header).unwrap();
    fs::write(&header, "int v;\n").unwrap();
    assert_eq!(changed(&inputs), None);
}

#[test]
fn what_changed_while_it_was_read_is_never_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let header = dir.path().join("a.h");
    let started = SystemTime::now() - Duration::from_secs(5);
    fs::write(&header, "int v;\n").unwrap();
    let inputs = of([Input::file(&header, started)]);
    assert_eq!(changed(&inputs), Some(header.clone()));
}

#[test]
fn what_newly_appears_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    let [absent, sources] = ["asm", "helpers"].map(|name| dir.path().join(name));
    fs::create_dir(&sources).unwrap();
    fs::write(sources.join("a.c"), "").unwrap();
    let inputs = of([Input::file(&absent, later()), Input::sources(&sources)]);
    fs::write(sources.join("notes.txt"), "").unwrap();
    assert_eq!(changed(&inputs), None);
    fs::create_dir(&absent).unwrap();
    assert_eq!(changed(&inputs), Some(absent.clone()));
    fs::remove_dir(&absent).unwrap();
    fs::write(sources.join("b.c"), "").unwrap();
    assert_eq!(changed(&inputs), Some(sources.clone()));
}

#[test]
fn a_damaged_list_is_refused() {
    let (dir, _) = of([Input::file(Path::new("/etc/passwd"), later())]);
    let path = dir.path().join(FILE_NAME);
    let text = fs::read_to_string(&path).unwrap();
    for damaged in [&text[..text.len() - 1], &text[1..], "", "x\n"] {
        fs::write(&path, damaged).unwrap();
        let error = Recorded::read(dir.path()).err().unwrap().to_string();
        assert!(error.contains("use one version"), "{error}");
    }
}

#[test]
fn a_memo_knows_contents_and_is_whole_or_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let [tool, file] = ["clang", "memo"].map(|name| dir.path().join(name));
    // Of a file that has just changed nothing is kept.
    let install = |content: &str| {
        fs::write(&tool, content).unwrap();
        std::thread::sleep(Duration::from_millis(2100));
    };
    install("one");
    let inputs = of([Input::tool(&tool, SystemTime::now())]);
    let memo = Memo::open(file.clone());
    let digest = memo.digest(&tool);
    memo.write().unwrap();
    // Installed again: another file of the same content.
    fs::remove_file(&tool).unwrap();
    install("one");
    let memo = Memo::open(file.clone());
    assert_eq!(changed_by(&inputs, &memo), None);
    assert_eq!(memo.digest(&tool), digest);
    // Of one that lost its memory all that is known is that it is another file.
    let kept = fs::read(&file).unwrap();
    for damaged in [&kept[..kept.len() - 1], &kept[1..], b""] {
        fs::write(&file, damaged).unwrap();
        let memo = Memo::open(file.clone());
        assert_eq!(changed_by(&inputs, &memo), Some(tool.clone()));
    }
    fs::write(&tool, "two").unwrap();
    assert_eq!(changed_by(&inputs, &memo), Some(tool.clone()));
    assert_ne!(memo.digest(&tool), digest);
}

#[test]
fn another_compiler_that_clang_finds_is_a_change() {
    let clang = crate::Clang::find(crate::Rustc::from_env().unwrap().llvm).unwrap();
    let machine = tempfile::tempdir().unwrap();
    let toolchain = format!("--gcc-toolchain={}", machine.path().display());
    let target = "--target=aarch64-unknown-linux-gnu";
    let of_flags = |more: &[&str], is_kernel| {
        let flags = [&[target, &toolchain], more].concat();
        let flags: Vec<String> = flags.into_iter().map(str::to_owned).collect();
        of([Input::arguments(&clang.path, &flags, is_kernel)])
    };
    let free = of_flags(&["-nostdinc"], false);
    let fixed = of_flags(&["-nostdinc", "-mno-outline-atomics"], true);
    assert_eq!((changed(&free), changed(&fixed)), (None, None));
    let gcc = machine.path().join("lib/gcc/aarch64-linux-gnu/12");
    fs::create_dir_all(&gcc).unwrap();
    for file in ["crtbegin.o", "libgcc.a"] {
        fs::write(gcc.join(file), "").unwrap();
    }
    crate::clang::effective::forget();
    assert_eq!(
        changed(&free),
        Some(clang.path),
        "the control: clang chooses by it"
    );
    assert_eq!(changed(&fixed), None);
}
