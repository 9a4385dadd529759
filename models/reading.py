"""Hanzi to tone-numbered pinyin, with the readings that court speech needs.

Used where sentences are synthesised for training and where the scripted hearing's readings are written.
"""

import re

from pypinyin import Style, lazy_pinyin, load_phrases_dict, load_single_dict

# Heteronyms that pypinyin's phrase table misses or reads another way than a courtroom does.
_PHRASES = {
    "还款": "huan2 kuan3", "还了": "huan2 le5", "还过": "huan2 guo4", "未还": "wei4 huan2", "还清": "huan2 qing1",
    "还给": "huan2 gei3", "还的": "huan2 de5", "已还": "yi3 huan2", "没还": "mei2 huan2", "没有还": "mei2 you3 huan2",
    "还有": "hai2 you3", "还是": "hai2 shi4", "还在": "hai2 zai4", "还要": "hai2 yao4", "还需": "hai2 xu1",
    "还本": "huan2 ben3", "还息": "huan2 xi1", "还钱": "huan2 qian2", "还上": "huan2 shang4", "还不上": "huan2 bu4 shang4",
    "不还": "bu4 huan2", "还一部分": "huan2 yi1 bu4 fen4", "返还": "fan3 huan2",
    "审判长": "shen3 pan4 zhang3", "庭长": "ting2 zhang3", "行长": "hang2 zhang3", "延长": "yan2 chang2",
    "银行": "yin2 hang2", "分行": "fen1 hang2", "支行": "zhi1 hang2", "行使": "xing2 shi3",
    "调减": "tiao2 jian3", "调低": "tiao2 di1", "调整": "tiao2 zheng3", "调解": "tiao2 jie3", "调查": "diao4 cha2",
    "调取": "diao4 qu3", "重复": "chong2 fu4", "重新": "chong2 xin1", "重大": "zhong4 da4",
    "一共": "yi1 gong4", "当天": "dang1 tian1", "当日": "dang1 ri4", "当庭": "dang1 ting2", "当时": "dang1 shi2",
    "为由": "wei2 you2", "权限为": "quan2 xian4 wei2", "认为": "ren4 wei2", "因为": "yin1 wei4", "为证": "wei2 zheng4",
    "为准": "wei2 zhun3", "利率为": "li4 lv4 wei2", "金额为": "jin1 e2 wei2", "期限为": "qi1 xian4 wei2",
    "应当": "ying1 dang1", "应该": "ying1 gai1", "答应": "da1 ying4", "答辩": "da2 bian4", "回答": "hui2 da2",
    "应诉": "ying4 su4", "都": "dou1", "只": "zhi3", "所得": "suo3 de2", "不得": "bu4 de2", "得到": "de2 dao4",
    "地址": "di4 zhi3", "地点": "di4 dian3", "处理": "chu3 li3", "住处": "zhu4 chu4", "给": "gei3", "给付": "ji3 fu4",
    "便于": "bian4 yu2", "参加": "can1 jia1", "参与": "can1 yu4", "率": "lv4", "数额": "shu4 e2", "盖章": "gai4 zhang1",
    "看不清": "kan4 bu4 qing1", "了解": "liao3 jie3", "放大": "fang4 da4", "差额": "cha1 e2", "几": "ji3", "系": "xi4",
    "朝": "chao2", "相关": "xiang1 guan1", "中的": "zhong1 de5", "转到": "zhuan3 dao4", "转账": "zhuan3 zhang4",
    "转给": "zhuan3 gei3", "转入": "zhuan3 ru4", "转了": "zhuan3 le5", "转": "zhuan3", "幺": "yao1", "担": "dan1",
    "称": "cheng1", "载明": "zai3 ming2", "记载": "ji4 zai3", "空": "kong1", "降低": "jiang4 di1", "投降": "tou2 xiang2",
    "宿": "su4", "干": "gan1", "传票": "chuan2 piao4", "传唤": "chuan2 huan4", "单": "dan1", "曾": "ceng2", "曾经": "ceng2 jing1",
    "质证": "zhi4 zheng4", "更正": "geng1 zheng4", "更改": "geng1 gai3", "更换": "geng1 huan4", "要求": "yao1 qiu2",
    "有效": "you3 xiao4", "少付": "shao3 fu4", "合同": "he2 tong2", "期间": "qi1 jian1", "中间": "zhong1 jian1", "倒数": "dao4 shu3",
    "没有": "mei2 you3", "没": "mei2", "提供": "ti2 gong1", "供": "gong1", "丧失": "sang4 shi1", "量": "liang4", "曲": "qu3",
    "说明": "shuo1 ming2", "说服": "shuo1 fu2", "什么": "shen2 me5", "怎么": "zen3 me5", "清楚": "qing1 chu5",
    "一并": "yi1 bing4", "陈述": "chen2 shu4", "核": "he2", "血": "xue4", "角": "jiao3", "曾用名": "ceng2 yong4 ming2",
    "打算": "da3 suan4", "时候": "shi2 hou5", "朋友": "peng2 you5", "我们": "wo3 men5", "你们": "ni3 men5", "他们": "ta1 men5",
    "那么": "na4 me5", "这么": "zhe4 me5", "意思": "yi4 si5", "事情": "shi4 qing5", "知道": "zhi1 dao4", "着": "zhe5",
    "地": "di4", "得": "de5", "的": "de5", "了": "le5", "吗": "ma5", "呢": "ne5", "吧": "ba5", "一": "yi1", "不": "bu4",
    "好的": "hao3 de5", "分之": "fen1 zhi1", "行为": "xing2 wei2", "部分": "bu4 fen4", "长期": "chang2 qi1", "账户": "zhang4 hu4",
    "任何": "ren4 he2", "任": "ren4", "单位": "dan1 wei4", "强": "qiang2", "会议": "hui4 yi4", "会计": "kuai4 ji4", "和": "he2",
    "上": "shang4", "似": "si4", "否": "fou3", "折": "zhe2", "省": "sheng3", "乐": "le4",
}

_ready = False


def marked(numbered: str) -> str:
    """ "huan2" → the tone-marked form that pypinyin's own tables use."""
    from pypinyin.contrib.tone_convert import to_tone

    return to_tone(numbered.replace("v", "ü")) if numbered[-1] in "1234" else numbered.rstrip("5")


def _load():
    global _ready
    if _ready:
        return
    load_phrases_dict({w: [[marked(s)] for s in r.split()] for w, r in _PHRASES.items() if len(w) > 1})
    load_single_dict({ord(w): marked(r) for w, r in _PHRASES.items() if len(w) == 1})
    _ready = True


_HANZI = re.compile(r"[㐀-鿿〇]+")


def syllables(text: str) -> list[str]:
    """Tone-numbered syllables of the hanzi in `text`, one per hanzi (neutral tone 5, ü written v)."""
    _load()
    out = []
    for run in _HANZI.findall(text):
        got = lazy_pinyin(run, style=Style.TONE3, neutral_tone_with_five=True, v_to_u=False, errors="ignore")
        if len(got) != len(run):
            raise ValueError(f"no reading for some character of {run!r}: add it to reading.py")
        out += [s.replace("ü", "v") for s in got]
    return out
