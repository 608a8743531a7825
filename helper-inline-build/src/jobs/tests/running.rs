//! Order, tokens, failure, interruption, and what a job sees.

use super::*;
use crate::Error;

#[test]
fn results_are_in_the_order_of_the_jobs() {
    let dir = TempDir::new().unwrap();
    // The first ends only when the second has.
    let flag = dir.path().join("flag");
    let first = format!(
        "until [ -e {} ]; do sleep 0.01; done; echo one >a; echo 1",
        flag.display()
    );
    let second = format!("echo two >b; echo 2; : >{}", flag.display());
    let jobs = vec![job(&first, &[], &["a"]), job(&second, &[], &["b"])];
    let pool = pool(2);
    let done = run(&Batch::new(dir.path(), jobs), &Options::new(&pool)).unwrap();
    let printed: Vec<&str> = done.iter().map(|done| done.printed.trim()).collect();
    assert_eq!(printed, ["1", "2"]);
    assert_eq!(names(dir.path()), ["a", "b", "flag"]);
}

#[test]
fn progress_counts_what_had_to_be_run() {
    let dir = TempDir::new().unwrap();
    let cache = Cache::open(dir.path().join("cache")).unwrap();
    let heard = std::cell::RefCell::new(Vec::new());
    let hear = |done, of| heard.borrow_mut().push((done, of));
    let pool = pool(2);
    let home = dir.path().join("home");
    fs::create_dir(&home).unwrap();
    for outputs in [&["a"][..], &["a", "b", "c"]] {
        let jobs = outputs
            .iter()
            .map(|out| job(&format!("echo {out} >{out}"), &[], &[out]));
        let mut options = Options::new(&pool);
        options.cache = Some(&cache);
        options.progress = &hear;
        run(&Batch::new(&home, jobs.collect()), &options).unwrap();
    }
    assert_eq!(*heard.borrow(), [(1, 1), (1, 2), (2, 2)]);
}

#[test]
fn no_more_run_at_once_than_there_are_tokens() {
    let dir = TempDir::new().unwrap();
    let log = dir.path().join("log");
    fs::create_dir(&log).unwrap();
    let jobs: Vec<Job> = (0..12)
        .map(|i| {
            let script = format!(
                "cd {}; : >run-{i}; ls | grep -c run; sleep 0.05; rm run-{i}; cd - >&2; : >out-{i}",
                log.display()
            );
            job(&script, &[], &[&format!("out-{i}")])
        })
        .collect();
    let pool = pool(3);
    let done = run(&Batch::new(dir.path(), jobs), &Options::new(&pool)).unwrap();
    let most = done
        .iter()
        .map(|done| done.printed.lines().next().unwrap().parse::<usize>());
    let most = most.map(Result::unwrap).max().unwrap();
    assert!((1..=3).contains(&most), "{most} ran at once");
    // All were given back.
    assert_eq!(
        std::iter::from_fn(|| pool.try_acquire())
            .take(9)
            .collect::<Vec<_>>()
            .len(),
        3
    );
}

#[test]
fn only_what_is_declared_is_there() {
    let dir = TempDir::new().unwrap();
    write(dir.path(), "sub/home/in/a", "a");
    write(dir.path(), "sub/home/in/b", "b");
    write(dir.path(), "sub/c", "c");
    let list = job(
        "find . ../c -type f -o -type l | sort; cat in/a ../c > out/x",
        &["in/a", "../c"],
        &["out/x"],
    );
    let pool = pool(1);
    let home = dir.path().join("sub/home");
    let done = run(&Batch::new(&home, vec![list]), &Options::new(&pool)).unwrap();
    assert_eq!(done[0].printed, "../c\n./in/a\n");
    assert_eq!(fs::read_to_string(home.join("out/x")).unwrap(), "ac");
    assert_eq!(names(&home), ["in/a", "in/b", "out/x"]);
}

#[test]
fn a_job_with_absolute_paths_runs_where_it_is() {
    let dir = TempDir::new().unwrap();
    write(dir.path(), "in", "content");
    let (input, output) = (dir.path().join("in"), dir.path().join("out/made"));
    let script = format!("pwd; cat {} > {}", input.display(), output.display());
    let copy = Job {
        args: vec!["sh".into(), "-c".into(), script],
        inputs: vec![input],
        outputs: vec![output.clone()],
    };
    let pool = pool(1);
    let done = run(&Batch::new(dir.path(), vec![copy]), &Options::new(&pool)).unwrap();
    assert_eq!(
        Path::new(done[0].printed.trim()),
        dir.path().canonicalize().unwrap()
    );
    assert_eq!(fs::read_to_string(output).unwrap(), "content");
}

#[test]
fn a_failure_shows_the_command_and_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    let absolute = dir.path().join("abs");
    for output in ["made", absolute.to_str().unwrap()] {
        // Of before: it is not of this run.
        write(dir.path(), output, "old");
        let wrong = job(
            &format!("echo half >{output}; echo why >&2; exit 7"),
            &[],
            &[output],
        );
        let after = job("echo x >next", &[], &["next"]);
        let pool = pool(1);
        let batch = Batch::new(dir.path(), vec![wrong, after]);
        let error = run(&batch, &Options::new(&pool)).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "a job failed (exit status: 7):\nwhy\nto see it alone: cd {} && \
                 sh -c 'echo half >{output}; echo why >&2; exit 7'",
                dir.path().display()
            )
        );
        assert_eq!(error.exit_code(), 3);
        // Not the next one either, which was not begun.
        assert_eq!(names(dir.path()), [""; 0]);
    }
}

#[test]
fn what_runs_beside_a_failure_is_finished() {
    let dir = TempDir::new().unwrap();
    let failed = dir.path().join("failed");
    let slow = format!(
        "until [ -e {} ]; do sleep 0.01; done; echo whole >slow",
        failed.display()
    );
    let wrong = format!(": >{}; exit 1", failed.display());
    let jobs = vec![
        job(&slow, &[], &["slow"]),
        job(&wrong, &[], &["wrong"]),
        job(": >never", &[], &["never"]),
    ];
    let pool = pool(2);
    run(&Batch::new(dir.path(), jobs), &Options::new(&pool)).unwrap_err();
    assert_eq!(names(dir.path()), ["failed", "slow"]);
}

#[test]
fn an_output_that_is_not_made_is_an_error() {
    let dir = TempDir::new().unwrap();
    let half = job(": >a", &[], &["a", "b"]);
    let pool = pool(1);
    let error = run(&Batch::new(dir.path(), vec![half]), &Options::new(&pool)).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("it ended well without making `b`"), "{text}");
    assert_eq!(names(dir.path()), [""; 0]);
}

#[test]
fn interrupting_ends_jobs_and_what_they_started() {
    let dir = TempDir::new().unwrap();
    let begun = dir.path().join("begun");
    // One that does not want to, with a child of its own.
    let script = format!(
        "trap '' TERM; sleep 300 & echo $! >{}.new; mv {0}.new {0}; : >a; wait; sleep 300",
        begun.display()
    );
    let pool = pool(1);
    let mut options = Options::new(&pool);
    let asked = || begun.exists();
    options.interrupted = &asked;
    let jobs = vec![job(&script, &[], &["a"]), job(": >b", &[], &["b"])];
    let error = run(&Batch::new(dir.path(), jobs), &options).unwrap_err();
    assert!(matches!(error, Error::Interrupted), "{error}");
    let child = fs::read_to_string(&begun).unwrap();
    // It was signalled; a busy machine takes its time to let it die.
    let ends = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let stat = fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
        if stat.is_empty() || stat.contains(") Z ") {
            break;
        }
        assert!(std::time::Instant::now() < ends, "it runs on: {stat}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(names(dir.path()), ["begun"]);
}

#[test]
fn a_batch_that_makes_no_sense_is_refused() {
    let dir = TempDir::new().unwrap();
    let pool = pool(1);
    let refused = |jobs: Vec<Job>| {
        let error = run(&Batch::new(dir.path(), jobs), &Options::new(&pool)).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{error}");
        error.to_string()
    };
    let make = job(": >a", &[], &["a"]);
    let text = refused(vec![make.clone(), make.clone()]);
    assert_eq!(
        text,
        "`a` is declared an output twice, in the job `sh -c ': >a'`"
    );
    let text = refused(vec![make, job(": >b", &["a"], &["b"])]);
    assert_eq!(
        text,
        "`a` is an input and an output, in the job `sh -c ': >b'`"
    );
    refused(vec![job(":", &[], &[])]);
    refused(vec![job(":", &[], &[".."])]);
    let mut nothing = job(":", &[], &["a"]);
    nothing.args.clear();
    refused(vec![nothing]);
}
