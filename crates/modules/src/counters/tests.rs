//! Counters of a script.

use engine::rpc::{RpcFault, RpcValue};
use testkit::Sim;

const CONFIG: &str = r#"
    loadmodule "counters.so"
    modparam("counters", "script_counter", "calls calls that were seen")
    modparam("counters", "script_counter", "mine.other")
    request_route {
        cnt_inc("calls");
        cnt_add("mine.other", "5");
        if (!cnt_inc("nope")) { log(0, "none"); }
        exit;
    }
"#;

#[test]
fn the_script_counts() {
    let sim = Sim::new(5);
    let server = sim
        .server("127.0.45.9:5060", CONFIG, crate::LIBRARY)
        .expect("the configuration is right");
    let client = sim.agent("127.0.45.10:5060");
    client.send(
        "127.0.45.9:5060",
        "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.45.10;branch=z9hG4bK1\r\n\
             From: <sip:x@y>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
    );
    sim.run_for(50);
    let get = |group: &str, name: &str| server.rpc("cnt.get", &[group.into(), name.into()]);
    assert_eq!(get("script", "calls"), Ok(vec![1.into()]));
    assert_eq!(get("mine", "other"), Ok(vec![5.into()]));
    let missing = RpcFault::new(400, "non-existent counter mine.nope\n");
    assert_eq!(get("mine", "nope"), Err(missing));
    let all = server.rpc("cnt.grp_get_all", &["mine".into()]);
    let members = vec![("other".to_owned(), 5.into())];
    assert_eq!(all, Ok(vec![RpcValue::Struct(members)]));
    let help = server.rpc("cnt.help", &["script".into(), "calls".into()]);
    assert_eq!(help, Ok(vec!["calls that were seen".into()]));
    let groups = server.rpc("cnt.grps_list", &[]).expect("groups");
    assert!(groups.contains(&"mine".into()) && groups.contains(&"core".into()));
    assert_eq!(
        server.rpc("cnt.reset", &["mine".into(), "other".into()]),
        Ok(vec![])
    );
    assert_eq!(get("mine", "other"), Ok(vec![0.into()]));
}
