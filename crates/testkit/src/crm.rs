//! The made-up CRM of the tests: its definition with the played vendor's address in it, and a vendor that plays it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::vendor::{List, Pages};
use crate::{Reply, Vendor};

/// The files of the made-up CRM, which lies with the tests of the format, at a vendor's address. `change` changes its definition.
///
/// # Panics
/// Where they cannot be read.
pub fn files(url: &str, change: impl Fn(String) -> String) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../providers/tests/types/example"), "", &mut files);
    let definition = String::from_utf8(files["definition.json"].clone()).expect("text");
    let host = r#"{ "type": "literal", "value": "https://" }, { "type": "var", "var": "settings.account" }, { "type": "literal", "value": ".crm.example" }"#;
    assert!(definition.contains(host), "the definition has other addresses than it had");
    let definition =
        definition.replace(host, &format!(r#"{{ "type": "literal", "value": "{url}" }}"#)).replace("https://login.crm.example", url);
    files.insert("definition.json".to_owned(), change(definition).into_bytes());
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("the made-up CRM") {
        let path = entry.expect("an entry").path();
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else {
            files.insert(name, std::fs::read(&path).expect("a file"));
        }
    }
}

/// A deal of the first of March 2026; `updated_at` is the time of the day.
#[must_use]
pub fn deal(id: usize, status: &str, owner: &str, updated_at: &str) -> String {
    format!(
        r#"{{"id":"d{id}","title":"Deal {id}","status":"{status}","value":1{id}.5,"owner_id":"{owner}","stage_id":"s1","a1b2":"2","updated_at":"2026-03-01T{updated_at}Z"}}"#
    )
}

/// Deals, one a minute.
#[must_use]
pub fn deals(count: usize) -> String {
    let deals: Vec<String> = (0..count)
        .map(|id| deal(id, "won", if id % 2 == 0 { "u1" } else { "u2" }, &format!("{:02}:{:02}:00", 10 + id / 60, id % 60)))
        .collect();
    format!("[{}]", deals.join(","))
}

/// Has a vendor play the made-up CRM: a search for deals, of which the test sets the table `deals`, and everything that goes with them.
pub fn play(vendor: &Vendor) {
    vendor.list(List {
        path: "/v1/deals/search",
        table: "deals",
        records: "data.items",
        size: 50,
        pages: Pages::CursorInBody { field: "after", next: "data.next" },
        since: Some(("updated_since", "updated_at")),
        status: 201,
    });
    vendor.one("/v1/users/", "users", "data");
    vendor.one("/v1/deals/", "deals", "data");
    vendor.several("/v1/teams", "teams", "ids", "data");
    vendor.table("users", r#"[{"id":"u1","name":"Sam","team_id":"t1"},{"id":"u2","name":"Alex","team_id":null}]"#);
    vendor.table("teams", r#"[{"id":"t1","name":"North"}]"#);
    vendor.fixed(
        "/v1/pipelines",
        Reply::json(200, r#"{"data":[{"id":"p1","name":"Sales","stages":[{"id":"s1","name":"New"},{"id":"s2","name":"Offer"}]}]}"#),
    );
    vendor.fixed(
        "/v1/fields",
        Reply::json(200, r#"{"data":[{"key":"a1b2","name":"Region","options":[{"id":1,"label":"North"},{"id":2,"label":"South"}]}]}"#),
    );
    vendor.fixed("/me", Reply::json(200, r#"{"data":{"company":"Acme Ltd"}}"#));
}
