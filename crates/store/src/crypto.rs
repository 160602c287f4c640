//! Keys and ciphers. The master key stays outside the database; each tenant has keys of its own, stored wrapped by the master key, so
//! that changing the master key only wraps them anew.

use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::error::{Result, StoreError};
use crate::private;

/// The environment variable that can hold the master key, as 64 hexadecimal digits.
pub const MASTER_KEY_VARIABLE: &str = "SALESDASH_MASTER_KEY";
/// The file in the data directory that holds the master key.
pub const FILE: &str = "master.key";
const NONCE: usize = 24;

/// 32 random bytes.
///
/// # Errors
/// Where the system gives none.
pub fn random_key() -> Result<[u8; 32]> {
    random()
}

/// Random bytes from the system.
///
/// # Errors
/// Where the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Key(format!("the system gives no random numbers: {error}")))?;
    Ok(bytes)
}

/// The key that wraps every tenant's keys.
#[derive(Clone)]
pub struct MasterKey(XChaCha20Poly1305);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey")
    }
}

impl MasterKey {
    /// A key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(*key)))
    }

    /// The master key of an installation: from the environment, else from the file in the data directory, which is made at first start
    /// and which only the owner can read.
    ///
    /// # Errors
    /// Where it cannot be read or made, or is no key.
    pub fn of(directory: &Path) -> Result<Self> {
        let path = directory.join(FILE);
        let written = match std::env::var(MASTER_KEY_VARIABLE) {
            Ok(written) => written,
            Err(_) if path.exists() => {
                std::fs::read_to_string(&path).map_err(|error| StoreError::Key(format!("{}: {error}", path.display())))?
            }
            Err(_) => {
                let written = hex::encode(random::<32>()?);
                private::directory(directory)
                    .and_then(|()| private::write_new(&path, &written))
                    .map_err(|error| StoreError::Key(format!("{}: {error}", path.display())))?;
                written
            }
        };
        Self::read(&written)
    }

    /// A key as it is written: 64 hexadecimal digits.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(written: &str) -> Result<Self> {
        let bytes = hex::decode(written.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let bytes = bytes.ok_or_else(|| StoreError::Key("it must be 64 hexadecimal digits".to_owned()))?;
        Ok(Self::new(&bytes))
    }

    /// Wraps a tenant's key.
    ///
    /// # Errors
    /// Where the system gives no random numbers.
    pub fn wrap(&self, tenant: i64, key: &[u8; 32]) -> Result<Vec<u8>> {
        seal(&self.0, &tenant.to_be_bytes(), key)
    }

    /// Unwraps a tenant's key.
    ///
    /// # Errors
    /// Where this is not the master key that wrapped it.
    pub fn unwrap(&self, tenant: i64, wrapped: &[u8]) -> Result<[u8; 32]> {
        open(&self.0, &tenant.to_be_bytes(), wrapped)
            .and_then(|key| key.try_into().ok())
            .ok_or_else(|| StoreError::Key("it is not the one that this installation was made with".to_owned()))
    }
}

/// The key in a file.
pub(crate) fn read_key(path: &Path) -> Result<MasterKey> {
    let written = std::fs::read_to_string(path).map_err(|error| StoreError::Key(format!("{}: {error}", path.display())))?;
    MasterKey::read(&written)
}

fn seal(cipher: &XChaCha20Poly1305, context: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let nonce = random::<NONCE>()?;
    let sealed = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context })
        .map_err(|_| StoreError::Key("it cannot encrypt".to_owned()))?;
    Ok([&nonce[..], &sealed].concat())
}

fn open(cipher: &XChaCha20Poly1305, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context }).ok()
}

/// What a content-addressed payload is called: a keyed hash of its content, so that it tells nothing without the key.
pub type Address = [u8; 16];

/// A tenant's keys.
#[derive(Clone)]
pub struct Vault {
    cipher: XChaCha20Poly1305,
    address: Hmac<Sha256>,
    identity: [u8; 32],
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// A vault of these keys.
    #[must_use]
    pub fn new(data_key: &[u8; 32], identity_key: &[u8; 32]) -> Self {
        let mut address = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(data_key).expect("HMAC takes keys of any length");
        address.update(b"payload");
        Self { cipher: XChaCha20Poly1305::new(&Key::from(*data_key)), address, identity: *identity_key }
    }

    /// The key of contact hashes.
    #[must_use]
    pub fn identity_key(&self) -> salesdash_language::identity::IdentityKey {
        salesdash_language::identity::IdentityKey::new(&self.identity)
    }

    /// Encrypts something for one place, which `context` names: moved elsewhere, it cannot be read.
    ///
    /// # Errors
    /// Where the system gives no random numbers.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>> {
        seal(&self.cipher, context.as_bytes(), plain)
    }

    /// Decrypts what was encrypted for this place.
    ///
    /// # Errors
    /// Where the key does not fit.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        open(&self.cipher, context.as_bytes(), sealed)
            .ok_or_else(|| StoreError::Key(format!("the stored {context} cannot be decrypted with it")))
    }

    /// Decrypts text.
    ///
    /// # Errors
    /// Where the key does not fit.
    pub fn open_text(&self, context: &str, sealed: &[u8]) -> Result<String> {
        String::from_utf8(self.open(context, sealed)?).map_err(|_| StoreError::Damaged(format!("the stored {context} is not text")))
    }

    /// The address of a content.
    #[must_use]
    pub fn address(&self, content: &[u8]) -> Address {
        let mut mac = self.address.clone();
        mac.update(content);
        let mut address = Address::default();
        address.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(byte, of_hash)| *byte = of_hash);
        address
    }

    /// Encrypts a payload for its [nonce].
    ///
    /// # Errors
    /// Where encryption fails.
    pub(crate) fn seal_payload(&self, address: &[u8], dictionary: i64, compressed: &[u8]) -> Result<Vec<u8>> {
        self.cipher.encrypt(&nonce(address, dictionary), compressed).map_err(|_| StoreError::Key("it cannot encrypt".to_owned()))
    }

    pub(crate) fn open_payload(&self, address: &[u8], dictionary: i64, sealed: &[u8]) -> Result<Vec<u8>> {
        self.cipher
            .decrypt(&nonce(address, dictionary), sealed)
            .map_err(|_| StoreError::Key("a stored payload cannot be decrypted with it".to_owned()))
    }
}

/// The nonce of a payload: its address, and what it was compressed with. No two plaintexts share one. What is encrypted is a compressed
/// content, and the two say which: the content by 128 bits of a pseudorandom function (two of 2³² contents of a tenant have the same with a
/// probability of 2⁻⁶⁵, less than what random nonces of 96 bits are commonly allowed), and its form by the number of the dictionary, or of the
/// compressor where there is none. So the same content, removed and stored again later in another form, has another nonce.
///
/// Versions before kept 24 bytes of an address, which are the nonce by themselves.
fn nonce(address: &[u8], dictionary: i64) -> XNonce {
    let mut nonce = [0; NONCE];
    let bytes = address.iter().copied().chain(dictionary.to_be_bytes());
    nonce.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
    XNonce::from(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_in_another_form_has_another_nonce() {
        let vault = Vault::new(&[1; 32], &[2; 32]);
        let (one, other) = (vault.address(b"one"), vault.address(b"other"));
        let nonces = [nonce(&one, 7), nonce(&one, 8), nonce(&one, -7), nonce(&other, 7)];
        for (place, known) in nonces.iter().enumerate() {
            assert!(!nonces[..place].contains(known));
        }
        let sealed = vault.seal_payload(&one, 7, b"compressed").unwrap();
        assert_eq!(vault.open_payload(&one, 7, &sealed).unwrap(), b"compressed");
        for (address, dictionary) in [(&one, 8), (&other, 7)] {
            assert!(matches!(vault.open_payload(address, dictionary, &sealed), Err(StoreError::Key(_))));
        }
        // An address of an older version is the nonce, whatever it was compressed with.
        let old = [5; NONCE];
        assert_eq!((nonce(&old, 0), nonce(&old, 7)), (XNonce::from(old), XNonce::from(old)));
    }
}
