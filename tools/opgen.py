#!/usr/bin/env python3
"""opgen.py -- writes from ops/ops.def all that its lines imply, so that nothing is listed twice.

usage: opgen.py sources DEF            the op files, one a line (for meson)
       opgen.py header  DEF OUT        <wengert/ops.h>: doc comment, options, prototypes, macro of every op
       opgen.py lines   DEF OUT        lines.h: what WG_LINE(op) puts into an op's descriptor
       opgen.py table   DEF OUT        ops.c: the registry and the public functions
"""
import os
import re
import sys
import textwrap

# what .takes may say -> in words
DTYPES = {"WG_REALS": "f32 f64", "WG_NUMBERS": "f32 f64 i64", "WG_BOOLS": "bool", "WG_EVERY": "any", "WG_COMPUTED": "f32 f64 i64 i32 u8 bool"}
# attribute type -> (C type of its field, name in op.h)
TYPES = {
    "int": ("int", "WG_A_INT"),
    "size": ("int64_t", "WG_A_SIZE"),
    "real": ("double", "WG_A_REAL"),
    "bool": ("bool", "WG_A_BOOL"),
    "dtype": ("wg_dtype", "WG_A_DTYPE"),
    "ints": ("wg_ints", "WG_A_INTS"),
    "shape": ("wg_shape", "WG_A_SHAPE"),
    "data": ("wg_array", "WG_A_DATA"),
    "call": ("wg_applied", "WG_A_CALL"),
    "text": ("const char *", "WG_A_TEXT"),
}
# defaults that are words -> C
WORDS = {
    "inf": "(double)INFINITY", "-inf": "(double)-INFINITY", "nan": "(double)NAN", "none": "WG_NO_AXIS", "true": "true", "false": "false",
    "f32": "WG_F32", "end": "WG_END", "start": "WG_START", "n": "-1", "1/sqrt(d)": "(double)NAN",
}


class Attribute:
    def __init__(self, text):
        m = re.fullmatch(r"(\w+):([\w|]+)(?:=(.+))?", text)
        if not m:
            sys.exit(f"ops.def: cannot read attribute '{text}'")
        self.name, self.type, self.default = m.groups()
        self.words = self.type.split("|") if "|" in self.type else None
        self.ctype, self.enum = ("const char *", "WG_A_ENUM") if self.words else TYPES[self.type]

    def field(self):
        return f"{self.ctype}{'' if self.ctype.endswith('*') else ' '}{self.name};"

    def value(self):
        """The default in C, or None where the field starts at zero anyway. A list that is not given is empty: the op knows what it means."""
        if self.default is None or self.type == "ints":
            return None
        return WORDS.get(self.default, self.default)


class Op:
    def __init__(self, line, root):
        line, _, self.torch = (part.strip() for part in line.partition(" | "))
        self.name, self.family, signature = (line.split(None, 2) + [""])[:3]
        inputs, _, attributes = signature.partition(";")
        names = [s.strip() for s in inputs.split(",") if s.strip()]
        self.variadic = bool(names) and names[0].endswith("...")
        self.inputs = [(n.rstrip("?."), n.endswith("?")) for n in names]
        self.attributes = [Attribute(s.strip()) for s in attributes.split(",") if s.strip()]
        self.path = os.path.join(root, self.family, self.name + ".c")
        self.text = self.read()
        self.doc = self.read_doc()
        self.hidden = ".kind = WG_LEAF" in self.text    # no function of its own: src/ makes these

    def read(self):
        try:
            with open(self.path, encoding="utf-8") as f:
                return f.read()
        except OSError:
            sys.exit(f"ops.def: {self.name} has no file {self.path}")

    def read_doc(self):
        m = re.search(r"/\*(.*?)\*/", self.text, re.S)
        if not m:
            sys.exit(f"{self.path}: does not begin with a comment that documents the op")
        return "\n".join(re.sub(r"^ \* ?|^ +(?=\S)", "", s).rstrip() for s in m.group(1).strip().splitlines())

    def rule(self, field):
        """What the descriptor says of a field, as it is written there; "" where nothing."""
        m = re.search(r"\.%s = ([^,}]+)" % field, self.text[self.text.find(f"const wg_op wg_op_{self.name} ="):])
        return m[1].strip() if m else ""

    def mask(self, field):
        return eval(re.sub(r"\b(\d+)u\b", r"\1", self.rule(field)) or "0", {"__builtins__": {}})  # 2, or 1u | 1u << 2

    def inputs_text(self):
        takes = [DTYPES[w.strip()] for w in (self.rule("takes") or "WG_REALS").split("|")]
        out = []
        for i, (name, optional) in enumerate(self.inputs):
            bit = 1 if self.variadic else 1 << i
            kind = ("its shape only" if self.mask("shape_only") & bit else "any" if self.mask("any_dtype") & bit else "bool" if self.mask("bools") & bit
                    else "i64 i32 u8" if self.mask("index") & bit else " ".join(takes))
            out.append(f"{name}{'?' if optional else '...' if self.variadic else ''}: {kind}")
        return "; ".join(out)

    def attributes_text(self):
        def one(a):
            kind = " or ".join(f'"{w}"' for w in a.words) if a.words else a.type
            quote = '"' if a.words or a.type == "text" else ""
            default = "required" if a.default is None else quote + a.default.strip('"') + quote
            return f"{a.name}: {kind}, {default}"
        return "; ".join(one(a) for a in self.attributes)

    def orders(self):
        real = self.inputs and re.search(r"\bf32|\bany\b", self.inputs_text())
        return "none" if not real or self.rule("constant") or self.rule("kind") == "WG_EFFECT" else "any order"

    def facts(self):
        """What the line and the descriptor say, for people: the same words as in `wengert ops NAME`, which has them from the library."""
        rows = [("Inputs", self.inputs_text()), ("Attributes", self.attributes_text()), ("Derivatives", self.orders()),
                ("PyTorch", self.torch or "none")]
        text = " ".join(f"{what}: {said}." for what, said in rows if said)
        return textwrap.wrap(text, 128, break_long_words=False, break_on_hyphens=False)

    options = property(lambda self: f"wg_{'leaf_' if self.hidden else ''}{self.name}_options")
    simple = property(lambda self: not self.attributes and not self.variadic and self.inputs
                      and not any(optional for _, optional in self.inputs))

    def fields(self):
        if self.variadic:
            out = [f"wg_tensors {self.inputs[0][0]};"]
        elif self.inputs:
            out = [f"wg_tensor {name};" for name, _ in self.inputs]
        else:
            out = ["wg_tape *tape;"]
        return out + [a.field() for a in self.ordered]

    @property
    def ordered(self):
        """The attributes as a call gives them without names: what is required comes first, as in the plain function."""
        return sorted(self.attributes, key=lambda a: a.default is not None)

    def required(self):
        """Parameters of the plain function: what has no default."""
        if self.variadic:
            first = [("wg_tensors", self.inputs[0][0])]
        elif self.inputs:
            first = [("wg_tensor", name) for name, optional in self.inputs if not optional]
        else:
            first = [("wg_tape *", "tape")]
        return first + [(a.ctype, a.name) for a in self.attributes if a.default is None]

    def signature(self):
        return ", ".join(f"{t}{'' if t.endswith('*') else ' '}{n}" for t, n in self.required())

    def defaults(self):
        return "".join(f".{a.name} = {a.value()}, " for a in self.attributes if a.value())


def load(path):
    root = os.path.dirname(path)
    with open(path, encoding="utf-8") as f:
        return [Op(s, root) for s in f.read().splitlines() if s.strip() and not s.startswith("#")]


def header(ops, out):
    out.write("/* wengert/ops.h -- written by tools/opgen.py from ops/ops.def: the ops. Options come by name after the required\n"
              "   arguments: wg_sum(x, .axes = WG_INTS(1)). Every macro has a plain function behind it; wg_<op>_create takes all. */\n"
              "#ifndef WENGERT_OPS_H\n#define WENGERT_OPS_H\n\n#include <limits.h>\n#include <math.h>\n#include <wengert/tape.h>\n\n"
              "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
              "#define WG_NO_AXIS INT_MIN           /* argmax: of the flattened tensor */\n"
              "#define WG_START (INT64_MIN + 255)   /* slice: from the start (from the end, when step < 0) */\n"
              "typedef struct wg_applied { const struct wg_op *op; const void *attrs; } wg_applied; /* a call without its tensors: a view, inside unview */\n")
    family = None
    for op in ops:
        if op.family != family:
            family = op.family
            out.write(f"\n/* ---- {family} " + "-" * (104 - len(family)) + " */\n")
        if not op.hidden:
            out.write("\n/* " + "\n   ".join(op.doc.split("\n") + op.facts()) + " */\n")
        out.write(f"typedef struct {op.options} {{ {' '.join(op.fields())} }} {op.options};\n")
        if op.hidden:
            continue
        out.write(f"WG_API wg_tensor wg_{op.name}_create(const wg_{op.name}_options *o);\n")
        out.write(f"WG_API wg_tensor wg_{op.name}({op.signature()});\n")
    out.write("\n#ifdef __cplusplus\n}\n#else\n")
    for op in ops:
        if op.hidden:
            continue
        if op.simple:
            out.write(f"#define wg_{op.name}(...) WG_AT(wg_{op.name}(__VA_ARGS__))\n")
        else:
            first = op.inputs[0][0] if op.inputs else "tape"
            out.write(f"#define wg_{op.name}(...) WG_AT(wg_{op.name}_create(&(wg_{op.name}_options)"
                      f"{{{op.defaults()}.{first} = __VA_ARGS__}}))\n")
    out.write("#endif\n#endif\n")


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n\"\n\"") + '"'


def lines(ops, out):
    out.write("/* lines.h -- written by tools/opgen.py from ops/ops.def: WG_LINE(op). */\n")
    for op in ops:
        o = op.options
        out.write(f"extern const wg_op wg_op_{op.name};\n")
        fields = [f'.name = "{op.name}", .family = "{op.family}", .doc = {quote(op.doc)}'.replace("\n", " ")]
        if op.torch:
            fields.append(f'.torch = "{op.torch}"')
        if op.inputs:
            rows = ", ".join(f'{{"{n}", {"true" if q else "false"}}}' for n, q in op.inputs)
            fields.append(f".inputs = (const wg_input_spec[]){{{rows}}}, .n_inputs = {len(op.inputs)}")
        if op.variadic:
            fields.append(".variadic = true")
        rows = []
        for a in op.attributes:
            words = ", ".join(f'"{w}"' for w in a.words) if a.words else None
            row = f'{{.name = "{a.name}", .type = {a.enum}, .offset = offsetof({o}, {a.name})'
            row += ", .required = true" if a.default is None else f", .fallback = {quote(a.default.strip(chr(34)))}"
            if words:
                row += f", .words = (const char *const[]){{{words}, NULL}}"
            elif a.value() and a.type != "text":
                row += f", .number = (double)({a.value()})"
            rows.append(row + "}")
        if rows:
            fields.append(f".attributes = (const wg_attr[]){{{', '.join(rows)}}}, .n_attributes = {len(rows)}")
        first = op.ordered[0].name if op.attributes else None
        fields.append(f".options_size = sizeof({o}), .inputs_size = " + (f"offsetof({o}, {first})" if first else f"sizeof({o})"))
        out.write(f"#define WG_LINE_{op.name} " + ", \\\n    ".join(fields) + "\n")


def table(ops, out):
    out.write('/* ops.c -- written by tools/opgen.py from ops/ops.def: the registry and the public functions. */\n#include "tape/op.h"\n\n')
    out.write("const wg_op *const wg__ops[] = {\n" + "".join(f"    &wg_op_{op.name},\n" for op in sorted(ops, key=lambda o: o.name)) + "    NULL};\n")
    for op in ops:
        if op.hidden:
            continue
        out.write(f"\nwg_tensor wg_{op.name}_create(const wg_{op.name}_options *o)\n{{\n    return wg__record(&wg_op_{op.name}, o);\n}}\n")
        given = ", ".join(f".{n} = {n}" for _, n in op.required())
        out.write(f"wg_tensor (wg_{op.name})({op.signature()})\n{{\n"
                  f"    return wg__record(&wg_op_{op.name}, &(wg_{op.name}_options){{{op.defaults()}{given}}});\n}}\n")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    command, definition = sys.argv[1:3]
    if command == "sources":
        for op in load(definition):
            print(os.path.join("ops", op.family, op.name + ".c"))
        return
    with open(sys.argv[3], "w", encoding="utf-8") as out:
        {"header": header, "lines": lines, "table": table}[command](load(definition), out)


main()
