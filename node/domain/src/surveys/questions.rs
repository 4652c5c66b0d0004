//! Questions, and answers to them as whole numbers: which choice, which choices,
//! how many. Knows no household.

use serde::{Deserialize, Serialize};

use crate::code::Name;
use crate::words::Words;

pub const MOST_QUESTIONS: usize = 60;
/// As many as a mark of several has bits.
pub const MOST_CHOICES: usize = 30;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub text: Words,
    pub form: Form,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Form {
    One(Vec<Choice>),
    /// At most so many of them.
    Several(Vec<Choice>, u8),
    /// A whole number up to this one.
    Number(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub text: Name,
    /// Whose business it is when a household chooses it (职能部门).
    pub department: Option<Name>,
}

/// What a household answered to one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mark {
    Nothing,
    /// From 0.
    One(u8),
    /// A bit for each choice.
    Several(u32),
    Number(u32),
}

/// A question's answers over all households.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Households that answered it.
    pub answered: u32,
    /// Per choice; of a number none.
    pub chosen: Vec<u32>,
    /// Of numbers.
    pub sum: u64,
}

impl Form {
    pub fn choices(&self) -> &[Choice] {
        match self {
            Form::One(choices) | Form::Several(choices, _) => choices,
            Form::Number(_) => &[],
        }
    }

    /// Whether it can be asked: one choice is no question.
    pub fn is_sound(&self) -> bool {
        let sized = |choices: &[Choice]| (2..=MOST_CHOICES).contains(&choices.len());
        match self {
            Form::One(choices) => sized(choices),
            Form::Several(choices, most) => {
                sized(choices) && (1..=choices.len()).contains(&usize::from(*most))
            }
            Form::Number(most) => *most > 0,
        }
    }

    /// Whether it can be answered so.
    pub fn takes(&self, mark: Mark) -> bool {
        match (self, mark) {
            (_, Mark::Nothing) => true,
            (Form::One(choices), Mark::One(at)) => usize::from(at) < choices.len(),
            (Form::Several(choices, most), Mark::Several(bits)) => {
                bits != 0 && bits.count_ones() <= u32::from(*most) && (bits >> choices.len()) == 0
            }
            (Form::Number(most), Mark::Number(number)) => number <= *most,
            _ => false,
        }
    }
}

/// Each question's answers over all sheets.
pub fn totals<'a>(
    questions: &[Question],
    sheets: impl Iterator<Item = &'a Vec<Mark>>,
) -> Vec<Total> {
    let empty = |question: &Question| Total {
        chosen: vec![0; question.form.choices().len()],
        ..Total::default()
    };
    let mut totals: Vec<Total> = questions.iter().map(empty).collect();
    for sheet in sheets {
        for (total, mark) in totals.iter_mut().zip(sheet) {
            total.take(*mark);
        }
    }
    totals
}

impl Total {
    fn take(&mut self, mark: Mark) {
        match mark {
            Mark::Nothing => return,
            Mark::One(at) => {
                if let Some(chosen) = self.chosen.get_mut(usize::from(at)) {
                    *chosen += 1;
                }
            }
            Mark::Several(bits) => {
                for (at, chosen) in self.chosen.iter_mut().enumerate() {
                    *chosen += bits >> at & 1;
                }
            }
            Mark::Number(number) => self.sum += u64::from(number),
        }
        self.answered += 1;
    }
}
