//! Running blocks of the program on a context: at top level, where a route may be parked while it
//! waits, and nested inside a function.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use script::host::{RouteId, Wait};
use script::vm::{Ended, How, Step, Vm};

use crate::Program;
use crate::context::{Context, RunKind};
use crate::core::Core;
use crate::log::Level;
use crate::module::{Outcome, TRUE};
use crate::nesting;

/// What follows when a block run at top level has ended. It may wait in its turn; what its outcome
/// returns at last is nobody's concern.
pub type After = Box<dyn FnOnce(&mut Context, Ended) -> Outcome + Send>;

/// What an [`After`] yields that has nothing to wait for.
pub const DONE: Outcome = TRUE;

thread_local! {
    /// Virtual machines whose stacks are warm. Nested runs take one more each.
    static MACHINES: RefCell<Vec<Vm<Context>>> = const { RefCell::new(Vec::new()) };
}

fn take_machine(core: &Core) -> Vm<Context> {
    match MACHINES.with(|pool| pool.borrow_mut().pop()) {
        Some(mut vm) => {
            vm.limit(core.vm_limits());
            vm
        }
        None => Vm::new(core.vm_limits()),
    }
}

fn give_back(vm: Vm<Context>) {
    MACHINES.with(|pool| {
        let mut pool = pool.borrow_mut();
        if pool.len() < 8 {
            pool.push(vm);
        }
    });
}

/// Runs a block on a context that nobody else needs, then `after`. A route that waits moves to
/// the runtime with everything it has; this call then returns at once.
pub fn run_detached(cx: Box<Context>, route: RouteId, after: After) {
    let mut vm = take_machine(&cx.core);
    let program = cx.program.clone();
    vm.start(route);
    drive(vm, cx, &program, after);
}

/// Runs a block as the work of no message: what modules do behind a request follows, and the
/// future is ready when all is done, even after a panic.
pub fn run_awaited(cx: Box<Context>, route: RouteId) -> impl Future<Output = ()> + Send + use<> {
    let (done, ended) = tokio::sync::oneshot::channel();
    run_detached(
        cx,
        route,
        Box::new(move |cx, _| {
            let outcome = crate::receive::after_request(cx);
            // Whoever waited may be gone.
            let _ = done.send(());
            outcome
        }),
    );
    async move {
        // A route that panicked drops its sender.
        let _ = ended.await;
    }
}

fn drive(mut vm: Vm<Context>, mut cx: Box<Context>, program: &Arc<Program>, after: After) {
    let step = guarded(&mut cx, |cx| nesting::resume(&mut vm, program, cx));
    match step {
        Some(Step::Done(ended)) => {
            give_back(vm);
            run_to_end(cx, |cx| after(cx, ended));
        }
        Some(Step::Wait(wait)) => park(vm, cx, Arc::clone(program), wait, after),
        // The machine's state is unknown after a panic: it is dropped, the message is over.
        None => {}
    }
}

/// Lets a run go on in the background when it has waited.
fn park(
    mut vm: Vm<Context>,
    cx: Box<Context>,
    program: Arc<Program>,
    wait: Wait<Context>,
    after: After,
) {
    let core = cx.core.clone();
    let waiting = core.overload.route_waits();
    core.services.spawner.spawn(Box::pin(async move {
        let continuation = wait.await;
        drop(waiting);
        vm.continue_with(continuation);
        drive(vm, cx, &program, after);
    }));
}

/// Does something with a context that nobody else needs, and goes on with it when it has to wait.
pub fn run_to_end(mut cx: Box<Context>, work: impl FnOnce(&mut Context) -> Outcome) {
    let Some(Outcome::Wait(wait)) = guarded(&mut cx, work) else {
        return;
    };
    let core = cx.core.clone();
    let waiting = core.overload.route_waits();
    core.services.spawner.spawn(Box::pin(async move {
        let continuation = wait.await;
        drop(waiting);
        run_to_end(cx, continuation);
    }));
}

/// What a block that is run inside a function call does not change for the one around it.
struct Outer {
    kind: RunKind,
    route: Option<RouteId>,
    return_code: i64,
    script_flags: u32,
}

impl Outer {
    /// A nested block begins: no code has been returned in it, and no script flag is set.
    fn leave(cx: &mut Context, kind: RunKind) -> Self {
        Self {
            kind: std::mem::replace(&mut cx.kind, kind),
            route: cx.route,
            return_code: std::mem::take(&mut cx.return_code),
            script_flags: std::mem::take(&mut cx.script_flags),
        }
    }

    fn resume(self, cx: &mut Context) {
        cx.kind = self.kind;
        cx.route = self.route;
        cx.return_code = self.return_code;
        cx.script_flags = self.script_flags;
    }
}

/// Runs a block inside a function call, then `then`. When the block waits, so does the call.
pub fn run_nested_then(
    cx: &mut Context,
    route: RouteId,
    kind: RunKind,
    then: impl FnOnce(&mut Context, Ended) -> Outcome + Send + 'static,
) -> Outcome {
    let mut vm = take_machine(&cx.core);
    let outer = Outer::leave(cx, kind);
    vm.start(route);
    resume_nested(cx, vm, outer, then)
}

fn resume_nested(
    cx: &mut Context,
    mut vm: Vm<Context>,
    outer: Outer,
    then: impl FnOnce(&mut Context, Ended) -> Outcome + Send + 'static,
) -> Outcome {
    let program = cx.program.clone();
    match nesting::resume(&mut vm, &program, cx) {
        Step::Done(ended) => {
            give_back(vm);
            outer.resume(cx);
            then(cx, ended)
        }
        Step::Wait(wait) => Outcome::Wait(Box::pin(async move {
            vm.continue_with(wait.await);
            Box::new(move |cx: &mut Context| resume_nested(cx, vm, outer, then)) as _
        })),
    }
}

/// Runs a block that only looks on: nobody asks how it ended. When it has to wait, the rest of it
/// runs on a copy of the message, and the caller goes on without.
pub fn run_beside(cx: &mut Context, route: RouteId, kind: RunKind) {
    let mut vm = take_machine(&cx.core);
    let program = cx.program.clone();
    let outer = Outer::leave(cx, kind);
    vm.start(route);
    match nesting::resume(&mut vm, &program, cx) {
        Step::Done(_) => give_back(vm),
        Step::Wait(wait) => {
            let copy = Box::new(cx.copy());
            park(vm, copy, Arc::clone(&program), wait, Box::new(|_, _| DONE));
        }
    }
    outer.resume(cx);
}

/// Runs a block where nothing can wait for it: a function that would have to wait is an
/// error there, told to the operator, and counts as failed.
pub fn run_nested(cx: &mut Context, route: RouteId, kind: RunKind) -> Ended {
    let mut vm = take_machine(&cx.core);
    let program = cx.program.clone();
    let outer = Outer::leave(cx, kind);
    vm.start(route);
    let ended = match nesting::resume(&mut vm, &program, cx) {
        Step::Done(ended) => {
            give_back(vm);
            ended
        }
        Step::Wait(_) => {
            let name = program.name(route).to_owned();
            cx.log(
                Level::Error,
                &format!(
                    "route [{name}] called a function that waits where waiting is not possible"
                ),
            );
            Ended {
                code: -1,
                how: How::Exit,
            }
        }
    };
    outer.resume(cx);
    ended
}

/// Runs something on a context; a panic costs this message only: it is counted, logged with the
/// message's first line and Call-ID, and a request is answered 500.
pub fn guarded<T>(cx: &mut Context, work: impl FnOnce(&mut Context) -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(|| work(cx))) {
        Ok(value) => Some(value),
        Err(_) => {
            after_panic(cx);
            None
        }
    }
}

fn after_panic(cx: &mut Context) {
    cx.core.counters.panics.increment();
    let first = String::from_utf8_lossy(cx.msg.text(cx.msg.start_line_span()))
        .trim_end()
        .to_owned();
    let call_id = String::from_utf8_lossy(cx.msg.call_id().unwrap_or_default()).into_owned();
    // log_prefix may be what panicked: this line goes without it.
    cx.core.log(
        Level::Bug,
        &format!("handling of a message panicked and was abandoned: {first} Call-ID: {call_id}"),
    );
    if cx.msg.is_request() && cx.msg.method() != sip::Method::Ack {
        cx.core.counters.err_requests.increment();
        let answered = catch_unwind(AssertUnwindSafe(|| {
            crate::reply::send_stateless(cx, 500, b"Server Internal Error", &[])
        }));
        if !matches!(answered, Ok(Ok(()))) {
            cx.core
                .log(Level::Bug, "the 500 reply for it could not be sent");
        }
    } else {
        cx.core.counters.err_replies.increment();
    }
}
