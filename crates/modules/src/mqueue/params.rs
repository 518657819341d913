//! Parameters.

use bytes::Bytes;
use engine::Setup;
use engine::module::{DefaultValue, InitError, Param, ParamText, ParamValues, Status};

use super::Mqueue;
use super::queue::{AddMode, Queue};
use crate::attributes::{self, NoAttribute};

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    Param::text(
        "db_url",
        None,
        "Database that queues with dbmode are kept in: refused when a queue has one.",
    )
    .with(Status::Partial),
    Param::new(
        "mqueue",
        DefaultValue::List,
        "Defines a queue: name=a;size=20;addmode=0.",
    )
    .at_once(),
    Param::int(
        "mqueue_addmode",
        0,
        "For queues that mqueue_name defines after it: 0 keeps all items, 1 the oldest and 2 the \
         newest of a key.",
    ),
    Param::new(
        "mqueue_name",
        DefaultValue::List,
        "Defines a queue by its name.",
    )
    .at_once(),
    Param::int(
        "mqueue_size",
        0,
        "Items at most in queues that mqueue_name defines after it; 0 for any number.",
    ),
];

/// Why a queue cannot be defined.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum QueueError {
    /// Not a list of attributes.
    #[error(transparent)]
    NoAttribute(#[from] NoAttribute),
    /// A queue without a name.
    #[error("a queue needs a name")]
    NoName,
    /// A name that another queue has.
    #[error("the queue {0} is defined twice")]
    Twice(String),
    /// No such attribute.
    #[error("a queue has no attribute `{0}`")]
    Unknown(String),
    /// A value that must be a number is none.
    #[error("`{0}` takes a number that is not negative")]
    NoNumber(String),
    /// The queue wants a database.
    #[error("queues are not kept in databases yet")]
    Database,
}

/// Makes the queues.
pub(super) fn init(setup: &mut Setup<'_>) -> Result<Mqueue, InitError> {
    read(setup.params)
}

/// What queues defined by name alone get.
#[derive(Default)]
struct Defaults {
    size: i64,
    mode: i64,
    has_database: bool,
}

pub(super) fn read(params: &ParamValues) -> Result<Mqueue, InitError> {
    let mut queues: Vec<Queue> = Vec::new();
    let mut defaults = Defaults {
        has_database: params.text("db_url").is_some_and(|url| !url.is_empty()),
        ..Defaults::default()
    };
    for (name, value) in params.in_order() {
        let defined = match (name, value) {
            ("mqueue_size", ParamText::Int(size)) => {
                defaults.size = *size;
                continue;
            }
            ("mqueue_addmode", ParamText::Int(mode)) => {
                defaults.mode = *mode;
                continue;
            }
            ("mqueue_name", ParamText::Text(name)) => {
                make(name.clone(), defaults.size, defaults.mode)
            }
            ("mqueue", ParamText::Text(text)) => define(text, defaults.has_database),
            _ => continue,
        };
        let queue = defined
            .and_then(|queue| match queues.iter().any(|q| q.name == queue.name) {
                true => Err(QueueError::Twice(text_of(&queue.name))),
                false => Ok(queue),
            })
            .map_err(|e| InitError::of_param(name, e.to_string()))?;
        queues.insert(0, queue);
    }
    Ok(Mqueue { queues })
}

fn define(text: &[u8], has_database: bool) -> Result<Queue, QueueError> {
    let (mut name, mut size, mut mode) = (Bytes::new(), 0, 0);
    for attribute in attributes::pairs(text) {
        let (key, value) = attribute?;
        match key {
            b"name" => name = Bytes::copy_from_slice(value),
            b"size" => size = number(key, value)?,
            b"addmode" => mode = number(key, value)?,
            b"dbmode" if number(key, value)? != 0 && has_database => {
                return Err(QueueError::Database);
            }
            b"dbmode" => {}
            _ => return Err(QueueError::Unknown(text_of(key))),
        }
    }
    make(name, size, mode)
}

fn make(name: Bytes, size: i64, mode: i64) -> Result<Queue, QueueError> {
    if name.is_empty() {
        return Err(QueueError::NoName);
    }
    let mode = match mode {
        1 => AddMode::Oldest,
        2 => AddMode::Newest,
        _ => AddMode::All,
    };
    Ok(Queue::new(name, usize::try_from(size).unwrap_or(0), mode))
}

fn number(name: &[u8], value: &[u8]) -> Result<i64, QueueError> {
    match sip::chars::decimal(value) {
        Some(number) => Ok(i64::from(number)),
        None => Err(QueueError::NoNumber(text_of(name))),
    }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
