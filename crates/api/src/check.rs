//! What every name and address that people give must look like.

use crate::problem::Problem;

/// The longest name of anything, in characters.
const MAX_NAME: usize = 200;

/// A name that people give something, without the space around it.
///
/// # Errors
/// Where it is empty or too long.
pub fn name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Problem::invalid("a name is needed").at("/name"));
    }
    if name.chars().count() > MAX_NAME {
        return Err(Problem::invalid(format!("the name is longer than {MAX_NAME} characters")).at("/name"));
    }
    if name.contains(char::is_control) {
        return Err(Problem::invalid("the name holds a character that cannot be shown").at("/name"));
    }
    Ok(name.to_owned())
}

/// An e-mail address, without the space around it.
///
/// # Errors
/// Where it is none.
pub fn email(email: &str) -> Result<String, Problem> {
    let email = email.trim();
    let valid = email.len() <= 254
        && !email.contains(|c: char| c.is_whitespace() || c.is_control())
        && email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    if valid { Ok(email.to_owned()) } else { Err(Problem::invalid("this is not an e-mail address").at("/email")) }
}
