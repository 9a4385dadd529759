#!/usr/bin/env bash
# Browser tests against the real thing: hub, recorder, recogniser, sample case, Debian's Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build
data=target/e2e
rm -rf "$data"
mkdir -p "$data"
links=$data/links.json
target/debug/huiting demo --data "$data/data" --listen 127.0.0.1:8493 --links "$links" >"$data/demo.log" 2>&1 &
demo=$!
trap 'kill "$demo" 2>/dev/null; wait "$demo" 2>/dev/null || true' EXIT
deadline=$((SECONDS + 120))
until [[ -s $links ]]; do
    if ! kill -0 "$demo" 2>/dev/null || ((SECONDS > deadline)); then
        echo "the demonstration did not open; its log:" >&2
        tail -n 40 "$data/demo.log" >&2
        exit 1
    fi
    read -rt 0.2 <> <(:) || true
done
HUITING_E2E_LINKS=$PWD/$links npm --prefix web run --silent e2e
