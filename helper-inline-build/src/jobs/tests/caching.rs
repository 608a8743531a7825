//! What is run again and what is not.

use super::*;

/// A batch with a cache, and how often it ran what.
struct Cached {
    dir: TempDir,
    cache: Cache,
    pool: Jobserver,
}

impl Cached {
    fn new() -> Cached {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("home")).unwrap();
        let cache = Cache::open(dir.path().join("cache")).unwrap();
        let pool = pool(2);
        Cached { dir, cache, pool }
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn hits(&self, jobs: Vec<Job>, passing: Option<&str>) -> Vec<bool> {
        let mut options = Options::new(&self.pool);
        options.cache = Some(&self.cache);
        let mut batch = Batch::new(self.home(), jobs);
        batch.passing = passing.map(String::from);
        let done = run(&batch, &options).unwrap();
        done.iter().map(|done| done.from_cache).collect()
    }

    /// The one entry.
    fn entry(&self) -> PathBuf {
        let entries = fs::read_dir(self.dir.path().join("cache")).unwrap();
        let dirs = entries
            .map(|e| e.unwrap().path())
            .filter(|path| path.is_dir());
        let dirs: Vec<PathBuf> = dirs.collect();
        assert_eq!(dirs.len(), 1, "{dirs:?}");
        dirs[0].clone()
    }
}

#[test]
fn what_has_not_changed_is_not_run() {
    let cached = Cached::new();
    let home = cached.home();
    write(&home, "a", "1");
    let jobs = || {
        vec![
            job("cat a >x; echo y >y", &["a"], &["x", "y"]),
            job("echo z >z", &[], &["z"]),
        ]
    };
    assert_eq!(cached.hits(jobs(), None), [false, false]);
    let made = files(&home);
    for name in ["x", "y", "z"] {
        fs::remove_file(home.join(name)).unwrap();
    }
    assert_eq!(cached.hits(jobs(), None), [true, true]);
    assert_eq!(files(&home), made);
    // What is made of is not what a later writer makes of it.
    write(&home, "x", "spoilt");
    assert_eq!(cached.hits(jobs(), None), [true, true]);
    assert_eq!(files(&home), made);
    write(&home, "a", "2");
    assert_eq!(cached.hits(jobs(), None), [false, true]);
    assert_eq!(fs::read_to_string(home.join("x")).unwrap(), "2");
    let mut other = jobs();
    other[1].args[2] += " ";
    assert_eq!(cached.hits(other, None), [true, false]);
}

#[test]
fn a_failed_job_is_not_kept() {
    let cached = Cached::new();
    let mut options = Options::new(&cached.pool);
    options.cache = Some(&cached.cache);
    let batch = Batch::new(cached.home(), vec![job(": >a; exit 1", &[], &["a"])]);
    for _ in 0..2 {
        run(&batch, &options).unwrap_err();
    }
    assert_eq!(names(&cached.dir.path().join("cache")), ["last-batch"]);
}

#[test]
fn another_compiler_is_another_job() {
    let cached = Cached::new();
    let tool = cached.dir.path().join("tool");
    let make = |version: &str| {
        let script =
            format!("#!/bin/sh\necho {version}\n[ $1 = --version ] || echo {version} >a\n");
        // Not written in place: it may be in use.
        let beside = cached.dir.path().join("new");
        write(cached.dir.path(), "new", &script);
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&beside, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(beside, &tool).unwrap();
        let mut job = job("", &[], &["a"]);
        job.args = vec![tool.display().to_string(), "x".into()];
        vec![job]
    };
    assert_eq!(cached.hits(make("1"), None), [false]);
    assert_eq!(cached.hits(make("2"), None), [false]);
    assert_eq!(fs::read_to_string(cached.home().join("a")).unwrap(), "2\n");
}

#[test]
fn a_damaged_entry_is_not_used() {
    let damages: [fn(&Path); 4] = [
        |entry| fs::write(entry.join("0"), "spoilt").unwrap(),
        |entry| fs::remove_file(entry.join("0")).unwrap(),
        |entry| fs::write(entry.join("digests.json"), "[").unwrap(),
        |entry| fs::write(entry.join("digests.json"), "[]").unwrap(),
    ];
    let cached = Cached::new();
    let jobs = || vec![job("echo x >x", &[], &["x"])];
    assert_eq!(cached.hits(jobs(), None), [false]);
    for damage in damages {
        damage(&cached.entry());
        assert_eq!(cached.hits(jobs(), None), [false]);
        assert_eq!(fs::read_to_string(cached.home().join("x")).unwrap(), "x\n");
        // The new one has taken its place.
        assert_eq!(cached.hits(jobs(), None), [true]);
    }
}

#[test]
fn what_eight_batches_do_not_use_is_swept() {
    let cached = Cached::new();
    let (used, unused) = (job(": >a", &[], &["a"]), job(": >b", &[], &["b"]));
    cached.hits(vec![used.clone(), unused.clone()], None);
    // What a store that was killed has left.
    write(cached.dir.path(), "cache/.partial-1-x/0", "half");
    // One that is at work.
    write(cached.dir.path(), "cache/.partial-9-x/0", "half");
    for _ in 0..8 {
        assert_eq!(cached.hits(vec![used.clone()], None), [true]);
    }
    assert_eq!(
        cached.hits(vec![used.clone(), unused.clone()], None),
        [true, true]
    );
    assert!(!cached.dir.path().join("cache/.partial-1-x").exists());
    assert!(cached.dir.path().join("cache/.partial-9-x").exists());
    for _ in 0..9 {
        cached.hits(vec![used.clone()], None);
    }
    assert_eq!(cached.hits(vec![used, unused], None), [true, false]);
}

#[test]
fn a_passing_part_of_names_does_not_matter() {
    let cached = Cached::new();
    let jobs = |id: &str| {
        write(&cached.home(), &format!("a.{id}.in"), "a");
        let (input, output) = (format!("a.{id}.in"), format!("a.{id}.o"));
        vec![job(
            &format!("cat {input} >{output}"),
            &[&input],
            &[&output],
        )]
    };
    assert_eq!(cached.hits(jobs("123"), Some(".123.")), [false]);
    assert_eq!(cached.hits(jobs("456"), Some(".456.")), [true]);
    assert_eq!(
        fs::read_to_string(cached.home().join("a.456.o")).unwrap(),
        "a"
    );
    assert_eq!(cached.hits(jobs("789"), None), [false]);
}
