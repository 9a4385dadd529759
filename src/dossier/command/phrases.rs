//! What is said the same way in every case: turning, the desk's own acts, the acts that wait for a key.

use std::sync::LazyLock;

use protocol::wire::CommandOutcome;

use super::hearing::{Tok, at_end, at_front, distance, numbers, phrase};

/// An outcome and the ways to say it, separated by spaces.
type Said = (Act, &'static str);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Desk(&'static str, i32),
    Prefilled(&'static str),
    /// The next or previous document of the catalogue.
    Neighbour(i32),
    /// The next or previous group of evidence.
    Group(i32),
    /// 记明 without what: to be written.
    Note,
}

const SAID: &[Said] = &[
    (
        Act::Desk("turn", 1),
        "下一页 往后翻 翻页 往下翻 后一页 下页 翻一页 再翻一页 往后一页 往后 翻过去 下一张 接着翻 往后翻一页",
    ),
    (
        Act::Desk("turn", -1),
        "上一页 退回去 往前翻 前一页 上页 往回翻 翻回去 往前 往前一页 退一页 往回 往前翻一页 退回一页 退回上一页",
    ),
    (Act::Desk("first", 0), "首页 第一页 头一页 最前面 最前一页 最前面一页"),
    (Act::Desk("last", 0), "末页 最后一页 尾页 最后面 最后那页 最末页"),
    (
        Act::Desk("back", 0),
        "回到刚才那页 刚才那页 刚才那一页 刚才的页 返回 回去 回到刚才 回到刚才那一页 刚刚那页 回到刚刚那页",
    ),
    (Act::Desk("nextHit", 0), "下一处 还有吗 还有没有 下一个 还有哪里 再下一处 别处还有吗 后面还有吗"),
    (Act::Desk("previousHit", 0), "上一处 上一个 前一处"),
    (
        Act::Desk("zoomIn", 0),
        "放大 看不清 放大一点 再放大 再大一点 大一点 放大些 放大公章 看不清楚 字太小 字太小了 太小了 看不见",
    ),
    (Act::Desk("zoomOut", 0), "缩小 小一点 缩小一点 再小一点 缩小些 再缩小"),
    (Act::Desk("fit", 0), "恢复 恢复原样 恢复大小 整页 看整页 适合宽度 原来大小 恢复原来大小 还原 显示整页"),
    (
        Act::Desk("rotate", 0),
        "转过来 横过来 旋转 转一下 竖过来 倒过来 正过来 旋转一下 转个方向 转九十度 转正",
    ),
    (
        Act::Desk("show", 0),
        "投屏 大家看屏幕 投到大屏 投上去 上屏 投到屏幕上 投到大屏幕 公开展示 请看屏幕 展示给大家 投出来 给大家看",
    ),
    (
        Act::Desk("hide", 0),
        "收屏 只给我看 撤屏 关屏 下屏 收起屏幕 关掉屏幕 只我看 不要投屏 取消投屏 停止投屏",
    ),
    (Act::Desk("unlock", 0), "解锁 解锁画面 解除锁定 取消锁定 放开画面 画面解锁"),
    (Act::Desk("lock", 0), "锁定 锁定画面 都别动 锁屏 锁住画面 别动 谁都别动 画面锁定 锁住"),
    (Act::Desk("takeBack", 0), "收回 收回操作 收回控制 收回权限 收回操作权 收回控制权 我来操作 由我操作"),
    (Act::Desk("undo", 0), "撤销 不对 错了 撤回 弄错了 搞错了 不是这个 不是这页 不是这一页 翻错了"),
    (
        Act::Desk("clearMarks", 0),
        "清除标注 清除标记 清掉标注 清掉标记 清除所有标注 清除全部标注 标注全部清除 擦干净",
    ),
    (Act::Desk("undoMark", 0), "撤销标注 去掉标注 取消标注 擦掉 擦掉标注 撤销标记 取消标记"),
    (
        Act::Prefilled("recess"),
        "休庭 宣布休庭 暂时休庭 先休庭 现在休庭 休庭十分钟 休庭半小时 休庭合议 现在宣布休庭 本庭宣布休庭",
    ),
    (Act::Prefilled("close"), "闭庭 宣布闭庭 现在闭庭 本次庭审结束 庭审结束 现在宣布闭庭 闭庭了"),
    (Act::Prefilled("resume"), "继续开庭 恢复开庭 恢复庭审 继续庭审 现在继续开庭 现在恢复开庭"),
    (Act::Prefilled("open"), "开庭 现在开庭 宣布开庭 现在宣布开庭"),
    (
        Act::Prefilled("judgment"),
        "宣判 宣布判决 当庭宣判 现在宣判 定期宣判 进行宣判 宣告判决 现在宣布判决 现在宣告判决 开始宣判",
    ),
    (Act::Neighbour(1), "下一份 下一份证据 后一份 下一份材料 下一个证据 下一个材料"),
    (Act::Neighbour(-1), "上一份 上一份证据 前一份 上一份材料 上一个证据 上一个材料"),
    (Act::Group(1), "下一组 下一组证据 后一组 后一组证据"),
    (Act::Group(-1), "上一组 上一组证据 前一组 前一组证据"),
    (
        Act::Desk("compare", 0),
        "两份比对 放一起看 并排 对比一下 比对 比对一下 两份对比 两份放一起看 放在一起看 并排看 并排显示 对照一下 两份对照 两份一起看 做个比对 两份材料比对 两份证据比对 \
      这两份比对一下 把两份放在一起",
    ),
    (
        Act::Desk("endCompare", 0),
        "结束比对 退出比对 取消比对 不比对了 关掉比对 结束对比 取消对比 退出对比 只看一份",
    ),
    (Act::Note, "记明 记录在案 记入笔录 记录下来 记下来 写进笔录 书记员记明 书记员记录在案 记一下"),
    (
        Act::Desk("replayLast", 0),
        "回放刚才那句 回放上一句 回放刚才那句话 刚才那句再放一遍 再放一遍 重放一遍 重放刚才那句 播放刚才那句 听一下刚才那句 再听一遍 回放一下 回放 刚才说的再放一遍 放一下刚才那句",
    ),
    (
        Act::Desk("mark", 0),
        "划出来 标一下 标出来 标注一下 划线 划一下 画出来 画一下 标记一下 标红 高亮 高亮一下 标上 把这里划出来 把这里标一下 把这句划出来",
    ),
    (Act::Desk("giveToPlaintiff", 0), GIVE_TO_PLAINTIFF),
    (Act::Desk("giveToDefendant", 0), GIVE_TO_DEFENDANT),
    (Act::Desk("giveToThirdParty", 0), GIVE_TO_THIRD_PARTY),
];

const GIVE_TO_PLAINTIFF: &str = "由原告操作 让原告操作 交给原告操作 请原告操作 原告来操作 原告操作 由原告展示 让原告展示 由原告出示 给原告操作 由原告方操作 \
    由原告代理人操作 交给原告 控制权给原告";
const GIVE_TO_DEFENDANT: &str = "由被告操作 让被告操作 交给被告操作 请被告操作 被告来操作 被告操作 由被告展示 让被告展示 由被告出示 给被告操作 由被告方操作 \
    由被告代理人操作 交给被告 控制权给被告";
const GIVE_TO_THIRD_PARTY: &str = "由第三人操作 让第三人操作 交给第三人操作 请第三人操作 第三人操作";

/// A fixed phrase, as found in what was heard.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fixed {
    Outcome(CommandOutcome),
    Neighbour(i32),
    Group(i32),
}

/// The fixed phrase nearest to the whole of `heard`, with its cost. Of two equally near the one written first.
pub(super) fn fixed(heard: &[Tok]) -> Option<(f32, Fixed)> {
    static PHRASES: LazyLock<Vec<(Act, Vec<Tok>)>> = LazyLock::new(|| {
        let ways =
            |&(act, said): &Said| said.split(' ').map(move |way| (act, phrase(way))).collect::<Vec<_>>();
        SAID.iter().flat_map(ways).collect()
    });
    let near = PHRASES.iter().filter_map(|(act, said)| Some((distance(heard, said)?, *act)));
    let best = near.reduce(|a, b| if b.0 < a.0 { b } else { a });
    let turned = turn_by(heard).map(|(cost, by)| (cost, Act::Desk("turn", by)));
    let (cost, act) = match (best, turned) {
        (Some(best), Some(turned)) if turned.0 <= best.0 => turned,
        (best, turned) => best.or(turned)?,
    };
    let outcome = match act {
        Act::Desk(act, amount) => Fixed::Outcome(CommandOutcome::Desk { act: act.to_owned(), amount }),
        Act::Prefilled(act) => Fixed::Outcome(CommandOutcome::Prefilled { act: act.to_owned() }),
        Act::Neighbour(by) => Fixed::Neighbour(by),
        Act::Group(by) => Fixed::Group(by),
        Act::Note => Fixed::Outcome(super::note::line("")),
    };
    Some((cost, outcome))
}

/// 往后三页, 往前翻两页, 再翻五页.
fn turn_by(heard: &[Tok]) -> Option<(f32, i32)> {
    static LEADS: LazyLock<Vec<(i32, Vec<Tok>)>> = LazyLock::new(|| {
        let forward = "往后翻 向后翻 往下翻 往后 向后 后翻 再翻 往下".split(' ').map(|w| (1, phrase(w)));
        let backward =
            "往前翻 向前翻 往回翻 往前 向前 前翻 退回 后退 往回 回退".split(' ').map(|w| (-1, phrase(w)));
        forward.chain(backward).collect()
    });
    static PAGE: LazyLock<Vec<Tok>> = LazyLock::new(|| phrase("页"));
    let (last, front) = heard.split_last()?;
    let page = last.differs(&PAGE[0]);
    if page >= 0.5 {
        return None;
    }
    let way = LEADS.iter().filter_map(|(sign, lead)| {
        let cost = at_front(front, lead)?;
        let [number] = numbers(&front[lead.len()..])[..] else { return None };
        Some((cost + page, sign * i32::try_from(number).ok().filter(|n| (1..=500).contains(n))?))
    });
    way.reduce(|a, b| if b.0 < a.0 { b } else { a })
}

const PREFIXES: &str = "把它 它 把这个 这个 那份 这份 那张 把这页 把这一页 这页 这一页 请 请书记员 书记员 麻烦 麻烦你 劳烦 帮我 帮忙 请帮我 请把 请将 把 将 看 看一下 看看 请看 我看 我看一下 \
    我要看 我想看 我们看 我们来看 大家看 接下来 现在 那个 那 嗯 呃 好 好的 再 先 你 给我 法警 给我看 来 把那个 那么 让我看 再看 现在看 我们看一下 请大家看";
const VERBS: &str = "翻到 翻开 翻至 打开 调出 调取 出示 展示 显示 切到 切换到 转到 跳到 跳转到 回到 看到 拿出 找到 调到 \
    进入 去 到 打开那个 翻 切换 宣读 查看 投出 投影 展示一下 出示一下 打开一下 调一下 翻回 翻回到 回看 定位到 翻阅 调阅";
const SUFFIXES: &str = "吧 啊 呢 了 一下 看一下 看看 给大家看看 给大家看 拿出来 调出来 打开 翻出来 出来 谢谢 好吗 可以吗 行吗 看 打开看看 给我看看 给我看一下 放出来 出示一下 展示一下";

/// What is taken off the front may be part of a phrase that is looked for: 到期日, 再审.
pub(super) fn surely_lead(taken: &[Tok]) -> bool {
    taken.is_empty() || taken.len() > 1 || taken[0].c == '请' || taken[0].c == '看'
}

/// Where the words of a command may begin once 请书记员, 翻到 and their like are taken off; with the cost of doing so.
pub(super) fn beginnings(heard: &[Tok]) -> Vec<(usize, f32)> {
    static LEADS: LazyLock<Vec<Vec<Tok>>> =
        LazyLock::new(|| PREFIXES.split_whitespace().chain(VERBS.split_whitespace()).map(phrase).collect());
    let mut out: Vec<(usize, f32)> = vec![(0, 0.0)];
    let mut at = 0;
    while let Some(&(from, cost)) = out.get(at) {
        at += 1;
        for lead in LEADS.iter() {
            let Some(more) = at_front(&heard[from..], lead) else { continue };
            let to = from + lead.len();
            let reached = cost + more;
            match out.iter_mut().find(|(o, _)| *o == to) {
                Some(known) => known.1 = known.1.min(reached),
                None if to < heard.len() => out.push((to, reached)),
                None => {}
            }
        }
    }
    out.sort_by_key(|&(from, _)| from);
    out
}

/// Where the words of a command may end once 吧, 看一下 and their like are taken off.
pub(super) fn endings(heard: &[Tok]) -> Vec<(usize, f32)> {
    static TAILS: LazyLock<Vec<Vec<Tok>>> =
        LazyLock::new(|| SUFFIXES.split_whitespace().map(phrase).collect());
    let mut out = vec![(heard.len(), 0.0)];
    let mut at = 0;
    while let Some(&(to, cost)) = out.get(at).filter(|_| at < 6) {
        at += 1;
        for tail in TAILS.iter() {
            let Some(more) = at_end(&heard[..to], tail) else { continue };
            let end = to - tail.len();
            if end > 0 && out.iter().all(|&(o, _)| o != end) {
                out.push((end, cost + more));
            }
        }
    }
    out
}
