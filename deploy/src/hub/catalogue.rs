//! Catalogue files on the command line: read, published, listed.

use std::{fs, path::Path};

use proto::{
    indicator::catalogue::{Catalogue, Item},
    pb::{hub as pb, types},
};
use proto_edge::hub::indicator_service_client::IndicatorServiceClient;

use super::Units;
use crate::{
    cli::Status,
    client::{self, asked, request_id},
    failure::{Exit, Failure},
    output::{Cell, Sheet, column},
    say,
};

/// What ships with the binary: the first indicators, and those of the engines.
pub const FIRST: &str = include_str!("../../catalogue/first.toml");
const ENGINES: &[&str] = &[
    include_str!("../../catalogue/cases.toml"),
    include_str!("../../catalogue/registers.toml"),
    include_str!("../../catalogue/duties.toml"),
    include_str!("../../catalogue/deliberations.toml"),
    include_str!("../../catalogue/consents.toml"),
    include_str!("../../catalogue/elections.toml"),
    include_str!("../../catalogue/funds.toml"),
    include_str!("../../catalogue/assessments.toml"),
    include_str!("../../catalogue/activities.toml"),
    include_str!("../../catalogue/surveys.toml"),
    include_str!("../../catalogue/documents.toml"),
    include_str!("../../catalogue/derived.toml"),
    include_str!("../../catalogue/support.toml"),
    include_str!("../../catalogue/network.toml"),
];

/// The whole shipped catalogue.
pub fn shipped() -> Result<Catalogue, Failure> {
    parse(&[&[FIRST], ENGINES].concat().join("\n"))
}

pub fn parse(text: &str) -> Result<Catalogue, Failure> {
    Catalogue::from_toml(text).map_err(|mistakes| Failure::new(Exit::BadData, mistakes.to_string()))
}

pub fn read(file: &Path) -> Result<Catalogue, Failure> {
    let named = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::BadData, format!("{}: {error}", file.display()))
    };
    let text = fs::read_to_string(file).map_err(|error| named(&error))?;
    Catalogue::from_toml(&text).map_err(|mistakes| named(&mistakes))
}

pub fn publish(dir: &Path, file: &Path) -> Result<(), Failure> {
    let catalogue = read(file)?;
    let answer = client::block_on(async {
        let mut service = IndicatorServiceClient::new(client::hub(dir)?);
        let request = publication(catalogue.items(), request_id()?);
        Ok(service
            .publish_catalogue(asked(request))
            .await?
            .into_inner())
    })?;
    say!(
        "目录第 {} 条：新增 {}，未变 {}",
        "Catalogue at {}: {} added, {} unchanged",
        answer.catalogue_seq,
        answer.added,
        answer.unchanged
    );
    Ok(())
}

pub fn publication(
    items: impl IntoIterator<Item = Item>,
    request_id: String,
) -> pb::PublishCatalogueRequest {
    let (mut indicators, mut dimensions) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Definition(definition) => indicators.push((&*definition).into()),
            Item::Dimension(dimension) => dimensions.push((&*dimension).into()),
            Item::Derived(derived) => indicators.push((&*derived).into()),
        }
    }
    pb::PublishCatalogueRequest {
        request_id,
        indicators,
        dimensions,
    }
}

pub fn list(list: &Status) -> Result<(), Failure> {
    let indicators = client::block_on(indicators(&list.at.dir))?;
    let mut sheet = Sheet::new(vec![
        column("code", "代码", "code"),
        column("revision", "版次", "revision"),
        column("name_zh", "名称", "name (zh)"),
        column("name_en", "英文名", "name"),
        column("unit", "单位", "unit"),
        column("grain", "粒度", "grain"),
        column("breakdowns", "细分", "breakdowns"),
        column("owner", "责任方", "owner"),
    ]);
    for definition in indicators {
        sheet.rows.push(vec![
            definition.code.as_str().into(),
            definition.revision.into(),
            definition.name_zh.as_str().into(),
            definition.name_en.as_str().into(),
            definition.unit.as_str().into(),
            definition
                .base_grain()
                .as_str_name()
                .trim_start_matches("GRAIN_")
                .to_lowercase()
                .into(),
            Cell::List(definition.breakdowns.clone()),
            definition.owner.as_str().into(),
        ]);
    }
    Ok(sheet.print(list.output, false)?)
}

/// Units by code, for how numbers are shown.
pub fn units(indicators: &[types::IndicatorDefinition]) -> Units {
    let unit = |definition: &types::IndicatorDefinition| {
        (definition.code.clone(), definition.unit.clone())
    };
    indicators.iter().map(unit).collect()
}

pub async fn indicators(dir: &Path) -> Result<Vec<types::IndicatorDefinition>, Failure> {
    let mut service = IndicatorServiceClient::new(client::hub(dir)?);
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListIndicatorsRequest {
            page_size: 500,
            page_token,
        };
        let answer = service.list_indicators(asked(request)).await?.into_inner();
        all.extend(answer.indicators);
        if answer.next_page_token.is_empty() {
            return Ok(all);
        }
        page_token = answer.next_page_token;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_files_are_one_catalogue() {
        let whole = shipped().unwrap_or_else(|failure| panic!("{failure:?}"));
        let counted = whole.definitions().map(|of| of.code.to_string());
        let derived = whole.all_derived().map(|of| of.code.to_string());
        let codes: Vec<String> = counted.chain(derived).collect();
        for code in ["QS.R01", "QS.K03.N", "QS.K03", "TN.F03", "BBT.P05"] {
            assert!(codes.iter().any(|known| known == code), "{code}");
        }
        let files = [&[FIRST], ENGINES].concat();
        let each = files
            .iter()
            .map(|file| file.matches("[[indicator]]").count());
        assert_eq!(codes.len(), each.sum::<usize>());
    }
}
