#!/usr/bin/env python3
# Checks a hearing package with nothing but Python's standard library.
# 只用 Python 标准库核验庭审归档包。用法 / usage: python3 verify.py [FOLDER]
"""Exit status 0: whole; 1: something was changed (one line each); 2: not a package."""

import base64
import hashlib
import json
import os
import stat
import struct
import sys
import zlib

findings = []


def found(where, what):
    findings.append((where, what))


def sha256(*parts):
    h = hashlib.sha256()
    for part in parts:
        h.update(part)
    return h.digest()


def clock(ms):
    s, ms = divmod(ms, 1000)
    return "%02d:%02d:%02d.%03d" % (s // 3600, s // 60 % 60, s % 60, ms)


# Ed25519 verification as RFC 8032 defines it, on extended coordinates.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    e = (y1 - x1) * (y2 - x2) % P
    f = (y1 + x1) * (y2 + x2) % P
    g = 2 * t1 * t2 * D % P
    h = 2 * z1 * z2 % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return i * j % P, k * m % P, j * k % P, i * m % P


def times(n, point):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = add(total, point)
        point = add(point, point)
        n >>= 1
    return total


def unpack_point(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        raise ValueError("not a point")
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == (-u) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if v * x * x % P != u or (x == 0 and sign):
        raise ValueError("not a point")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = unpack_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_fits(key, text, signature):
    try:
        a, r = unpack_point(key), unpack_point(signature[:32])
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= L or len(signature) != 64:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % L
    (x1, y1, z1, _), (x2, y2, z2, _) = times(s, BASE), add(r, times(k, a))
    return (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


def unpack_base64(text):
    raw = base64.b64decode(text, validate=True)
    # Of the spellings Python takes, one is the right one: no changed character goes unseen.
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not base64 as it is written")
    return raw


def parse_key(text):
    name, key_id, raw = text.strip().split("+", 2)
    raw = unpack_base64(raw)
    if len(raw) != 33 or raw[0] != 1 or sha256(name.encode(), b"\n", raw)[:4].hex() != key_id:
        raise ValueError("not a verifier key")
    return name, sha256(name.encode(), b"\n", raw)[:4], raw[1:]


def open_note(where, note, key):
    """The signed text, or None with a finding."""
    text, gap, signatures = note.rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        return found(where, "not a signed note")
    text += "\n"
    for line in signatures[:-1].split("\n"):
        parts = line.split(" ")
        try:
            dash, name, raw = parts[0], parts[1], unpack_base64(parts[2])
        except (IndexError, ValueError):
            return found(where, "a line of the note is no signature")
        if dash != "\u2014" or len(parts) != 3:
            return found(where, "a line of the note is no signature")
        if name == key[0] and raw[:4] == key[1]:
            if signature_fits(key[2], text.encode(), raw[4:]):
                return text
            return found(where, "the signature does not fit: the text or the signature was changed")
    return found(where, "it carries no signature of the key in data/key.txt")


class Tree:
    """RFC 6962, growing: one hash per full subtree."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def push(self, leaf):
        size = self.size
        while size & 1:
            leaf = sha256(b"\1", self.peaks.pop(), leaf)
            size >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self):
        if not self.peaks:
            return sha256(b"")
        root = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            root = sha256(b"\1", left, root)
        return root


class Journal:
    def __init__(self):
        self.tree, self.prev, self.at = Tree(), bytes(32), None
        self.journal, self.fragments, self.scans, self.broken = None, [], [], False

    def place(self, where, offset, what, seq=None):
        time = "" if self.at is None else ", hearing time " + clock(self.at)
        entry = "" if seq is None else " (entry %d%s)" % (seq, time)
        found(where, "byte %d%s: %s" % (offset, entry, what))
        self.broken = True

    def segment(self, where, data, number, following):
        if len(data) < 128 or data[:8] != b"HUITSEG\n":
            return self.place(where, 0, "not a journal segment")
        version, flags, own, first = struct.unpack_from("<IIQQ", data, 8)
        if struct.unpack_from("<I", data, 124)[0] != zlib.crc32(data[:124]):
            self.place(where, 0, "the header's checksum does not fit")
        elif version != 1:
            return self.place(where, 8, "format version %d is not known here" % version)
        if own != number:
            self.place(where, 16, "the file holds segment %d" % own)
        if self.journal not in (None, data[32:48]):
            self.place(where, 32, "the segment belongs to another journal")
        self.journal = data[32:48]
        if not self.broken and (first != self.tree.size + 1 or data[48:80] != self.prev):
            self.place(where, 24, "the segment does not follow the one before", first)
        pos = 128
        while pos < len(data):
            if len(data) - pos < 8:
                return self.place(where, pos, "bytes follow the end of the entries", self.tree.size + 1)
            length, crc = struct.unpack_from("<II", data, pos)
            body = data[pos + 8 : pos + 8 + length]
            if length < 10 or len(body) < length or zlib.crc32(body, zlib.crc32(data[pos : pos + 4])) != crc:
                return self.place(where, pos, "the frame's checksum does not fit", self.tree.size + 1)
            if body[0] == 1 and following is not None and struct.unpack_from("<Q", body, 10)[0] >= following:
                return  # Left because the disk failed: the next segment repeats this entry.
            try:
                self.frame(where, pos, body)
            except (struct.error, ValueError, KeyError, TypeError) as error:
                return self.place(where, pos, "the frame cannot be read: %s" % error, self.tree.size + 1)
            pos += 8 + length

    def frame(self, where, pos, body):
        if body[0] == 1:
            self.entry(where, pos, body)
        elif body[0] == 2:
            lines = body[10:].decode().split("\n")
            fits = int(lines[1]) == self.tree.size and base64.b64decode(lines[2]) == self.tree.root()
            if not self.broken and not fits:
                self.place(where, pos, "the checkpoint over %s entries does not fit them" % lines[1])
        elif body[0] == 3:
            _, last = struct.unpack_from("<QQ", body, 10)
            if not self.broken and (last != self.tree.size or body[26:58] != self.prev):
                self.place(where, pos, "the seal names another last entry")
        else:
            raise ValueError("unknown kind")

    def entry(self, where, pos, body):
        seq, prev, commitment, length = struct.unpack_from("<Q32s32sI", body, 10)
        end = 10 + 76 + length
        core, meta = body[10:end], json.loads(body[86:end])
        self.at = meta["at"]
        if not self.broken and (seq != self.tree.size + 1 or prev != self.prev):
            self.place(where, pos, "the entry does not follow from the one before", seq)
        if body[1] & 1:
            salt, size = body[end : end + 32], struct.unpack_from("<I", body, end + 32)[0]
            payload = body[end + 36 :]
            if len(payload) != size or sha256(salt, payload) != commitment:
                self.place(where, pos, "the payload is not the one that was committed to", seq)
            elif meta["kind"] == "fragmentWritten":
                self.fragments.append(json.loads(payload)["event"])
            elif meta["kind"] == "scanKept":
                self.scans.append(json.loads(payload)["event"]["scan"])
        self.prev = sha256(b"\0", core)
        self.tree.push(self.prev)


def is_plain(path):
    """A link or a device could lead anywhere, or have no end."""
    return stat.S_ISREG(os.lstat(path).st_mode)


def read(root, name, start=0, size=-1):
    path = os.path.join(root, *name.split("/"))
    if not is_plain(path):
        raise OSError("%s is no plain file" % name)
    with open(path, "rb") as file:
        file.seek(start)
        return file.read(size)


def manifest(root, name):
    try:
        text = read(root, name)
    except OSError:
        found(name, "missing")
        return {}
    listed = {}
    lines = text.decode("utf-8", "replace").split("\n")
    if lines.pop():
        found(name, "the last line does not end")
    for number, line in enumerate(lines, 1):
        digest, gap, path = line.partition("  ")
        path = path.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        if not gap or len(digest) != 64 or path.startswith("/") or ".." in path.split("/"):
            found(name, "line %d cannot be read" % number)
        else:
            listed[path] = digest
    return listed


def check_files(root, listed, tags):
    """Checks every file against the manifests."""
    present = set()
    for folder, below, names in os.walk(root):
        # A link to a folder is not gone into; it counts as a file that nobody listed.
        for name in names + [d for d in below if os.path.islink(os.path.join(folder, d))]:
            present.add(os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/"))
    for path, digest in sorted(list(listed.items()) + list(tags.items())):
        if path not in present:
            found(path, "missing")
        elif not is_plain(os.path.join(root, path)):
            found(path, "is a link or a device, not a file")
        elif sha256(read(root, path)).hex() != digest:
            found(path, "changed: its checksum is not the one in the manifest")
    unlisted = present - set(listed) - set(tags) - {"tagmanifest-sha256.txt", "package.note"}
    for path in sorted(unlisted):
        found(path, "added: no manifest lists it")


def check_signature(root, key):
    """The signature over both manifests: whoever changes a file and its line there is found here."""
    try:
        note = read(root, "package.note").decode("utf-8", "replace")
    except OSError:
        return found("package.note", "missing")
    text = open_note("package.note", note, key)
    if text is None:
        return
    lines = text.split("\n")
    if len(lines) != 4 or lines[0] != key[0] + "/package":
        found("package.note", "it does not sign a package of this log")
    for number, name in ((1, "manifest-sha256.txt"), (2, "tagmanifest-sha256.txt")):
        path = os.path.join(root, name)
        if not os.path.isfile(path) or lines[number : number + 1] != [sha256(read(root, name)).hex()]:
            found(name, "the manifest is not the signed one")


def check_journal(root, key):
    folder = os.path.join(root, "data", "journal")
    names = sorted(n for n in os.listdir(folder) if n.endswith(".seg")) if os.path.isdir(folder) else []
    journal = Journal()
    segments = [(n, read(root, "data/journal/" + n)) for n in names]
    for i, (name, data) in enumerate(segments):
        where = "data/journal/" + name
        following = None
        if i + 1 < len(segments) and len(segments[i + 1][1]) >= 128:
            _, flags, _, first = struct.unpack_from("<IIQQ", segments[i + 1][1], 8)
            following = first if flags & 1 else None
        if name != "%06d.seg" % (i + 1):
            journal.place(where, 0, "segment %d before it is missing" % (i + 1))
        journal.segment(where, data, i + 1, following)
    try:
        note = read(root, "data/checkpoint.txt").decode("utf-8", "replace")
    except OSError:
        return journal  # Named as missing already, by the manifest.
    note = open_note("data/checkpoint.txt", note, key)
    if note is not None:
        origin, size, tree_root = note.split("\n")[:3]
        if journal.broken:
            found("data/checkpoint.txt", "its root cannot be compared: the journal is damaged")
        elif int(size) != journal.tree.size:
            found("data/journal", "%d entries are there, %s are signed" % (journal.tree.size, size))
        elif base64.b64decode(tree_root) != journal.tree.root():
            found("data/journal", "the Merkle root is not the signed one")
    return journal


def check_fragments(root, fragments):
    for f in fragments:
        where = "data/media/" + f["file"]
        span = "%s fragment %d (%s to %s)" % (f["track"], f["seq"], clock(f["from"]), clock(f["to"]))
        if ".." in f["file"].split("/") or f["file"].startswith("/"):
            found("data/journal", span + ": names a file outside the package")
            continue
        try:
            data = read(root, where, f["offset"], f["bytes"])
        except OSError:
            found(where, span + ": the file is missing")
            continue
        if len(data) != f["bytes"] or sha256(data).hex() != f["sha256"]:
            found(where, span + ": is not what was recorded")


def check_scans(root, scans):
    """Paper that was signed by hand and scanned back: the journal names each scan by its digest."""
    for scan in scans:
        name = "%s.%s" % (scan["sha256"], {"jpeg": "jpg"}.get(scan["format"], scan["format"]))
        where = "data/scans/" + name
        if "/" in name or ".." in name:
            found("data/journal", "a scan is named that could not be in a package")
            continue
        try:
            data = read(root, where)
        except OSError:
            found(where, "the scan of signed paper is missing")
            continue
        if sha256(data).hex() != scan["sha256"]:
            found(where, "the scan of signed paper is not the one that was kept")


def check_proofs(root, journal):
    """Every proof by itself: its entry, the way to the root, and the checkpoint of this package."""
    folder = os.path.join(root, "data", "proofs")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        where = "data/proofs/" + name
        try:
            head, checkpoint = read(root, where).decode().split("\n\n", 1)
            first, extra, index, *hashes = head.split("\n")
            logged = json.loads(unpack_base64(extra[len("extra ") :]))
            core = unpack_base64(logged["entry"])
            at, last = int(index[len("index ") :]), journal.tree.size - 1
            if not extra.startswith("extra ") or index != "index %d" % at:
                raise ValueError("its lines are not those of a proof")
            if first != "c2sp.org/tlog-proof@v1" or checkpoint != read(root, "data/checkpoint.txt").decode():
                raise ValueError("it is a proof under another checkpoint")
            if logged.get("event") is not None:
                salt, event = unpack_base64(logged["salt"]), logged["event"].encode()
                if sha256(salt, event) != core[40:72]:
                    raise ValueError("the event in it is not the one that was logged")
            node = sha256(b"\0", core)
            for sibling in map(unpack_base64, hashes):
                if at & 1 or at == last:
                    node = sha256(b"\1", sibling, node)
                    while not at & 1 and at:
                        at, last = at >> 1, last >> 1
                else:
                    node = sha256(b"\1", node, sibling)
                at, last = at >> 1, last >> 1
            if last or node != journal.tree.root():
                raise ValueError("it leads to another root")
        except (OSError, ValueError, KeyError, TypeError) as error:
            found(where, "proves nothing: %s" % error)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    try:
        declaration = read(root, "bagit.txt")
    except OSError:
        print("不是归档包 / not a package: " + root)
        return 2
    if declaration != b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n":
        found("bagit.txt", "changed: not the declaration of a BagIt 1.0 bag")
    check_files(root, manifest(root, "manifest-sha256.txt"), manifest(root, "tagmanifest-sha256.txt"))
    journal = Journal()
    try:
        key = parse_key(read(root, "data/key.txt").decode())
    except (OSError, ValueError) as error:
        key = found("data/key.txt", "no key can be read: %s" % error)
    try:
        if key is not None:
            check_signature(root, key)
            journal = check_journal(root, key)
            check_fragments(root, journal.fragments)
            check_scans(root, journal.scans)
            if not journal.broken:
                check_proofs(root, journal)
    except Exception as error:  # What somebody else wrote may break anything; what cannot be checked is not whole.
        found("data", "cannot be checked: %s: %s" % (type(error).__name__, error))
    if findings:
        print("已被改动 / NOT WHOLE: %d" % len(findings))
        for where, what in findings:
            print("  %s: %s" % (where, what))
        return 1
    print("完整 / WHOLE: %d entries, %d fragments" % (journal.tree.size, len(journal.fragments)))
    print("  root %s" % journal.tree.root().hex())
    print("  key  %s" % read(root, "data/key.txt").decode().strip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
