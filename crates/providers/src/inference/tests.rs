use salesdash_language::model::Models;
use salesdash_value::{Text, Value, json};

use super::{Inference, InferenceLimits, ModelHeader};

fn value(json: &str) -> Value {
    json::parse(json.as_bytes(), json::Limits::DEFAULT).expect("valid JSON")
}

/// The fields declared after these records, which must be a declaration that the checker reads.
fn fields(records: &[&str], declared: &str) -> String {
    let mut inference = Inference::new();
    for record in records {
        inference.absorb(&value(record));
    }
    let model = inference.model(&ModelHeader::default(), &value(declared));
    let (_, problems) = Models::read_one("received", &model);
    assert!(problems.is_empty(), "{problems:?}");
    model.get("fields").map(json::to_string).unwrap_or_default()
}

fn check(records: &[&str], expected: &str) {
    assert_eq!(fields(records, "{}"), expected, "{records:?}");
}

#[test]
fn types() {
    check(&[r#"{"a":"x","b":1,"c":true,"d":"2026-01-02T03:04:05Z"}"#], r#"{"a":"string","b":"number","c":"boolean","d":"datetime"}"#);
    check(&[r#"{"a":1}"#, r#"{"a":"x"}"#], r#"{"a":{"type":"any","may_be_empty":false}}"#);
    check(&[r#"{"a":null}"#], r#"{"a":"any"}"#);
    check(&[r#"{"a":123456789012345678901234567890}"#], r#"{"a":{"type":"any","may_be_empty":false}}"#);
    check(&["{}"], "{}");
}

#[test]
fn a_datetime_is_one_in_every_record() {
    check(&[r#"{"a":"2026-01-02T03:04:05Z"}"#, r#"{"a":""}"#], r#"{"a":"string"}"#);
    check(&[r#"{"a":"2026-01-02T03:04:05Z"}"#, r#"{"a":"2026-01-02"}"#], r#"{"a":"string"}"#);
    check(&[r#"{"a":"2026-01-02T03:04:05Z"}"#, r#"{"a":null}"#], r#"{"a":{"type":"datetime","may_be_empty":true}}"#);
    check(&[r#"{"a":"2026-01-02 03:04:05"}"#], r#"{"a":"string"}"#);
}

#[test]
fn null_and_absent_may_be_empty_and_an_empty_text_is_a_text() {
    check(&[r#"{"a":"x"}"#, r#"{"a":null}"#], r#"{"a":{"type":"string","may_be_empty":true}}"#);
    check(&[r#"{"a":"x"}"#, "{}"], r#"{"a":{"type":"string","may_be_empty":true}}"#);
    check(&["{}", r#"{"a":"x"}"#], r#"{"a":{"type":"string","may_be_empty":true}}"#);
    check(&[r#"{"a":"x"}"#, r#"{"a":""}"#], r#"{"a":"string"}"#);
    // An object that is absent says nothing of its fields.
    check(&[r#"{"o":{"a":1}}"#, r#"{"o":null}"#], r#"{"o":{"type":"object","may_be_empty":true,"fields":{"a":"number"},"open":true}}"#);
}

#[test]
fn lists_and_objects() {
    check(
        &[r#"{"l":[{"a":1},{"b":"x"}],"m":[],"n":[1,null]}"#],
        r#"{"l":{"type":"array","items":{"type":"object","fields":{"a":{"type":"number","may_be_empty":true},"b":{"type":"string","may_be_empty":true}},"open":true}},"m":"array","n":{"type":"array","items":{"type":"number","may_be_empty":true}}}"#,
    );
    check(&[r#"{"o":{}}"#], r#"{"o":"object"}"#);
}

#[test]
fn fields_keep_their_order() {
    check(&[r#"{"z":1,"a":2}"#, r#"{"z":1,"m":3,"a":2}"#], r#"{"z":"number","a":"number","m":{"type":"number","may_be_empty":true}}"#);
}

#[test]
fn keys_that_are_data_are_not_fields() {
    check(&[r#"{"by_user":{"2f1c0f0e-6a0f-4f9e-8a5d-000000000001":{"n":1},"4711":{"n":2}}}"#], r#"{"by_user":"object"}"#);
    check(&[r#"{"by_mail":{"jo@example.com":1}}"#], r#"{"by_mail":{"type":"object","personal":"email"}}"#);
    check(&[r#"{"per_id":{"10001":"jo@example.com"}}"#], r#"{"per_id":{"type":"object","personal":"email"}}"#);
    // The hashes with which Pipedrive names custom fields, and the numbers of form fields, are names.
    let hash = "dcf558aac1ae4e8c4f849ba5e668430d8df9be12";
    check(&[&format!(r#"{{"{hash}":1,"1.3":"x"}}"#)], &format!(r#"{{"{hash}":"number","1.3":"string"}}"#));
    let many: Vec<String> = (0..600).map(|index| format!(r#""k{index}":"x""#)).collect();
    check(&[&format!(r#"{{"o":{{{}}}}}"#, many.join(","))], r#"{"o":"object"}"#);
}

#[test]
fn personal_fields_are_proposed() {
    check(
        &[
            r#"{"email":"x","phone":31612345678,"firstName":null,"x":"jo@example.com","y":"Anna Bakker","email_opt_in":true,"notes_count":2}"#,
        ],
        r#"{"email":{"type":"string","personal":"email"},"phone":{"type":"number","personal":"phone"},"firstName":{"type":"any","personal":"name"},"x":{"type":"string","personal":"email"},"y":{"type":"string","personal":"name"},"email_opt_in":"boolean","notes_count":"number"}"#,
    );
    // A name is personal where it is that of a person.
    check(
        &[
            r#"{"name":"Roof repair","stage":{"name":"Won"},"user":{"name":"x"},"owner_name":"x","calendarName":"Anna Bakker","owner":"Xi Li"}"#,
        ],
        r#"{"name":"string","stage":{"type":"object","fields":{"name":"string"},"open":true},"user":{"type":"object","fields":{"name":{"type":"string","personal":"name"}},"open":true},"owner_name":{"type":"string","personal":"name"},"calendarName":"string","owner":{"type":"string","personal":"name"}}"#,
    );
    check(&[r#"{"name":"x","phone":"x"}"#], r#"{"name":{"type":"string","personal":"name"},"phone":{"type":"string","personal":"phone"}}"#);
    // A name that says nothing leaves it to what it stands in.
    check(
        &[r#"{"email":[{"value":"x","primary":true}],"firstname":{"versions":[{"value":"x","source":"CRM"}]}}"#],
        r#"{"email":{"type":"array","items":{"type":"object","fields":{"value":{"type":"string","personal":"email"},"primary":"boolean"},"open":true}},"firstname":{"type":"object","fields":{"versions":{"type":"array","items":{"type":"object","fields":{"value":{"type":"string","personal":"name"},"source":"string"},"open":true}}},"open":true}}"#,
    );
    check(
        &[r#"{"address":{"line1":"x","city":"y","verified":true},"city":"z"}"#],
        r#"{"address":{"type":"object","fields":{"line1":{"type":"string","personal":"address"},"city":{"type":"string","personal":"address"},"verified":"boolean"},"open":true},"city":{"type":"string","personal":"address"}}"#,
    );
    // `mobile` with a number is a tally of devices.
    check(&[r#"{"mobile":12,"phone_mobile":null}"#], r#"{"mobile":"number","phone_mobile":{"type":"any","personal":"phone"}}"#);
    // Where one field holds now this, now that, anything can be in it.
    check(&[r#"{"x":"jo@example.com"}"#, r#"{"x":"+31612345678"}"#], r#"{"x":{"type":"string","personal":"free_text"}}"#);
    check(&[r#"{"x":"jo@example.com"}"#, r#"{"x":{"phone":"1"}}"#], r#"{"x":{"type":"any","personal":"free_text","may_be_empty":false}}"#);
}

#[test]
fn what_is_too_deep_counts_with_what_holds_it() {
    let deep = format!("{}{}{}", r#"{"a":"#.repeat(15), r#"{"email":"x"}"#, "}".repeat(15));
    let declared = fields(&[&deep], "{}");
    assert!(declared.contains(r#"{"a":{"type":"object","personal":"email"}}"#), "{declared}");
}

#[test]
fn what_a_person_declares_wins() {
    let record = r#"{"email":"jo@example.com","n":1,"lines":[{"price":"1"}],"o":{"phone":"x","q":1}}"#;
    let check = |declared: &str, expected: &str| assert_eq!(fields(&[record], declared), expected, "{declared}");
    let lines = r#""lines":{"type":"array","items":{"type":"object","fields":{"price":"string"},"open":true}}"#;
    let o = r#""o":{"type":"object","fields":{"phone":{"type":"string","personal":"phone"},"q":"number"},"open":true}"#;
    check("null", &format!(r#"{{"email":{{"type":"string","personal":"email"}},"n":"number",{lines},{o}}}"#));
    check(
        r#"{"fields":{"email":{"personal":null},"n":{"personal":"identifier","may_be_empty":true,"description":"Number"},"new":"boolean"}}"#,
        &format!(
            r#"{{"email":"string","n":{{"type":"number","personal":"identifier","may_be_empty":true,"description":"Number"}},{lines},{o},"new":"boolean"}}"#
        ),
    );
    // A bare type decides the type alone.
    check(
        r#"{"fields":{"email":"any"}}"#,
        &format!(r#"{{"email":{{"type":"any","personal":"email","may_be_empty":false}},"n":"number",{lines},{o}}}"#),
    );
    check(
        r#"{"fields":{"lines":{"items":{"fields":{"price":"number"}}},"o":{"fields":{"phone":{"personal":false}},"open":false}}}"#,
        r#"{"email":{"type":"string","personal":"email"},"n":"number","lines":{"type":"array","items":{"type":"object","fields":{"price":"number"},"open":true}},"o":{"type":"object","fields":{"phone":"string","q":"number"},"open":false}}"#,
    );
    // What the parts hold of persons is not lost when they go.
    check(
        r#"{"fields":{"o":{"type":"string"}}}"#,
        &format!(r#"{{"email":{{"type":"string","personal":"email"}},"n":"number",{lines},"o":{{"type":"string","personal":"phone"}}}}"#),
    );
}

#[test]
fn the_declaration_has_a_head() {
    let mut inference = Inference::new();
    assert!(inference.absorb(&value(r#"{"Id":"1","name":"x","updatedAt":"2026-01-01T00:00:00Z"}"#)));
    let header = ModelHeader { key: inference.suggested_key(), version: inference.suggested_version(), var: Some(Text::new("deal")) };
    let declared = value(r#"{"name":"Deal","key":"no","enrichments":{}}"#);
    assert_eq!(
        json::to_string(&inference.model(&header, &declared)),
        r#"{"key":"Id","version":"updatedAt","var":"deal","name":"Deal","enrichments":{},"open":true,"fields":{"Id":"string","name":"string","updatedAt":"datetime"}}"#
    );
    assert!(inference.absorb(&value(r#"{"name":"x"}"#)));
    assert_eq!((inference.suggested_key(), inference.suggested_version()), (None, None));
}

#[test]
fn nothing_is_learnt_twice() {
    let mut inference = Inference::with_limits(InferenceLimits { places: 4, ..InferenceLimits::DEFAULT });
    let record = value(r#"{"a":{"b":{"email":1}},"c":[1,"x"],"d":2}"#);
    assert!(inference.absorb(&record));
    assert!(!inference.absorb(&record));
    assert_eq!(inference.places(), 4);
    assert!(!inference.absorb(&Value::from("no record")));
}

#[test]
fn what_was_stored_reads_back_or_says_why_not() {
    let limits = InferenceLimits::DEFAULT;
    let read = |json: &str| Inference::from_value(&value(json), limits).expect_err("wrong")[0].to_string();
    assert_eq!(read("3"), "this must be an object, not a number");
    assert_eq!(read(r#"{"format":2,"shape":{}}"#), "/format: `format` must be a whole number from 1 to 1");
    assert_eq!(
        read(r#"{"format":1,"shape":{"fields":{"a":{"kind":[]}}}}"#),
        "/shape/fields/a/kind: `kind` is not a key of this; did you mean `kinds`?"
    );
    assert_eq!(read(r#"{"format":1,"shape":{"kinds":["x"]}}"#), "/shape/kinds: `kinds` must be a list of known names");
}

#[test]
fn messages_lose_what_looks_personal() {
    use crate::personal::without_personal;
    let told = without_personal(
        "The vendor answered with status 404: no contact with email=jan.devries@example.com, phone \"+31612345678\" (deal d12).",
    );
    assert_eq!(told, "The vendor answered with status 404: no contact with email=•••, phone \"•••\" (deal d12).");
    let plain = "The vendor answered with status 429 (it was asked too often): try again at 2026-03-02T12:00:00Z.";
    assert_eq!(without_personal(plain), plain);
}
