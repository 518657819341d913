//! sipsak: registering, asking for bindings, OPTIONS and MESSAGE.

use std::time::Duration;

use acceptance::client::Transport::{self, Tcp, Udp};
use acceptance::client::control::kamcmd;
use acceptance::client::phone::Phone;
use acceptance::client::{Running, bound_to_us};
use acceptance::subject::Server;

use crate::subject::{Subject, ensure, place};
use crate::{Case, Need};

const NEEDS: &[Need] = &[
    Need::Tool("sipsak"),
    Need::Tool("kamcmd"),
    Need::StockConfig,
];
const LIMIT: Duration = Duration::from_secs(20);

pub(crate) const CASES: &[Case] = &[
    Case::new("sipsak::registers_and_unregisters", NEEDS, registers),
    Case::new("sipsak::fetches_bindings", NEEDS, fetches),
    Case::new("sipsak::removes_all_bindings", NEEDS, removes_all),
    Case::new("sipsak::refreshes_and_replaces", NEEDS, refreshes),
    Case::new("sipsak::expires_too_long", NEEDS, expires_too_long),
    Case::new("sipsak::pings_the_server", NEEDS, pings_server),
    Case::new("sipsak::pings_a_user", NEEDS, pings_user),
    Case::new("sipsak::message_to_a_user", NEEDS, message),
    Case::new("sipsak::message_to_nobody", NEEDS, message_to_nobody),
    Case::new("sipsak::traces_the_way", NEEDS, traces),
    Case::new("sipsak::random_trash", NEEDS, random_trash),
];

/// sipsak towards `target` at the server, from an address of its own.
fn sipsak(
    server: &Server,
    target: &str,
    transport: Transport,
    arguments: &[&str],
) -> Result<Running, String> {
    let own = place().ip().to_string();
    let mut command = bound_to_us("sipsak");
    command.args(["-k", &own, "-H", &own, "-E", transport.name(), "-vvv"]);
    command.args(arguments);
    command.args(["-s", &format!("sip:{target}{}", server.addr)]);
    Running::start(&mut command)
}

/// Its output, when it succeeded.
fn done(
    server: &Server,
    target: &str,
    transport: Transport,
    arguments: &[&str],
) -> Result<String, String> {
    sipsak(server, target, transport, arguments)?
        .finish(LIMIT)?
        .success()
        .map_err(|why| format!("sipsak {arguments:?} over {transport:?}: {why}"))
}

/// What the server knows of a user.
fn bindings(server: &Server) -> Result<String, String> {
    kamcmd(server.folder(), &["ul.dump"])
}

fn registers(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    for transport in [Udp, Tcp] {
        let contact = format!("sip:ann@{}", place());
        let register = ["-U", "-C", &contact, "-x", "100"];
        let answer = done(&server, "ann@", transport, &register)?;
        ensure(answer.contains(&format!("<{contact}>;expires=100")), || {
            format!("not bound over {transport:?}: {answer}")
        })?;
        let known = bindings(&server)?;
        ensure(known.contains(&contact), || known.clone())?;
        let remove = ["-U", "-C", &contact, "-x", "0"];
        done(&server, "ann@", transport, &remove)?;
        let known = bindings(&server)?;
        ensure(!known.contains(&contact), || known.clone())?;
    }
    Ok(())
}

fn fetches(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let contacts = [
        format!("sip:ann@{}", place()),
        format!("sip:ann@{}", place()),
    ];
    for contact in &contacts {
        done(&server, "ann@", Udp, &["-U", "-C", contact, "-x", "100"])?;
    }
    for transport in [Udp, Tcp] {
        let answer = done(&server, "ann@", transport, &["-U", "-C", "empty"])?;
        for contact in &contacts {
            ensure(answer.contains(contact.as_str()), || {
                format!("{contact} is not listed over {transport:?}: {answer}")
            })?;
        }
        let nobody = done(&server, "nobody@", transport, &["-U", "-C", "empty"])?;
        ensure(!nobody.contains("expires="), || nobody.clone())?;
    }
    Ok(())
}

fn removes_all(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    for port in ["5071", "5072"] {
        let contact = format!("sip:ann@{}:{port}", place().ip());
        done(&server, "ann@", Udp, &["-U", "-C", &contact, "-x", "100"])?;
    }
    done(&server, "ann@", Udp, &["-U", "-C", "*", "-x", "0"])?;
    let known = bindings(&server)?;
    ensure(!known.contains("sip:ann@"), || known.clone())
}

fn refreshes(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let contact = format!("sip:ann@{}", place());
    done(&server, "ann@", Udp, &["-U", "-C", &contact, "-x", "100"])?;
    let answer = done(&server, "ann@", Udp, &["-U", "-C", &contact, "-x", "200"])?;
    ensure(answer.contains(&format!("<{contact}>;expires=200")), || {
        format!("not refreshed: {answer}")
    })?;
    let known = bindings(&server)?;
    ensure(known.matches("Address:").count() == 1, || {
        format!("one binding was to be refreshed: {known}")
    })
}

/// The stock configuration allows an hour.
fn expires_too_long(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let contact = format!("sip:ann@{}", place());
    let answer = done(&server, "ann@", Udp, &["-U", "-C", &contact, "-x", "86400"])?;
    ensure(
        answer.contains(&format!("<{contact}>;expires=3600")),
        || answer.clone(),
    )
}

fn pings_server(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    for transport in [Udp, Tcp] {
        let answer = done(&server, "", transport, &[])?;
        ensure(answer.contains("SIP/2.0 200 Keepalive"), || answer.clone())?;
    }
    Ok(())
}

fn pings_user(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let phone = Phone::new(server.addr)?;
    phone.register("bob")?;
    for transport in [Udp, Tcp] {
        let sipsak = sipsak(&server, "bob@", transport, &[])?;
        let request = phone.expect("OPTIONS")?;
        phone.reply(&request, 200)?;
        let answer = sipsak.finish(LIMIT)?.success()?;
        ensure(answer.contains("SIP/2.0 200 Reply"), || answer.clone())?;
    }
    Ok(())
}

/// A MESSAGE from a file: Debian's sipsak crashes in its own message mode (its issue 95).
fn message_file(server: &Server, user: &str) -> Result<tempfile::NamedTempFile, String> {
    let server = server.addr;
    let text = format!(
        "MESSAGE sip:{user}@{server} SIP/2.0\n\
         From: <sip:sipsak@{server}>;tag=sipsak\nTo: <sip:{user}@{server}>\n\
         Call-ID: {user}-{server}\nCSeq: 1 MESSAGE\nMax-Forwards: 70\n\
         Content-Type: text/plain\nContent-Length: 5\n\nhello"
    );
    let file = tempfile::NamedTempFile::new().map_err(|e| e.to_string())?;
    std::fs::write(file.path(), text).map_err(|e| e.to_string())?;
    Ok(file)
}

fn message(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let phone = Phone::new(server.addr)?;
    phone.register("bob")?;
    let file = message_file(&server, "bob")?;
    let file = file.path().display().to_string();
    for transport in [Udp, Tcp] {
        let sipsak = sipsak(&server, "bob@", transport, &["-f", &file])?;
        let request = phone.expect("MESSAGE")?;
        ensure(request.body.starts_with("hello"), || request.render())?;
        phone.reply(&request, 200)?;
        let answer = sipsak.finish(LIMIT)?.success()?;
        ensure(answer.contains("SIP/2.0 200 Reply"), || answer.clone())?;
    }
    Ok(())
}

fn message_to_nobody(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let file = message_file(&server, "nobody")?;
    let file = file.path().display().to_string();
    let ended = sipsak(&server, "nobody@", Udp, &["-f", &file])?.finish(LIMIT)?;
    ensure(ended.out.contains("SIP/2.0 404 Not Found"), || {
        ended.out.clone()
    })
}

fn traces(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let ended = sipsak(&server, "nobody@", Udp, &["-T"])?.finish(LIMIT)?;
    let expected = ["SIP/2.0 483 Too Many Hops", "SIP/2.0 404 Not Found"];
    for line in expected {
        ensure(ended.out.contains(line), || {
            format!("no {line}: {}", ended.out)
        })?;
    }
    Ok(())
}

/// sipsak overwrites more and more characters until a request is not answered well.
fn random_trash(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    // How it ends depends on chance; it stops at the first silence.
    let _ = sipsak(&server, "", Udp, &["-R", "-t", "200"])?.finish(LIMIT);
    done(&server, "", Udp, &[]).map(|_| ())
}
