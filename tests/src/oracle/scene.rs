//! Where rows are evaluated: in the request's own block, or in one that a transaction comes to.

use super::messages::{MESSAGES, Message};

/// A block, and what happened before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scene {
    /// `request_route` or `reply_route`, as the message came.
    Arrived,
    /// `request_route` after branches were added and a next hop was set.
    Branches,
    /// `branch_route`, of each of two branches.
    Branch,
    /// `onreply_route` of the transaction, for the replies of two branches.
    Reply,
    /// `failure_route`, after both branches were refused.
    Failure,
}

/// The route block that evaluates is called by each of these; they say when a message is done with.
const ARRIVED: &str = "route[ALL] {
	route(ROWS);
}
";

const BRANCHES: &str = "route[ALL] {
	append_branch(\"sip:one:pw@127.0.0.1:5071;transport=udp;x=y\", \"0.5\");
	append_branch(\"sip:two@127.0.0.2\");
	$(branch(dst_uri)[0]) = \"sip:hop@127.0.0.3:5073;transport=tcp;lr\";
	$ru = \"sip:new:pw@127.0.0.5:5075;a=b\";
	$du = \"sip:next:hop@127.0.0.4:5074;transport=tcp;lr\";
	route(ROWS);
}
";

/// Sends the request in two branches to the server itself, which refuses it. `%arm%` names the block.
const RELAYED: &str = "route[ALL] {
	if ($si == $Ri && $sp == $Rp) {
		if (!is_method(\"ACK\")) sl_send_reply(\"486\", \"Busy here\");
		exit;
	}
	append_branch(\"sip:two@127.0.0.2;x=y\", \"0.5\");
	$du = \"sip:\" + $Ri + \":\" + $Rp;
	$(branch(dst_uri)[0]) = $du;
	%arm%(\"HERE\");
	t_relay();
	exit;
}
%block%[HERE] {
	route(VALUES);
	route(ROWS);
	%last%xlog(\"L_ALERT\", \"@@END@@\\n\");
}
";

/// The condition that a message is done with, in a block that runs for each branch.
const SECOND: &str = "if ($T_branch_idx == 1) ";

/// A block of the transaction, what arms it, and when it is through.
fn relayed(block: &str, arm: &str, last: &str) -> String {
    RELAYED
        .replace("%arm%", arm)
        .replace("%block%", block)
        .replace("%last%", last)
}

impl Scene {
    /// What a report puts before the message's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Arrived => "",
            Self::Branches => "with branches, ",
            Self::Branch => "branch_route, ",
            Self::Reply => "onreply_route, ",
            Self::Failure => "failure_route, ",
        }
    }

    /// The messages that come to it, of those for the usual scene.
    #[must_use]
    pub fn messages(self, usual: &'static [Message]) -> Vec<&'static Message> {
        const RELAYED: [&str; 4] = ["plain", "invite", "routed", "identities"];
        match self {
            Self::Arrived => usual.iter().collect(),
            _ => MESSAGES
                .iter()
                .filter(|message| RELAYED.contains(&message.name))
                .collect(),
        }
    }

    /// The blocks from the message's arrival to `route(ROWS)`.
    #[must_use]
    pub(super) fn blocks(self) -> String {
        match self {
            Self::Arrived => ARRIVED.to_owned(),
            Self::Branches => BRANCHES.to_owned(),
            Self::Branch => relayed("branch_route", "t_on_branch", SECOND),
            Self::Reply => relayed("onreply_route", "t_on_reply", SECOND),
            Self::Failure => relayed("failure_route", "t_on_failure", ""),
        }
    }
}
