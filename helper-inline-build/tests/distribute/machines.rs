//! Machines that are network namespaces: each has its own address, and a cable to the
//! client's that can be pulled.
//!
//! Not here: what runs on them.

use crate::tools::{on_path, succeed};
use std::process::Command;

/// The client and its cables. All of it is gone when this is dropped.
pub struct Network {
    client: String,
    servers: Vec<Server>,
}

struct Server {
    name: String,
    address: String,
}

fn ip(words: &str) -> Command {
    let mut ip = Command::new(on_path("ip"));
    ip.args(words.split_whitespace());
    ip
}

impl Network {
    /// A client with that many servers. It needs root.
    pub fn new(servers: u8) -> Network {
        let id = std::process::id();
        let root = succeed(Command::new("id").arg("-u"));
        assert_eq!(
            root.stdout, b"0\n",
            "network namespaces need root: run this test as root"
        );
        let mut network = Network {
            client: format!("hi{id}c"),
            servers: Vec::new(),
        };
        let client = network.client.clone();
        succeed(&mut ip(&format!("netns add {client}")));
        succeed(&mut ip(&format!("-n {client} link set lo up")));
        for number in 0..servers {
            // 15 characters are the most that a device's name may have.
            let name = format!("hi{id}s{number}");
            let cable = format!("hi{id}v{number}");
            // 198.18.0.0/15 is for tests of networks.
            let subnet = format!("198.18.{number}");
            network.servers.push(Server {
                name: name.clone(),
                address: format!("{subnet}.2"),
            });
            succeed(&mut ip(&format!("netns add {name}")));
            succeed(&mut ip(&format!(
                "-n {client} link add {cable} type veth peer name eth0 netns {name}"
            )));
            for (machine, device, address) in [(&client, &*cable, 1), (&name, "eth0", 2)] {
                let address = format!("{subnet}.{address}/24");
                succeed(&mut ip(&format!(
                    "-n {machine} addr add {address} dev {device}"
                )));
                succeed(&mut ip(&format!("-n {machine} link set {device} up")));
            }
            succeed(&mut ip(&format!("-n {name} link set lo up")));
        }
        network
    }

    /// A server's address.
    pub fn address(&self, server: usize) -> &str {
        &self.servers[server].address
    }

    /// Has a command run on the client.
    pub fn on_client(&self, program: &str) -> Command {
        on(&self.client, program)
    }

    /// Has a command run on a server.
    pub fn on_server(&self, server: usize, program: &str) -> Command {
        on(&self.servers[server].name, program)
    }

    /// Pulls a server's cable out, at its own end.
    pub fn unplug(&self, server: usize) {
        let name = &self.servers[server].name;
        succeed(&mut ip(&format!("-n {name} link set eth0 down")));
    }

    /// Kills all that runs on a server, and says whether anything did.
    pub fn kill(&self, server: usize) -> bool {
        kill_all(&self.servers[server].name)
    }
}

fn on(machine: &str, program: &str) -> Command {
    let mut command = crate::tools::command(&on_path("ip").to_string_lossy());
    command.args(["netns", "exec", machine, program]);
    command
}

/// Kills all that runs on a machine, and says whether anything did.
fn kill_all(machine: &str) -> bool {
    let output = ip(&format!("netns pids {machine}")).output().unwrap();
    let processes = String::from_utf8(output.stdout).unwrap();
    for process in processes.split_whitespace() {
        // The shell's own kill: not every system has a program of that name. It may have
        // ended already.
        let kill = format!("kill -KILL {process}");
        let _ = Command::new("sh").args(["-c", &kill]).output();
    }
    !processes.trim().is_empty()
}

impl Drop for Network {
    fn drop(&mut self) {
        let servers = self.servers.iter().map(|server| &server.name);
        for machine in servers.chain([&self.client]) {
            kill_all(machine);
            // Its cables go with it.
            let _ = ip(&format!("netns del {machine}")).output();
        }
    }
}
