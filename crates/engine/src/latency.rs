//! How long routes and functions take: log lines for what is slow.

use std::fmt;
use std::time::Duration;

use script::ast::Span;

use crate::action;
use crate::arguments::Call;
use crate::context::Context;
use crate::core::Core;
use crate::log::{CORE, Level};
use crate::module::Outcome;

/// When a route began, if anybody wants to know how long it takes (`latency_cfg_log`).
pub(crate) fn begin(cx: &Context) -> Option<Duration> {
    let level = Level::from_number(cx.core.core_cfg.latency_cfg_log.get());
    let wanted = cx.core.log_threshold.allows(level);
    wanted.then(|| cx.core.services.clock.unix())
}

/// Says how long a route took that began then.
pub(crate) fn end(cx: &mut Context, what: &str, began: Option<Duration>) {
    let Some(began) = began else {
        return;
    };
    let took = since(&cx.core, began);
    let level = Level::from_number(cx.core.core_cfg.latency_cfg_log.get());
    log(cx, level, &format!("{what} executed in: {took} usec"));
}

/// A function that may take a limited time.
pub(crate) struct Limit {
    began: Duration,
    micros: i64,
    action: Action,
    span: Span,
}

/// How a function is named.
enum Action {
    /// One of the core, by the number of its action.
    Core(u32),
    /// One of a module, with the number that its parameters give it.
    Module(&'static str, u32),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(number) => write!(f, "corefunc ({number})"),
            Self::Module(name, number) => write!(f, "{name} ({number})"),
        }
    }
}

impl Limit {
    /// The limit of functions, `latency_limit_action`, if there is one.
    pub(crate) fn of(core: &Core, call: &Call) -> Option<Self> {
        let micros = core.core_cfg.latency_limit_action.get();
        let name = call.function.name;
        (micros > 0).then(|| Self {
            began: core.services.clock.unix(),
            micros,
            action: if call.is_core {
                Action::Core(action::of_word(name).map_or(0, |(number, _)| number))
            } else {
                Action::Module(name, action::of_module(call.args.len()))
            },
            span: call.span,
        })
    }

    /// Looks at the time when the function is done, now or after it waited.
    pub(crate) fn watch(self, cx: &mut Context, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Return(code) => {
                self.check(cx);
                Outcome::Return(code)
            }
            // The block's own functions are watched one by one.
            Outcome::Route(route) => {
                self.check(cx);
                Outcome::Route(route)
            }
            Outcome::Wait(wait) => Outcome::Wait(Box::pin(async move {
                let continuation = wait.await;
                Box::new(move |cx: &mut Context| {
                    let outcome = continuation(cx);
                    self.watch(cx, outcome)
                }) as _
            })),
        }
    }

    fn check(&self, cx: &mut Context) {
        let took = since(&cx.core, self.began);
        if took <= self.micros {
            return;
        }
        let level = Level::from_number(cx.core.core_cfg.latency_log.get());
        let (file, line) = cx.line_of(self.span);
        let action = &self.action;
        log(
            cx,
            level,
            &format!("alert - action [{action}] cfg [{file}:{line}] took too long [{took} us]"),
        );
    }
}

/// Whatever runs, such a line is the core's.
fn log(cx: &mut Context, level: Level, text: &str) {
    cx.log_bytes(level, None, CORE, text.as_bytes());
}

/// Microseconds since a time.
fn since(core: &Core, began: Duration) -> i64 {
    let took = core.services.clock.unix().saturating_sub(began);
    i64::try_from(took.as_micros()).unwrap_or(i64::MAX)
}
