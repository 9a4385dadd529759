#!/usr/bin/env bash
# Runs the benches (or those named) and keeps their JSON lines under target/bench/. QUICK=1: one short round each.
set -euo pipefail
cd "$(dirname "$0")/.."
all=(start journal fanout search ingest mic_to_line)
names=("$@")
((${#names[@]})) || names=("${all[@]}")
mkdir -p target/bench
stamp=$(date -u +%Y%m%dT%H%M%SZ)
for name in "${names[@]}"; do
    [[ -f benches/$name.rs ]] || {
        echo "no bench '$name': ${all[*]}" >&2
        exit 2
    }
    cargo bench --quiet --bench "$name" | tee "target/bench/$stamp-$name.jsonl"
done
