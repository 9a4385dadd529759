#!/usr/bin/env python3
"""Writes variants.txt: one character to one character, for text normalisation.

Needs the PyPI package OpenCC (Apache-2.0; its dictionaries too). Three kinds of pairs:
traditional → simplified (OpenCC's t2s on single characters), CJK radicals and compatibility ideographs → ideographs
(Unicode NFKC), and the radical shapes Unicode does not decompose but PDF fonts really emit.
Usage: variants.py > variants.txt
"""
import sys
import unicodedata

import opencc

SHAPES = "⺁厂⺊卜⺎兀⺏尢⺒巳⺓幺⺛旡⺝月⺟母⺠民⺢水⺤爪⺩王⺪疋⺫目⺬示⺮竹⺰纟⺱网⺶羊⺸羊⺼肉⺽臼⻁虎⻂衣⻄西⻅见⻆角⻇角⻈讠⻉贝⻋车⻌辶⻍辶⻏阝⻑长⻒长⻓长⻔门⻖阝⻘青⻙韦⻚页⻛风⻜飞⻝食⻟食⻠饣⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻬齐⻮齿⻰龙⻱龟"
convert = opencc.OpenCC("t2s").convert
pairs = {}
for code in [*range(0x3400, 0xA000), *range(0x20000, 0x323B0)]:
    c = chr(code)
    s = convert(c)
    if len(s) == 1 and s != c:
        pairs[c] = s
for code in [*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20)]:
    c = chr(code)
    s = unicodedata.normalize("NFKC", c)
    if len(s) == 1 and s != c:
        pairs[c] = convert(s) if len(convert(s)) == 1 else s
for shape, ideograph in zip(SHAPES[::2], SHAPES[1::2]):
    pairs.setdefault(shape, ideograph)
sys.stdout.write("".join(c + s + "\n" for c, s in sorted(pairs.items())))
