use std::sync::Arc;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::{Id, Identity, IdentityKind, Instant, Record, RecordKind, Text, Value};

fn read(text: &str) -> Result<Value, JsonError> {
    parse(text.as_bytes(), Limits::DEFAULT)
}

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&to_string(&read(text).expect(text)));
}

fn check_error(text: impl AsRef<[u8]>, expected: &Expect) {
    expected.assert_eq(&parse(text.as_ref(), Limits { depth: 4, nodes: 10 }).expect_err("not JSON").to_string());
}

#[test]
fn what_is_read_is_written() {
    check(" null ", &expect!["null"]);
    check("[true,\tfalse,\r\n null]", &expect!["[true,false,null]"]);
    check("{}", &expect!["{}"]);
    check("[ ]", &expect!["[]"]);
    check("\"\"", &expect![[r#""""#]]);
    check(r#"{"b":1,"a":{"c":[{"d":"e"},[]]}}"#, &expect![[r#"{"b":1,"a":{"c":[{"d":"e"},[]]}}"#]]);
    check(r#""\u00e9\ud83d\ude00\/\b\f\n\r\t\"\\\u0001\u001f é""#, &expect![[r#""é😀/\b\f\n\r\t\"\\\u0001\u001f é""#]]);
    check("\u{feff}{\"a\":1}", &expect![[r#"{"a":1}"#]]);
    check("[0,-0,1.50,1e3,12.5e-1,9007199254740993]", &expect!["[0,0,1.5,1000,1.25,9007199254740993]"]);
}

#[test]
fn a_number_of_more_than_28_digits_survives() {
    let text = "[1e400,-1.2345678901234567890123456789e-5,123456789012345678901234567890.5]";
    assert_eq!(to_string(&read(text).unwrap()), text);
    assert_eq!(read("1E+400"), Ok(Value::BigNumber("1E+400".into())));
}

#[test]
fn a_repeated_key_keeps_its_first_place_and_its_last_value() {
    check(r#"{"a":1,"b":2,"a":3,"ab":4,"b":5,"a":6}"#, &expect![[r#"{"a":6,"b":5,"ab":4}"#]]);
    for size in [10, 31, 32, 33, 100] {
        let fields = |from: usize| (0..size).map(move |index| (format!("key{index}"), Value::from((from + index) as i64)));
        let parts = [0, 1000, 2000].map(|from| {
            let part = to_string(&Value::object(fields(from)));
            part[1..part.len() - 1].to_owned()
        });
        assert_eq!(read(&format!("{{{}}}", parts.join(","))).unwrap(), Value::object(fields(2000)), "{size}");
    }
}

#[test]
fn errors_tell_where_and_never_quote() {
    check_error("", &expect!["line 1, column 1: EOF while parsing a value"]);
    check_error("{\"secret\":\n  secret}", &expect!["line 2, column 3: expected value"]);
    check_error("[1,\n\n  2 3]", &expect!["line 3, column 5: expected `,` or `]`"]);
    check_error("{\"a\" 1}", &expect!["line 1, column 6: expected `:`"]);
    check_error("{\"a\":1 \"b\"}", &expect!["line 1, column 8: expected `,` or `}`"]);
    check_error("{a:1}", &expect!["line 1, column 2: key must be a string"]);
    check_error("[1,]", &expect!["line 1, column 4: trailing comma"]);
    check_error("{\"a\":1,}", &expect!["line 1, column 8: trailing comma"]);
    check_error("1 2", &expect!["line 1, column 3: trailing characters"]);
    check_error("\"a\nb\"", &expect![[r#"line 1, column 3: control character (\u0000-\u001F) found while parsing a string"#]]);
    check_error("\"abc", &expect!["line 1, column 5: EOF while parsing a string"]);
    check_error("\"a\\x\"", &expect!["line 1, column 4: invalid escape"]);
    check_error("\"\\ud800\"", &expect!["line 1, column 8: unexpected end of hex escape"]);
    check_error("\"\\udc00\"", &expect!["line 1, column 7: lone leading surrogate in hex escape"]);
    check_error(b"\"a\xff\"", &expect!["line 1, column 3: invalid unicode code point"]);
    check_error(b"\"\xed\xa0\x80\"", &expect!["line 1, column 2: invalid unicode code point"]);
    check_error(b"{\"\xff\":1}", &expect!["line 1, column 3: invalid unicode code point"]);
    check_error("nul", &expect!["line 1, column 4: EOF while parsing a value"]);
    check_error("nult", &expect!["line 1, column 4: expected ident"]);
    check_error("[[[[1]]]]1", &expect!["line 1, column 10: trailing characters"]);
    check_error("[[[[[]]]]]", &expect!["line 1, column 5: nested more than 4 deep"]);
    check_error("[1,2,3,4,5,6,7,8,9,10]", &expect!["line 1, column 20: more than 10 values"]);
    check_error("9".repeat(5000), &expect!["line 1, column 4302: number out of range"]);
}

#[test]
fn strict() {
    for text in
        ["NaN", "[Infinity]", "-Infinity", "-NaN", "01", "-", "1.", ".5", "+1", "1e", "0x1", "'a'", "[1 /* */]", "TRUE", "\u{a0}1", "-a"]
    {
        assert!(read(text).is_err(), "{text}");
    }
    assert!(parse(b"\xff\xfe1\0", Limits::DEFAULT).is_err(), "UTF-16");
}

#[test]
fn nesting_to_the_limit_and_no_deeper() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(&nested(128)).is_ok());
    assert!(read(&nested(129)).is_err());
    let endless = Limits { depth: usize::MAX, nodes: usize::MAX };
    assert!(parse(nested(Limits::DEEPEST).as_bytes(), endless).is_ok());
    assert!(parse(nested(Limits::DEEPEST + 1).as_bytes(), endless).is_err());
    assert!(parse("[".repeat(1_000_000).as_bytes(), endless).is_err());
}

#[test]
fn what_only_we_make_is_written_too() {
    let id = Id(*b"0123456789abcdef");
    let identity = Identity { kind: IdentityKind::Agent, id, external_id: Text::new("7"), external_name: Text::new("\"Ann\"") };
    let record = Record {
        kind: RecordKind::Sale,
        id,
        external_id: Text::new("s|1"),
        fields: vec![
            (Text::new("moment"), Value::Datetime(Instant::new(1_700_000_000, 250_000_000).unwrap())),
            (Text::new("id"), Value::Null),
            (Text::new("agent"), Value::Identity(Arc::new(identity))),
        ],
    };
    let value = Value::list([Value::Record(Arc::new(record)), Value::object([("a", Value::list([])), ("b", Value::list([Value::Null]))])]);
    expect![[r#"[{"id":"30313233-3435-3637-3839-616263646566","external_id":"s|1","moment":"2023-11-14T22:13:20.25Z","agent":{"id":"30313233-3435-3637-3839-616263646566","external_id":"7","external_name":"\"Ann\""}},{"a":[],"b":[null]}]"#]].assert_eq(&to_string(&value));
    expect![[r#"
        [
          {
            "id": "30313233-3435-3637-3839-616263646566",
            "external_id": "s|1",
            "moment": "2023-11-14T22:13:20.25Z",
            "agent": {
              "id": "30313233-3435-3637-3839-616263646566",
              "external_id": "7",
              "external_name": "\"Ann\""
            }
          },
          {
            "a": [],
            "b": [
              null
            ]
          }
        ]"#]]
    .assert_eq(&to_pretty(&value));
    assert_eq!(read(&to_pretty(&value)), read(&to_string(&value)));
}

/// Whether `serde_json` agrees that this is JSON or is not. It refuses numbers beyond a binary float, which are kept here.
fn serde_json_agrees(text: &[u8]) -> bool {
    match parse(text, Limits::DEFAULT) {
        Ok(value) if has_big_number(&value) => true,
        ours => {
            let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
            match (ours, serde_json::from_slice(text)) {
                (Ok(ours), Ok(theirs)) => same(&ours, &theirs),
                (Err(_), Err(_)) => true,
                _ => false,
            }
        }
    }
}

fn has_big_number(value: &Value) -> bool {
    match value {
        Value::BigNumber(_) => true,
        Value::List(items) => items.iter().any(has_big_number),
        Value::Object(fields) => fields.iter().any(|(_, value)| has_big_number(value)),
        _ => false,
    }
}

/// Whether both hold the same, numbers as near as a binary float comes.
fn same(ours: &Value, theirs: &serde_json::Value) -> bool {
    match (ours, theirs) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Boolean(ours), serde_json::Value::Bool(theirs)) => ours == theirs,
        (Value::Number(ours), serde_json::Value::Number(theirs)) => ours
            .to_string()
            .parse()
            .ok()
            .zip(theirs.as_f64())
            .is_some_and(|(ours, theirs): (f64, f64)| (ours - theirs).abs() <= ours.abs() * 1e-15),
        (Value::Text(ours), serde_json::Value::String(theirs)) => ours == theirs,
        (Value::List(ours), serde_json::Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Value::Object(ours), serde_json::Value::Object(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|((key, ours), (name, theirs))| key == name && same(ours, theirs))
        }
        _ => false,
    }
}

#[test]
fn every_character_is_escaped_where_it_must_be_at_any_place() {
    for byte in 0..0x80u8 {
        for before in 0..18 {
            let text = format!("{}{}é{}", "x".repeat(before), char::from(byte), "y".repeat(9));
            let mut written = String::new();
            write_string(&text, &mut written);
            assert!(!written.bytes().any(|byte| byte < 0x20), "{written}");
            assert_eq!(read(&written), Ok(Value::text(&text)));
        }
    }
}

fn round(text: &str) -> String {
    to_string(&read(text).unwrap())
}

#[test]
fn values_come_back_as_they_went() {
    assert_eq!(round(r#" {"a": [1, 2.50, -0.0], "b": null} "#), r#"{"a":[1,2.5,0],"b":null}"#);
    assert_eq!(round("123456789012345678901234567890123"), "123456789012345678901234567890123");
    assert_eq!(round("1e400"), "1e400");
    assert_eq!(round(r#""\u00e9\ud83d\ude00\n""#), "\"é😀\\n\"");
    assert_eq!(round("\u{feff}[]"), "[]");
    assert_eq!(round(r#"{"a":1,"b":2,"a":3}"#), r#"{"a":3,"b":2}"#);
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    for text in ["", "{", "[1,]", "{\"a\":}", "NaN", "Infinity", "-Infinity", "01", "1 2", "\"\\ud800\"", "\"\u{1}\"", "nul", "{1:2}"] {
        assert!(read(text).is_err(), "{text}");
    }
    assert!(parse(b"\"\xff\"", Limits::DEFAULT).is_err());
    let error = parse(b"{\n  \"a\": x}", Limits::DEFAULT).unwrap_err();
    assert_eq!((error.line, error.column), (2, 8));
    assert!(!error.text.contains('x') || error.text.contains("ex"));
}

#[test]
fn limits_hold() {
    let deep = "[".repeat(200) + &"]".repeat(200);
    assert!(read(&deep).unwrap_err().text.contains("deep"));
    assert!(parse(b"[1,2,3]", Limits { depth: 10, nodes: 3 }).is_err());
    assert!(parse(b"[1,2,3]", Limits { depth: 10, nodes: 4 }).is_ok());
}

#[test]
fn many_repeated_keys_cost_no_more() {
    let mut text = String::from("{");
    for index in 0..5000 {
        text.push_str(&format!("\"k{}\":{index},", index % 2500));
    }
    text.push_str("\"z\":1}");
    let value = read(&text).unwrap();
    assert_eq!(value.as_object().unwrap().len(), 2501);
    assert_eq!(value.get("k0"), Some(&Value::from(2500)));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::from),
        (any::<i64>(), 0u32..28)
            .prop_map(|(number, scale)| Value::Number(crate::Decimal::from_i128_with_scale(number.into(), scale).normalize())),
        any::<String>().prop_map(Value::text),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::list),
            prop::collection::vec((any::<String>(), inner), 0..8).prop_map(Value::object),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(value in any_value()) {
        prop_assert_eq!(read(&to_string(&value)).unwrap(), value.clone());
        prop_assert_eq!(read(&to_pretty(&value)).unwrap(), value);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = parse(&bytes, Limits::DEFAULT);
    }

    #[test]
    fn what_is_json_is_so_for_serde_json_too(value in any_value(), edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3), 0..4)) {
        let mut text = to_pretty(&value).into_bytes();
        for (place, byte, edit) in edits {
            const BYTES: &[u8] = b"{}[]:,\"\\/-+.0159eEtrufalsn \t\n\r\x00\x1f\x7f\x80\xc3\xa9\xed\xa0\xff";
            let (place, byte) = (place.index(text.len() + 1), *byte.get(BYTES));
            match edit {
                0 => text.insert(place, byte),
                1 if place < text.len() => text[place] = byte,
                _ => text.truncate(place),
            }
        }
        prop_assert!(serde_json_agrees(&text), "{}", String::from_utf8_lossy(&text));
    }

    #[test]
    fn short_texts_of_json_characters_are_json_for_both(text in r#"[\[\]{}:,"\\0-2.eE+\-u dD8c tfn\n]{0,14}"#) {
        prop_assert!(serde_json_agrees(text.as_bytes()), "{}", text);
    }
}
