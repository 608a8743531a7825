//! Code that the kernel patches, reached through inlined helpers: a static key, a
//! static call, alternatives. What it does must change, and so must the code itself,
//! as read from the kernel's memory: at each place that the module's tables name for
//! the key, and nowhere else.

use std::fs;

use super::device::Device;
use super::{abi, nonblocking};
use crate::checks::Checks;
use crate::live::{Live, Site};
use crate::module::Module;

/// Whether a static call is patched into the code. Elsewhere its pointer is read.
const CALLS_ARE_PATCHED: bool = cfg!(target_arch = "x86_64");
/// Bytes of the longest instruction that is patched.
const LONGEST: u64 = if cfg!(target_arch = "x86_64") { 5 } else { 4 };

/// Returns how many places of the code were seen to change, if the kernel shows them.
pub fn run(checks: &mut Checks, module: &Module) -> Result<Option<u32>, String> {
    let device = nonblocking()?;
    alternatives(checks, &device)?;
    key(checks, &device)?;
    call(checks, &device)?;
    let Some(live) = Live::of(module)? else {
        return Ok(None);
    };
    let sites = key_sites(checks, &device, &live)? + call_sites(checks, &device, &live)?;
    Ok(Some(sites))
}

fn patched(device: &Device) -> Result<abi::Patched, String> {
    let mut patched = abi::Patched::default();
    device
        .request_with(abi::GET_PATCHED, &mut patched)
        .map_err(|error| format!("GET_PATCHED: {error}"))?;
    Ok(patched)
}

fn set_call(device: &Device, mut second: u32) -> std::io::Result<usize> {
    device.request_with(abi::SET_CALL, &mut second)
}

/// The processor's features are told by the kernel, apart from the module.
fn alternatives(checks: &mut Checks, device: &Device) -> Result<(), String> {
    let (common, rare) = match cfg!(target_arch = "x86_64") {
        true => ("popcnt", "avx512f"),
        false => ("crc32", "atomics"),
    };
    let path = "/proc/cpuinfo";
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let line = text
        .lines()
        .find(|line| line.starts_with("flags") || line.starts_with("Features"))
        .ok_or_else(|| format!("{path} tells no features: {text}"))?;
    let has = |name: &str| line.split_whitespace().any(|word| word == name);
    // Else the one or the other would show nothing.
    checks.that(common, has(common), &line)?;
    checks.that("a feature that is not there", !has(rare), &rare)?;
    let is = patched(device)?;
    checks.equal(
        "the alternative for a feature that is there",
        &is.common,
        &1,
    )?;
    checks.equal("the alternative for one that is not", &is.rare, &0)
}

fn key(checks: &mut Checks, device: &Device) -> Result<(), String> {
    for on in [0, 1, 0, 1, 0] {
        checks.returns("flipping the key", device.trace(on), 0)?;
        let is = patched(device)?;
        checks.equal("the branch and the key", &(is.branch, is.key), &(on, on))?;
    }
    Ok(())
}

fn call(checks: &mut Checks, device: &Device) -> Result<(), String> {
    checks.equal("the call", &patched(device)?.call, &abi::CALLED_FIRST)?;
    let results = [abi::CALLED_FIRST, abi::CALLED_SECOND];
    for second in [1, 0, 1, 0] {
        checks.returns("moving the call", set_call(device, second), 0)?;
        let result = &results[second as usize];
        checks.equal("the call", &patched(device)?.call, result)?;
    }
    checks.fails("a third function", set_call(device, 2), libc::EINVAL)
}

/// The branch on the key is a no-op or a jump.
fn key_sites(checks: &mut Checks, device: &Device, live: &Live) -> Result<u32, String> {
    let off = live.code()?;
    checks.returns("tracing on", device.trace(1), 0)?;
    let on = live.code()?;
    checks.returns("tracing off", device.trace(0), 0)?;
    checks.that("the code is as before", live.code()? == off, &())?;
    let changed = on.changed_since(&off);
    let table = live.jump_table()?;
    let sites = of_one_key(&table, &changed)?;
    checks.ok("the code changed at each branch on the key, and nowhere else");
    Ok(sites)
}

fn call_sites(checks: &mut Checks, device: &Device, live: &Live) -> Result<u32, String> {
    let first = live.code()?;
    checks.returns("moving the call", set_call(device, 1), 0)?;
    let second = live.code()?;
    checks.returns("moving it back", set_call(device, 0), 0)?;
    checks.that("the code is as before", live.code()? == first, &())?;
    let changed = second.changed_since(&first);
    if !CALLS_ARE_PATCHED {
        checks.equal("changed code", &changed, &Vec::new())?;
        return Ok(0);
    }
    // Calls that were not inlined would go by way of the trampoline.
    let (trampoline, calls): (Vec<u64>, Vec<u64>) = changed
        .into_iter()
        .partition(|address| live.is_in(".static_call.text", *address));
    checks.that(
        "the trampoline changed",
        !trampoline.is_empty(),
        &trampoline,
    )?;
    let sites = of_one_key(&live.static_call_sites()?, &calls)?;
    checks.ok("the code changed at each call, and nowhere else");
    Ok(sites)
}

/// Checks that the changed bytes are those of all sites of one key, and returns how
/// many sites there are.
fn of_one_key(table: &[Site], changed: &[u64]) -> Result<u32, String> {
    let covers = |site: &Site, address: u64| {
        address
            .checked_sub(site.code)
            .is_some_and(|offset| offset < LONGEST)
    };
    let mut keys = Vec::new();
    for &address in changed {
        let site = table.iter().find(|site| covers(site, address));
        let site = site.ok_or_else(|| format!("code at {address:#x} changed, of no site"))?;
        keys.push(site.key);
    }
    keys.sort_unstable();
    keys.dedup();
    let [key] = keys[..] else {
        return Err(format!("sites of {} keys changed, not of one", keys.len()));
    };
    let sites: Vec<&Site> = table.iter().filter(|site| site.key == key).collect();
    for site in &sites {
        if !changed.iter().any(|&address| covers(site, address)) {
            return Err(format!("the site at {:#x} did not change", site.code));
        }
    }
    Ok(sites.len() as u32)
}

#[cfg(test)]
mod tests {
    use super::{Site, of_one_key};

    #[test]
    fn all_sites_of_the_key_must_change_and_no_others() {
        let site = |code, key| Site { code, key };
        let table = [site(0x100, 1), site(0x200, 1), site(0x300, 2)];
        assert_eq!(of_one_key(&table, &[0x100, 0x101, 0x203]), Ok(2));
        for (changed, why) in [
            (&[][..], "0 keys"),
            (&[0x100, 0x300], "2 keys"),
            (&[0x101], "0x200 did not change"),
            (&[0x100, 0x200, 0x250], "0x250 changed, of no site"),
        ] {
            let error = of_one_key(&table, changed).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
