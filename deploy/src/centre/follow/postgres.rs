//! Tables of PostgreSQL in a schema of the centre's own: `cells`, and `feed` with
//! the cursor. All batches that came together are one transaction with their
//! cursor, so nothing is ever stored twice or lost.

use std::{fs, path::Path, sync::Arc};

use proto::{identity::Label, pb::hub as pb};
use proto_edge::credential::certificates;
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio_postgres::{Client, Config, NoTls, Transaction};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{
    cli::Kept,
    client::configuration,
    failure::{Exit, Failure},
};

pub struct Postgres {
    client: Client,
    schema: String,
    centre: String,
    cursor: Vec<u8>,
    listing: i64,
    pub stored: u64,
}

impl Postgres {
    pub async fn open(kept: &Kept, centre: &Label) -> Result<Postgres, Failure> {
        let schema = checked(&kept.schema)?;
        let client = connect(&kept.to, kept.postgres_ca.as_deref()).await?;
        client
            .batch_execute(&tables(&schema))
            .await
            .map_err(failed)?;
        let mut postgres = Postgres {
            client,
            schema,
            centre: centre.to_string(),
            cursor: Vec::new(),
            listing: 0,
            stored: 0,
        };
        postgres.load().await?;
        Ok(postgres)
    }

    pub fn cursor(&self) -> &[u8] {
        &self.cursor
    }

    async fn load(&mut self) -> Result<(), Failure> {
        let asked = format!("SELECT centre, cursor, listing FROM {}.feed", self.schema);
        let rows = self.client.query(&asked, &[]).await.map_err(failed)?;
        for row in rows {
            let centre: String = row.get(0);
            if centre != self.centre {
                let text = crate::text!(
                    "模式 {} 属于中心 {}：请用 --schema 另指一个",
                    "schema {} is centre {}'s: name another one with --schema",
                    self.schema,
                    centre
                );
                return Err(Failure::new(Exit::Configuration, text));
            }
            (self.cursor, self.listing) = (row.get(1), row.get(2));
        }
        Ok(())
    }

    pub async fn store(&mut self, batches: &[pb::FeedBatch]) -> Result<(), Failure> {
        let Some(last) = batches.last() else {
            return Ok(());
        };
        let mut listing = self.listing;
        let transaction = self.client.transaction().await.map_err(failed)?;
        let writing = Writing {
            transaction: &transaction,
            schema: &self.schema,
        };
        for batch in batches {
            listing += i64::from(batch.begins_listing);
            writing.apply(batch, listing).await.map_err(failed)?;
        }
        writing
            .keep(&self.centre, last, listing)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        (self.cursor, self.listing) = (last.cursor.to_vec(), listing);
        self.stored += batches.len() as u64;
        Ok(())
    }
}

struct Writing<'a> {
    transaction: &'a Transaction<'a>,
    schema: &'a str,
}

impl Writing<'_> {
    async fn apply(
        &self,
        batch: &pb::FeedBatch,
        listing: i64,
    ) -> Result<(), tokio_postgres::Error> {
        let schema = self.schema;
        for sweep in &batch.sweeps {
            let delete = format!("DELETE FROM {schema}.cells WHERE place = $1 AND lineage < $2");
            let lineage = i64::from(sweep.lineage);
            self.transaction
                .execute(&delete, &[&sweep.place, &lineage])
                .await?;
        }
        let (gone, there): (Vec<_>, Vec<_>) = batch.rows.iter().partition(|row| row.removed);
        if !gone.is_empty() {
            self.remove(&Columns::of(&gone)).await?;
        }
        if !there.is_empty() {
            self.put(&Columns::of(&there), listing, batch.lists).await?;
        }
        if batch.ends_listing {
            let delete = format!(
                "DELETE FROM {schema}.cells WHERE listing < $1 AND ($2 = '' OR place = $2)"
            );
            self.transaction
                .execute(&delete, &[&listing, &batch.listing_place])
                .await?;
        }
        Ok(())
    }

    async fn put(
        &self,
        of: &Columns,
        listing: i64,
        lists: bool,
    ) -> Result<(), tokio_postgres::Error> {
        let schema = self.schema;
        let newer = if lists { "<=" } else { "<" };
        let put = format!(
            "INSERT INTO {schema}.cells AS c (place, indicator, revision, period, members, lineage, \
             seq, kind, state, number, numerator, denominator, listing) \
             SELECT *, $13::int8 FROM unnest($1::text[], $2::text[], $3::int8[], $4::text[], \
             $5::text[], $6::int8[], $7::int8[], $8::int8[], $9::bytea[], $10::float8[], \
             $11::int8[], $12::int8[]) \
             ON CONFLICT (place, indicator, revision, period, members) DO UPDATE SET \
             lineage = excluded.lineage, seq = excluded.seq, kind = excluded.kind, \
             state = excluded.state, number = excluded.number, numerator = excluded.numerator, \
             denominator = excluded.denominator, listing = excluded.listing \
             WHERE (c.lineage, c.seq) {newer} (excluded.lineage, excluded.seq)"
        );
        self.transaction
            .execute(
                &put,
                &[
                    &of.places,
                    &of.indicators,
                    &of.revisions,
                    &of.periods,
                    &of.members,
                    &of.lineages,
                    &of.seqs,
                    &of.kinds,
                    &of.states,
                    &of.numbers,
                    &of.numerators,
                    &of.denominators,
                    &listing,
                ],
            )
            .await?;
        if !lists {
            return Ok(());
        }
        // What is newer here than the listing was named by it all the same.
        let named = format!(
            "UPDATE {schema}.cells AS c SET listing = $6 FROM unnest($1::text[], $2::text[], \
             $3::int8[], $4::text[], $5::text[]) AS n(place, indicator, revision, period, members) \
             WHERE c.place = n.place AND c.indicator = n.indicator AND c.revision = n.revision \
             AND c.period = n.period AND c.members = n.members AND c.listing < $6"
        );
        self.transaction
            .execute(
                &named,
                &[
                    &of.places,
                    &of.indicators,
                    &of.revisions,
                    &of.periods,
                    &of.members,
                    &listing,
                ],
            )
            .await?;
        Ok(())
    }

    async fn remove(&self, of: &Columns) -> Result<(), tokio_postgres::Error> {
        let schema = self.schema;
        let remove = format!(
            "DELETE FROM {schema}.cells AS c USING unnest($1::text[], $2::text[], $3::int8[], \
             $4::text[], $5::text[], $6::int8[], $7::int8[]) \
             AS n(place, indicator, revision, period, members, lineage, seq) \
             WHERE c.place = n.place AND c.indicator = n.indicator AND c.revision = n.revision \
             AND c.period = n.period AND c.members = n.members \
             AND (c.lineage, c.seq) < (n.lineage, n.seq)"
        );
        self.transaction
            .execute(
                &remove,
                &[
                    &of.places,
                    &of.indicators,
                    &of.revisions,
                    &of.periods,
                    &of.members,
                    &of.lineages,
                    &of.seqs,
                ],
            )
            .await?;
        Ok(())
    }

    async fn keep(
        &self,
        centre: &str,
        last: &pb::FeedBatch,
        listing: i64,
    ) -> Result<(), tokio_postgres::Error> {
        let keep = format!(
            "INSERT INTO {}.feed (centre, cursor, listing, seq, head_seq, stored_at) \
             VALUES ($1, $2, $3, $4, $5, now()) ON CONFLICT (centre) DO UPDATE SET \
             cursor = excluded.cursor, listing = excluded.listing, seq = excluded.seq, \
             head_seq = excluded.head_seq, stored_at = excluded.stored_at",
            self.schema
        );
        let (seq, head) = (last.seq.cast_signed(), last.head_seq.cast_signed());
        let cursor = last.cursor.to_vec();
        self.transaction
            .execute(&keep, &[&centre, &cursor, &listing, &seq, &head])
            .await?;
        Ok(())
    }
}

/// Rows as columns, which one statement takes.
#[derive(Default)]
struct Columns {
    places: Vec<String>,
    indicators: Vec<String>,
    revisions: Vec<i64>,
    periods: Vec<String>,
    members: Vec<String>,
    lineages: Vec<i64>,
    seqs: Vec<i64>,
    kinds: Vec<i64>,
    states: Vec<Vec<u8>>,
    numbers: Vec<Option<f64>>,
    numerators: Vec<Option<i64>>,
    denominators: Vec<Option<i64>>,
}

impl Columns {
    fn of(rows: &[&pb::FeedRow]) -> Columns {
        let mut columns = Columns::default();
        for row in rows {
            columns.places.push(row.place.clone());
            columns.indicators.push(row.indicator.clone());
            columns.revisions.push(row.revision.into());
            columns.periods.push(row.period.clone());
            columns.members.push(row.members.join("/"));
            columns.lineages.push(row.lineage.into());
            columns.seqs.push(row.seq.cast_signed());
            columns.kinds.push(row.kind.into());
            columns.states.push(row.state.to_vec());
            columns.numbers.push(row.number);
            columns.numerators.push(row.numerator);
            columns.denominators.push(row.denominator);
        }
        columns
    }
}

fn tables(schema: &str) -> String {
    format!(
        "CREATE SCHEMA IF NOT EXISTS {schema};
         CREATE TABLE IF NOT EXISTS {schema}.cells (
             place text NOT NULL, indicator text NOT NULL, revision int8 NOT NULL,
             period text NOT NULL, members text NOT NULL,
             lineage int8 NOT NULL, seq int8 NOT NULL, kind int8 NOT NULL, state bytea NOT NULL,
             number float8, numerator int8, denominator int8, listing int8 NOT NULL,
             PRIMARY KEY (place, indicator, revision, period, members));
         CREATE TABLE IF NOT EXISTS {schema}.feed (
             centre text PRIMARY KEY, cursor bytea NOT NULL, listing int8 NOT NULL,
             seq int8 NOT NULL, head_seq int8 NOT NULL, stored_at timestamptz NOT NULL);"
    )
}

/// It stands in statements as it is.
fn checked(schema: &str) -> Result<String, Failure> {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let fits = (1..=40).contains(&schema.len())
        && schema.chars().all(sound)
        && schema.starts_with(|c: char| c.is_ascii_lowercase());
    fits.then(|| schema.to_owned()).ok_or_else(|| {
        let text = crate::text!(
            "--schema {:?}：应为小写字母、数字、下划线",
            "--schema {:?}: want lower-case letters, digits and underscores",
            schema
        );
        Failure::new(Exit::Usage, text)
    })
}

async fn connect(url: &str, ca: Option<&Path>) -> Result<Client, Failure> {
    let config: Config = url
        .parse()
        .map_err(|error| Failure::new(Exit::Usage, format!("--to: {error}")))?;
    let Some(ca) = ca else {
        let (client, connection) = config.connect(NoTls).await.map_err(failed)?;
        tokio::spawn(connection);
        return Ok(client);
    };
    let pem = fs::read(ca).map_err(|error| configuration(format!("{}: {error}", ca.display())))?;
    let mut roots = RootCertStore::empty();
    for root in certificates(&pem).map_err(configuration)? {
        roots.add(root).map_err(configuration)?;
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(configuration)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (client, connection) = config
        .connect(MakeRustlsConnect::new(tls))
        .await
        .map_err(failed)?;
    tokio::spawn(connection);
    Ok(client)
}

fn failed(error: tokio_postgres::Error) -> Failure {
    let said = error.as_db_error().map(|said| said.message().to_owned());
    let exit = match error.is_closed() || said.is_none() {
        true => Exit::Unreachable,
        false => Exit::Storage,
    };
    let text = said.unwrap_or_else(|| error.to_string());
    Failure::new(exit, format!("PostgreSQL: {text}"))
}
