//! An event as somebody sees it who does not know its type.
use super::Event;
use crate::exit::ExitReason;
use crate::pid::Pid;
use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What a field holds.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Value<'a> {
    /// Nothing: an `Option` without a value.
    None,
    /// Yes or no.
    Bool(bool),
    /// A number that is never negative.
    U64(u64),
    /// A number.
    I64(i64),
    /// A number that is not whole.
    F64(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A process.
    Pid(Pid),
    /// How long something took.
    Duration(Duration),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Bool(value) => value.fmt(f),
            Self::U64(value) => value.fmt(f),
            Self::I64(value) => value.fmt(f),
            Self::F64(value) => value.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Pid(pid) => pid.fmt(f),
            Self::Duration(took) => write!(f, "{took:?}"),
        }
    }
}

/// What can be a field of an event.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of an event",
    label = "`cordial::telemetry::Field` is not implemented",
    note = "numbers, texts, `Pid`, `ExitReason`, `Duration` and options of them can"
)]
pub trait Field {
    /// What it holds.
    fn value(&self) -> Value<'_>;
}

macro_rules! fields {
    ($($ty:ty => |$value:ident| $out:expr;)*) => {
        $(impl Field for $ty {
            fn value(&self) -> Value<'_> {
                let $value = self;
                $out
            }
        })*
    };
}
fields! {
    bool => |it| Value::Bool(*it);
    u8 => |it| Value::U64((*it).into());
    u16 => |it| Value::U64((*it).into());
    u32 => |it| Value::U64((*it).into());
    u64 => |it| Value::U64(*it);
    usize => |it| Value::U64(u64::try_from(*it).unwrap_or(u64::MAX));
    i32 => |it| Value::I64((*it).into());
    i64 => |it| Value::I64(*it);
    f64 => |it| Value::F64(*it);
    &'static str => |it| Value::Text(Cow::Borrowed(it));
    String => |it| Value::Text(Cow::Borrowed(it));
    Arc<str> => |it| Value::Text(Cow::Borrowed(it));
    Pid => |it| Value::Pid(*it);
    Duration => |it| Value::Duration(*it);
    ExitReason => |it| Value::Text(Cow::Owned(it.to_string()));
}

impl<T: Field> Field for Option<T> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::None, Field::value)
    }
}

type See<'a> = dyn FnMut(&'static str, Value<'_>) + 'a;

/// An event of any type, while it is told.
pub struct Seen<'a> {
    name: &'static str,
    event: &'a (dyn Any + Send + Sync),
    visit: fn(&dyn Any, &mut See<'_>),
    keep: fn(&dyn Any) -> Option<Arc<dyn Any + Send + Sync>>,
}

impl<'a> Seen<'a> {
    pub(super) fn new<E: Event>(event: &'a E) -> Self {
        Self {
            name: E::NAME,
            event,
            visit: |event, see| {
                if let Some(event) = event.downcast_ref::<E>() {
                    event.visit(see);
                }
            },
            keep: |event| Some(Arc::new(event.downcast_ref::<E>()?.clone())),
        }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The event itself, if it is of this type.
    pub fn as_event<E: Event>(&self) -> Option<&E> {
        (self.event as &dyn Any).downcast_ref()
    }

    /// Shows each field with its name.
    pub fn visit(&self, see: &mut dyn FnMut(&'static str, Value<'_>)) {
        (self.visit)(self.event, see);
    }

    /// A copy that stays.
    pub fn capture(&self) -> Captured {
        let mut line = String::from(self.name);
        self.visit(&mut |name, value| {
            line.push_str(&format!(" {name}={value}"));
        });
        Captured { name: self.name, line, event: (self.keep)(self.event) }
    }
}

impl fmt::Display for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.capture().line)
    }
}

impl fmt::Debug for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An event that was kept.
#[derive(Clone)]
pub struct Captured {
    name: &'static str,
    line: String,
    event: Option<Arc<dyn Any + Send + Sync>>,
}

impl Captured {
    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The event itself, if it is of this type.
    pub fn as_event<E: Event>(&self) -> Option<&E> {
        self.event.as_ref()?.downcast_ref()
    }
}

/// `cordial.process.exit pid=<0.1.1> reason=normal`
impl fmt::Display for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

impl fmt::Debug for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}
