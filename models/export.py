"""Write a checkpoint as the compact weights that are committed: half precision, only the token rows in use.

    python3 export.py --work DIR [--checkpoint DIR/joint.npz] [--out demo/weights.npz] [--assets DIR]

Into the default place, it also writes sizes and SHA-256 of the weights and of the assembled file into manifest.toml.
"""

import argparse
import re
import tempfile
from pathlib import Path

import numpy as np

import assemble

HERE = Path(__file__).resolve().parent


def export(checkpoint: Path, rows: Path, out: Path) -> int:
    """The running mean of the parameters, without what only training needs; returns the training step."""
    with np.load(checkpoint) as f:
        params = {k[2:]: f[k] for k in f.files if k.startswith("e/") and not k.startswith("e/train.")}
        step = int(f["step"])
    table = params.pop("decoder.token_embedding.weight")
    kept = {k: v.astype(np.float32 if v.ndim == 1 else np.float16) for k, v in sorted(params.items())}
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, **kept, token_ids=np.load(rows).astype(np.int32), token_rows=table[:-1].astype(np.float16),
                        unused_row=table[-1].astype(np.float16), step=np.int32(step))
    return step


def pin(weights: Path, assets: Path, step: int):
    """Write what the demo model's entry in manifest.toml says of these weights."""
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "model.bin"
        assemble.assemble(weights, assets, whole)
        facts = {"size_bytes": str(whole.stat().st_size), "sha256": f'"{assemble.sha256(whole)}"',
                 "weights_sha256": f'"{assemble.sha256(weights)}"', "training_step": str(step)}
    path = HERE / "manifest.toml"
    before, mark, rest = path.read_text(encoding="utf-8").partition('name = "huiting-demo"')
    entry, end, after = rest.partition("[[model]]")
    for key, value in facts.items():
        entry = re.sub(rf"^{key} = .*$", f"{key} = {value}", entry, flags=re.M)
    path.write_text(before + mark + entry + end + after, encoding="utf-8")


if __name__ == "__main__":
    args = argparse.ArgumentParser(description="Export a checkpoint to the committed weights.")
    args.add_argument("--work", type=Path, required=True)
    args.add_argument("--checkpoint", type=Path)
    args.add_argument("--out", type=Path, default=HERE / "demo" / "weights.npz")
    args.add_argument("--assets", type=Path)
    args = args.parse_args()
    step = export(args.checkpoint or args.work / "joint.npz", args.work / "rows.npy", args.out)
    print(f"step {step}: {args.out}, {args.out.stat().st_size:,} bytes")
    if args.out == HERE / "demo" / "weights.npz":
        pin(args.out, args.assets or args.work / "assets", step)
