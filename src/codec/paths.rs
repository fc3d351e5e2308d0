//! The configured fields as a tree of names, resolved to their targets once, at start.

use super::input::Input;
use crate::event::{Kind, Layout};

/// What a field's value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Slot among the numbers.
    Number(usize),
    /// Slot among the numbers, 0 or 1.
    Bool(usize),
    /// Slot among the categories.
    Category(usize),
    /// Slot among the texts.
    Text(usize),
    Id,
    Time,
    Label,
    Weight,
}

/// A field that is wanted, or leads to wanted ones.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: Box<str>,
    /// The whole path, for messages.
    pub path: Box<str>,
    pub targets: Vec<Target>,
    /// The wanted fields inside it.
    pub inside: Node,
}

/// The wanted fields of one record. The decoders look every key up here, so the table is open-addressed, at most a quarter
/// full, and its hash reads four bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    fields: Vec<Field>,
    /// Index into `fields` + 1; 0 is free. A power of two long.
    table: Vec<u32>,
}

impl Node {
    /// The fields of `input`, their slots being those of `layout`.
    pub fn new(input: &Input, layout: &Layout) -> Self {
        let mut root = Self::default();
        for (path, kind) in &input.features {
            root.want(path, feature(path, *kind, layout));
        }
        for (role, path) in input.roles() {
            let target = match role {
                "id" => Target::Id,
                "time" => Target::Time,
                "label" => Target::Label,
                _ => Target::Weight,
            };
            root.want(path, target);
        }
        root.index();
        root
    }

    fn want(&mut self, path: &str, target: Target) {
        let mut node = &mut *self;
        let mut rest = path;
        while let Some((name, inside)) = rest.split_once('.') {
            let walked = path.len() - inside.len() - 1;
            node = &mut node.field(name, &path[..walked]).inside;
            rest = inside;
        }
        node.field(rest, path).targets.push(target);
        if rest != path {
            self.field(path, path).targets.push(target);
        }
    }

    fn field(&mut self, name: &str, path: &str) -> &mut Field {
        let known = self.fields.iter().position(|field| *field.name == *name);
        let at = known.unwrap_or(self.fields.len());
        if known.is_none() {
            self.fields.push(Field {
                name: name.into(),
                path: path.into(),
                targets: Vec::new(),
                inside: Self::default(),
            });
        }
        &mut self.fields[at]
    }

    fn index(&mut self) {
        self.table = vec![0; (self.fields.len() * 4).next_power_of_two()];
        for (at, field) in self.fields.iter_mut().enumerate() {
            field.inside.index();
            let mut place = hash(field.name.as_bytes());
            while self.table[place & (self.table.len() - 1)] != 0 {
                place += 1;
            }
            let mask = self.table.len() - 1;
            self.table[place & mask] = at as u32 + 1;
        }
    }

    /// The wanted field of this name.
    #[inline]
    pub fn find(&self, name: &str) -> Option<&Field> {
        let mask = self.table.len() - 1;
        let mut place = hash(name.as_bytes());
        loop {
            let field = &self.fields[self.table[place & mask].checked_sub(1)? as usize];
            if *field.name == *name {
                return Some(field);
            }
            place += 1;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub fn fields(&self) -> &[Field] {
        &self.fields
    }
}

fn feature(path: &str, kind: Kind, layout: &Layout) -> Target {
    let slot = |names: &[String]| names.iter().position(|name| name == path).unwrap_or(names.len());
    match kind {
        Kind::Number => Target::Number(slot(&layout.numbers)),
        Kind::Bool => Target::Bool(slot(&layout.numbers)),
        Kind::Category => Target::Category(slot(&layout.categories)),
        Kind::Text => Target::Text(slot(&layout.texts)),
    }
}

#[inline]
fn hash(name: &[u8]) -> usize {
    let byte = |at: usize| usize::from(name.get(at).copied().unwrap_or(0));
    let n = name.len();
    let mixed =
        byte(0) ^ (byte(n / 2) << 4) ^ (byte(n.wrapping_sub(1)) << 8) ^ (byte(n.wrapping_sub(2)) << 16) ^ (n << 12);
    mixed.wrapping_mul(0x9E37_79B1) >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_by_path_and_by_literal_key_and_no_other() {
        let mut input = Input::new("t");
        input.id = Some("x00".into());
        input.label = Some("a.label".into());
        input.features = (0..300).map(|i| (format!("x{i:02}"), Kind::Number)).collect();
        input.features.insert("a.b.c".into(), Kind::Category);
        let layout = input.layout();
        let root = Node::new(&input, &layout);
        assert_eq!(root.find("x00").unwrap().targets, [Target::Number(0), Target::Id]);
        for (slot, name) in layout.numbers.iter().enumerate() {
            assert_eq!(root.find(name).unwrap().targets[0], Target::Number(slot), "{name}");
        }
        let a = root.find("a").unwrap();
        assert_eq!(a.inside.find("label").unwrap().targets, [Target::Label]);
        assert_eq!(a.inside.find("b").unwrap().inside.find("c").unwrap().targets, [Target::Category(0)]);
        assert_eq!(root.find("a.b.c").unwrap().targets, [Target::Category(0)]);
        for absent in ["", "x", "b", "a.b", "x0000", "label"] {
            assert!(root.find(absent).is_none(), "{absent}");
        }
    }
}
