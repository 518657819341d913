//! Plays a scenario to one server and writes down what the agents receive.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::UnixDatagram;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};

use crate::address::{AGENT_PORT, SERVER_PORT, allocate};
use crate::agent::{Agent, Link, Received};
use crate::build;
use crate::digest;
use crate::message::{Message, address, bytes, param, text};
use crate::scenario::{Family, Scenario, Step};
use crate::subject::Server;
use crate::template::expand_step;

/// Two sends are at least this far apart, so that a server with many workers keeps the order.
const PACE: Duration = Duration::from_millis(40);
/// Between getting a message and the next step: lets the server end what it does after sending.
const THINK: Duration = Duration::from_millis(25);
/// How long to wait for an expected message.
const PATIENCE: u64 = 4_000;
/// An identical message that comes later than this was sent again by a timer.
const AGAIN: Duration = Duration::from_millis(300);

/// A message that later steps may refer to.
#[derive(Clone)]
pub struct Bound {
    /// The message.
    pub message: Message,
    /// The way a received one came.
    way: Way,
}

/// A way that a message came, and that its answer takes.
#[derive(Clone, Copy)]
struct Way {
    link: Link,
    source: Option<SocketAddr>,
}

/// What happened in one run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What each agent received.
    pub received: BTreeMap<String, Vec<Received>>,
    /// Answers to `rpc` steps.
    pub rpc: Vec<String>,
    /// What the server's script logged.
    pub log: Vec<String>,
    /// The addresses to be renamed: names and addresses.
    pub names: Vec<(String, SocketAddr)>,
    /// The step that could not be done, and why.
    pub failure: Option<String>,
}

/// The state of a run.
pub struct Play {
    /// The server.
    pub server: SocketAddr,
    /// Its address of IPv6, where it has both.
    pub server6: Option<SocketAddr>,
    /// See [`Scenario::token`].
    pub token: String,
    /// The agents by name.
    pub agents: HashMap<String, Agent>,
    /// Named messages.
    pub bound: HashMap<String, Bound>,
    memory: HashMap<String, Memory>,
    rpc: Vec<Called>,
}

/// A control command.
enum Called {
    /// It is answered.
    Done(String),
    /// Its answer is awaited at the end.
    Later(JoinHandle<Result<String, String>>),
}

/// What an agent remembers between its steps.
#[derive(Default)]
struct Memory {
    seen: HashSet<usize>,
    sent: Vec<Message>,
    last_bytes: Vec<u8>,
    request: Option<Bound>,
    reply: Option<Bound>,
    dialog: Option<Bound>,
}

/// Plays a scenario to a server.
pub fn play(scenario: &Scenario, server: &Server) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(async {
            match Play::start(scenario, server).await {
                Ok(play) => play.perform(scenario, server).await,
                Err(error) => Outcome {
                    failure: Some(format!("cannot open the agents: {error}")),
                    ..Outcome::default()
                },
            }
        }),
        Err(error) => Outcome {
            failure: Some(error.to_string()),
            ..Outcome::default()
        },
    }
}

impl Play {
    async fn start(scenario: &Scenario, server: &Server) -> std::io::Result<Self> {
        let mut agents = HashMap::new();
        for name in scenario.agents() {
            let tcp = scenario.tcp.contains(&name);
            let is_v6 = scenario.v6.contains(&name);
            let family = if is_v6 { Family::V6 } else { scenario.family };
            let addr = allocate(family, AGENT_PORT);
            let agent = match Agent::open(addr, tcp).await {
                Ok(agent) => agent,
                // Just found free: a process being started elsewhere holds a copy for a moment.
                Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                    sleep(PACE).await;
                    Agent::open(addr, tcp).await?
                }
                Err(error) => return Err(error),
            };
            agents.insert(name, agent);
        }
        Ok(Self {
            server: server.addr,
            server6: server.addr6,
            token: scenario.token(),
            memory: agents
                .keys()
                .map(|name| (name.clone(), Memory::default()))
                .collect(),
            agents,
            bound: HashMap::new(),
            rpc: Vec::new(),
        })
    }

    async fn perform(mut self, scenario: &Scenario, server: &Server) -> Outcome {
        let mut failure = None;
        for (index, step) in scenario.steps.iter().enumerate() {
            let done = self.step(index, step, server).await;
            if let Err(why) = done
                && !step.maybe
            {
                failure = Some(format!("step {}: {why}", index + 1));
                break;
            }
        }
        let mut rpc = Vec::new();
        for called in self.rpc {
            match called.answer().await {
                Ok(answer) => rpc.push(answer),
                Err(why) => failure = failure.or(Some(why)),
            }
        }
        sleep(Duration::from_millis(scenario.settle)).await;
        let mut outcome = Outcome {
            failure,
            rpc,
            ..Outcome::default()
        };
        outcome.names.push(("server".to_owned(), self.server));
        let second = self.server6.map(|addr| ("server6".to_owned(), addr));
        outcome.names.extend(second);
        for (name, agent) in self.agents {
            let mut received = agent.inbox();
            if !scenario.retransmissions {
                received = without_repetitions(received);
            }
            outcome.names.push((name.clone(), agent.addr));
            outcome.received.insert(name, received);
        }
        if scenario.log {
            outcome.log = server.script_log(&scenario.token());
        }
        if scenario.log_in_any_order {
            outcome.log.sort();
        }
        outcome
    }

    async fn step(&mut self, index: usize, step: &Step, server: &Server) -> Result<(), String> {
        let step = &expand_step(self, step)?;
        if let Some(milliseconds) = step.wait {
            sleep(Duration::from_millis(milliseconds)).await;
            return Ok(());
        }
        if let Some(method) = &step.rpc {
            let own = format!("client-{}-{index}", self.token);
            let own = server.folder().join(own);
            let folder = server.folder().to_owned();
            let call = call_rpc(method.clone(), step.params.clone(), own, folder);
            return self.call(step, call).await;
        }
        if let Some(words) = &step.kamcmd {
            let call = call_kamcmd(words.clone(), server.folder().to_owned());
            return self.call(step, call).await;
        }
        if let Some(name) = &step.close {
            self.agents.get_mut(name).ok_or("no such agent")?.close();
            return Ok(());
        }
        let name = self.actor(step)?;
        if let Some(pattern) = &step.expect {
            return self.expect(step, &name, pattern).await;
        }
        if let Some(user) = &step.register {
            let mut message = build::register(self, step, index, &name, user);
            self.authenticate(&mut message, step, &name)?;
            self.transmit(step, &name, message, None).await?;
            return self.expect(step, &name, "200 REGISTER").await;
        }
        if let Some(text) = &step.send {
            return self.send_text(step, &name, text).await;
        }
        if step.resend.is_some() {
            let data = self.memory[&name].last_bytes.clone();
            return self.transmit_bytes(step, &name, data, None).await;
        }
        let (message, way) = self.compose(index, step, &name)?;
        self.transmit(step, &name, message, way).await
    }

    /// The agent that does a step.
    fn actor(&self, step: &Step) -> Result<String, String> {
        let choices = [&step.at, &step.ack, &step.cancel, &step.resend];
        let name = choices
            .into_iter()
            .flatten()
            .next()
            .ok_or("says neither verb nor agent")?;
        Ok(name.clone())
    }

    /// Builds the message of a sending step.
    fn compose(
        &self,
        index: usize,
        step: &Step,
        name: &str,
    ) -> Result<(Message, Option<Way>), String> {
        let memory = &self.memory[name];
        if let Some(method) = &step.request {
            let mut message = build::request(self, step, index, name, method);
            self.authenticate(&mut message, step, name)?;
            return Ok((message, None));
        }
        if let Some(code) = step.reply {
            let bound = self.refer(step, memory.request.as_ref())?;
            let message = build::reply(self, step, name, &bound.message, code);
            return Ok((message, Some(bound.way)));
        }
        if let Some(method) = &step.within {
            let bound = self.refer(step, memory.dialog.as_ref())?;
            let mut message = build::within(self, step, index, name, method, &bound.message);
            self.authenticate(&mut message, step, name)?;
            return Ok((message, None));
        }
        let agent = &self.agents[name];
        if step.cancel.is_some() {
            let sent = memory.sent.iter().rev().find(|m| m.method() != Some("ACK"));
            let request = sent.ok_or("nothing to cancel")?;
            return Ok((build::cancel(step, agent, request), None));
        }
        if step.ack.is_some() {
            let reply = &self.refer(step, memory.reply.as_ref())?.message;
            let sent = memory.sent.iter().rev().find(|m| {
                m.cseq() == reply.cseq() && m.header("Call-ID") == reply.header("Call-ID")
            });
            let request = sent.ok_or("nothing to acknowledge")?;
            return Ok((build::ack(step, agent, request, reply), None));
        }
        Err("has no verb".to_owned())
    }

    /// Adds the credentials of a step.
    fn authenticate(&self, message: &mut Message, step: &Step, name: &str) -> Result<(), String> {
        for credentials in &step.credentials {
            let challenge = match &credentials.of {
                Some(label) => self.bound.get(label),
                None => self.memory[name].reply.as_ref(),
            };
            let challenge = challenge.ok_or("there is no challenge to answer")?;
            digest::answer(message, credentials, &challenge.message);
        }
        Ok(())
    }

    fn refer<'a>(&'a self, step: &Step, usual: Option<&'a Bound>) -> Result<&'a Bound, String> {
        match &step.of {
            Some(name) => self
                .bound
                .get(name)
                .ok_or_else(|| format!("nothing is named {name}")),
            None => usual.ok_or_else(|| "there is no message to refer to".to_owned()),
        }
    }

    async fn send_text(&mut self, step: &Step, name: &str, text: &str) -> Result<(), String> {
        let text = if step.exact {
            text.to_owned()
        } else {
            let text = text.replace('\n', "\r\n");
            if text.contains("\r\n\r\n") {
                text
            } else {
                text + "\r\n"
            }
        };
        let message = Message::parse(&text);
        if message.status().is_none() {
            self.remember(step, name, message);
        }
        self.transmit_bytes(step, name, bytes(&text), None).await
    }

    async fn transmit(
        &mut self,
        step: &Step,
        name: &str,
        message: Message,
        way: Option<Way>,
    ) -> Result<(), String> {
        let data = bytes(&message.render());
        if message.status().is_none() {
            self.remember(step, name, message);
        }
        self.transmit_bytes(step, name, data, way).await
    }

    fn remember(&mut self, step: &Step, name: &str, message: Message) {
        if let Some(label) = &step.name {
            let bound = Bound {
                message: message.clone(),
                way: Way {
                    link: Link::Udp,
                    source: None,
                },
            };
            self.bound.insert(label.clone(), bound);
        }
        if let Some(memory) = self.memory.get_mut(name) {
            memory.sent.push(message);
        }
    }

    async fn transmit_bytes(
        &mut self,
        step: &Step,
        name: &str,
        data: Vec<u8>,
        way: Option<Way>,
    ) -> Result<(), String> {
        let link = way.map(|way| way.link);
        let server = way
            .and_then(|way| way.source)
            .unwrap_or_else(|| self.target(step, name, &data));
        let agent = self.agents.get_mut(name).ok_or("no such agent")?;
        if step.hold {
            agent.hold(&data);
            return Ok(());
        }
        agent
            .send(server, link, &data, &step.split)
            .await
            .map_err(|e| format!("cannot send: {e}"))?;
        if let Some(memory) = self.memory.get_mut(name) {
            memory.last_bytes = data;
        }
        sleep(PACE).await;
        Ok(())
    }

    /// The server's socket that a message goes to: the one in its first Route if it is the
    /// server's, and of the agent's family otherwise.
    fn target(&self, step: &Step, name: &str, data: &[u8]) -> SocketAddr {
        let is_v6 = self.agents.get(name).is_some_and(|a| a.addr.is_ipv6());
        let usual = self.server6.filter(|_| is_v6).unwrap_or(self.server);
        if let Some(port) = step.port {
            return SocketAddr::new(usual.ip(), port);
        }
        let message = Message::parse(&text(data));
        let route = address(message.header("Route"));
        let place = route.split_once(':').map_or("", |(_, rest)| rest);
        let place = place.rsplit('@').next().unwrap_or_default();
        let place = place.split(';').next().unwrap_or_default();
        let found: Option<SocketAddr> = place
            .parse()
            .or_else(|_| format!("{place}:{SERVER_PORT}").parse())
            .ok();
        let known = [Some(self.server), self.server6];
        found
            .filter(|found| known.iter().flatten().any(|own| own.ip() == found.ip()))
            .filter(|found| found.is_ipv6() == is_v6)
            .unwrap_or(usual)
    }

    async fn expect(&mut self, step: &Step, name: &str, pattern: &str) -> Result<(), String> {
        let agent = self.agents.get(name).ok_or("no such agent")?;
        let memory = self.memory.get_mut(name).ok_or("no such agent")?;
        let patience = Duration::from_millis(step.timeout.unwrap_or(PATIENCE));
        let deadline = Instant::now() + patience;
        loop {
            let inbox = agent.inbox();
            let known: Vec<&str> = memory
                .seen
                .iter()
                .map(|&i| inbox[i].text.as_str())
                .collect();
            let found = inbox.iter().enumerate().find_map(|(i, received)| {
                let message = Message::parse(&received.text);
                let fresh = !memory.seen.contains(&i) && !known.contains(&received.text.as_str());
                (fresh && message.matches(pattern)).then(|| {
                    let (link, source) = (received.link, received.source);
                    (i, message, Way { link, source })
                })
            });
            if let Some((i, message, way)) = found {
                memory.seen.insert(i);
                let bound = Bound { message, way };
                if let Some(label) = &step.name {
                    self.bound.insert(label.clone(), bound.clone());
                }
                memory.learn(bound);
                sleep(THINK).await;
                return Ok(());
            }
            if timeout_at(deadline, agent.arrival()).await.is_err() {
                return Err(format!("{name} did not get {pattern}"));
            }
        }
    }

    async fn call(
        &mut self,
        step: &Step,
        call: impl Future<Output = Result<String, String>> + Send + 'static,
    ) -> Result<(), String> {
        if step.later {
            self.rpc.push(Called::Later(tokio::spawn(call)));
            return Ok(());
        }
        let answer = call.await?;
        if !step.quiet {
            self.rpc.push(Called::Done(answer));
        }
        Ok(())
    }
}

/// Runs Kamailio's control tool with some words.
async fn call_kamcmd(words: String, folder: PathBuf) -> Result<String, String> {
    let socket = format!("unix:{}", folder.join("kamailio_ctl").display());
    let mut command = tokio::process::Command::new("kamcmd");
    command.args(["-s", &socket]).args(arguments(&words));
    let output = command.output().await;
    let output = output.map_err(|e| format!("kamcmd: {e}"))?;
    let mut shown = format!("kamcmd {words}\n");
    shown.push_str(&String::from_utf8_lossy(&output.stdout));
    shown.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok(shown)
}

/// Words of a command line; quotes keep spaces together.
fn arguments(words: &str) -> Vec<String> {
    let mut quoted = false;
    let parts = words.split(|c| {
        quoted ^= c == '"';
        c == ' ' && !quoted
    });
    parts.map(|part| part.replace('"', "")).collect()
}

/// Calls a method over the datagram socket.
async fn call_rpc(
    method: String,
    params: Vec<toml::Value>,
    own: PathBuf,
    folder: PathBuf,
) -> Result<String, String> {
    let problem = |e: std::io::Error| format!("rpc {method}: {e}");
    let socket = UnixDatagram::bind(&own).map_err(problem)?;
    let request = serde_json::json!({
        "jsonrpc": "2.0", "method": method, "params": params, "id": 1
    });
    let service = folder.join("kamailio_rpc.sock");
    socket
        .send_to(request.to_string().as_bytes(), service)
        .await
        .map_err(problem)?;
    let mut buffer = vec![0; 65_536];
    let deadline = Instant::now() + Duration::from_millis(PATIENCE);
    let answer = timeout_at(deadline, socket.recv(&mut buffer)).await;
    let length = answer
        .map_err(|_| format!("rpc {method}: no answer"))?
        .map_err(problem)?;
    let text = String::from_utf8_lossy(&buffer[..length]);
    Ok(format!("{method}\n{text}"))
}

impl Called {
    async fn answer(self) -> Result<String, String> {
        match self {
            Self::Done(answer) => Ok(answer),
            Self::Later(call) => call.await.map_err(|e| e.to_string())?,
        }
    }
}

impl Memory {
    /// Keeps what the usual next steps refer to.
    fn learn(&mut self, bound: Bound) {
        let message = &bound.message;
        let (_, method) = message.cseq();
        let forms_dialog = matches!(method, "INVITE" | "SUBSCRIBE");
        match message.status() {
            Some(status) => {
                if forms_dialog && (101..300).contains(&status) {
                    self.dialog = Some(self.with_known_routes(bound.clone()));
                }
                self.reply = Some(bound);
            }
            None => {
                let initial = param(message.header("To"), "tag").is_none();
                if forms_dialog && initial {
                    self.dialog = Some(bound.clone());
                }
                self.request = Some(bound);
            }
        }
    }

    /// A reply within a dialog tells where the other side is now, but its route set stays
    /// (RFC 3261 §12.2).
    fn with_known_routes(&self, mut reply: Bound) -> Bound {
        let (answer, call_id) = (reply.message.cseq(), reply.message.header("Call-ID"));
        let is_later = self.sent.iter().any(|request| {
            request.cseq() == answer
                && request.header("Call-ID") == call_id
                && param(request.header("To"), "tag").is_some()
        });
        let known = self.dialog.as_ref().map(|known| &known.message);
        let Some(known) = known.filter(|k| is_later && k.header("Call-ID") == call_id) else {
            return reply;
        };
        let mut routes = known.all("Record-Route").join(",");
        if known.status().is_none() {
            let turned: Vec<&str> = routes.split(',').rev().collect();
            routes = turned.join(",");
        }
        let headers = &mut reply.message.headers;
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("Record-Route"));
        if !routes.is_empty() {
            headers.push(("Record-Route".to_owned(), routes));
        }
        reply
    }
}

/// Leaves out what a timer sent again.
fn without_repetitions(received: Vec<Received>) -> Vec<Received> {
    let mut kept: Vec<Received> = Vec::new();
    for item in received {
        let earlier = kept
            .iter()
            .find(|k| k.text == item.text && !k.text.is_empty());
        if earlier.is_none_or(|k| item.time.duration_since(k.time) < AGAIN) {
            kept.push(item);
        }
    }
    kept
}
