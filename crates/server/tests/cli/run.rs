//! `salesdash run`: what it writes.

use std::io::Write;
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;
use salesdash_value::{Value, json};

use crate::support::{Folder, MODELS, SPEC, at, folder, parse, text_at};

fn owners(lines: &[Value]) -> Vec<String> {
    lines.iter().map(|line| text_at(line, "effects.0.external_id")).collect()
}

fn run(folder: &Folder, inputs: &[&str]) -> crate::support::Ran {
    let mut arguments = vec!["run", "spec.json", "--models", "models.json", "--identity-key", "key"];
    arguments.extend(inputs);
    folder.salesdash(&arguments)
}

#[test]
fn a_line_for_each_record_in_order() {
    let folder = folder();
    folder.write("in.ndjson", "{\"id\":\"1\",\"owner\":\"u1\"}\n{\"id\":\"2\",\"owner\":\"u2\"}\n");
    let ran = run(&folder, &["in.ndjson"]).exits(0);
    assert_eq!(ran.errors, "");
    let lines = ran.lines();
    let keys: Vec<&str> = lines[0].as_object().unwrap().iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["record", "status", "effects", "messages"]);
    assert_eq!(lines.iter().map(|line| at(line, "record")).collect::<Vec<_>>(), [1.into(), 2.into()]);
    assert_eq!(owners(&lines), ["u1", "u2"]);
    let effect = at(&lines[0], "effects.0");
    let keys: Vec<&str> = effect.as_object().unwrap().iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["operation", "instruction", "path", "id", "external_id", "external_name"]);
    assert_eq!(text_at(&effect, "operation"), "upsert_agent_external_identity");
    assert_eq!(text_at(&effect, "id").len(), 36);
}

#[test]
fn every_form_of_input_gives_the_same() {
    let folder = folder();
    let records = [r#"{"id":"1","owner":"u1"}"#, r#"{"id":"2","owner":"u2"}"#].map(parse);
    let compact = records.iter().map(|record| json::to_string(record) + "\n").collect::<String>();
    let pretty = records.iter().map(|record| json::to_pretty(record) + "\n").collect::<String>();
    let list = json::to_pretty(&Value::list(records.iter().cloned()));
    let mut compressed = GzEncoder::new(Vec::new(), Compression::default());
    compressed.write_all(compact.as_bytes()).unwrap();
    folder.write("compact.ndjson", &compact);
    folder.write("pretty.json", pretty);
    folder.write("list.json", &list);
    folder.write("compact.ndjson.gz", compressed.finish().unwrap());
    let expected = run(&folder, &["compact.ndjson"]).exits(0).out;
    for input in ["pretty.json", "list.json", "compact.ndjson.gz"] {
        assert_eq!(run(&folder, &[input]).exits(0).out, expected, "{input}");
    }
    let arguments = ["run", "spec.json", "--models", "models.json"];
    for arguments in [&arguments[..], &[&arguments[..], &["-"]].concat()] {
        assert_eq!(folder.salesdash_reading(arguments, list.as_bytes()).exits(0).out, expected);
    }
    let compressed = std::fs::read(folder.path().join("compact.ndjson.gz")).unwrap();
    assert_eq!(folder.salesdash_reading(&arguments, &compressed).exits(0).out, expected);
}

#[test]
fn several_inputs_are_counted_through() {
    let folder = folder();
    folder.write("one.ndjson", r#"{"owner":"u1"}"#);
    folder.write("two.json", r#"[{"owner":"u2"},{"owner":"u3"}]"#);
    let lines = run(&folder, &["two.json", "one.ndjson"]).exits(0).lines();
    assert_eq!(owners(&lines), ["u2", "u3", "u1"]);
    assert_eq!(at(&lines[2], "record"), 3.into());
}

#[test]
fn no_records_give_no_lines() {
    let folder = folder();
    folder.write("empty.ndjson", "");
    folder.write("empty.json", "[]");
    assert_eq!(run(&folder, &["empty.ndjson", "empty.json"]).exits(0).out, "");
}

#[test]
fn an_unreadable_record_fails_and_the_rest_goes_on() {
    let folder = folder();
    folder.write("in.ndjson", "{\"owner\":\"u1\"}\n{\"owner\": u}\n[1]\n{\"owner\":\"u2\"}\n");
    let ran = run(&folder, &["in.ndjson"]).exits(1);
    let lines = ran.lines();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines.iter().map(|line| text_at(line, "status")).collect::<Vec<_>>(), ["succeeded", "failed", "failed", "succeeded"]);
    let message = at(&lines[1], "messages.0");
    let keys: Vec<&str> = message.as_object().unwrap().iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["code", "severity", "instruction", "node", "path", "text"]);
    assert_eq!(text_at(&message, "code"), "E101");
    assert!(text_at(&message, "text").starts_with("in.ndjson, line 2, column 11: "), "{}", text_at(&message, "text"));
    assert_eq!(text_at(&lines[2], "messages.0.code"), "E102");
    assert_eq!(at(&lines[1], "effects"), Value::list([]));
}

#[test]
fn a_record_that_fails_is_no_error_of_the_input() {
    let folder = folder();
    folder.write("in.ndjson", "{\"owner\":\"u1\"}\n{\"owner\":null}\n{\"owner\":7}\n{\"owner\":[]}\n");
    let lines = run(&folder, &["in.ndjson"]).exits(0).lines();
    assert_eq!(lines.iter().map(|line| text_at(line, "status")).collect::<Vec<_>>(), ["succeeded", "failed", "succeeded", "failed"]);
    assert_eq!(text_at(&lines[1], "messages.0.code"), "E202");
    assert_eq!(text_at(&lines[1], "messages.0.node"), "/instructions/0/external_id");
    assert_eq!(text_at(&lines[1], "messages.0.instruction"), "owner");
    assert_eq!(text_at(&lines[3], "messages.0.code"), "E201");
}

#[test]
fn the_trace_is_written_where_it_is_asked_for() {
    let folder = folder();
    folder.write("in.ndjson", "{\"owner\":\"u1\"}\n{\"owner\":");
    let lines = run(&folder, &["in.ndjson", "--trace"]).exits(1).lines();
    assert_eq!(text_at(&lines[0], "trace.instructions.0.id"), "owner");
    assert_eq!(text_at(&lines[0], "trace.instructions.0.fields.external_id.value"), "u1");
    assert!(lines[1].get("trace").is_none(), "nothing was run that could be traced");
}

#[test]
fn a_spec_with_errors_runs_nothing() {
    let folder = folder();
    folder.write("spec.json", SPEC.replace("deal.owner", "dael.owner"));
    folder.write("in.ndjson", r#"{"owner":"u1"}"#);
    let ran = run(&folder, &["in.ndjson"]).exits(1);
    assert_eq!(ran.out, "");
    assert!(ran.errors.contains("error[E301]") && ran.errors.contains("spec.json:6:46"), "{}", ran.errors);
    folder.write("spec.json", "nonsense");
    assert!(run(&folder, &["in.ndjson"]).exits(1).errors.contains("error[E101]"));
}

#[test]
fn what_is_not_there_is_told_before_anything_runs() {
    let folder = folder();
    folder.write("in.ndjson", r#"{"owner":"u1"}"#);
    let ran = run(&folder, &["in.ndjson", "absent.ndjson"]).exits(3);
    assert_eq!(ran.out, "");
    assert!(ran.errors.contains("absent.ndjson cannot be read"), "{}", ran.errors);
    for arguments in [
        &["run", "absent.json", "in.ndjson"][..],
        &["run", "spec.json", "in.ndjson", "--models", "absent.json"],
        &["run", "spec.json", "in.ndjson", "--constants", "absent.json"],
        &["run", "spec.json", "."],
    ] {
        let ran = folder.salesdash(arguments).exits(3);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
}

const WITH_CONSTANTS: &str = r#"{
  "format": 1,
  "source_model": { "type": "opportunity", "var": "deal" },
  "constants": [
    { "name": "team", "type": "string" },
    { "name": "label", "type": "string", "default": "by default" }
  ],
  "instructions": [
    { "id": "team", "type": "upsert_team_external_identity",
      "external_id": { "type": "var", "var": "team" }, "external_name": { "type": "var", "var": "label" } }
  ]
}"#;

#[test]
fn constants_are_bound_before_any_record() {
    let folder = folder();
    folder.write("spec.json", WITH_CONSTANTS);
    folder.write("in.ndjson", "{}");
    for (constants, told) in [
        (None, "`team` has no value"),
        (Some(r#"{"taem": "t"}"#), "did you mean `team`?"),
        (Some(r#"{"team": 5}"#), "must be a string, not a number"),
        (Some("[]"), "must be an object"),
        (Some("{"), "E101"),
    ] {
        let mut arguments = vec!["in.ndjson"];
        if let Some(constants) = constants {
            folder.write("constants.json", constants);
            arguments.extend(["--constants", "constants.json"]);
        }
        let ran = run(&folder, &arguments).exits(1);
        assert_eq!(ran.out, "", "{constants:?}");
        assert!(ran.errors.contains(told), "{constants:?}: {}", ran.errors);
        assert!(ran.errors.contains("E116") || ran.errors.contains("E101"), "{constants:?}: {}", ran.errors);
    }
    folder.write("constants.json", r#"{"team": "t"}"#);
    let lines = run(&folder, &["in.ndjson", "--constants", "constants.json"]).exits(0).lines();
    assert_eq!(text_at(&lines[0], "effects.0.external_name"), "by default");
    assert_eq!(text_at(&lines[0], "effects.0.external_id"), "t");
}

#[test]
fn without_an_identity_key_a_warning_is_printed() {
    let folder = folder();
    folder.write("in.ndjson", r#"{"owner":"u1"}"#);
    let ran = folder.salesdash(&["run", "spec.json", "in.ndjson", "--models", "models.json"]).exits(0);
    assert!(ran.errors.contains("--identity-key"), "{}", ran.errors);
}

#[test]
fn datetimes_are_those_that_the_model_declares() {
    let folder = folder();
    folder.write(
        "spec.json",
        r#"{"format": 1, "source_model": {"type": "opportunity", "var": "deal"}, "instructions": [
            {"id": "it", "type": "upsert_anonymous_activity", "external_id": {"type": "var", "var": "deal.id"},
             "activity_type": {"type": "literal", "value": "x"}, "moment": {"type": "var", "var": "deal.at"}}]}"#,
    );
    folder.write("models.json", r#"{"models": {"opportunity": {"fields": {"id": "string", "at": "datetime"}}}}"#);
    folder.write("in.ndjson", "{\"id\": \"1\", \"at\": \"2026-03-01T10:30:00.50+01:00\"}\n{\"id\": \"2\", \"at\": \"soon\"}\n");
    let lines = run(&folder, &["in.ndjson"]).exits(0).lines();
    assert_eq!(text_at(&lines[0], "effects.0.moment"), "2026-03-01T09:30:00.5Z");
    assert_eq!(text_at(&lines[1], "messages.0.code"), "E201");
}

#[test]
fn a_damaged_input_is_told_and_the_others_run() {
    let folder = folder();
    let mut compressed = GzEncoder::new(Vec::new(), Compression::default());
    compressed.write_all(&b"{\"owner\":\"u1\"}\n".repeat(10_000)).unwrap();
    let compressed = compressed.finish().unwrap();
    folder.write("in.ndjson.gz", &compressed[..compressed.len() - 10]);
    folder.write("two.ndjson", r#"{"owner":"u2"}"#);
    let ran = run(&folder, &["in.ndjson.gz", "two.ndjson"]).exits(1);
    assert!(ran.errors.contains("in.ndjson.gz is damaged"), "{}", ran.errors);
    assert_eq!(text_at(ran.lines().last().unwrap(), "effects.0.external_id"), "u2");
}

#[test]
fn it_ends_quietly_where_nobody_reads_on() {
    let folder = folder();
    folder.write("in.ndjson", "{\"owner\":\"u1\"}\n".repeat(200_000));
    let mut child = folder
        .command(&["run", "spec.json", "in.ndjson", "--models", "models.json", "--identity-key", "key"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn results_come_before_more_input_is_waited_for() {
    use std::io::{BufRead, BufReader};
    let folder = folder();
    let mut child = folder
        .command(&["run", "spec.json", "--models", "models.json", "--identity-key", "key"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for owner in ["u1", "u2"] {
        writeln!(stdin, "{{\"owner\":\"{owner}\"}}").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(text_at(&parse(&line), "effects.0.external_id"), owner);
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_test_case_is_run_and_held_against_what_it_came_to() {
    let folder = folder();
    let case = |owner: &str| {
        let effect = format!(
            r#"{{"operation":"upsert_agent_external_identity","instruction":"owner","path":[],"id":"x","external_id":"{owner}","external_name":"u1","kind":"agent_external_identity","outcome":null}}"#
        );
        let models = MODELS.trim().strip_prefix(r#"{ "models":"#).unwrap().strip_suffix('}').unwrap();
        format!(
            r#"{{"test_case":1,"spec":{SPEC},"models":{models},"constants":{{}},"timezone":"Europe/Amsterdam","country":null,"at":"2026-03-01T09:00:00Z",
               "record":{{"id":"1","owner":"u1"}},"expected":{{"status":"succeeded","effects":[{effect}]}}}}"#
        )
    };
    folder.write("fine.json", case("u1"));
    folder.write("other.json", case("u2"));
    let fine = folder.salesdash(&["run", "fine.json", "--identity-key", "key"]).exits(0);
    assert_eq!(fine.errors, "as expected: succeeded, 1 effect\n");
    assert_eq!(owners(&fine.lines()), ["u1"]);
    let other = folder.salesdash(&["run", "other.json", "--identity-key", "key"]).exits(1);
    assert!(other.errors.contains(r#"effect 1, `external_id`: expected `"u2"`, and it is `"u1"`"#), "{}", other.errors);
    let both = folder.salesdash(&["run", "fine.json", "in.ndjson"]).exits(2);
    assert!(both.errors.contains("give it alone"), "{}", both.errors);
}
