//! Requests over the simulated network.

use testkit::Sim;

const CONFIG: &str = r#"
    loadmodule "xhttp.so"
    loadmodule "jsonrpcs.so"
    loadmodule "cfg_rpc.so"
    modparam("jsonrpcs", "transport", 1)
    modparam("xhttp", "url_skip", "^/skipped")
    debug=2
    request_route { exit; }
    event_route[xhttp:request] {
        set_reply_close();
        set_reply_no_connect();
        if ($hu =~ "^/RPC") { jsonrpc_dispatch(); exit; }
        xhttp_reply("200", "OK", "text/html", "<html>$hu</html>");
    }
"#;

fn exchange(request: &str) -> Option<String> {
    let sim = Sim::new(3);
    let server = sim.server("127.0.45.4:5060", CONFIG, crate::LIBRARY);
    let server = server.expect("the configuration is right");
    let client = sim.agent_on("127.0.45.5:4000", engine::socket::Proto::Tcp);
    client.send("127.0.45.4:5060", request);
    sim.run_for(100);
    drop(server);
    client.receive()
}

#[test]
fn pages() {
    let reply = exchange("GET /hello?x=1 HTTP/1.0\r\nHost: x\r\n\r\n").expect("a reply");
    let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
    let server = format!("Server: ferrosip ({})", env!("CARGO_PKG_VERSION"));
    let lines: Vec<&str> = head.split("\r\n").collect();
    assert_eq!(
        lines,
        [
            "HTTP/1.0 200 OK",
            "Sia: SIP/2.0/TCP 127.0.45.5:4000",
            "Content-Type: text/html",
            &server,
            "Content-Length: 23",
        ]
    );
    assert_eq!(body, "<html>/hello?x=1</html>");
    assert_eq!(exchange("GET /skipped HTTP/1.1\r\nHost: x\r\n\r\n"), None);
}

#[test]
fn calls() {
    let call = r#"{"jsonrpc":"2.0","method":"cfg.get","params":["core","debug"],"id":1}"#;
    let request = format!(
        "POST /RPC HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{call}",
        call.len()
    );
    let reply = exchange(&request).expect("a reply");
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
    assert!(
        reply.contains("\r\nContent-Type: application/json\r\n"),
        "{reply}"
    );
    let body = "{\n\t\"jsonrpc\":\t\"2.0\",\n\t\"result\":\t2,\n\t\"id\":\t1\n}";
    assert!(reply.ends_with(&format!("\r\n\r\n{body}")), "{reply}");
    let unknown = request.replace("cfg.get", "cfg.bad");
    let reply = exchange(&unknown).expect("a reply");
    assert!(
        reply.starts_with("HTTP/1.1 500 Method Not Found\r\n"),
        "{reply}"
    );
}
