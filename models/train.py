"""Train the demo model from nothing: one command, seeded, goes on where it stopped.

    python3 train.py --work DIR [--assets DIR] [--minutes 120] [--scale 4 --loaders 14] [--start demo/weights.npz]

Stages: `speech` synthesises the training speech; `listen` teaches the encoder to report syllables frame by frame;
`spell` teaches the decoder to write sentences from such reports without any sound; `joint` trains both on sound, end to end.
`listen` and `spell` do not need each other and run side by side. Each stage keeps DIR/STAGE.npz; --stage runs one alone.
With --start, `joint` begins with exported weights and at a third of the pace, and the two stages before it are left out: for more voices or rooms.
JAX takes a GPU where there is one: then --loaders makes batches in that many processes beside it, and --scale makes them larger.
"""

import argparse
import concurrent.futures
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARE = {"listen": 0.25, "spell": 0.25, "joint": 0.7}  # of --minutes
PEAK = {"listen": 2e-3, "spell": 2e-3, "joint": 1e-3}
SOUND_FRAMES, TEXT_FRAMES = 6144, 12288  # in a batch of --scale 1
PROMPTED, LONG = 0.13, 0.05  # shares of batches


def parse():
    args = argparse.ArgumentParser(description="Train the demo speech model.")
    args.add_argument("--work", type=Path, required=True, help="folder for speech, checkpoints and logs")
    args.add_argument("--assets", type=Path, help="folder with multilingual.tiktoken and mel_filters.npz (default WORK/assets)")
    args.add_argument("--minutes", type=float, default=120, help="time to spend; learning rates follow it")
    args.add_argument("--clips", type=int, default=30000)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--start", type=Path, help="exported weights to go on from")
    args.add_argument("--scale", type=int, default=1, help="how much larger than for two cores a batch is")
    args.add_argument("--loaders", type=int, default=0, help="processes that make batches; 0: the training process itself")
    args.add_argument("--compile", action="store_true", help="compile the stage's shapes into WORK/compiled and stop")
    args.add_argument("--stage", choices=["all", "listen", "spell", "joint"], default="all")
    got = args.parse_args()
    got.assets = got.assets or got.work / "assets"
    return got


def run_all(args):
    """The stages in order, each its own process."""
    common = ["--work", str(args.work), "--assets", str(args.assets), "--seed", str(args.seed)]
    speech = subprocess.Popen([sys.executable, str(HERE / "speech_data.py"), *common, "--clips", str(args.clips),
                               "--processes", str(max(1, args.loaders))])
    if args.loaders and speech.wait():  # loaders hold all the speech from the beginning
        sys.exit("synthesis failed: see above")
    first = args.work / "speech" / "0003.npz"
    while not first.exists():
        if speech.poll() not in (None, 0):
            sys.exit("synthesis failed: see above")
        time.sleep(2)
    speed = ["--scale", str(args.scale), "--loaders", str(args.loaders)]
    if args.start:
        speed += ["--start", str(args.start)]
    stage = lambda name: [sys.executable, __file__, *common, *speed, "--minutes", str(args.minutes), "--stage", name]  # noqa: E731
    pair = [subprocess.Popen(stage(name)) for name in ("listen", "spell") if not args.start]
    if any([p.wait() for p in pair]) or (not args.start and speech.wait()):
        sys.exit("a first stage failed: see above; the same command goes on from the last checkpoint")
    sys.exit(subprocess.call(stage("joint")))


class Trainer:
    """Parameters, AdamW moments, a running mean of the parameters, and the clock that drives the learning rate."""

    def __init__(self, args, stage, params):
        self.path, self.stage = args.work / f"{stage}.npz", stage
        self.budget_s = args.minutes * 60 * (1.0 if args.start else SHARE[stage])
        self.peak = PEAK[stage] * (0.3 if args.start else 1.0)
        parts = {"p/": params, "m/": {k: np.zeros_like(v) for k, v in params.items()}, "e/": dict(params)}
        parts["v/"] = dict(parts["m/"])
        self.step, self.spent_s = 0, 0.0
        if self.path.exists():
            with np.load(self.path) as f:
                for name, into in parts.items():
                    into.update({k: f[name + k] for k in into})
                self.step, self.spent_s = int(f["step"]), float(f["spent_s"])
        # Copies: a step gives its arguments away.
        self.state = [{k: jnp.array(v) for k, v in parts[name].items()} for name in ("p/", "m/", "v/", "e/")]
        self.compiled = {}

    def save(self):
        out = {f"{name}{k}": np.asarray(v) for name, d in zip(("p/", "m/", "v/", "e/"), self.state) for k, v in d.items()}
        temporary = self.path.with_suffix(".tmp.npz")
        np.savez(temporary, step=self.step, spent_s=self.spent_s, **out)
        os.replace(temporary, self.path)

    def rate(self):
        progress = min(1.0, self.spent_s / self.budget_s)
        return self.peak * min(1.0, (self.step + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * progress)))

    def compile(self, loss, batch):
        """The step of `loss(params, *batch) -> (loss, told)` for batches of this one's shapes."""
        key = (loss, tuple(x.shape for x in batch))
        if key not in self.compiled:
            step = jax.jit(lambda p, m, v, e, n, rate, *b: adam_step(loss, p, m, v, e, n, rate, *b), donate_argnums=(0, 1, 2, 3))
            shapes = [jax.ShapeDtypeStruct(x.shape, x.dtype) for x in (np.float32(0), np.float32(0), *batch)]
            self.compiled[key] = step.lower(*self.state, *shapes).compile()
        return self.compiled[key]

    def update(self, loss, batch):
        """One step; returns what the loss tells."""
        step = self.compile(loss, batch)
        *self.state, told = step(*self.state, np.float32(self.step + 1), np.float32(self.rate()), *batch)
        self.step += 1
        return told

    def wait(self):
        jax.block_until_ready(self.state)


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
        mel = mel.astype(jnp.float32)
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
        states = model.encode(p, mel.astype(jnp.float32))
        loss, right, guide = model.spelling_loss(p, tokens, weights, places, which, states, n_unused)
        away, cross, _ = model.imitation_loss(p, states, units, codes.frames(units, progress))
        return loss + 0.3 * guide + 0.1 * away + 0.1 * cross, (loss, right, guide, away, cross)

    return {"listen": listen, "spell": spell, "joint": joint}


class Source:
    """Batches of a stage: (name of the loss, its arrays in the types that the device takes)."""

    def __init__(self, args, stage, rows, filters):
        self.stage, self.rows, self.filters, self.frames = stage, rows, filters, args.scale
        self.speech = Speech(args.work / "speech")
        if stage != "spell":
            print(stage, "clips", self.speech.refresh(), flush=True)

    def stream(self, seed):
        """Endless. From its own seed, so that loaders differ."""
        texts = TextBatches(self.rows, seed * 1000, TEXT_FRAMES * self.frames)
        sounds = SoundBatches(self.rows, self.speech, seed * 2000, SOUND_FRAMES * self.frames, self.filters,
                              LONG if self.stage == "joint" else 0.0)
        turn = 0
        while True:
            turn += 1
            prompted = texts.rng.random() < PROMPTED
            if self.stage == "spell" or (self.stage == "joint" and turn % 4 == 3):
                _, *batch = texts.next(prompted)
                yield "spell", (*plain(batch), np.uint32(texts.rng.randrange(1 << 32)))
            elif self.stage == "listen":
                _, _, _, _, units, progress, _, mel = sounds.next()
                yield "listen", plain((units, progress, mel))
            else:
                _, *batch = sounds.next(prompted)
                yield "joint", plain(batch)

    def batches(self, seed, loaders):
        """Made here, or by `loaders` processes. These are forked: ask before the device is first used."""
        if not loaders:
            return self.stream(seed)
        context = multiprocessing.get_context("fork")
        queue = context.Queue(2 * loaders)

        def load(which):
            for one in self.stream(seed * 100 + which):
                queue.put(one)

        for which in range(loaders):
            context.Process(target=load, args=(which,), daemon=True).start()
        return iter(queue.get, None)

    def examples(self):
        """One batch of each shape the stage will see, filled with zeros."""
        for bucket in (*BUCKETS, LONG_BUCKET, None):
            prompted = bucket is None
            bucket = bucket or PROMPT_BUCKET
            length = token_room(bucket) + (PROMPT_TOKENS if prompted else 0)
            for kind, frames, least in (("spell", TEXT_FRAMES, 8), ("joint", SOUND_FRAMES, 4)):
                n = max(least, frames * self.frames // bucket // (2 if prompted else 1))
                line = [np.zeros((n, length + 1), np.int32), np.zeros((n, length), np.float32), np.zeros((n, length), np.int32)]
                frame = [np.zeros((n, bucket, 3), np.int32), np.zeros((n, bucket), np.float32), np.zeros((n, bucket), np.int32)]
                mel = np.zeros((n, 2 * bucket, N_MELS), np.float16)
                if kind == "spell" and bucket != LONG_BUCKET and self.stage != "listen":
                    yield "spell", (*line, *frame, np.uint32(0))
                elif kind == "joint" and self.stage == "joint":
                    yield "joint", (*line, *frame, mel)
                elif kind == "joint" and self.stage == "listen" and not prompted and bucket != LONG_BUCKET:
                    yield "listen", (*frame[:2], mel)


def own_time() -> float:
    """Seconds; on a CPU those the machine had for this, so that what runs beside it costs no training."""
    return time.process_time() / os.cpu_count() if jax.default_backend() == "cpu" else time.time()


def plain(batch):
    """32-bit numbers, and sound in half precision: it is the most to carry, and needs no more."""
    kinds = {"i": np.int32, "f": np.float32}
    return tuple(x.astype(np.float16 if x.ndim == 3 and x.dtype.kind == "f" else kinds[x.dtype.kind]) for x in batch)


def train(args):
    vocab = Vocabulary(args.assets)
    rows = Rows(vocab, args.start)
    np.save(args.work / "rows.npy", np.array(rows.ids))
    source = Source(args, args.stage, rows, load_filters(args.assets))
    params = model.init(args.seed, len(rows.ids))
    if args.start:
        params = model.started(args.start, params)
    elif args.stage == "joint" and not args.compile and not (args.work / "joint.npz").exists():
        for part_of, part in (("listen", ("encoder.", "train.")), ("spell", ("decoder.",))):
            with np.load(args.work / f"{part_of}.npz") as f:
                params.update({k: f[f"e/{k}"] for k in params if k.startswith(part)})
    # A seed of its own for every start, so that going on brings new batches.
    batches = None if args.compile else source.batches(args.seed * 1000 + int(time.time()) % 997, args.loaders)
    t = Trainer(args, args.stage, params)
    by_name = losses(model.Codes(), N_VOCAB - len(rows.ids))
    if args.loaders or args.compile:
        began = time.time()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda one: t.compile(by_name[one[0]], one[1]), source.examples()))
        print(f"{args.stage}: {len(t.compiled)} shapes compiled in {time.time() - began:.0f} s", flush=True)
        if args.compile:
            return
    told, last_print, last_save, last_step = {}, time.time(), time.time(), t.step
    while t.spent_s < t.budget_s:
        began = own_time()
        name, batch = next(batches)
        told.setdefault(name, []).append(t.update(by_name[name], batch))
        if t.step % 16 == 0:
            t.wait()
        t.spent_s += own_time() - began
        if time.time() - last_print > 30:
            tells = {k: np.round(np.mean([[float(x) for x in y] for y in v], 0), 3).tolist() for k, v in told.items()}
            speed = (t.step - last_step) / (time.time() - last_print)
            print(f"{time.strftime('%H:%M:%S')} {args.stage} step {t.step} {t.spent_s:.0f} s, {speed:.2f}/s", tells, flush=True)
            told, last_print, last_step = {}, time.time(), t.step
        if time.time() - last_save > 120:
            t.save()
            last_save = time.time()
            if args.stage != "spell" and not args.loaders:
                source.speech.refresh()
    t.save()
    print(f"{args.stage} done at step {t.step}", flush=True)


if __name__ == "__main__":
    ARGS = parse()
    ARGS.work.mkdir(parents=True, exist_ok=True)
    if ARGS.stage == "all":
        run_all(ARGS)
    import jax
    import jax.numpy as jnp
    import numpy as np

    import model
    from batches import BUCKETS, LONG_BUCKET, PROMPT_BUCKET, PROMPT_TOKENS, Rows, SoundBatches, Speech, TextBatches, token_room
    from mel import N_MELS, load_filters
    from vocab import N_VOCAB, Vocabulary

    jax.config.update("jax_compilation_cache_dir", str(ARGS.work / "compiled"))
    train(ARGS)
