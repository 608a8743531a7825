//! How much memory the kernel uses, for a comparison before and after many
//! rounds: objects in the slab caches, and what /proc/meminfo says.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// A measurement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// Live objects by slab cache.
    pub objects: BTreeMap<String, i64>,
    /// Kilobytes by name, of /proc/meminfo.
    pub kilobytes: BTreeMap<String, i64>,
}

/// What of /proc/meminfo tells a leak of pages: vmalloc, and the stacks in it; per-CPU,
/// slabs of any kind, and what could still be given out.
const WATCHED: [&str; 5] = [
    "MemAvailable",
    "SUnreclaim",
    "VmallocUsed",
    "KernelStack",
    "Percpu",
];

impl Usage {
    /// Measures when things have calmed down: the kernel frees many things some time
    /// after they were given up (RCU, work queues).
    pub fn settled() -> Result<Self, String> {
        let mut last = Self::now()?;
        for _ in 0..20 {
            std::thread::sleep(Duration::from_millis(150));
            let next = Self::now()?;
            if next.objects == last.objects && next.vmalloc() == last.vmalloc() {
                return Ok(next);
            }
            last = next;
        }
        Ok(last)
    }

    fn now() -> Result<Self, String> {
        // Caches are no leak. A kernel without the switch just shows more noise.
        let _ = fs::write("/proc/sys/vm/drop_caches", "3");
        let read =
            |path: &str| fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
        Ok(Self {
            objects: objects(&read("/proc/slabinfo")?),
            kilobytes: kilobytes(&read("/proc/meminfo")?),
        })
    }

    /// Kilobytes of vmalloc, but for stacks, which come and go with the kernel's own threads.
    fn vmalloc(&self) -> i64 {
        let of = |name: &str| self.kilobytes.get(name).copied().unwrap_or_default();
        of("VmallocUsed") - of("KernelStack")
    }

    /// Caches that grew, with by how much, most first.
    pub fn grown_since(&self, before: &Self) -> Vec<(String, i64)> {
        let mut grown: Vec<(String, i64)> = self
            .objects
            .iter()
            .map(|(name, now)| (name.clone(), now - before.objects.get(name).unwrap_or(&0)))
            .filter(|(_, by)| *by > 0)
            .collect();
        grown.sort_by_key(|(name, by)| (-by, name.clone()));
        grown
    }

    /// What `rounds` rounds leaked, if they leaked: one object or one page in at
    /// least every other round. Less is the noise of an idle machine, and so is
    /// anything below twenty rounds.
    pub fn leaked_since(&self, before: &Self, rounds: u32) -> Vec<String> {
        const FEWEST_ROUNDS: u32 = 20;
        if rounds < FEWEST_ROUNDS {
            return Vec::new();
        }
        let limit = i64::from(rounds / 2);
        let mut leaks: Vec<String> = self
            .grown_since(before)
            .into_iter()
            .filter(|(name, by)| *by >= limit.max(kept_by_cpus(name)))
            .map(|(name, by)| format!("{by} more objects in {name}"))
            .collect();
        let pages = (self.vmalloc() - before.vmalloc()) / 4;
        if besides_huge(pages) >= limit {
            leaks.push(format!("{pages} more pages of vmalloc"));
        }
        let available = |usage: &Self| usage.kilobytes.get("MemAvailable").copied().unwrap_or(0);
        let lost = (available(before) - available(self)) / 4;
        // Free memory moves by itself; a page in each round stands out only in many rounds.
        if lost >= i64::from(rounds).max(4096) {
            leaks.push(format!("{lost} pages less of available memory"));
        }
        leaks
    }

    /// The changes in one line, for a person.
    pub fn difference(&self, before: &Self) -> String {
        let meminfo = self.kilobytes.iter().map(|(name, now)| {
            let by = now - before.kilobytes.get(name).unwrap_or(&0);
            format!("{name} {by:+} kB")
        });
        let caches = self.grown_since(before);
        let caches = caches
            .iter()
            .take(4)
            .map(|(name, by)| format!("{name} {by:+}"));
        meminfo.chain(caches).collect::<Vec<_>>().join(", ")
    }
}

/// Objects that are kept of a cache for the next to ask, and that count as live: on
/// Linux 7 of all but kmalloc's, which are checked here and so not kept. They are
/// sheaves of 32 or so, ten in all and two for each of the processors.
fn kept_by_cpus(cache: &str) -> i64 {
    match cache.contains("kmalloc-") {
        true => 0,
        false => 512,
    }
}

/// How many pages are left of some when a few huge ones are taken off. Linux 7 takes such
/// for the code of modules, and keeps them; one more where memory is in pieces.
fn besides_huge(pages: i64) -> i64 {
    const HUGE: i64 = 512;
    const FEW: i64 = 4;
    let huge = (pages + HUGE / 2) / HUGE;
    pages - HUGE * huge.clamp(0, FEW)
}

/// Whether a cache is one of file systems' names. Linux 6.1 itself keeps one of these
/// for each disk that was there, of its own null_blk too.
fn is_of_names(cache: &str) -> bool {
    cache == "dentry" || cache.ends_with("inode_cache")
}

/// `kmalloc-64   1024   1088   64 …`: the first number is the live objects.
fn objects(slabinfo: &str) -> BTreeMap<String, i64> {
    slabinfo
        .lines()
        .filter_map(|line| {
            let mut fields = line.split_whitespace();
            Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
        })
        .filter(|(name, _)| !is_of_names(name))
        .collect()
}

fn kilobytes(meminfo: &str) -> BTreeMap<String, i64> {
    meminfo
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.split_once(':')?;
            if !WATCHED.contains(&name) {
                return None;
            }
            Some((
                name.to_owned(),
                rest.split_whitespace().next()?.parse().ok()?,
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(kmalloc_64: i64, vmalloc: i64, available: i64) -> Usage {
        let slabinfo = format!(
            "slabinfo - version: 2.1\nkmalloc-64 {kmalloc_64} 9999 64 64 1\nbio-136 7 9\ndentry 5 5\n"
        );
        let meminfo =
            format!("MemAvailable: {available} kB\nVmallocUsed: {vmalloc} kB\nMemFree: 1 kB\n");
        Usage {
            objects: objects(&slabinfo),
            kilobytes: kilobytes(&meminfo),
        }
    }

    #[test]
    fn an_object_a_round_is_a_leak_and_noise_is_not() {
        let before = usage(1000, 400, 400_000);
        assert_eq!(
            usage(1100, 400, 400_000).leaked_since(&before, 100),
            ["100 more objects in kmalloc-64"]
        );
        assert!(
            usage(1030, 440, 399_000)
                .leaked_since(&before, 100)
                .is_empty()
        );
        assert!(
            usage(900, 300, 500_000)
                .leaked_since(&before, 100)
                .is_empty()
        );
    }

    #[test]
    fn stacks_of_new_threads_are_no_leak() {
        let before = usage(1000, 400, 400_000);
        let mut after = usage(1000, 400 + 48, 400_000);
        assert_eq!(
            after.leaked_since(&before, 24),
            ["12 more pages of vmalloc"]
        );
        after.kilobytes.insert("KernelStack".into(), 48);
        assert_eq!(after.leaked_since(&before, 24), [""; 0]);
    }

    #[test]
    fn what_the_kernel_keeps_for_later_is_no_leak() {
        let before = usage(1000, 400, 400_000);
        let mut after = usage(1000, 400 + 2048, 400_000);
        after.objects.insert("bio-136".into(), 7 + 100);
        assert_eq!(after.leaked_since(&before, 24), [""; 0]);
        after.objects.insert("bio-136".into(), 7 + 512);
        assert_eq!(
            after.leaked_since(&before, 24),
            ["512 more objects in bio-136"]
        );
        let after = usage(1000, 400 + 2048 + 64, 400_000);
        assert_eq!(
            after.leaked_since(&before, 24),
            ["528 more pages of vmalloc"]
        );
        let after = usage(1000, 400 + 3 * 2048 + 24, 400_000);
        assert_eq!(after.leaked_since(&before, 24), [""; 0]);
        let after = usage(1000, 400 + 5 * 2048, 400_000);
        assert_eq!(
            after.leaked_since(&before, 24),
            ["2560 more pages of vmalloc"]
        );
    }

    #[test]
    fn a_page_a_round_is_a_leak() {
        let before = usage(1000, 400, 400_000);
        assert_eq!(
            before.objects,
            [("bio-136".into(), 7), ("kmalloc-64".into(), 1000)].into()
        );
        assert_eq!(
            usage(1000, 800, 400_000).leaked_since(&before, 100),
            ["100 more pages of vmalloc"]
        );
        assert_eq!(
            usage(1000, 400, 360_000).leaked_since(&before, 100),
            ["10000 pages less of available memory"]
        );
    }

    #[test]
    fn few_rounds_are_reported_and_not_judged() {
        let before = usage(1000, 400, 400_000);
        let after = usage(1019, 400, 400_000);
        assert!(after.leaked_since(&before, 19).is_empty());
        assert_eq!(
            after.difference(&before),
            "MemAvailable +0 kB, VmallocUsed +0 kB, kmalloc-64 +19"
        );
    }
}
