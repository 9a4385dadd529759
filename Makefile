# Two commands do all: `make demo` and `make test`. Both install what is missing first.
.PHONY: torture fuzz demo test test-rust test-web test-e2e test-shared web types bench bench-report lint build deb setup clean

setup:
	@scripts/setup.sh

web/dist/index.html: $(shell find web/src web/index.html web/vite.config.ts web/package-lock.json -type f 2>/dev/null)
	cd web && npm run --silent build
	@touch $@

web: web/dist/index.html

# The appliance itself.
build: setup web
	cargo build --release

# Opens the courtroom with the sample case and stays up; 演示庭审 plays the scripted hearing.
# LISTEN=0.0.0.0:8480 opens it to other machines, with TLS.
LISTEN ?= 127.0.0.1:8480
demo: build
	target/release/huiting demo --listen $(LISTEN)

# TypeScript and schemas of the wire messages, from the Rust types; golden messages; and the documents that are written from the code.
types:
	HUITING_WRITE_TYPES=1 cargo test -q -p huiting-protocol --test typescript --test wire
	HUITING_WRITE_TYPES=1 cargo test -q -p huiting-server --test matrix document

test: setup web test-rust test-web test-e2e

test-rust:
	cargo test --workspace

test-web:
	cd web && npm run --silent check && npm test --silent

# Four desks in Debian's Chromium against a real hub, recorder and recogniser.
test-e2e:
	scripts/e2e.sh

# Needs ../shared; says "skipped" where it is absent.
test-shared:
	cargo test --workspace -- shared_

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo deny check licenses bans sources

bench: setup web
	@scripts/bench.sh $(NAME)

# The journal's process killed with -9 N times and each of its system calls failed, N × 100 power cuts of a simulated disk, the whole hub killed
# N / 50 times under load, N × 10 hearings over lines that lose, delay and repeat, and hostile inputs for every parser (fuzz).
N ?= 1000
torture: fuzz
	HUITING_KILLS=$(N) HUITING_SEEDS=$$(($(N) * 100)) cargo test --release -p huiting-record -- kill simulated system_calls --nocapture
	HUITING_HUB_KILLS=$$((($(N) + 49) / 50)) cargo test --release -p huiting --test it -- killed_at_any_instant --nocapture
	cargo test --release -p huiting --test it -- --ignored starved_to_a_tenth
	HUITING_SEEDS=$$(($(N) * 10)) cargo test --release -p huiting-hub --test lossy -- --nocapture

# N times as many hostile inputs for every parser of bytes from outside as an ordinary run takes, N / 50 where they are whole packages or
# connections, and every byte of a journal and of a package changed. HUITING_SEED=n runs one input.
fuzz:
	HUITING_FUZZ=$(N) cargo test --release --workspace --lib --bins -- hostile_bytes hostile_numbers hostile_names every_byte
	HUITING_FUZZ=$(N) cargo test --release --workspace --test codec_properties --test commands -- hostile
	HUITING_FUZZ=$$((($(N) + 49) / 50)) cargo test --release --workspace --test it --test websocket -- hostile every_byte agrees

# target/deb/huiting_VERSION_ARCH.deb, for this machine's architecture.
deb: setup web
	cargo build --release
	@packaging/deb.sh

clean:
	cargo clean
	rm -rf web/dist web/node_modules
