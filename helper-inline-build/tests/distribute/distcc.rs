//! Jobs on other machines by distcc, real daemons included, and what comes of it when
//! one dies.

use crate::machines::Network;
use crate::tools::{clang, command, on_path, ours, stderr, succeed, wait_until};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Units of the program. Each takes a compiler some tenths of a second.
const UNITS: usize = 24;
/// What a daemon's log says of a job that is done.
const FINISHED: &str = " COMPILE_OK ";

/// A program's units, compiled for ThinLTO, in a directory that everyone may read.
struct Program {
    dir: TempDir,
}

impl Program {
    fn new() -> Program {
        let dir = TempDir::new().unwrap();
        // distccd runs jobs as a user of its own.
        open_to_all(dir.path());
        let program = Program { dir };
        let mut clang = command(&clang().to_string_lossy());
        clang.current_dir(program.dir.path());
        clang.args(["-O2", "-flto=thin", "-c"]);
        for number in 0..UNITS {
            let name = format!("unit{number}.c");
            fs::write(program.path(&name), unit(number)).unwrap();
            clang.arg(name);
        }
        let main = format!(
            "unsigned first0(unsigned);\nint main(void) {{ return first0(3) == 0; }}\n{}",
            "// The end of the chain.\nunsigned first_last(unsigned x) { return x | 1; }\n"
        );
        fs::write(program.path("main.c"), main).unwrap();
        succeed(clang.arg("main.c"));
        program
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The command that links into `output`, objects kept in a directory of that name.
    fn link(&self, mut clang: Command, output: &str, engine: &[&str]) -> Command {
        clang.current_dir(self.dir.path());
        clang.args(["-O2", "-flto=thin", "-fuse-ld=lld", "main.o"]);
        clang.args((0..UNITS).map(|number| format!("unit{number}.o")));
        let cache = format!("cache-{output}");
        let words = [engine, &["--cache", &cache]].concat();
        clang.args(ours(&words)).args(["-o", output]);
        clang
    }

    fn linked_here(&self) {
        let clang = command(&clang().to_string_lossy());
        succeed(&mut self.link(clang, "here", &[]));
        succeed(&mut Command::new(self.path("here")));
    }

    /// The objects of a link, by what they are made of.
    fn objects(&self, output: &str) -> BTreeMap<String, Vec<u8>> {
        let mut objects = BTreeMap::new();
        for entry in fs::read_dir(self.path(&format!("cache-{output}"))).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_dir() {
                let name = entry.file_name().into_string().unwrap();
                objects.insert(name, fs::read(entry.path().join("0")).unwrap());
            }
        }
        assert_eq!(objects.len(), UNITS + 1);
        objects
    }

    fn check_same(&self, output: &str) {
        let (here, there) = (self.objects("here"), self.objects(output));
        assert!(
            here.keys().eq(there.keys()),
            "they are not of the same jobs"
        );
        for (name, object) in &here {
            assert!(object == &there[name], "{name} is another object");
        }
        succeed(&mut Command::new(self.path(output)));
        let program = |name: &str| fs::read(self.path(name)).unwrap();
        assert!(
            program("here") == program(output),
            "another program was made"
        );
    }
}

/// A unit that calls the next one, and has a good deal to optimize.
fn unit(number: usize) -> String {
    let next = match number + 1 {
        UNITS => "first_last".to_owned(),
        next => format!("first{next}"),
    };
    format!(
        r"unsigned {next}(unsigned);
#define STEP(n) __attribute__((noinline)) static unsigned step##n(unsigned x) \
    {{ for (unsigned i = 0; i < x % 97; i++) x = x * 31 + (x >> 7) ^ (i * n + {number}); return x; }}
#define TEN(n, W) W(n##0) W(n##1) W(n##2) W(n##3) W(n##4) W(n##5) W(n##6) W(n##7) W(n##8) W(n##9)
#define HUNDRED(n, W) TEN(n##0, W) TEN(n##1, W) TEN(n##2, W) TEN(n##3, W) TEN(n##4, W) \
    TEN(n##5, W) TEN(n##6, W) TEN(n##7, W) TEN(n##8, W) TEN(n##9, W)
HUNDRED(1, STEP)
#define CALL(n) x = step##n(x);
unsigned first{number}(unsigned x) {{ HUNDRED(1, CALL) return {next}(x); }}
"
    )
}

fn open_to_all(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
}

/// A distccd on a machine, with what it needs, in its own process group.
struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts one on a server, with files in `dir`.
    fn start(network: &Network, server: usize, dir: &Path) -> Daemon {
        fs::create_dir(dir).unwrap();
        open_to_all(dir);
        let log = dir.join("log");
        fs::write(&log, "").unwrap();
        fs::set_permissions(&log, fs::Permissions::from_mode(0o666)).unwrap();
        // The only compiler that it runs. Not where it was built, which others may not see.
        let job = dir.join("helper-inline-job");
        fs::copy(env!("CARGO_BIN_EXE_cargo-helper-inline"), &job).unwrap();
        fs::write(dir.join("commands"), format!("{}\n", job.display())).unwrap();
        let address = network.address(server);
        let client = address.replace(".2", ".1");
        let mut daemon = network.on_server(server, &on_path("distccd").to_string_lossy());
        daemon.args(["--daemon", "--no-detach", "--log-level=info", "--jobs=2"]);
        daemon.arg(format!("--log-file={}", log.display()));
        daemon.args(["--listen", address, "--allow", &client]);
        daemon
            .env("DISTCC_CMDLIST", dir.join("commands"))
            .env("TMPDIR", dir);
        daemon.env("HELPER_INLINE_JOB_COMPILER", clang());
        daemon
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = daemon.process_group(0).spawn().unwrap();
        let daemon = Daemon { child, log };
        wait_until(|| daemon.said().contains("daemon started"));
        daemon
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    fn finished(&self) -> usize {
        self.said().matches(FINISHED).count()
    }

    /// Kills it and all that it started, without a chance to say so.
    fn kill(&mut self) {
        let kill = format!("kill -KILL -{}", self.child.id());
        // It may have ended already.
        let _ = Command::new("sh").args(["-c", &kill]).output();
        let _ = self.child.wait();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A link that runs. It does not outlive the test.
struct Link(Child);

impl Drop for Link {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_link_survives_the_death_of_a_machine() {
    on_path("distcc");
    let program = Program::new();
    program.linked_here();

    let network = Network::new(2);
    let mut dying = Daemon::start(&network, 0, &program.path("dying"));
    let staying = Daemon::start(&network, 1, &program.path("staying"));
    let state = program.path("state");
    fs::create_dir(&state).unwrap();
    let mut clang = network.on_client(&clang().to_string_lossy());
    clang.env("DISTCC_DIR", &state);
    clang.env(
        "DISTCC_HOSTS",
        format!("{}/2 {}/2", network.address(0), network.address(1)),
    );
    // A machine that is gone says nothing, so this is how long its jobs are waited for.
    clang.env("DISTCC_IO_TIMEOUT", "15");
    let mut link = program.link(clang, "there", &["--engine", "distcc"]);
    let said = program.path("said");
    link.stdin(Stdio::null())
        .stderr(fs::File::create(&said).unwrap());
    let mut link = Link(link.spawn().unwrap());

    wait_until(|| {
        let ended = link.0.try_wait().unwrap();
        assert!(
            ended.is_none(),
            "it is over: {}",
            fs::read_to_string(&said).unwrap()
        );
        dying.finished() >= 2 && staying.finished() >= 2
    });
    network.unplug(0);
    dying.kill();
    wait_until(|| !network.kill(0));
    let (by_dead, before) = (dying.finished(), staying.finished());
    assert!(link.0.try_wait().unwrap().is_none(), "it was over too soon");

    wait_until(|| link.0.try_wait().unwrap().is_some());
    let said = fs::read_to_string(said).unwrap();
    assert!(link.0.wait().unwrap().success(), "{said}");
    assert_eq!(dying.finished(), by_dead);
    assert!(staying.finished() > before, "{}", staying.said());
    // What the dead one had is what it did not finish.
    assert!(by_dead + staying.finished() <= UNITS + 1);
    program.check_same("there");
}

#[test]
fn without_a_machine_that_answers_jobs_run_here() {
    on_path("distcc");
    let program = Program::new();
    program.linked_here();
    let mut clang = command(&clang().to_string_lossy());
    // Nobody listens there.
    clang
        .env("DISTCC_HOSTS", "127.0.0.1:1/4")
        .env("DISTCC_DIR", program.dir.path());
    let output = succeed(&mut program.link(clang, "alone", &["--engine", "distcc"]));
    let said = stderr(&output);
    assert!(said.contains("running locally instead"), "{said}");
    program.check_same("alone");
}
