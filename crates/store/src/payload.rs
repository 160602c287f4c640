//! Payloads: stored once for each content, compressed (with a dictionary trained on the source's own payloads) and encrypted.
//!
//! What a dictionary of a source compresses is parted first (see `parted`), and loses what every frame of zstd begins with.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::{CCtx, DCtx, compress_bound};

use crate::crypto::{Address, Vault};
use crate::error::{Result, StoreError};
use crate::parted;
use crate::samples::{anonymous, is_json};

/// The level that payloads are compressed at: beyond it, time grows and size hardly shrinks.
const LEVEL: i32 = 3;
/// The largest payload that is decompressed.
pub const MAX_PAYLOAD: usize = 32 << 20;
/// Payloads of a source that a dictionary is trained on.
pub const TRAINING_SAMPLES: usize = 400;
/// The size of a dictionary.
const DICTIONARY: usize = 16 << 10;
/// What every frame of zstd begins with. No frame goes on with its first byte, so whether it was left out can be told.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Where a dictionary has its number, which would be in every frame.
const NUMBER: std::ops::Range<usize> = 4..8;

/// The number of the compressor: another version, or level, may give other bytes, and these must not be taken for the same (see the nonce
/// of a payload). A dictionary that another one was used with serves for reading only.
pub fn compressor() -> i64 {
    i64::from(zstd::zstd_safe::version_number()) * 100 + i64::from(LEVEL)
}

/// A payload, ready to be stored.
#[derive(Clone, Debug)]
pub struct Packed {
    /// Its address.
    pub address: Address,
    /// The dictionary it was compressed with. Where it was none, what compressed it, as a negative number; of older versions 0.
    pub dictionary: i64,
    /// What is stored.
    pub content: Vec<u8>,
}

thread_local! {
    /// What compressing takes: making it anew for each payload would cost more than compressing.
    static ENCODER: RefCell<CCtx<'static>> = RefCell::new(CCtx::create());
    static DECODER: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
}

fn compress(content: &[u8], dictionary: Option<&Dictionary>) -> Option<Vec<u8>> {
    let parted = dictionary.filter(|dictionary| dictionary.parted).map(|_| parted::part(content));
    let content = parted.as_deref().unwrap_or(content);
    let mut compressed = Vec::with_capacity(compress_bound(content.len()));
    ENCODER.with_borrow_mut(|encoder| match dictionary {
        Some(dictionary) => encoder.compress_using_cdict(&mut compressed, content, dictionary.encoder.as_cdict()).ok(),
        None => encoder.compress(&mut compressed, content, LEVEL).ok(),
    })?;
    if parted.is_some() && compressed.starts_with(&MAGIC) {
        compressed.drain(..MAGIC.len());
    }
    compressed.shrink_to_fit();
    Some(compressed)
}

fn decompress(compressed: &[u8], dictionary: Option<&Dictionary>) -> Option<Vec<u8>> {
    let whole = if compressed.first() == Some(&MAGIC[0]) { Cow::Borrowed(compressed) } else { Cow::Owned([&MAGIC, compressed].concat()) };
    let size = zstd::zstd_safe::get_frame_content_size(&whole).ok().flatten()?;
    let size = usize::try_from(size).ok().filter(|size| *size <= MAX_PAYLOAD)?;
    let mut content = Vec::with_capacity(size);
    DECODER.with_borrow_mut(|decoder| match dictionary {
        Some(dictionary) => decoder.decompress_using_ddict(&mut content, &whole, dictionary.decoder.as_ddict()).ok(),
        None => decoder.decompress(&mut content, &whole).ok(),
    })?;
    if dictionary.is_some_and(|dictionary| dictionary.parted) { parted::join(&content) } else { Some(content) }
}

struct Dictionary {
    encoder: EncoderDictionary<'static>,
    decoder: DecoderDictionary<'static>,
    /// Whether it is of parted payloads: those of older versions are not.
    parted: bool,
}

/// The dictionaries that are in use.
#[derive(Default)]
pub struct Dictionaries {
    loaded: RwLock<HashMap<i64, Arc<Dictionary>>>,
    /// The newest dictionary of each source, of those that serve for writing: a source that has none trains one.
    newest: RwLock<HashMap<i64, i64>>,
    /// What arrived at each source that has none yet.
    samples: Mutex<HashMap<i64, Vec<Vec<u8>>>>,
}

impl Dictionaries {
    /// Makes a dictionary known; the newest of a source is the one with the highest id. `of` is the number of the compressor that it was trained
    /// for; 0 where it is one of whole payloads.
    pub fn add(&self, id: i64, source: i64, content: &[u8], of: i64) {
        let parted = of != 0;
        let dictionary = Dictionary { encoder: EncoderDictionary::copy(content, LEVEL), decoder: DecoderDictionary::copy(content), parted };
        self.loaded.write().insert(id, Arc::new(dictionary));
        if of == compressor() {
            let mut newest = self.newest.write();
            let entry = newest.entry(source).or_insert(id);
            *entry = (*entry).max(id);
        }
    }

    /// Whether a dictionary is known.
    #[must_use]
    pub fn knows(&self, id: i64) -> bool {
        id <= 0 || self.loaded.read().contains_key(&id)
    }

    /// Takes a payload as a sample of a source that has no dictionary yet; one that is no JSON is none. Where there are enough, gives a dictionary to be stored
    /// and then added.
    pub fn sample(&self, source: i64, content: &[u8]) -> Option<Vec<u8>> {
        if self.newest.read().contains_key(&source) || !is_json(content) {
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
        let parted: Vec<_> = anonymous(&of_source).iter().map(|sample| parted::part(sample)).collect();
        let mut dictionary = zstd::dict::from_samples(&parted, DICTIONARY).ok()?;
        dictionary.get_mut(NUMBER)?.fill(0);
        Some(dictionary)
    }

    /// Compresses and encrypts a payload of a source.
    ///
    /// # Errors
    /// Where that fails.
    pub fn pack(&self, vault: &Vault, source: i64, content: &[u8]) -> Result<Packed> {
        let address = vault.address(content);
        let id = self.newest.read().get(&source).copied().unwrap_or(0);
        let dictionary = self.loaded.read().get(&id).cloned();
        let compressed =
            compress(content, dictionary.as_deref()).ok_or_else(|| StoreError::Database("a payload cannot be compressed".to_owned()))?;
        let dictionary = if dictionary.is_some() { id } else { -compressor() };
        Ok(Packed { address, dictionary, content: vault.seal_payload(&address, dictionary, &compressed)? })
    }

    /// Decrypts and decompresses a payload that is stored under an address.
    ///
    /// # Errors
    /// Where the key does not fit or the content is damaged.
    pub fn unpack(&self, vault: &Vault, address: &[u8], dictionary: i64, content: &[u8]) -> Result<Vec<u8>> {
        let compressed = vault.open_payload(address, dictionary, content)?;
        let dictionary = self.loaded.read().get(&dictionary).cloned();
        decompress(&compressed, dictionary.as_deref())
            .ok_or_else(|| StoreError::Damaged("a stored payload cannot be decompressed".to_owned()))
    }
}
