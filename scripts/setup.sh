#!/usr/bin/env bash
# Brings a fresh Debian 12 machine with git, make, Rust and Node.js to where Huiting builds, tests and runs.
# Idempotent: every step looks first whether its work is done. Usage: setup.sh [packages] [web] [pdfium] [model] [fixtures]
# Without arguments: all of them. Progress and faults go to standard error.
set -euo pipefail
cd "$(dirname "$0")/.."
out=target
mkdir -p "$out"

say() { printf '\033[1m%s\033[0m\n' "set-up: $*" >&2; }
fail() {
    printf 'set-up: %s\n' "$*" >&2
    exit 1
}
need() { command -v "$1" >/dev/null 2>&1 || fail "$1 is missing: $2"; }

packages=(
    # to build
    build-essential cmake clang libclang-dev pkg-config lld
    libavcodec-dev libavformat-dev libavdevice-dev libavfilter-dev libavutil-dev libswscale-dev libswresample-dev
    libasound2-dev libpulse-dev
    # to run
    ffmpeg tesseract-ocr tesseract-ocr-chi-sim fonts-noto-cjk pulseaudio pulseaudio-utils libasound2-plugins
    # to make models and fixtures
    python3 python3-venv python3-pip espeak-ng weasyprint python3-pil python3-numpy poppler-utils
    # to test
    chromium nftables iproute2 strace qpdf
)

setup_packages() {
    local missing=()
    mapfile -t missing < <(for p in "${packages[@]}"; do
        dpkg-query -W -f='${Status}\n' "$p" 2>/dev/null | grep -q '^install ok installed$' || echo "$p"
    done)
    if ((${#missing[@]})); then
        say "Debian packages: ${missing[*]}"
        local root=()
        if (($(id -u) != 0)); then
            need sudo "run this script as root, or install: ${missing[*]}"
            root=(sudo)
        fi
        "${root[@]}" apt-get update -qq >&2 || fail "the package lists could not be fetched: is the network up?"
        "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 ||
            fail "these packages could not be installed: ${missing[*]}"
    fi
}

setup_web() {
    need npm "install Node.js 20 or newer with npm"
    local stamp=$out/setup-web.stamp
    if ! cmp -s web/package-lock.json "$stamp" || [[ ! -d web/node_modules ]]; then
        say "web packages (npm ci)"
        (cd web && npm ci --no-audit --no-fund --loglevel=error >&2) || fail "npm ci failed in web/"
        cp web/package-lock.json "$stamp"
    fi
}

setup_pdfium() {
    say "pdfium"
    scripts/fetch-pdfium.sh "$out/pdfium" >&2 || fail "pdfium could not be unpacked"
}

setup_model() {
    say "demo speech model"
    /usr/bin/python3 models/assemble.py --out "$out/models/ggml-huiting-demo.bin" >&2 || fail "the demo model could not be assembled"
}

# Runs a generator again only when its sources have changed since.
fresh() { # NAME SOURCES…
    local name=$1 sum
    shift
    sum=$(find "$@" -type f ! -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum)
    [[ -f $out/fixtures/$name.stamp && $(<"$out/fixtures/$name.stamp") == "$sum" ]] && return 1
    rm -rf "$out/fixtures/$name"
    mkdir -p "$out/fixtures"
    fresh_sum=$sum
}

setup_fixtures() {
    if fresh case fixtures/case; then
        say "sample case"
        /usr/bin/python3 fixtures/case/build.py "$out/fixtures/case" >&2 || fail "the sample case could not be made"
        echo "$fresh_sum" >"$out/fixtures/case.stamp"
    fi
    if fresh hearing fixtures/hearing; then
        say "scripted hearing"
        /usr/bin/python3 fixtures/hearing/render.py "$out/fixtures/hearing" >&2 || fail "the hearing could not be rendered"
        echo "$fresh_sum" >"$out/fixtures/hearing.stamp"
    fi
}

need cargo "install Rust 1.90 or newer"
steps=("$@")
((${#steps[@]})) || steps=(packages web pdfium model fixtures)
for step in "${steps[@]}"; do
    case $step in
    packages | web | pdfium | model | fixtures) "setup_$step" ;;
    *) fail "unknown step '$step': packages, web, pdfium, model, fixtures" ;;
    esac
done
say "ready"
