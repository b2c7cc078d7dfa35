//! A receiver who checks signatures (RFC 6376 §6), written apart from the program; a case signed by another program holds it
//! to the standard.

use std::collections::BTreeMap;

use aws_lc_rs::digest::SHA256;
use aws_lc_rs::digest::digest;
use aws_lc_rs::signature::ED25519;
use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use aws_lc_rs::signature::UnparsedPublicKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Public keys by the names of their records.
pub(crate) type Records = BTreeMap<String, String>;

/// The tags of a signature.
pub(crate) type Tags = BTreeMap<String, String>;

/// Checks each signature of a message: how many hold, or why one does not.
pub(crate) fn verify(message: &[u8], records: &Records) -> Result<usize, String> {
    let text = std::str::from_utf8(message).expect("mail is ASCII");
    let (header, body) = text.split_once("\r\n\r\n").expect("a header and a body");
    let fields = unfolded(header);
    let mut held = 0;
    for (name, value) in &fields {
        if name.eq_ignore_ascii_case("DKIM-Signature") {
            hold(value, &fields, body, records)?;
            held += 1;
        }
    }
    Ok(held)
}

/// The tags of the first signature of a message.
pub(crate) fn tags_of(message: &[u8]) -> Tags {
    let text = std::str::from_utf8(message).expect("mail is ASCII");
    let (header, _) = text.split_once("\r\n\r\n").expect("a header and a body");
    let (_, value) = unfolded(header)
        .into_iter()
        .find(|(name, _)| name == "DKIM-Signature")
        .expect("a signature");
    tags(&value)
}

/// Tag by tag, white space left out.
pub(crate) fn tags(value: &str) -> Tags {
    value
        .split(';')
        .filter_map(|tag| tag.split_once('='))
        .map(|(name, value)| {
            let value = value.split_whitespace().collect::<String>();
            (name.trim().to_owned(), value)
        })
        .collect()
}

fn hold(
    value: &str,
    fields: &[(String, String)],
    body: &str,
    records: &Records,
) -> Result<(), String> {
    let tags = tags(value);
    let tag = |name: &str| tags.get(name).cloned().ok_or(format!("no {name}="));
    if tag("v")? != "1" || tag("c")? != "relaxed/relaxed" || tags.contains_key("l") {
        return Err("not a signature that we expect".to_owned());
    }
    let body_hash = STANDARD.encode(digest(&SHA256, relaxed_body(body).as_bytes()));
    if tag("bh")? != body_hash {
        return Err("the body was changed".to_owned());
    }
    let mut left: Vec<&(String, String)> = fields.iter().collect();
    let mut signed = String::new();
    for name in tag("h")?.split(':') {
        let lowest = left
            .iter()
            .rposition(|(other, _)| other.eq_ignore_ascii_case(name));
        if let Some(at) = lowest {
            let (name, value) = left.remove(at);
            signed += &relaxed_field(name, value);
            signed += "\r\n";
        }
    }
    let without_signature: Vec<String> = value
        .split(';')
        .map(|tag| match tag.split_once('=') {
            Some((name, _)) if name.trim() == "b" => format!("{name}="),
            _ => tag.to_owned(),
        })
        .collect();
    signed += &relaxed_field("dkim-signature", &without_signature.join(";"));
    let name = format!("{}._domainkey.{}", tag("s")?, tag("d")?);
    let record = self::tags(records.get(&name).ok_or(format!("no record {name}"))?);
    let key = STANDARD.decode(&record["p"]).expect("a key in base64");
    let signature = STANDARD
        .decode(tag("b")?)
        .map_err(|error| error.to_string())?;
    let verified = match (tag("a")?.as_str(), record["k"].as_str()) {
        ("rsa-sha256", "rsa") => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
            .verify(signed.as_bytes(), &signature),
        ("ed25519-sha256", "ed25519") => UnparsedPublicKey::new(&ED25519, key)
            .verify(digest(&SHA256, signed.as_bytes()).as_ref(), &signature),
        other => return Err(format!("no such pair {other:?}")),
    };
    verified.map_err(|_| "the header was changed".to_owned())
}

fn unfolded(header: &str) -> Vec<(String, String)> {
    header
        .replace("\r\n ", " ")
        .replace("\r\n\t", "\t")
        .split("\r\n")
        .map(|line| {
            let (name, value) = line.split_once(':').expect("a field");
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

fn relaxed_field(name: &str, value: &str) -> String {
    let value: Vec<&str> = value.split_whitespace().collect();
    format!("{}:{}", name.trim().to_lowercase(), value.join(" "))
}

fn relaxed_body(body: &str) -> String {
    let mut lines: Vec<String> = body
        .split("\r\n")
        .map(|line| {
            let collapsed = line.replace('\t', " ");
            let mut words: Vec<&str> = collapsed.split(' ').collect();
            let begins_with_space = words.len() > 1 && words[0].is_empty();
            words.retain(|word| !word.is_empty());
            let joined = words.join(" ");
            if begins_with_space && !joined.is_empty() {
                format!(" {joined}")
            } else {
                joined
            }
        })
        .collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.push(String::new()); // each line has its end
    lines.join("\r\n")
}
