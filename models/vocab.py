"""Tokens of the multilingual Whisper vocabulary, and the few of them that the demo model uses.

The model writes one hanzi at a time: its one to three byte-pair tokens, never a token of several hanzi. Prompts are cut
as whisper.cpp cuts them (longest match), so that a prompt set there means what it meant in training.
"""

import base64
from pathlib import Path

EOT, SOT, ZH, TRANSCRIBE, PREV, NO_TIMESTAMPS = 50257, 50258, 50260, 50359, 50361, 50363
N_VOCAB = 51865
N_TEXT_TOKENS = 50257
START = [SOT, ZH, TRANSCRIBE, NO_TIMESTAMPS]
MARKS = "，。、？"


class Vocabulary:
    """Byte strings ↔ token ids."""

    def __init__(self, assets: Path):
        self.ids = {}
        for line in (assets / "multilingual.tiktoken").read_bytes().splitlines():
            if line:
                token, rank = line.split()
                self.ids[base64.b64decode(token)] = int(rank)
        self.bytes = {i: b for b, i in self.ids.items()}
        self._longest = max(map(len, self.ids))
        self._char_cache = {}

    def char(self, c: str) -> list[int]:
        """Byte-pair tokens of one character."""
        if c not in self._char_cache:
            parts = [bytes([b]) for b in c.encode()]
            while len(parts) > 1:
                ranks = [(self.ids.get(parts[i] + parts[i + 1], 1 << 30), i) for i in range(len(parts) - 1)]
                rank, i = min(ranks)
                if rank == 1 << 30:
                    break
                parts[i : i + 2] = [parts[i] + parts[i + 1]]
            self._char_cache[c] = [self.ids[p] for p in parts]
        return self._char_cache[c]

    def spell(self, text: str) -> list[int]:
        """Character by character: how the model writes."""
        return [t for c in text for t in self.char(c)]

    def longest_match(self, text: str) -> list[int]:
        """As whisper.cpp tokenises a run without spaces, letters or digits."""
        raw, out, i = text.encode(), [], 0
        while i < len(raw):
            for j in range(min(len(raw), i + self._longest), i, -1):
                if raw[i:j] in self.ids:
                    out.append(self.ids[raw[i:j]])
                    i = j
                    break
        return out

    def text(self, tokens) -> str:
        """Text of tokens; special tokens left out, broken characters shown as �."""
        return b"".join(self.bytes[t] for t in tokens if t in self.bytes).decode("utf-8", errors="replace")
