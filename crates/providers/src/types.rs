//! The provider types that a deployment has.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rust_embed::RustEmbed;

use crate::folder::{FileProblem, Files, ProviderType};

/// The folders that come with the program.
#[derive(RustEmbed)]
#[folder = "types"]
struct Embedded;

/// The provider types that a deployment has, by name.
#[derive(Clone, Debug, Default)]
pub struct Types {
    types: BTreeMap<String, Arc<ProviderType>>,
}

impl Types {
    /// Those that come with the program.
    ///
    /// # Panics
    /// Never: a test reads every one.
    #[must_use]
    pub fn embedded() -> Self {
        static TYPES: OnceLock<Types> = OnceLock::new();
        let read = || {
            let mut types = Types::default();
            for (name, files) in folders() {
                let read = ProviderType::read(&name, &files).unwrap_or_else(|problems| panic!("types/{name}: {problems:?}"));
                types.insert(read);
            }
            types
        };
        TYPES.get_or_init(read).clone()
    }

    /// Adds a type, or replaces the one of its name.
    pub fn insert(&mut self, provider_type: ProviderType) {
        self.types.insert(provider_type.name().to_string(), Arc::new(provider_type));
    }

    /// Adds the folder of a deployment.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn add(&mut self, name: &str, files: &Files) -> Result<(), Vec<FileProblem>> {
        ProviderType::read(name, files).map(|read| self.insert(read))
    }

    /// The type of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<ProviderType>> {
        self.types.get(name)
    }

    /// Every type, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<ProviderType>> {
        self.types.values()
    }
}

/// The files of the folders that come with the program, by the name of the folder.
#[must_use]
pub fn folders() -> BTreeMap<String, Files> {
    let mut folders: BTreeMap<String, Files> = BTreeMap::new();
    for path in Embedded::iter() {
        if let Some((name, file)) = path.split_once('/')
            && let Some(embedded) = Embedded::get(&path)
        {
            folders.entry(name.to_owned()).or_default().insert(file.to_owned(), embedded.data.into_owned());
        }
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_comes_with_the_program_is_read() {
        let mut problems = Vec::new();
        let folders = folders();
        for (name, files) in &folders {
            if let Err(found) = ProviderType::read(name, files) {
                problems.extend(found.iter().map(|problem| format!("types/{name}/{problem}")));
            }
        }
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        assert!(folders.contains_key("webhook"));
    }
}
