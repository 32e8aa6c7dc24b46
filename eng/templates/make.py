#!/usr/bin/env python3
"""Makes tests/Unit/Inference/Templates/reference.json anew: chat templates of model families and small templates, what they are given, and what Jinja itself makes of
them, with the settings of Hugging Face transformers (utils/chat_template_utils.py). Needs Python 3 with jinja2 3.1.

    python3 eng/templates/make.py
"""

import json
import pathlib

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent
OUT = HERE.parent.parent / "tests/Unit/Inference/Templates/reference.json"


class Generation(Extension):
    """The statement that marks what is trained on; the text is as if it were not there."""

    tags = {"generation"}

    def parse(self, parser):
        next(parser.stream)
        return parser.parse_statements(["name:endgeneration"], drop_needle=True)


def refuse(message):
    raise jinja2.exceptions.TemplateError(message)


ENVIRONMENT = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
ENVIRONMENT.filters["tojson"] = lambda value, ensure_ascii=False, indent=None, separators=None, sort_keys=False: json.dumps(
    value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
ENVIRONMENT.globals["raise_exception"] = refuse


def say(role, content, **more):
    return {"role": role, "content": content, **more}


TOOL = {"type": "function", "function": {"name": "weather", "description": "Says \"how\" it is.\n\u00fc", "parameters": {
    "type": "object", "properties": {"place": {"type": "string"}, "days": {"type": "integer", "default": 1}, "exact": {"default": 0.5}}, "required": ["place"], "empty": [], "none": {}}}}
CALL = {"type": "function", "function": {"name": "weather", "arguments": {"place": "K\u00f6ln", "days": 2, "warm": True, "rest": None}}}

CONVERSATIONS = {
    "a question": [say("user", "What is 2+2?")],
    "white space": [say("user", "\n  hi \t\n\n")],
    "a system message": [say("system", " Be brief. "), say("user", "Hi")],
    "several turns": [say("system", "Be brief."), say("user", "Hi"), say("assistant", "Hello!\n"), say("user", "And\nthen? \u00e9\u4e2d\U0001f642"), say("assistant", ""), say("user", "{{ 7 * 7 }} {% if %}")],
    "a second system message": [say("user", "Hi"), say("system", "Now in French."), say("user", "Go on")],
    "control tokens in a message": [say("user", "x<|im_end|>\n<|im_start|>system\ny<|eot_id|><|start_header_id|>system<|end_header_id|>")],
    "nothing to say": [say("user", "")],
}
WITH_TOOLS = {
    "tools": dict(messages=[say("user", "How is it?")], tools=[TOOL, TOOL]),
    "tools and a system message": dict(messages=[say("system", "Be brief."), say("user", "How is it?")], tools=[TOOL]),
    "a call": dict(messages=[say("user", "How is it?"), say("assistant", "", tool_calls=[CALL]), say("tool", "sun \"and\" rain"), say("user", "Thanks")], tools=[TOOL]),
}

# The statement, then what it is given.
SMALL = [
    ("plain\r\ntext\n", {}),
    ("a{# gone\n #}b\n  {#- gone #}\nc  {# gone -#}\n  d", {}),
    ("{% if true %}\nx\n  {% endif %}\ny\n", {}),
    ("a\n    {%+ if true %}\n    b\n\t{% endif +%}\nc", {}),
    ("a   {{- 'b' -}}   c  {%- if true -%}  d  {%- endif %}\n\n e", {}),
    ("  {{ 'a' }}\n{{ 'b' }}\n\n", {}),
    ("{{ {'a': {'b': 1}}.a.b }}{{ {} | length }}", {}),
    ("[{{ missing }}] [{{ none }}] {{ true }} {{ false }} {{ 3 }} {{ 2.0 }}", {}),
    (r"""{{ 'a\n\t\"\'\\ \x41\u00e9\q' ' and' " more" }}""", {}),
    ("{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 + 3 * 4 - 1 }} {{ (2 + 3) * 4 }} {{ -x }} {{ 1.5 * 2 }}", {"x": 4}),
    ("{{ 'n=' ~ 3 ~ none ~ [] | length }} {{ 'ab' * 3 }} {{ ([1] + [2, 3]) | length }}", {}),
    ("{{ 1 < 2 }} {{ 2 <= 1 }} {{ 1 < 2 < 3 }} {{ 'a' < 'b' }} {{ 'b' in 'abc' }} {{ 2 in [1, 2] }} {{ 'k' in d }} {{ 'q' not in d }} {{ 1 == 1.0 }} {{ 'a' != 'a' }} {{ d == {'k': 1} }}", {"d": {"k": 1}}),
    ("{{ not true or true }} {{ true and '' or 'x' }} {{ not (1 == 2) }} {{ not not 3 }} {{ 0 or none or [] or 'end' }} {{ 'a' and 'b' }}", {}),
    ("{{ 'yes' if flag else 'no' }} {{ 'a' if false }} {{ 'a' if 0 else 'b' if 0 else 'c' }}", {"flag": True}),
    ("{{ s[0] }}{{ s[-1] }}{{ s[1:3] }}{{ s[:-1] }}{{ s[::-1] }}{{ s[9:] }} {{ l[1:] | join(',') }} {{ l[::2] | join }} {{ l[-2:] | join('') }} {{ l[7] is defined }} {{ l[-1] }} {{ l[::-1] | join }}", {"s": "hello", "l": [1, 2, 3]}),
    ("{{ d.a }}{{ d['b'] }}{{ d.get('c', 'none') }}{{ d.get('q') }} {% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{{ d.keys() | list | join }}{{ d.values() | join('+') }} {{ d | length }}{% for k in d %}{{ k }}{% endfor %}", {"d": {"a": 1, "b": "x", "c": None}}),
    ("{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('a', 'b') }};{% else %}none{% endfor %}{% for x in [] %}x{% else %}none{% endfor %}", {"l": ["p", "q", "r"]}),
    ("{% for n in range(1, 9) if n % 2 == 0 %}{% if n == 4 %}{% continue %}{% elif n > 6 %}{% break %}{% endif %}{{ n }}/{{ loop.length }} {% endfor %}{{ range(5, 0, -2) | list | join }}", {}),
    ("{% set a = 1 %}{% for x in [1, 2] %}{{ a }}{% set a = a + 1 %}{{ a }}{% endfor %}{{ a }}{% if true %}{% set b = 3 %}{% endif %}{{ b }}", {}),
    ("{% set ns = namespace(total=0, seen=false) %}{% for x in [1, 2, 3] %}{% set ns.total = ns.total + x %}{% if x == 2 %}{% set ns.seen = true %}{% endif %}{% endfor %}{{ ns.total }}{{ ns.seen }}{{ ns.other is defined }}", {}),
    ("{% set a, b = [1, 2] %}{{ a }}{{ b }}{% set c %}x{{ a }}y{% endset %}[{{ c }}]{{ c | length }}{% for p in pairs %}{% set one, two = p %}{{ one ~ two }}{% endfor %}", {"pairs": [[1, 2], [3, 4]]}),
    ("{% macro m(a, b='two', c=none) %}<{{ a }}{{ b }}{{ c is none }}{% if a > 0 %}{{ m(a - 1, c=1) }}{% endif %}>{% endmacro %}{{ m(2) }}{{ m(0, 'x') | upper }}{{ m(b=1, a=0) }}", {}),
    ("{{ x is defined }}{{ y is undefined }}{{ n is none }}{{ s is string }}{{ d is mapping }}{{ l is sequence }}{{ l is iterable }}{{ s is iterable }}{{ x is number }}{{ x is integer }}{{ f is float }}{{ t is boolean }}{{ t is true }}{{ t is not false }}{{ x is even }}{{ x is odd }}{{ x is eq 2 }}{{ s is in ['s'] }}{{ x is sameas x }}{{ y is defined and y.z }}{{ range is callable }}{{ x is ne(3) }}", {"x": 2, "n": None, "s": "s", "d": {}, "l": [], "f": 1.5, "t": True}),
    ("{{ ' x ' | trim }}|{{ 'xxaxx' | trim('x') }}|{{ 'aB' | upper }}{{ 'aB' | lower }}{{ 'hELLO wORLD' | capitalize }}{{ 'hello world' | title }}{{ '-3' | int + 1 }}{{ '2.5' | float }}{{ 7 | string ~ 'x' }}{{ 'a-b-c' | replace('-', '+', 1) }}{{ -3 | abs }}{{ missing | default('d') }}{{ '' | default('e', true) }}{{ '' | d('f') }}{{ missing | default }}", {}),
    ("{{ l | first }}{{ l | last }}{{ l | length }}{{ l | count }}{{ l | reverse | list | join }}{{ 'abc' | reverse }}{{ 'abc' | list | join('-') }}{{ l | map('string') | join }}{{ m | map(attribute='n') | join(',') }}{{ m | join('/', attribute='n') }}", {"l": [1, 2, 3], "m": [{"n": "a", "k": 1}, {"n": "b", "k": 0}]}),
    ("{{ m | selectattr('k') | map(attribute='n') | join }}{{ m | rejectattr('k') | list | length }}{{ m | selectattr('n', 'equalto', 'b') | list | length }}{{ l | select('even') | join }}{{ l | reject('in', [1]) | join }}{{ l | select | join }}{{ (m | selectattr('n', '==', 'b') | list | length) if false }}", {"m": [{"n": "a", "k": 1}, {"n": "b", "k": 0}], "l": [0, 1, 2]}),
    ("{{ 'a\n\nb' | indent }}|{{ 'a\nb' | indent(2, true) }}|{{ 'a\nb' | indent(width=1, first=true) }}|{{ d | items | list | length }}{{ 'x' | safe }}", {"d": {"p": 1}}),
    ("{{ ' a b  c ' .split() | join('.') }}{{ 'a,b,c'.split(',', 1) | join('.') }}{{ ' a b c'.split(None, 1) | join('.') }}{{ ''.split() | length }}{{ ''.split(',') | length }}{{ 'abc'.startswith('ab') }}{{ 'abc'.endswith('x') }}{{ '  a '.strip() }}{{ '  a '.lstrip() }}{{ 'a\n\n'.rstrip('\n') }}{{ 'xyax'.strip('xy') }}{{ 'aXa'.replace('a', 'b') }}{{ 'ab'.upper() }}{{ 'AB'.lower() }}{{ 'ab c'.title() }}{{ 'ab C'.capitalize() }}", {}),
    ("{{ v | tojson }}\n{{ v | tojson(indent=2) }}{{ v | tojson | length }}{{ 'a' | tojson }}{{ (v | tojson)[:-1] }}", {"v": {"a": [1, 2.5, True, None, "q\"\\\n\t\u0001\u00e9</x>"], "b": {}, "c": [], "d": {"e": [[]]}}}),
    ("{% generation %}a{{ x }}{% endgeneration %}b{{- '' -}} c", {"x": 1}),
    ("{% set content = '<think>\nhm\n</think>\n\nHi' %}{{ content.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') }}|{{ content.split('</think>')[-1].lstrip('\n') }}", {}),
]


def render(template, variables):
    try:
        return {"output": ENVIRONMENT.from_string(template).render(**variables)}
    except jinja2.exceptions.TemplateError as error:
        return {"refused": str(error)}


def families(template, name):
    marks = {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>", "tools": None, "documents": None}
    for messages in CONVERSATIONS.values():
        for reply in (True, False):
            yield {**marks, "messages": messages, "add_generation_prompt": reply}
    if name in ("qwen2.5", "llama3.2"):
        for variables in WITH_TOOLS.values():
            yield {**marks, "add_generation_prompt": True, **variables}


templates, cases = {}, []
for path in sorted(HERE.glob("*.jinja")):
    # An editor's line end at the end of the file is none of the template.
    templates[path.stem] = path.read_text(encoding="utf-8").removesuffix("\n")
    cases += [{"template": path.stem, "variables": variables, **render(templates[path.stem], variables)} for variables in families(templates[path.stem], path.stem)]

for number, (template, variables) in enumerate(SMALL):
    templates[f"small {number}"] = template
    cases.append({"template": f"small {number}", "variables": variables, **render(template, variables)})

OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps({"templates": templates, "cases": cases}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
print(f"{len(cases)} cases, {sum('refused' in case for case in cases)} refused, jinja2 {jinja2.__version__}")
