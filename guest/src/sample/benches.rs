//! The module's own loops over helpers. Under emulation their times mean
//! nothing; that no round is lost means that the helpers do what they should.

use super::abi::{self, Bench};
use super::device::Device;
use super::nonblocking;
use crate::checks::Checks;

const ROUNDS: u32 = 5000;

/// Goes through these.
pub fn run(checks: &mut Checks) -> Result<(), String> {
    let device = nonblocking()?;
    let live = device.stats()?.live_messages;
    for kind in 0..abi::BENCH_KINDS {
        for rounds in [0, 1, ROUNDS] {
            let bench =
                bench(&device, kind, rounds).map_err(|error| format!("bench {kind}: {error}"))?;
            let what = format!("bench {kind}, {rounds} rounds");
            checks.equal(&what, &bench.result, &rounds.into())?;
        }
    }
    let tracing = device
        .trace(1)
        .and_then(|_| bench(&device, abi::BENCH_STATIC_KEY, ROUNDS));
    checks.returns("tracing off after a bench", device.trace(0), 0)?;
    let tracing = tracing.map_err(|error| format!("bench while tracing: {error}"))?;
    checks.equal("bench of a key that is on", &tracing.result, &ROUNDS.into())?;
    checks.fails(
        "a bench of an unknown kind",
        bench(&device, abi::BENCH_KINDS, 1),
        libc::EINVAL,
    )?;
    checks.fails(
        "a bench that is too long",
        bench(&device, abi::BENCH_ATOMIC, abi::MAX_ITERATIONS + 1),
        libc::EINVAL,
    )?;
    checks.equal(
        "benches leave no message",
        &device.stats()?.live_messages,
        &live,
    )
}

fn bench(device: &Device, kind: u32, iterations: u32) -> std::io::Result<Bench> {
    let mut bench = Bench {
        kind,
        iterations,
        nanoseconds: 0,
        result: u64::MAX,
    };
    device.request_with(abi::BENCH, &mut bench)?;
    Ok(bench)
}
