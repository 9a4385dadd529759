#!/usr/bin/env bash
# Unpacks libpdfium.so from the PyPI wheel pypdfium2 (BSD-3-Clause/Apache-2.0) into a folder; version and SHA-256 are pinned.
# Idempotent. Usage: fetch-pdfium.sh [FOLDER]   (default: target/pdfium)
set -euo pipefail
version=5.15.2
cd "$(dirname "$0")/.."
out=${1:-target/pdfium}

case $(uname -m) in
x86_64)
    platform=manylinux_2_17_x86_64
    wheel_sum=dc31aea5b0fb9fefc9b537a65f4113980b2c40798445736a7e6565bc85161e37
    ;;
aarch64)
    platform=manylinux_2_17_aarch64
    wheel_sum=dd46e93c0c3a73f6cea8489baff6d77a5d0759dd53fbbce0aeb49c91830176fc
    ;;
*)
    echo "pdfium: no library is pinned for $(uname -m); put one at $out/libpdfium.so yourself" >&2
    exit 1
    ;;
esac

stamp="pypdfium2 $version $wheel_sum"
if [[ -s $out/libpdfium.so && -f $out/stamp && $(<"$out/stamp") == "$stamp" ]]; then
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "pdfium: fetching pypdfium2 $version ($platform)" >&2
/usr/bin/python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --platform "$platform" --dest "$work" "pypdfium2==$version" >&2 || {
    echo "pdfium: pip could not download pypdfium2 $version: is the network up, and python3-pip installed?" >&2
    exit 1
}
wheel=$(find "$work" -name 'pypdfium2-*.whl')
echo "$wheel_sum  $wheel" | sha256sum --check --status || {
    echo "pdfium: the wheel is not the pinned one (its SHA-256 differs); nothing was unpacked" >&2
    exit 1
}
mkdir -p "$out"
/usr/bin/python3 - "$wheel" "$work" "$out" <<'PY'
import pathlib, sys, zipfile

wheel, work, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
with zipfile.ZipFile(wheel) as z:
    licences = out / "licences"
    licences.mkdir(exist_ok=True)
    for name in z.namelist():
        if "/licenses/" in name and not name.endswith("/"):
            kept = name.split("/licenses/", 1)[1].replace("/", "-")
            (licences / kept).write_bytes(z.read(name))
    unpacked = work / "libpdfium.so"
    unpacked.write_bytes(z.read("pypdfium2_raw/libpdfium.so"))
PY
mv "$work/libpdfium.so" "$out/libpdfium.so"
echo "$stamp" >"$out/stamp"
echo "pdfium: ready at $out/libpdfium.so" >&2
