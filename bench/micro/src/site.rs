//! Messages through whole configurations: those of the comparison, and one that asks for what the
//! package's asks for.

use modules::uac::api::{Challenge, Challenged, Identity, Secret};

use crate::script::{Request, Rig, calls};

/// The URI of the requests that register somebody.
const REGISTRAR: &str = "sip:192.0.2.1";
/// How many users register.
const USERS: u32 = 1000;

/// A thousand users that come again and again with their answers to one challenge.
pub(crate) fn digest(times: u32) {
    let rig = Rig::configured(include_str!("../../configs/digest.cfg"));
    let challenge = challenge(&rig);
    let mut requests: Vec<Request> = (0..USERS)
        .map(|user| {
            let credentials = credentials(&challenge, user);
            let contact = "Contact: <sip:alice@192.0.2.101:5060>;expires=3600\r\n";
            let more = format!("{contact}{credentials}");
            Request::to("REGISTER", REGISTRAR, "", &more)
        })
        .collect();
    for number in 0..times {
        let request = &mut requests[(number % USERS) as usize];
        // A refresh has the Call-ID of the one before, and the next CSeq.
        request.set_cseq(1 + number / USERS);
        rig.receive(request.numbered(number % USERS));
    }
}

/// What somebody without credentials is challenged with.
fn challenge(rig: &Rig) -> Challenge {
    let user = rig.agent("192.0.2.101:5060");
    rig.receive(Request::to("REGISTER", REGISTRAR, "", "").numbered(USERS));
    rig.settle(2);
    let reply = user.receive().expect("a challenge");
    let value = reply
        .lines()
        .find_map(|line| line.strip_prefix("WWW-Authenticate: "));
    let value = value.expect("a challenge").as_bytes();
    Challenge::parse(value).expect("a challenge that can be answered")
}

/// The header line with a user's answer.
fn credentials(challenge: &Challenge, user: u32) -> String {
    let identity = Identity {
        user: format!("user{user:08x}").into_bytes(),
        password: Secret::Plain(b"load".to_vec()),
    };
    let request = Challenged {
        method: b"REGISTER",
        uri: REGISTRAR.as_bytes(),
        body: b"",
    };
    let value = challenge.answer(&identity, request, "cnonce");
    format!("Authorization: {}\r\n", String::from_utf8_lossy(&value))
}

/// Calls to a user that has registered.
pub(crate) fn registered_call(times: u32) {
    let rig = Rig::configured(include_str!("../../configs/registered.cfg"));
    let contact = "Contact: <sip:bob@192.0.2.4>;expires=3600\r\n";
    rig.receive(Request::to("REGISTER", REGISTRAR, "", contact).numbered(0));
    calls(&rig, "sip:user00000000@192.0.2.1", times);
}
