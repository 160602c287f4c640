//! Passwords: Argon2id, a few at a time, since each takes 19 MiB and some tens of milliseconds.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use crate::problem::Problem;

/// The shortest password, in characters.
pub const MIN_LENGTH: usize = 10;
/// The longest password, in bytes.
pub const MAX_BYTES: usize = 256;

/// What is checked where there is no such user, so that it takes as long: made up, and of the parameters that hashes are made with. To work
/// one out at each start would take as long as signing in, and leave its 19 MiB behind.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyBpdC4uLg$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

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

/// Whether a password is the one of this hash. Takes as long where there is none.
#[must_use]
pub fn fits(password: &str, hash: Option<&str>) -> bool {
    let known = hash.is_some();
    let hash = hash.unwrap_or(NOBODY);
    let fits = password.len() <= MAX_BYTES
        && argon2::PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    known && fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_hash_alone() {
        let stored = hash("correct horse battery").unwrap();
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        assert_ne!(stored, hash("correct horse battery").unwrap(), "each has a salt of its own");
        assert!(fits("correct horse battery", Some(&stored)));
        assert!(!fits("correct horse batterz", Some(&stored)));
        assert!(!fits("correct horse battery", None));
        assert!(!fits("correct horse battery", Some("damaged")));
    }

    #[test]
    fn where_there_is_no_such_user_it_takes_as_long() {
        let parameters = |hash: &str| argon2::Params::try_from(&argon2::PasswordHash::new(hash).expect("a hash")).expect("parameters");
        let stored = hash("correct horse battery").unwrap();
        assert_eq!(parameters(NOBODY), parameters(&stored));
        let shape = |hash: &str| hash.split('$').map(str::len).collect::<Vec<_>>();
        assert_eq!(shape(NOBODY), shape(&stored));
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert_eq!(hash("short").unwrap_err().code, "invalid");
        assert_eq!(hash(&"x".repeat(300)).unwrap_err().code, "invalid");
    }
}
