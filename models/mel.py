"""The log-mel spectrogram as whisper.cpp computes it, kept as log power so that sounds can be mixed afterwards."""

from pathlib import Path

import numpy as np

N_FFT, HOP, N_MELS = 400, 160, 80
FLOOR = -10.0  # log10 of the smallest power whisper.cpp lets through

_WINDOW = (0.5 * (1 - np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT))).astype(np.float32)


def load_filters(assets: Path) -> np.ndarray:
    """The (80, 201) filter bank of the openai-whisper package."""
    with np.load(assets / "mel_filters.npz") as f:
        return f["mel_80"].astype(np.float32)


def log_power(samples: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """(frames, 80) log10 mel power, 100 frames a second; the start is mirrored, the end padded with zeros."""
    x = np.concatenate([samples[1 : N_FFT // 2 + 1][::-1], samples, np.zeros(N_FFT, np.float32)]).astype(np.float32)
    n = (len(samples) + HOP - 1) // HOP
    frames = np.lib.stride_tricks.sliding_window_view(x, N_FFT)[::HOP][:n]
    power = np.abs(np.fft.rfft(frames * _WINDOW, axis=1)) ** 2
    return np.log10(np.maximum(power @ filters.T, 1e-10)).astype(np.float32)


def hz_of(mel: np.ndarray) -> np.ndarray:
    """Slaney's scale, as the filter bank has it: 15 steps for the first 1000 Hz, then 27 for every factor of 6.4."""
    return np.where(mel < 15, mel * 1000 / 15, 1000 * 6.4 ** ((mel - 15) / 27))


_TOP = 15 + 27 * np.log(8) / np.log(6.4)  # 8 kHz
_CENTRES = hz_of(np.linspace(0, _TOP, N_MELS + 2))[1:-1]


def warp(log_mel: np.ndarray, factor: float) -> np.ndarray:
    """The same words from a throat `factor` times as long: every frequency lower by it."""
    at = np.interp(_CENTRES * factor, _CENTRES, np.arange(N_MELS))
    low = np.minimum(at.astype(int), N_MELS - 2)
    part = (at - low).astype(np.float32)
    return log_mel[:, low] * (1 - part) + log_mel[:, low + 1] * part


def normalise(log_mel: np.ndarray, n_frames: int) -> np.ndarray:
    """What the encoder takes: (n_frames, 80), silence after the sound, clamped 8 under the maximum, (x+4)/4."""
    out = np.full((n_frames, N_MELS), FLOOR, np.float32)
    k = min(n_frames, len(log_mel))
    out[:k] = log_mel[:k]
    return (np.maximum(out, out.max() - 8.0) + 4.0) / 4.0


def context(n_samples: int) -> int:
    """Encoder positions for a clip: 50 per second and 16 more, rounded up to a multiple of 64, at most 1500."""
    return min(1500, -(-(-(-n_samples // 320) + 16) // 64) * 64)
