/* wrong_calls.c -- a right call made wrong, in every way of one list: each must be refused with op and reason, or be right
 * by the op's own rule. Nothing here knows which. */
#include "categories.h"

static bool reshaped(sample_input *in, wg_shape s)
{
    wg_array was = in->value, now;
    int64_t n = wg_shape_count(was.shape), m = wg_shape_count(s);
    if (wg_array_new(&now, was.dtype, s)) return false;
    size_t w = wg_dtype_size(was.dtype);
    for (int64_t k = 0; n && k < m; k++) memcpy((char *)now.data + (size_t)k * w, (const char *)was.data + (size_t)(k % n) * w, w);
    in->value = now;
    wg_array_free(&was);
    return true;
}

static bool retyped(sample_input *in, wg_dtype d)
{
    wg_array was = in->value, now;
    int64_t n = wg_shape_count(was.shape);
    if (wg_array_new(&now, d, was.shape)) return false;
    for (int64_t k = 0; k < n; k++) {
        double v = wg_array_at(&was, k);
        sample_set(&now, k, v, v > -9 && v < 9 ? (int64_t)v : 0);
    }
    in->value = now;
    wg_array_free(&was);
    return true;
}

enum { OF_INPUT = 12, OF_ATTRIBUTE = 6, OF_CALL = 3 };

static bool wrong_input(sample_input *in, int how, char *label, size_t size)
{
    static const wg_dtype types[] = {WG_BOOL, WG_I64, WG_F32, WG_F64, WG_U8};
    wg_shape s = in->value.shape;
    if (!in->tensor) return false;
    if (how < 5) {
        snprintf(label, size, "of dtype %s", wg_dtype_name(types[how]));
        return in->value.dtype != types[how] && retyped(in, types[how]);
    }
    int last = s.rank - 1;
    switch (how) {
    case 5: s.rank++, s.dim[last + 1] = 1, snprintf(label, size, "with one more axis"); break;
    case 6: s.rank = 0, snprintf(label, size, "a scalar"); break;
    case 7: s.rank--, snprintf(label, size, "without its last axis"); break;
    case 8: s.dim[last < 0 ? 0 : last] += 4, snprintf(label, size, "with a longer last axis"); break;
    case 9: s.dim[0] += 4, snprintf(label, size, "with a longer first axis"); break;
    case 10: s.dim[0] = 0, snprintf(label, size, "with no elements"); break;
    default:
        while (s.rank < WG_MAX_RANK) s.dim[s.rank++] = 1;
        snprintf(label, size, "with all axes that there may be");
    }
    if (in->value.shape.rank == 0 && (how == 6 || how > 6)) return how == 11 && reshaped(in, s);
    return in->value.shape.rank < WG_MAX_RANK && reshaped(in, s);
}

static const char *wrong_value(const wg_attr *a, int how)
{
    static const char *const list[][OF_ATTRIBUTE] = {
        [WG_A_INT] = {"99", "-99", "1.5", "\"no\"", "[1]", "-3"},
        [WG_A_SIZE] = {"-7", "0", "4000000000000000000", "0.5", "\"no\"", "[1]"},
        [WG_A_REAL] = {"nan", "-1", "0", "inf", "\"no\"", "[1]"},
        [WG_A_BOOL] = {"3", "\"no\"", "[true]", "maybe", NULL, NULL},
        [WG_A_ENUM] = {"\"nonsense\"", "\"\"", "3", "none", NULL, NULL},
        [WG_A_DTYPE] = {"f17", "3", "\"f32\"", "bool", NULL, NULL},
        [WG_A_INTS] = {"[0, 0]", "[99]", "[-99]", "[]", "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1]", "3.5"},
        [WG_A_SHAPE] = {"[-7]", "[7, 11]", "[-1, -1]", "[4000000000000, 4000000000000]", "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1]", "2.5"},
        [WG_A_DATA] = {NULL},
        [WG_A_CALL] = {"slice", "nothing(3)", "3", NULL, NULL, NULL},
        [WG_A_TEXT] = {"\"\"", "\"?\"", "\"ij,jk,kl->\"", "3", NULL, NULL},
    };
    return list[a->type][how];
}

static void replace(sample_call *c, const char *name, const char *value)
{
    char out[sizeof c->attributes];
    size_t used = 0, n = strlen(name);
    const char *at = c->attributes;
    out[0] = 0;
    for (; *at; at += *at == ',') {
        const char *from = at + strspn(at, " "), *end = from;
        for (int depth = 0; *end && (depth || *end != ','); end++) depth += (*end == '[' || *end == '(') - (*end == ']' || *end == ')');
        bool same = strncmp(from, name, n) == 0 && from[n] == '=';
        if (!same) wg__append(out, sizeof out, &used, "%s%.*s", used ? ", " : "", (int)(end - from), from);
        at = end;
    }
    if (value) wg__append(out, sizeof out, &used, "%s%s=%s", used ? ", " : "", name, value);
    memcpy(c->attributes, out, sizeof out);
}

static bool wrong_attribute(sample_call *c, const wg_attr *a, int how, char *label, size_t size)
{
    const char *value = wrong_value(a, how);
    if (value) replace(c, a->name, value);
    snprintf(label, size, "%s=%s", a->name, value ? value : "");
    return value != NULL;
}

static bool wrong_whole(sample_call *c, int how, char *label, size_t size)
{
    if (how == 0) {
        snprintf(label, size, "an attribute that it has not");
        replace(c, "no_such_attribute", "1");
        return true;
    }
    if (how == 1) {
        snprintf(label, size, "an input too many");
        while (c->n < c->op->n_inputs) c->in[c->n++] = (sample_input){.text = "_"};
        if (c->op->variadic || c->n == SAMPLE_INPUTS) return false;
        c->in[c->n++] = (sample_input){.text = "1"};
        return true;
    }
    snprintf(label, size, "without the last required input");
    for (int i = c->n - 1; i >= 0; i--) {
        if (!c->op->variadic && c->op->inputs[i].optional) continue;
        wg_array_free(&c->in[i].value);
        c->in[i] = (sample_input){.text = "_"};
        return true;
    }
    return false;
}

bool wrong_call(const sample_call *c, int k, sample_call *out, char *label, size_t size, bool *more)
{
    char what[120] = "";
    bool done;
    int inputs = c->n * OF_INPUT, attributes = c->op->n_attributes * OF_ATTRIBUTE;
    *more = k < inputs + attributes + OF_CALL;
    if (!*more || !call_copy(out, c)) return false;
    if (k < OF_CALL) {
        done = wrong_whole(out, k, what, sizeof what);
        snprintf(label, size, "with %s", what);
    } else if (k - OF_CALL < inputs) {
        int i = (k - OF_CALL) / OF_INPUT;
        done = wrong_input(&out->in[i], (k - OF_CALL) % OF_INPUT, what, sizeof what);
        snprintf(label, size, "input %d %s", i, what);
    } else {
        int a = (k - OF_CALL - inputs) / OF_ATTRIBUTE;
        done = wrong_attribute(out, &c->op->attributes[a], (k - OF_CALL - inputs) % OF_ATTRIBUTE, what, sizeof what);
        snprintf(label, size, "with %s", what);
    }
    if (!done) sample_free(out);
    return done;
}
