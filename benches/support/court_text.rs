//! Pages of invented cases, from a seed: pleadings, contracts, minutes, chats, statements of account. Every case has its own
//! parties, goods and sums, so that a phrase is common or rare in it as in a real dossier.

use model::{CaseId, DocId, PageRef};
use text::numeral::to_chinese;

/// Numbers that follow from a seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// Below `n`, which is not zero.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    pub(crate) fn chance(&mut self, of_hundred: usize) -> bool {
        self.below(100) < of_hundred
    }

    fn word(&mut self, words: &'static str) -> &'static str {
        let n = words.split_whitespace().count();
        words.split_whitespace().nth(self.below(n)).unwrap_or_default()
    }

    fn letter(&mut self, letters: &'static str) -> char {
        let n = letters.chars().count();
        letters.chars().nth(self.below(n)).unwrap_or_default()
    }
}

/// One invented case.
pub(crate) struct InventedCase {
    pub(crate) id: CaseId,
    pub(crate) pages: Vec<(PageRef, String)>,
}

/// Pages of the largest case.
const CASE_PAGES_MAX: usize = 1_000;
const CASE_PAGES_MIN: usize = 40;
/// Characters of a line and lines of a page.
const LINE: usize = 30;
const LINES: usize = 17;

/// Sizes of cases that come to `pages` in all: one of a thousand pages, many small ones, some large.
pub(crate) fn sizes(pages: usize) -> Vec<usize> {
    let mut random = Random::new(41);
    let mut out = vec![CASE_PAGES_MAX.min(pages)];
    let mut left = pages - out[0];
    let spread = (CASE_PAGES_MAX as f64 / CASE_PAGES_MIN as f64).ln();
    while left > 0 {
        let size = CASE_PAGES_MIN as f64 * (spread * random.below(1_000) as f64 / 1_000.0).exp();
        let size = (size as usize).min(left);
        out.push(size);
        left -= size;
    }
    out
}

/// The `number`th case, of `size` pages; always the same.
pub(crate) fn case(number: usize, size: usize) -> InventedCase {
    let mut random = Random::new(1_000_003 + number as u64);
    let cast = Cast::new(&mut random);
    let mut pages = Vec::with_capacity(size);
    let mut doc = 0;
    while pages.len() < size {
        doc += 1;
        let kind = KINDS[if doc <= 2 { 0 } else { random.below(KINDS.len()) }];
        let long = if random.chance(10) { 60 } else { 12 };
        let length = (1 + random.below(long)).min(size - pages.len());
        let id = DocId::new(format!("d{doc:03}")).expect("a letter and digits");
        pages.extend((1..=length as u32).map(|page| {
            let text = page_text(&mut random, &cast, kind);
            (PageRef { doc: id.clone(), page }, text)
        }));
    }
    InventedCase { id: CaseId::new(format!("c{number:05}")).expect("a letter and digits"), pages }
}

/// Who and what a case is about.
struct Cast {
    plaintiff: String,
    defendant: String,
    people: Vec<String>,
    companies: Vec<String>,
    goods: Vec<&'static str>,
    places: Vec<String>,
    sums: Vec<usize>,
    year: usize,
}

impl Cast {
    fn new(random: &mut Random) -> Self {
        let company = |r: &mut Random| {
            format!("{}{}{}{}有限公司", r.word(TOWNS), r.letter(GIVEN), r.letter(GIVEN), r.word(TRADES))
        };
        Self {
            plaintiff: person(random),
            defendant: person(random),
            people: (0..12).map(|_| person(random)).collect(),
            companies: (0..5).map(|_| company(random)).collect(),
            goods: (0..8).map(|_| random.word(GOODS)).collect(),
            places: (0..6).map(|_| place(random)).collect(),
            sums: (0..9)
                .map(|_| (1 + random.below(400)) * [100, 1_000, 5_000, 10_000][random.below(4)])
                .collect(),
            year: 2015 + random.below(10),
        }
    }

    fn fill(&self, slot: &str, r: &mut Random) -> String {
        match slot {
            "原" => self.plaintiff.clone(),
            "被" => self.defendant.clone(),
            "人" => self.people[r.below(self.people.len())].clone(),
            "司" => self.companies[r.below(self.companies.len())].clone(),
            "货" => self.goods[r.below(self.goods.len())].to_owned(),
            "处" => self.places[r.below(self.places.len())].clone(),
            "额" => amount(self.sums[r.below(self.sums.len())], r),
            "日" => date(self.year, r),
            "数" => (2 + r.below(480)).to_string(),
            "序" => to_chinese(1 + r.below(40) as u64),
            "因" => r.word(REASONS).to_owned(),
            "为" => r.word(ACTS).to_owned(),
            "词" => r.word(TERMS).to_owned(),
            "状" => r.word(STATES).to_owned(),
            "法" => format!("{}第{}条", r.word(LAWS), to_chinese(1 + r.below(1_200) as u64)),
            other => other.to_owned(),
        }
    }
}

fn person(r: &mut Random) -> String {
    let mut name = r.letter(SURNAMES).to_string();
    (0..if r.chance(80) { 2 } else { 1 }).for_each(|_| name.push(r.letter(GIVEN)));
    name
}

fn place(r: &mut Random) -> String {
    let (town, a, b, road) = (r.word(TOWNS), r.letter(GIVEN), r.letter(GIVEN), r.word("路 街 大道 巷 新村"));
    format!("{town}{a}{b}{road}{}号", 1 + r.below(380))
}

fn amount(yuan: usize, r: &mut Random) -> String {
    match r.below(3) {
        0 => format!("{}元", to_chinese(yuan as u64)),
        1 => format!("{}元", thousands(yuan)),
        _ => format!("人民币{yuan}元"),
    }
}

fn thousands(yuan: usize) -> String {
    let digits = yuan.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{out}.00")
}

fn date(year: usize, r: &mut Random) -> String {
    let (year, month, day) = (year + r.below(3), 1 + r.below(12), 1 + r.below(28));
    match r.below(4) {
        0 => format!("{month}月{day}日"),
        _ => format!("{year}年{month}月{day}日"),
    }
}

fn page_text(random: &mut Random, cast: &Cast, kind: &'static str) -> String {
    let mut letters: Vec<char> = Vec::with_capacity(LINE * LINES + 60);
    while letters.len() < LINE * LINES {
        let sentence = kind.lines().map(str::trim).filter(|l| !l.is_empty());
        let count = sentence.clone().count();
        let sentence = sentence.clone().nth(random.below(count)).unwrap_or_default();
        for (at, part) in sentence.split(['{', '}']).enumerate() {
            let filled = if at % 2 == 1 { cast.fill(part, random) } else { part.to_owned() };
            letters.extend(filled.chars());
        }
    }
    letters.truncate(LINE * LINES);
    letters.chunks(LINE).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join("\n")
}

const KINDS: &[&str] = &[PLEADING, CONTRACT, MINUTES, CHAT, LETTER, STATEMENT];

const PLEADING: &str = "
    判令被告{被}立即向原告{原}支付{货}款{额}，并自{日}起按照全国银行间同业拆借中心公布的贷款市场报价利率计算逾期付款损失。
    {日}，原告{原}与被告{被}签订《{货}买卖合同》，约定由原告向被告供应{货}{数}件，总价{额}。
    合同签订后，原告依约于{日}将{货}运至{处}，被告工作人员{人}当场签收，对数量和质量均未提出异议。
    被告{因}，至今仍欠{额}未付，原告多次催要未果，故诉至贵院，请求依法支持原告的全部诉讼请求。
    被告{被}辩称：原告所称{词}与事实不符，双方实际于{日}就{货}另行达成口头协议，原告{为}。
    被告认为，原告主张的{词}{状}，根据{法}的规定，应当由原告承担举证不能的不利后果。
    第三人{司}述称：本公司仅受{人}委托{为}，对原、被告之间的{词}并不知情。
    {人}系{司}的股东和实际控制人，其以个人名义出具的承诺书{状}，应当对上述债务承担连带责任。
    根据{法}之规定，当事人一方不履行合同义务或者履行合同义务不符合约定的，应当承担继续履行、采取补救措施或者赔偿损失等违约责任。
    原告为证明{词}，提交了{日}由{人}签字确认的对账单，载明尚欠{货}款{额}。
    被告{因}，致使原告不得不另行向{司}采购{货}，由此多支出{额}，该损失与被告的违约行为存在直接因果关系。
    综上所述，原告的{词}{状}，请求驳回原告的诉讼请求，案件受理费、保全费由原告负担。
";

const CONTRACT: &str = "
    第{序}条 甲方应于{日}前将{货}{数}件运至{处}，交由{人}验收，验收合格后双方签署收货单。
    第{序}条 乙方逾期付款的，每逾期一日，应当按照未付款项的万分之五向甲方支付违约金，直至全部清偿之日止。
    第{序}条 本合同总价款为{额}，乙方应当在合同生效之日起{数}日内支付百分之三十作为定金。
    第{序}条 因不可抗力不能履行合同的，根据不可抗力的影响，部分或者全部免除责任，但应当及时通知对方。
    第{序}条 {货}的质量标准按照双方封存的样品执行，乙方应当在收货后{数}日内以书面形式提出质量异议。
    第{序}条 {人}自愿为乙方的全部债务提供连带责任保证，保证期间为主债务履行期限届满之日起三年。
    第{序}条 未经甲方书面同意，乙方不得将{词}转让给{司}或者任何第三人，否则甲方有权解除合同并要求赔偿。
    第{序}条 甲方{为}的，乙方有权要求甲方限期改正；逾期不改正的，乙方可以从应付款项中扣除{额}。
    第{序}条 双方确认{处}为有效的通知和送达地址，一方变更地址的，应当自变更之日起{数}日内书面通知对方。
    第{序}条 履行本合同发生争议的，由双方协商解决；协商不成的，任何一方均可向合同签订地人民法院提起诉讼。
    附件{序} {货}明细表：规格型号{数}，单价{额}，产地{处}，生产单位{司}。
    甲方（盖章）：{司} 委托代理人：{人} 乙方（签字）：{被} 签订日期：{日} 签订地点：{处}
";

const MINUTES: &str = "
    审：原告，你方提交的第{序}份证据的名称、来源和证明目的是什么？
    原代：该份证据是{日}的{货}送货单，由{人}本人签字，来源于原告仓库，证明被告收到{货}{数}件。
    被代：对该份证据的真实性认可，对关联性不认可，签字的{人}不是被告的员工，被告也没有授权其{为}。
    审：被告，{日}你方账户转出的{额}，是归还本案借款还是支付{货}款？
    被：这笔钱是我替{人}还的，和本案的{词}没有关系，当时{司}的会计也在场。
    证：我叫{人}，{日}那天我在{处}，看见他们两个人因为{货}的事情吵了起来，后来{因}。
    审：请双方围绕{词}是否成立、{额}应当由谁承担这两个焦点发表辩论意见。
    原：我不同意被告的说法，他说{因}，可是送货单上写得清清楚楚，{日}以前就应当付清。
    三：{司}只是介绍双方认识，没有{为}，也没有收取任何费用。
    审：记明。双方对{日}签订合同、{货}已经交付的事实没有争议，本庭予以确认。
    鉴：我们接受委托对{处}的{货}进行了检验，抽样{数}件，结论是{状}。
    被代：请法庭注意，原告的起诉已经超过诉讼时效，{日}以后原告从未向被告主张过{词}。
    审：是否愿意在法庭主持下进行调解？原：可以，但至少要先付{额}。被：我最多能拿出{额}。
";

const CHAT: &str = "
    {人} {日} 20:31 那批{货}什么时候能发过来，{处}这边催了我好几次了
    {被} {日} 9:17 快了快了，司机说下午就到，到了你让{人}点一下数
    {人} {日} 14:29 点过了，一共{数}件，少了两箱，你看怎么办
    {被} {日} 18:06 少的我下个星期补给你，{货}款你先给我转{额}
    {原} {日} 21:10 钱转过去了，{额}，你查一下，收到回个话
    {被} {日} 22:47 收到了，剩下的{额}月底之前一定结清，你放心
    {原} {日} 8:55 又一个多月了，{因}，你总得给我一个说法吧
    {被} {日} 11:05 不是我不给，{司}那边一直拖着，我也{因}
    {原} {日} 19:26 合同上写得清楚，{为}要按天算违约金，别怪我没有提醒你
    {人} {日} 16:40 他把{货}拉到{处}去了，我亲眼看见的，车牌号后三位是{数}
    {被} {日} 23:12 你要是去法院告我，那{词}的事情咱们也得说清楚
";

const LETTER: &str = "
    {司}：贵公司于{日}发来的函件收悉，现就{货}的{词}问题答复如下。
    一、贵公司尚欠我方{货}款{额}，请于收到本函之日起{数}日内付清，逾期我方将依法提起诉讼。
    二、关于贵公司提出的{货}质量异议，经我方派员{人}到{处}现场查看，认为{状}。
    三、{人}自{日}起不再担任我公司项目负责人，其此后{为}的，均不代表我公司。
    兹证明{人}自{日}起在我单位从事{货}的采购工作，月工资{额}，社会保险由{司}代为缴纳。
    今收到{人}交来{货}押金{额}，此据。经手人：{人} {日}
    承诺书：本人{人}承诺于{日}前将{处}的{货}全部清运完毕，否则自愿承担{额}的赔偿责任。
    会议纪要：{日}上午在{处}召开协调会，{人}、{人}参加，会议对{词}达成如下一致意见。
    情况说明：{日}夜间因{因}，存放于{处}的{货}受损{数}件，经清点确认损失约{额}。
    送达回证：受送达人{人}，送达文书传票、举证通知书，送达地点{处}，收到日期{日}。
";

const STATEMENT: &str = "
    {日} 转账支出 {额} 对方户名{人} 摘要{货}款 流水号{数}{数}{数}
    {日} 现金存入 {额} 经办人{人} 柜员号{数} 网点{处}支行
    {日} 工资 {额} 付款单位{司} 摘要代发
    {日} 网上银行转入 {额} 对方户名{司} 附言{词}
    {日} 消费 {额} 商户名称{司} 终端号{数}{数}
    {日} 利息 {额} 自动结息 计息天数{数}
    {日} 手续费支出 {额} 业务种类跨行汇款 收款人{人}
    序号{序} 品名{货} 数量{数} 金额{额} 验收人{人} 备注{状}
";

const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";
const GIVEN: &str = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉建国志华海燕春梅晓峰红玉龙飞鹏宇婷浩凯雪琴云荣新利清建民立东永健世广安心邦承乐绍功松善厚庆友裕河哲江浩亮政谦亨奇固之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以家致树炎德行时泰盛雄琛钧冠策腾楠榕风航弘义兴良飞彬富和鸣发民博贵胜贤";
const TOWNS: &str = "松江 清源 临河 安平 永兴 北山 南浦 东港 西岭 长宁 和顺 武陵 青石 白沙 云台 金沙 石桥 柳林 龙泉 凤城 江口 大洲 桃源 平阳 新华 阳谷 桐乡 海门 宁远 丰泽";
const TRADES: &str = "建材 商贸 物流 装饰工程 机械设备 食品 纺织 电子科技 农业开发 置业 劳务 钢铁 化工 印务 餐饮管理 汽车销售 医疗器械 包装 环保科技 园林绿化 家具 服饰 能源 投资管理 房地产经纪";
const GOODS: &str = "瓷砖 水泥 钢筋 木地板 铝合金门窗 电缆 涂料 玻璃幕墙 空调机组 电梯 挖掘机 塔吊 脚手架 混凝土 石材 防水卷材 卫浴洁具 橱柜 灯具 管材 阀门 水泵 变压器 配电箱 发电机 \
    叉车 货架 纸箱 棉纱 布匹 服装 羊绒衫 皮鞋 箱包 饲料 化肥 种子 苗木 大米 食用油 白酒 茶叶 冷冻牛肉 水产品 奶粉 药材 医用口罩 检测试剂 轮胎 润滑油 柴油 煤炭 焦炭 \
    生铁 铜线 铝锭 塑料颗粒 油墨 模具 轴承 电路板 显示屏 手机配件 监控设备 软件系统 广告牌 展台 宣传册 办公家具 校服 玩具 自行车 电动车 二手汽车 房屋 商铺 车位 厂房 仓库 鱼塘 果园";
const REASONS: &str = "资金周转困难 工程款迟迟没有结算 拒不履行付款义务 擅自变更设计方案 单方面停止供货 以质量问题为由拖延付款 下落不明 更换了联系方式 将财产转移至亲属名下 未按约定提供发票 \
    遭遇连日暴雨 工人集体返乡 设备突然发生故障 原材料价格大幅上涨 账户被另案冻结 公司已经停止经营 股东之间发生纠纷 未取得施工许可 消防验收没有通过 房屋漏水严重 \
    货物在运输途中毁损 双方对结算方式理解不一 把货款挪作他用 隐瞒了抵押的事实 虚构了采购订单 迟迟不办理过户手续 拒绝交付钥匙 搬离时没有结清水电费 仓库管理混乱 对账时漏记了三笔";
const ACTS: &str = "代为签收货物 收取保证金 办理交接手续 出具收据 变更收款账户 擅自转租 拆除隔墙 提前撤场 逾期交房 中途退伙 转让股权 对外担保 挪用资金 伪造签名 隐匿账簿 \
    拖欠工资 违规分包 虚开发票 抽逃出资 扣留车辆 更换门锁 垫付医疗费 组织返工 召开股东会 签署补充协议 提取公积金 申请延期 委托拍卖 运输危险品 代持股份";
const TERMS: &str = "违约金 逾期利息 定金罚则 诉讼时效 连带责任 保证期间 表见代理 不当得利 缔约过失 质量保证金 竣工结算 工程签证 施工合同 租赁期限 优先购买权 解除通知 抵销主张 债权转让 代位权 撤销权 \
    举证责任 证明目的 补充鉴定 鉴定意见 管辖异议 财产保全 先予执行 公告送达 反诉请求 变更诉讼请求 共同共有 按份共有 相邻权 地役权 抵押登记 质押合同 股权比例 出资义务 利润分配 清算责任 \
    竞业限制 经济补偿 工伤认定 加班工资 劳动关系 交通事故责任 误工费 护理费 残疾赔偿金 精神损害抚慰金 继承份额 遗嘱效力 夫妻共同债务 彩礼返还 抚养费 探望权 名誉侵权 商标使用费 著作权许可 保险理赔";
const STATES: &str = "缺乏事实和法律依据 不能成立 合法有效 符合交易习惯 与在案证据相互印证 属于传来证据 不具有真实意思表示 显失公平 超出合理范围 尚未达到支付条件 已经履行完毕 应属无效 不符合约定的标准 \
    含水率超过国家标准 表面存在明显裂纹 安装位置与图纸不符 存在安全隐患 与样品基本一致 无法排除人为损坏 签名系本人书写 印章与备案印文不同 形成时间晚于落款日期";
const LAWS: &str = "《中华人民共和国民法典》 《中华人民共和国民事诉讼法》 《中华人民共和国公司法》 《中华人民共和国劳动合同法》 《中华人民共和国保险法》 《中华人民共和国行政诉讼法》 《中华人民共和国著作权法》";
