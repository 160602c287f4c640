//! The secrets of a source.

use std::fmt;

use salesdash_value::Text;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// The secrets of a source by name. One name can have several values: while a secret is being rotated, the old and the new one.
#[derive(Clone, Default)]
pub struct Secrets {
    values: Vec<(Text, Box<str>)>,
}

impl Secrets {
    /// No secrets.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with one more value of a secret.
    #[must_use]
    pub fn with(mut self, name: impl Into<Text>, value: impl Into<Box<str>>) -> Self {
        self.add(name, value);
        self
    }

    /// Adds a value of a secret.
    pub fn add(&mut self, name: impl Into<Text>, value: impl Into<Box<str>>) {
        self.values.push((name.into(), value.into()));
    }

    /// Every value of a secret.
    pub fn all<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s str> {
        self.values.iter().filter(move |(known, _)| known == name).map(|(_, value)| &**value)
    }
}

impl fmt::Debug for Secrets {
    /// The names only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.iter().map(|(name, _)| name)).finish()
    }
}

/// Whether two texts are the same, in a time that tells nothing of where they differ nor of how long the secret one is.
pub(super) fn same(given: &[u8], secret: &[u8]) -> Choice {
    Sha256::digest(given).ct_eq(&Sha256::digest(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_debug_output_show_their_names_only() {
        let secrets = Secrets::new().with("secret", "geheim").with("secret", "geheimer");
        assert_eq!(format!("{secrets:?}"), r#"{"secret", "secret"}"#);
        assert_eq!(secrets.all("secret").collect::<Vec<_>>(), ["geheim", "geheimer"]);
    }
}
