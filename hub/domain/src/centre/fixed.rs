//! The nine centres that every district has: one that supports and eight that
//! specialise (1+8). Codes and Chinese names are the article's; what each is for
//! and reads to begin with is this system's default, which operators change.

use proto::identity::Label;

/// One of the nine, as it is before anybody changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixed {
    pub code: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub mandate_zh: &'static str,
    pub mandate_en: &'static str,
    /// Beginnings of the indicator codes that it reads.
    pub reads: &'static [&'static str],
}

pub const FIXED: [Fixed; 9] = [
    Fixed {
        code: "support",
        zh: "社区发展治理支持中心",
        en: "Community governance support centre",
        mandate_zh: "统筹八个专业中心，分派社区的支持请求",
        mandate_en: "Leads the eight others and routes what communities ask for",
        reads: &["*"],
    },
    Fixed {
        code: "community-building",
        zh: "社区营造支持中心",
        en: "Community building centre",
        mandate_zh: "社区营造：协商、园子、自组织、老旧小区改造",
        mandate_en: "Deliberation, gardens, self-organisation and renewal",
        reads: &["BBT.D", "CZY.", "TN.", "WJ.C", "WJ.G", "WJ.X"],
    },
    Fixed {
        code: "social-work",
        zh: "社会工作服务中心",
        en: "Social work centre",
        mandate_zh: "社会工作服务与志愿服务",
        mandate_en: "Social work and volunteering",
        reads: &["BBT.A", "BBT.V", "QS.A", "QS.V"],
    },
    Fixed {
        code: "care",
        zh: "社会关爱援助中心",
        en: "Social care centre",
        mandate_zh: "关爱与援助：困难、独居、急难",
        mandate_en: "Care and aid for those in need",
        reads: &["BBT.V", "QS.K"],
    },
    Fixed {
        code: "governance-training",
        zh: "社区发展治理实训中心",
        en: "Governance training centre",
        mandate_zh: "议事会和自治骨干的实训",
        mandate_en: "Trains councils and self-governance members",
        reads: &["BBT.D", "BBT.M", "CZY.M", "CZY.T", "QH.", "WJ.C", "WJ.T"],
    },
    Fixed {
        code: "social-worker-capacity",
        zh: "社工素能提升中心",
        en: "Social workers' capacity centre",
        mandate_zh: "社区工作者的素质和能力",
        mandate_en: "Skills of those who work in communities",
        reads: &["BBT.G", "QS.K", "QS.M", "WJ.T"],
    },
    Fixed {
        code: "incubation",
        zh: "社会组织双创中心",
        en: "Incubation centre",
        mandate_zh: "社会组织的孵化和微项目",
        mandate_en: "Incubates social organisations and small projects",
        reads: &["CZY.O", "QH.X", "WJ.X"],
    },
    Fixed {
        code: "civil-affairs-data",
        zh: "智慧民政信息中心",
        en: "Civil affairs data centre",
        mandate_zh: "民政数据：一数一源，一条线对下",
        mandate_en: "Civil affairs data: asked once, one line down",
        reads: &["*"],
    },
    Fixed {
        code: "elder-care-data",
        zh: "社区居家养老信息服务数据中心",
        en: "Elder care data centre",
        mandate_zh: "社区和居家养老",
        mandate_en: "Care for the elderly at home and in the community",
        reads: &["BBT.V", "QS.K", "WJ.G"],
    },
];

pub fn fixed(code: &Label) -> Option<&'static Fixed> {
    FIXED.iter().find(|fixed| fixed.code == code.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::centre::Group;
    use std::collections::BTreeSet;

    #[test]
    fn there_are_nine_with_sound_codes_and_groups() {
        let codes: BTreeSet<&str> = FIXED.iter().map(|fixed| fixed.code).collect();
        assert_eq!(codes.len(), 9);
        for of in &FIXED {
            let code: Label = of.code.parse().unwrap();
            assert_eq!(fixed(&code), Some(of));
            for group in of.reads {
                assert!(group.parse::<Group>().is_ok(), "{group}");
            }
            let chinese = |text: &str| text.chars().any(|c| c > '\u{4e00}');
            assert!(chinese(of.zh) && chinese(of.mandate_zh), "{}", of.code);
            assert!(!chinese(of.en) && !chinese(of.mandate_en), "{}", of.code);
        }
        assert_eq!(fixed(&"weather".parse().unwrap()), None);
    }
}
