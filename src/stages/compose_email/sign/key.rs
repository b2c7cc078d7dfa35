//! The private key that signs, told apart by what it is, and the record with which others check it.

use std::fmt;

use aws_lc_rs::digest::SHA256;
use aws_lc_rs::digest::digest;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::PublicKeyX509Der;
use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::KeyPair as _;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use aws_lc_rs::signature::RsaKeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

use crate::model::Secret;

/// Bytes of the largest RSA modulus that each receiver must be able to check (RFC 8301 §3.2: 4096 bits).
const MODULUS_BYTES_MAX: usize = 512;

/// Characters of one string of a TXT record (RFC 1035 §3.3).
const STRING_CHARACTERS_MAX: usize = 255;

/// How the library says that a key is under 2048 bits.
const TOO_SMALL: &str = "TooSmall";

/// Signs messages for a domain. The key in it never shows.
pub struct DkimSigner {
    domain: String,
    selector: String,
    key: Key,
    /// The public half as `p=` has it.
    public: String,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

/// Where the public key stands for all to see, and what stands there (RFC 6376 §3.6.1, RFC 8463 §4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// `SELECTOR._domainkey.DOMAIN`
    pub name: String,
    /// The text: to be written as several strings of at most 255 characters, which receivers join.
    pub value: String,
}

/// Why a key cannot sign. It repeats nothing of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DkimKeyError {
    /// No private key in PEM form.
    #[error(
        "there is no private key in PEM form in it (-----BEGIN PRIVATE KEY-----, without a password)"
    )]
    NotPem,
    /// A key of another kind, or a damaged one.
    #[error("the key is neither RSA nor Ed25519, or it is damaged")]
    NotAKey,
    /// Too weak for receivers (RFC 8301 §3.2).
    #[error("the RSA key has fewer than 2048 bits, which is too weak")]
    Weak,
    /// Too long for receivers (RFC 8301 §3.2).
    #[error("the RSA key has more than 4096 bits, which many receivers cannot check")]
    Long,
}

impl DkimSigner {
    /// Signs for `domain` with the key that stands in `pem`: RSA of 2048 to 4096 bits (PKCS #1 or PKCS #8), or Ed25519
    /// (PKCS #8).
    pub fn new(domain: &str, selector: &str, pem: &Secret) -> Result<Self, DkimKeyError> {
        let key = read(pem)?;
        Ok(Self {
            domain: domain.to_owned(),
            selector: selector.to_owned(),
            public: STANDARD.encode(public_half(&key)?),
            key,
        })
    }

    /// `d=`
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// `s=`
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// `a=`
    pub fn algorithm(&self) -> &'static str {
        match self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// What has to stand in the DNS for receivers to check the signature.
    pub fn dns_record(&self) -> DnsRecord {
        let kind = match self.key {
            Key::Rsa(_) => "rsa",
            Key::Ed25519(_) => "ed25519",
        };
        DnsRecord {
            name: format!("{}._domainkey.{}", self.selector, self.domain),
            value: format!("v=DKIM1; k={kind}; p={}", self.public),
        }
    }

    /// The signature of these bytes. Both kinds of keys always give the same one for the same bytes.
    pub(super) fn signature_of(&self, signed: &[u8]) -> Option<Vec<u8>> {
        match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                // PKCS #1 v1.5 takes nothing from chance; the library asks for its source all the same
                key.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    signed,
                    &mut signature,
                )
                .ok()?;
                Some(signature)
            }
            // what is signed is the hash (RFC 8463 §3)
            Key::Ed25519(key) => {
                let hash = digest(&SHA256, signed);
                let signature = key.try_sign(hash.as_ref()).ok()?;
                Some(signature.as_ref().to_vec())
            }
        }
    }
}

impl fmt::Debug for DkimSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DkimSigner")
            .field("domain", &self.domain)
            .field("selector", &self.selector)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

impl DnsRecord {
    /// The value cut into strings as a zone file wants them.
    pub fn strings(&self) -> Vec<&str> {
        let mut strings = Vec::new();
        let mut rest = self.value.as_str();
        while !rest.is_empty() {
            // the value is ASCII, so that any place is a good one
            let (string, after) = rest.split_at(rest.len().min(STRING_CHARACTERS_MAX));
            strings.push(string);
            rest = after;
        }
        strings
    }
}

fn read(pem: &Secret) -> Result<Key, DkimKeyError> {
    let key =
        PrivateKeyDer::from_pem_slice(pem.reveal().as_bytes()).map_err(|_| DkimKeyError::NotPem)?;
    let rsa = match &key {
        PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(der) => {
            let der = der.secret_pkcs8_der();
            if let Ok(key) = Ed25519KeyPair::from_pkcs8(der) {
                return Ok(Key::Ed25519(Box::new(key)));
            }
            RsaKeyPair::from_pkcs8(der)
        }
        _ => return Err(DkimKeyError::NotAKey),
    };
    let rsa = rsa.map_err(|rejected| rejection(&rejected))?;
    if rsa.public_modulus_len() > MODULUS_BYTES_MAX {
        return Err(DkimKeyError::Long);
    }
    Ok(Key::Rsa(Box::new(rsa)))
}

/// An RSA key with its kind (RFC 6376 §3.6.1), an Ed25519 key bare (RFC 8463 §4.2).
fn public_half(key: &Key) -> Result<Vec<u8>, DkimKeyError> {
    match key {
        Key::Rsa(key) => {
            let public: PublicKeyX509Der<'_> = key
                .public_key()
                .as_der()
                .map_err(|_| DkimKeyError::NotAKey)?;
            Ok(public.as_ref().to_vec())
        }
        Key::Ed25519(key) => Ok(key.public_key().as_ref().to_vec()),
    }
}

fn rejection(rejected: &KeyRejected) -> DkimKeyError {
    if rejected.description_() == TOO_SMALL {
        DkimKeyError::Weak
    } else {
        DkimKeyError::NotAKey
    }
}
