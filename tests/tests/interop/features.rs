//! sipp: what calls do beyond ringing and talking has to pass through the proxy: early media with
//! reliable provisional answers, session timers, transfers.

use acceptance::client::Transport::{Tcp, Udp};

use crate::calls::{each_mix, one_call};
use crate::subject::Subject;
use crate::{Case, Need};

pub(crate) const CASES: &[Case] = &[
    case("features::early_media_with_prack_and_update", |s| {
        // The callee keeps one Record-Route: both sides speak the same transport.
        let server = s.stock()?;
        one_call(
            &server,
            "early",
            ("caller_early", Udp),
            ("callee_early", Udp),
        )?;
        one_call(
            &server,
            "stream",
            ("caller_early", Tcp),
            ("callee_early", Tcp),
        )
    }),
    case("features::session_timers", |s| {
        each_mix(s, "caller_timer", "callee_timer")
    }),
    case("features::transfer_within_the_dialog", |s| {
        each_mix(s, "caller_refers", "callee_is_referred")
    }),
];

const fn case(name: &'static str, run: fn(&Subject) -> Result<(), String>) -> Case {
    Case {
        name,
        needs: &[Need::Tool("sipp"), Need::StockConfig],
        run,
    }
}
