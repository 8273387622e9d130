//! `event!` and `span!`: an event's type, its name and its fields in one place.

/// Declares events: structs with public fields that implement [`Event`](crate::telemetry::Event).
///
/// ```
/// cordial::telemetry::event! {
///     /// A parcel was handed over.
///     pub Delivered as "post.parcel.delivered" {
///         /// How heavy it was, in grams.
///         grams: u64,
///         /// Who took it.
///         by: Option<String>,
///     }
/// }
/// # fn main() {
/// use cordial::telemetry::Event;
/// assert_eq!(Delivered::NAME, "post.parcel.delivered");
/// assert_eq!(Delivered::FIELDS[0].about, "How heavy it was, in grams.");
/// # }
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __cordial_event {
    ($(
        $(#[doc = $doc:literal])+
        $vis:vis $name:ident as $text:literal {
            $($(#[doc = $about:literal])+ $field:ident: $ty:ty,)*
        }
    )+) => {$(
        $(#[doc = $doc])+
        ///
        #[doc = concat!("Its name is `", $text, "`.")]
        #[derive(Clone, PartialEq, Debug)]
        $vis struct $name {
            $($(#[doc = $about])+ pub $field: $ty,)*
        }

        impl $crate::telemetry::Event for $name {
            const NAME: &'static str = $text;
            const ABOUT: &'static str = concat!($($doc,)+).trim_ascii();
            const FIELDS: &'static [$crate::telemetry::FieldInfo] = &[$(
                $crate::telemetry::FieldInfo {
                    name: stringify!($field),
                    ty: stringify!($ty),
                    about: concat!($($about,)+).trim_ascii(),
                },
            )*];
            fn visit(
                &self,
                see: &mut dyn ::core::ops::FnMut(&'static str, $crate::telemetry::Value<'_>),
            ) {
                let _ = &see;
                $(see(stringify!($field), $crate::telemetry::Field::value(&self.$field));)*
            }
        }
    )+};
}

/// Declares spans: what takes time, and is told of when it begins and when it is over. See
/// [`measure`](crate::telemetry::measure).
///
/// A span `"shop.checkout"` has the events `shop.checkout.start`, `shop.checkout.stop` and
/// `shop.checkout.exception`.
#[doc(hidden)]
#[macro_export]
macro_rules! __cordial_span {
    ($(
        $(#[doc = $doc:literal])+
        $vis:vis $name:ident as $text:literal {
            $($(#[doc = $about:literal])+ $field:ident: $ty:ty,)*
        }
    )+) => {$(
        $crate::telemetry::event! {
            $(#[doc = $doc])+
            $vis $name as $text { $($(#[doc = $about])+ $field: $ty,)* }
        }
        impl $crate::telemetry::Span for $name {
            const START: &'static str = concat!($text, ".start");
            const STOP: &'static str = concat!($text, ".stop");
            const EXCEPTION: &'static str = concat!($text, ".exception");
        }
    )+};
}
#[doc(inline)]
pub use {__cordial_event as event, __cordial_span as span};
