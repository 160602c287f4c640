//! `salesdash catalog` and `salesdash schema`.

use salesdash_value::json;
use salesdash_vocabulary::{catalog, schema, vocabulary};

use crate::support::{Folder, at, text_at};

#[test]
fn the_catalog_is_that_of_the_vocabulary() {
    let ran = Folder::new().salesdash(&["catalog"]).exits(0);
    assert_eq!(ran.errors, "");
    assert_eq!(ran.out, json::to_pretty(&catalog::catalog(vocabulary())) + "\n");
    assert_eq!(text_at(&ran.json(), "expressions.0.name"), "literal");
}

#[test]
fn the_schema_is_that_of_the_vocabulary() {
    let ran = Folder::new().salesdash(&["schema"]).exits(0);
    assert_eq!(ran.out, json::to_pretty(&schema::schema(vocabulary())) + "\n");
    assert_eq!(at(&ran.json(), "$schema").as_text(), Some("https://json-schema.org/draft/2020-12/schema"));
}
