//! Runs script statements on a request in a simulated world and compares what comes of it with
//! what Kamailio 5.6.3 was seen to do.
//!
//! A file of cases has, for each, `> statements`, then what was forwarded, then `< ` lines of a
//! reply (Via, From, To, Call-ID and CSeq left out) and `= ` lines that the script logged. What was
//! forwarded stands as ranges of lines of the request (`0-7`) and new lines (`+X: y`), our Via left
//! out; `nothing` if nothing was.

use testkit::Sim;

/// The request that cases run on, unless they bring their own.
pub(crate) const REQUEST: &str = "INVITE sip:bob@127.0.43.9:5060 SIP/2.0
Via: SIP/2.0/UDP 127.0.43.8:5060;branch=z9hG4bKx
From: <sip:alice@a.example>;tag=aaa
To: <sip:bob@b.example>
Call-ID: cid
CSeq: 1 INVITE
Max-Forwards: 70
X-T: 0
Subject: hello world
X-A: one
X-A: two, three
Contact: <sip:c@127.0.43.8>
Content-Type: application/sdp
Content-Length: 83

v=0
o=- 1 1 IN IP4 1.1.1.1
c=IN IP4 1.1.1.1
m=audio 1000 RTP/AVP 0
a=sendrecv
";

/// What came of a request.
pub(crate) struct Ran {
    /// What was forwarded, without our Via.
    pub(crate) sent: Option<String>,
    /// Replies to the sender.
    pub(crate) replies: Vec<String>,
    /// What the script logged.
    pub(crate) log: Vec<String>,
}

/// Runs statements on a request and forwards it, unless they end the script.
pub(crate) fn run(params: &str, statements: &str, request: &str) -> Ran {
    run_config(
        params,
        &format!("request_route {{ {statements};\nt_relay(); exit; }}"),
        request,
    )
}

/// Runs route blocks on a request.
pub(crate) fn run_config(params: &str, blocks: &str, request: &str) -> Ran {
    let modules = [
        "sl", "tm", "rr", "pv", "corex", "maxfwd", "textops", "textopsx", "siputils", "xlog",
        "sanity", "sdpops",
    ];
    let load: String = modules
        .iter()
        .map(|m| format!("loadmodule \"{m}.so\"\n"))
        .collect();
    let sim = Sim::new(3);
    let config = format!("debug=2\nserver_signature=no\n{load}{params}\n{blocks}\n");
    let server = sim
        .server("127.0.43.1:5060", &config, crate::LIBRARY)
        .unwrap_or_else(|e| panic!("{e}\n{config}"));
    let alice = sim.agent("127.0.43.8:5060");
    let bob = sim.agent("127.0.43.9:5060");
    alice.send("127.0.43.1:5060", request);
    sim.run_for(50);
    let own = "Via: SIP/2.0/UDP 127.0.43.1;branch=";
    let sent = bob.receive().map(|text| {
        let mut lines: Vec<&str> = text.split("\r\n").collect();
        if let Some(at) = lines.iter().position(|l| l.starts_with(own)) {
            lines.remove(at);
        }
        lines.join("\r\n")
    });
    Ran {
        sent,
        replies: replies(&alice),
        log: server.log_lines(),
    }
}

/// Replies but for the `100` that says nothing.
fn replies(alice: &testkit::Agent) -> Vec<String> {
    let mut all = alice.receive_all();
    all.retain(|reply| !reply.starts_with("SIP/2.0 100"));
    all
}

/// What was forwarded, as ranges of the request's lines and new lines.
fn encode(request: &str, sent: &str) -> Vec<String> {
    let base: Vec<&str> = request.split('\n').collect();
    let mut next = 0;
    let mut open: Option<(usize, usize)> = None;
    let mut out = Vec::new();
    for line in sent.split("\r\n") {
        let found = base
            .iter()
            .skip(next)
            .position(|b| *b == line)
            .map(|at| at + next);
        let joined = match (open, found) {
            (Some((first, last)), Some(at)) if at == last + 1 => Some((first, at)),
            _ => None,
        };
        if let (None, Some((first, last))) = (joined, open.take()) {
            out.push(format!("{first}-{last}"));
        }
        open = joined.or(found.map(|at| (at, at)));
        match found {
            Some(at) => next = at + 1,
            None => out.push(format!("+{line}")),
        }
    }
    if let Some((first, last)) = open {
        out.push(format!("{first}-{last}"));
    }
    out
}

/// Everything about a run in the form of the case files.
pub(crate) fn outcome(request: &str, ran: &Ran) -> Vec<String> {
    let mut out = match &ran.sent {
        Some(sent) => encode(request, sent),
        None => vec!["nothing".to_owned()],
    };
    let kept = |line: &&str| {
        !line.is_empty()
            && !["Via", "From", "To", "Call-ID", "CSeq"]
                .iter()
                .any(|name| line.starts_with(name))
    };
    for reply in &ran.replies {
        out.extend(reply.split("\r\n").filter(kept).map(|l| format!("< {l}")));
    }
    let said = |line: &&String| !line.is_empty() && line.contains("@@");
    out.extend(
        ran.log
            .iter()
            .filter(said)
            .filter_map(|l| l.split_once("@@"))
            .filter_map(|(_, l)| l.lines().next())
            .map(|l| format!("= {}", l.trim_end())),
    );
    out
}

/// Runs the cases of a file; fails with all that differ.
pub(crate) fn check_cases(params: &str, request: &str, cases: &str) {
    let mut wrong = Vec::new();
    for case in cases.split("\n> ").map(|c| c.trim_start_matches("> ")) {
        let mut lines = case.lines();
        let Some(statements) = lines.next().filter(|l| !l.is_empty()) else {
            continue;
        };
        let expected: Vec<&str> = lines.collect();
        let ran = run(
            params,
            &statements.replace("xlog(\"L_ERR\",\"", "xlog(\"L_ERR\",\"@@"),
            request,
        );
        let got = outcome(request, &ran);
        if got != expected {
            wrong.push(format!(
                "> {statements}\nexpected:\n  {}\ngot:\n  {}\nlog:\n  {}",
                expected.join("\n  "),
                got.join("\n  "),
                ran.log.join("\n  "),
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
