//! The columns of a register's workbook: which a register has, what they are
//! called, and what a person is told about them. Knows no file and no value.

use node_domain::registers::{Form, Rules};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Title,
    Name,
    Phone,
    Address,
    Text,
    Group,
    Grid,
    Area,
    Unit,
    From,
    Until,
    Consented,
    Stage,
}

/// Key, Chinese and English heading, Chinese and English hint.
type Words = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

impl Column {
    /// Those of a register, in the order of the sheet.
    pub fn of(rules: &Rules) -> Vec<Column> {
        let is_private = rules.form.is_private();
        let mut columns = match is_private {
            true => vec![Column::Name, Column::Phone, Column::Address],
            false => vec![Column::Title],
        };
        let more = [
            (Column::Group, !rules.groups.is_empty()),
            (Column::Grid, true),
            (Column::Area, rules.form != Form::Person),
            (Column::Unit, rules.form == Form::Household),
            (Column::From, true),
            (Column::Until, rules.longest_term_days > 0),
            (Column::Consented, rules.needs_consent),
            (Column::Stage, rules.stages.len() > 1),
            (Column::Text, is_private),
        ];
        columns.extend(more.into_iter().filter(|(_, has)| *has).map(|(one, _)| one));
        columns
    }

    /// Whether a row without it cannot be taken.
    pub fn is_needed(self, rules: &Rules) -> bool {
        match self {
            Column::Title | Column::Name | Column::Consented => true,
            Column::Address => rules.form == Form::Household,
            Column::Until => rules.longest_term_days > 0,
            _ => false,
        }
    }

    /// As requests and refusals name the field.
    pub fn key(self) -> &'static str {
        self.words().0
    }

    pub fn zh(self) -> &'static str {
        self.words().1
    }

    pub fn en(self) -> &'static str {
        self.words().2
    }

    pub fn hint(self) -> (&'static str, &'static str) {
        let words = self.words();
        (words.3, words.4)
    }

    /// The last part of a field's path decides: `personal.phone`.
    pub fn of_field(field: &str) -> Option<Column> {
        let last = field.rsplit('.').next()?;
        Column::ALL.into_iter().find(|column| column.key() == last)
    }

    pub const ALL: [Column; 13] = [
        Column::Title,
        Column::Name,
        Column::Phone,
        Column::Address,
        Column::Text,
        Column::Group,
        Column::Grid,
        Column::Area,
        Column::Unit,
        Column::From,
        Column::Until,
        Column::Consented,
        Column::Stage,
    ];

    fn words(self) -> Words {
        match self {
            Column::Title => (
                "title",
                "名称",
                "Title",
                "1 至 64 字；不写居民姓名",
                "1 to 64 characters; no resident's name",
            ),
            Column::Name => ("name", "姓名", "Name", "1 至 64 字", "1 to 64 characters"),
            Column::Phone => (
                "phone",
                "电话",
                "Phone",
                "最多 40 字；不填身份证号码",
                "at most 40 characters; no ID card number",
            ),
            Column::Address => (
                "address",
                "住址",
                "Address",
                "最多 200 字",
                "at most 200 characters",
            ),
            Column::Text => (
                "text",
                "备注",
                "Notes",
                "最多 4000 字；与姓名一样加密保存",
                "at most 4000 characters; encrypted like the name",
            ),
            Column::Group => (
                "group",
                "类别",
                "Group",
                "从下拉表选",
                "choose from the list",
            ),
            Column::Grid => (
                "grid",
                "网格",
                "Grid",
                "三位数字，001 至 999",
                "three digits, 001 to 999",
            ),
            Column::Area => (
                "area",
                "楼栋单元",
                "Area",
                "代码：小写字母、数字、连字符，例如 3-2",
                "a code of a-z, 0-9 and '-', for example 3-2",
            ),
            Column::Unit => (
                "unit",
                "面积（平方米）",
                "Floor area (m²)",
                "最多两位小数",
                "at most two decimals",
            ),
            Column::From => (
                "from_day",
                "开始日期",
                "From",
                "如 2026-03-01；空着为今天",
                "2026-03-01; today when empty",
            ),
            Column::Until => (
                "until_day",
                "结束日期",
                "Until",
                "任期的最后一天",
                "the last day of the term",
            ),
            Column::Consented => (
                "consented_on",
                "本人同意日期",
                "Consented on",
                "本人同意登记的日期",
                "when the person agreed to be listed",
            ),
            Column::Stage => (
                "stage",
                "状态",
                "Stage",
                "从下拉表选；空着为第一个",
                "choose from the list; the first when empty",
            ),
        }
    }
}
