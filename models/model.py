"""Whisper's architecture in JAX, small: 3 encoder and 3 decoder layers of width 192.

Parameters are a flat dict under OpenAI's names, so that export is a copy. Beside them, under "train.", stand what is
thrown away after training: linear heads that read initial, final and tone from every encoder frame.

The encoder is taught by imitation. For text alone, `Codes.frames` writes what an ideal encoder would say of each frame:
a fixed random code of the syllable's initial, final and tone, how far the syllable has come, and the time. The decoder
learns spelling from such codes without any sound; the encoder learns to produce them from sound; then both learn together.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

WIDTH, ENC_LAYERS, DEC_LAYERS, ENC_HEADS, DEC_HEADS = 192, 3, 3, 3, 6
AUDIO_CTX, TEXT_CTX, N_MELS = 1500, 448, 80

INITIALS = ["", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z", "c", "s", "y", "w"]
FINALS = ["a", "o", "e", "i", "u", "v", "ai", "ei", "ui", "ao", "ou", "iu", "ie", "ve", "ue", "er", "an", "en", "in", "un", "vn", "ang",
          "eng", "ing", "ong", "ia", "iao", "ian", "iang", "iong", "ua", "uo", "uai", "uan", "uang", "ueng", "n", "ng", "van"]


def unit(syllable: str) -> tuple[int, int, int]:
    """(initial, final, tone) of a tone-numbered syllable, each from 1: 0 is silence."""
    body, tone = syllable[:-1], int(syllable[-1])
    for n in (2, 1, 0):
        if body[:n] in INITIALS and body[n:] in FINALS:
            return INITIALS.index(body[:n]) + 1, FINALS.index(body[n:]) + 1, tone
    raise ValueError(f"{syllable} is no pinyin syllable")


N_UNITS = (len(INITIALS) + 1, len(FINALS) + 1, 6)


def sinusoids(length: int) -> np.ndarray:
    scale = np.exp(-np.log(10000) / (WIDTH // 2 - 1) * np.arange(WIDTH // 2))
    t = np.arange(length)[:, None] * scale[None]
    return np.concatenate([np.sin(t), np.cos(t)], axis=1).astype(np.float32)


class Codes:
    """The fixed codes that stand for the encoder's output."""

    def __init__(self):
        rng = np.random.default_rng(20260318)
        self.tables = [rng.standard_normal((n, WIDTH)).astype(np.float32) for n in N_UNITS]
        self.progress = rng.standard_normal((2, WIDTH)).astype(np.float32)
        self.time = sinusoids(AUDIO_CTX)

    def frames(self, units: jnp.ndarray, progress: jnp.ndarray) -> jnp.ndarray:
        """units (B, T, 3) and progress (B, T) in 0..1 → (B, T, WIDTH), normalised as the encoder's last layer does."""
        x = sum(jnp.asarray(t)[units[..., k]] for k, t in enumerate(self.tables))
        angle = jnp.pi * progress[..., None]
        voiced = (units[..., :1] > 0).astype(jnp.float32)
        x = x + 0.6 * voiced * (jnp.cos(angle) * self.progress[0] + jnp.sin(angle) * self.progress[1])
        x = x + 0.9 * jnp.asarray(self.time)[: units.shape[1]]
        return standardise(x)


def standardise(x):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-5)


def init(seed: int, n_used: int) -> dict:
    """Fresh parameters. The token table holds the used rows and, last, the one row that all unused tokens share."""
    rng = np.random.default_rng(seed)
    p = {}

    def matrix(name, out, inp, std=None, bias=True):
        p[f"{name}.weight"] = rng.standard_normal((out, inp)).astype(np.float32) * (std or inp**-0.5 * 0.8)
        if bias:
            p[f"{name}.bias"] = np.zeros(out, np.float32)

    def norm(name):
        p[f"{name}.weight"], p[f"{name}.bias"] = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)

    def block(name, cross):
        for kind in ("attn", "cross_attn") if cross else ("attn",):
            norm(f"{name}.{kind}_ln")
            matrix(f"{name}.{kind}.query", WIDTH, WIDTH)
            matrix(f"{name}.{kind}.key", WIDTH, WIDTH, bias=False)
            matrix(f"{name}.{kind}.value", WIDTH, WIDTH)
            matrix(f"{name}.{kind}.out", WIDTH, WIDTH, std=0.04)
        norm(f"{name}.mlp_ln")
        matrix(f"{name}.mlp.0", 4 * WIDTH, WIDTH)
        matrix(f"{name}.mlp.2", WIDTH, 4 * WIDTH, std=0.02)

    for i, channels in ((1, N_MELS), (2, WIDTH)):
        p[f"encoder.conv{i}.weight"] = (rng.standard_normal((WIDTH, channels, 3)) * (3 * channels) ** -0.5).astype(np.float32)
        p[f"encoder.conv{i}.bias"] = np.zeros(WIDTH, np.float32)
    for i in range(ENC_LAYERS):
        block(f"encoder.blocks.{i}", False)
    norm("encoder.ln_post")
    p["decoder.token_embedding.weight"] = (rng.standard_normal((n_used + 1, WIDTH)) * 0.07).astype(np.float32)
    p["decoder.positional_embedding"] = (sinusoids(TEXT_CTX) * 0.05 + rng.standard_normal((TEXT_CTX, WIDTH)) * 0.01).astype(np.float32)
    for i in range(DEC_LAYERS):
        block(f"decoder.blocks.{i}", True)
    norm("decoder.ln")
    for k, n in enumerate(N_UNITS):
        matrix(f"train.head{k}", n, WIDTH)
    return p


def started(weights, fresh: dict) -> dict:
    """Parameters as exported, with heads that read the codes from the first step on."""
    with np.load(weights) as f:
        p = {k: f[k].astype(np.float32) for k in f.files if k in fresh}
        p["decoder.token_embedding.weight"] = np.concatenate([f["token_rows"], f["unused_row"][None]]).astype(np.float32)
    for k, table in enumerate(Codes().tables):
        p[f"train.head{k}.weight"], p[f"train.head{k}.bias"] = 0.1 * table, fresh[f"train.head{k}.bias"]
    if p.keys() != fresh.keys() or any(p[k].shape != fresh[k].shape for k in fresh):
        raise ValueError(f"{weights} is not of this architecture")
    return {k: p[k] for k in fresh}


def norm(p, name, x):
    return standardise(x) * p[f"{name}.weight"] + p[f"{name}.bias"]


def linear(p, name, x):
    y = x @ p[f"{name}.weight"].T
    bias = p.get(f"{name}.bias")
    return y if bias is None else y + bias


def attention(p, name, x, source, heads, mask=None):
    def split(y):
        return y.reshape(*y.shape[:2], heads, -1)

    q, k, v = (split(linear(p, f"{name}.{part}", s)) for part, s in (("query", x), ("key", source), ("value", source)))
    scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) * (WIDTH // heads) ** -0.5
    if mask is not None:
        scores = jnp.where(mask, scores, -1e9)
    looked = jax.nn.softmax(scores, -1)
    y = jnp.einsum("bhqk,bkhd->bqhd", looked, v)
    return linear(p, f"{name}.out", y.reshape(*x.shape)), looked


def mlp(p, name, x):
    h = jax.nn.gelu(linear(p, f"{name}.mlp.0", norm(p, f"{name}.mlp_ln", x)), approximate=True)
    return linear(p, f"{name}.mlp.2", h)


def convolve(p, name, x, stride):
    """x (B, T, C): a width-3 convolution as one matrix product."""
    w = p[f"{name}.weight"]
    padded = jnp.pad(x, ((0, 0), (1, 1), (0, 0)))
    n = x.shape[1] // stride
    taps = [padded[:, k : k + (n - 1) * stride + 1 : stride] for k in range(3)]
    y = jnp.concatenate(taps, -1) @ w.transpose(2, 1, 0).reshape(-1, w.shape[0])
    return jax.nn.gelu(y + p[f"{name}.bias"], approximate=True)


def encode(p, mel):
    """mel (B, 2T, 80) → (B, T, WIDTH)."""
    x = convolve(p, "encoder.conv2", convolve(p, "encoder.conv1", mel, 1), 2)
    x = x + jnp.asarray(sinusoids(AUDIO_CTX))[: x.shape[1]]
    for i in range(ENC_LAYERS):
        name = f"encoder.blocks.{i}"
        h = norm(p, f"{name}.attn_ln", x)
        x = x + attention(p, f"{name}.attn", h, h, ENC_HEADS)[0]
        x = x + mlp(p, name, x)
    return norm(p, "encoder.ln_post", x)


def decode(p, tokens, states):
    """tokens (B, L) as rows of the used table → hidden (B, L, WIDTH), and where each layer looked, (B, heads, L, T)."""
    looked = []
    n = tokens.shape[1]
    x = p["decoder.token_embedding.weight"][tokens] + p["decoder.positional_embedding"][:n]
    mask = jnp.tril(jnp.ones((n, n), bool))
    for i in range(DEC_LAYERS):
        name = f"decoder.blocks.{i}"
        h = norm(p, f"{name}.attn_ln", x)
        x = x + attention(p, f"{name}.attn", h, h, DEC_HEADS, mask)[0]
        y, where = attention(p, f"{name}.cross_attn", norm(p, f"{name}.cross_attn_ln", x), states, DEC_HEADS)
        looked.append(where)
        x = x + y
        x = x + mlp(p, name, x)
    return norm(p, "decoder.ln", x), looked


def log_probabilities(p, hidden, n_unused):
    """Over the used rows and, last, all unused tokens together."""
    logits = hidden @ p["decoder.token_embedding.weight"].T
    logits = logits.at[..., -1].add(np.log(n_unused))
    return jax.nn.log_softmax(logits, -1)


def spelling_loss(p, tokens, weights, places, which, states, n_unused):
    """Mean cross-entropy of tokens[:, 1:] where weights (B, L-1) say so, the share of them right, and the guide's loss."""
    hidden, looked = decode(p, tokens[:, :-1], states)
    logp = log_probabilities(p, hidden, n_unused)
    target = tokens[:, 1:]
    picked = jnp.take_along_axis(logp, target[..., None], -1)[..., 0]
    total = weights.sum() + 1e-6
    right = ((logp.argmax(-1) == target) * weights).sum() / total
    return -(picked * weights).sum() / total, right, guide_loss(looked, places, which)


def guide_loss(looked, places, which):
    """How far some heads are from looking where they should.

    The time of every syllable is known, so a few heads are told where to look: one of the first layer at the hanzi just
    written, one of the second and two of the third at the hanzi to be written. places (B, L), which (B, T).
    """
    before = jnp.pad(places, ((0, 0), (1, 0)))[:, :-1]
    total = 0.0
    for layer, head, aim in ((0, 0, before), (1, 0, places), (2, 0, places), (2, 1, places)):
        there = (which[:, None, :] == aim[..., None]) & (aim[..., None] > 0)
        counts = there.any(-1)
        mass = (looked[layer][:, head] * there).sum(-1)
        total -= (jnp.log(mass + 1e-3) * counts).sum() / (counts.sum() + 1e-6)
    return total / 4


def imitation_loss(p, states, units, code):
    """Distance of encoder output from the code, and the heads' cross-entropy; also the share of syllable frames right."""
    away = ((states - code) ** 2).mean()
    cross, right = 0.0, jnp.ones(units.shape[:2], bool)
    for k in range(3):
        logp = jax.nn.log_softmax(linear(p, f"train.head{k}", states), -1)
        cross -= jnp.take_along_axis(logp, units[..., k : k + 1], -1).mean()
        right &= logp.argmax(-1) == units[..., k]
    return away, cross, right.mean()


@functools.partial(jax.jit, static_argnums=(3, 4))
def greedy(p, states, prompt, steps, eot_row):
    """Greedy decoding without a cache: (B, steps) rows, padded with `eot_row` after the end. prompt (P,)."""
    batch, start = states.shape[0], prompt.shape[0]
    rows = jnp.full((batch, start + steps), eot_row)
    rows = rows.at[:, :start].set(prompt)

    def step(i, carry):
        rows, done = carry
        hidden, _ = decode(p, rows, states)
        at = jax.lax.dynamic_index_in_dim(hidden, i - 1, 1, keepdims=False)
        best = (at @ p["decoder.token_embedding.weight"][:-1].T).argmax(-1)
        best = jnp.where(done, eot_row, best)
        return rows.at[:, i].set(best), done | (best == eot_row)

    rows, _ = jax.lax.fori_loop(start, start + steps, step, (rows, jnp.zeros(batch, bool)))
    return rows[:, start:]
