//! The requests that a definition makes, in a form that can be read and compared.

use salesdash_providers::ProviderType;
use salesdash_providers::definition::enrichment::{ById, Enrichment, Table};
use salesdash_providers::definition::http::Listing;
use salesdash_providers::definition::request::RequestTemplate;
use salesdash_providers::interpret::credentials::apply;
use salesdash_providers::interpret::request::{allowed, build};
use salesdash_providers::interpret::variables::{Asking, Given};
use salesdash_value::Value;

use super::{noon, parse};

/// A connection, with what people filled in.
pub struct Asker<'p> {
    provider: &'p ProviderType,
    given: Given,
}

impl<'p> Asker<'p> {
    /// A connection with these settings, secrets among them, and these captured fields and tokens. Both are JSON.
    pub fn new(provider: &'p ProviderType, settings: &str, connection: &str) -> Self {
        Self { provider, given: Given::connection(&provider.definition.settings, &parse(settings), &parse(connection)) }
    }

    /// The request as `METHOD URL`, then each header, then the body, one a line.
    fn told(&self, template: &RequestTemplate, given: &Given, asking: &Asking) -> Vec<String> {
        self.made(template, given, asking).unwrap_or_else(|problem| panic!("{problem}"))
    }

    fn made(&self, template: &RequestTemplate, given: &Given, asking: &Asking) -> Result<Vec<String>, String> {
        let definition = &self.provider.definition;
        let http = definition.http.as_ref().expect("it asks");
        let allowed = allowed(http, given, noon())?;
        let mut outgoing = build(http, template, given, asking, &allowed, noon())?;
        if let Some(auth) = &definition.auth {
            apply(auth, given, &mut outgoing, noon())?;
        }
        let address = percent_decoded(outgoing.url.as_str());
        let mut told = vec![format!("{} {address}", outgoing.method.name())];
        told.extend(outgoing.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        told.extend(outgoing.body.map(|body| String::from_utf8(body).expect("text")));
        Ok(told)
    }

    /// What a poll asks for. `source` is the settings of the source.
    pub fn poll(&self, poll: &str, source: &str, asking: &Asking) -> Vec<String> {
        let rules = self.provider.definition.polls.get(poll).unwrap_or_else(|| panic!("no poll {poll}"));
        let given = self.given.clone().with_source(&rules.settings, &parse(source));
        self.told(&rules.list.request, &given, &Asking { page: self.first(&rules.list, asking), ..asking.clone() })
    }

    /// What an enrichment asks for.
    pub fn enrichment(&self, enrichment: &str, asking: &Asking) -> Vec<String> {
        match self.provider.definition.enrichments.get(enrichment).unwrap_or_else(|| panic!("no enrichment {enrichment}")) {
            Enrichment::ById(ById { request, .. }) => self.told(request, &self.given, asking),
            Enrichment::Table(Table { list, .. }) => {
                self.told(&list.request, &self.given, &Asking { page: self.first(list, asking), ..asking.clone() })
            }
            Enrichment::NamedFields(_) => panic!("{enrichment} asks for nothing"),
        }
    }

    /// What *Test connection* asks for, or why it cannot.
    pub fn check(&self) -> Result<Vec<String>, String> {
        let check = self.provider.definition.check.as_ref().expect("there is a check");
        self.made(&check.request, &self.given, &Asking::default())
    }

    /// The first page, where the asking names none.
    fn first(&self, list: &Listing, asking: &Asking) -> Value {
        if !asking.page.is_null() {
            return asking.page.clone();
        }
        let size = list.paging.as_ref().and_then(|paging| paging.size()).unwrap_or_default();
        let size = Value::from(i64::from(size));
        Value::object([("number", Value::from(1)), ("offset", Value::from(0)), ("index", Value::from(0)), ("size", size)])
    }
}

fn percent_decoded(url: &str) -> String {
    percent_encoding::percent_decode_str(&url.replace('+', " ")).decode_utf8_lossy().into_owned()
}
