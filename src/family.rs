//! One line registers a component: the macro that writes a family's closed enums.

/// Registers the components of a family, a line each: `file => State`.
///
/// Each file has `pub const ABOUT: About`, `pub struct Params` (by [`params!`](crate::params!)) and `pub struct State`.
/// For `family!("detector", Detector, { never => Never })` it writes:
///
/// ```text
/// pub mod never;
/// pub use never::Never;
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
/// #[serde(tag = "type", rename_all = "snake_case")]
/// pub enum Params { Never(never::Params) }            // what the configuration says
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
/// #[serde(rename_all = "snake_case")]
/// pub enum Detector { Never(Box<Never>) }             // what the checkpoint holds
///
/// impl Params {
///     pub const NAMES: &[&str] = &["never"];
///     pub fn name(&self) -> &'static str { match self { Params::Never(_) => "never" } }
///     pub fn defaults() -> Vec<Params>;               // one of each, with its defaults
/// }
/// impl Check for Params { … }                         // a match that delegates
/// pub fn components() -> Vec<Component>;              // what `driftline components` shows
///
/// macro_rules! each { … }                             // each!(self, state => state.verb()): the delegating match
/// ```
#[macro_export]
macro_rules! family {
    ($family:literal, $Family:ident, { $($file:ident => $State:ident,)+ }) => {
        $(pub mod $file; pub use $file::$State;)+

        /// What the configuration says: `type = "name"` and the parameters of that component.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, get_size2::GetSize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum Params { $($State($file::Params),)+ }

        /// What the checkpoint holds: one component with its whole state.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, get_size2::GetSize)]
        #[serde(rename_all = "snake_case")]
        pub enum $Family { $($State(Box<$State>),)+ }

        impl Params {
            /// The names that `type` takes.
            pub const NAMES: &[&str] = &[$(stringify!($file),)+];

            pub fn name(&self) -> &'static str {
                match self { $(Params::$State(_) => stringify!($file),)+ }
            }

            /// One of each component, with its defaults.
            pub fn defaults() -> Vec<Params> {
                vec![$(Params::$State($file::Params::default()),)+]
            }
        }

        impl $crate::params::Check for Params {
            fn check(&self, problems: &mut $crate::params::Problems) {
                match self { $(Params::$State(params) => params.check(problems),)+ }
            }
        }

        /// The pages of this family's components, in the order of registration.
        pub fn components() -> Vec<$crate::params::Component> {
            use $crate::params::Describe as _;
            vec![$($crate::params::Component {
                family: $family,
                name: stringify!($file),
                about: $file::ABOUT,
                params: $file::Params::describe(),
            },)+]
        }

        #[allow(unused_macros)]
        macro_rules! each {
            ($value:expr, $state:ident => $body:expr) => {
                match $value { $($Family::$State($state) => $body,)+ }
            };
        }

        #[allow(unused_macros)]
        macro_rules! build_each {
            ($value:expr, $params:ident => $context:expr) => {
                match $value { $(Params::$State($params) => $Family::$State(Box::new($State::new($params.clone(), $context))),)+ }
            };
        }
    };
}
