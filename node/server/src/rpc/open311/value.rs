//! What an answer says, once, and its two spellings: JSON, and XML with the element
//! names of GeoReport. Knows no field.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde_json::{Map, Number, Value as Json};

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Flag(bool),
    Whole(i64),
    Text(String),
    /// Items under one element name.
    List(&'static str, Vec<Value>),
    Fields(Vec<(&'static str, Value)>),
}

impl Value {
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    pub fn json(&self) -> Json {
        match self {
            Value::Null => Json::Null,
            Value::Flag(flag) => Json::Bool(*flag),
            Value::Whole(number) => Json::Number(Number::from(*number)),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(_, items) => Json::Array(items.iter().map(Value::json).collect()),
            Value::Fields(fields) => {
                let fields = fields.iter();
                let fields = fields.map(|(key, value)| ((*key).to_owned(), value.json()));
                Json::Object(fields.collect::<Map<_, _>>())
            }
        }
    }

    /// A document whose root element is `root`.
    pub fn xml(&self, root: &str) -> std::io::Result<String> {
        let mut writer = Writer::new(Vec::new());
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        self.element(root, &mut writer)?;
        String::from_utf8(writer.into_inner()).map_err(std::io::Error::other)
    }

    fn element(&self, name: &str, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let text = match self {
            Value::Null => return writer.write_event(Event::Empty(BytesStart::new(name))),
            Value::Flag(flag) => flag.to_string(),
            Value::Whole(number) => number.to_string(),
            // XML knows no other control characters.
            Value::Text(text) => {
                text.replace(|c: char| c.is_control() && !"\n\r\t".contains(c), " ")
            }
            Value::List(..) | Value::Fields(_) => String::new(),
        };
        writer.write_event(Event::Start(BytesStart::new(name)))?;
        match self {
            Value::List(item, items) => {
                for value in items {
                    value.element(item, writer)?;
                }
            }
            Value::Fields(fields) => {
                for (key, value) in fields {
                    value.element(key, writer)?;
                }
            }
            _ => writer.write_event(Event::Text(BytesText::new(&text)))?,
        }
        writer.write_event(Event::End(BytesEnd::new(name)))
    }
}
