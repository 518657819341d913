//! A whole server with a configuration that looks at every part of a message, on a simulated
//! network and clock. A panic in a message costs the server that message only, so it is the count
//! of panics that must stay zero.

use std::cell::{Cell, RefCell};

use testkit::{Agent, Server, Sim};

const ADDRESS: &str = "10.0.0.1:5060";
const CONFIG: &str = include_str!("server.cfg");

/// Messages after which a server is replaced: what they left behind is part of the test, but a
/// finding should not need thousands of them.
const LIFE: u32 = 500;

struct World {
    sim: Sim,
    server: Server,
    udp: Agent,
    tcp: Agent,
    taken: Cell<u32>,
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::new());
}

impl World {
    fn new() -> Self {
        let sim = Sim::new(1);
        let server = sim
            .server(ADDRESS, CONFIG, modules::LIBRARY)
            .unwrap_or_else(|errors| panic!("server.cfg:\n{errors}"));
        let udp = sim.agent("10.0.0.2:5060");
        let tcp = sim.agent_on("10.0.0.3:5060", engine::socket::Proto::Tcp);
        Self {
            sim,
            server,
            udp,
            tcp,
            taken: Cell::new(0),
        }
    }

    fn take(&self, agent: &Agent, data: &[u8]) {
        agent.send_bytes(ADDRESS, data);
        self.sim.run_for(5);
        self.taken.set(self.taken.get() + 1);
        if self.taken.get() == LIFE {
            // Every timer of a transaction goes off.
            self.sim.run_for(300_000);
        }
        self.udp.receive_all();
        self.tcp.receive_all();
        let log = self.server.log_lines();
        let panics = self.server.core.statistics.value("core", "message_panics");
        assert_eq!(panics, Some(0), "{log:#?}");
    }
}

fn with_world(run: impl FnOnce(&World)) {
    WORLD.with(|world| {
        let mut world = world.borrow_mut();
        if world.taken.get() >= LIFE {
            *world = World::new();
        }
        run(&world);
    });
}

/// A SIP message from the network, to every module that the configuration calls.
pub fn server(data: &[u8]) {
    with_world(|world| world.take(&world.udp, data));
}

/// A web request to the JSON-RPC server, or whatever else comes over TCP.
pub fn http(data: &[u8]) {
    with_world(|world| world.take(&world.tcp, data));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds::{HTTP, MESSAGES};

    #[test]
    fn the_seeds_reach_the_script() {
        let world = World::new();
        let answer = |agent: &Agent, data: &[u8]| {
            agent.send_bytes(ADDRESS, data);
            world.sim.run_for(20);
            agent.receive_all()
        };
        let call = answer(&world.udp, MESSAGES[4]);
        assert!(
            call.iter().any(|m| m.starts_with("INVITE ")),
            "{call:?} {:#?}",
            world.server.log_lines()
        );
        let registered = answer(&world.udp, MESSAGES[5]);
        let ok = registered.iter().any(|m| m.starts_with("SIP/2.0 200 "));
        assert!(ok, "{registered:?} {:#?}", world.server.log_lines());
        let authenticated = answer(&world.udp, MESSAGES[8]);
        let proved = |m: &&String| m.contains("Authentication-Info: ") && m.contains("rspauth=");
        assert!(
            authenticated.iter().find(proved).is_some(),
            "{authenticated:?} {:#?}",
            world.server.log_lines()
        );
        let rpc = answer(&world.tcp, HTTP[0]);
        let told = rpc.iter().any(|m| m.contains("\"result\""));
        assert!(told, "{rpc:?} {:#?}", world.server.log_lines());
    }
}
