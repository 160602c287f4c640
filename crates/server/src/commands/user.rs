//! `salesdash user`: the people who sign in.

use std::io::Read;
use std::path::Path;

use salesdash_store::users::NewUser;
use salesdash_store::{Store, StoreError};
use salesdash_value::{Value, json};

use crate::arguments::{User, UserCommand};
use crate::commands::{AS_COMMAND, failed, moment, open, table};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::serve::ensure_tenant;

/// How long a link to choose a password lasts.
const INVITE_MICROS: i64 = salesdash_api::auth::INVITE_SECONDS * 1_000_000;

pub fn run(arguments: &User) -> Result<Exit, Failure> {
    match &arguments.command {
        UserCommand::Create { data, email, name, role, reveal, password_stdin } => {
            let password = if *password_stdin { Some(read_password()?) } else { None };
            let store = open(&data.data)?;
            let tenant = ensure_tenant(&store)?;
            let name = name.clone().unwrap_or_else(|| email.split('@').next().unwrap_or(email).to_owned());
            let new = NewUser { name, email: email.clone(), role: role.name().to_owned(), reveal: *reveal, password };
            let has_password = new.password.is_some();
            let (id, invite) = store
                .write(tenant, move |scope| {
                    let user = scope.create_user(&new)?;
                    let invite = if new.password.is_none() { Some(scope.invite(user.id, INVITE_MICROS)?) } else { None };
                    scope.audit(AS_COMMAND, "user.created", &format!("user {}", user.id), None, None)?;
                    Ok((user.id, invite))
                })
                .map_err(failed)?;
            output::print(&format!("{id}\n"))?;
            match invite {
                Some(secret) => eprintln!("made; choose a password at http://127.0.0.1:8080/setup?token={secret} (valid for 7 days)"),
                None if has_password => eprintln!("made; sign in as {email}"),
                None => {}
            }
            Ok(Exit::Fine)
        }
        UserCommand::Password { data, email } => {
            let password = read_password()?;
            let store = open(&data.data)?;
            let user = known(&store, &data.data, email)?;
            store
                .write(user.tenant, move |scope| {
                    scope.set_password(user.id, &password)?;
                    scope.audit(AS_COMMAND, "user.password_changed", &format!("user {}", user.id), None, None)
                })
                .map_err(failed)?;
            eprintln!("changed; every session of {email} has ended");
            Ok(Exit::Fine)
        }
        UserCommand::Delete { data, email } => {
            let store = open(&data.data)?;
            let user = known(&store, &data.data, email)?;
            store
                .write(user.tenant, move |scope| {
                    scope.delete_user(user.id)?;
                    scope.audit(AS_COMMAND, "user.deleted", &format!("user {}", user.id), None, None)
                })
                .map_err(|error| match error {
                    StoreError::Conflict(text) => Failure { exit: Exit::Input, text: Some(text) },
                    other => failed(other),
                })?;
            eprintln!("removed {email}");
            Ok(Exit::Fine)
        }
        UserCommand::List { data, json } => list(&data.data, *json),
    }
}

fn known(store: &Store, data: &Path, email: &str) -> Result<salesdash_store::users::User, Failure> {
    let user = store.user_by_email(email).map_err(failed)?;
    user.ok_or_else(|| Failure { exit: Exit::Input, text: Some(format!("no user of {} has the address {email}", data.display())) })
}

/// The hash of the password that standard input holds.
fn read_password() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(4096)
        .read_to_string(&mut text)
        .map_err(|error| Failure::environment(format!("standard input cannot be read: {error}")))?;
    let password = text.lines().next().unwrap_or_default();
    salesdash_api::password::hash(password).map_err(|problem| Failure { exit: Exit::Input, text: Some(problem.into_detail()) })
}

fn list(data: &Path, as_json: bool) -> Result<Exit, Failure> {
    let store = open(data)?;
    let mut users = Vec::new();
    for tenant in store.tenants().map_err(failed)? {
        users.extend(store.read(tenant.id, |scope| scope.users()).map_err(failed)?);
    }
    let text = if as_json {
        let rows = users.iter().map(|user| {
            Value::object([
                ("id", Value::text(user.id.to_string())),
                ("name", user.name.as_str().into()),
                ("email", user.email.as_str().into()),
                ("role", user.role.as_str().into()),
                ("reveal", user.reveal.into()),
                ("active", user.password.is_some().into()),
                ("created", Value::text(moment(user.created))),
                ("seen", user.seen.map_or(Value::Null, |seen| Value::text(moment(seen)))),
            ])
        });
        json::to_pretty(&Value::list(rows)) + "\n"
    } else {
        let rows = users.iter().map(|user| {
            let role = if user.reveal { format!("{}, reveal", user.role) } else { user.role.clone() };
            let seen = user.seen.map_or_else(|| if user.password.is_some() { "never".to_owned() } else { "invited".to_owned() }, moment);
            [user.id.to_string(), user.name.clone(), user.email.clone(), role, seen]
        });
        table(&["id", "name", "e-mail", "role", "signed in"], rows)
    };
    output::print(&text)?;
    Ok(Exit::Fine)
}
