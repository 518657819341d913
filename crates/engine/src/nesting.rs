//! How deep blocks may run inside of each other on one thread. A function may run a block that calls
//! the same function again (`t_relay` in what a branch route calls): that must not exhaust the stack.

use std::cell::Cell;

use script::vm::{Ended, How, Step, Vm};

use crate::log::Level;
use crate::{Context, Program};

/// Far more than the blocks of a request that forks, fails and is answered.
const MOST: u32 = 24;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// One level, for as long as it runs.
struct Nested;

impl Nested {
    fn enter() -> Option<Self> {
        let depth = DEPTH.get();
        (depth < MOST).then(|| {
            DEPTH.set(depth + 1);
            Self
        })
    }
}

impl Drop for Nested {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// Runs a machine until it waits or ends. One too deep is not run: it ends as by `drop`.
pub(crate) fn resume(vm: &mut Vm<Context>, program: &Program, cx: &mut Context) -> Step<Context> {
    let Some(_nested) = Nested::enter() else {
        cx.log(
            Level::Error,
            "blocks run each other without end: the last one is not run",
        );
        return Step::Done(Ended {
            code: -1,
            how: How::Drop,
        });
    };
    vm.resume(program, cx)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_given_back() {
        let held: Vec<Nested> = std::iter::from_fn(Nested::enter).collect();
        assert_eq!(held.len(), MOST as usize);
        drop(held);
        let panicked = std::panic::catch_unwind(|| {
            let _nested = Nested::enter();
            panic!("in a block");
        });
        assert!(panicked.is_err());
        assert_eq!(DEPTH.get(), 0);
    }
}
