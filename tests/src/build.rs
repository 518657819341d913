//! Makes the messages that agents send.

use crate::agent::Agent;
use crate::message::{Message, param};
use crate::run::Play;
use crate::scenario::Step;
use crate::template::host;

/// A request outside of a dialog.
pub fn request(play: &Play, step: &Step, index: usize, name: &str, method: &str) -> Message {
    let agent = &play.agents[name];
    let token = &play.token;
    let user = step.user.clone().unwrap_or_else(|| name.to_owned() + token);
    let to = step.to.clone().unwrap_or_else(|| format!("bob{token}"));
    let server = host_and_port(play);
    let uri = step
        .uri
        .clone()
        .unwrap_or_else(|| format!("sip:{to}@{server}"));
    let callid = step
        .callid
        .clone()
        .unwrap_or_else(|| format!("{token}-{index}"));
    let mut headers = vec![
        ("Via", via(agent, &branch(play, step, index))),
        ("Max-Forwards", "70".to_owned()),
        (
            "From",
            format!("<sip:{user}@{server}>;tag={token}-{name}{index}"),
        ),
        ("To", format!("<sip:{to}@{server}>")),
        ("Call-ID", callid),
        ("CSeq", format!("{} {method}", step.cseq.unwrap_or(1))),
    ];
    let wants_contact = matches!(method, "INVITE" | "SUBSCRIBE" | "REGISTER");
    headers.extend(contact(step, agent, &user, wants_contact));
    finish(format!("{method} {uri} SIP/2.0"), headers, step, agent)
}

/// A REGISTER for a user, with one Contact.
pub fn register(play: &Play, step: &Step, index: usize, name: &str, user: &str) -> Message {
    let server = host_and_port(play);
    let mut step = step.clone();
    step.user = Some(user.to_owned());
    step.to = Some(user.to_owned());
    step.uri.get_or_insert_with(|| format!("sip:{server}"));
    step.callid
        .get_or_insert_with(|| format!("{}-{name}", play.token));
    step.cseq
        .get_or_insert(u32::try_from(index).unwrap_or_default() + 1);
    let mut message = request(play, &step, index, name, "REGISTER");
    if let Some(expires) = step.expires {
        let at = message.headers.len().saturating_sub(1);
        message
            .headers
            .insert(at, ("Expires".to_owned(), expires.to_string()));
    }
    message
}

/// The reply of an agent to a request it received.
pub fn reply(play: &Play, step: &Step, name: &str, request: &Message, code: u16) -> Message {
    let agent = &play.agents[name];
    let reason = step.reason.as_deref().unwrap_or_else(|| reason(code));
    let mut headers: Vec<(&str, String)> = Vec::new();
    headers.extend(
        request
            .all("Via")
            .into_iter()
            .map(|via| ("Via", via.to_owned())),
    );
    let (_, method) = request.cseq();
    let in_dialog = param(request.header("To"), "tag").is_some();
    if code > 100 && code < 300 && !in_dialog {
        let routes = request.all("Record-Route").into_iter();
        headers.extend(routes.map(|route| ("Record-Route", route.to_owned())));
    }
    headers.push(("From", request.header("From").to_owned()));
    let tag = step
        .tag
        .clone()
        .unwrap_or_else(|| format!("{}-{name}", play.token));
    let to = request.header("To");
    headers.push(if code == 100 || in_dialog || tag.is_empty() {
        ("To", to.to_owned())
    } else {
        ("To", format!("{to};tag={tag}"))
    });
    headers.push(("Call-ID", request.header("Call-ID").to_owned()));
    headers.push(("CSeq", request.header("CSeq").to_owned()));
    let wants_contact = (101..300).contains(&code) && matches!(method, "INVITE" | "SUBSCRIBE");
    headers.extend(contact(step, agent, name, wants_contact));
    finish(format!("SIP/2.0 {code} {reason}"), headers, step, agent)
}

/// A request inside the dialog that `known` (a reply got or a request got) belongs to.
pub fn within(
    play: &Play,
    step: &Step,
    index: usize,
    name: &str,
    method: &str,
    known: &Message,
) -> Message {
    let agent = &play.agents[name];
    let as_caller = known.status().is_some();
    let mut routes: Vec<String> = known
        .all("Record-Route")
        .into_iter()
        .flat_map(|value| value.split(','))
        .map(|route| route.trim().to_owned())
        .collect();
    let (from, to) = if as_caller {
        routes.reverse();
        (
            known.header("From").to_owned(),
            known.header("To").to_owned(),
        )
    } else {
        let tag = step
            .tag
            .clone()
            .unwrap_or_else(|| format!("{}-{name}", play.token));
        let local = known.header("To");
        let from = match param(local, "tag") {
            Some(_) => local.to_owned(),
            None => format!("{local};tag={tag}"),
        };
        (from, known.header("From").to_owned())
    };
    let uri = step
        .uri
        .clone()
        .unwrap_or_else(|| known.contact().to_owned());
    let number = match method {
        "ACK" => known.cseq().0,
        _ => u32::try_from(index).unwrap_or_default() + 10,
    };
    let mut headers = vec![("Via", via(agent, &branch(play, step, index)))];
    headers.extend(routes.into_iter().map(|route| ("Route", route)));
    headers.extend([
        ("Max-Forwards", "70".to_owned()),
        ("From", from),
        ("To", to),
        (
            "Call-ID",
            step.callid
                .clone()
                .unwrap_or_else(|| known.header("Call-ID").to_owned()),
        ),
        ("CSeq", format!("{} {method}", step.cseq.unwrap_or(number))),
    ]);
    headers.extend(contact(
        step,
        agent,
        name,
        matches!(method, "INVITE" | "UPDATE"),
    ));
    finish(format!("{method} {uri} SIP/2.0"), headers, step, agent)
}

/// The ACK to a negative final reply: same branch as the request.
pub fn ack(step: &Step, agent: &Agent, request: &Message, reply: &Message) -> Message {
    let mut headers = hop_by_hop(request, "ACK");
    headers
        .iter_mut()
        .filter(|(n, _)| *n == "To")
        .for_each(|h| h.1 = reply.header("To").to_owned());
    finish(
        format!("ACK {} SIP/2.0", request.uri()),
        headers,
        step,
        agent,
    )
}

/// The CANCEL of a request.
pub fn cancel(step: &Step, agent: &Agent, request: &Message) -> Message {
    let headers = hop_by_hop(request, "CANCEL");
    finish(
        format!("CANCEL {} SIP/2.0", request.uri()),
        headers,
        step,
        agent,
    )
}

fn hop_by_hop(request: &Message, method: &str) -> Vec<(&'static str, String)> {
    let mut headers = vec![("Via", request.header("Via").to_owned())];
    headers.extend(
        request
            .all("Route")
            .into_iter()
            .map(|route| ("Route", route.to_owned())),
    );
    headers.push(("Max-Forwards", "70".to_owned()));
    for name in ["From", "To", "Call-ID"] {
        headers.push((name, request.header(name).to_owned()));
    }
    headers.push(("CSeq", format!("{} {method}", request.cseq().0)));
    headers
}

fn host_and_port(play: &Play) -> String {
    match play.server.port() {
        5060 => host(play.server),
        _ => play.server.to_string(),
    }
}

fn branch(play: &Play, step: &Step, index: usize) -> String {
    step.branch
        .clone()
        .unwrap_or_else(|| format!("z9hG4bK{}-{index}", play.token))
}

fn via(agent: &Agent, branch: &str) -> String {
    let transport = if agent.tcp { "TCP" } else { "UDP" };
    format!("SIP/2.0/{transport} {};rport;branch={branch}", agent.addr)
}

fn contact(step: &Step, agent: &Agent, user: &str, wanted: bool) -> Option<(&'static str, String)> {
    match step.contact.as_deref() {
        Some("") => None,
        Some(value) => Some(("Contact", value.to_owned())),
        None if wanted => {
            let transport = if agent.tcp { ";transport=tcp" } else { "" };
            Some(("Contact", format!("<sip:{user}@{}{transport}>", agent.addr)))
        }
        None => None,
    }
}

/// Adds body and length, then the step's own changes.
fn finish(start: String, headers: Vec<(&str, String)>, step: &Step, agent: &Agent) -> Message {
    let mut headers: Vec<(String, String)> = headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let body = match step.body.as_deref() {
        Some("sdp") => {
            headers.push(("Content-Type".to_owned(), "application/sdp".to_owned()));
            sdp(agent)
        }
        Some(body) => body.replace("\r\n", "\n").replace('\n', "\r\n"),
        None => String::new(),
    };
    headers.extend(step.add.iter().map(|line| split_line(line)));
    headers.push((
        "Content-Length".to_owned(),
        body.chars().count().to_string(),
    ));
    for (name, value) in &step.set {
        match headers
            .iter_mut()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
        {
            Some(header) => header.1.clone_from(value),
            None => headers.push((name.clone(), value.clone())),
        }
    }
    headers.retain(|(n, _)| {
        !step
            .drop
            .iter()
            .any(|dropped| dropped.eq_ignore_ascii_case(n))
    });
    headers.splice(0..0, step.top.iter().map(|line| split_line(line)));
    Message {
        start,
        headers,
        body,
    }
}

fn split_line(line: &str) -> (String, String) {
    let (name, value) = line.split_once(':').unwrap_or((line, ""));
    (name.to_owned(), value.trim_start().to_owned())
}

fn sdp(agent: &Agent) -> String {
    let family = if agent.addr.is_ipv4() { "IP4" } else { "IP6" };
    let ip = agent.addr.ip();
    format!(
        "v=0\r\no=- 1 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
         m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
    )
}

fn reason(code: u16) -> &'static str {
    match code {
        100 => "Trying",
        180 => "Ringing",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        302 => "Moved Temporarily",
        401 => "Unauthorized",
        404 => "Not Found",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        500 => "Server Internal Error",
        503 => "Service Unavailable",
        600 => "Busy Everywhere",
        603 => "Decline",
        _ => "Whatever",
    }
}
