//! Requests that a stream took and then lost, because it could not be opened or broke: their
//! branches have failed at once, there is no timer to wait for.

use std::sync::Arc;

use engine::core::Core;
use engine::services::Token;
use transaction::{BranchNo, Handle, Outputs};

use crate::tm::failover::{self, Failure};
use crate::tm::failure;
use crate::tm::perform::release;
use crate::tm::state::Tm;

/// Status of a branch that could not be sent.
pub(crate) const SEND_FAILED: u16 = 477;

/// What the request of a branch is called while the network has it.
pub(crate) fn token(handle: Handle, branch: BranchNo) -> Token {
    let index = u128::from(handle.index()) << 64;
    Token(index | u128::from(handle.label()) << 32 | u128::from(branch.0))
}

fn parse(token: Token) -> Option<(Handle, BranchNo)> {
    let index = u32::try_from(token.0 >> 64).ok()?;
    let label = (token.0 >> 32) as u32;
    let branch = u8::try_from(token.0 as u32).ok()?;
    Some((Handle::from_index_and_label(index, label), BranchNo(branch)))
}

/// The network has lost the request of a branch.
pub(crate) fn on_lost(tm: &Tm, core: &Arc<Core>, token: Token) {
    let Some((handle, branch)) = parse(token) else {
        return;
    };
    let failed = tm.with(handle, |t| {
        let pending = t.branch(branch).is_some_and(|b| !b.is_final());
        if pending {
            t.hold();
            // It is held: nothing can be asked for.
            t.on_branch_failure(branch, SEND_FAILED, &mut Outputs::new());
        }
        pending
    });
    if failed != Some(true) {
        return;
    }
    failover::try_next(tm, core, handle, branch, Failure::Unsent);
    failure::branch_failed(tm, core, handle, branch, SEND_FAILED);
    release(tm, core, handle);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_back() {
        let handle = Handle::from_index_and_label(0xffff_fffe, 0x8000_0001);
        let token = token(handle, BranchNo(11));
        assert_eq!(parse(token), Some((handle, BranchNo(11))));
        assert_eq!(parse(Token(u128::MAX)), None);
    }
}
