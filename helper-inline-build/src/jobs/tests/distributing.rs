//! Other programs as distributors.

use super::*;
use crate::Error;

/// One as LLVM's own local.py is: it runs each job's command where it is.
const PEER: &str = r#"
import json, subprocess, sys
with open(sys.argv[-1]) as file:
    data = json.load(file)
with open("log", "a") as log:
    print(sys.argv[1:-1], data["common"]["linker_output"], len(data["jobs"]), file=log)
for job in data["jobs"]:
    subprocess.check_call(data["common"]["args"] + job["args"])
"#;

struct Peer {
    dir: TempDir,
    pool: Jobserver,
}

impl Peer {
    fn new(program: &str) -> Peer {
        let dir = TempDir::new().unwrap();
        write(dir.path(), "peer", program);
        fs::create_dir(dir.path().join("home")).unwrap();
        write(&dir.path().join("home"), "in", "content");
        Peer { dir, pool: pool(2) }
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn distribute(
        &self,
        program: &str,
        jobs: Vec<Job>,
        cache: Option<&Cache>,
    ) -> crate::Result<Vec<Done>> {
        let distributor = Distributor {
            program: program.into(),
            args: vec![
                self.dir.path().join("peer").display().to_string(),
                "x y".into(),
            ],
        };
        let mut options = Options::new(&self.pool);
        options.cache = cache;
        let mut batch = Batch::new(self.home(), jobs);
        batch.product = "module.o".into();
        distribute(&batch, &distributor, &options)
    }
}

fn copies() -> Vec<Job> {
    vec![
        job("cat in >a", &["in"], &["a"]),
        job("cat in in >out/b", &["in"], &["out/b"]),
    ]
}

#[test]
fn one_of_another_make_runs_what_the_cache_has_not() {
    let peer = Peer::new(PEER);
    let cache = Cache::open(peer.dir.path().join("cache")).unwrap();
    let from_cache = |jobs: Vec<Job>| {
        let done = peer.distribute("python3", jobs, Some(&cache)).unwrap();
        done.iter().map(|done| done.from_cache).collect::<Vec<_>>()
    };
    assert_eq!(from_cache(copies()), [false, false]);
    assert_eq!(names(&peer.home()), ["a", "in", "log", "out/b"]);
    fs::remove_file(peer.home().join("a")).unwrap();
    let more = job("cat in >c", &["in"], &["c"]);
    let jobs: Vec<Job> = copies().into_iter().chain([more]).collect();
    assert_eq!(from_cache(jobs), [true, true, false]);
    let content = |name: &str| fs::read_to_string(peer.home().join(name)).unwrap();
    assert_eq!(content("a"), "content");
    assert_eq!(content("out/b"), "contentcontent");
    assert_eq!(content("log"), "['x y'] module.o 2\n['x y'] module.o 1\n");
}

#[test]
fn its_failure_is_told_and_leaves_nothing() {
    let peer = Peer::new("echo half >a; echo why >&2; exit 5");
    let error = peer.distribute("sh", copies(), None).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("distributing jobs failed (exit status: 5):\nwhy\ncommand: sh "),
        "{text}"
    );
    assert!(text.contains("/peer 'x y' "), "{text}");
    assert_eq!(names(&peer.home()), ["in"]);
    let error = peer.distribute("/no/such", copies(), None).unwrap_err();
    assert!(
        error.to_string().contains("cannot start `/no/such`"),
        "{error}"
    );
}

#[test]
fn what_it_did_not_make_is_told() {
    let peer = Peer::new("echo whole >a");
    let error = peer.distribute("sh", copies(), None).unwrap_err();
    assert!(matches!(error, Error::Job { .. }));
    let text = error.to_string();
    assert!(
        text.contains("`sh` ended well without making `out/b`"),
        "{text}"
    );
    assert!(text.contains("sh -c 'cat in in >out/b'"), "{text}");
    assert_eq!(names(&peer.home()), ["in"]);
}

#[test]
fn it_is_ended_when_the_user_wants_to_stop() {
    let peer = Peer::new("echo half >a; : >begun; sleep 300");
    let distributor = Distributor {
        program: "sh".into(),
        args: vec![peer.dir.path().join("peer").display().to_string()],
    };
    let begun = || peer.home().join("begun").exists();
    let mut options = Options::new(&peer.pool);
    options.interrupted = &begun;
    let batch = Batch::new(peer.home(), copies());
    let error = distribute(&batch, &distributor, &options).unwrap_err();
    assert!(matches!(error, Error::Interrupted), "{error}");
    assert_eq!(names(&peer.home()), ["begun", "in"]);
}
