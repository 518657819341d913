//! Tests of a whole transaction: events in, outputs out. The expectations were measured on Kamailio 5.6.3.

use super::{AddBranchError, AlreadyReplied, CancelMode, DropReplies, Kind, Rules, Transaction};
use crate::output::{BranchNo, Output, Outputs, Request, Response, Winner};
use crate::time::{Millis, Timing, Transport};
use crate::timer::Timer;

const A: BranchNo = BranchNo(0);
const B: BranchNo = BranchNo(1);

fn invite(rules: Rules) -> Transaction<()> {
    Transaction::new(
        Millis(0),
        Kind::Invite,
        Transport::Unreliable,
        Timing::INVITE,
        rules,
        (),
    )
}

fn forked(rules: Rules) -> Transaction<()> {
    let mut transaction = invite(rules);
    for branch in [A, B] {
        assert_eq!(
            transaction.add_branch(Millis(0), Transport::Unreliable, ()),
            Ok(branch)
        );
    }
    transaction
}

fn send(branch: BranchNo, what: Request) -> Output {
    Output::Send { branch, what }
}

fn forward(branch: BranchNo, status: u16) -> Output {
    Output::Respond(Response::Forward { branch, status })
}

fn again() -> Output {
    Output::Respond(Response::Retransmission)
}

fn winner(branch: BranchNo, status: u16, local: bool) -> Winner {
    Winner {
        branch,
        status,
        local,
    }
}

/// A reply that the reply routes let through, without the `Deliver`.
fn reply(
    transaction: &mut Transaction<()>,
    now: u64,
    branch: BranchNo,
    status: u16,
) -> Vec<Output> {
    let mut outputs = Outputs::new();
    transaction.on_reply(Millis(now), branch, status, &mut outputs);
    let deliver = Output::Deliver { branch, status };
    if let Some(index) = outputs.iter().position(|output| *output == deliver) {
        outputs.remove(index);
        transaction.forward_reply(Millis(now), branch, status, &mut outputs);
    }
    outputs.into_vec()
}

fn step(run: impl FnOnce(&mut Outputs)) -> Vec<Output> {
    let mut outputs = Outputs::new();
    run(&mut outputs);
    outputs.into_vec()
}

/// Jumps from deadline to deadline until `end`; lists what happened when.
fn pass(transaction: &mut Transaction<()>, end: u64) -> Vec<(u64, Output)> {
    let mut seen = Vec::new();
    while transaction.next_deadline().0 <= end {
        let now = transaction.next_deadline();
        let outputs = step(|out| transaction.on_timer(now, out));
        let over = outputs.contains(&Output::Terminated);
        seen.extend(outputs.into_iter().map(|output| (now.0, output)));
        if over {
            break;
        }
    }
    seen
}

#[test]
fn a_silent_branch_is_repeated_until_408() {
    let mut t = invite(Rules::default());
    t.add_branch(Millis(0), Transport::Unreliable, ()).unwrap();
    let retransmission = send(A, Request::Retransmission);
    let seen = pass(&mut t, 30_000);
    let times: Vec<u64> = seen
        .iter()
        .filter(|(_, o)| *o == retransmission)
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(
        times,
        [500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500]
    );
    let lost = winner(A, 408, true);
    let end = [
        Output::Timeout {
            branch: A,
            timer: Timer::B,
        },
        Output::AllBranchesFinal { winner: lost },
    ];
    assert_eq!(seen[9..], end.map(|output| (30_000, output)));
    assert_eq!(
        step(|out| t.conclude(Millis(30_000), out)),
        [Output::Respond(Response::Final(lost))]
    );
    // Kamailio repeats the reply until the wait timer, which began with it, ends the transaction.
    let seen = pass(&mut t, 60_000);
    assert_eq!(
        seen,
        [
            (30_500, again()),
            (31_500, again()),
            (33_500, again()),
            (35_000, Output::Terminated)
        ]
    );
}

#[test]
fn reliable_transports_repeat_nothing() {
    let mut t: Transaction<()> = Transaction::new(
        Millis(0),
        Kind::Invite,
        Transport::Reliable,
        Timing::INVITE,
        Rules::default(),
        (),
    );
    t.add_branch(Millis(0), Transport::Reliable, ()).unwrap();
    assert_eq!(pass(&mut t, 29_999), []);
    assert_eq!(reply(&mut t, 29_999, A, 180), [forward(A, 180)]);
    assert_eq!(
        step(|out| t.on_cancel(Millis(30_000), out)),
        [send(A, Request::Cancel)]
    );
    assert_eq!(reply(&mut t, 30_001, A, 487).len(), 2);
    t.conclude(Millis(30_001), &mut Outputs::new());
    assert_eq!(pass(&mut t, 40_000), [(35_001, Output::Terminated)]);
}

#[test]
fn a_ringing_branch_that_times_out_is_cancelled() {
    let mut t = invite(Rules::default());
    t.add_branch(Millis(0), Transport::Unreliable, ()).unwrap();
    assert_eq!(reply(&mut t, 100, A, 180), [forward(A, 180)]);
    assert_eq!(reply(&mut t, 200, A, 100), []);
    let seen = pass(&mut t, 120_200);
    let outputs: Vec<Output> = seen.iter().map(|(_, output)| *output).collect();
    let asked = Output::AllBranchesFinal {
        winner: winner(A, 408, true),
    };
    assert_eq!(
        outputs,
        [
            Output::Timeout {
                branch: A,
                timer: Timer::C
            },
            send(A, Request::Cancel),
            asked
        ]
    );
    t.conclude(Millis(120_200), &mut Outputs::new());
    // What the CANCEL brings is acknowledged and goes no further.
    assert_eq!(reply(&mut t, 120_300, A, 487), [send(A, Request::Ack)]);
    assert_eq!(
        reply(&mut t, 120_400, A, 487),
        [send(A, Request::AckRetransmission)]
    );
}

#[test]
fn a_late_sign_of_life_is_answered_with_cancel() {
    let mut t = invite(Rules::default());
    t.add_branch(Millis(0), Transport::Unreliable, ()).unwrap();
    pass(&mut t, 30_000);
    t.conclude(Millis(30_000), &mut Outputs::new());
    assert_eq!(reply(&mut t, 31_000, A, 180), [send(A, Request::Cancel)]);
    assert_eq!(reply(&mut t, 31_100, A, 180), []);
}

#[test]
fn the_first_2xx_wins_and_later_ones_pass() {
    let mut t = forked(Rules::default());
    assert_eq!(reply(&mut t, 10, B, 180), [forward(B, 180)]);
    assert_eq!(
        reply(&mut t, 20, A, 200),
        [forward(A, 200), send(B, Request::Cancel)]
    );
    assert_eq!(reply(&mut t, 30, B, 200), [forward(B, 200)]);
    assert_eq!(reply(&mut t, 40, A, 200), [forward(A, 200)]);
    assert_eq!(reply(&mut t, 50, B, 180), []);
    assert_eq!(step(|out| t.on_request_retransmission(out)), [again()]);
    assert_eq!(
        t.on_local_reply(Millis(60), 500, &mut Outputs::new()),
        Err(AlreadyReplied)
    );
    assert_eq!(
        t.add_branch(Millis(60), Transport::Unreliable, ()),
        Err(AddBranchError::Replied)
    );
    assert_eq!(
        pass(&mut t, 9_000).last(),
        Some(&(5020, Output::Terminated))
    );
}

#[test]
fn a_silent_branch_is_cancelled_when_it_speaks() {
    let mut t = forked(Rules::default());
    assert_eq!(reply(&mut t, 20, A, 200), [forward(A, 200)]);
    let again = |at| (at, send(B, Request::Retransmission));
    assert_eq!(
        pass(&mut t, 4_000),
        [again(500), again(1_500), again(3_500)]
    );
    assert_eq!(reply(&mut t, 4_000, B, 180), [send(B, Request::Cancel)]);
    assert_eq!(
        pass(&mut t, 4_500),
        [(4_500, send(B, Request::CancelRetransmission))]
    );
    t.on_cancel_reply(Millis(4_510), B, 200);
    assert_eq!(pass(&mut t, 9_000), [(5_020, Output::Terminated)]);
}

#[test]
fn a_6xx_cancels_the_others_and_waits_for_them() {
    let mut t = forked(Rules::default());
    reply(&mut t, 10, B, 180);
    assert_eq!(
        reply(&mut t, 20, A, 603),
        [send(A, Request::Ack), send(B, Request::Cancel)]
    );
    let asked = Output::AllBranchesFinal {
        winner: winner(A, 603, false),
    };
    assert_eq!(reply(&mut t, 30, B, 487), [send(B, Request::Ack), asked]);
    let mut calm = forked(Rules {
        disable_6xx_block: true,
        ..Rules::default()
    });
    reply(&mut calm, 10, B, 180);
    assert_eq!(reply(&mut calm, 20, A, 603), [send(A, Request::Ack)]);
}

#[test]
fn of_equal_replies_the_first_branch_wins() {
    let mut t = forked(Rules::default());
    reply(&mut t, 10, B, 486);
    let asked = Output::AllBranchesFinal {
        winner: winner(A, 486, false),
    };
    assert_eq!(reply(&mut t, 20, A, 486), [send(A, Request::Ack), asked]);
}

#[test]
fn a_cancelled_request_that_times_out_answers_487() {
    let mut t = forked(Rules::default());
    reply(&mut t, 10, A, 180);
    assert_eq!(
        step(|out| t.on_cancel(Millis(20), out)),
        [send(A, Request::Cancel)]
    );
    assert_eq!(step(|out| t.on_cancel(Millis(21), out)), []);
    assert_eq!(
        t.add_branch(Millis(22), Transport::Unreliable, ()),
        Err(AddBranchError::Canceled)
    );
    reply(&mut t, 30, A, 487);
    let seen = pass(&mut t, 30_000);
    assert_eq!(
        seen.last(),
        Some(&(
            30_000,
            Output::AllBranchesFinal {
                winner: winner(B, 408, true)
            }
        ))
    );
    let answer = step(|out| t.conclude(Millis(30_000), out));
    assert_eq!(
        answer,
        [Output::Respond(Response::Final(winner(B, 487, true)))]
    );
}

#[test]
fn a_received_408_stays_408_when_cancelled() {
    let mut t = invite(Rules::default());
    t.add_branch(Millis(0), Transport::Unreliable, ()).unwrap();
    reply(&mut t, 10, A, 180);
    t.on_cancel(Millis(20), &mut Outputs::new());
    reply(&mut t, 30, A, 408);
    let answer = step(|out| t.conclude(Millis(30), out));
    assert_eq!(
        answer,
        [Output::Respond(Response::Final(winner(A, 408, false)))]
    );
}

#[test]
fn cancel_modes_differ_for_silent_branches() {
    let rules = |cancel_mode| Rules {
        cancel_mode,
        ..Rules::default()
    };
    let mut fake = forked(rules(CancelMode::FakeReply));
    let asked = Output::AllBranchesFinal {
        winner: winner(A, 487, true),
    };
    assert_eq!(step(|out| fake.on_cancel(Millis(10), out)), [asked]);
    let mut anyway = forked(rules(CancelMode::SendAnyway));
    let cancels = [send(A, Request::Cancel), send(B, Request::Cancel)];
    assert_eq!(step(|out| anyway.on_cancel(Millis(10), out)), cancels);
    let seen = pass(&mut anyway, 29_999);
    assert!(seen.iter().all(|(_, output)| matches!(
        output,
        Output::Send {
            what: Request::CancelRetransmission,
            ..
        }
    )));
}

#[test]
fn serial_forking_starts_a_new_leg() {
    let mut t = invite(Rules::default());
    t.add_branch(Millis(0), Transport::Unreliable, ()).unwrap();
    reply(&mut t, 10, A, 302);
    t.drop_replies(DropReplies::All);
    assert_eq!(t.add_branch(Millis(20), Transport::Unreliable, ()), Ok(B));
    assert_eq!(step(|out| t.conclude(Millis(20), out)), []);
    let asked = Output::AllBranchesFinal {
        winner: winner(B, 486, false),
    };
    assert_eq!(reply(&mut t, 30, B, 486), [send(B, Request::Ack), asked]);
    assert_eq!(
        step(|out| t.on_local_reply(Millis(40), 480, out).unwrap()).len(),
        1
    );
    assert_eq!(step(|out| t.conclude(Millis(40), out)), []);
    assert_eq!(t.last_status(), 480);
}

#[test]
fn a_hold_keeps_the_choice_open() {
    let mut t = invite(Rules::default());
    t.hold();
    t.add_branch(Millis(0), Transport::Unreliable, ()).unwrap();
    assert_eq!(step(|out| t.on_branch_failure(A, 503, out)), []);
    t.add_branch(Millis(0), Transport::Unreliable, ()).unwrap();
    assert_eq!(step(|out| t.release(out)), []);
    let asked = Output::AllBranchesFinal {
        winner: winner(B, 404, false),
    };
    assert_eq!(reply(&mut t, 9, B, 404), [send(B, Request::Ack), asked]);
}

#[test]
fn an_ack_ends_the_repetition_of_a_negative_reply() {
    let mut t = invite(Rules::default());
    t.on_local_reply(Millis(0), 486, &mut Outputs::new())
        .unwrap();
    assert_eq!(pass(&mut t, 500), [(500, again())]);
    assert_eq!(step(|out| t.on_request_retransmission(out)), [again()]);
    assert_eq!(step(|out| t.on_ack(out)), [Output::Acknowledged]);
    assert_eq!(step(|out| t.on_ack(out)), []);
    assert_eq!(step(|out| t.on_request_retransmission(out)), [again()]);
    assert_eq!(pass(&mut t, 9_000), [(5_000, Output::Terminated)]);
}

#[test]
fn timer_h_ends_the_repetition_when_the_wait_is_longer() {
    let timing = Timing {
        fr: 9_000,
        wait: 25_000,
        ..Timing::INVITE
    };
    let mut t: Transaction<()> = Transaction::new(
        Millis(0),
        Kind::Invite,
        Transport::Unreliable,
        timing,
        Rules::default(),
        (),
    );
    t.on_local_reply(Millis(0), 486, &mut Outputs::new())
        .unwrap();
    let mut expected: Vec<(u64, Output)> = [500, 1500, 3500, 7500].map(|at| (at, again())).to_vec();
    expected.extend([
        (9_000, Output::NoAck(Timer::H)),
        (25_000, Output::Terminated),
    ]);
    assert_eq!(pass(&mut t, 60_000), expected);
}

#[test]
fn a_non_invite_slows_down_after_a_provisional_reply_and_absorbs_later_finals() {
    let timing = Timing {
        fr: 8_000,
        ..Timing::NON_INVITE
    };
    let mut t: Transaction<()> = Transaction::new(
        Millis(0),
        Kind::NonInvite,
        Transport::Unreliable,
        timing,
        Rules::default(),
        (),
    );
    t.add_branch(Millis(0), Transport::Unreliable, ()).unwrap();
    assert_eq!(step(|out| t.on_request_retransmission(out)), []);
    assert_eq!(pass(&mut t, 500), [(500, send(A, Request::Retransmission))]);
    reply(&mut t, 600, A, 100);
    assert_eq!(
        pass(&mut t, 5_000),
        [(4_600, send(A, Request::Retransmission))]
    );
    assert_eq!(reply(&mut t, 5_000, A, 200), [forward(A, 200)]);
    assert_eq!(reply(&mut t, 5_100, A, 200), []);
    assert_eq!(reply(&mut t, 5_200, A, 404), []);
    assert_eq!(step(|out| t.on_request_retransmission(out)), [again()]);
    assert_eq!(pass(&mut t, 60_000), [(10_000, Output::Terminated)]);
}

#[test]
fn the_lifetime_ends_what_is_pending_or_forgotten() {
    let timing = Timing {
        max_lifetime: 6_000,
        ..Timing::INVITE
    };
    let new = || {
        Transaction::new(
            Millis(0),
            Kind::Invite,
            Transport::Unreliable,
            timing,
            Rules::default(),
            (),
        )
    };
    let mut ringing: Transaction<()> = new();
    ringing
        .add_branch(Millis(0), Transport::Unreliable, ())
        .unwrap();
    reply(&mut ringing, 10, A, 180);
    let seen: Vec<Output> = pass(&mut ringing, 6_000)
        .into_iter()
        .map(|(_, output)| output)
        .collect();
    let lost = winner(A, 408, true);
    let timeout = Output::Timeout {
        branch: A,
        timer: Timer::Lifetime,
    };
    assert_eq!(
        seen,
        [
            timeout,
            send(A, Request::Cancel),
            Output::AllBranchesFinal { winner: lost }
        ]
    );
    assert!(ringing.is_expired());
    // Nobody concludes: the transaction does so by itself.
    let seen = pass(&mut ringing, 11_000);
    assert!(seen.contains(&(11_000, Output::Respond(Response::Final(lost)))));
    let mut forgotten: Transaction<()> = new();
    forgotten.hold();
    assert_eq!(
        pass(&mut forgotten, 6_000),
        [(6_000, Output::Respond(Response::Local { status: 408 }))]
    );
    assert_eq!(
        pass(&mut forgotten, 99_000).last(),
        Some(&(11_000, Output::Terminated))
    );
}

#[test]
fn fr_inv_restarts_as_configured() {
    let restart_fr = crate::RestartFr::IncreasingReply;
    for (rules, end) in [
        (Rules::default(), 125_000),
        (
            Rules {
                restart_fr,
                ..Rules::default()
            },
            121_000,
        ),
    ] {
        let mut t = invite(rules);
        t.add_branch(Millis(0), Transport::Unreliable, ()).unwrap();
        reply(&mut t, 500, A, 100);
        reply(&mut t, 1_000, A, 180);
        reply(&mut t, 5_000, A, 180);
        assert_eq!(t.next_deadline(), Millis(end));
    }
}

#[test]
fn new_intervals_reach_running_timers() {
    let mut t = forked(Rules::default());
    reply(&mut t, 1_000, A, 180);
    t.set_timing(
        Millis(2_000),
        Timing {
            fr: 7_000,
            fr_inv: 5_000,
            ..Timing::INVITE
        },
    );
    let timeouts: Vec<(u64, Output)> = pass(&mut t, 60_000)
        .into_iter()
        .filter(|(_, o)| matches!(o, Output::Timeout { .. }))
        .collect();
    let at = |branch, timer| Output::Timeout { branch, timer };
    assert_eq!(
        timeouts,
        [(7_000, at(A, Timer::C)), (9_000, at(B, Timer::B))]
    );
}

#[test]
fn what_was_let_go_still_passes_replies_and_ends() {
    let mut transaction = forked(Rules::default());
    transaction.let_go(Millis(100));
    assert!(transaction.is_let_go());
    let end = transaction.next_deadline();
    assert_eq!(end, Millis(100) + Timing::INVITE.wait);
    assert_eq!(reply(&mut transaction, 200, A, 200)[0], forward(A, 200));
    let outputs = step(|outputs| transaction.on_timer(end, outputs));
    assert_eq!(outputs, [Output::Terminated]);
}

#[test]
fn what_was_given_up_can_be_answered_once() {
    let mut transaction = forked(Rules::default());
    transaction.abandon(Millis(0));
    assert!(transaction.is_given_up() && transaction.is_closed());
    assert_eq!(
        transaction.add_branch(Millis(1), Transport::Unreliable, ()),
        Err(AddBranchError::Replied)
    );
    let mut outputs = Outputs::new();
    assert_eq!(
        transaction.on_local_reply(Millis(1), 480, &mut outputs),
        Ok(())
    );
    assert!(!transaction.is_given_up() && transaction.is_replied());
    assert_eq!(
        transaction.on_local_reply(Millis(2), 486, &mut outputs),
        Err(AlreadyReplied)
    );
}
