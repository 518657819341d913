//! Event routes that wait: the message goes on where it was when they end, and nothing else is held up.

use testkit::Sim;

const SERVER: &str = "10.0.0.1:5060";

const CONFIG: &str = r#"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "cfgutils.so"
received_route_mode=1
debug=2
request_route {
    if ($rm == "ACK") exit;
    if ($rU == "local") {
        sl_send_reply("404", "Nobody");
        exit;
    }
    if ($rU == "answer") {
        t_newtran();
        t_reply("480", "Away");
        exit;
    }
    xlog("L_ERR", "routed $rU $(avp(before))\n");
    t_relay();
}
reply_route {
    xlog("L_ERR", "reply $rs $(avp(before))\n");
}
event_route[core:msg-received] {
    usleep("20000");
    if ($rcv(buf) =~ "received-drop") drop;
    xlog("L_ERR", "received\n");
}
event_route[core:pre-routing] {
    $avp(before) = "yes";
    usleep("20000");
    if ($ci =~ "routing-drop") drop;
    xlog("L_ERR", "pre-routing\n");
}
event_route[sl:local-response] {
    usleep("20000");
    xlog("L_ERR", "local-response $rm $ci\n");
}
event_route[sl:filtered-ack] {
    usleep("20000");
    xlog("L_ERR", "filtered-ack $rm $ci\n");
}
event_route[tm:local-response] {
    usleep("20000");
    xlog("L_ERR", "tm:local-response $rs\n");
}
"#;

fn request(method: &str, user: &str, call_id: &str, tag: &str) -> String {
    format!(
        "{method} sip:{user}@10.0.0.3 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK{call_id}\n\
         From: <sip:a@b>;tag=1\nTo: <sip:{user}@10.0.0.1>{tag}\nCall-ID: {call_id}\n\
         CSeq: 1 {method}\nContent-Length: 0\n\n"
    )
}

fn lines(server: &testkit::Server) -> Vec<String> {
    let all = server.log_lines().into_iter();
    all.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn requests_and_replies_go_on_after_waiting() {
    let sim = Sim::new(1);
    let server = sim
        .server(SERVER, CONFIG, modules::LIBRARY)
        .expect("server");
    let (caller, callee) = (sim.agent("10.0.0.2:5060"), sim.agent("10.0.0.3:5060"));
    caller.send(SERVER, &request("OPTIONS", "bob", "one", ""));
    sim.run_for(25);
    assert_eq!(lines(&server), ["received"]);
    assert_eq!(callee.receive(), None);
    sim.run_for(100);
    assert_eq!(lines(&server), ["pre-routing", "routed bob yes"]);
    let forwarded = callee.receive().expect("the request");
    let reply = forwarded.replacen("OPTIONS sip:bob@10.0.0.3 SIP/2.0", "SIP/2.0 200 OK", 1);
    callee.send(SERVER, &reply);
    sim.run_for(100);
    assert!(
        caller
            .receive()
            .expect("the reply")
            .starts_with("SIP/2.0 200")
    );
    assert_eq!(lines(&server), ["received", "pre-routing", "reply 200 yes"]);
}

#[test]
fn what_is_dropped_after_waiting_is_dropped() {
    let sim = Sim::new(1);
    let server = sim
        .server(SERVER, CONFIG, modules::LIBRARY)
        .expect("server");
    let caller = sim.agent("10.0.0.2:5060");
    caller.send(SERVER, &request("OPTIONS", "local", "received-drop", ""));
    caller.send(SERVER, &request("OPTIONS", "local", "routing-drop", ""));
    sim.run_for(200);
    assert_eq!(caller.receive(), None);
    assert_eq!(lines(&server), ["received"]);
}

#[test]
fn events_after_the_fact_do_not_hold_the_message_up() {
    let sim = Sim::new(1);
    let server = sim
        .server(SERVER, CONFIG, modules::LIBRARY)
        .expect("server");
    let caller = sim.agent("10.0.0.2:5060");
    caller.send(SERVER, &request("INVITE", "local", "one", ""));
    sim.run_for(55);
    let reply = caller.receive().expect("a reply");
    assert!(reply.starts_with("SIP/2.0 404 Nobody"), "{reply}");
    assert_eq!(lines(&server), ["received", "pre-routing"]);
    sim.run_for(50);
    assert_eq!(lines(&server), ["local-response INVITE one"]);
    let tag = reply
        .lines()
        .find_map(|l| l.strip_prefix("To: ")?.split_once(";tag="));
    let tag = format!(";tag={}", tag.expect("a tag").1);
    caller.send(SERVER, &request("ACK", "local", "one", &tag));
    sim.run_for(100);
    assert_eq!(
        lines(&server),
        ["received", "pre-routing", "filtered-ack ACK one"]
    );
    caller.send(SERVER, &request("OPTIONS", "answer", "two", ""));
    sim.run_for(100);
    assert!(
        caller
            .receive()
            .expect("a reply")
            .starts_with("SIP/2.0 480")
    );
    assert_eq!(
        lines(&server),
        ["received", "pre-routing", "tm:local-response 480"]
    );
}
