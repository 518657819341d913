//! The methods on a running core; words and values as Kamailio's.

use engine::rpc::{RpcFault, RpcResult, RpcValue};
use testkit::{Server, Sim};

const CONFIG: &str = r#"
    loadmodule "cfg_rpc.so"
    debug=2
    pstn.gw_ip = "" desc "PSTN GW Address"
    pstn.gw_port = 5061 desc "port of it"
    request_route { exit; }
"#;

fn server() -> Server {
    Sim::new(1)
        .server("127.0.45.3:5060", CONFIG, crate::LIBRARY)
        .expect("the configuration is right")
}

fn call(server: &Server, method: &str, args: &[RpcValue]) -> RpcResult {
    server.core.rpcs.call(&server.core, method, args)
}

#[test]
fn values_are_read_and_changed() {
    let server = server();
    let debug = ["core".into(), "debug".into()];
    assert_eq!(call(&server, "cfg.get", &debug), Ok(vec![2.into()]));
    let args = ["core".into(), "debug".into(), 3.into()];
    assert_eq!(call(&server, "cfg.set_now_int", &args), Ok(vec![]));
    assert_eq!(server.core.log_threshold.get(), 3);
    let args = ["core".into(), "debug".into(), "x".into()];
    let refused = Err(RpcFault::new(400, "Failed to set the variable"));
    assert_eq!(call(&server, "cfg.set_now_string", &args), refused);
    let expected = "error at parameter 2: expected integer type but record doesn't match type";
    let mismatch = Err(RpcFault::new(400, expected));
    assert_eq!(call(&server, "cfg.set_now_int", &args), mismatch);
    let args = ["pstn".into(), "gw_ip".into(), 5.into()];
    assert_eq!(call(&server, "cfg.set", &args), Ok(vec![]));
    let group = RpcValue::Struct(vec![
        ("gw_ip".into(), "5".into()),
        ("gw_port".into(), 5061.into()),
    ]);
    assert_eq!(call(&server, "cfg.get", &["pstn".into()]), Ok(vec![group]));
    let help = call(&server, "cfg.help", &["pstn".into(), "gw_ip".into()]);
    assert_eq!(
        help,
        Ok(vec![
            "PSTN GW Address".into(),
            "(parameter type is string)".into()
        ])
    );
}

#[test]
fn changes_wait_for_the_commit() {
    let server = server();
    let args = ["pstn".into(), "gw_port".into(), 7.into()];
    assert_eq!(call(&server, "cfg.set_delayed_int", &args), Ok(vec![]));
    let waiting = RpcValue::Struct(vec![
        ("group name".into(), "pstn".into()),
        ("variable name".into(), "gw_port".into()),
        ("old value".into(), 5061.into()),
        ("new value".into(), 7.into()),
    ]);
    assert_eq!(call(&server, "cfg.diff", &[]), Ok(vec![waiting]));
    assert_eq!(call(&server, "cfg.commit", &[]), Ok(vec![]));
    assert_eq!(call(&server, "cfg.diff", &[]), Ok(vec![]));
    assert_eq!(call(&server, "cfg.get", &args[..2]), Ok(vec![7.into()]));
    let list = call(&server, "cfg.list", &["pstn".into()]);
    assert_eq!(list, Ok(vec!["pstn: gw_ip".into(), "pstn: gw_port".into()]));
}
