//! Where rows go: files of a directory, or tables of a database. Both keep the
//! cursor with the rows.

use proto::{identity::Label, pb::hub as pb};

use super::{files::Files, postgres::Postgres};
use crate::{cli::Kept, failure::Failure};

pub enum Sink {
    Files(Files),
    Postgres(Box<Postgres>),
}

impl Sink {
    pub async fn open(kept: &Kept, centre: &Label) -> Result<Sink, Failure> {
        let is_url = ["postgres://", "postgresql://"];
        if is_url.iter().any(|scheme| kept.to.starts_with(scheme)) {
            let postgres = Postgres::open(kept, centre).await?;
            return Ok(Sink::Postgres(Box::new(postgres)));
        }
        let files = Files::open(kept.to.as_ref(), kept.format, centre)?;
        Ok(Sink::Files(files))
    }

    /// Of the batch that was stored last; empty before any.
    pub fn cursor(&self) -> &[u8] {
        match self {
            Sink::Files(files) => files.cursor(),
            Sink::Postgres(postgres) => postgres.cursor(),
        }
    }

    /// Batches that were stored since this process began.
    pub fn stored(&self) -> u64 {
        match self {
            Sink::Files(files) => files.stored,
            Sink::Postgres(postgres) => postgres.stored,
        }
    }

    /// All of them, durably, with the last one's cursor.
    pub async fn store(&mut self, batches: &[pb::FeedBatch]) -> Result<(), Failure> {
        match self {
            Sink::Files(files) => tokio::task::block_in_place(|| files.store(batches)),
            Sink::Postgres(postgres) => postgres.store(batches).await,
        }
    }
}
