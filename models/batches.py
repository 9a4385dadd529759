"""Batches: sentences as codes (no sound) and synthesised speech with a courtroom's troubles laid over it.

Everything is bucketed by encoder context T (multiples of 64, as in use), so that few shapes are compiled.
"""

import random
from pathlib import Path

import numpy as np

from corpus import Corpus, GIVEN, SURNAMES, bare
from mel import FLOOR, N_MELS, normalise, warp
from model import unit
from reading import syllables
from vocab import EOT, MARKS, PREV, START, Vocabulary

BUCKETS = (128, 192, 256, 320, 384, 512)
PROMPT_BUCKET, PROMPT_TOKENS = 256, 48
LONG_BUCKET = 768  # several sentences with pauses between, up to 15 s
TERMS = ("借款合同", "银行流水", "转账凭证", "微信聊天记录", "现金收条", "还款凭证", "催款函", "快递回执", "证据一", "证据二", "证据三", "违约金",
         "万分之五", "争议焦点", "真实性", "合法性", "关联性", "证明目的", "委托诉讼代理人", "特别授权", "审判长", "书记员", "合议庭", "起诉状",
         "答辩状", "庭前会议笔录", "民间借贷", "松江市清源区人民法院", "王建国", "李志强", "陈晓明", "赵敏", "周正", "吴海燕", "郑文", "孙丽")


class Rows:
    """Token id → row of the used table."""

    def __init__(self, vocab: Vocabulary, exported: Path | None = None, seed: int = 3):
        self.vocab = vocab
        if exported:  # the rows that those weights have
            with np.load(exported) as f:
                self.ids = [int(t) for t in f["token_ids"]]
            self.row = {t: i for i, t in enumerate(self.ids)}
            return
        corpus = Corpus(seed)
        chars = {c for _ in range(60000) for c in corpus.sentence()} | set(SURNAMES) | set(GIVEN) | set(MARKS)
        chars |= {c for t in TERMS for c in t} | {c for s in corpus.held_out for c in s}
        ids = {t for c in chars for t in vocab.char(c)} | {EOT, PREV, *START}
        ids |= {t for term in (*TERMS, "以下是普通话的句子。") for t in vocab.longest_match(term + "、")}
        self.ids = sorted(ids)
        self.row = {t: i for i, t in enumerate(self.ids)}

    def of(self, tokens):
        """Rows of tokens; a token outside the table takes the shared last row."""
        return [self.row.get(t, len(self.ids)) for t in tokens]


def token_room(bucket: int) -> int:
    """Tokens that a context may need."""
    return bucket // 8 + 16


def prompt_for(text: str, rng: random.Random) -> str:
    """A case vocabulary: some true terms of the sentence, mostly others."""
    terms = rng.sample(TERMS, rng.randint(1, 7))
    words = bare(text)
    if rng.random() < 0.7:
        for mark in range(len(words) - 2):
            if words[mark] in SURNAMES and words[mark + 1] in GIVEN:
                terms.append(words[mark : mark + (3 if words[mark + 2 : mark + 3] and words[mark + 2] in GIVEN else 2)])
    for _ in range(rng.randint(0, 3)):
        terms.append(rng.choice(SURNAMES) + "".join(rng.choice(GIVEN) for _ in range(rng.choice([1, 2, 2]))))
    rng.shuffle(terms)
    return ("以下是普通话的句子。" if rng.random() < 0.3 else "") + "、".join(dict.fromkeys(terms))


def token_line(rows: Rows, text: str, length: int, prompt: str | None, rng: random.Random):
    """(rows, weights, places) padded to `length` (+ prompt room), or None where it does not fit.

    Only what follows START counts. `places` tells of each target which hanzi, from 1, it belongs to; 0 for none.
    """
    vocab = rows.vocab
    head = []
    if prompt is not None:
        cut = vocab.longest_match(prompt) if rng.random() < 0.6 else vocab.spell(prompt)
        head = [PREV] + cut[-(PROMPT_TOKENS - 1) :]
        length += PROMPT_TOKENS
    tokens = head + START + vocab.spell(text) + [EOT]
    if len(tokens) > length + 1:
        return None
    weights = np.zeros(length, np.float32)
    weights[len(head) + len(START) - 1 : len(tokens) - 1] = 1
    places, at, k = np.zeros(length, np.int32), len(head) + len(START) - 1, 0
    for c in text:
        k += c not in MARKS
        n = len(vocab.char(c))
        places[at : at + n] = k if c not in MARKS else 0
        at += n
    return rows.of(tokens) + [rows.row[EOT]] * (length + 1 - len(tokens)), weights, places


def lay_units(spans20, units, n_frames):
    """Frame-wise units (T, 3), progress (T,) and which syllable, from 1 (T,), from spans in 20 ms frames."""
    which = np.zeros(n_frames, np.int32)
    u, progress = np.zeros((n_frames, 3), np.int32), np.zeros(n_frames, np.float32)
    for k, ((a, b), one) in enumerate(zip(spans20, units), 1):
        a, b = max(0, a), min(n_frames, b)
        if b > a:
            u[a:b], which[a:b] = one, k
            progress[a:b] = (np.arange(a, b) - a + 0.5) / (b - a)
    return u, progress, which


def syllable_text(text: str, start: int, end: int) -> str:
    """The text from its `start`-th hanzi up to before its `end`-th, with the marks between."""
    at = [i for i, c in enumerate(text) if c not in MARKS] + [len(text)]
    return text[at[start] : at[end]]


def jumble(n: int, n_other: int, rng: random.Random):
    """Spans (which of two sentences, start, end) that make a line nobody wrote: so that the decoder listens."""
    k = rng.randint(1, n - 1)
    kind = rng.random()
    if kind < 0.3:  # some words are missing
        return [(0, 0, k), (0, min(n - 1, k + rng.randint(1, 5)), n)]
    if kind < 0.45:  # a stutter
        return [(0, 0, k), (0, max(0, k - rng.randint(1, 2)), n)]
    if kind < 0.6:  # the middle of a sentence
        return [(0, rng.randint(0, k - 1), k)]
    return [(0, 0, k), (1, rng.randint(0, n_other - 1), n_other)]


class TextBatches:
    """Sentences as an ideal encoder would report them, with made-up durations and some errors."""

    def __init__(self, rows: Rows, seed: int, frames: int):
        self.rows, self.frames = rows, frames
        self.rng, self.np_rng = random.Random(seed), np.random.default_rng(seed)
        self.corpus = Corpus(seed + 1)
        self.waiting = {b: [] for b in BUCKETS}

    def next(self, prompted: bool = False):
        """(bucket, tokens, weights, places, units, progress, which)."""
        rng = self.rng
        while True:
            text = self.corpus.sentence()
            if rng.random() < 0.35 and len(bare(text)) > 3:
                pair = (text, self.corpus.sentence())
                spans = jumble(len(bare(text)), len(bare(pair[1])), rng)
                text = "".join(syllable_text(pair[k], a, b) for k, a, b in spans)
                if not 1 <= len(bare(text)) <= 40 or bare(text) in self.corpus.held_out:
                    continue
            pace = rng.uniform(8.0, 15.0)
            spans, units, t, k = [], [], rng.uniform(0, 20), 0
            reading = syllables(text)
            for c in text:
                if c in "，、":
                    t += rng.uniform(4, 20)
                elif c not in MARKS:
                    length = pace * rng.uniform(0.6, 1.4)
                    spans.append((round(t), round(t + length * rng.uniform(0.85, 1.0))))
                    units.append(self._misheard(unit(reading[k])))
                    t, k = t + length, k + 1
            if rng.random() < 0.12 and len(spans) > 3:
                keep = rng.randint(1, len(spans) - 1)
                text, spans, units = first_syllables(text, keep), spans[:keep], units[:keep]
                t = spans[-1][1]
            if t + 16 > BUCKETS[-1] or (prompted and t + 16 > PROMPT_BUCKET):
                continue
            bucket = PROMPT_BUCKET if prompted else next(b for b in BUCKETS if t + 16 <= b)
            line = token_line(self.rows, text, token_room(bucket), prompt_for(text, rng) if prompted else None, rng)
            if line is None:
                continue
            key = "p" if prompted else bucket
            pile = self.waiting.setdefault(key, [])
            pile.append((*line, *lay_units(spans, units, bucket)))
            if len(pile) == max(8, self.frames // bucket // (2 if prompted else 1)):
                self.waiting[key] = []
                return (bucket, *(np.array(x) for x in zip(*pile)))

    def _misheard(self, one):
        """Now and then the tone, the initial or the final is wrong."""
        r = self.rng.random()
        if r < 0.02:
            return (one[0], one[1], self.rng.randint(1, 5))
        if r < 0.025:
            return (self.rng.randint(1, 24), one[1], one[2])
        if r < 0.03:
            return (one[0], self.rng.randint(1, 36), one[2])
        return one


def first_syllables(text: str, keep: int) -> str:
    """The text up to its `keep`-th hanzi."""
    out, n = "", 0
    for c in text:
        if c not in MARKS:
            n += 1
        if n > keep:
            break
        out += c
    return out.rstrip(MARKS)


def last_syllables(text: str, skip: int) -> str:
    """The text after its `skip`-th hanzi."""
    head = first_syllables(text, skip)
    return text[len(head) :].lstrip(MARKS)


class Speech:
    """The synthesised clips that are on disk so far; look again with `refresh`."""

    def __init__(self, folder: Path):
        self.folder, self.seen, self.clips = folder, set(), {b: [] for b in BUCKETS}
        self.held_out = Corpus(0).held_out

    def refresh(self) -> int:
        for path in sorted(self.folder.glob("[0-9]*.npz")):
            if path.name in self.seen or ".tmp" in path.name:
                continue
            self.seen.add(path.name)
            with np.load(path) as f:
                mels, spans = f["mels"], f["spans"]
                ends, span_ends = np.cumsum(f["mel_lens"]), np.cumsum(f["span_lens"])
                starts, span_starts = np.append(0, ends[:-1]), np.append(0, span_ends[:-1])
                for text, voice, a, b, c, d in zip(f["texts"], f["voices"], starts, ends, span_starts, span_ends):
                    if bare(str(text)) in self.held_out:
                        raise RuntimeError(f"{path.name} holds a sentence of the scripted hearing ({text}): delete it and synthesise again")
                    need = (b - a + 1) // 2 + 16
                    bucket = next((x for x in BUCKETS if need <= x), None)
                    if bucket:
                        units = [unit(s) for s in syllables(str(text))]
                        self.clips[bucket].append((mels[a:b], spans[c:d] // 160, str(text), units, str(voice)))
        return sum(map(len, self.clips.values()))


class SoundBatches:
    """Clips of throats of other lengths, in rooms, with leakage, noise, gain, tilt, cut onsets, broken-off ends and silence."""

    def __init__(self, rows: Rows, speech: Speech, seed: int, frames: int, filters: np.ndarray, long_share: float = 0.0):
        self.rows, self.speech, self.frames, self.long_share = rows, speech, frames, long_share
        self.held_out = Corpus(seed).held_out
        self.rng, self.np_rng = random.Random(seed), np.random.default_rng(seed)
        self.noise_base = np.log10(filters.sum(1) * 150.0).astype(np.float32)  # unit-variance white noise under the window

    def next(self, prompted: bool = False):
        """(bucket, tokens, weights, places, units, progress, which, mel)."""
        clips = self.speech.clips
        bucket = self.rng.choices(BUCKETS, [len(clips[b]) * b for b in BUCKETS])[0]
        if prompted:
            bucket = PROMPT_BUCKET
        elif self.long_share > self.rng.random():
            bucket = LONG_BUCKET
        out = []
        while len(out) < max(4, self.frames // bucket // (2 if prompted else 1)):
            one = self._one(bucket, prompted)
            if one:
                out.append(one)
        return (bucket, *(np.array(x) for x in zip(*out)))

    def _one(self, bucket, prompted):
        rng = self.rng
        if bucket == LONG_BUCKET:
            mel, spans, text, units = self._several(bucket)
        else:
            # Now and then a clip has more silence around it than its own context would leave.
            smaller = [b for b in BUCKETS if bucket / 2 <= b < bucket] if rng.random() < 0.25 else []
            mel, spans, text, units, _ = rng.choice(self.speech.clips[rng.choice(smaller or [bucket])])
        mel, spans = mel.astype(np.float32), spans.copy()
        if bucket != LONG_BUCKET and rng.random() < 0.25 and len(spans) > 3:
            mel, spans, text, units = self._jumbled((mel, spans, text, units), bucket)
            if len(mel) > 2 * (bucket - 16) or bare(text) in self.held_out:
                return None
        kind = rng.random()
        if kind < 0.03:
            mel, spans, text, units = mel[:0], spans[:0], "", []
        elif kind < 0.15 and len(spans) > 3:  # broken off in the middle, as a line that is still being spoken
            keep = rng.randint(1, len(spans) - 1)
            end = spans[keep - 1][1] - rng.randint(0, 2) + rng.choice([0, 0, 3])
            mel, spans, text, units = mel[:end], spans[:keep], first_syllables(text, keep), units[:keep]
        elif kind < 0.20 and len(spans) > 3:
            skip = rng.randint(1, len(spans) - 1)
            start = int(spans[skip][0])
            mel, spans, text, units = mel[start:], spans[skip:] - start, last_syllables(text, skip), units[skip:]
        elif kind < 0.30:  # the first sound is cut into
            cut = rng.randint(1, 9)
            mel, spans = mel[cut:], spans - cut
        line = token_line(self.rows, text, token_room(bucket), prompt_for(text, rng) if prompted else None, rng)
        if line is None:
            return None
        spare = 2 * (bucket - 16) - len(mel)
        lead = min(spare, rng.choice([0, rng.randint(0, 12), rng.randint(0, 55)])) if spare > 0 else 0
        tail = rng.randint(0, min(80, spare - lead)) if spare > lead else 0
        log_mel = self._room(mel, lead, lead + len(mel) + tail, bucket)
        spans = (spans + lead + 1) // 2
        return (*line, *lay_units(spans, units, bucket), normalise(log_mel, 2 * bucket))

    def _several(self, bucket):
        """Sentences of one voice after another, with pauses, up to the context."""
        mels, all_spans, text, units, at = [], [], "", [], 0
        voice = self.rng.choice(self.speech.clips[PROMPT_BUCKET])[4]
        while True:
            pause = self.rng.randint(20, 75) if at else 0
            mel, spans, words, one, who = self.rng.choice(self.speech.clips[self.rng.choice(BUCKETS)])
            if at + pause + len(mel) > 2 * (bucket - 16):
                return np.concatenate(mels), np.concatenate(all_spans), text, units
            if who == voice:
                mels += [np.full((pause, N_MELS), FLOOR, np.float32), mel.astype(np.float32)]
                all_spans.append(spans + at + pause)
                text, units, at = text + words, units + one, at + pause + len(mel)

    def _jumbled(self, clip, bucket):
        """Pieces of one or two clips put together at the joints of syllables."""
        other = self.rng.choice(self.speech.clips[self.rng.choice([b for b in BUCKETS if b <= bucket and self.speech.clips[b]])])
        pair = (clip, other)
        mels, all_spans, text, units, at = [], [], "", [], 0
        for which, a, b in jumble(len(clip[1]), len(other[1]), self.rng):
            mel, spans, words, one = pair[which][:4]
            start, end = int(spans[a][0]), int(spans[b][0]) if b < len(spans) else len(mel)
            mels.append(mel[start:end].astype(np.float32))
            all_spans.append(spans[a:b] - start + at)
            text += syllable_text(words, a, b)
            units += one[a:b]
            at += end - start
        return np.concatenate(mels), np.concatenate(all_spans), text, units

    def _room(self, mel, lead, length, bucket):
        """The clip in a room: (length, 80) log power."""
        rng, gen = self.rng, self.np_rng
        level = rng.uniform(-1.2, 0.5)
        tilt = (rng.uniform(-0.5, 0.5) * np.linspace(-1, 1, N_MELS)).astype(np.float32)
        if rng.random() < 0.6 and len(mel):
            mel = warp(mel, rng.uniform(0.87, 1.15))
        power = np.full((length, N_MELS), 1e-10, np.float32)
        power[lead : lead + len(mel)] += 10 ** (mel + level + tilt)
        if rng.random() < 0.4:
            power += self._reverberation(power)
        if rng.random() < 0.4:
            other = rng.choice(self.speech.clips[min(bucket, BUCKETS[-1])])[0].astype(np.float32)
            at = rng.randint(-len(other) // 2, length - 1)
            piece = other[max(0, -at) : max(0, -at) + length - max(0, at)]
            power[max(0, at) : max(0, at) + len(piece)] += 10 ** (piece + level + rng.uniform(-3.2, -1.5))
        if rng.random() < 0.85:
            shape = self.noise_base - np.linspace(0, rng.uniform(0, 2.5), N_MELS, dtype=np.float32)
            loudness = -2.0 + level - rng.uniform(1.4, 4.8)
            power += 10 ** (shape + loudness) * gen.gamma(3.0, 1 / 3.0, power.shape).astype(np.float32)
        return np.maximum(np.log10(power), FLOOR)

    def _reverberation(self, power):
        """What the walls send back of a sound: a tail that dies 60 dB in 0.2 to 0.9 s, 2 to 14 dB below the direct sound in all."""
        fall = 10 ** (-6.0 / (100 * self.rng.uniform(0.2, 0.9)))
        strength = 10 ** (-self.rng.uniform(0.2, 1.4)) * (1 - fall)
        tail, one = np.zeros_like(power), np.zeros(N_MELS, np.float32)
        for t in range(1, len(power)):
            one = one * np.float32(fall) + power[t - 1]
            tail[t] = one
        return tail * np.float32(strength) * self.np_rng.gamma(3.0, 1 / 3.0, power.shape).astype(np.float32)
