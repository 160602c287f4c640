//! Why a webhook is refused.

use salesdash_value::Text;
use thiserror::Error;

/// Why a webhook is refused: a sentence that tells the operator what to mend. Never holds a secret, a signature or anything of the body.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// What the scheme looks for is not there.
    #[error("The request does not have {place}. Is signing switched on at the sender, and is this the scheme that the sender uses?")]
    Missing {
        /// Where it looks.
        place: String,
    },
    /// Of several schemes, the request carries nothing of any.
    #[error("The request has none of: {places}. Is signing switched on at the sender?")]
    NothingOf {
        /// Where they look.
        places: String,
    },
    /// It is there more than once.
    #[error("The request has {place} more than once, so it is not clear which one counts. Does a proxy add it?")]
    Repeated {
        /// Where.
        place: String,
    },
    /// It is there, and not in the right form.
    #[error("What is in {place} is not {expected}. Is this the scheme that the sender uses?")]
    Malformed {
        /// Where.
        place: String,
        /// What it should be.
        expected: String,
    },
    /// The request says of itself that it is signed in another way.
    #[error(
        "The header `{header}` does not say `{value}`, so the request is signed in another way. Choose the scheme that the sender uses."
    )]
    OtherScheme {
        /// The header that tells.
        header: Text,
        /// What it should say.
        value: Text,
    },
    /// The body must be read to find something, and cannot be.
    #[error("The body cannot be read, and what proves the sender should stand in it.")]
    UnreadableBody,
    /// The operator has not set the secret.
    #[error("The secret `{name}` is not set at this source. Copy it from the sender's settings.")]
    SecretNotSet {
        /// Its name.
        name: Text,
    },
    /// The secret is set, and cannot be what it should be.
    #[error("The secret `{name}` of this source is not {expected}. Copy it again from the sender's settings.")]
    SecretUnusable {
        /// Its name.
        name: Text,
        /// What it should be.
        expected: &'static str,
    },
    /// A wrong token, user name or password.
    #[error("What is in {place} is not the secret of this source. Is the same one set on both sides?")]
    WrongSecret {
        /// Where it stands.
        place: String,
    },
    /// A signature that does not match.
    #[error(
        "The signature in {place} does not match. Is the same secret set on both sides, and does nothing between here and the sender change {signed}?"
    )]
    WrongSignature {
        /// Where it stands.
        place: String,
        /// What it covers.
        signed: &'static str,
    },
    /// Signed too long ago.
    #[error(
        "The request was signed {age_seconds} seconds ago, and at most {tolerance_seconds} are allowed: it was delayed or repeated, or the clock of this machine is ahead."
    )]
    TooOld {
        /// How long ago.
        age_seconds: i64,
        /// How long is allowed.
        tolerance_seconds: u32,
    },
    /// Signed in the future.
    #[error(
        "The request was signed {ahead_seconds} seconds in the future, and at most {tolerance_seconds} are allowed: the clock of this machine is behind, or that of the sender ahead."
    )]
    TooNew {
        /// How far ahead.
        ahead_seconds: i64,
        /// How far is allowed.
        tolerance_seconds: u32,
    },
    /// A JSON Web Token signed in a way that is not accepted.
    #[error("The token in {place} is not signed with HS256, the only way that is accepted.")]
    WrongAlgorithm {
        /// Where it stands.
        place: String,
    },
    /// A JSON Web Token that is no longer, or not yet, valid.
    #[error("The token in {place} is not valid at this time: it has expired or does not hold yet. Is the clock of this machine right?")]
    NotNow {
        /// Where it stands.
        place: String,
    },
    /// A JSON Web Token made for someone else.
    #[error("The token in {place} was made for another receiver. Is the URL set at the sender exactly the one shown for this source?")]
    WrongAudience {
        /// Where it stands.
        place: String,
    },
}

impl Refusal {
    /// A stable name for metrics and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Missing { .. } | Self::NothingOf { .. } => "missing",
            Self::Repeated { .. } => "repeated",
            Self::Malformed { .. } => "malformed",
            Self::OtherScheme { .. } => "other_scheme",
            Self::UnreadableBody => "unreadable_body",
            Self::SecretNotSet { .. } => "secret_not_set",
            Self::SecretUnusable { .. } => "secret_unusable",
            Self::WrongSecret { .. } => "wrong_secret",
            Self::WrongSignature { .. } => "wrong_signature",
            Self::TooOld { .. } => "too_old",
            Self::TooNew { .. } => "too_new",
            Self::WrongAlgorithm { .. } => "wrong_algorithm",
            Self::NotNow { .. } => "not_now",
            Self::WrongAudience { .. } => "wrong_audience",
        }
    }
}
