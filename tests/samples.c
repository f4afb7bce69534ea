/* samples.c -- reading a sample's call and the values in its notation. Written apart from the library's own reader on
 * purpose: a test that read its expectations with what it tests would prove less. */
#include "samples.h"

#include <ctype.h>
#include <stdlib.h>

/* ---- values -------------------------------------------------------------------------------------------------------- */

typedef struct reading {
    const char *at;
    double *real; /* both readings of every number: integers beyond 2^53 are only in `whole` */
    int64_t *whole;
    int64_t n, capacity;
    int64_t dim[WG_MAX_RANK], count[WG_MAX_RANK];
    int rank, depth;
} reading;

static void skip(const char **at)
{
    while (isspace((unsigned char)**at)) ++*at;
}

static bool push(reading *r, double real, int64_t whole)
{
    if (r->n == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 64;
        double *a = realloc(r->real, (size_t)r->capacity * sizeof *a);
        if (a) r->real = a;
        int64_t *b = a ? realloc(r->whole, (size_t)r->capacity * sizeof *b) : NULL;
        if (!b) return false;
        r->whole = b;
    }
    r->real[r->n] = real;
    r->whole[r->n++] = whole;
    return true;
}

static bool read_number(reading *r)
{
    bool yes = strncmp(r->at, "true", 4) == 0, no = strncmp(r->at, "false", 5) == 0;
    char *end, *whole_end;
    if (yes || no) return r->at += yes ? 4 : 5, push(r, yes, yes);
    double v = strtod(r->at, &end);
    int64_t w = strtoll(r->at, &whole_end, 10);
    if (end == r->at) return false;
    r->at = end;
    return push(r, v, whole_end == end ? w : 0);
}

static bool close_list(reading *r)
{
    int d = --r->depth;
    if (r->dim[d] >= 0 && r->dim[d] != r->count[d]) return false;
    r->dim[d] = r->count[d];
    r->at++;
    return true;
}

/* Nested lists of numbers, or one number. Lists of one depth have one length; numbers stand at the deepest only. */
static bool read_nested(reading *r)
{
    for (int d = 0; d < WG_MAX_RANK; d++) r->dim[d] = -1;
    r->rank = -1;
    do {
        skip(&r->at);
        if (*r->at == '[') {
            if (r->depth == WG_MAX_RANK || r->rank == r->depth) return false;
            r->count[r->depth++] = 0;
            r->at++;
            skip(&r->at);
            if (*r->at != ']') continue;
            if (r->rank < 0) r->rank = r->depth;
        } else {
            if (r->rank < 0) r->rank = r->depth;
            if (r->rank != r->depth || !read_number(r)) return false;
            if (r->depth) r->count[r->depth - 1]++;
        }
        for (skip(&r->at); r->depth && *r->at == ']'; skip(&r->at)) {
            if (!close_list(r)) return false;
            if (r->depth) r->count[r->depth - 1]++;
        }
        if (r->depth && *r->at++ != ',') return false;
    } while (r->depth);
    return true;
}

void sample_set(wg_array *a, int64_t i, double v, int64_t w)
{
    if (a->dtype == WG_I64) ((int64_t *)a->data)[i] = w;
    else wg_array_put(a, i, v);
}

int64_t sample_whole(double v) { return v >= -0x1p63 && v < 0x1p63 ? (int64_t)v : 0; }

/* The numbers as values; or as sizes, where `()` or `~` or `+` says so: then zeros of that shape. */
static bool make(reading *r, wg_dtype dtype, bool sizes, wg_array *out)
{
    wg_shape s = {.rank = r->rank};
    if (sizes && r->rank != 1) return false;
    for (int d = 0; d < r->rank; d++) s.dim[d] = r->dim[d];
    if (sizes) s = wg_shape_of(r->whole, (size_t)r->n);
    if (wg_array_new(out, dtype, s)) return false;
    for (int64_t i = 0; !sizes && i < r->n; i++) sample_set(out, i, r->real[i], r->whole[i]);
    return true;
}

static wg_dtype read_dtype(const char **at)
{
    char word[8];
    size_t n = 0;
    while (n < sizeof word - 1 && isalnum((unsigned char)(*at)[n])) word[n] = (*at)[n], n++;
    word[n] = 0;
    wg_dtype d = wg_dtype_of(word);
    if (d) *at += n;
    return d;
}

static bool value_of(const char **text, bool sizes, wg_array *out, bool *typed)
{
    reading r = {.at = *text};
    skip(&r.at);
    wg_dtype d = read_dtype(&r.at);
    *typed = d != 0;
    bool done = read_nested(&r);
    if (done && strncmp(r.at, "()", 2) == 0) r.at += 2, sizes = true;
    done = done && make(&r, d ? d : WG_F64, sizes, out);
    free(r.real);
    free(r.whole);
    *text = r.at;
    return done;
}

bool sample_value(const char **text, wg_array *out, bool *typed) { return value_of(text, false, out, typed); }

/* ---- calls ------------------------------------------------------------------------------------------------------------ */

bool sample_real(const sample_input *in) { return in->tensor && wg_dtype_real(in->value.dtype); }

/* A call inside the call stays as it is. */
static bool read_inner_call(sample_input *in, const char **at)
{
    size_t n = 0;
    int depth = 0;
    while (isalnum((unsigned char)(*at)[n]) || (*at)[n] == '_') n++;
    if (!n || (*at)[n] != '(') return false;
    do {
        if (!(*at)[n]) return false;
        depth += ((*at)[n] == '(') - ((*at)[n] == ')');
        n++;
    } while (depth);
    snprintf(in->text, sizeof in->text, "%.*s", (int)n, *at);
    *at += n;
    return true;
}

static bool read_input(sample_input *in, const char **at, wg_rng *rng)
{
    bool typed;
    char kind = **at;
    if (read_inner_call(in, at)) return true;
    if (kind == '_' && !isalnum((unsigned char)(*at)[1])) return strcpy(in->text, "_"), ++*at, true;
    in->tensor = true;
    if (kind != '~' && kind != '+') {
        const char *from = *at;
        if (!value_of(at, false, &in->value, &typed)) return false;
        if (!typed && in->value.shape.rank == 0) snprintf(in->text, sizeof in->text, "%.*s", (int)(*at - from), from);
        return true;
    }
    ++*at;
    if (!value_of(at, true, &in->value, &typed)) return false;
    in->drawn = true;
    in->low = kind == '+' ? 0.5 : 0;
    in->high = kind == '+' ? 2 : 0;
    int64_t n = wg_shape_count(in->value.shape);
    for (int64_t i = 0; i < n; i++)
        sample_set(&in->value, i, kind == '~' ? wg_rng_normal(rng) : in->low + (in->high - in->low) * wg_rng_uniform(rng), 0);
    return true;
}

/* Bare numbers: as the text form has it, weak beside a tensor whose dtype they take, and where an index goes; else inputs. */
static void weaken(sample_call *c)
{
    uint32_t others = c->op->any_dtype | c->op->shape_only | c->op->index | c->op->bools;
    bool beside = false;
    for (int i = 0; i < c->n; i++) beside |= c->in[i].tensor && !c->in[i].text[0] && !((c->op->variadic ? 1u : 1u << i) & others);
    for (int i = 0; i < c->n; i++) {
        uint32_t bit = c->op->variadic ? 1u : 1u << i;
        bool weak = bit & c->op->index ? !strchr(c->in[i].text, '.') : beside && !(bit & others);
        if (!c->in[i].text[0] || !c->in[i].tensor) continue;
        if (weak) wg_array_free(&c->in[i].value), c->in[i].tensor = false;
        else c->in[i].text[0] = 0;
    }
}

static bool is_attribute(const char *at)
{
    size_t n = 0;
    while (isalnum((unsigned char)at[n]) || at[n] == '_') n++;
    while (at[n] == ' ') n++;
    return n && isalpha((unsigned char)at[0]) && at[n] == '=';
}

static bool read_call(sample_call *c, const char *at, wg_rng *rng)
{
    size_t name = strlen(c->op->name);
    if (strncmp(at, c->op->name, name) != 0 || at[name] != '(') return false;
    at += name + 1;
    for (skip(&at); *at != ';' && *at != ')' && !is_attribute(at); skip(&at)) {
        if (c->n == SAMPLE_INPUTS || !read_input(&c->in[c->n], &at, rng)) return false;
        c->n++;
        skip(&at);
        if (*at == ',') at++;
        else if (*at != ';' && *at != ')') return false;
    }
    if (*at == ';') at++;
    skip(&at);
    size_t length = strlen(at);
    if (!length || at[length - 1] != ')' || length > sizeof c->attributes) return false;
    snprintf(c->attributes, sizeof c->attributes, "%.*s", (int)length - 1, at);
    return true;
}

bool sample_read(sample_call *c, const wg_sample *s, const wg_op *op, char *why, size_t size)
{
    *c = (sample_call){.op = op};
    wg_rng *rng = wg_rng_new((uint32_t)wg__hash(0, s->call, strlen(s->call)));
    bool done = rng && read_call(c, s->call, rng);
    wg_rng_free(rng);
    if (!done) snprintf(why, size, "the sample cannot be read: it must be %s(values; attributes)", op->name);
    else weaken(c);
    return done;
}

void sample_free(sample_call *c)
{
    for (int i = 0; i < SAMPLE_INPUTS; i++) wg_array_free(&c->in[i].value);
}
