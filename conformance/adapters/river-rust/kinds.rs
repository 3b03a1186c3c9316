//! The kinds of jobs that Weir names. River takes a kind, its unique paths and
//! its worker from a type, so each is one.

use std::marker::PhantomData;

use riverqueue::JobArgs;
use riverqueue::serde_json::value::RawValue;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The text of a job's args under the kind and the unique paths of `T`.
pub struct Text<T>(pub Box<RawValue>, pub PhantomData<T>);

/// As `Text`, but no worker can decode anything but an object.
pub struct Object<T>(PhantomData<T>);

impl<T: JobArgs> JobArgs for Text<T> {
    const KIND: &'static str = T::KIND;

    fn unique_fields() -> &'static [&'static [&'static str]] {
        T::unique_fields()
    }
}

impl<T> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Deserialize::deserialize(deserializer)?, PhantomData))
    }
}

impl<T: JobArgs> JobArgs for Object<T> {
    const KIND: &'static str = T::KIND;
}

impl<T> Serialize for Object<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de, T> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Box::<RawValue>::deserialize(deserializer)?.get().starts_with('{') {
            true => Ok(Self(PhantomData)),
            false => Err(D::Error::custom("args must be an object")),
        }
    }
}

/// A value of which only its place in the args matters.
type Any = Option<Box<RawValue>>;

macro_rules! plain {
    ($($name:ident = $kind:expr),+ $(,)?) => {$(
        #[derive(Deserialize, Serialize)]
        pub struct $name {}
        impl JobArgs for $name {
            const KIND: &'static str = $kind;
        }
    )+};
}

plain! {
    Weir = "weir",
    Other = "other",
    Hour = "weir_1h",
    Never = "weir_never",
    Probe = "weir_probe",
    Stranger = "stranger",
    First = "one",
    Second = "two",
    Empty = "",
    Long = LONG,
    Nobody = "weir_nobody",
}

const LONG: &str = match str::from_utf8(&[b'k'; 128]) {
    Ok(text) => text,
    Err(_) => "",
};

#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "weir_unique_flat", unique(by_args))]
pub struct Flat {
    #[river(unique)]
    a: Any,
}

#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "weir_unique_two", unique(by_args))]
pub struct Two {
    #[river(unique)]
    z: Any,
    #[river(unique)]
    a: Any,
}

#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "weir_unique_nested", unique(by_args("n.c", "n.b")))]
pub struct Nested {
    n: Any,
    #[river(unique)]
    a: Any,
    #[river(unique)]
    #[serde(rename = "n-x")]
    x: Any,
}

#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "weir_unique_whole", unique(by_args))]
pub struct Whole {
    #[river(unique)]
    n: Any,
}

#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "weir_unique_odd", unique(by_args))]
pub struct Odd {
    #[river(unique)]
    #[serde(rename = "a.b")]
    dot: Any,
    #[river(unique)]
    #[serde(rename = "*")]
    star: Any,
    #[river(unique)]
    #[serde(rename = "@x")]
    at: Any,
    #[river(unique)]
    #[serde(rename = ":1")]
    colon: Any,
    #[river(unique)]
    #[serde(rename = "#")]
    hash: Any,
    #[river(unique)]
    #[serde(rename = "c/d")]
    slash: Any,
    #[river(unique)]
    #[serde(rename = "é")]
    uml: Any,
    #[river(unique)]
    #[serde(rename = "<")]
    less: Any,
}

#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "weir_unique_dots", unique(by_args("a.b")))]
pub struct Dots {
    #[river(unique)]
    #[serde(rename = "a.b")]
    dot: Any,
    a: Any,
}

#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "weir_unique_deep", unique(by_args("a.b.c")))]
pub struct Deep {
    a: Any,
}

/// Evaluates an expression with the type of a kind; another kind is refused.
macro_rules! with_kind {
    ($kind:expr, $T:ident => $then:expr) => {
        with_kind!(@ $kind, $T, $then, [Weir, Other, Hour, Never, Probe, Stranger, First, Second,
            Empty, Long,
            Flat, Two, Nested, Whole, Odd, Dots, Deep])
    };
    (@ $kind:expr, $T:ident, $then:expr, [$($name:ident),+]) => {
        match $kind {
            $(kind if kind == <$crate::kinds::$name as JobArgs>::KIND => {
                type $T = $crate::kinds::$name;
                $then
            })+
            kind => Err($crate::wire::refuse("unsupported", format!("no type is declared for kind {kind}")))?,
        }
    };
}

/// Runs a block with the type of each kind that there can be jobs of.
macro_rules! each_kind {
    ($T:ident => $then:block) => {
        each_kind!($T, $then, [Weir, Other, Hour, Never, Probe, Stranger, First, Second,
            Flat, Two, Nested, Whole, Odd, Dots, Deep])
    };
    ($T:ident, $then:block, [$($name:ident),+]) => {
        $({
            type $T = $crate::kinds::$name;
            $then
        })+
    };
}

/// Runs a block with the type of each kind that every adapter has workers for.
macro_rules! each_own_kind {
    ($T:ident => $then:block) => {
        $crate::kinds::each_kind!($T, $then, [Weir, Other, Hour, Never])
    };
}
pub(crate) use {each_kind, each_own_kind, with_kind};
