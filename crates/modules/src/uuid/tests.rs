//! Forms of identifiers.

use testkit::Sim;

#[test]
fn identifiers_have_their_form_and_differ() {
    let sim = Sim::new(9);
    let config = "loadmodule \"pv.so\"\nloadmodule \"xlog.so\"\nloadmodule \"uuid.so\"\n\
                  loadmodule \"rtimer.so\"\n\
                  modparam(\"rtimer\", \"timer\", \"name=a;interval=1\")\n\
                  modparam(\"rtimer\", \"exec\", \"timer=a;route=A\")\n\
                  route[A] { xlog(\"L_ERR\", \"$uuid(g) $uuid(r) $uuid(t) $uuid(s)\\n\"); }\n\
                  request_route { exit; }\n";
    let server = sim
        .server("127.0.27.1:5060", config, crate::LIBRARY)
        .unwrap_or_else(|e| panic!("{e}"));
    sim.run_for(3500);
    let lines = server.log_lines();
    assert_eq!(lines.len(), 3);
    let mut all: Vec<&str> = lines.iter().flat_map(|l| l.trim_end().split(' ')).collect();
    for (index, id) in all.iter().enumerate() {
        let parts: Vec<&str> = id.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|p| p.len()).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        let version = if index % 4 < 2 { '4' } else { '1' };
        assert!(parts[2].starts_with(version), "{id}");
        assert!(parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 12);
}
