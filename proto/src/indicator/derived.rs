//! Derived indicators: a formula over other indicators' merged numbers, worked
//! out where a question is answered and nowhere else. Nodes never see one. Knows
//! no numbers.

use jiff::civil::Date;

use crate::{
    identity::Label,
    indicator::{
        catalogue::Catalogue,
        cell::{IndicatorId, Revision},
        definition::{Definition, Direction, IndicatorCode, Protection, heading::Heading},
        dimension::{DimensionCode, Name},
        formula::{Formula, FormulaProblem, InvalidFormula, Part, Term},
        kind::Kind,
        mistake::{InvalidItem, Mistakes, Problem},
    },
    pb::types as pb,
    period::Grain,
};

/// Made by `TryFrom<pb::types::IndicatorDefinition>` alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Derived {
    pub id: IndicatorId,
    pub code: IndicatorCode,
    pub revision: Revision,
    pub name: Name,
    pub unit: String,
    pub formula: Formula,
    /// The finest grain that it answers in.
    pub base_grain: Grain,
    pub coarser_grains: Vec<Grain>,
    /// What is divided has all of them; the divisor has one or counts in whole.
    pub breakdowns: Vec<DimensionCode>,
    pub direction: Direction,
    pub owner: String,
    pub reason: String,
    pub legal_basis: Option<String>,
    pub sunset: Option<Date>,
    pub centres: Vec<Label>,
}

impl Derived {
    pub fn grains(&self) -> impl Iterator<Item = Grain> + '_ {
        std::iter::once(self.base_grain).chain(self.coarser_grains.iter().copied())
    }

    /// The strictest of its terms'; `None` while one is not in the catalogue.
    pub fn protection(&self, catalogue: &Catalogue) -> Option<Protection> {
        let terms = self.formula.terms().iter();
        let classes = terms.map(|term| Some(term.definition(catalogue)?.protection));
        classes.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// Whether it is derived of what the catalogue does not have.
    pub fn is_of_others(&self, catalogue: &Catalogue) -> bool {
        let mut terms = self.formula.terms().iter();
        terms.any(|term| {
            let code = term.code.as_str();
            catalogue.by_code(code, None).is_none()
                && catalogue.derived_by_code(code, None).is_none()
        })
    }

    /// Whether the catalogue has its terms, and each as the formula uses it.
    pub fn check(&self, catalogue: &Catalogue) -> Result<(), InvalidItem> {
        let mut mistakes = Mistakes::default();
        for (at, term) in self.formula.terms().iter().enumerate() {
            if let Err(problem) = self.check_term(at, term, catalogue) {
                let column = term.column;
                let invalid = InvalidFormula { column, problem };
                mistakes.add("formula", Problem::Formula(invalid));
            }
        }
        mistakes.finish(self.code.as_str(), Some(()))
    }

    fn check_term(
        &self,
        at: usize,
        term: &Term,
        catalogue: &Catalogue,
    ) -> Result<(), FormulaProblem> {
        let named = || format!("{}@{}", term.code, term.revision.0);
        let Some(definition) = term.definition(catalogue) else {
            let by_code = catalogue.derived_by_code(term.code.as_str(), Some(term.revision));
            return Err(match by_code {
                Some(_) => FormulaProblem::DerivedTerm(named()),
                None => FormulaProblem::UnknownTerm(named()),
            });
        };
        let kind = definition.fold.kind();
        if !term.part.is_of(kind) {
            return Err(FormulaProblem::PartOfKind {
                code: named(),
                kind: kind.name(),
                want: parts_of(kind),
            });
        }
        let is_divisor = self
            .formula
            .below()
            .is_some_and(|below| below.coefficient(at) != 0);
        let above = self.formula.above().coefficient(at);
        if kind == Kind::Distinct && (is_divisor || above < 0) {
            return Err(FormulaProblem::UpperBound(named()));
        }
        if let Some(grain) = self.grains().find(|grain| !definition.answers_in(*grain)) {
            return Err(FormulaProblem::Grain {
                code: named(),
                grain: grain.name(),
            });
        }
        let lacks = |dimension: &&DimensionCode| {
            definition.breakdown_position(dimension.as_str()).is_none()
        };
        match self.breakdowns.iter().find(lacks) {
            Some(dimension) if above != 0 => Err(FormulaProblem::Breakdown {
                code: named(),
                dimension: dimension.to_string(),
            }),
            _ => Ok(()),
        }
    }
}

impl Term {
    pub fn definition<'a>(&self, catalogue: &'a Catalogue) -> Option<&'a Definition> {
        let found = catalogue.by_code(self.code.as_str(), Some(self.revision));
        found.map(|definition| &**definition)
    }
}

impl Part {
    const fn is_of(self, kind: Kind) -> bool {
        match self {
            Part::Whole => matches!(kind, Kind::Count | Kind::Sum | Kind::Level | Kind::Distinct),
            Part::Numerator | Part::Denominator => matches!(kind, Kind::Ratio | Kind::Mean),
            Part::Observations => matches!(kind, Kind::Mean | Kind::Histogram | Kind::Quantile),
        }
    }
}

const fn parts_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Ratio => "numerator(...) or denominator(...)",
        Kind::Mean => "numerator(...), denominator(...) or observations(...)",
        Kind::Histogram | Kind::Quantile => "observations(...)",
        Kind::Count | Kind::Sum | Kind::Level | Kind::Distinct => "the code alone",
        _ => "another indicator: its places do not add up",
    }
}

impl TryFrom<pb::IndicatorDefinition> for Derived {
    type Error = InvalidItem;

    fn try_from(wire: pb::IndicatorDefinition) -> Result<Derived, InvalidItem> {
        let mut mistakes = Mistakes::default();
        let derived = read(&wire, &mut mistakes);
        mistakes.finish(&wire.code, derived)
    }
}

fn read(wire: &pb::IndicatorDefinition, mistakes: &mut Mistakes) -> Option<Derived> {
    let heading = Heading::read(wire, mistakes);
    let formula = Formula::parse(&wire.formula);
    let formula = formula.map_err(|invalid| mistakes.add("formula", Problem::Formula(invalid)));
    let stray = [
        ("accumulator", wire.accumulator.is_some()),
        // It has the strictest of its terms'.
        ("protection", wire.protection != 0),
    ];
    for (field, _) in stray.into_iter().filter(|(_, stray)| *stray) {
        mistakes.add(field, Problem::NotUsed("a formula"));
    }
    let breakdowns = heading.breakdowns.into_iter();
    Some(Derived {
        id: heading.id,
        code: heading.code?,
        revision: heading.revision,
        name: heading.name,
        unit: heading.unit,
        formula: formula.ok()?,
        base_grain: heading.base_grain?,
        coarser_grains: heading.coarser_grains,
        breakdowns: breakdowns.map(|(_, code)| code).collect(),
        direction: heading.direction?,
        owner: heading.owner,
        reason: heading.reason,
        legal_basis: heading.legal_basis,
        sunset: heading.sunset,
        centres: heading.centres,
    })
}

impl From<&Derived> for pb::IndicatorDefinition {
    fn from(derived: &Derived) -> pb::IndicatorDefinition {
        let coarser = derived.coarser_grains.iter();
        let sunset = derived.sunset.map(|day| day.to_string());
        pb::IndicatorDefinition {
            id: derived.id.0,
            code: derived.code.to_string(),
            revision: derived.revision.0,
            name_zh: derived.name.zh.clone(),
            name_en: derived.name.en.clone(),
            unit: derived.unit.clone(),
            base_grain: pb::Grain::from(derived.base_grain).into(),
            coarser_grains: coarser
                .map(|grain| pb::Grain::from(*grain).into())
                .collect(),
            breakdowns: derived.breakdowns.iter().map(ToString::to_string).collect(),
            direction: derived.direction as i32,
            owner: derived.owner.clone(),
            reason: derived.reason.clone(),
            sunset: sunset.unwrap_or_default(),
            centres: derived.centres.iter().map(ToString::to_string).collect(),
            formula: derived.formula.source().to_owned(),
            legal_basis: derived.legal_basis.clone().unwrap_or_default(),
            ..pb::IndicatorDefinition::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::catalogue::{InvalidCatalogue, Item};

    const FILES: [&str; 3] = [
        include_str!("../../../deploy/catalogue/first.toml"),
        include_str!("../../../deploy/catalogue/registers.toml"),
        include_str!("../../../deploy/catalogue/derived.toml"),
    ];

    fn with(changed: &[(&str, &str)]) -> Result<Catalogue, InvalidCatalogue> {
        let mut text = FILES.join("\n");
        for (before, after) in changed {
            assert!(text.contains(before), "{before}");
            text = text.replacen(before, after, 1);
        }
        Catalogue::from_toml(&text)
    }

    #[test]
    fn a_formula_is_held_against_the_definitions_that_it_names() {
        const PER_HOUSEHOLD: &str = "1000 * QS.R01@1 / CZY.O01.D@1";
        let refused = |formula: &str| {
            let mistakes = with(&[(PER_HOUSEHOLD, formula)]).unwrap_err();
            mistakes.0[0].text.clone()
        };
        for (formula, said) in [
            (
                "QS.R02@1",
                "column 1: QS.R02@1 is a ratio: write numerator(...)",
            ),
            (
                "QS.R03@1",
                "column 1: QS.R03@1 is a histogram: write observations(...)",
            ),
            ("QS.R01@2 / CZY.O01.D@1", "column 1: no indicator QS.R01@2"),
            (
                "QS.R01@1 / QS.K03@1",
                "column 12: QS.K03@1 is derived itself",
            ),
            (
                "CZY.O01.D@1 / QS.R01@1",
                "column 1: CZY.O01.D@1 has no breakdown \"category\"",
            ),
            ("QS.R01@1 / QH.X01@1", "column 12: QH.X01@1 is a ratio"),
            (
                "QS.R01@1 / denominator(QH.X01@1)",
                "column 24: QH.X01@1 is not answered by month",
            ),
        ] {
            let text = refused(formula);
            let wanted = format!("QS.R01.H: formula: {said}");
            assert!(text.starts_with(&wanted), "{formula}: {text}");
        }
        let whole = with(&[]).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let per_household = whole.derived_by_code("QS.R01.H", None).unwrap();
        assert_eq!(per_household.formula.source(), PER_HOUSEHOLD);
        assert_eq!(per_household.protection(&whole), Some(Protection::A));
    }

    #[test]
    fn a_derived_indicator_travels_and_is_never_rewritten() {
        let mut whole = with(&[]).unwrap();
        let item = Item::Derived(whole.derived_by_code("QS.K03", None).unwrap().clone());
        let back = Item::from_payload(item.kind(), &item.payload()).unwrap();
        assert_eq!(back, item);
        let Item::Derived(derived) = &item else {
            panic!()
        };
        let mut wire = pb::IndicatorDefinition::from(&**derived);
        wire.formula = "QS.K03.D@1 / QS.K03.N@1".into();
        let other = Item::from_definition(wire.clone()).unwrap();
        let refused = whole.take(other).unwrap_err().to_string();
        assert!(
            refused.contains("revision: differs from the published"),
            "{refused}"
        );
        wire.protection = 1;
        let refused = Item::from_definition(wire).unwrap_err().to_string();
        assert!(
            refused.contains("protection: not used by a formula"),
            "{refused}"
        );
    }

    #[test]
    fn a_file_may_derive_from_what_was_published_before() {
        let alone = Catalogue::from_toml(
            &FILES[2].replace("breakdowns = [\"category\", \"origin\"]", "breakdowns = []"),
        );
        assert_eq!(alone.unwrap().all_derived().count(), 3);
        let before = Catalogue::from_toml(FILES[0]).unwrap();
        let items: Vec<Item> = Catalogue::from_toml(FILES[2]).unwrap().items().collect();
        let refused = before.publish(items.clone()).unwrap_err();
        assert_eq!(refused.len(), 3, "the registers' indicators are not there");
        let registers = Catalogue::from_toml(FILES[1]).unwrap();
        let before = before.publish(registers.items().collect()).unwrap();
        assert_eq!(before.catalogue.publish(items).unwrap().changed.len(), 3);
    }
}
