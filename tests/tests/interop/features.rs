//! sipp: what calls do beyond ringing and talking has to pass through the proxy: early media with
//! reliable provisional answers, session timers, transfers.

use acceptance::client::Transport::{Tcp, Udp};

use crate::calls::{each_mix, one_call};
use crate::{Case, Need};

const NEEDS: &[Need] = &[Need::Tool("sipp"), Need::StockConfig];

pub(crate) const CASES: &[Case] = &[
    Case::new("features::early_media_with_prack_and_update", NEEDS, |s| {
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
    Case::new("features::session_timers", NEEDS, |s| {
        each_mix(s, "caller_timer", "callee_timer")
    }),
    Case::new("features::transfer_within_the_dialog", NEEDS, |s| {
        each_mix(s, "caller_refers", "callee_is_referred")
    }),
];
