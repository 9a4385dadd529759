#!/usr/bin/env bash
# Runs the benches (or those named) and keeps their JSON lines under target/bench/. QUICK=1: one short round each.
set -euo pipefail
cd "$(dirname "$0")/.."
all=(start journal fanout search commands ingest mic_to_line speech transcript viewer)
names=("$@")
((${#names[@]})) || names=("${all[@]}")
mkdir -p target/bench
# A peer of fanout; without it the bench says so and goes on.
if [[ " ${names[*]} " == *" fanout "* && ! -x target/bench/peers/bin/python ]]; then
    { python3 -m venv target/bench/peers && target/bench/peers/bin/pip install --quiet socketify==0.0.31; } >&2 || rm -rf target/bench/peers
fi
# A peer of viewer (Apache-2.0), which nothing else needs.
if [[ " ${names[*]} " == *" viewer "* && ! -f target/bench/pdfjs/node_modules/pdfjs-dist/build/pdf.mjs ]]; then
    npm install --prefix target/bench/pdfjs --no-save --omit=optional --ignore-scripts --no-audit --no-fund --silent pdfjs-dist@5.7.284 >&2 || true
fi
voices() {
    [[ -x target/bench/voices/bin/python ]] || {
        python3 -m venv target/bench/voices
        target/bench/voices/bin/pip install --quiet numpy==2.2.6 pypinyin==0.55.0
    } >&2
}
# What speech listens to: two hours of speech and one of none; a minute of each kind for a quick round.
if [[ " ${names[*]} " == *" speech "* ]]; then
    corpus=target/bench/speech${QUICK:+-quick}
    if [[ ! -f $corpus/index.json ]]; then
        voices
        minutes=(--minutes 20 --empty-minutes 15)
        [[ -z ${QUICK:-} ]] || minutes=(--minutes 1 --empty-minutes 1)
        target/bench/voices/bin/python fixtures/speech/build.py "$corpus" "${minutes[@]}" >&2
    fi
fi
# A thousand commands as they are said, rendered again when they are no longer the same.
if [[ " ${names[*]} " == *" commands "* ]]; then
    corpus=target/bench/commands${QUICK:+-quick}
    mkdir -p "$corpus"
    cargo bench --quiet --bench commands -- --texts >"$corpus/texts.new"
    if [[ ! -f $corpus/commands.json ]] || ! cmp -s "$corpus/texts.new" "$corpus/texts.json"; then
        voices
        target/bench/voices/bin/python fixtures/speech/commands.py "$corpus" "$corpus/texts.new" >&2
    fi
    mv "$corpus/texts.new" "$corpus/texts.json"
fi
stamp=$(date -u +%Y%m%dT%H%M%SZ)
for name in "${names[@]}"; do
    # Of the screens: in a browser, the hub as the browser tests have it.
    if [[ -f web/e2e/$name.bench.ts ]]; then
        cargo build --quiet >&2
        (cd web && npx playwright test -c e2e/bench.config.ts "$name.bench") | grep '^{' | tee "target/bench/$stamp-$name.jsonl"
        continue
    fi
    [[ -f benches/$name.rs || -f benches/$name/main.rs ]] || {
        echo "no bench '$name': ${all[*]}" >&2
        exit 2
    }
    cargo bench --quiet --bench "$name" | tee "target/bench/$stamp-$name.jsonl"
done
