//! The registry's address, and who asks: user and password never show.

use crate::codec::error::CodecError;

/// The base address without user and password, and the `Authorization` header they make.
pub fn split(url: &str, login: Option<(&str, &str)>) -> Result<(String, Option<String>), CodecError> {
    let invalid = || CodecError::Invalid {
        doing: "reading the registry's address".to_owned(),
        cause: "it is not an http:// or https:// address".to_owned(),
        remedy: "set kafka.registry to one such as \"http://localhost:8081\"".to_owned(),
    };
    let (scheme, rest) =
        url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https")).ok_or_else(invalid)?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (user_info, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    if host.is_empty() {
        return Err(invalid());
    }
    let base = format!("{scheme}://{host}{}", path.trim_end_matches('/'));
    let header = match (login, user_info) {
        (Some((user, password)), _) => Some(basic(format!("{user}:{password}").as_bytes())),
        (None, Some(user_info)) => Some(basic(&percent_decoded(user_info))),
        (None, None) => None,
    };
    Ok((base, header))
}

fn basic(credentials: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = "Basic ".to_owned();
    for three in credentials.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit)) & 0x3F;
            text.push(if digit <= three.len() { char::from(DIGITS[index as usize]) } else { '=' });
        }
    }
    text
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code.filter(|_| bytes[at] == b'%') {
            Some(code) => {
                decoded.push(code);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    decoded
}

/// `text` as one segment of a path.
pub fn segment(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_become_a_header_and_leave_the_address() {
        let table = [
            ("http://host:8081/", None, "http://host:8081", None),
            ("https://u:p%40ss@host/apis/ccompat/v7/", None, "https://host/apis/ccompat/v7", Some("Basic dTpwQHNz")),
            (
                "http://a:b@host",
                Some(("Aladdin", "open sesame")),
                "http://host",
                Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            ),
        ];
        for (url, login, base, header) in table {
            assert_eq!(split(url, login), Ok((base.to_owned(), header.map(str::to_owned))), "{url}");
        }
        for url in ["localhost:8081", "ftp://host", "http://", "http://user:secret@/x"] {
            let why = split(url, None).unwrap_err().to_string();
            assert!(!why.contains("secret"), "{why}");
        }
    }
}
