//! Definitions of queues.

use engine::module::{ParamText, ParamValues};

use super::*;

fn queues(given: &[(&str, &str)]) -> Result<Mqueue, String> {
    let mut values = ParamValues::new(params::TABLE);
    for (name, value) in given {
        let value = value.parse().map_or_else(
            |_| ParamText::Text(bytes::Bytes::copy_from_slice(value.as_bytes())),
            ParamText::Int,
        );
        values.give(name, value).unwrap();
    }
    params::read(&values).map_err(|e| e.message)
}

#[test]
fn queues_are_read_in_the_order_of_the_configuration() {
    let state = queues(&[
        ("mqueue_name", "first"),
        ("mqueue_size", "2"),
        ("mqueue_addmode", "1"),
        ("mqueue_name", "second"),
        ("mqueue", "name=third;size=1;addmode=2;dbmode=1;"),
    ])
    .unwrap();
    let counts: Vec<(&[u8], usize)> = state
        .queues
        .iter()
        .map(|queue| {
            for key in [b"a", b"a", b"b", b"c"] {
                queue.add(key, b"").unwrap();
            }
            (&queue.name[..], queue.len())
        })
        .collect();
    assert_eq!(counts, [(&b"third"[..], 1), (b"second", 2), (b"first", 4)]);
}

#[test]
fn mistakes() {
    for given in [
        &[("mqueue", "size=3")][..],
        &[("mqueue", "name=a;size=x")],
        &[("mqueue", "name=a;nosuch=1")],
        &[("mqueue", "name=a"), ("mqueue_name", "a")],
        &[("db_url", "mysql://x"), ("mqueue", "name=a;dbmode=1")],
    ] {
        assert!(queues(given).is_err(), "{given:?}");
    }
}
