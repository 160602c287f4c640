//! What must hold between the parts of a definition.

use salesdash_value::{Text, Value};

use super::Definition;
use super::auth::{Auth, Grant};
use super::enrichment::Enrichment;
use super::poll::{Incremental, Order};
use super::read::{Named, Reading};
use super::settings::{Setting, SettingType};
use crate::reader::not_one_of;

/// Reports everything that does not fit together.
pub(super) fn check(definition: &Definition, value: &Value, reading: &mut Reading) {
    let mut checker = Checker { definition, reading };
    checker.settings(&definition.settings, "");
    checker.auth();
    checker.http();
    checker.models(value);
    checker.enrichments();
    checker.polls();
    checker.webhooks();
    if let Some(mark) = &definition.mark {
        let color = mark.color.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        checker.expect(color, "/mark/color", || "a colour is written `#rrggbb`".to_owned());
        checker.expect((1..=3).contains(&mark.letters.chars().count()), "/mark/letters", || "one to three letters".to_owned());
    }
}

struct Checker<'d> {
    definition: &'d Definition,
    reading: &'d mut Reading,
}

impl Checker<'_> {
    fn expect(&mut self, holds: bool, pointer: &str, text: impl FnOnce() -> String) {
        if !holds {
            self.reading.problems.add(pointer, text());
        }
    }

    /// Reports a name that stands for nothing.
    fn known<T>(&mut self, name: &str, known: &Named<T>, pointer: &str, what: &str) {
        if known.get(name).is_none() {
            let names: Vec<_> = known.names().collect();
            let text = if names.is_empty() { format!("there are no {what}") } else { not_one_of(name, &names) };
            self.reading.problems.add(pointer, text);
        }
    }

    fn settings(&mut self, settings: &Named<Setting>, pointer: &str) {
        for (name, setting) in settings.iter() {
            let at = |key: &str| format!("{pointer}/settings/{name}/{key}");
            let is_enum = setting.r#type == SettingType::Enum;
            self.expect(is_enum != setting.options.0.is_empty(), &at("options"), || {
                if is_enum { "an `enum` needs `options`".to_owned() } else { "only an `enum` has `options`".to_owned() }
            });
            if let Some(pattern) = &setting.pattern
                && let Err(error) = regex::Regex::new(pattern)
            {
                self.reading.problems.add(at("pattern"), format!("this is not a regular expression: {error}"));
            }
            if let Some(when) = &setting.when {
                self.known(&when.setting.0, settings, &at("when/setting"), "settings");
            }
            let default = setting.default.as_ref().map(|default| &default.0);
            self.expect(setting.r#type != SettingType::Secret || default.is_none(), &at("default"), || {
                "a secret has no default: what stands in a definition is no secret".to_owned()
            });
            if let Some(Value::Text(default)) = default
                && is_enum
                && !setting.options.0.iter().any(|(option, _)| option == default)
            {
                let options: Vec<_> = setting.options.0.iter().map(|(option, _)| option.as_str()).collect();
                self.reading.problems.add(at("default"), not_one_of(default, &options));
            }
        }
    }

    fn auth(&mut self) {
        let Some(auth) = &self.definition.auth else { return };
        if let Auth::OneOf(one_of) = auth {
            match self.definition.settings.get(&one_of.setting.0) {
                Some(setting) if setting.r#type == SettingType::Enum => {
                    for (option, _) in &setting.options.0 {
                        self.expect(one_of.cases.get(option).is_some(), "/auth/cases", || {
                            format!("there is no case for the value `{option}` of the setting `{}`", one_of.setting.0)
                        });
                    }
                    for name in one_of.cases.names() {
                        self.expect(setting.options.0.iter().any(|(option, _)| option == name), &format!("/auth/cases/{name}"), || {
                            format!("`{name}` is not a value of the setting `{}`", one_of.setting.0)
                        });
                    }
                }
                Some(_) => self.reading.problems.add("/auth/setting", "the setting must be an `enum`"),
                None => self.known(&one_of.setting.0, &self.definition.settings, "/auth/setting", "settings"),
            }
            for (name, case) in one_of.cases.iter() {
                self.expect(!matches!(case, Auth::OneOf(_)), &format!("/auth/cases/{name}"), || "cases cannot be nested".to_owned());
                self.oauth2(case, &format!("/auth/cases/{name}"));
            }
        }
        self.oauth2(auth, "/auth");
    }

    fn oauth2(&mut self, auth: &Auth, pointer: &str) {
        let Auth::Oauth2(oauth2) = auth else { return };
        let by_code = oauth2.grant == Grant::AuthorizationCode;
        self.expect(!by_code || oauth2.authorize_url.is_some(), pointer, || "`authorize_url` is missing".to_owned());
    }

    fn http(&mut self) {
        let definition = self.definition;
        let asks = definition.check.is_some() || !definition.polls.is_empty() || !definition.enrichments.is_empty();
        self.expect(definition.http.is_some() || !asks, "", || "`http` is missing: without it, nothing can be requested".to_owned());
    }

    fn models(&mut self, value: &Value) {
        let definition = self.definition;
        for (name, model) in definition.models.iter() {
            let pointer = format!("/models/{name}");
            let (declared, diagnostics) = model.declared(name, |enrichment| definition.enrichments.get(enrichment));
            for diagnostic in diagnostics {
                self.reading.problems.add(format!("{pointer}{}", diagnostic.pointer), diagnostic.text);
            }
            for (key, path) in [("key", &model.key), ("version", &model.version)] {
                let Some(path) = path else { continue };
                let path = path.to_string();
                let first = path.split('.').next().unwrap_or_default();
                let fields: Vec<&str> = model.fields.0.as_object().unwrap_or_default().iter().map(|(field, _)| field.as_str()).collect();
                self.expect(fields.contains(&first) || model.open, &format!("{pointer}/{key}"), || not_one_of(first, &fields));
            }
            drop(declared);
            for (reference_name, reference) in model.enrichments.iter() {
                let pointer = format!("{pointer}/enrichments/{reference_name}");
                self.known(&reference.fetch.0, &definition.enrichments, &format!("{pointer}/fetch"), "enrichments");
                match definition.enrichments.get(&reference.fetch.0) {
                    Some(Enrichment::NamedFields(_)) => {
                        self.expect(reference.id.is_none(), &format!("{pointer}/id"), || {
                            "an enrichment of type `named_fields` needs no `id`".to_owned()
                        });
                    }
                    Some(_) => self.expect(reference.id.is_some(), &pointer, || "`id` is missing".to_owned()),
                    None => {}
                }
            }
        }
        let _ = value;
    }

    fn enrichments(&mut self) {
        let definition = self.definition;
        for (name, enrichment) in definition.enrichments.iter() {
            let pointer = format!("/enrichments/{name}");
            self.known(enrichment.model(), &definition.models, &format!("{pointer}/model"), "models");
            if let Enrichment::NamedFields(named) = enrichment {
                self.table(&named.table.0, &format!("{pointer}/table"));
                self.expect(named.item_key.is_some() == named.item_value.is_some(), &pointer, || {
                    "`item_key` and `item_value` go together: they are for a list of fields".to_owned()
                });
            }
        }
    }

    fn table(&mut self, name: &Text, pointer: &str) {
        match self.definition.enrichments.get(name) {
            None => self.known(name, &self.definition.enrichments, pointer, "enrichments"),
            Some(Enrichment::Table(_)) => {}
            Some(_) => self.reading.problems.add(pointer, format!("`{name}` is not an enrichment of type `table`")),
        }
    }

    /// The model of a source must be there, and have a key.
    fn source_model(&mut self, model: &Text, pointer: &str) {
        self.known(model, &self.definition.models, &format!("{pointer}/model"), "models");
        if let Some(declared) = self.definition.models.get(model) {
            self.expect(declared.key.is_some(), &format!("/models/{model}"), || {
                "`key` is missing: records of a source are told apart by it".to_owned()
            });
        }
    }

    fn polls(&mut self) {
        let definition = self.definition;
        for (name, poll) in definition.polls.iter() {
            let pointer = format!("/polls/{name}");
            self.settings(&poll.settings, &pointer);
            self.source_model(&poll.model.0, &pointer);
            if let Some(partitions) = &poll.partitions {
                let pointer = format!("{pointer}/partitions");
                let given = [partitions.values.is_some(), partitions.table.is_some(), partitions.poll.is_some()];
                self.expect(given.iter().filter(|given| **given).count() == 1, &pointer, || {
                    "say what there is to go through with exactly one of: values, table, poll".to_owned()
                });
                if let Some(table) = &partitions.table {
                    self.table(&table.0, &format!("{pointer}/table"));
                }
                if let Some(parent) = &partitions.poll {
                    let pointer = format!("{pointer}/poll");
                    self.known(&parent.0, &definition.polls, &pointer, "polls");
                    let nested = definition.polls.get(&parent.0).is_some_and(|parent| parent.partitions.is_some());
                    self.expect(!nested, &pointer, || "a poll that itself goes through something cannot be gone through".to_owned());
                }
            }
            if let Some(Incremental::Server(server)) = &poll.incremental {
                let ascending = server.order == Some(Order::Ascending);
                self.expect(server.cap.is_none() || ascending, &format!("{pointer}/incremental/cap"), || {
                    "a search can only begin anew where it left off if the `order` is `ascending`".to_owned()
                });
            }
        }
    }

    fn webhooks(&mut self) {
        let definition = self.definition;
        for (name, webhook) in definition.webhooks.iter() {
            let pointer = format!("/webhooks/{name}");
            self.settings(&webhook.settings, &pointer);
            self.source_model(&webhook.model.0, &pointer);
            if let Some(complete) = &webhook.complete {
                let pointer = format!("{pointer}/complete/fetch");
                match definition.enrichments.get(&complete.fetch.0) {
                    None => self.known(&complete.fetch.0, &definition.enrichments, &pointer, "enrichments"),
                    Some(Enrichment::ById(by_id)) => self.expect(by_id.model == webhook.model, &pointer, || {
                        format!("it yields `{}`, and the webhook's model is `{}`", by_id.model.0, webhook.model.0)
                    }),
                    Some(_) => self.reading.problems.add(pointer, "only an enrichment of type `by_id` can complete an event"),
                }
            }
        }
    }
}
