//! The words a template may use, and in which block.

/// Words of one block: texts for `{词}`, lists for `{每 词}`, whose items have words of their own.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) texts: &'static [&'static str],
    pub(crate) lists: &'static [(&'static str, &'static Scope)],
}

const PERSON: Scope = Scope {
    texts: &["称谓", "姓名", "被代理人", "代理权限", "到庭", "签名情况"],
    lists: &[],
};
const LINE: Scope = Scope {
    texts: &["简称", "发言人", "时间", "内容", "行号", "更正", "不公开"],
    lists: &[],
};
const VIEWS: Scope =
    Scope { texts: &["方", "真实性", "合法性", "关联性", "对证明目的", "理由"], lists: &[] };
const EVIDENCE: Scope = Scope {
    texts: &["证据号", "提供方", "证据组", "名称", "来源", "证明目的", "出示时间", "原件", "意见"],
    lists: &[("质证方", &VIEWS)],
};
const GAP: Scope = Scope { texts: GAP_TEXTS, lists: &[] };
const GAP_TEXTS: &[&str] =
    &["中断号", "中断起", "中断止", "中断时长", "中断事由", "中断备注", "情况说明", "审核人"];
const CURTAIN: Scope = Scope {
    texts: &["不公开起", "不公开止", "不公开事由", "宣布不公开", "宣布恢复"],
    lists: &[],
};
const CORRECTION: Scope = Scope {
    texts: &[
        "申请号",
        "申请人",
        "申请时间",
        "发言人",
        "笔录行",
        "原文",
        "申请改为",
        "申请理由",
        "处理",
        "处理人",
        "理由",
    ],
    lists: &[],
};

const TURN: Scope = Scope { texts: &["称谓", "姓名", "发言内容"], lists: &[] };
const QUESTION: Scope = Scope {
    texts: &["议题号", "议题", "议题性质", "表决选项", "表决结论"],
    lists: &[("表决人", &VOTE)],
};
const VOTE: Scope =
    Scope { texts: &["称谓", "姓名", "表决意见", "表决理由", "少数意见"], lists: &[] };

/// Everywhere.
pub(crate) const EVERYWHERE: Scope = Scope {
    texts: &[
        "法院",
        "案号",
        "案由",
        "程序",
        "次数",
        "地点",
        "公开",
        "公开方式",
        "开庭日期",
        "开始时间",
        "结束时间",
        "审判长",
        "审判人员",
        "书记员",
        "原告",
        "被告",
        "第三人",
        "记录方式",
        "校验值",
        "替代校验值",
        "打印时间",
        "会议",
        "会议名",
        "主持人",
        "汇报人",
        "记录人",
        "评议成员",
        "提交审委会",
    ],
    lists: &[
        ("审判席", &PERSON),
        ("到庭人员", &PERSON),
        ("签名人员", &PERSON),
        ("审判签名", &PERSON),
        ("书记员签名", &PERSON),
        ("笔录", &LINE),
        ("证据", &EVIDENCE),
        ("中断", &GAP),
        ("不公开", &CURTAIN),
        ("补正申请", &CORRECTION),
        ("参加人", &PERSON),
        ("发言顺序", &TURN),
        ("表决", &QUESTION),
    ],
};

/// In 情况说明 besides: the gap it is about.
pub(crate) const ABOUT_A_GAP: Scope = Scope { texts: GAP_TEXTS, lists: &[] };

/// The scopes at a place of a template, innermost last.
#[derive(Debug, Clone)]
pub(crate) struct Scopes(Vec<&'static Scope>);

impl Scopes {
    pub(crate) fn top(about_a_gap: bool) -> Self {
        let mut scopes = vec![&EVERYWHERE];
        if about_a_gap {
            scopes.push(&ABOUT_A_GAP);
        }
        Self(scopes)
    }

    pub(crate) fn text(&self, word: &str) -> bool {
        self.0.iter().any(|s| s.texts.contains(&word))
    }

    pub(crate) fn list(&self, word: &str) -> Option<&'static Scope> {
        self.0.iter().rev().find_map(|s| s.lists.iter().find(|(name, _)| *name == word).map(|(_, s)| *s))
    }

    pub(crate) fn inside(&self, scope: &'static Scope) -> Self {
        let mut scopes = self.0.clone();
        scopes.push(scope);
        Self(scopes)
    }

    /// Every word that is known here, for a fault's remedy.
    pub(crate) fn texts(&self) -> String {
        self.0.iter().flat_map(|s| s.texts).copied().collect::<Vec<_>>().join("、")
    }

    pub(crate) fn lists(&self) -> String {
        self.0.iter().flat_map(|s| s.lists).map(|(name, _)| *name).collect::<Vec<_>>().join("、")
    }
}

/// All words, for a person who changes a template: one line a block.
#[must_use]
pub fn template_words() -> String {
    fn tell(out: &mut String, name: &str, scope: &Scope) {
        out.push_str(&format!("{name}：{}\n", scope.texts.join("、")));
        for (list, inner) in scope.lists {
            tell(out, &format!("{{每 {list}}} 之内另有"), inner);
        }
    }
    let mut out = String::new();
    tell(&mut out, "各处可用", &EVERYWHERE);
    tell(&mut out, "情况说明另有", &ABOUT_A_GAP);
    out
}
