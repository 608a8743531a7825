//! Parameters: given to the loader, read and changed through sysfs, refused.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::buffer::Buffer;
use super::disk::{Disk, directory};
use super::{MIB, PATH};
use crate::checks::Checks;
use crate::module::Module;

fn file(module: &Module, name: &str) -> PathBuf {
    module.directory().join("parameters").join(name)
}

fn value(module: &Module, name: &str) -> io::Result<String> {
    fs::read_to_string(file(module, name)).map(|text| text.trim().to_owned())
}

/// Through sysfs, of a module that was loaded without parameters.
pub fn changed_while_loaded(checks: &mut Checks, module: &Module) -> Result<(), String> {
    let defaults = [
        ("name", "helper_block"),
        ("size_mib", "64"),
        ("block_size", "512"),
        ("queues", "0"),
        ("depth", "64"),
        ("refuse_writes", "N"),
    ];
    for (name, default) in defaults {
        checks.returns(name, value(module, name), default.to_owned())?;
    }
    let listed = fs::read_dir(module.directory().join("parameters"))
        .map_err(|error| format!("listing the parameters: {error}"))?
        .count();
    checks.equal("parameters with a file", &listed, &defaults.len())?;
    checks.returns(
        "the version",
        fs::read_to_string(module.directory().join("version")).map(|v| v.trim().to_owned()),
        "0.1.0".to_owned(),
    )?;
    checks.fails(
        "changing what must not be changed",
        fs::write(file(module, "size_mib"), "1"),
        libc::EACCES,
    )?;

    let direct = Disk::open(PATH, libc::O_RDWR | libc::O_DIRECT)?;
    let (old, new) = (
        Buffer::pattern(MIB, 4096, 1)?,
        Buffer::pattern(MIB, 4096, 2)?,
    );
    direct.write(MIB, &old)?;
    let refuse = file(module, "refuse_writes");
    checks.returns("refusing writes", fs::write(&refuse, "1"), ())?;
    let shown = value(module, "refuse_writes");
    checks.returns("the value is", shown, "Y".to_owned())?;
    checks.fails(
        "a write that is refused",
        direct.try_write(MIB, &new),
        libc::EIO,
    )?;
    let read = direct.read(MIB, 4096)?;
    checks.equal("nothing of it was written", &read.differs(MIB, 1), &None)?;
    checks.fails("no boolean", fs::write(&refuse, "maybe"), libc::EINVAL)?;
    checks.returns("taking writes again", fs::write(&refuse, "0"), ())?;
    checks.returns(
        "a write that is taken",
        direct.try_write(MIB, &new),
        new.len(),
    )?;
    let read = direct.read(MIB, 4096)?;
    checks.equal("it was written", &read.differs(MIB, 2), &None)
}

/// To the loader, of a module that is not loaded before nor after.
pub fn given(checks: &mut Checks, module: &Module) -> Result<(), String> {
    for (what, wrong) in [
        ("no size", "size_mib=0"),
        ("too large a size", "size_mib=1048577"),
        ("a size that is no number", "size_mib=much"),
        ("a size that is too large a number", "size_mib=4294967296"),
        ("a block that is no power of two", "block_size=1000"),
        ("a block that is too small", "block_size=256"),
        ("a block that is too large", "block_size=8192"),
        ("no depth", "depth=0"),
        ("too much depth", "depth=1025"),
        ("an empty name", "name="),
        (
            "too long a name",
            "name=a_name_of_more_than_the_31_bytes_that_a_disk_may_have",
        ),
        ("no boolean", "refuse_writes=perhaps"),
    ] {
        let errno = match wrong {
            "size_mib=4294967296" => libc::ERANGE,
            _ => libc::EINVAL,
        };
        checks.fails(what, module.try_load(wrong), errno)?;
        checks.equal("it is listed", &module.is_listed()?, &false)?;
    }

    module
        .load_with("name=other_disk size_mib=3 block_size=4096 queues=1 depth=8 refuse_writes=1")?;
    other(checks, module)?;
    module.unload()?;
    checks.equal(
        "the other disk is there",
        &Path::new("/dev/other_disk").exists(),
        &false,
    )
}

fn other(checks: &mut Checks, module: &Module) -> Result<(), String> {
    let path = "/dev/other_disk";
    checks.equal(
        "the default disk is there",
        &Path::new(PATH).exists(),
        &false,
    )?;
    checks.returns("its name", value(module, "name"), "other_disk".to_owned())?;
    let disk = Disk::open(path, libc::O_RDWR | libc::O_DIRECT)?;
    checks.returns("its size", disk.size(), 3 * MIB)?;
    checks.returns("its blocks", disk.block_size(), 4096)?;
    let number = |name: &str| -> io::Result<String> {
        fs::read_to_string(directory(path).join(name)).map(|text| text.trim().to_owned())
    };
    checks.returns("it rotates", number("queue/rotational"), "0".to_owned())?;
    let queues = fs::read_dir(directory(path).join("mq"))
        .map_err(|error| format!("listing the queues: {error}"))?
        .count();
    checks.equal("its hardware queues", &queues, &1)?;
    checks.returns("its depth", number("mq/0/nr_tags"), "8".to_owned())?;
    checks.fails(
        "half a block",
        disk.try_read(0, &mut Buffer::zeroed(2048)?),
        libc::EINVAL,
    )?;
    let new = Buffer::pattern(0, 4096, 1)?;
    checks.fails("a write from the start", disk.try_write(0, &new), libc::EIO)?;
    checks.returns(
        "taking writes",
        fs::write(file(module, "refuse_writes"), "N"),
        (),
    )?;
    checks.returns("a write after that", disk.try_write(0, &new), 4096)?;
    let read = disk.read(0, 8192)?;
    checks.equal("what is read", &read[..4096].to_vec(), &new.to_vec())?;
    checks.that(
        "what is behind it is zeros",
        read[4096..].iter().all(|byte| *byte == 0),
        &(),
    )
}
