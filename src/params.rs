//! Parameters that know their default, their range and their own documentation, and can say everything that is
//! wrong with them at once.

use std::fmt::Display;
use std::ops::RangeBounds;

/// What is wrong with a configuration, each with the path of the key it concerns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problems {
    path: Vec<String>,
    found: Vec<Problem>,
}

/// One thing that is wrong: the path of the key (`model.l2`), and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub key: String,
    pub message: String,
}

impl Problems {
    /// Notes that `key` has a `value` outside `allowed`, which reads as `expected` (`in (0, 1]`).
    pub fn require<T>(&mut self, key: &str, value: T, allowed: impl RangeBounds<T>, expected: &str)
    where
        T: PartialOrd + Display,
    {
        if !allowed.contains(&value) {
            self.add(key, format!("{value} must be {expected}"));
        }
    }

    /// Notes a problem with `key`, which is relative to the section being checked; empty for the section itself.
    pub fn add(&mut self, key: &str, message: impl Into<String>) {
        let mut path = self.path.clone();
        if !key.is_empty() {
            path.push(key.to_owned());
        }
        self.found.push(Problem { key: path.join("."), message: message.into() });
    }

    /// Checks a nested value under `key`.
    pub fn within(&mut self, key: &str, check: impl FnOnce(&mut Self)) {
        self.path.push(key.to_owned());
        check(self);
        self.path.pop();
    }

    pub fn found(&self) -> &[Problem] {
        &self.found
    }
}

/// Values that can say what is wrong with them.
pub trait Check {
    fn check(&self, problems: &mut Problems);
}

/// One parameter of a component, as `driftline components NAME` shows it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Param {
    pub name: &'static str,
    pub kind: &'static str,
    pub default: serde_json::Value,
    /// The values allowed, in words; empty where any value of the type is.
    pub range: &'static str,
    pub doc: String,
}

/// Parameters that describe themselves.
pub trait Describe {
    fn describe() -> Vec<Param>;
}

/// Declares the parameters of a component: each with its documentation, type, default and, after `in`, its range.
///
/// ```
/// driftline::params! {
///     pub struct Params {
///         /// Deviation from the mean that is tolerated, in units of the signal.
///         pub delta: f64 = 0.005, in 0.0.. => ">= 0";
///         /// Values seen before the first alarm.
///         pub min_instances: u64 = 30;
///     }
/// }
/// ```
///
/// writes
///
/// ```text
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
/// #[serde(default, deny_unknown_fields)]
/// pub struct Params { pub delta: f64, pub min_instances: u64 }
/// impl Default for Params { … }        // the defaults
/// impl Check for Params { … }          // one `require` per range
/// impl Describe for Params { … }       // what `driftline components` prints
/// ```
///
/// Write `= default => nested;` for a field that itself implements [`Check`].
#[macro_export]
macro_rules! params {
    (
        $(#[$meta:meta])*
        $vis:vis struct $Name:ident {
            $(
                $(#[doc = $doc:literal])+
                pub $field:ident: $Type:ty = $default:expr $(, in $range:expr => $words:literal)? $(=> $nested:ident)?;
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, get_size2::GetSize)]
        #[serde(default, deny_unknown_fields)]
        $vis struct $Name { $($(#[doc = $doc])+ pub $field: $Type,)* }

        impl Default for $Name {
            fn default() -> Self { Self { $($field: $default,)* } }
        }

        impl $crate::params::Check for $Name {
            #[allow(unused_variables)]
            fn check(&self, problems: &mut $crate::params::Problems) {
                $(
                    $(problems.require(stringify!($field), self.$field, $range, $words);)?
                    $($crate::check_nested!($nested, self.$field, stringify!($field), problems);)?
                )*
            }
        }

        impl $crate::params::Describe for $Name {
            fn describe() -> Vec<$crate::params::Param> {
                #[allow(unused_variables)]
                let defaults = Self::default();
                vec![$($crate::params::Param {
                    name: stringify!($field),
                    kind: stringify!($Type),
                    default: serde_json::to_value(&defaults.$field).unwrap_or_default(),
                    range: concat!("" $(, $words)?),
                    doc: [$($doc),+].map(str::trim).join(" "),
                },)*]
            }
        }
    };
}

/// Checks a nested field of [`params!`].
#[macro_export]
macro_rules! check_nested {
    (nested, $value:expr, $key:expr, $problems:ident) => {
        $problems.within($key, |problems| $crate::params::Check::check(&$value, problems))
    };
}

impl<T: Check> Check for Option<T> {
    fn check(&self, problems: &mut Problems) {
        if let Some(value) = self {
            value.check(problems);
        }
    }
}

/// What a component is, as `driftline components` shows it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct About {
    /// What it is, in one sentence.
    pub summary: &'static str,
    /// The paper or book it follows.
    pub source: &'static str,
    /// A TOML example that parses as the component's parameters, with its `type`.
    pub example: &'static str,
}

/// A whole component's page.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Component {
    pub family: &'static str,
    pub name: &'static str,
    #[serde(flatten)]
    pub about: About,
    pub params: Vec<Param>,
}
