//! Two servers on three networks: a client on a public network, an edge server whose address there
//! is a router's (it binds a private address and advertises the public one), and an inner server on
//! a private network, with a phone behind it. Both servers stay on the route; every request of the
//! dialog finds its way in both directions.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use acceptance::client::Running;
use acceptance::client::dialog::Dialog;
use acceptance::client::forward::ForwardedPort;
use acceptance::client::namespace::{Namespace, bind_in_network, in_network};
use acceptance::client::phone::Phone;
use acceptance::message::{Message, address};
use tempfile::TempDir;

use crate::subject::{RUN, Subject, ensure};
use crate::{Case, Need};

/// Where clients find the edge; the router's address.
const PUBLIC: &str = "203.0.113.1:5060";
const ROUTER_INSIDE: &str = "10.1.1.1";
/// What the edge binds behind the router, and on the private network.
const EDGE_BEHIND: &str = "10.1.1.2:5060";
const EDGE_PRIVATE: &str = "10.2.2.1";
const INNER: &str = "10.2.2.2:5060";
const CLIENT: &str = "203.0.113.10:5070";
const PHONE: &str = "10.2.2.20:5070";

pub(crate) const CASES: &[Case] = &[Case::new(
    "multihomed::edge_and_inner_server",
    &[
        Need::Tool("ip"),
        Need::Tool("nsenter"),
        Need::Inside(Namespace::ThreeNetworks),
    ],
    inside,
)];

/// Runs the test where there are three networks.
fn inside(subject: &Subject) -> Result<(), String> {
    match Namespace::ThreeNetworks.enter(subject.test, RUN * 3) {
        Some(outcome) => outcome,
        None => {
            let site = Site::open(subject)?;
            let outcome = site.two_calls();
            let logs = site.servers.map(Host::stop);
            outcome.map_err(|why| format!("{why}\nedge:\n{}\ninner:\n{}", logs[0], logs[1]))
        }
    }
}

/// Both servers, the router, the client and the phone.
struct Site {
    client: Phone,
    phone: Phone,
    router: ForwardedPort,
    servers: [Host; 2],
}

/// A server in a network.
struct Host {
    running: Running,
    _folder: TempDir,
}

/// What both configurations begin with.
const MODULES: &str = r#"
debug=2
log_stderror=yes
children=2
auto_aliases=no
mhomed=1
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
"#;

/// What both routes begin with: requests within dialogs follow their routes.
const WITHIN: &str = r#"
request_route {
	if (is_method("OPTIONS")) { sl_send_reply("200", "Ready"); exit; }
	if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
	if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
	if (has_totag()) {
		if (loose_route() || is_method("ACK") && t_check_trans()) t_relay();
		else if (!is_method("ACK")) sl_send_reply("404", "Not here");
		exit;
	}
	t_check_trans();
"#;

impl Host {
    fn start(subject: &Subject, network: &str, config: &str) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let file = folder.path().join("kamailio.cfg");
        std::fs::write(&file, config).map_err(|e| e.to_string())?;
        let mut command = in_network(network, &subject.program.path);
        command
            .arg("-f")
            .arg(&file)
            .args(["-DD", "-E", "-m", "64", "-Y"]);
        command.arg(folder.path()).arg("-w").arg(folder.path());
        let running = Running::start(&mut command)?;
        Ok(Self {
            running,
            _folder: folder,
        })
    }

    /// Ends it; returns what it logged.
    fn stop(self) -> String {
        match self.running.stop(Duration::from_secs(10)) {
            Ok(finished) => finished.err,
            Err(report) => report,
        }
    }
}

fn at(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|e| format!("{text}: {e}"))
}

impl Site {
    fn open(subject: &Subject) -> Result<Self, String> {
        let edge = format!(
            "#!KAMAILIO\nlisten=udp:{EDGE_BEHIND} advertise {PUBLIC}\n\
             listen=udp:{EDGE_PRIVATE}:5060\n{MODULES}{WITHIN}	record_route();
	if (dst_ip == 10.1.1.2) $du = \"sip:{INNER}\";
	else $ru = \"sip:phone@{CLIENT}\";
	t_relay();
}}
"
        );
        let inner = format!(
            "#!KAMAILIO\nlisten=udp:{INNER}\n{MODULES}{WITHIN}	record_route();
	if ($rU == \"client\") $du = \"sip:{EDGE_PRIVATE}:5060\";
	else $ru = \"sip:phone@{PHONE}\";
	t_relay();
}}
"
        );
        let servers = [
            Host::start(subject, "edge", &edge)?,
            Host::start(subject, "inner", &inner)?,
        ];
        let (client, phone) = (at(CLIENT)?, at(PHONE)?);
        let inside = ROUTER_INSIDE
            .parse()
            .map_err(|e| format!("{ROUTER_INSIDE}: {e}"))?;
        let site = Self {
            router: ForwardedPort::open(at(PUBLIC)?, inside, at(EDGE_BEHIND)?)?,
            client: Phone::at(client, at(PUBLIC)?)?,
            phone: Phone::on(bind_in_network("inner", phone)?, phone, at(INNER)?),
            servers,
        };
        site.wait(&site.client, "edge")?;
        site.wait(&site.phone, "inner")?;
        Ok(site)
    }

    /// Waits until a server answers.
    fn wait(&self, phone: &Phone, what: &str) -> Result<(), String> {
        let deadline = Instant::now() + RUN;
        for attempt in 0.. {
            let ping = phone.request("OPTIONS", "", &format!("ping{attempt}"), "");
            // Before it is bound, sending may fail.
            let _ = phone.send(ping.replacen(";branch", ";rport;branch", 1).as_bytes());
            if let Some(answer) = phone.receive(Duration::from_millis(300))
                && answer.matches("200 OPTIONS")
            {
                return Ok(());
            }
            ensure(Instant::now() < deadline, || {
                format!("the {what} server does not answer")
            })?;
        }
        Ok(())
    }

    /// One call in each direction.
    fn two_calls(&self) -> Result<(), String> {
        // Late answers to the pings of the start.
        while self.client.receive(Duration::from_millis(200)).is_some() {}
        while self.phone.receive(Duration::from_millis(200)).is_some() {}
        let before = self.router.passed();
        self.call(&self.client, &self.phone, "phone")
            .map_err(|why| format!("from the public network: {why}"))?;
        self.call(&self.phone, &self.client, "client")
            .map_err(|why| format!("from the private network: {why}"))?;
        ensure(self.router.passed() > before + 10, || {
            "the client's messages did not go by the public address".to_owned()
        })
    }

    fn call(&self, caller: &Phone, callee: &Phone, user: &str) -> Result<(), String> {
        let id = format!("call-to-{user}");
        let invite = caller.request("INVITE", user, &id, "");
        caller.send(invite.replacen(";branch", ";rport;branch", 1).as_bytes())?;
        let invite = callee.expect("INVITE")?;
        seen_from(callee, &invite)?;
        callee.reply(&invite, 180)?;
        callee.reply(&invite, 200)?;
        let answer = caller.expect("200 INVITE")?;
        let mut theirs = Dialog::of_callee(&invite, "phone");
        let mut ours = Dialog::of_caller(&answer);
        routes_hide_the_private_network(&ours, caller)?;
        routes_hide_the_private_network(&theirs, callee)?;
        ensure(
            ours.target() == format!("sip:phone@{}", callee.addr),
            || format!("the answer's contact is {}", ours.target()),
        )?;
        ours.send(caller, "ACK", "")?;
        arrived(callee, "ACK")?;
        for _ in 0..2 {
            for method in ["INFO", "UPDATE", "MESSAGE"] {
                exchange(&mut ours, caller, callee, method)?;
                exchange(&mut theirs, callee, caller, method)?;
            }
            renegotiate(&mut ours, caller, callee)?;
            renegotiate(&mut theirs, callee, caller)?;
        }
        // Each side hangs up once.
        if user == "phone" {
            exchange(&mut theirs, callee, caller, "BYE")
        } else {
            exchange(&mut ours, caller, callee, "BYE")
        }
    }
}

/// A request and its answer.
fn exchange(dialog: &mut Dialog, from: &Phone, to: &Phone, method: &str) -> Result<(), String> {
    dialog.send(from, method, "")?;
    let request = arrived(to, method)?;
    to.reply(&request, 200)?;
    from.expect(&format!("200 {method}"))
        .map(|_| ())
        .map_err(|why| format!("{method} to {}: {why}", to.addr))
}

/// INVITE within the dialog, with its ACK.
fn renegotiate(dialog: &mut Dialog, from: &Phone, to: &Phone) -> Result<(), String> {
    exchange(dialog, from, to, "INVITE")?;
    dialog.send(from, "ACK", "")?;
    arrived(to, "ACK").map(|_| ())
}

/// A request within the dialog as it comes: addressed to this phone, its routes used up, by way of
/// both servers, the nearest of which names an address that can be reached from here.
fn arrived(phone: &Phone, method: &str) -> Result<Message, String> {
    let request = phone.expect(method)?;
    let shown = || format!("{method} came as:\n{}", request.render());
    ensure(request.uri() == format!("sip:phone@{}", phone.addr), shown)?;
    ensure(request.header("Route").is_empty(), shown)?;
    seen_from(phone, &request)?;
    Ok(request)
}

/// Three Via headers: two servers and the sender.
fn seen_from(phone: &Phone, request: &Message) -> Result<(), String> {
    let vias = request.all("Via");
    let nearest = if is_public(phone) { PUBLIC } else { INNER };
    let nearest = nearest.trim_end_matches(":5060");
    let names_it = vias
        .first()
        .is_some_and(|via| via.contains(&format!(" {nearest}")));
    ensure(vias.len() == 3 && names_it, || {
        format!("by way of {vias:?}:\n{}", request.render())
    })
}

fn is_public(phone: &Phone) -> bool {
    phone.addr.to_string() == CLIENT
}

/// The route begins at the server that is near, and leads by three addresses: the edge has two.
fn routes_hide_the_private_network(dialog: &Dialog, phone: &Phone) -> Result<(), String> {
    let near = if is_public(phone) { PUBLIC } else { INNER };
    let shown = || format!("the routes of {} are {:?}", phone.addr, dialog.routes());
    ensure(dialog.routes().len() == 3, shown)?;
    ensure(dialog.next_hop() == Some(at(near)?), shown)?;
    let behind = dialog
        .routes()
        .iter()
        .any(|r| address(r).contains("10.1.1."));
    ensure(!behind, shown)
}
