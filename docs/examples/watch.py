#!/usr/bin/env python3
"""Watches a seat of a hearing: prints every line of the record as it settles or changes, and every page that is shown,
one line each: what, number, hearing time in ms, seat, text. [R-…] are rules of docs/protocol.md."""
import argparse, base64, json, os, random, ssl, sys, time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

KEYED = {"seat": ("seats", "id"), "request": ("requests", "id"), "evidence": ("evidence", "id"),
         "line": ("lines", "id"), "interruption": ("ledger", "id"), "signature": ("signatures", "seat"),
         "mark": ("marks", "id"), "markGone": ("marks", "id"), "said": ("said", "line"),
         "fault": ("faults", 0), "faultGone": ("faults", 0)}


def apply(snapshot, part, new):
    """Replaces, adds or removes one part of the snapshot and computes nothing [R-UPD-1]."""
    if part in KEYED:
        (name, key), gone = KEYED[part], part.endswith("Gone")
        others = [old for old in snapshot[name] if old[key] != (new if gone else new[key])]
        order = (lambda e: (e["from"], e["id"])) if part == "line" else (lambda e: e[key])
        snapshot[name] = others if gone else sorted(others + [new], key=order)
    elif part in snapshot:
        snapshot[part] = new


def get(url, tls, path, headers):
    """One GET on a connection of its own, which gives up after 13 s of silence [R-LIVE-3]."""
    hub = HTTPSConnection(url.netloc, timeout=13, context=tls) if tls else HTTPConnection(url.netloc, timeout=13)
    hub.request("GET", path, headers=headers)
    return hub, hub.getresponse()


def say(peer, message):
    """One masked text frame (RFC 6455); what is said here is shorter than 126 bytes."""
    data, mask = json.dumps(message).encode(), os.urandom(4)
    peer.sendall(bytes([0x81, 0x80 | len(data)]) + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))


def hear(reader):
    """The hub's messages, each one text frame [R-WS-6]; one that is cut short is no JSON."""
    while len(head := reader.read(2)) == 2 and head[0] == 0x81:
        more = {126: 2, 127: 8}.get(head[1], 0)
        yield json.loads(reader.read(int.from_bytes(reader.read(more), "big") if more else head[1]))


def follow(url, tls, cookie):
    """The hub's messages over one connection after another, with no update missing."""
    epoch, last, wait_s, least_ms = None, 0, 0.25, 0
    while True:
        try:
            headers = {"Cookie": cookie, "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                       "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode()}
            hub, answer = get(url, tls, url.path.removesuffix("join") + "ws", headers)
            if answer.status != 101:  # 401, 403: nothing is open here any more; no use in coming back [R-WS-3]
                raise (SystemExit if answer.status in (401, 403) else ConnectionError)(f"{answer.status} {answer.reason}")
            say(hub.sock, {"type": "hello", "resume": None if epoch is None else {"epoch": epoch, "seq": last}})
            for message in hear(hub.sock.makefile("rb")):
                kind, seq, least_ms = message["type"], message.get("seq"), message.get("retryMs", 0)
                if kind == "update" and seq != last + 1:  # a new snapshot is needed [R-SEQ-5]
                    epoch = None
                    break
                last = last if seq is None else seq
                if kind == "welcome":
                    epoch, wait_s = message["epoch"], 0.25
                elif kind == "status":  # once a second [R-STAT-1]
                    say(hub.sock, {"type": "ping", "sentMs": int(time.monotonic() * 1000)})
                elif kind == "bye" and least_ms is None:  # [R-BYE-2]
                    sys.exit(message["sentence"])
                yield message
        except (OSError, ValueError, HTTPException) as lost:
            print(f"{lost}; coming back", file=sys.stderr)
        time.sleep(least_ms / 1000 + wait_s * random.uniform(0.5, 1))  # [R-BACK-1]
        wait_s, least_ms = min(8, 2 * wait_s), 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("link", help="a seat link, http(s)://HOST/h/HEARING/SEAT/join?code=CODE; it works once")
    parser.add_argument("--ca", metavar="FILE", help="the certificate of a hub that made its own")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--until-lines", metavar="N", type=int, default=1 << 32, help="end when N lines have been seen")
    options = parser.parse_args()
    url, snapshot, printed = urlsplit(options.link), {}, {}
    tls = ssl.create_default_context(cafile=options.ca) if url.scheme == "https" else None
    try:
        _, joined = get(url, tls, f"{url.path}?{url.query}", {})
    except OSError as error:  # not there, or a certificate that nobody vouches for
        sys.exit(f"{url.netloc}: {error}" + (" (a hub that made its own: --ca FILE)" if tls and not options.ca else ""))
    if joined.status != 303:
        sys.exit(f"the link was refused with {joined.status}: it is wrong, too old or used [R-JOIN-5]")
    for message in follow(url, tls, joined.getheader("Set-Cookie").split(";")[0]):
        snapshot = message.get("snapshot") or snapshot
        for update in message.get("updates", ()):
            apply(snapshot, update["part"], update["is"])
        shown = {("line", e["id"]): (e["from"], e["seat"], e["text"].replace("\n", " ")) for e in snapshot["lines"]}
        if view := snapshot["screens"]["view"]:
            shown["page", view["number"]] = view["at"], view["by"], f'{view["page"]["doc"]} {view["page"]["page"]}'
        for key, read in sorted(shown.items() - printed.items(), key=lambda e: e[1]):
            event = dict(zip(("what", "number", "at", "seat", "text"), key + read))
            print(json.dumps(event, ensure_ascii=False) if options.json else " ".join(map(str, key + read)), flush=True)
        printed |= shown
        if len(snapshot["lines"]) >= options.until_lines:
            sys.exit()
