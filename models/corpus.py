"""Sentences of a civil hearing: expands grammar.txt with random slot fillings, and keeps the scripted hearing out.

`Corpus(seed)` yields written sentences (hanzi with ，、。？); `held_out` names the script's sentences, which never come.
"""

import random
import re
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPT = HERE.parent / "fixtures" / "hearing" / "script.toml"

DIGITS = "零一二三四五六七八九"
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金贾夏韦方白邹孟熊秦邱江尹薛段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红建国志文海燕晓正秀荣春生林峰波辉鹏飞宇浩博俊凯龙翔成东亮云丹婷雪梅莉琴慧佳欣怡思雨晨阳光宏伟斌彬鑫宁安康福庆德民利新立永胜学友良忠义仁信诚"
PLAINTIFF, DEFENDANT = "王建国", "李志强"
AGENTS = ("陈晓明", "赵敏")


def below_hundred(n: int) -> str:
    """1..99 as spoken."""
    tens, ones = divmod(n, 10)
    return ("" if tens == 0 else ("" if tens == 1 else DIGITS[tens]) + "十") + (DIGITS[ones] if ones else "")


def cardinal(n: int) -> str:
    """1..99,999,999 as spoken: 一万二千、三十万零五百."""
    if n >= 10000:
        high, low = divmod(n, 10000)
        return cardinal(high) + "万" + ("" if low == 0 else ("零" if low < 1000 else "") + cardinal(low))
    out, rest, gap = "", n, False
    for unit, name in ((1000, "千"), (100, "百")):
        d, rest = divmod(rest, unit)
        if d:
            out += ("零" if gap and out else "") + DIGITS[d] + name
            gap = False
        elif out:
            gap = True
    if rest:
        if out and rest < 10:
            gap = True
        part = below_hundred(rest)
        if out and 10 <= rest < 20:
            part = "一" + part
        out += ("零" if gap and out else "") + part
    return out


def digits(text: str) -> str:
    """Read digit by digit: 2024 → 二零二四."""
    return "".join(DIGITS[int(c)] for c in text)


class Slots:
    """The random fillings behind the capitals of grammar.txt."""

    def __init__(self, rng: random.Random):
        self.rng = rng

    def AMOUNT(self):
        r = self.rng
        kind = r.random()
        if kind < 0.62:
            n = r.choice([r.randint(1, 10), r.randint(1, 99), r.randint(1, 20) * 5, r.randint(1, 900)])
            return ("两" if n == 2 and r.random() < 0.6 else cardinal(n)) + r.choice(["万元", "万元", "万元", "万"])
        if kind < 0.72:
            return cardinal(r.randint(1, 60)) + "万" + DIGITS[r.randint(1, 9)] + "千" + r.choice(["元", "", "元"])
        if kind < 0.86:
            return cardinal(r.randint(1, 99) * r.choice([100, 1000, 1000, 500])) + "元"
        return cardinal(r.choice([r.randint(101, 9999), r.randint(10000, 999999)])) + "元"

    def YEAR(self):
        r = self.rng
        year = r.choice([2024, 2025, 2023, 2022, 2026, r.randint(2010, 2027), r.randint(1955, 2005)])
        return digits(str(year)) + "年"

    def DATEMD(self):
        r = self.rng
        return below_hundred(r.randint(1, 12)) + "月" + below_hundred(r.randint(1, 31)) + r.choice(["日", "日", "日", "号"])

    def DATE(self):
        r = self.rng
        kind = r.random()
        year = digits(str(r.choice([2024, 2024, 2024, 2025, 2025, 2023, 2022, 2026, r.randint(2015, 2027)]))) + "年"
        if kind < 0.66:
            return year + self.DATEMD()
        if kind < 0.8:
            return year + below_hundred(r.randint(1, 12)) + r.choice(["月", "月份", "月底", "月初"])
        if kind < 0.92:
            return r.choice(["去年", "今年", "同年", "当年", "前年", "次年", ""]) + self.DATEMD()
        return r.choice([year, year + "底", "去年年底", "今年年初", "去年底", "当年" + below_hundred(r.randint(1, 12)) + "月"])

    def CN(self):
        r = self.rng
        return below_hundred(r.choice([r.randint(1, 6), r.randint(1, 10), r.randint(1, 20)]))

    def PAGE(self):
        r = self.rng
        kind = r.random()
        if kind < 0.85:
            return below_hundred(r.choice([r.randint(1, 6), r.randint(1, 12), r.randint(1, 99)]))
        if kind < 0.93:
            return cardinal(r.randint(100, 320))
        return "幺" + r.choice(["二", "三", "五", "零"])

    def NUM(self):
        r = self.rng
        return cardinal(r.choice([r.randint(1, 99), r.randint(100, 999), r.choice([675, 676, 585, 577, 509, 667, 679, 680, 1260])]))

    def PCT(self):
        r = self.rng
        whole = below_hundred(r.choice([r.randint(1, 24), 10, 12, 6, 8, r.randint(1, 60)]))
        tail = "点" + digits(str(r.randint(1, 99))) if r.random() < 0.3 else ""
        return "百分之" + whole + tail

    def WAN(self):
        r = self.rng
        return r.choice(["万分之", "万分之", "千分之"]) + DIGITS[r.choice([5, 5, 1, 2, 3, 4, 6, 8])]

    def RATE(self):
        r = self.rng
        return r.choice(["年利率" + self.PCT(), "年利率" + self.PCT(), "日" + self.WAN(), "一年期贷款市场报价利率",
                         "一年期贷款市场报价利率的四倍", "合同约定", "每日" + self.WAN(), "月息" + self.CN() + "分"])

    def DURATION(self):
        r = self.rng
        n = r.choice([12, 6, 3, 24, 36, 18, r.randint(1, 30)])
        kind = r.random()
        if kind < 0.6:
            return ("两" if n == 2 else below_hundred(n)) + "个月"
        if kind < 0.85:
            return r.choice(["一", "两", "三", "半", "五", "十"]) + "年"
        return below_hundred(r.choice([10, 15, 20, 30, 60, 90])) + r.choice(["日", "天"])

    def MINUTES(self):
        return below_hundred(self.rng.choice([5, 10, 15, 20, 30, 40, 45, self.rng.randint(3, 50)])) + "分钟"

    def TIME(self):
        r = self.rng
        half = r.choice(["", "整", "三十分", "十五分", "零五分", "四十分", "半"])
        return r.choice(["上午", "下午", ""]) + below_hundred(r.randint(1, 12)) + "点" + half

    def CASENO(self):
        r = self.rng
        if r.random() < 0.5:
            return "二零二六清零一零二民初" + digits("318") + "号"
        return digits(str(r.randint(2022, 2026))) + "清零一零二民初" + digits(str(r.randint(100, 4999))) + "号"

    def NAME(self):
        r = self.rng
        if r.random() < 0.25:
            return r.choice(["王建国", "李志强", "陈晓明", "赵敏", "周正", "吴海燕", "郑文", "孙丽"])
        return r.choice(SURNAMES) + "".join(r.choice(GIVEN) for _ in range(r.choice([1, 2, 2])))

    def _case_name(self, names):
        return self.rng.choice(names) if self.rng.random() < 0.6 else self.NAME()

    def PLAINTIFF(self):
        return self._case_name([PLAINTIFF])

    def DEFENDANT(self):
        return self._case_name([DEFENDANT])

    def AGENT(self):
        return self._case_name(AGENTS)

    def JUDGE(self):
        return self._case_name(["周正"])

    def JUDGE2(self):
        return self._case_name(["吴海燕"])

    def JUDGE3(self):
        return self._case_name(["郑文"])

    def CLERK(self):
        return self._case_name(["孙丽"])


def parse_grammar(text: str) -> dict[str, list[tuple[float, str]]]:
    """Rules of grammar.txt: name → weighted alternatives."""
    rules, name = {}, None
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if m := re.fullmatch(r"(\w+):", line):
            name = m[1]
            rules[name] = []
        elif m := re.match(r"(\d+)\*(.*)", line):
            rules[name].append((float(m[1]), m[2]))
        else:
            rules[name].append((1.0, line))
    return rules


# How often each kind of sentence is drawn; the rest of the rules are parts.
TOP = {
    "clerk": 6, "opening": 7, "identity": 5, "objection": 4, "rights": 7, "phase": 8, "claim": 7, "fact": 11, "answer": 9,
    "issue": 6, "evidask": 7, "evidgive": 8, "challenge": 9, "question": 6, "debate": 9, "final": 5, "mediate": 5,
    "recess": 6, "manage": 4, "witness": 2, "command": 7,
}
_INNER = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")


def bare(text: str) -> str:
    """The hanzi of a text alone, as character error rates count them."""
    return re.sub(r"[^㐀-鿿〇]", "", text)


def script_sentences(path: Path = SCRIPT) -> list[str]:
    """What the scripted hearing says, in order."""
    script = tomllib.loads(path.read_text(encoding="utf-8"))
    return [c["text"] for c in script["cue"] if c["kind"] != "act"]


class Corpus:
    """An endless, seeded stream of sentences, none of them from the scripted hearing."""

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        self.slots = Slots(self.rng)
        self.rules = parse_grammar((HERE / "grammar.txt").read_text(encoding="utf-8"))
        self.held_out = {bare(s) for s in script_sentences()}
        self.kinds, self.weights = list(TOP), list(TOP.values())

    def expand(self, text: str) -> str:
        while m := _INNER.search(text):
            text = text[: m.start()] + self.rng.choice(m[1].split("|")) + text[m.end() :]
        while m := _SLOT.search(text):
            text = text[: m.start()] + self.fill(m[1]) + text[m.end() :]
        return text

    def fill(self, name: str) -> str:
        if name.isupper() and hasattr(self.slots, name):
            return getattr(self.slots, name)()
        options = self.rules[name]
        text = self.rng.choices([t for _, t in options], [w for w, _ in options])[0]
        return self.expand(text)

    def raw(self) -> str:
        return tidy(self.fill(self.rng.choices(self.kinds, self.weights)[0]))

    def sentence(self) -> str:
        """One sentence of 1 to 38 hanzi; now and then clauses of two sentences recombined."""
        while True:
            text = self.raw()
            if self.rng.random() < 0.18:
                first = re.split(r"[，。？]", text)
                second = re.split(r"[，。？]", self.raw())
                text = tidy(self.rng.choice([c for c in first if c]) + "，" + self.rng.choice([c for c in second if c]) + "。")
            words = bare(text)
            if 1 <= len(words) <= 38 and words not in self.held_out:
                return text


def tidy(text: str) -> str:
    """One mark between clauses, one at the end."""
    text = re.sub(r"[，、。？]*([。？])[，、。？]*$", r"\1", text)
    text = re.sub(r"。(?=.)", "，", text)
    text = re.sub(r"[，、]{2,}", "，", text).strip("，、")
    return text if text[-1] in "。？" else text + "。"


if __name__ == "__main__":
    corpus = Corpus(7)
    for _ in range(60):
        print(corpus.sentence())
