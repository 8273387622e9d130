//! JSON, as far as it is needed to show a value.
//!
//! `serde_json` writes it, too, but whoever has it in his program cannot write `numbers == []` any
//! more, because numbers are then also comparable with its values. A feature that shows states must
//! not do that.
use super::text::Bounded;
use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use std::fmt::{self, Display, Write};

/// Why something has no JSON.
#[derive(Debug)]
pub(super) enum Error {
    /// There is no room for more.
    Full,
    /// The key of a map is neither a text nor a number.
    Key,
    /// The type's own.
    Own(String),
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("it is too long"),
            Self::Key => f.write_str("a key of a map is neither a text nor a number"),
            Self::Own(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Error {}

impl ser::Error for Error {
    fn custom<T: Display>(what: T) -> Self {
        Self::Own(what.to_string())
    }
}

type Done = Result<(), Error>;

/// Its JSON, and whether it was cut.
pub(super) fn of(value: &(impl Serialize + ?Sized)) -> Result<(String, bool), Error> {
    let mut text = Bounded::default();
    match value.serialize(Json(&mut text)) {
        Ok(()) | Err(Error::Full) => {
            let is_cut = text.is_cut;
            Ok((text.finish(), is_cut))
        }
        Err(error) => Err(error),
    }
}

/// A text in its quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control < ' ' => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// Writes one value.
struct Json<'a>(&'a mut Bounded);

impl<'a> Json<'a> {
    fn put(self, text: impl Display) -> Done {
        write!(self.0, "{text}").map_err(|_| Error::Full)
    }

    /// What opens with this and closes with that.
    fn list(self, variant: &str, [open, close]: [&'static str; 2]) -> Result<List<'a>, Error> {
        let Self(to) = self;
        if !variant.is_empty() {
            Json(to).put(format_args!("{{{}:", quoted(variant)))?;
        }
        Json(to).put(open)?;
        Ok(List { to, close, is_variant: !variant.is_empty(), has_one: false })
    }
}

const ARRAY: [&str; 2] = ["[", "]"];
const OBJECT: [&str; 2] = ["{", "}"];

/// An array or an object that is being written.
struct List<'a> {
    to: &'a mut Bounded,
    close: &'static str,
    is_variant: bool,
    has_one: bool,
}

impl List<'_> {
    fn next(&mut self) -> Done {
        match std::mem::replace(&mut self.has_one, true) {
            true => Json(self.to).put(","),
            false => Ok(()),
        }
    }

    fn item(&mut self, value: &(impl Serialize + ?Sized)) -> Done {
        self.next()?;
        value.serialize(Json(self.to))
    }

    fn field(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Done {
        self.next()?;
        Json(self.to).put(format_args!("{}:", quoted(name)))?;
        value.serialize(Json(self.to))
    }

    fn close(self) -> Done {
        Json(self.to).put(self.close)?;
        if self.is_variant { Json(self.to).put("}") } else { Ok(()) }
    }
}

macro_rules! plain {
    ($($method:ident: $ty:ty,)*) => {
        $(fn $method(self, value: $ty) -> Done {
            self.put(value)
        })*
    };
}

impl<'a> Serializer for Json<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = List<'a>;
    type SerializeStruct = List<'a>;
    type SerializeStructVariant = List<'a>;

    plain! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
    }

    fn serialize_f32(self, value: f32) -> Done {
        self.serialize_f64(value.into())
    }
    fn serialize_f64(self, value: f64) -> Done {
        if value.is_finite() { self.put(format_args!("{value:?}")) } else { self.put("null") }
    }
    fn serialize_char(self, value: char) -> Done {
        self.put(quoted(value.encode_utf8(&mut [0; 4])))
    }
    fn serialize_str(self, value: &str) -> Done {
        self.put(quoted(value))
    }
    fn serialize_bytes(self, value: &[u8]) -> Done {
        value.serialize(self)
    }
    fn serialize_none(self) -> Done {
        self.put("null")
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Done {
        self.put("null")
    }
    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.put("null")
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.put(quoted(variant))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        let mut object = self.list("", OBJECT)?;
        object.field(variant, value)?;
        object.close()
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Error> {
        self.list("", ARRAY)
    }
    fn serialize_tuple(self, _: usize) -> Result<List<'a>, Error> {
        self.list("", ARRAY)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Error> {
        self.list("", ARRAY)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>, Error> {
        self.list(variant, ARRAY)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<List<'a>, Error> {
        self.list("", OBJECT)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Error> {
        self.list("", OBJECT)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>, Error> {
        self.list(variant, OBJECT)
    }
}

macro_rules! lists {
    ($($trait:ident $method:ident($($name:ident)?);)*) => {
        $(impl $trait for List<'_> {
            type Ok = ();
            type Error = Error;
            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($name: &'static str,)?
                value: &T,
            ) -> Done {
                lists!(@ self value $($name)?)
            }
            fn end(self) -> Done {
                self.close()
            }
        })*
    };
    (@ $this:ident $value:ident) => { $this.item($value) };
    (@ $this:ident $value:ident $name:ident) => { $this.field($name, $value) };
}
lists! {
    SerializeSeq serialize_element();
    SerializeTuple serialize_element();
    SerializeTupleStruct serialize_field();
    SerializeTupleVariant serialize_field();
    SerializeStruct serialize_field(name);
    SerializeStructVariant serialize_field(name);
}

impl SerializeMap for List<'_> {
    type Ok = ();
    type Error = Error;

    /// Keys are texts; a number is made one.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        let (key, _) = of(key)?;
        self.next()?;
        match key.chars().next() {
            Some('"') => Json(self.to).put(key)?,
            Some('{' | '[' | 'n') | None => return Err(Error::Key),
            Some(_) => Json(self.to).put(quoted(&key))?,
        }
        Json(self.to).put(":")
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(Json(self.to))
    }
    fn end(self) -> Done {
        self.close()
    }
}
