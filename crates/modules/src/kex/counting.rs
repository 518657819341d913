//! The core's statistics of messages by method and by class of reply.

use std::sync::{Arc, Weak};

use engine::core::Core;
use engine::hooks::Verdict;
use engine::module::{InitError, State};
use engine::statistics::{Counter, Statistics};
use engine::{Context, Setup};
use sip::Method;

use super::rows::STATISTICS;

/// Methods of requests that are counted.
const REQUESTS: [(Method, &str); 14] = [
    (Method::Ack, "ack"),
    (Method::Bye, "bye"),
    (Method::Cancel, "cancel"),
    (Method::Info, "info"),
    (Method::Invite, "invite"),
    (Method::Message, "message"),
    (Method::Notify, "notify"),
    (Method::Options, "options"),
    (Method::Prack, "prack"),
    (Method::Publish, "publish"),
    (Method::Refer, "refer"),
    (Method::Register, "register"),
    (Method::Subscribe, "subscribe"),
    (Method::Update, "update"),
];

/// Methods of replies that are counted for each class.
const REPLIES: [(Method, &str); 8] = [
    (Method::Bye, "bye"),
    (Method::Cancel, "cancel"),
    (Method::Invite, "invite"),
    (Method::Message, "message"),
    (Method::Prack, "prack"),
    (Method::Refer, "refer"),
    (Method::Register, "reg"),
    (Method::Update, "update"),
];

/// Codes that have a statistic of their own.
const CODES: [u16; 5] = [401, 404, 407, 480, 486];

/// Counts messages by method and class.
pub(super) fn register(setup: &mut Setup<'_>) {
    let requests = REQUESTS.map(|(method, name)| {
        let name = format!("rcv_requests_{name}");
        (method, setup.statistics.counter("core", &name))
    });
    let unsupported = setup.statistics.counter("core", "unsupported_methods");
    setup.hooks.before_request.push(Box::new(move |cx| {
        let method = cx.msg.method();
        match requests.iter().find(|(m, _)| *m == method) {
            Some((_, counter)) => counter.increment(),
            None => unsupported.increment(),
        }
        Verdict::Continue
    }));
    let replies = Replies::new(setup.statistics);
    // Before a module that owns the transaction takes the reply.
    setup.hooks.reply.insert(
        0,
        Box::new(move |cx| {
            replies.count(cx);
            None
        }),
    );
}

struct Replies {
    classes: [Class; 6],
    ringing: Counter,
    codes: [(u16, Counter); CODES.len()],
}

struct Class {
    all: Counter,
    methods: [(Method, Counter); REPLIES.len()],
}

impl Replies {
    fn new(statistics: &Statistics) -> Self {
        let core = |name: String| statistics.counter("core", &name);
        Self {
            classes: [1, 2, 3, 4, 5, 6].map(|class| Class {
                all: core(format!("rcv_replies_{class}xx")),
                methods: REPLIES
                    .map(|(m, name)| (m, core(format!("rcv_replies_{class}xx_{name}")))),
            }),
            ringing: core("rcv_replies_18x".to_owned()),
            codes: CODES.map(|code| (code, core(format!("rcv_replies_{code}")))),
        }
    }

    fn count(&self, cx: &Context) {
        let Some(code) = cx.msg.status() else {
            return;
        };
        let class = usize::from(code / 100).checked_sub(1);
        if let Some(class) = class.and_then(|c| self.classes.get(c)) {
            class.all.increment();
            let method = match cx.msg.cseq() {
                Some(Ok(cseq)) => Some(cseq.method),
                _ => None,
            };
            let counter = class.methods.iter().find(|(m, _)| Some(*m) == method);
            if let Some((_, counter)) = counter {
                counter.increment();
            }
        }
        if (180..190).contains(&code) {
            self.ringing.increment();
        }
        if let Some((_, counter)) = self.codes.iter().find(|(c, _)| *c == code) {
            counter.increment();
        }
    }
}

/// Registers what the process and the transport know.
pub(super) fn start(core: &Arc<Core>, _: &State) -> Result<(), InitError> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    function(core, "shmem", "total_size", move |c| {
        number(c.services.process.memory().total)
    });
    function(core, "shmem", "free_size", move |c| {
        number(c.services.process.memory().free)
    });
    for name in ["used_size", "real_used_size"] {
        function(core, "shmem", name, move |c| {
            number(c.services.process.memory().used)
        });
    }
    function(core, "shmem", "max_used_size", move |c| {
        number(c.services.process.memory().max_used)
    });
    function(core, "shmem", "fragments", |_| 0);
    for row in STATISTICS.iter().filter(|row| row.group == "tcp") {
        function(core, "tcp", row.name, move |c| {
            let seen = c.services.network.stream_statistics();
            let found = seen.iter().find(|(name, _)| *name == row.name);
            found.map_or(0, |(_, n)| number(*n))
        });
    }
    Ok(())
}

/// A statistic computed from the core, which it must not keep alive.
fn function(
    core: &Arc<Core>,
    group: &str,
    name: &str,
    read: impl Fn(&Core) -> i64 + Send + Sync + 'static,
) {
    let weak: Weak<Core> = Arc::downgrade(core);
    core.statistics.function(group, name, move || {
        weak.upgrade().map_or(0, |core| read(&core))
    });
}
