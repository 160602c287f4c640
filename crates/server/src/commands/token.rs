//! `salesdash token`: API tokens.

use std::path::Path;

use salesdash_store::StoreError;
use salesdash_value::{Value, json};

use crate::arguments::{Token, TokenCommand};
use crate::commands::{AS_COMMAND, failed, moment, open, table};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::serve::ensure_tenant;

pub fn run(arguments: &Token) -> Result<Exit, Failure> {
    match &arguments.command {
        TokenCommand::Create { data, name, role, reveal, expires } => {
            let store = open(&data.data)?;
            let tenant = ensure_tenant(&store)?;
            let (name, role, reveal) = (name.clone(), *role, *reveal);
            let expires = expires.map(|at| at.as_microsecond());
            let secret = store
                .write(tenant, move |scope| {
                    let (token, secret) = scope.create_token(&name, role.name(), reveal, expires)?;
                    scope.audit(AS_COMMAND, "token.created", &format!("token {}", token.id), None, None)?;
                    Ok(secret)
                })
                .map_err(failed)?;
            output::print(&format!("{secret}\n"))?;
            eprintln!("this is shown once; send it as `Authorization: Bearer …`");
            Ok(Exit::Fine)
        }
        TokenCommand::Revoke { data, id } => {
            let store = open(&data.data)?;
            let id = *id;
            for tenant in store.tenants().map_err(failed)? {
                let revoked = store.write(tenant.id, move |scope| {
                    scope.revoke_token(id)?;
                    scope.audit(AS_COMMAND, "token.revoked", &format!("token {id}"), None, None)
                });
                match revoked {
                    Ok(()) => {
                        eprintln!("revoked");
                        return Ok(Exit::Fine);
                    }
                    Err(StoreError::Missing(_)) => {}
                    Err(error) => return Err(failed(error)),
                }
            }
            Err(Failure { exit: Exit::Input, text: Some(format!("there is no token {id} that is still valid")) })
        }
        TokenCommand::List { data, json } => list(&data.data, *json),
    }
}

fn list(data: &Path, as_json: bool) -> Result<Exit, Failure> {
    let store = open(data)?;
    let mut tokens = Vec::new();
    for tenant in store.tenants().map_err(failed)? {
        tokens.extend(store.read(tenant.id, |scope| scope.tokens()).map_err(failed)?);
    }
    let time = |at: Option<i64>| at.map_or(Value::Null, |at| Value::text(moment(at)));
    let text = if as_json {
        let rows = tokens.iter().map(|token| {
            Value::object([
                ("id", Value::text(token.id.to_string())),
                ("name", token.name.as_str().into()),
                ("role", token.role.as_str().into()),
                ("reveal", token.reveal.into()),
                ("created", Value::text(moment(token.created))),
                ("expires", time(token.expires)),
                ("revoked", time(token.revoked)),
            ])
        });
        json::to_pretty(&Value::list(rows)) + "\n"
    } else {
        let rows = tokens.iter().map(|token| {
            let role = if token.reveal { format!("{}, reveal", token.role) } else { token.role.clone() };
            let state = match (token.revoked, token.expires) {
                (Some(at), _) => format!("revoked {}", moment(at)),
                (None, Some(at)) => format!("until {}", moment(at)),
                (None, None) => "valid".to_owned(),
            };
            [token.id.to_string(), token.name.clone(), role, moment(token.created), state]
        });
        table(&["id", "name", "role", "made", "state"], rows)
    };
    output::print(&text)?;
    Ok(Exit::Fine)
}
