"""The training speech: synthesised sentences kept on disk as log-mel power with the spans of their syllables.

    python3 speech_data.py --work DIR --assets DIR [--clips N] [--seed N] [--processes N]

writes shards DIR/speech/NNNN.npz of 500 clips each and goes on where it stopped. Training may read while it writes.
"""

import argparse
import functools
import multiprocessing
import os
import random
import re
from pathlib import Path

import numpy as np

from corpus import Corpus
from mel import load_filters, log_power
from reading import syllables
from voices import MORE_VOICES, TRAINING_VOICES, Synthesiser

SHARD = 500


def clauses_of(text: str) -> list[list[str]]:
    """Readings by clause: a mark inside the sentence is a pause."""
    return [s for s in (syllables(c) for c in re.split(r"[，、]", text)) if s]


def speak_normalised(synth: Synthesiser, text: str, voice: str, speed: int, pitch: int):
    """A clip at −20 dBFS RMS."""
    clip = synth.speak(clauses_of(text), voice, speed, pitch)
    level = np.sqrt(np.mean(clip.samples**2)) + 1e-9
    clip.samples = clip.samples * np.float32(0.1 / level)
    return clip


@functools.cache
def synthesiser() -> Synthesiser:
    """This process's own."""
    return Synthesiser()


def make_shard(path: Path, seed: int, voices, filters):
    """One shard, from its own seed, so that it is the same whenever it is made."""
    rng, corpus = random.Random(seed), Corpus(seed * 7919 + 11)
    mels, spans, texts, names = [], [], [], []
    while len(mels) < SHARD:
        text = corpus.sentence()
        voice = rng.choice(voices)
        # Speed and pitch are drawn widely around those of the scripted hearing.
        clip = speak_normalised(synthesiser(), text, voice, rng.randint(185, 275), rng.randint(28, 72))
        mels.append(log_power(clip.samples, filters).astype(np.float16))
        spans.append(clip.spans)
        texts.append(text)
        names.append(voice)
    temporary = path.with_suffix(".tmp.npz")
    np.savez(temporary, mels=np.concatenate(mels), mel_lens=np.array([len(m) for m in mels]),
             spans=np.concatenate(spans), span_lens=np.array([len(s) for s in spans]),
             texts=np.array(texts), voices=np.array(names))
    os.replace(temporary, path)


def main():
    args = argparse.ArgumentParser(description="Synthesise the training speech.")
    args.add_argument("--work", type=Path, required=True)
    args.add_argument("--assets", type=Path, required=True)
    args.add_argument("--clips", type=int, default=30000)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--processes", type=int, default=1)
    args = args.parse_args()
    folder = args.work / "speech"
    folder.mkdir(parents=True, exist_ok=True)
    filters = load_filters(args.assets)
    wanted = [(folder / f"{k:04d}.npz", args.seed * 100000 + k) for k in range(-(-args.clips // SHARD))]
    wanted = [(path, seed, (*TRAINING_VOICES, *TRAINING_VOICES, *MORE_VOICES), filters) for path, seed in wanted if not path.exists()]
    with multiprocessing.Pool(args.processes) as pool:
        for done, _ in enumerate(pool.imap(one_shard, wanted), 1):
            print(f"{done * SHARD} clips of {len(wanted) * SHARD}", flush=True)


def one_shard(wanted):
    make_shard(*wanted)


if __name__ == "__main__":
    main()
