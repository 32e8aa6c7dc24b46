#!/usr/bin/env python3
"""What Python does with the texts of HellaSwag, as lm-evaluation-harness cleans them: the table of letters that the product reads,
and texts with what comes of them for its tests. eng/python/text.py, with Python 3.11 (Unicode 14), writes both anew."""
import hashlib
import json
import pathlib
import random
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHARACTERS = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]


def runs(values):
    """(first, last, step, value) of characters one or two apart that share a value."""
    found = []
    for code, value in values:
        last = found[-1] if found else None
        if last and last[3] == value and (code - last[1] == last[2] or (last[0] == last[1] and code - last[1] <= 2)):
            last[1:3] = code, code - last[1]
        else:
            found.append([code, code, 1, value])
    return found


def sigma_follows(before):
    """Whether a sigma after these letters is the final one."""
    return (before + "Σ").lower()[-1] == "ς"


def table():
    yield "# Letters as Python 3.11 has them (Unicode 14.0), made by eng/python/text.py: first last step difference, or character = others."
    for name, case in ("lower", str.lower), ("title", str.title):
        changed = [(ord(one), case(one)) for one in CHARACTERS if case(one) != one]
        for first, last, step, value in runs((code, ord(other) - code) for code, other in changed if len(other) == 1):
            yield f"{name} {first:X} {last:X} {step} {value}"
        for code, other in changed:
            if len(other) > 1:
                yield f"{name} {code:X} = {' '.join(f'{ord(one):X}' for one in other)}"
    ignored = {one for one in CHARACTERS if sigma_follows("A" + one) and not sigma_follows(one)}
    for name, wanted in ("ignored", lambda one: one in ignored), ("cased", sigma_follows):
        for first, last, step, _ in runs((ord(one), True) for one in CHARACTERS if wanted(one)):
            yield f"{name} {first:X} {last:X} {step}"


def preprocess(text):
    """The clean-up of lm-evaluation-harness (lm_eval/tasks/hellaswag/utils.py)."""
    text = text.strip().replace(" [title]", ". ")
    return re.sub("\\[.*?\\]", "", text).replace("  ", " ")


def rows(count):
    """Items put together by chance from what the clean-up treats in its own way."""
    draw = random.Random(42)
    spaces = [" ", "  ", "   ", "\n", "\t", "\r\n", "\x0b", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "\u1680", "\u2003", "\u2028", "\u202f", "\u3000", "\u180e", "\u200b", "\ufeff"]
    marks = ["[", "]", "[title]", " [title]", "[step]", " [step] ", "[header]", "[[substeps]]", "[a\nb]", "[\x85]", "[\u2028]", "[😀]"]
    letters = [one for one in CHARACTERS if len(one.lower()) > 1 or len(one.title()) > 1 or one.title() != one.upper()]
    words = ["ring", "NASA", "Paris", "ΟΔΟΣ", "ΣΑΣ.", "aΣ\u0301b", "AΣ\u00ad", "ıİiI", "ŉa", "ﬁnd", "ǆabc", "𐐀𐐨", "café", "日本", "😀", "e\u0301", "ꭰᏸ", "ა", "\u0345Σ"]
    pools = [spaces, marks, letters, words, words]
    text = lambda: "".join(draw.choice(draw.choice(pools)) for _ in range(draw.randint(0, 9)))
    while count:
        activity, first, second, ending = text(), text(), text(), text()
        query, choice = preprocess(activity + ": " + first + " " + second.capitalize()), preprocess(ending)
        if choice and ending.strip() and query.strip():
            count -= 1
            yield {"activity_label": activity, "ctx_a": first, "ctx_b": second, "ending": ending, "query": query, "rstrip": query.rstrip(), "choice": choice}


def digests():
    """SHA-256, by blocks of 4,096 characters, of all that capitalizing does to one: first, later, around a sigma; and of stripping it."""
    for start in range(0, 0x110000, 4096):
        texts = []
        for one in (chr(code) for code in range(start, start + 4096) if not 0xD800 <= code < 0xE000):
            texts += [one.capitalize(), ("a" + one).capitalize(), ("a" + one + "Σ").capitalize(), ("." + one + "Σ").capitalize(), ("aΣ" + one).capitalize(), ("aΣ" + one + "b").capitalize(), (one + "x" + one).strip()]
        yield {"start": start, "sha256": hashlib.sha256("\n".join(texts).encode()).hexdigest()}


def write(path, lines):
    with open(ROOT / path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(line + "\n" for line in lines)


write("src/Data/Tasks/letters.txt", table())
write("tests/Unit/Data/Tasks/Golden/hellaswag-texts.jsonl", map(json.dumps, rows(200)))
write("tests/Unit/Data/Tasks/Golden/capitalized.jsonl", map(json.dumps, digests()))
