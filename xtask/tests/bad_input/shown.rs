//! What `dist -v` shows of a module, by which one finds out what a step did.

use crate::support::{Fixture, run};
use std::fs;
use std::process::Command;

#[test]
fn its_commands_make_the_module_again() {
    let fixture = Fixture::new("shown");
    let made = run(fixture.dist().arg("--verbose"));
    made.expect(0, &[]);
    let packaged = fs::read(fixture.outputs().join("fixture.ko")).unwrap();
    let again = fixture
        .outputs()
        .join(".shown-fixture.ko/kbuild/fixture.ko");
    assert!(!again.exists(), "it was moved to where it belongs");
    let commands = made.stderr.lines().filter_map(|l| l.strip_prefix("+ "));
    let mut count = 0;
    for command in commands {
        let ran = Command::new("sh").args(["-c", command]).output().unwrap();
        assert!(ran.status.success(), "{command}: {ran:?}");
        count += 1;
    }
    // cargo, the link, Kbuild, and what drops debug information.
    assert!(count >= 4, "{}", made.stderr);
    assert!(fs::read(&again).unwrap() == packaged);
}
