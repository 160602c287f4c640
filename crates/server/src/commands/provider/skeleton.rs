//! The skeleton of a provider type: small, sound, and with one of everything that most need.

const DEFINITION: &str = r##"{
  "format": 1,
  "name": "NAME",
  "title": "TITLE",
  "summary": "What it offers, in a sentence.",
  "mark": { "letters": "MARK", "color": "#4f46e5" },
  "settings": {
    "token": { "type": "secret", "title": "API token", "help": "Where people find it at the vendor." }
  },
  "auth": { "type": "bearer", "token": { "type": "var", "var": "settings.token" } },
  "http": { "base_url": "https://api.example.com" },
  "limits": { "rates": [{ "requests": 60, "per_seconds": 60 }] },
  "check": { "request": { "path": "/me" } },
  "models": {
    "NAME_deal": {
      "title": "Deal",
      "key": "id",
      "version": "updated_at",
      "var": "deal",
      "open": true,
      "fields": {
        "id": "string",
        "status": "string",
        "owner_id": { "type": "string", "may_be_empty": true },
        "value": { "type": "number", "may_be_empty": true },
        "updated_at": "datetime"
      }
    }
  },
  "polls": {
    "deals": {
      "title": "Deals",
      "model": "NAME_deal",
      "list": {
        "request": {
          "path": "/deals",
          "query": {
            "updated_since": { "type": "var", "var": "since" },
            "page": { "type": "var", "var": "page.number" },
            "per_page": { "type": "var", "var": "page.size" }
          }
        },
        "records": "data",
        "paging": { "type": "page", "size": 100 }
      },
      "incremental": { "type": "server", "field": "updated_at" }
    }
  },
  "notes": ["What is not known for sure, and where the facts are from."]
}
"##;

const PRESET: &str = r#"{
  "format": 1,
  "title": "Won deals as activities",
  "summary": "Each won deal becomes an activity of its owner, with its value.",
  "polls": ["deals"],
  "spec": {
    "format": 1,
    "source_model": { "type": "NAME_deal", "var": "deal" },
    "constants": [
      { "name": "won_label", "type": "string", "default": "Deal | won", "description": "The activity type that a won deal gets." }
    ],
    "instructions": [
      {
        "id": "if-won",
        "type": "if_else",
        "condition": {
          "type": "and",
          "arguments": [
            { "type": "equals", "left": { "type": "var", "var": "deal.status" }, "right": { "type": "literal", "value": "won" } },
            { "type": "not", "argument": { "type": "is_empty", "value": { "type": "var", "var": "deal.owner_id" } } }
          ]
        },
        "then": [
          {
            "id": "owner",
            "type": "upsert_agent_external_identity",
            "external_id": { "type": "var", "var": "deal.owner_id" },
            "return_as": "agent"
          },
          {
            "id": "won",
            "type": "upsert_activity",
            "external_id": { "type": "concat", "arguments": [{ "type": "literal", "value": "won|" }, { "type": "var", "var": "deal.id" }] },
            "activity_type": { "type": "var", "var": "won_label" },
            "agent_external_identity": { "type": "var", "var": "agent" },
            "moment": { "type": "var", "var": "deal.updated_at" },
            "value": { "type": "var", "var": "deal.value" }
          }
        ]
      }
    ]
  }
}
"#;

const EXAMPLE: &str = r#"{
  "format": 1,
  "title": "A page with one won deal",
  "poll": "deals",
  "body": {
    "data": [{ "id": "d1", "status": "won", "owner_id": "u1", "value": 1500.5, "updated_at": "2026-03-01T12:00:00Z" }]
  },
  "keys": ["d1"]
}
"#;

const SETUP: &str = "1. What people do first at the vendor.\n2. What they copy, and where it goes.\n";

/// The files, by their paths in the folder.
pub fn files(name: &str) -> Vec<(&'static str, String)> {
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    let capital = |word: &&str| word[..1].to_uppercase() + &word[1..];
    let title = words.iter().map(capital).collect::<Vec<_>>().join(" ");
    let mark: String = name.chars().filter(char::is_ascii_alphanumeric).take(2).collect::<String>().to_uppercase();
    let fill = |text: &str| text.replace("NAME", name).replace("TITLE", &title).replace("MARK", &mark);
    vec![
        ("definition.json", fill(DEFINITION)),
        ("setup.md", SETUP.to_owned()),
        ("presets/won_deals.json", fill(PRESET)),
        ("examples/deals.json", fill(EXAMPLE)),
    ]
}

#[cfg(test)]
mod tests {
    use salesdash_providers::{Files, ProviderType};

    #[test]
    fn the_skeleton_is_sound() {
        for name in ["my_crm", "x", "crm2_"] {
            let files: Files = super::files(name).into_iter().map(|(file, text)| (file.to_owned(), text.into_bytes())).collect();
            if let Err(problems) = ProviderType::read(name, &files) {
                panic!("{name}: {problems:?}");
            }
        }
    }
}
