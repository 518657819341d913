//! Selects of values in the lists that headers hold: `@hf_value.x_a[2].uri.host`.

mod element;

use bytes::Bytes;
use engine::Context;
use engine::module::SelectRow;
use engine::select::headers::Named;
use engine::select::path::{self, Step};
use engine::select::text::{TextPart, split};
use engine::select::uri::UriPart;
use engine::select::{Select, Unresolved};
use script::value::Value;

use element::Element;

/// All selects.
pub(super) static TABLE: &[SelectRow] = &[
    SelectRow::new(
        "hf_value",
        |_, steps| found(value(steps)),
        &[
            "hf_value[%s]{INDEX}{TEXT}",
            "hf_value[%s]{INDEX}{.name|.p[%s]|.param[%s]|.uri{URI}}",
            "hf_value.%s{INDEX}{|.name|.p[%s]|.param[%s]|.uri}",
        ],
        "An element of the lists in the headers of a name, or a part of it; without a number all elements.",
    ),
    SelectRow::new(
        "hf_value2",
        |_, steps| found(whole(steps)),
        &["hf_value2[%s]{INDEX}{|.params[%s]}", "hf_value2.%s{INDEX}"],
        "The whole value of a header of a name, or a parameter of it.",
    ),
    SelectRow::new(
        "hf_value_exists",
        |_, steps| found(exists(steps)),
        &["hf_value_exists[%s]{[%s]|.%s}"],
        "1 when an element of the headers of a name is this, 0 otherwise.",
    ),
];

fn found(select: Option<Select>) -> Result<Select, Unresolved> {
    select.ok_or(Unresolved::Unknown)
}

/// What is shown of an element.
enum Part {
    Text(TextPart),
    /// The name without its quotes.
    Name,
    Uri(UriPart),
    Param(String),
}

impl Part {
    fn parse(steps: &[Step]) -> Option<Self> {
        match steps {
            [first, name] if matches!(first.word(), Some("p" | "param")) => {
                name.text().map(|name| Self::Param(name.to_owned()))
            }
            _ => match path::split(steps) {
                Some(("name", [])) => Some(Self::Name),
                Some(("uri", rest)) => UriPart::parse(rest).map(Self::Uri),
                _ => TextPart::parse(steps).map(Self::Text),
            },
        }
    }
}

/// The elements of all headers of a name.
fn elements(named: &Named, cx: &Context) -> Vec<Bytes> {
    let values = named.values(cx);
    values.flat_map(|value| split(&value, b',')).collect()
}

fn value(steps: &[Step]) -> Option<Select> {
    let (named, steps) = Named::parse(steps)?;
    let part = Part::parse(steps)?;
    Some(Select::new(move |cx| {
        let all = elements(&named, cx);
        match named.index() {
            Some(index) => {
                element_at(&all, index).map_or(Value::Null, |text| part_of_one(&part, cx, text))
            }
            None => part_of_all(&part, cx, &all),
        }
    }))
}

/// Counted from 1, or from -1 at the end; 0 is the first too.
fn element_at(list: &[Bytes], index: i64) -> Option<&Bytes> {
    let position = match index {
        0 => 0,
        1.. => usize::try_from(index - 1).ok()?,
        _ => list
            .len()
            .checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?,
    };
    list.get(position)
}

fn part_of_one(part: &Part, cx: &Context, text: &Bytes) -> Value {
    let shown =
        |piece: Option<&[u8]>| piece.map_or(Value::Null, |piece| Value::Str(text.slice_ref(piece)));
    match part {
        Part::Text(part) => part.of(cx, text),
        Part::Name => shown(Some(Element::of(text).name)),
        Part::Uri(part) => match Element::of(text).uri {
            Some(uri) => part.of(cx, &text.slice_ref(uri)),
            None => Value::Null,
        },
        Part::Param(name) => shown(Element::of(text).param(name)),
    }
}

/// Without a number all elements are meant: their list, or the list of their URIs. A name is the
/// first one's; one parameter cannot be told from the others' and so is not looked for.
fn part_of_all(part: &Part, cx: &Context, all: &[Bytes]) -> Value {
    let Some(first) = all.first() else {
        return Value::Null;
    };
    let list = || Bytes::from(all.join(&b","[..]));
    match part {
        Part::Name => part_of_one(part, cx, first),
        Part::Text(part) => part.of(cx, &list()),
        Part::Param(_) => Value::Str(list()),
        Part::Uri(part) => {
            let uris = all.iter().filter_map(|text| Element::of(text).uri);
            let uris: Vec<&[u8]> = uris.filter(|uri| !uri.is_empty()).collect();
            match uris[..] {
                [] => Value::Null,
                _ => part.of(cx, &uris.join(&b","[..]).into()),
            }
        }
    }
}

fn whole(steps: &[Step]) -> Option<Select> {
    let (named, steps) = Named::parse(steps)?;
    let part = match steps {
        [] | [Step::Beyond] => TextPart::Whole,
        _ => TextPart::Param(path::param(steps)?.to_owned()),
    };
    Some(Select::new(move |cx| {
        let all: Vec<Bytes> = named.values(cx).collect();
        let found = element_at(&all, named.index().unwrap_or(1));
        found.map_or(Value::Null, |value| part.of(cx, value))
    }))
}

fn exists(steps: &[Step]) -> Option<Select> {
    let (named, steps) = Named::parse(steps)?;
    let ([wanted], None) = (steps, named.index()) else {
        return None;
    };
    let wanted = wanted.text()?.to_owned();
    Some(Select::new(move |cx| {
        let all = elements(&named, cx);
        let is_it = |e: &Bytes| e.eq_ignore_ascii_case(wanted.as_bytes());
        Value::from(all.iter().any(is_it))
    }))
}
