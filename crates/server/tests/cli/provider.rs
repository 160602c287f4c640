//! `salesdash provider`.

use crate::support::Folder;

#[test]
fn a_skeleton_is_made_and_is_sound() {
    let folder = Folder::new();
    let made = folder.salesdash(&["provider", "new", "my_crm"]);
    assert_eq!((made.exit, made.out.as_str()), (0, "./my_crm\n"));
    let checked = folder.salesdash(&["provider", "check", "my_crm"]);
    assert_eq!(
        (checked.exit, checked.out.as_str()),
        (0, "my_crm: no problems (My Crm: 1 poll, 0 webhooks, 0 enrichments, 1 preset, 1 example)\n")
    );
    // It is not written over.
    assert_eq!(folder.salesdash(&["provider", "new", "my_crm"]).exit, 2);
    assert_eq!(folder.salesdash(&["provider", "new", "My-CRM"]).exit, 2);
    let listed = folder.salesdash(&["provider", "list", "--providers", "."]);
    assert!(listed.exit == 0 && listed.out.contains("my_crm") && listed.out.contains("hubspot"), "{}", listed.out);
}

#[test]
fn every_problem_is_told_with_its_place() {
    let folder = Folder::new();
    folder.salesdash(&["provider", "new", "my_crm"]);
    let path = folder.path().join("my_crm/definition.json");
    let text = std::fs::read_to_string(&path).expect("a definition");
    let text = text
        .replace("\"summary\"", "\"sumary\"")
        .replace("NAME_deal", "my_crm_deal")
        .replace("\"page\": { \"type\": \"var\"", "\"page\": { \"type\": \"vra\"");
    std::fs::write(&path, text).expect("written");
    let checked = folder.salesdash(&["provider", "check", "my_crm"]);
    assert_eq!(checked.exit, 1);
    let lines: Vec<&str> = checked.out.lines().collect();
    assert!(
        lines
            .iter()
            .any(|line| line
                .starts_with("my_crm/definition.json:5:13: error: /sumary `sumary` is not a key of this; did you mean `summary`?")),
        "{}",
        checked.out
    );
    assert!(
        lines.iter().any(|line| line.contains("/polls/deals/list/request/query/page") && line.contains("did you mean `var`?")),
        "{}",
        checked.out
    );
    let json = folder.salesdash(&["provider", "check", "--json", "my_crm"]);
    assert_eq!(json.exit, 1);
    assert!(json.out.starts_with("[\n") && json.out.contains("\"line\": 5"), "{}", json.out);
    assert_eq!(folder.salesdash(&["provider", "check", "nowhere"]).exit, 3);
    // What is no JSON at all is told where it ends to be some.
    std::fs::write(&path, "{\n  \"name\": \"my_crm\",\n  \"title\" \"My CRM\"\n}\n").expect("written");
    let checked = folder.salesdash(&["provider", "check", "my_crm"]);
    assert!(checked.exit == 1 && checked.out.starts_with("my_crm/definition.json:3:11: error:"), "{}", checked.out);
}
