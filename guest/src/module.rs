//! Loading and unloading a kernel module, and what the kernel shows of it.

use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// A module file and the name that it has once it is loaded.
pub struct Module {
    pub file: String,
    pub name: String,
}

impl Module {
    /// The one of this name among the guest's files.
    pub fn named(name: &str) -> Self {
        Self {
            file: guest::module_file(name),
            name: name.to_owned(),
        }
    }

    /// Loads it and checks that the kernel lists it as live.
    pub fn load(&self) -> Result<(), String> {
        self.load_with("")
    }

    /// Loads it with parameters, as `insmod` has them, and checks the same.
    pub fn load_with(&self, parameters: &str) -> Result<(), String> {
        self.try_load(parameters)
            .map_err(|error| format!("loading {} {parameters}: {error}", self.name))?;
        match self.line()? {
            Some(line) if line.contains(" Live ") => Ok(()),
            Some(line) => Err(format!("{} is loaded and not live: {line}", self.name)),
            None => Err(format!(
                "the module calls itself something else than {}: /proc/modules has {}",
                self.name,
                modules()?.trim()
            )),
        }
    }

    /// Loads it, or not.
    pub fn try_load(&self, parameters: &str) -> io::Result<()> {
        let file = File::open(&self.file)?;
        let parameters = CString::new(parameters)?;
        // SAFETY: the descriptor is open and the parameters end in NUL.
        done(unsafe {
            libc::syscall(
                libc::SYS_finit_module,
                file.as_raw_fd(),
                parameters.as_ptr(),
                0,
            )
        })
    }

    /// Unloads it, or not.
    pub fn try_unload(&self) -> io::Result<()> {
        let name = CString::new(self.name.as_str())?;
        // SAFETY: the name ends in NUL and outlives the call.
        done(unsafe { libc::syscall(libc::SYS_delete_module, name.as_ptr(), libc::O_NONBLOCK) })
    }

    /// Whether the kernel lists it.
    pub fn is_listed(&self) -> Result<bool, String> {
        Ok(self.line()?.is_some() || self.directory().exists())
    }

    /// Checks that nobody uses it, unloads it, and checks that it is gone.
    pub fn unload(&self) -> Result<(), String> {
        let users = self.users()?;
        if users != 0 {
            return Err(format!(
                "{} still has {users} users before unloading",
                self.name
            ));
        }
        self.try_unload()
            .map_err(|error| format!("unloading {}: {error}", self.name))?;
        if let Some(line) = self.line()? {
            return Err(format!(
                "{} is still listed after unloading: {line}",
                self.name
            ));
        }
        if self.directory().exists() {
            return Err(format!(
                "{} is still there after unloading",
                self.directory().display()
            ));
        }
        Ok(())
    }

    /// How many references the module has. A module without an exit function has none to read.
    pub fn users(&self) -> Result<i64, String> {
        let path = self.directory().join("refcnt");
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        text.trim()
            .parse()
            .map_err(|error| format!("{}: {error}: {text}", path.display()))
    }

    /// What the kernel shows of it.
    pub fn directory(&self) -> PathBuf {
        Path::new("/sys/module").join(&self.name)
    }

    fn line(&self) -> Result<Option<String>, String> {
        let listed = modules()?;
        let mut lines = listed.lines();
        Ok(lines
            .find(|line| line.split(' ').next() == Some(&self.name))
            .map(str::to_owned))
    }
}

fn done(result: libc::c_long) -> io::Result<()> {
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn modules() -> Result<String, String> {
    fs::read_to_string("/proc/modules").map_err(|error| format!("/proc/modules: {error}"))
}
