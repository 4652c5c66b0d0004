//! How messages go through a stream: protobuf, with buffers that are small until
//! something large comes. Knows no message.
//!
//! A hub holds thousands of streams that say a few hundred bytes now and then; each
//! has a buffer for either direction for as long as it lives.

use std::marker::PhantomData;

use prost::Message;
use tonic::codec::{self, BufferSettings};
use tonic_prost::{ProstDecoder, ProstEncoder};

/// What a buffer begins with, and grows by.
const BUFFER: usize = 1024;
/// Encoded messages are handed on from so many bytes, tonic's own measure.
const HANDED_ON: usize = 32 * 1024;

#[derive(Debug)]
pub struct Codec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for Codec<T, U> {
    fn default() -> Codec<T, U> {
        Codec(PhantomData)
    }
}

impl<T, U> codec::Codec for Codec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = ProstDecoder<U>;

    fn encoder(&mut self) -> ProstEncoder<T> {
        ProstEncoder::new(BufferSettings::new(BUFFER, HANDED_ON))
    }

    fn decoder(&mut self) -> ProstDecoder<U> {
        ProstDecoder::new(BufferSettings::new(BUFFER, HANDED_ON))
    }
}
