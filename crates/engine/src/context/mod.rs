//! One message on its way through the script: everything that functions and variables act on.

mod avp;
mod branch;
mod extensions;
mod known;
mod vars;

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use script::ast::Span;
use script::host::{Compared, Comparison, Host, RouteId};
use script::value::Value;
use script::view::View;
use sip::{Edits, Message};

pub use avp::{Avp, AvpClass, AvpKey, AvpName, AvpStore, Avps, Xavp, XavpValue};
pub use branch::{Branch, BranchSet, MAX_BRANCHES, Registration};
pub use extensions::Extensions;
pub use vars::ScriptVars;

use crate::Program;
use crate::arguments::{Args, Call};
use crate::cfg_vars::Version;
use crate::core::Core;
use crate::latency::Limit;
use crate::log::{Level, OwnPrefix, Place, PrefixTime, module_of};
use crate::module::{Outcome, Routes};
use crate::services::LogLine;
use crate::socket::{Proto, Received};
use crate::stock::Handle;
use crate::variable::Readable;
use known::Known;

/// Which run of the script a context is in: what `Routes` masks are checked against at run time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RunKind {
    /// `request_route`.
    Request,
    /// `reply_route`.
    Reply,
    /// `onreply_route[x]` of a transaction.
    TmReply,
    /// `failure_route[x]`.
    Failure,
    /// `branch_route[x]`.
    Branch,
    /// `onsend_route`.
    OnSend,
    /// An event route.
    Event,
    /// `event_route[tm:local-request]`.
    LocalRequest,
}

impl RunKind {
    /// The mask bit of this kind.
    #[must_use]
    pub fn routes(self) -> Routes {
        match self {
            Self::Request => Routes::REQUEST,
            Self::Reply => Routes::CORE_ONREPLY,
            Self::TmReply => Routes::TM_ONREPLY,
            Self::Failure => Routes::FAILURE,
            Self::Branch => Routes::BRANCH,
            Self::OnSend => Routes::ONSEND,
            Self::Event => Routes::EVENT,
            Self::LocalRequest => Routes::LOCAL,
        }
    }
}

/// Options of a message that script functions set and sending obeys.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SendOptions {
    /// `force_rport()`: reply to the source port even if the client did not ask (RFC 3581).
    pub force_rport: bool,
    /// The host in the top Via is a name of the source address (`rev_dns`).
    pub sender_is_named: bool,
    /// `add_local_rport()`: put `;rport` into our own Via.
    pub add_local_rport: bool,
    /// `via_add_xavp_params(1)`: put the values of an XAVP into our own Via.
    pub add_via_params: bool,
    /// `via_add_srvid(1)`: put `server_id` into our own Via.
    pub add_via_srvid: bool,
    /// `set_reply_no_connect()`.
    pub reply_no_connect: bool,
    /// `set_reply_close()`.
    pub reply_close: bool,
    /// `set_forward_no_connect()`.
    pub forward_no_connect: bool,
    /// `set_forward_close()`.
    pub forward_close: bool,
    /// `udp_mtu_try_proto()`.
    pub large_proto: Option<Proto>,
}

/// A message in work.
pub struct Context {
    /// The server.
    pub core: Handle<Core>,
    /// The program that this message started with and ends with, whatever is loaded meanwhile.
    pub program: Handle<Program>,
    /// The message as received (or as rebuilt by `msg_apply_changes`).
    pub msg: Arc<Message>,
    /// How it came in.
    pub received: Received,
    /// What kind of run this is.
    pub kind: RunKind,
    /// A number for this message, unique in the process: `$mi`.
    pub id: u64,
    /// Where a request goes: the first branch. Its `uri` is `None` while the request URI is the
    /// one received.
    pub target: Branch,
    /// The request URI or the next hop was set, be it to what it was: a failure route that does so wants a branch.
    pub target_set: bool,
    /// Further branches (`append_branch`, `lookup`).
    pub branches: BranchSet,
    /// Changes to the message, invisible to reads until applied.
    pub edits: Edits,
    /// Header lines for replies that we make to this request (`append_to_reply`), each with CRLF.
    pub reply_headers: Vec<Bytes>,
    /// Body of replies that we make to this request (`set_reply_body`).
    pub reply_body: Bytes,
    /// Message flags (`setflag`), which a transaction takes over.
    pub flags: u32,
    /// Extended message flags (`setxflag`).
    pub xflags: [u32; 2],
    /// Script flags (`setsflag`), of this run only.
    pub script_flags: u32,
    /// Options for sending.
    pub options: SendOptions,
    /// `set_advertised_address`.
    pub advertised_host: Option<Bytes>,
    /// `set_advertised_port`.
    pub advertised_port: Option<u16>,
    /// AVPs and XAVPs, shared with the transaction once there is one.
    pub avps: Avps,
    /// `$var(name)`.
    pub vars: ScriptVars,
    /// The last return code: `$rc`, `$?`.
    pub return_code: i64,
    /// The run-time values that this run sees: those of when it began.
    pub values: Version,
    /// Why the function that runs fails, as Kamailio numbers errors; 0: for no special reason.
    pub error: i64,
    /// Why the function before it failed: what `sl_reply_error` tells.
    pub previous_error: i64,
    /// The route block that runs: `$cfg(route)`.
    pub route: Option<RouteId>,
    /// The statement that runs, when the program is traced or asks for places.
    pub position: Span,
    /// Where the function that runs is called.
    pub calling: Option<Span>,
    /// Who speaks in log lines: the module whose function runs.
    pub speaker: &'static str,
    /// The time that is this message's own, once it is known: see [`Self::moment`].
    pub arrived: Option<Duration>,
    /// When the main route began, if its time is wanted.
    pub(crate) began: Option<Duration>,
    /// `log_prefix` as it was evaluated for this message.
    log_prefix: OwnPrefix,
    /// What modules keep with a message.
    pub extensions: Extensions,
    /// What was found out about the message so far.
    known: Known,
}

impl Context {
    /// A fresh context for a message.
    #[must_use]
    pub fn new(
        core: impl Into<Handle<Core>>,
        program: impl Into<Handle<Program>>,
        msg: Arc<Message>,
        received: Received,
        kind: RunKind,
    ) -> Self {
        let core = core.into();
        let id = core.next_message_id();
        let vars = core.initial_vars.clone();
        let values = core.cfg.version();
        Self {
            core,
            program: program.into(),
            msg,
            received,
            kind,
            id,
            target: Branch::default(),
            target_set: false,
            branches: BranchSet::default(),
            edits: Edits::default(),
            reply_headers: Vec::new(),
            reply_body: Bytes::new(),
            flags: 0,
            xflags: [0; 2],
            script_flags: 0,
            options: SendOptions::default(),
            advertised_host: None,
            advertised_port: None,
            avps: Avps::default(),
            vars,
            return_code: 0,
            values,
            error: 0,
            previous_error: 0,
            route: None,
            position: Span::default(),
            calling: None,
            speaker: crate::log::CORE,
            arrived: None,
            began: None,
            log_prefix: OwnPrefix::Absent,
            extensions: Extensions::default(),
            known: Known::default(),
        }
    }

    /// The same message for a run of its own, with the same AVPs; what modules keep with it stays
    /// with the original.
    #[must_use]
    pub fn copy(&mut self) -> Self {
        Self {
            core: self.core.clone(),
            program: self.program.clone(),
            msg: Arc::clone(&self.msg),
            received: self.received,
            kind: self.kind,
            id: self.id,
            target: self.target.clone(),
            target_set: self.target_set,
            branches: self.branches.clone(),
            edits: self.edits.clone(),
            reply_headers: self.reply_headers.clone(),
            reply_body: self.reply_body.clone(),
            flags: self.flags,
            xflags: self.xflags,
            script_flags: self.script_flags,
            options: self.options,
            advertised_host: self.advertised_host.clone(),
            advertised_port: self.advertised_port,
            avps: self.avps.share(),
            vars: self.vars.clone(),
            return_code: self.return_code,
            values: self.values,
            error: self.error,
            previous_error: self.previous_error,
            route: self.route,
            position: self.position,
            calling: self.calling,
            speaker: self.speaker,
            arrived: self.arrived,
            began: None,
            log_prefix: self.log_prefix.clone(),
            extensions: Extensions::default(),
            known: Known::default(),
        }
    }

    /// The one time that belongs to this message: when it came in (`msg_time`), else when somebody
    /// asked for the first time.
    pub fn moment(&mut self) -> Duration {
        *self
            .arrived
            .get_or_insert_with(|| self.core.services.clock.unix())
    }

    /// The request URI as it stands now: the script's, else the received one.
    #[must_use]
    pub fn request_uri(&self) -> Bytes {
        self.target
            .uri
            .clone()
            .unwrap_or_else(|| self.msg.slice(self.msg.request_uri_span()))
    }

    /// Sets the request URI, as writing `$ru` does: the branch's instance data no longer holds.
    pub fn set_request_uri(&mut self, uri: Bytes) {
        self.target.uri = Some(uri);
        self.target_set = true;
        self.target.forget_location();
    }

    /// Sets the next hop, as writing `$du` does; an empty one clears it. Only one that is set makes a
    /// failure route want a branch.
    pub fn set_next_hop(&mut self, uri: Bytes) {
        self.target.dst_uri = Some(uri).filter(|uri| !uri.is_empty());
        self.target_set |= self.target.dst_uri.is_some();
    }

    /// `file:line:column` of a place in the program that this message runs.
    #[must_use]
    pub fn place_of(&self, span: Span) -> String {
        let at = self.program.source().locate(span);
        format!("{}:{}:{}", at.file, at.line, at.column)
    }

    /// File and line of a place in the program that this message runs.
    #[must_use]
    pub fn line_of(&self, span: Span) -> (String, usize) {
        let at = self.program.source().locate(span);
        (at.file, at.line as usize)
    }

    /// What stands in the configuration at a place.
    #[must_use]
    pub fn text_of(&self, span: Span) -> &[u8] {
        let source = self.program.source();
        source.snippet(source.origin(span))
    }

    /// Logs a line about this message at a level, with `log_prefix`.
    #[track_caller]
    pub fn log(&mut self, level: Level, message: &str) {
        self.log_bytes(level, None, self.speaker, message.as_bytes());
    }

    /// Logs bytes, to a facility other than the configured one if asked; `source` is who speaks.
    #[track_caller]
    pub fn log_bytes(
        &mut self,
        level: Level,
        facility: Option<crate::log::Facility>,
        source: &str,
        message: &[u8],
    ) {
        self.log_of_module(level, facility, (module_of(source), source), message);
    }

    /// Logs bytes of a module that lets another speak.
    #[track_caller]
    pub(crate) fn log_of_module(
        &mut self,
        level: Level,
        facility: Option<crate::log::Facility>,
        (module, source): (&str, &str),
        message: &[u8],
    ) {
        if !self.core.log_threshold.allows_from(level, module) {
            return;
        }
        let core = Arc::clone(&self.core);
        let prefix = self.prefix_of_lines(&core);
        let place = match self.calling {
            Some(span) => Place::Script {
                program: &self.program,
                span,
                route: self.route,
            },
            None => Place::Source(Location::caller()),
        };
        core.services.log.write(&LogLine {
            level,
            facility: facility.or_else(|| core.log_threshold.facility_of(module)),
            prefix: &prefix,
            source,
            module,
            place,
            label: None,
            call_id: self.msg.call_id().unwrap_or_default(),
            message,
        });
    }

    /// `log_prefix` for this message: as it was fixed, if it was, unless `log_prefix_mode` wants it
    /// anew for each line.
    fn prefix_of_lines(&mut self, core: &Core) -> Bytes {
        let Some(prefix) = core.log_prefix.get() else {
            return Bytes::new();
        };
        let each_line = prefix.time == PrefixTime::EachLine;
        match &self.log_prefix {
            OwnPrefix::Known(text) => return text.clone(),
            OwnPrefix::Absent if !each_line => return Bytes::new(),
            OwnPrefix::Absent | OwnPrefix::Due => {}
        }
        // A variable that logs while it is read gets no prefix of its own.
        self.log_prefix = OwnPrefix::Known(Bytes::new());
        let text = prefix.format.text(self);
        self.log_prefix = match each_line {
            true => OwnPrefix::Absent,
            false => OwnPrefix::Known(text.clone()),
        };
        text
    }

    /// Evaluates `log_prefix` before the script changes what it shows, or with the first line if it
    /// cannot change that. As in Kamailio, messages that were received and the requests of failure
    /// routes have one, but none that is made up for an event.
    pub fn fix_log_prefix(&mut self) {
        let time = self.core.log_prefix.get().map(|prefix| prefix.time);
        match time {
            None | Some(PrefixTime::EachLine) => {}
            Some(PrefixTime::FirstLine) => self.log_prefix = OwnPrefix::Due,
            Some(PrefixTime::BeforeScript) => {
                self.log_prefix = OwnPrefix::Due;
                let core = Arc::clone(&self.core);
                self.prefix_of_lines(&core);
            }
        }
    }

    /// Puts another message in the place of the one in work. The lines about it keep their prefix.
    pub fn replace_message(&mut self, msg: Arc<Message>) {
        if matches!(self.log_prefix, OwnPrefix::Due) {
            let core = Arc::clone(&self.core);
            self.prefix_of_lines(&core);
        }
        self.msg = msg;
    }

    /// What the block that runs is called: the name in brackets, or that of a main block.
    #[must_use]
    pub fn block(&self) -> Option<&str> {
        Some(crate::log::block_name(&self.program, self.route?))
    }
}

/// Lets `$rc` show what a function returns, when it does.
fn note_code(cx: &mut Context, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Return(code) => {
            cx.return_code = code;
            Outcome::Return(code)
        }
        Outcome::Route(route) => Outcome::Route(route),
        Outcome::Wait(wait) => Outcome::Wait(Box::pin(async move {
            let continuation = wait.await;
            Box::new(move |cx: &mut Context| {
                let outcome = continuation(cx);
                note_code(cx, outcome)
            }) as _
        })),
    }
}

impl Host for Context {
    type Call = Call;
    type Variable = Readable;

    fn call(&mut self, call: &Call, dynamic: &[Value]) -> Outcome {
        self.previous_error = std::mem::take(&mut self.error);
        let limit = Limit::of(&self.core, call);
        let outer = std::mem::replace(&mut self.speaker, call.module);
        let around = self.calling.replace(call.span);
        let outcome = (call.function.run)(self, &Args::new(call, dynamic));
        self.speaker = outer;
        self.calling = around;
        let outcome = match limit {
            Some(limit) => limit.watch(self, outcome),
            None => outcome,
        };
        match outcome {
            outcome if call.is_core => outcome,
            Outcome::Return(code) => {
                self.return_code = code;
                Outcome::Return(code)
            }
            outcome => note_code(self, outcome),
        }
    }

    fn returned(&mut self, code: i32) {
        self.return_code = i64::from(code);
    }

    fn read(&mut self, variable: &Readable) -> Value {
        variable.read(self)
    }

    fn look<T>(&mut self, variable: &Readable, with: impl FnOnce(View<'_>) -> T) -> T {
        variable.look(self, with)
    }

    fn take(&mut self, variable: &Readable) -> Value {
        variable.take(self)
    }

    fn write(&mut self, variable: &Readable, value: Value) -> bool {
        variable.write(self, value)
    }

    fn copy(&mut self, from: &Readable, to: &Readable) -> bool {
        to.copy(self, from)
    }

    fn compare(&mut self, left: &Readable, right: &Readable, how: Comparison) -> Option<Compared> {
        crate::keyword::compare(self, left, right, how)
    }

    fn compare_literal(&mut self, left: &Readable, right: &Value) -> Option<Compared> {
        crate::keyword::compare_literal(self, left, right)
    }

    fn trace(&mut self, span: Span) {
        self.position = span;
        if self.core.hooks.trace.is_empty() {
            return;
        }
        let core = Arc::clone(&self.core);
        for hook in &core.hooks.trace {
            hook(self, span);
        }
    }

    fn enter_route(&mut self, route: RouteId) {
        self.route = Some(route);
    }

    fn report(&mut self, span: Span, message: &str) {
        let place = self.place_of(span);
        self.log(Level::Error, &format!("{place}: {message}"));
    }
}
