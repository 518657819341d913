//! The names of the timers, with the section that defines each and the interval that Kamailio gives it.

/// A timer of RFC 3261, table 4, or of the transaction as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// INVITE request retransmission (§17.1.1.2): `retr_timer1`, doubling to `retr_timer2`.
    A,
    /// INVITE without any reply (§17.1.1.2): `fr_timer`.
    B,
    /// INVITE without a final reply (§16.6 item 11): `fr_inv_timer`.
    C,
    /// Non-INVITE request retransmission (§17.1.2.2): `retr_timer1`, doubling to `retr_timer2`.
    E,
    /// Non-INVITE without a final reply (§17.1.2.2): `fr_timer`.
    F,
    /// INVITE negative final reply retransmission (§17.2.1): `retr_timer1`, doubling to `retr_timer2`.
    G,
    /// Wait for the ACK (§17.2.1): `fr_timer`.
    H,
    /// Wait for delayed messages once everything is done: `wt_timer`. It stands for timers D (§17.1.1.2), I (§17.2.1),
    /// J (§17.2.2), K (§17.1.2.2), L and M (RFC 6026 §7), which Kamailio does not tell apart.
    Wait,
    /// The transaction as a whole has been active for too long: `max_inv_lifetime`, `max_noninv_lifetime`.
    Lifetime,
}
