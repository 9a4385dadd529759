"""Character error rate of the demo model, by condition.

    python3 evaluate.py --assets DIR [--weights demo/weights.npz] [--hearing target/fixtures/hearing] [--sentences 150] [--only NAME]

Every sentence here is held out: the scripted hearing's own, and sentences drawn with a seed that training does not use and that
are checked against the training speech when --work is given. Marks and spaces are not counted.
"""

import argparse
import json
import random
import wave
from pathlib import Path

import numpy as np

import model
from corpus import Corpus, bare
from mel import context, load_filters, log_power, normalise
from speech_data import speak_normalised
from vocab import EOT, START, Vocabulary
from voices import HELD_OUT_VOICES, RATE_HZ, TRAINING_VOICES, Synthesiser

HERE = Path(__file__).resolve().parent


def edits(a: str, b: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


class Recogniser:
    """Greedy decoding of clips with the weights as they are committed."""

    def __init__(self, weights: Path, assets: Path):
        with np.load(weights) as f:
            self.params = {k: f[k].astype(np.float32) for k in f.files if "." in k}
            self.ids = f["token_ids"]
            table = np.concatenate([f["token_rows"], f["unused_row"][None]]).astype(np.float32)
            self.step = int(f["step"])
        self.params["decoder.token_embedding.weight"] = table
        self.vocab, self.filters = Vocabulary(assets), load_filters(assets)
        self.row = {int(t): i for i, t in enumerate(self.ids)}

    def write(self, clips: list[np.ndarray], batch: int = 8) -> list[str]:
        """Texts of 16 kHz clips, each in the shortened context that the engine gives it."""
        out = [""] * len(clips)
        groups = {}
        for i, clip in enumerate(clips):
            clip = np.pad(clip, (0, max(0, RATE_HZ - len(clip))))
            groups.setdefault(context(len(clip)), []).append((i, clip))
        start = np.array([self.row[t] for t in START])
        eot = self.row[EOT]
        for ctx, members in groups.items():
            for at in range(0, len(members), batch):
                part = members[at : at + batch]
                mels = [normalise(log_power(c, self.filters), 2 * ctx) for _, c in part]
                mels += [mels[0]] * (batch - len(mels))
                rows = greedy_rows(self.params, np.array(mels), start, ctx // 8 + 12, eot)
                for (i, _), line in zip(part, rows):
                    tokens = [int(self.ids[r]) for r in line if r != eot]
                    out[i] = self.vocab.text(tokens)
        return out


def greedy_rows(params, mels, start, steps, eot):
    return np.asarray(model.greedy(params, _encode(params, mels), start, steps, eot))


_encode = None


def setup():
    global _encode
    import jax

    _encode = jax.jit(model.encode)


def hearing_clips(folder: Path, margin_ms: int = 150):
    """(text, samples) of every spoken cue, cut out of its seat's channel."""
    timeline = json.loads((folder / "timeline.json").read_text(encoding="utf-8"))
    channels = {}
    for seat in timeline["seats"]:
        with wave.open(str(folder / seat["file"])) as w:
            channels[seat["id"]] = np.frombuffer(w.readframes(w.getnframes()), "<i2").astype(np.float32) / 32768
    per_ms = RATE_HZ // 1000
    for cue in timeline["cues"]:
        if cue["kind"] != "act":
            a, b = (cue["start_ms"] - margin_ms) * per_ms, (cue["end_ms"] + margin_ms) * per_ms
            yield cue["text"], channels[cue["seat"]][max(0, a) : b]


def spoken(synth, texts, voices, rng):
    return [speak_normalised(synth, t, rng.choice(voices), rng.randint(205, 250), rng.randint(36, 62)).samples for t in texts]


def with_leak(clips, db, rng, noise_db=-25):
    """Another speaker underneath at `db`, and room noise."""
    gen = np.random.default_rng(rng.randint(0, 1 << 30))
    out = []
    for clip in clips:
        other = rng.choice(clips)
        other = np.resize(np.concatenate([other, np.zeros(4000, np.float32)]), len(clip))
        noise = gen.standard_normal(len(clip)).astype(np.float32) * 0.1 * 10 ** (noise_db / 20)
        out.append((clip + other * np.float32(10 ** (db / 20)) + noise).astype(np.float32))
    return out


def conditions(args, synth):
    """name → (texts, clips)."""
    rng, corpus = random.Random(990318), Corpus(990318)
    seen = set()
    if args.work:
        for path in sorted((args.work / "speech").glob("[0-9]*.npz")):
            with np.load(path) as f:
                seen |= {bare(str(t)) for t in f["texts"]}
    texts = []
    while len(texts) < args.sentences:
        text = corpus.sentence()
        if bare(text) not in seen and len(bare(text)) >= 4:
            texts.append(text)
    known, unknown = spoken(synth, texts, TRAINING_VOICES, rng), spoken(synth, texts, HELD_OUT_VOICES, rng)
    hearing = list(hearing_clips(args.hearing))
    script = [t for t, _ in hearing]
    commands = []
    while len(commands) < args.sentences // 2:
        text = corpus.expand("{command}").rstrip("。") + "。"
        if bare(text) and bare(text) not in corpus.held_out:
            commands.append(text)
    cut = [c[int(RATE_HZ * rng.uniform(0.02, 0.09)) :] for c in known]
    gen = np.random.default_rng(5)
    quiet = [np.zeros(RATE_HZ * 2, np.float32)] * 5
    quiet += [gen.standard_normal(RATE_HZ * 3).astype(np.float32) * 10 ** (-db / 20) for db in (30, 40, 50, 60, 70) for _ in range(4)]
    return {
        "hearing": (script, [c for _, c in hearing]),
        "hearing, held-out voices": (script, spoken(synth, script, HELD_OUT_VOICES, rng)),
        "new sentences, training voices": (texts, known),
        "new sentences, held-out voices": (texts, unknown),
        "new sentences, leak -15 dB, noise": (texts, with_leak(known, -15, rng)),
        "new sentences, leak -25 dB": (texts, with_leak(known, -25, rng, -45)),
        "new sentences, cut onset": (texts, cut),
        "commands": (commands, spoken(synth, commands, TRAINING_VOICES, rng)),
        "silence and noise": ([""] * len(quiet), quiet),
    }


def main():
    args = argparse.ArgumentParser(description="Character error rates of the demo model.")
    args.add_argument("--assets", type=Path, required=True)
    args.add_argument("--weights", type=Path, default=HERE / "demo" / "weights.npz")
    args.add_argument("--hearing", type=Path, default=HERE.parent / "target" / "fixtures" / "hearing")
    args.add_argument("--work", type=Path)
    args.add_argument("--sentences", type=int, default=150)
    args.add_argument("--only")
    args.add_argument("--verbose", action="store_true")
    args = args.parse_args()
    setup()
    recogniser = Recogniser(args.weights, args.assets)
    print(f"step {recogniser.step}")
    for name, (texts, clips) in conditions(args, Synthesiser()).items():
        if args.only and args.only != name:
            continue
        got = recogniser.write(clips)
        wrong = sum(edits(bare(t), bare(g)) for t, g in zip(texts, got))
        total = sum(len(bare(t)) for t in texts)
        exact = sum(bare(t) == bare(g) for t, g in zip(texts, got))
        rate = f"{100 * wrong / total:.2f} %" if total else f"{wrong} characters"
        print(f"{name}: {rate} ({wrong}/{total}), {exact} of {len(texts)} exact", flush=True)
        if args.verbose:
            for t, g in zip(texts, got):
                if bare(t) != bare(g):
                    print(f"   {t}\n → {g}")


if __name__ == "__main__":
    main()
