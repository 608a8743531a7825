//! What the kernel's own detector finds that nothing points to any more. Only
//! kernels with CONFIG_DEBUG_KMEMLEAK have it.

use std::fs;
use std::path::Path;
use std::time::Duration;

const FILE: &str = "/sys/kernel/debug/kmemleak";

/// What it knew already is not asked of it again.
pub struct Leaks(());

/// From now on; nothing on a kernel without it.
pub fn from_now() -> Result<Option<Leaks>, String> {
    if !Path::new(FILE).exists() {
        return Ok(None);
    }
    tell("scan")?;
    tell("clear")?;
    Ok(Some(Leaks(())))
}

impl Leaks {
    /// What it has found since.
    pub fn found(self) -> Result<Option<String>, String> {
        // It only reports what has been there for five seconds, and some things are
        // found by the second look only.
        std::thread::sleep(Duration::from_secs(6));
        tell("scan")?;
        tell("scan")?;
        let text = fs::read_to_string(FILE).map_err(|error| format!("{FILE}: {error}"))?;
        Ok(summary(&text))
    }
}

fn tell(command: &str) -> Result<(), String> {
    fs::write(FILE, command).map_err(|error| format!("{FILE}, {command}: {error}"))
}

/// How many, and the first.
fn summary(text: &str) -> Option<String> {
    let count = text.matches("unreferenced object").count();
    if count == 0 {
        return None;
    }
    let second = text.match_indices("unreferenced object").nth(1);
    let first = &text[..second.map_or(text.len(), |(at, _)| at)];
    Some(format!("{count} leaks; the first is:\n{}", first.trim()))
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn leaks_are_counted_and_the_first_is_shown() {
        assert_eq!(summary(""), None);
        let object = |name: &str| {
            format!(
                "unreferenced object 0xffff888004d0c000 (size 64):\n  comm \"init\", pid 1\n  backtrace:\n    {name}+0x10/0x20 [sample_kmod]\n"
            )
        };
        let text = summary(&(object("first") + &object("second"))).unwrap();
        assert!(text.starts_with("2 leaks"), "{text}");
        assert!(text.contains("first+0x10") && !text.contains("second"));
    }
}
