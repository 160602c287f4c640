//! Passwords: Argon2id, a few at a time, since each takes 19 MiB and some tens of milliseconds.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use crate::problem::Problem;

/// The shortest password, in characters.
pub const MIN_LENGTH: usize = 10;
/// The longest password, in bytes.
pub const MAX_BYTES: usize = 256;

/// Hashes and checks passwords.
pub struct Passwords {
    /// What is checked where there is no such user, so that it takes as long.
    nobody: String,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { nobody: hash("nobody has this password").unwrap_or_default() }
    }
}

/// The hash of a password, with its salt and parameters, as it is stored.
///
/// # Errors
/// Where it is too short or too long.
pub fn hash(password: &str) -> Result<String, Problem> {
    if password.chars().count() < MIN_LENGTH {
        return Err(Problem::invalid(format!("the password is too short; it must have at least {MIN_LENGTH} characters")).at("/password"));
    }
    if password.len() > MAX_BYTES {
        return Err(Problem::invalid(format!("the password is too long; it may have {MAX_BYTES} bytes")).at("/password"));
    }
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| Problem::internal(format!("the password cannot be hashed: {error}")))
}

impl Passwords {
    /// Whether a password is the one of this hash. Takes as long where there is none.
    #[must_use]
    pub fn fits(&self, password: &str, hash: Option<&str>) -> bool {
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.nobody);
        let fits = password.len() <= MAX_BYTES
            && argon2::PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        known && fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_hash_alone() {
        let passwords = Passwords::default();
        let stored = hash("correct horse battery").unwrap();
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        assert_ne!(stored, hash("correct horse battery").unwrap(), "each has a salt of its own");
        assert!(passwords.fits("correct horse battery", Some(&stored)));
        assert!(!passwords.fits("correct horse batterz", Some(&stored)));
        assert!(!passwords.fits("nobody has this password", None));
        assert!(!passwords.fits("correct horse battery", Some("damaged")));
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert_eq!(hash("short").unwrap_err().code, "invalid");
        assert_eq!(hash(&"x".repeat(300)).unwrap_err().code, "invalid");
    }
}
