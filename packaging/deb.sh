#!/usr/bin/env bash
# Builds target/deb/huiting_VERSION_ARCH.deb from this checkout, for the architecture it runs on.
# Debian's own tools do the packing: dpkg-shlibdeps finds the libraries, dpkg-deb writes the archive.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
arch=$(dpkg --print-architecture)
out=target/deb
root=$out/huiting_${version}_$arch
command -v dpkg-shlibdeps >/dev/null || {
    echo "deb: dpkg-shlibdeps is missing: install dpkg-dev" >&2
    exit 1
}

rm -rf "$root"
install -d "$root/DEBIAN" "$root/etc/huiting"
install -D -m 755 "${CARGO_TARGET_DIR:-target}/release/huiting" "$root/usr/bin/huiting"
strip --strip-unneeded "$root/usr/bin/huiting"
install -D -m 644 target/pdfium/libpdfium.so "$root/usr/lib/huiting/libpdfium.so"
install -D -m 644 models/manifest.toml "$root/usr/share/huiting/models/manifest.toml"
install -D -m 644 target/models/ggml-huiting-demo.bin "$root/usr/share/huiting/models/ggml-huiting-demo.bin"
install -D -m 644 -t "$root/lib/systemd/system" packaging/systemd/*
install -D -m 644 packaging/debian/sysusers.conf "$root/usr/lib/sysusers.d/huiting.conf"
install -D -m 644 -t "$root/usr/share/doc/huiting" README.md README.zh-CN.md ARCHITECTURE.md GLOSSARY.md CHANGELOG.md
install -D -m 755 packaging/enrol-terminal "$root/usr/share/huiting/enrol-terminal"
install -m 644 models/README.md "$root/usr/share/doc/huiting/MODELS.md"
# The settings a court changes: the shipped ones, with the places of the package.
sed -e 's#^data = .*#data = "/var/lib/huiting"#' \
    -e 's#^model = .*#model = "/usr/share/huiting/models/ggml-huiting-demo.bin"#' \
    -e 's#^manifest = .*#manifest = "/usr/share/huiting/models/manifest.toml"#' \
    -e 's#^pdfium = .*#pdfium = "/usr/lib/huiting/libpdfium.so"#' \
    packaging/huiting.toml >"$root/etc/huiting/huiting.toml"

# dpkg-shlibdeps wants a source package around it: an empty one.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/debian"
printf 'Source: huiting\n\nPackage: huiting\nArchitecture: any\n' >"$work/debian/control"
binary=$(realpath "$root/usr/bin/huiting")
libraries=$(cd "$work" && dpkg-shlibdeps -O "$binary" | sed -n 's/^shlibs:Depends=//p')

sed -e "s/@VERSION@/$version/" -e "s/@ARCH@/$arch/" -e "s/@LIBRARIES@/$libraries/" \
    -e "s/@SIZE@/$(du -sk "$root" | cut -f1)/" packaging/debian/control >"$root/DEBIAN/control"
echo /etc/huiting/huiting.toml >"$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do
    install -m 755 "packaging/debian/$script" "$root/DEBIAN/$script"
done
dpkg-deb --root-owner-group --build "$root" "$out" >&2
echo "$out/huiting_${version}_$arch.deb"
