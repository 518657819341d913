//! Remote procedure calls: one registry with typed values, many front ends (binrpc, JSON-RPC).

pub mod binrpc;

use std::any::Any;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

use crate::core::Core;
use crate::module::{Rpc, State};

/// A value in a call or an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum RpcValue {
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Double(f64),
    /// Text.
    Text(Bytes),
    /// Named values in order.
    Struct(Vec<(String, RpcValue)>),
    /// A list.
    List(Vec<RpcValue>),
    /// Nothing.
    Null,
}

impl From<i64> for RpcValue {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}

impl From<&str> for RpcValue {
    fn from(t: &str) -> Self {
        Self::Text(Bytes::copy_from_slice(t.as_bytes()))
    }
}

impl From<String> for RpcValue {
    fn from(t: String) -> Self {
        Self::Text(t.into())
    }
}

impl From<Bytes> for RpcValue {
    fn from(t: Bytes) -> Self {
        Self::Text(t)
    }
}

/// A failed call: what `rpc->fault` gives in Kamailio.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RpcFault {
    /// Code, like a SIP status.
    pub code: i64,
    /// Reason.
    pub reason: String,
}

impl RpcFault {
    /// A fault.
    #[must_use]
    pub fn new(code: i64, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }
}

/// What a method answers: the values that it added, in order (usually one).
pub type RpcResult = Result<Vec<RpcValue>, RpcFault>;

/// An answer that is not known yet.
pub type RpcLater = Pin<Box<dyn Future<Output = RpcResult> + Send>>;

/// What a call gets.
pub enum RpcReply {
    /// The answer.
    Now(RpcResult),
    /// The answer comes; nothing may block for it.
    Later(RpcLater),
}

/// A call being run.
pub struct RpcCall<'a> {
    /// The server.
    pub core: &'a Arc<Core>,
    /// The state of the method's module.
    pub state: &'a State,
    /// Its arguments in order.
    pub args: &'a [RpcValue],
    /// How it came.
    pub caller: &'a Caller,
    later: Cell<Option<RpcLater>>,
}

/// How a call came in.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Caller {
    /// The protocol.
    pub wire: Wire,
    /// Arguments of the wrong type are converted when they can be.
    pub converts: bool,
    /// Where the caller is, as the control socket shows it.
    pub peer: Option<crate::control::ControlPeer>,
}

/// The protocol of a call.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Wire {
    /// Not from outside: the script, a test.
    #[default]
    Local,
    /// binrpc, by `ctl`.
    Binrpc,
    /// JSON-RPC.
    Json,
    /// The line protocol of `ctl`'s `fifo`.
    Lines,
}

impl RpcCall<'_> {
    /// Lets the answer come when a future is done. What the method returns counts for nothing then,
    /// unless it is a fault; hand back what this gives.
    ///
    /// # Errors
    /// Never: the type is that of a method.
    pub fn answer_later(
        &self,
        answer: impl Future<Output = RpcResult> + Send + 'static,
    ) -> RpcResult {
        self.later.set(Some(Box::pin(answer)));
        Ok(Vec::new())
    }

    /// The state of the method's module.
    ///
    /// # Errors
    /// A fault when `T` is not the type that the module's `init` made.
    pub fn state<T: Any + Send + Sync>(&self) -> Result<&T, RpcFault> {
        (**self.state)
            .downcast_ref()
            .ok_or_else(|| RpcFault::new(500, "Internal error"))
    }

    /// A text argument that must be there.
    ///
    /// # Errors
    /// A fault in Kamailio's words.
    pub fn want_text(&self, index: usize) -> Result<Bytes, RpcFault> {
        match self.args.get(index) {
            Some(RpcValue::Text(t)) => Ok(t.clone()),
            given => self
                .caller
                .converts
                .then(|| self.text(index))
                .flatten()
                .ok_or_else(|| wrong_argument(index, "string", given)),
        }
    }

    /// A text argument that may be left out.
    ///
    /// # Errors
    /// A fault when it is there but no text.
    pub fn opt_text(&self, index: usize) -> Result<Option<Bytes>, RpcFault> {
        (index < self.args.len())
            .then(|| self.want_text(index))
            .transpose()
    }

    /// An integer argument that must be there.
    ///
    /// # Errors
    /// A fault in Kamailio's words.
    pub fn want_int(&self, index: usize) -> Result<i64, RpcFault> {
        match self.args.get(index) {
            Some(RpcValue::Int(n)) => Ok(*n),
            given => self
                .caller
                .converts
                .then(|| match given? {
                    RpcValue::Double(d) => Some(*d as i64),
                    _ => self.int(index),
                })
                .flatten()
                .ok_or_else(|| wrong_argument(index, "integer", given)),
        }
    }

    /// A text argument; numbers are turned into text.
    #[must_use]
    pub fn text(&self, index: usize) -> Option<Bytes> {
        match self.args.get(index)? {
            RpcValue::Text(t) => Some(t.clone()),
            RpcValue::Int(n) => Some(n.to_string().into()),
            RpcValue::Double(d) => Some(d.to_string().into()),
            _ => None,
        }
    }

    /// An integer argument; text that holds one is taken.
    #[must_use]
    pub fn int(&self, index: usize) -> Option<i64> {
        match self.args.get(index)? {
            RpcValue::Int(n) => Some(*n),
            RpcValue::Text(t) => std::str::from_utf8(t).ok()?.trim().parse().ok(),
            _ => None,
        }
    }
}

fn wrong_argument(index: usize, wanted: &str, given: Option<&RpcValue>) -> RpcFault {
    let problem = match given {
        Some(_) => binrpc::DecodeError::Type,
        None => binrpc::DecodeError::End,
    };
    RpcFault::new(
        400,
        format!("error at parameter {index}: expected {wanted} type but {problem}"),
    )
}

/// All methods by name.
#[derive(Default)]
pub struct RpcRegistry {
    methods: BTreeMap<&'static str, (&'static Rpc, State)>,
}

impl RpcRegistry {
    /// Adds a method with the state it runs on.
    pub fn add(&mut self, method: &'static Rpc, state: State) {
        self.methods.insert(method.name, (method, state));
    }

    /// Names of all methods, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.methods.keys().copied()
    }

    /// A method's row.
    #[must_use]
    pub fn method(&self, name: &str) -> Option<&'static Rpc> {
        self.methods.get(name).map(|(row, _)| *row)
    }

    /// Runs a method that answers at once.
    ///
    /// # Errors
    /// The method's own fault, or 500 when there is no such method or its answer would come later.
    pub fn call(&self, core: &Arc<Core>, name: &str, args: &[RpcValue]) -> RpcResult {
        match self.call_from(core, &Caller::default(), name, args) {
            RpcReply::Now(result) => result,
            RpcReply::Later(_) => Err(RpcFault::new(500, "The answer would come later")),
        }
    }

    /// Runs a method for a caller outside. Its answer is the method's own, or fault 500 when there
    /// is no such method.
    pub fn call_from(
        &self,
        core: &Arc<Core>,
        caller: &Caller,
        name: &str,
        args: &[RpcValue],
    ) -> RpcReply {
        let Some((row, state)) = self.methods.get(name) else {
            return RpcReply::Now(Err(RpcFault::new(500, "Method Not Found")));
        };
        let call = RpcCall {
            core,
            state,
            args,
            caller,
            later: Cell::new(None),
        };
        // A method that panics costs one call, as a message costs one message.
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (row.run)(&call)))
            .unwrap_or_else(|_| Err(RpcFault::new(500, "Internal error")));
        match call.later.take() {
            Some(later) if result.is_ok() => RpcReply::Later(later),
            _ => RpcReply::Now(result),
        }
    }
}
