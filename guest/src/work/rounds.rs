//! All modules, loaded and unloaded in turn, as often as it takes to be sure.

use super::load_and_unload;
use crate::run::Machine;

pub fn run(machine: &Machine<'_>) -> Result<(), String> {
    load_and_unload(machine)
}
