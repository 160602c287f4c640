//! Which addresses may be asked, and get the credentials.

use url::Url;

use crate::definition::http::Host;

/// The addresses that a connection may ask: the host of its base URL, and those that the definition allows besides.
#[derive(Clone, Debug)]
pub struct Allowed {
    base: Url,
    hosts: Vec<Host>,
}

impl Allowed {
    /// The addresses of a connection.
    #[must_use]
    pub const fn new(base: Url, hosts: Vec<Host>) -> Self {
        Self { base, hosts }
    }

    /// The base URL.
    #[must_use]
    pub const fn base(&self) -> &Url {
        &self.base
    }

    /// Whether a URL may be asked with credentials: it has the origin of the base URL, or is HTTPS on its usual port at a host that the
    /// definition allows. User names and passwords in URLs are never taken.
    #[must_use]
    pub fn allows(&self, url: &Url) -> bool {
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        if url.origin() == self.base.origin() {
            return true;
        }
        let listed = url.host_str().is_some_and(|host| self.hosts.iter().any(|allowed| allowed.allows(&host.to_ascii_lowercase())));
        url.scheme() == "https" && url.port().is_none() && listed
    }

    /// The URL that a link of an answer leads to.
    ///
    /// # Errors
    /// Where it is no URL, or leads to a host that is not allowed: a sentence that names the host.
    pub fn follow(&self, from: &Url, link: &str) -> Result<Url, String> {
        let url = from.join(link.trim()).map_err(|error| format!("the link to the next page is not a URL: {error}"))?;
        if self.allows(&url) {
            return Ok(url);
        }
        let host = url.host_str().unwrap_or("nowhere");
        Err(format!(
            "the link to the next page leads to `{host}` by {}, which is not among the allowed hosts; it was not followed",
            url.scheme()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salesdash_value::Text;

    #[test]
    fn links_are_followed_to_allowed_hosts_only() {
        let base = Url::parse("https://acme.crm.example/api").expect("a URL");
        let allowed = Allowed::new(base.clone(), vec![Host(Text::new("*.cdn.example")), Host(Text::new("api.example"))]);
        let follow = |link: &str| allowed.follow(&base, link).map(String::from).map_err(|_| ());
        assert_eq!(follow("/next?page=2"), Ok("https://acme.crm.example/next?page=2".to_owned()));
        assert_eq!(follow("?page=2"), Ok("https://acme.crm.example/api?page=2".to_owned()));
        assert_eq!(follow("https://api.example/x"), Ok("https://api.example/x".to_owned()));
        assert_eq!(follow("https://eu.cdn.example/x"), Ok("https://eu.cdn.example/x".to_owned()));
        for foreign in [
            "https://evil.example/x",
            "//evil.example/x",
            "http://acme.crm.example/x",
            "https://acme.crm.example:8443/x",
            "https://acme.crm.example@evil.example/x",
            "https://user:pass@acme.crm.example/x",
            "https://cdn.example/x",
            "https://evilcdn.example/x",
            "https://api.example.evil.example/x",
            "ftp://api.example/x",
            "file:///etc/passwd",
        ] {
            assert_eq!(follow(foreign), Err(()), "{foreign}");
        }
    }
}
