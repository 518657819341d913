//! A short run of every target with every test run: its seeds, and mutations of them drawn from a
//! fixed sequence. The long runs are cargo-fuzz's (fuzz/README.md).

use fastrand::Rng;
use fuzz_targets::TARGETS;

/// Mutations of each seed.
const ROUNDS: usize = 3_000;

/// The same for a whole server, which does much more with each.
const SERVER_ROUNDS: usize = 500;

const WORDS: &[&[u8]] = &[
    b"\r\n",
    b"\r\n\r\n",
    b"\r\n ",
    b":",
    b";",
    b",",
    b"<",
    b">",
    b"\"",
    b"\\",
    b"@",
    b"%",
    b"\0",
    b"\xff",
    b"[",
    b"]",
    b"(",
    b")",
    b"{",
    b"}",
    b"$",
    b"$(",
    b"#!",
    b"/*",
    b"=~",
    b"99999999999999999999",
    b"-1",
    b"Via: ",
    b"l: ",
    b"SIP/2.0",
];

/// One change: flip, insert, delete, repeat or splice.
fn mutate(dice: &mut Rng, input: &mut Vec<u8>, other: &[u8]) {
    let at = dice.usize(..input.len() + 1);
    match dice.usize(..6) {
        0 if at < input.len() => input[at] ^= 1 << dice.usize(..8),
        1 => {
            let word = WORDS[dice.usize(..WORDS.len())];
            input.splice(at..at, word.iter().copied());
        }
        2 if at < input.len() => {
            let end = (at + 1 + dice.usize(..16)).min(input.len());
            input.drain(at..end);
        }
        3 if at < input.len() && input.len() < 16_384 => {
            let end = (at + 1 + dice.usize(..32)).min(input.len());
            let piece = input[at..end].repeat(1 + dice.usize(..20));
            input.splice(at..at, piece);
        }
        4 => input.truncate(at),
        _ if !other.is_empty() => {
            let from = dice.usize(..other.len().max(1));
            let end = (from + 1 + dice.usize(..64)).min(other.len());
            input.splice(at..at, other[from..end].iter().copied());
        }
        _ => {}
    }
}

/// Mutations of each seed in a run that somebody wants to be long, with dice of its own.
fn long_run() -> Option<usize> {
    std::env::var("FUZZ_ROUNDS").ok()?.parse().ok()
}

/// Runs a target on its seeds and their mutations.
fn survives(name: &str) {
    let target = TARGETS.iter().find(|t| t.name == name);
    let target = target.unwrap_or_else(|| panic!("no target `{name}`"));
    let whole = matches!(name, "server" | "http" | "load");
    let usual = if whole { SERVER_ROUNDS } else { ROUNDS };
    let (rounds, mut dice) = match long_run() {
        Some(rounds) => (rounds, Rng::new()),
        None => (usual, Rng::with_seed(2026)),
    };
    for seed in target.seeds {
        (target.run)(seed);
        for _ in 0..rounds {
            let mut input = seed.to_vec();
            for _ in 0..=dice.usize(..6) {
                let other = target.seeds[dice.usize(..target.seeds.len())];
                mutate(&mut dice, &mut input, other);
            }
            let run = std::panic::AssertUnwindSafe(|| (target.run)(&input));
            let survived = std::panic::catch_unwind(run).is_ok();
            assert!(
                survived,
                "target {name} fails on b\"{}\"",
                input.escape_ascii()
            );
        }
    }
}

#[test]
fn message() {
    survives("message");
}

#[test]
fn load() {
    survives("load");
}

#[test]
fn header() {
    survives("header");
}

#[test]
fn session() {
    survives("session");
}

#[test]
fn stream() {
    survives("stream");
}

#[test]
fn reply() {
    survives("reply");
}

#[test]
fn uri() {
    survives("uri");
}

#[test]
fn branch() {
    survives("branch");
}

#[test]
fn config() {
    survives("config");
}

#[test]
fn regex() {
    survives("regex");
}

#[test]
fn binrpc() {
    survives("binrpc");
}

#[test]
fn server() {
    survives("server");
}

#[test]
fn http() {
    survives("http");
}

#[test]
fn proxy() {
    survives("proxy");
}

#[test]
fn every_target_is_here_and_has_a_fuzzer() {
    let here = include_str!("smoke.rs");
    let built = include_str!("../../Cargo.toml");
    for target in TARGETS {
        let name = target.name;
        assert!(here.contains(&format!("survives(\"{name}\")")), "{name}");
        assert!(built.contains(&format!("name = \"{name}\"")), "{name}");
    }
}
