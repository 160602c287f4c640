//! What people filled in, held against the form that asked for it.

use salesdash_language::diagnostics::nearest;
use salesdash_providers::definition::read::Named;
use salesdash_providers::definition::settings::{Setting, SettingType};
use salesdash_value::Value;

use crate::problem::Problem;

/// Checks what was filled in. `given` holds the settings that are no secrets, `secrets` tells which secrets are there. `also` are keys that
/// the form has beside those of the definition. `pointer` is where `given` stands in the request.
///
/// # Errors
/// The first field that is wrong, with its place.
pub fn check(fields: &Named<Setting>, given: &Value, secrets: &dyn Fn(&str) -> bool, also: &[&str], pointer: &str) -> Result<(), Problem> {
    let at = |name: &str| format!("{pointer}/{}", salesdash_language::diagnostics::escape(name));
    for (name, _) in given.as_object().unwrap_or_default() {
        match fields.get(name) {
            Some(setting) if setting.r#type == SettingType::Secret => {
                let text = format!("`{name}` is a secret; it does not belong among the settings, which everybody can see");
                return Err(Problem::invalid(text).at(at(name)));
            }
            Some(_) => {}
            None if also.contains(&name.as_str()) => {}
            None => {
                let hint = nearest(name, fields.names()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                return Err(Problem::invalid(format!("there is no setting `{name}`{hint}")).at(at(name)));
            }
        }
    }
    for (name, setting) in fields.iter() {
        if !is_asked(fields, given, setting) {
            continue;
        }
        if setting.r#type == SettingType::Secret {
            if setting.required.0 && setting.default.is_none() && !secrets(name) {
                return Err(Problem::invalid(format!("*{}* is missing", setting.title)).at(at(name)));
            }
            continue;
        }
        match given.get(name).filter(|value| !value.is_empty()) {
            None if setting.required.0 && setting.default.is_none() => {
                return Err(Problem::invalid(format!("*{}* is missing", setting.title)).at(at(name)));
            }
            None => {}
            Some(value) => fits(setting, value).map_err(|text| Problem::invalid(format!("*{}* {text}", setting.title)).at(at(name)))?,
        }
    }
    Ok(())
}

/// Whether a field is asked for, with what the others hold.
fn is_asked(fields: &Named<Setting>, given: &Value, setting: &Setting) -> bool {
    let Some(when) = &setting.when else { return true };
    let other =
        given.get(&when.setting.0).cloned().or_else(|| fields.get(&when.setting.0)?.default.as_ref().map(|default| default.0.clone()));
    let other = match other {
        Some(Value::Text(text)) => text.to_string(),
        Some(Value::Boolean(flag)) => flag.to_string(),
        _ => return false,
    };
    when.is.iter().any(|value| *value == other)
}

fn fits(setting: &Setting, value: &Value) -> Result<(), String> {
    let right = match setting.r#type {
        SettingType::String | SettingType::Url | SettingType::Enum | SettingType::Secret | SettingType::Datetime => {
            matches!(value, Value::Text(_))
        }
        SettingType::Boolean => matches!(value, Value::Boolean(_)),
        SettingType::Number => matches!(value, Value::Number(_)),
        SettingType::List => value.as_list().is_some_and(|items| items.iter().all(|item| matches!(item, Value::Text(_)))),
    };
    if !right {
        return Err(format!("must not be {}", value.kind_name()));
    }
    let Some(text) = value.as_text() else { return Ok(()) };
    if setting.r#type == SettingType::Enum && !setting.options.0.iter().any(|(option, _)| option == text) {
        let options: Vec<&str> = setting.options.0.iter().map(|(option, _)| option.as_str()).collect();
        return Err(format!("must be one of {}", options.join(", ")));
    }
    if setting.r#type == SettingType::Url && !text.starts_with("https://") && !text.starts_with("http://") {
        return Err("must be an address that begins with `https://`".to_owned());
    }
    if let Some(pattern) = &setting.pattern
        && let Ok(pattern) = regex::Regex::new(&format!("^(?:{pattern})$"))
        && !pattern.is_match(text)
    {
        return Err("does not look as it should".to_owned());
    }
    Ok(())
}
