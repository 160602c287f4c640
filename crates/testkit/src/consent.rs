//! The page of a vendor on which people grant access, as OAuth 2 with PKCE has it.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::server::{Asked, Reply};

/// What was granted and not yet taken up.
#[derive(Default)]
pub(crate) struct Consent {
    granted: HashMap<String, Grant>,
    made: u32,
}

/// What a code was given for.
struct Grant {
    client: String,
    redirect: String,
    challenge: String,
}

fn page(text: &str) -> Reply {
    let page = format!("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>The vendor</title><body>{text}</body></html>");
    Reply::Answer(200, vec![("Content-Type".to_owned(), "text/html; charset=utf-8".to_owned())], page)
}

fn to(address: String) -> Reply {
    Reply::Answer(302, vec![("Location".to_owned(), address)], String::new())
}

impl Consent {
    /// Answers what a browser asks; nothing, where it is another request.
    pub(crate) fn answer(&mut self, asked: &Asked) -> Option<Reply> {
        let given = |name: &str| asked.parameter(name).unwrap_or_default();
        let (client, redirect, state, challenge) = (given("client_id"), given("redirect_uri"), given("state"), given("code_challenge"));
        let back = |rest: &str| format!("{redirect}{}{rest}&state={state}", if redirect.contains('?') { '&' } else { '?' });
        match asked.path.as_str() {
            "/authorize" => {
                let wrong = [
                    (given("response_type") != "code", "response_type"),
                    (client.is_empty(), "client_id"),
                    (!redirect.starts_with("http"), "redirect_uri"),
                    (state.len() < 16, "state"),
                    (given("code_challenge_method") != "S256" || challenge.len() != 43, "code_challenge"),
                ];
                Some(match wrong.iter().find(|(wrong, _)| *wrong) {
                    Some((_, what)) => Reply::json(400, format!(r#"{{"error":"invalid_request","error_description":"{what}"}}"#)),
                    // What stands in the query came from a program, which wrote it for a URL.
                    None => page(&format!(
                        "<h1>Let SalesDash read your deals?</h1><p><a href=\"/authorize/allow?{query}\">Allow</a> \
                         <a href=\"/authorize/deny?{query}\">Deny</a></p>",
                        query = asked.query.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
                    )),
                })
            }
            "/authorize/allow" => {
                self.made += 1;
                let code = format!("code-{}", self.made);
                let address = back(&format!("code={code}"));
                self.granted.insert(code, Grant { client, redirect, challenge });
                Some(to(address))
            }
            "/authorize/deny" => Some(to(back("error=access_denied&error_description=The+user+said+no"))),
            _ => None,
        }
    }

    /// Whether a code is good, which it is once.
    pub(crate) fn take(&mut self, asked: &Asked) -> bool {
        let given = |name: &str| asked.field(name).unwrap_or_default();
        let digest = Sha256::digest(given("code_verifier").as_bytes());
        self.granted.remove(&given("code")).is_some_and(|grant| {
            grant.client == given("client_id")
                && grant.redirect == given("redirect_uri")
                && grant.challenge == URL_SAFE_NO_PAD.encode(digest)
        })
    }
}
