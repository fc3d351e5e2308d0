//! Writes JSON into memory that is used again: numbers as short as they can be read back exactly, no spaces.

use serde::Serialize;

/// Writes one object, an entry after the other.
pub struct Object<'o> {
    out: &'o mut Vec<u8>,
    open: u8,
}

impl<'o> Object<'o> {
    pub fn begin(out: &'o mut Vec<u8>) -> Self {
        Self { out, open: b'{' }
    }

    /// A key that needs no escape.
    fn name(&mut self, name: &str) {
        self.out.push(self.open);
        self.open = b',';
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    pub fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.name(name);
        string(self.out, text);
        self
    }

    pub fn integer(&mut self, name: &str, n: impl Serialize) -> &mut Self {
        self.name(name);
        put(self.out, &n);
        self
    }

    pub fn bool(&mut self, name: &str, truth: bool) -> &mut Self {
        self.integer(name, truth)
    }

    /// NaN and infinity, which JSON has not, become null.
    pub fn number(&mut self, name: &str, x: f64) -> &mut Self {
        self.name(name);
        number(self.out, x);
        self
    }

    pub fn null(&mut self, name: &str) -> &mut Self {
        self.name(name);
        self.out.extend_from_slice(b"null");
        self
    }

    pub fn texts<'t>(&mut self, name: &str, texts: impl IntoIterator<Item = &'t str>) -> &mut Self {
        self.name(name);
        self.out.push(b'[');
        for (at, text) in texts.into_iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            string(self.out, text);
        }
        self.out.push(b']');
        self
    }

    /// An object of arbitrary keys.
    pub fn map<'k, V>(
        &mut self,
        name: &str,
        entries: impl IntoIterator<Item = (&'k str, V)>,
        write: impl Fn(&mut Vec<u8>, V),
    ) -> &mut Self {
        self.name(name);
        let mut open = b'{';
        for (key, value) in entries {
            self.out.push(open);
            open = b',';
            string(self.out, key);
            self.out.push(b':');
            write(self.out, value);
        }
        if open == b'{' {
            self.out.push(b'{');
        }
        self.out.push(b'}');
        self
    }

    pub fn object(&mut self, name: &str, write: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        self.name(name);
        let mut inside = Object::begin(self.out);
        write(&mut inside);
        inside.end();
        self
    }

    pub fn end(&mut self) {
        if self.open == b'{' {
            self.out.push(b'{');
        }
        self.out.push(b'}');
    }
}

pub fn number(out: &mut Vec<u8>, x: f64) {
    put(out, &x);
}

pub fn integer(out: &mut Vec<u8>, n: u64) {
    put(out, &n);
}

pub fn string(out: &mut Vec<u8>, text: &str) {
    let plain = text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    if plain {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        put(out, text);
    }
}

fn put(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok(), "a scalar is written to memory");
}
