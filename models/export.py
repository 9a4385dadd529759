"""Write a checkpoint as the compact weights that are committed: half precision, only the token rows in use.

    python3 export.py --work DIR [--checkpoint DIR/joint.npz] [--out demo/weights.npz]
"""

import argparse
from pathlib import Path

import numpy as np

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


if __name__ == "__main__":
    args = argparse.ArgumentParser(description="Export a checkpoint to the committed weights.")
    args.add_argument("--work", type=Path, required=True)
    args.add_argument("--checkpoint", type=Path)
    args.add_argument("--out", type=Path, default=HERE / "demo" / "weights.npz")
    args = args.parse_args()
    step = export(args.checkpoint or args.work / "joint.npz", args.work / "rows.npy", args.out)
    print(f"step {step}: {args.out}, {args.out.stat().st_size:,} bytes")
