//! A made-up CRM on a free port of this machine, for tests that run in another program, such as those in a browser. It says where it listens, and ends
//! when its standard input does, so that it never outlives who started it.

use std::io::Read;

use salesdash_testkit::vendor::{List, Pages, Vendor};
use salesdash_testkit::{Asked, Reply};

fn main() {
    let vendor = Vendor::directed();
    vendor.ask_people();
    let list = |path, pages| List {
        path,
        table: "deals",
        records: "data.items",
        size: 3,
        pages,
        since: Some(("updated_since", "updated_at")),
        status: 200,
    };
    vendor.list(list("/v1/deals", Pages::Number { parameter: "page" }));
    vendor.list(list("/v1/deals/linked", Pages::NextUrl { next: "meta.next" }));
    vendor.list(list("/v1/deals/search", Pages::CursorInBody { field: "after", next: "meta.after" }));
    vendor.one("/v1/users/", "users", "data");
    vendor.several("/v1/teams", "teams", "ids", "data");
    vendor.route("/v1/me", |_: &Asked| Some(Reply::json(200, r#"{"data":{"company":"Acme Example"}}"#)));
    println!("listening on {}", vendor.url());
    let mut nothing = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut nothing);
}
