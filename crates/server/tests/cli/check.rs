//! `salesdash check`.

use expect_test::expect;

use crate::support::{SPEC, at, folder, text_at};

#[test]
fn a_spec_without_problems_is_fine() {
    let ran = folder().salesdash(&["check", "spec.json", "--models", "models.json"]).exits(0);
    assert_eq!((ran.out.as_str(), ran.errors.as_str()), ("spec.json: fine\n", ""));
}

#[test]
fn warnings_are_told_and_are_no_errors() {
    let ran = folder().salesdash(&["check", "spec.json"]).exits(0);
    assert!(ran.out.starts_with("warning[E204]") && ran.out.ends_with("spec.json: 1 warning\n"), "{}", ran.out);
}

#[test]
fn every_problem_of_every_file_is_told_with_its_place_and_its_fixes() {
    let folder = folder();
    folder.write("one.json", SPEC.replace("deal.owner", "deal.onwer").replace("\"id\": \"owner\"", "\"di\": \"owner\""));
    folder.write("two.json", SPEC.replace("deal.owner", "deal.email"));
    let ran = folder.salesdash(&["check", "one.json", "spec.json", "two.json", "--models", "models.json"]).exits(1);
    expect![[r#"
        error[E103]: `id` is missing: what traces and comments hang on
         --> one.json:5:5 /instructions/0
          |
        5 |     { "di": "owner", "type": "upsert_agent_external_identity",
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = fix: Add `id`

        error[E104]: `upsert_agent_external_identity` has no key `di`; did you mean `id`?
         --> one.json:5:13 /instructions/0/di
          |
        5 |     { "di": "owner", "type": "upsert_agent_external_identity",
          |             ^^^^^^^
          = fix: Rename to `id`
          = fix: Remove `di`

        error[E203]: `deal` has no field `onwer`; did you mean `owner`?
         --> one.json:6:46 /instructions/0/external_id/var
          |
        6 |       "external_id": { "type": "var", "var": "deal.onwer" } }
          |                                              ^^^^^^^^^^^^
          = fix: Use `deal.owner`

        one.json: 3 errors
        spec.json: fine
        error[E401]: this holds personal data (email), which `external_id` would store unprotected
         --> two.json:6:22 /instructions/0/external_id
          |
        6 |       "external_id": { "type": "var", "var": "deal.email" } }
          |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = fix: Put it in `pseudonymize`

        two.json: 1 error
    "#]]
    .assert_eq(&ran.out);
}

#[test]
fn json_has_one_object_for_each_file() {
    let folder = folder();
    folder.write("bad.json", SPEC.replace("deal.owner", "deal.onwer"));
    let ran = folder.salesdash(&["check", "--json", "bad.json", "spec.json", "--models", "models.json"]).exits(1);
    let files = ran.json();
    assert_eq!(files.as_list().map(<[_]>::len), Some(2));
    assert_eq!((text_at(&files, "0.file"), text_at(&files, "1.file")), ("bad.json".into(), "spec.json".into()));
    assert_eq!(at(&files, "1.diagnostics").as_list(), Some(&[][..]));
    let diagnostic = at(&files, "0.diagnostics.0");
    let keys: Vec<&str> = diagnostic.as_object().unwrap().iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["code", "severity", "pointer", "instruction", "text", "fixes", "line", "column"]);
    assert_eq!(text_at(&diagnostic, "code"), "E203");
    assert_eq!(text_at(&diagnostic, "severity"), "error");
    assert_eq!(text_at(&diagnostic, "pointer"), "/instructions/0/external_id/var");
    assert_eq!(text_at(&diagnostic, "instruction"), "owner");
    assert_eq!(text_at(&diagnostic, "fixes.0.title"), "Use `deal.owner`");
    assert_eq!(text_at(&diagnostic, "fixes.0.patch.0.op"), "replace");
    assert_eq!((at(&diagnostic, "line"), at(&diagnostic, "column")), (6.into(), 46.into()));
}

#[test]
fn what_is_not_json_is_told_with_line_and_column() {
    let folder = folder();
    folder.write("bad.json", "{\n  \"format\": 1,\n}");
    let ran = folder.salesdash(&["check", "bad.json"]).exits(1);
    assert!(ran.out.contains("error[E101]") && ran.out.contains("bad.json:3:1"), "{}", ran.out);
    let ran = folder.salesdash(&["check", "--json", "bad.json"]).exits(1);
    let diagnostic = at(&ran.json(), "0.diagnostics.0");
    assert_eq!((text_at(&diagnostic, "code"), text_at(&diagnostic, "pointer")), ("E101".into(), String::new()));
    assert_eq!((at(&diagnostic, "line"), at(&diagnostic, "column")), (3.into(), 1.into()));
}

#[test]
fn a_file_that_is_not_there_fails_and_the_others_are_checked() {
    let ran = folder().salesdash(&["check", "absent.json", "spec.json", "--models", "models.json"]).exits(3);
    assert_eq!(ran.out, "spec.json: fine\n");
    assert!(ran.errors.contains("absent.json cannot be read"), "{}", ran.errors);
    let ran = folder().salesdash(&["check", "."]).exits(3);
    assert!(ran.errors.contains("folder"), "{}", ran.errors);
}

#[test]
fn declarations_are_checked_too() {
    let folder = folder();
    folder.write("models.json", r#"{"models": {"opportunity": {"fields": {"owner": "text"}}}}"#);
    let ran = folder.salesdash(&["check", "spec.json", "--models", "models.json"]).exits(1);
    assert!(ran.out.contains("error[E115]") && ran.out.contains("models.json:1:49 /models/opportunity/fields/owner"), "{}", ran.out);
}

#[test]
fn a_model_that_is_not_declared_is_a_warning_with_what_was_meant() {
    let folder = folder();
    folder.write("spec.json", SPEC.replace("\"opportunity\"", "\"oportunity\""));
    let ran = folder.salesdash(&["check", "spec.json", "--models", "models.json"]).exits(0);
    assert!(ran.out.contains("warning[E207]") && ran.out.contains("did you mean `opportunity`?"), "{}", ran.out);
}

#[test]
fn a_spec_is_read_from_standard_input() {
    let ran = folder().salesdash_reading(&["check", "-", "--models", "models.json"], SPEC.as_bytes()).exits(0);
    assert_eq!(ran.out, "<standard input>: fine\n");
}
