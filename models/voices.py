"""Speech synthesis for training: espeak-ng in this process, with the time of every syllable.

Synthesis is asked for by reading (tone-numbered pinyin), and what comes back is 16 kHz samples and, for each syllable,
where in them it begins and ends. That timing is what lets the encoder be taught frame by frame.
"""

import ctypes
import ctypes.util
import re
from dataclasses import dataclass

import numpy as np

RATE_HZ = 16000

# The four voices of the scripted hearing come first.
TRAINING_VOICES = ("m1", "f2", "m3", "f4", "m2", "m4", "m5", "m7", "f1", "f5")
# Heard half as often each: synthesised people of many throats and manners.
MORE_VOICES = ("m8", "Andy", "Annie", "Alex", "Andrea", "adam", "aunty", "belinda", "benjamin", "boris", "caleb", "david", "Denis", "ed",
               "edward", "Gene", "Gustave", "Hugo", "iven3", "john", "kaukovalta", "linda", "max", "Michael", "mike", "quincy", "rob",
               "robert", "sandro", "shelby", "travis", "victor", "grandma", "grandpa", "klatt2", "klatt3")
HELD_OUT_VOICES = ("m6", "f3", "steph")


@dataclass
class Clip:
    """16 kHz samples (float32, peak about 0.5) and the syllables' spans in samples."""

    samples: np.ndarray
    spans: np.ndarray  # (n_syllables, 2) int32


class _Id(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("unique_identifier", ctypes.c_uint), ("text_position", ctypes.c_int),
                ("length", ctypes.c_int), ("audio_position", ctypes.c_int), ("sample", ctypes.c_int),
                ("user_data", ctypes.c_void_p), ("id", _Id)]


_WORD, _END = 1, 5
_RATE, _PITCH = 1, 3  # espeakRATE, espeakPITCH
_SYNTH_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Synthesiser:
    """espeak-ng through its library. One per process; not for threads."""

    def __init__(self):
        name = ctypes.util.find_library("espeak-ng")
        if name is None:
            raise RuntimeError("libespeak-ng is not installed: apt-get install espeak-ng")
        self._lib = ctypes.CDLL(name)
        # AUDIO_OUTPUT_SYNCHRONOUS = 2: samples and events come through the callback before espeak_Synth returns.
        self._source_hz = self._lib.espeak_Initialize(2, 0, None, 0)
        if self._source_hz <= 0:
            raise RuntimeError("espeak-ng did not start: is espeak-ng-data installed?")
        self._chunks, self._words, self._end_ms = [], [], 0
        self._callback = _SYNTH_CALLBACK(self._on_samples)
        self._lib.espeak_SetSynthCallback(self._callback)
        self._voice = None

    def _on_samples(self, wav, count, events):
        if wav and count > 0:
            self._chunks.append(np.ctypeslib.as_array(wav, (count,)).copy())
        i = 0
        while events[i].type != 0:
            if events[i].type == _WORD:
                self._words.append((events[i].text_position, events[i].audio_position))
            elif events[i].type == _END:
                self._end_ms = events[i].audio_position
            i += 1
        return 0

    def speak(self, clauses: list[list[str]], voice: str, speed_wpm: int, pitch: int) -> Clip:
        """Speak clauses of syllables (a pause between clauses) in a voice variant."""
        if voice != self._voice:
            if self._lib.espeak_SetVoiceByName(f"cmn-latn-pinyin+{voice}".encode()) != 0:
                raise RuntimeError(f"espeak-ng has no voice variant {voice}")
            self._voice = voice
        self._lib.espeak_SetParameter(_RATE, speed_wpm, 0)
        self._lib.espeak_SetParameter(_PITCH, pitch, 0)
        text = ", ".join(" ".join(c) for c in clauses)
        self._chunks, self._words, self._end_ms = [], [], 0
        raw = text.encode()
        self._lib.espeak_Synth(raw, ctypes.c_size_t(len(raw) + 1), 0, 1, 0, 1, None, None)
        pcm = np.concatenate(self._chunks).astype(np.float32) / 32768.0
        return self._clip(pcm, text, sum(map(len, clauses)))

    def _clip(self, pcm, text, n_syllables):
        # Pauses are announced as words too, at positions where no syllable begins.
        begins = [m.start() + 1 for m in re.finditer(r"[a-z]+\d", text)]
        first = {}
        for position, ms in self._words:
            first.setdefault(position, ms)
        starts = [first[p] for p in begins if p in first]
        if len(starts) != n_syllables or starts != sorted(starts):
            raise ValueError(f"espeak-ng spoke {len(starts)} words for {n_syllables} syllables: {text}")
        samples = resample(pcm, self._source_hz, RATE_HZ)
        starts = np.array(starts, dtype=np.int64) * RATE_HZ // 1000
        ends = np.append(starts[1:], len(samples))
        spans = []
        level = 0.02 * np.max(np.abs(samples))
        for a, b in zip(starts, ends):
            # The pause after a clause belongs to nobody: end the syllable where its sound ends.
            loud = np.flatnonzero(np.abs(samples[a:b]) > level)
            spans.append((a, a + int(loud[-1]) + 1 if len(loud) else b))
        return Clip(samples, np.array(spans, dtype=np.int32))


def resample(x: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    """Band-limited resampling of a whole clip through its spectrum."""
    if from_hz == to_hz:
        return x
    g = np.gcd(from_hz, to_hz)
    block = from_hz // g * 8
    x = np.pad(x, (0, -len(x) % block))
    n_out = len(x) * to_hz // from_hz
    spectrum = np.fft.rfft(x)[: n_out // 2 + 1]
    return (np.fft.irfft(spectrum, n_out) * (n_out / len(x))).astype(np.float32)
