//! Payloads: stored once for each content, compressed (with a dictionary trained on the source's own payloads) and encrypted.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use crate::crypto::{Address, Vault};
use crate::error::{Result, StoreError};

/// The level that payloads are compressed at: beyond it, time grows and size hardly shrinks.
const LEVEL: i32 = 3;
/// The largest payload that is decompressed.
pub const MAX_PAYLOAD: usize = 32 << 20;
/// Payloads of a source that a dictionary is trained on.
pub const TRAINING_SAMPLES: usize = 400;
/// The size of a dictionary.
const DICTIONARY: usize = 16 << 10;

/// A payload, ready to be stored.
#[derive(Clone, Debug)]
pub struct Packed {
    /// Its address.
    pub address: Address,
    /// The dictionary it was compressed with; 0 for none.
    pub dictionary: i64,
    /// What is stored.
    pub content: Vec<u8>,
}

struct Dictionary {
    encoder: EncoderDictionary<'static>,
    decoder: DecoderDictionary<'static>,
}

/// The dictionaries that are in use.
#[derive(Default)]
pub struct Dictionaries {
    loaded: RwLock<HashMap<i64, Arc<Dictionary>>>,
    /// The newest dictionary of each source.
    newest: RwLock<HashMap<i64, i64>>,
    /// What arrived at each source that has none yet.
    samples: Mutex<HashMap<i64, Vec<Vec<u8>>>>,
}

impl Dictionaries {
    /// Makes a dictionary known; the newest of a source is the one with the highest id.
    pub fn add(&self, id: i64, source: i64, content: &[u8]) {
        let dictionary = Dictionary { encoder: EncoderDictionary::copy(content, LEVEL), decoder: DecoderDictionary::copy(content) };
        self.loaded.write().insert(id, Arc::new(dictionary));
        let mut newest = self.newest.write();
        let entry = newest.entry(source).or_insert(id);
        *entry = (*entry).max(id);
    }

    /// Whether a dictionary is known.
    #[must_use]
    pub fn knows(&self, id: i64) -> bool {
        id == 0 || self.loaded.read().contains_key(&id)
    }

    /// Takes a payload as a sample of a source that has no dictionary yet. Where there are enough, gives a dictionary to be stored
    /// and then added.
    pub fn sample(&self, source: i64, content: &[u8]) -> Option<Vec<u8>> {
        if self.newest.read().contains_key(&source) {
            return None;
        }
        let mut samples = self.samples.lock();
        let of_source = samples.entry(source).or_default();
        of_source.push(content.to_vec());
        if of_source.len() < TRAINING_SAMPLES {
            return None;
        }
        let of_source = std::mem::take(of_source);
        drop(samples);
        zstd::dict::from_samples(&of_source, DICTIONARY).ok()
    }

    /// Compresses and encrypts a payload of a source.
    ///
    /// # Errors
    /// Where that fails.
    pub fn pack(&self, vault: &Vault, source: i64, content: &[u8]) -> Result<Packed> {
        let address = vault.address(content);
        let id = self.newest.read().get(&source).copied().unwrap_or(0);
        let dictionary = self.loaded.read().get(&id).cloned();
        let failed = |error: std::io::Error| StoreError::Database(format!("a payload cannot be compressed: {error}"));
        let compressed = match &dictionary {
            Some(dictionary) => {
                Compressor::with_prepared_dictionary(&dictionary.encoder).and_then(|mut compressor| compressor.compress(content))
            }
            None => zstd::bulk::compress(content, LEVEL),
        }
        .map_err(failed)?;
        let dictionary = if dictionary.is_some() { id } else { 0 };
        Ok(Packed { address, dictionary, content: vault.seal_payload(&address, &compressed)? })
    }

    /// Decrypts and decompresses a payload.
    ///
    /// # Errors
    /// Where the key does not fit or the content is damaged.
    pub fn unpack(&self, vault: &Vault, packed: &Packed) -> Result<Vec<u8>> {
        let compressed = vault.open_payload(&packed.address, &packed.content)?;
        let dictionary = self.loaded.read().get(&packed.dictionary).cloned();
        match dictionary {
            Some(dictionary) => Decompressor::with_prepared_dictionary(&dictionary.decoder)
                .and_then(|mut decompressor| decompressor.decompress(&compressed, MAX_PAYLOAD)),
            None => zstd::bulk::decompress(&compressed, MAX_PAYLOAD),
        }
        .map_err(|error| StoreError::Damaged(format!("a stored payload cannot be decompressed: {error}")))
    }
}
