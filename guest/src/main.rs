//! Process 1 of a virtual machine: loads kernel modules, uses them, unloads them,
//! in one of several ways, and says on the kernel's console what it saw.
//! Judging the whole log is the host's part. When it is told to count instructions
//! it does that instead.

mod block;
mod checks;
mod count;
mod failing;
mod hog;
mod kcore;
mod kmemleak;
mod live;
mod log;
mod memory;
mod module;
mod process;
mod run;
mod sample;
mod system;
mod taint;
mod tracing;
mod work;

use std::path::Path;

fn main() {
    if std::process::id() != 1 {
        eprintln!("this program is the init of a virtual machine; `cargo xtask boot` runs it");
        std::process::exit(2);
    }
    if let Err(error) = system::mount_all() {
        // Without /dev there is no kernel log to write to.
        println!("{}", guest::Report::Fail(error));
    }
    match log::Console::open() {
        Ok(console) => {
            let work = match Path::new(guest::counts::ORDER).exists() {
                true => count::run,
                false => run::run,
            };
            if let Err(error) = work(&console) {
                console.say(&guest::Report::Fail(error));
            }
            console.say(&guest::Report::Done);
        }
        Err(error) => println!("{}", guest::Report::Fail(error)),
    }
    system::power_off();
}
