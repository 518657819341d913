//! Answers byte for byte as Kamailio's.

use engine::control::{
    Answering, ControlAddress, ControlAnswer, ControlFrame, ControlPeer, ControlService,
};
use testkit::{Server, Sim};

use super::service::{Datagrams, Pipe};

const CONFIG: &str = r#"
    loadmodule "jsonrpcs.so"
    debug=2
    request_route { exit; }
"#;

fn server() -> Server {
    Sim::new(1)
        .server("127.0.45.6:5060", CONFIG, crate::LIBRARY)
        .expect("the configuration is right")
}

fn peer() -> ControlPeer {
    ControlPeer {
        local: ControlAddress::Fifo("/run/x".into()),
        host: None,
        port: None,
    }
}

fn at_once(answering: Answering) -> ControlAnswer {
    match answering {
        Answering::Now(answer) => answer,
        Answering::Later(_) => panic!("the answer comes later"),
    }
}

fn ask(request: &str) -> String {
    let server = server();
    let service = Datagrams::new(&server.core, true);
    let answer = at_once(service.answer(request.as_bytes(), &peer()));
    String::from_utf8(answer.bytes).expect("text")
}

#[test]
fn results_and_errors() {
    let call = |method: &str, params: &str| {
        ask(&format!(
            r#"{{"jsonrpc":"2.0","method":"{method}","params":{params},"id":1}}"#
        ))
    };
    assert_eq!(
        call("core.printi", "[5, 6]"),
        "{\n\t\"jsonrpc\":\t\"2.0\",\n\t\"result\":\t[5, 6],\n\t\"id\":\t1\n}"
    );
    assert_eq!(
        call("core.echo", r#"["a", 5, 1.5]"#),
        "{\n\t\"jsonrpc\":\t\"2.0\",\n\t\"result\":\t[\"a\", \"5\", \"1\"],\n\t\"id\":\t1\n}"
    );
    assert_eq!(
        call("nope", "[]"),
        "{\n\t\"jsonrpc\":\t\"2.0\",\n\t\"error\":\t{\n\t\t\"code\":\t500,\n\t\t\"message\":\t\
         \"Method Not Found\"\n\t},\n\t\"id\":\t1\n}"
    );
    let sockets = call("core.sockets_list", "[]");
    let expected = "{\n\t\"jsonrpc\":\t\"2.0\",\n\t\"result\":\t[{\n\t\t\t\"socket\":\t{\n\t\t\t\t\
                    \"proto\":\t\"udp\",\n\t\t\t\t\"address\":\t\"127.0.45.6\",\n";
    assert!(sockets.starts_with(expected), "{sockets}");
    assert!(
        sockets.ends_with("\n\t\t\t}\n\t\t}],\n\t\"id\":\t1\n}"),
        "{sockets}"
    );
}

#[test]
fn ids_come_back() {
    for (id, back) in [
        ("\"x\"", "\"x\""),
        ("-5", "-5"),
        ("1.5", "1.500000"),
        ("null", "0"),
    ] {
        let call = format!(r#"{{"jsonrpc":"2.0","method":"core.printi","params":[1],"id":{id}}}"#);
        let expected =
            format!("{{\n\t\"jsonrpc\":\t\"2.0\",\n\t\"result\":\t[1],\n\t\"id\":\t{back}\n}}");
        assert_eq!(ask(&call), expected);
    }
    let empty = "{\n\t\"jsonrpc\":\t\"2.0\",\n\t\"result\":\t{\n\t}\n}";
    assert_eq!(ask("[]"), empty);
    assert_eq!(ask(r#"{"jsonrpc":"2.0","method":5}"#), empty);
    assert_eq!(ask("garbage"), "");
}

#[test]
fn pipes_answer_where_asked() {
    let server = server();
    let service = Pipe::new(&server.core, false, "/tmp/".into());
    let call = br#"{"jsonrpc":"2.0","method":"core.printi","params":[1],"reply_name":"rep"}"#;
    let two = [b"bad\n", &call[..], b"\n", &call[..]].concat();
    assert_eq!(service.frame(&two), ControlFrame::Skip(4));
    assert_eq!(service.frame(&two[4..]), ControlFrame::Request(call.len()));
    assert_eq!(service.frame(&call[..9]), ControlFrame::NeedMore);
    let answer = at_once(service.answer(call, &peer()));
    assert_eq!(answer.pipe, Some("/tmp/rep".into()));
    assert_eq!(answer.bytes, br#"{"jsonrpc":"2.0","result":[1]}"#);
    let outside = String::from_utf8_lossy(call).replace("rep\"", "../etc/x\"");
    let refused = at_once(service.answer(outside.as_bytes(), &peer()));
    assert_eq!(refused.pipe, None);
}
