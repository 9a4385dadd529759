//! What a bench says, what it must come to over the sample case's catalogue, and how the saying of it varies.
//!
//! The second page of 银行流水 (原告证据三) is on the screens, the plaintiff presents.

/// What the words must come to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Meant {
    /// A page of one of these documents: 原告证据三, or a title; and its page.
    Page(&'static [(&'static str, u32)]),
    /// The desk's own act.
    Desk(&'static str, i32),
    /// An act that waits for the key.
    Key(&'static str),
    /// One of these phrases is looked for.
    Find(&'static [&'static str]),
    /// These lie beside each other, or the one beside the page on the screens.
    Beside(&'static [(&'static str, u32)]),
    /// 记明: a line that begins so waits for the key.
    Note(&'static str),
    /// An article of a law.
    Statute(&'static str, &'static str),
    /// The case has no such thing: nothing opens.
    Nothing,
}

/// How words may be said: some are no order that one would add 请 or 吧 to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Order,
    Exclaimed,
}

use Manner::{Exclaimed, Order};
use Meant::{Beside, Desk, Find, Key, Note, Nothing, Page, Statute};

/// The spoken forms of the design notes, and their like.
pub(crate) const SAID: &[(Meant, Manner, &str)] = &[
    (Desk("turn", 1), Order, "下一页 往后翻 翻到下一页 往后翻一页"),
    (Desk("turn", -1), Order, "上一页 退回去 往前翻一页 翻到上一页"),
    (Desk("turn", 3), Order, "往后三页 往后翻三页"),
    (Desk("turn", -2), Order, "往前两页 退回两页"),
    (Desk("first", 0), Order, "首页 翻到第一页"),
    (Desk("last", 0), Order, "末页 最后一页 翻到最后一页"),
    (Page(&[("原告证据三", 17)]), Order, "倒数第二页 翻到倒数第二页"),
    (Page(&[("原告证据三", 12)]), Order, "翻到十二页 幺二页 第十二页 翻到第12页"),
    (Desk("back", 0), Order, "回到刚才那页 刚才那页"),
    (
        Page(&[("原告证据三", 1)]),
        Order,
        "出示原告证据三 原告第三份 打开原告证据三 原告三号证据 银行流水 打开银行流水 原告提交的证据三 证据三",
    ),
    (
        Page(&[("原告证据三", 2)]),
        Order,
        "原告证据三第二页 翻到原告证据三的第二页 银行流水第二页 证据三第二页 打开原告证据三，第二页",
    ),
    (Page(&[("原告证据三", 18)]), Order, "原告证据三最后一页 银行流水第十八页"),
    (Page(&[("被告证据三", 1)]), Order, "出示被告证据三 被告第三份证据 被告的微信聊天记录"),
    (Page(&[("被告证据三", 4)]), Order, "被告证据三第四页 翻到被告证据三最后一页"),
    (Page(&[("原告证据四", 1)]), Order, "下一份 下一组 下一份证据"),
    (Page(&[("原告证据二", 1)]), Order, "上一份 上一份证据"),
    (Desk("compare", 0), Order, "两份比对 放一起看 并排"),
    (Page(&[("原告证据二", 1)]), Order, "那张转账截图 转账凭证 出示转账凭证 原告证据二"),
    (Page(&[("原告证据一", 1), ("原告证据一", 7)]), Order, "借条 欠条 借据"),
    (Page(&[("原告证据一", 1)]), Order, "借款合同 打开借款合同 那份借款合同 原告证据一"),
    (Page(&[("原告证据一", 3)]), Order, "借款合同第三页 翻到借款合同第三页"),
    (Page(&[("原告证据四", 5)]), Order, "原告证据四第五页"),
    (Page(&[("原告证据五", 1)]), Order, "催款函 快递回执 原告证据五"),
    (Page(&[("被告证据一", 1)]), Order, "还款凭证 被告证据一"),
    (Page(&[("被告证据二", 1)]), Order, "现金收条 收条 被告证据二"),
    (Find(&["签字", "签名"]), Order, "签字那页 合同签字那页"),
    (Find(&["盖章", "公章"]), Order, "盖章页"),
    (Page(&[("原告证据一", 2)]), Order, "合同第七条 借款合同第七条 翻到合同第七条"),
    (Find(&["违约责任"]), Order, "违约责任那条 翻到违约责任那条"),
    (Find(&["诉讼请求"]), Order, "诉讼请求那段"),
    (Page(&[("民事答辩状", 1)]), Order, "答辩状 打开答辩状"),
    (Page(&[("民事起诉状", 1)]), Order, "起诉状 打开起诉状"),
    (Page(&[("庭前会议笔录", 1)]), Order, "上次笔录 庭前会议笔录 打开上次笔录"),
    (Page(&[("送达回证", 2)]), Order, "送达回证第二页"),
    (Nothing, Order, "第二组第三份 鉴定结论 原告证据九 借款合同第九页 被告证据四 第五十页"),
    (Find(&["违约金"]), Order, "找违约金 找一下违约金 搜索违约金"),
    (Find(&["违约金"]), Exclaimed, "哪儿写了违约金 哪里写了违约金 违约金在哪儿"),
    (Desk("nextHit", 0), Exclaimed, "下一处 还有吗"),
    (Find(&["五万", "五万元"]), Order, "五万那笔"),
    (Find(&["伍万元"]), Order, "伍万元 找伍万元"),
    (Find(&["三月五号", "3月5号"]), Order, "三月五号那笔"),
    (Desk("zoomIn", 0), Order, "放大 放大一点 放大公章"),
    (Desk("zoomIn", 0), Exclaimed, "看不清"),
    (Desk("zoomOut", 0), Order, "缩小 缩小一点"),
    (Desk("fit", 0), Order, "恢复 恢复原样"),
    (Desk("rotate", 0), Order, "转过来 横过来 旋转一下"),
    (Desk("mark", 0), Order, "划出来 标一下"),
    (Desk("undoMark", 0), Order, "擦掉标注"),
    (Desk("clearMarks", 0), Order, "清除标注"),
    (Desk("show", 0), Order, "投屏 大家看屏幕 投到大屏"),
    (Desk("hide", 0), Order, "收屏 只给我看"),
    (Desk("lock", 0), Order, "锁定画面 都别动"),
    (Desk("unlock", 0), Order, "解除锁定 取消锁定"),
    (Desk("giveToPlaintiff", 0), Order, "由原告操作 让原告操作"),
    (Desk("giveToDefendant", 0), Order, "由被告操作 让被告操作"),
    (Desk("takeBack", 0), Order, "收回 收回操作权"),
    (Note(""), Order, "记明 记录在案"),
    (Note("被告当庭"), Order, "记明被告当庭认可收到借款"),
    (Desk("replayLast", 0), Order, "回放刚才那句"),
    (Statute("民法典", "675"), Order, "民法典六百七十五条 民法典第六百七十五条"),
    (Statute("民法典", "680"), Order, "民法典第六百八十条"),
    (Statute("民事诉讼法", "67"), Order, "民事诉讼法第六十七条 民诉法六十七条"),
    (
        Beside(&[("原告证据一", 1), ("被告证据二", 1)]),
        Order,
        "把借款合同和现金收条放一起看 借款合同和收条比对",
    ),
    (Beside(&[("被告证据一", 1)]), Order, "和被告证据一比对 和还款凭证比对"),
    (Desk("undo", 0), Exclaimed, "撤销 不对 错了"),
    (Key("recess"), Order, "休庭 现在休庭 宣布休庭"),
    (Key("close"), Order, "闭庭 现在闭庭"),
    (Key("resume"), Order, "继续开庭"),
    (Key("judgment"), Order, "宣判 现在宣判"),
];

/// The form as it is and with what people put round it.
pub(crate) fn variants(form: &str, manner: Manner) -> Vec<String> {
    let round: &[(&str, &str)] = match manner {
        Order => &[("", ""), ("", "。"), ("请", ""), ("请书记员", ""), ("好，", ""), ("", "吧")],
        Exclaimed => &[("", ""), ("", "。"), ("嗯，", "")],
    };
    round.iter().map(|(before, after)| format!("{before}{form}{after}")).collect()
}
