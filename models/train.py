"""Train the demo model from nothing: one command, seeded, goes on where it stopped.

    python3 train.py --work DIR [--assets DIR] [--minutes 120]

Stages: `speech` synthesises the training speech; `listen` teaches the encoder to report syllables frame by frame;
`spell` teaches the decoder to write sentences from such reports without any sound; `joint` trains both on sound, end to end.
`listen` and `spell` do not need each other and run side by side. Each stage keeps DIR/STAGE.npz; --stage runs one alone.
"""

import argparse
import functools
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARE = {"listen": 0.25, "spell": 0.25, "joint": 0.7}  # of --minutes
PEAK = {"listen": 2e-3, "spell": 2e-3, "joint": 1e-3}
SOUND_FRAMES, TEXT_FRAMES = 6144, 12288


def parse():
    args = argparse.ArgumentParser(description="Train the demo speech model.")
    args.add_argument("--work", type=Path, required=True, help="folder for speech, checkpoints and logs")
    args.add_argument("--assets", type=Path, help="folder with multilingual.tiktoken and mel_filters.npz (default WORK/assets)")
    args.add_argument("--minutes", type=float, default=120, help="time to spend; learning rates follow it")
    args.add_argument("--clips", type=int, default=30000)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--stage", choices=["all", "listen", "spell", "joint"], default="all")
    got = args.parse_args()
    got.assets = got.assets or got.work / "assets"
    return got


def run_all(args):
    """The stages in order, each its own process."""
    common = ["--work", str(args.work), "--assets", str(args.assets), "--seed", str(args.seed)]
    speech = subprocess.Popen([sys.executable, str(HERE / "speech_data.py"), *common, "--clips", str(args.clips)])
    first = args.work / "speech" / "0003.npz"
    while not first.exists():
        if speech.poll() not in (None, 0):
            sys.exit("synthesis failed: see above")
        time.sleep(2)
    stage = lambda name: [sys.executable, __file__, *common, "--minutes", str(args.minutes), "--stage", name]  # noqa: E731
    pair = [subprocess.Popen(stage(name)) for name in ("listen", "spell")]
    if any([p.wait() for p in pair]) or speech.wait():
        sys.exit("a first stage failed: see above; the same command goes on from the last checkpoint")
    sys.exit(subprocess.call(stage("joint")))


class Trainer:
    """Parameters, AdamW moments, a running mean of the parameters, and the clock that drives the learning rate."""

    def __init__(self, args, stage, params):
        self.path, self.stage = args.work / f"{stage}.npz", stage
        self.budget_s = args.minutes * 60 * SHARE[stage]
        self.params = params
        self.m = {k: np.zeros_like(v) for k, v in params.items()}
        self.v = {k: np.zeros_like(v) for k, v in params.items()}
        self.mean = dict(params)
        self.step, self.spent_s = 0, 0.0
        if self.path.exists():
            with np.load(self.path) as f:
                for name, into in (("p/", self.params), ("m/", self.m), ("v/", self.v), ("e/", self.mean)):
                    into.update({k: f[name + k] for k in into})
                self.step, self.spent_s = int(f["step"]), float(f["spent_s"])
        self.compiled = {}

    def save(self):
        out = {f"{name}{k}": np.asarray(v) for name, d in (("p/", self.params), ("m/", self.m), ("v/", self.v), ("e/", self.mean))
               for k, v in d.items()}
        temporary = self.path.with_suffix(".tmp.npz")
        np.savez(temporary, step=self.step, spent_s=self.spent_s, **out)
        os.replace(temporary, self.path)

    def rate(self):
        progress = min(1.0, self.spent_s / self.budget_s)
        return PEAK[self.stage] * min(1.0, (self.step + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * progress)))

    def update(self, loss, *batch):
        """One step of `loss(params, *batch) -> (loss, told)`; returns what it tells."""
        if loss not in self.compiled:
            self.compiled[loss] = jax.jit(functools.partial(adam_step, loss), donate_argnums=(0, 1, 2, 3))
        self.params, self.m, self.v, self.mean, told = self.compiled[loss](
            self.params, self.m, self.v, self.mean, np.float32(self.step + 1), np.float32(self.rate()), *batch)
        self.step += 1
        return told


def adam_step(loss, params, m, v, mean, step, rate, *batch):
    grads, told = jax.grad(loss, has_aux=True)(params, *batch)
    size = jnp.sqrt(sum((g**2).sum() for g in grads.values()))
    scale = jnp.minimum(1.0, 1.0 / (size + 1e-6))
    out_p, out_m, out_v, out_e = {}, {}, {}, {}
    keep = jnp.minimum(0.998, step / (step + 10))
    for k, p in params.items():
        g = grads[k] * scale
        out_m[k] = 0.9 * m[k] + 0.1 * g
        out_v[k] = 0.98 * v[k] + 0.02 * g * g
        move = out_m[k] / (1 - 0.9**step) / (jnp.sqrt(out_v[k] / (1 - 0.98**step)) + 1e-8)
        decay = 0.01 if p.ndim > 1 and "embedding" not in k else 0.0
        out_p[k] = p - rate * (move + decay * p)
        out_e[k] = keep * mean[k] + (1 - keep) * out_p[k]
    return out_p, out_m, out_v, out_e, told


def losses(codes, n_unused):
    """The three losses; jitted by shape in Trainer.update."""

    def listen(p, units, progress, mel):
        away, cross, right = model.imitation_loss(p, model.encode(p, mel), units, codes.frames(units, progress))
        return away + 0.3 * cross, (away, cross, right)

    def spell(p, tokens, weights, places, units, progress, which, noise_seed):
        key = jax.random.split(jax.random.PRNGKey(noise_seed), 4)
        states = codes.frames(units, progress)
        # An encoder hesitates between neighbours, is unsure of some frames, and is never exact.
        smooth = (jnp.roll(states, 1, 1) + 2 * states + jnp.roll(states, -1, 1)) / 4
        states = jnp.where(jax.random.uniform(key[0], (states.shape[0], 1, 1)) < 0.5, smooth, states)
        lost = jax.random.uniform(key[1], states.shape[:2])[..., None] < 0.04
        states = jnp.where(lost, jnp.roll(states, 7, 1), states)
        strength = jax.random.uniform(key[2], (states.shape[0], 1, 1)) * 0.6
        states = model.standardise(states + strength * jax.random.normal(key[3], states.shape))
        loss, right, guide = model.spelling_loss(p, tokens, weights, places, which, states, n_unused)
        return loss + 0.3 * guide, (loss, right, guide)

    def joint(p, tokens, weights, places, units, progress, which, mel):
        states = model.encode(p, mel)
        loss, right, guide = model.spelling_loss(p, tokens, weights, places, which, states, n_unused)
        away, cross, _ = model.imitation_loss(p, states, units, codes.frames(units, progress))
        return loss + 0.3 * guide + 0.1 * away + 0.1 * cross, (loss, right, guide, away, cross)

    return listen, spell, joint


def train(args):
    vocab = Vocabulary(args.assets)
    rows = Rows(vocab)
    stage, seed = args.stage, args.seed
    params = model.init(seed, len(rows.ids))
    if stage == "joint" and not (args.work / "joint.npz").exists():
        for source, part in (("listen", ("encoder.", "train.")), ("spell", ("decoder.",))):
            with np.load(args.work / f"{source}.npz") as f:
                params.update({k: f[f"e/{k}"] for k in params if k.startswith(part)})
    t = Trainer(args, stage, params)
    np.save(args.work / "rows.npy", np.array(rows.ids))
    texts = TextBatches(rows, seed * 1000 + t.step, TEXT_FRAMES)
    speech = Speech(args.work / "speech")
    sounds = SoundBatches(rows, speech, seed * 2000 + t.step, SOUND_FRAMES, load_filters(args.assets),
                          0.05 if stage == "joint" else 0.0)
    if stage != "spell":
        print(stage, "clips", speech.refresh(), flush=True)
    listen, spell, joint = losses(model.Codes(), N_VOCAB - len(rows.ids))
    told, last_print, last_save, last_step = {}, time.time(), time.time(), t.step
    while t.spent_s < t.budget_s:
        began = time.time()
        prompted = texts.rng.random() < 0.13
        if stage == "spell" or (stage == "joint" and t.step % 4 == 3):
            _, *batch = texts.next(prompted)
            told.setdefault("spell", []).append(t.update(spell, *batch, np.uint32(t.step)))
        elif stage == "listen":
            _, _, _, _, units, progress, _, mel = sounds.next()
            told.setdefault("listen", []).append(t.update(listen, units, progress, mel))
        else:
            _, *batch = sounds.next(prompted)
            told.setdefault("joint", []).append(t.update(joint, *batch))
        jax.block_until_ready(t.params["encoder.conv1.bias"])
        t.spent_s += time.time() - began
        if time.time() - last_print > 30:
            tells = {k: np.round(np.mean([[float(x) for x in y] for y in v], 0), 3).tolist() for k, v in told.items()}
            speed = (t.step - last_step) / (time.time() - last_print)
            print(f"{time.strftime('%H:%M:%S')} {stage} step {t.step} {t.spent_s:.0f} s, {speed:.2f}/s", tells, flush=True)
            told, last_print, last_step = {}, time.time(), t.step
        if time.time() - last_save > 120:
            t.save()
            last_save = time.time()
            if stage != "spell":
                speech.refresh()
    t.save()
    print(f"{stage} done at step {t.step}", flush=True)


if __name__ == "__main__":
    ARGS = parse()
    ARGS.work.mkdir(parents=True, exist_ok=True)
    if ARGS.stage == "all":
        run_all(ARGS)
    import jax
    import jax.numpy as jnp
    import numpy as np

    import model
    from batches import Rows, SoundBatches, Speech, TextBatches
    from mel import load_filters
    from vocab import N_VOCAB, Vocabulary

    jax.config.update("jax_compilation_cache_dir", str(ARGS.work / "compiled"))
    train(ARGS)
