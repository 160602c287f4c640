//! Computed identity and keyed hashes: pure functions, so that an instruction can refer to what an earlier one upserts before
//! anything is written.

use hmac::{Hmac, KeyInit, Mac};
use salesdash_value::{Id, IdentityKind, RecordKind, Text};
use sha2::{Digest, Sha256};

/// What an id is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An external identity.
    Identity(IdentityKind),
    /// A record.
    Record(RecordKind),
}

impl Subject {
    /// The byte that stands for it in the hash. Never changed: ids are computed from it.
    const fn byte(self) -> u8 {
        match self {
            Self::Identity(IdentityKind::Agent) => 1,
            Self::Identity(IdentityKind::Team) => 2,
            Self::Identity(IdentityKind::Project) => 3,
            Self::Identity(IdentityKind::Segment) => 4,
            Self::Identity(IdentityKind::Proposition) => 5,
            Self::Record(RecordKind::Activity) => 16,
            Self::Record(RecordKind::Sale) => 17,
            Self::Record(RecordKind::Call) => 18,
            Self::Record(RecordKind::AnonymousActivity) => 19,
            Self::Record(RecordKind::Period) => 20,
        }
    }
}

/// The id of a record or identity: a UUID of version 8 over SHA-256 of tenant, provider, kind and external id.
#[must_use]
pub fn id(tenant: u64, provider: u64, subject: Subject, external_id: &str) -> Id {
    // Nearly every external id is short enough to be hashed in one go.
    let mut input = smallvec::SmallVec::<[u8; 128]>::new();
    input.extend_from_slice(&tenant.to_be_bytes());
    input.extend_from_slice(&provider.to_be_bytes());
    input.push(subject.byte());
    input.extend_from_slice(external_id.as_bytes());
    let digest = Sha256::digest(&input);
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    Id(bytes)
}

/// The key under which a tenant's contacts are hashed. Never shown.
#[derive(Clone)]
pub struct IdentityKey(Hmac<Sha256>);

impl std::fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityKey")
    }
}

/// What a hashed value begins with; 64 hexadecimal digits follow.
const PREFIX: &str = "hmac:";

impl IdentityKey {
    /// The key used where none is given on the command line. Not a secret.
    pub const DEVELOPMENT: &str = "salesdash-development";

    /// A key of any length.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of any length"))
    }

    /// `hmac:` and the HMAC-SHA256 of the trimmed, lowercased text. A value that already has that form is kept.
    #[must_use]
    pub fn hash(&self, text: &str) -> Text {
        let text = text.trim();
        if is_hashed(text) {
            return Text::new(text);
        }
        let mut mac = self.0.clone();
        if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
            mac.update(text.as_bytes());
        } else {
            mac.update(text.to_lowercase().as_bytes());
        }
        let mut out = [0u8; PREFIX.len() + 64];
        out[..PREFIX.len()].copy_from_slice(PREFIX.as_bytes());
        hex::encode_to_slice(mac.finalize().into_bytes(), &mut out[PREFIX.len()..]).expect("the buffer has the right size");
        Text::new(std::str::from_utf8(&out).expect("hexadecimal digits are text"))
    }
}

/// Whether a text is a keyed hash already.
#[must_use]
pub fn is_hashed(text: &str) -> bool {
    text.strip_prefix(PREFIX)
        .is_some_and(|digits| digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_everything() {
        let base = id(1, 1, Subject::Record(RecordKind::Sale), "opp|1");
        assert_eq!(base, id(1, 1, Subject::Record(RecordKind::Sale), "opp|1"));
        assert_ne!(base, id(2, 1, Subject::Record(RecordKind::Sale), "opp|1"));
        assert_ne!(base, id(1, 2, Subject::Record(RecordKind::Sale), "opp|1"));
        assert_ne!(base, id(1, 1, Subject::Record(RecordKind::Call), "opp|1"));
        assert_ne!(base, id(1, 1, Subject::Record(RecordKind::Sale), "opp|2"));
        assert_eq!(base.to_string().as_bytes()[14], b'8');
    }

    #[test]
    fn equal_contacts_hash_alike_and_hashes_are_kept() {
        let key = IdentityKey::new(b"key");
        let hash = key.hash("Jan@Example.com");
        assert_eq!(hash, key.hash("  jan@example.com "));
        assert_eq!(hash, key.hash(&hash));
        assert!(is_hashed(&hash));
        assert_ne!(hash, IdentityKey::new(b"other").hash("jan@example.com"));
    }
}
