/* categories.c -- the shared list, and calls varied by it. Sizes: equal sizes of a sample stay equal, so that what must agree
 * still agrees; attributes that are shapes follow. Values: drawn between two values that the sample has at that input, so
 * that probabilities, indices, positive numbers stay what they are. Everything is drawn from a seed that is the op's name, and
 * WG_CATEGORY_SEED where that is set. */
#include "categories.h"

#include <stdlib.h>

const char *const values_name[VALUES] = {"ordinary", "ties", "edges", "large", "special", "one NaN"};

const int64_t category_size[CATEGORY_SIZES] = {1,  2,  3,  4,  5,  6,  7,  8, 9,  10, 11, 12, 13,  14,  15,   16,
                                               17, 31, 32, 33, 63, 64, 65, 0, 24, 25, 48, 49, 128, 129, 1023, 1025};

/* of elementwise ops, and of all with one tensor: the shape of input 0, then of the others in turn */
typedef struct shapes {
    int n, rank[3];
    int64_t dim[3][4];
} shapes;

static const shapes shape_list[] = {
    {1, {0}, {{0}}},
    {1, {1}, {{1}}},
    {1, {1}, {{0}}},
    {1, {2}, {{1, 1}}},
    {1, {3}, {{1, 0, 3}}},
    {1, {3}, {{0, 3, 3}}},
    {1, {4}, {{3, 0, 1, 0}}},
    {1, {1}, {{1024}}},
    {1, {2}, {{29, 17}}},
    {2, {1, 0}, {{2}, {0}}},
    {2, {0, 1}, {{0}, {3}}},
    {2, {1, 1}, {{1}, {2}}},
    {2, {2, 1}, {{2, 1}, {2}}},
    {2, {2, 1}, {{3, 2}, {2}}},
    {2, {3, 1}, {{1, 3, 2}, {2}}},
    {2, {3, 2}, {{1, 3, 2}, {3, 2}}},
    {2, {3, 2}, {{3, 1, 2}, {3, 2}}},
    {2, {3, 0}, {{2, 3, 2}, {0}}},
    {3, {3, 3, 1}, {{3, 1, 2}, {1, 3, 2}, {1}}},
    {3, {1, 2, 3}, {{17}, {5, 1}, {2, 1, 1}}},
    {2, {2, 2}, {{1, 33}, {9, 1}}},
    {2, {1, 2}, {{0}, {3, 1}}},
};
enum { SHAPES = sizeof shape_list / sizeof *shape_list };

static const double pi = 3.14159265358979323846;

static double edge_value(wg_rng *r)
{
    const double list[] = {0, 1e-3, 0.25, 1, pi / 2, pi, pi - 1e-5, pi + 1e-5};
    double v = list[wg_rng_integer(r, sizeof list / sizeof *list)];
    return wg_rng_integer(r, 2) ? v : -v;
}

static double large_value(wg_rng *r)
{
    static const double list[] = {501, 1001.2, 13437.7, 4988429.2, 1e20};
    double v = list[wg_rng_integer(r, sizeof list / sizeof *list)];
    return wg_rng_integer(r, 2) ? v : -v;
}

static double special_value(wg_rng *r)
{
    static const double list[] = {(double)INFINITY, -(double)INFINITY, (double)NAN, 0, 1, -0.0};
    return list[wg_rng_integer(r, sizeof list / sizeof *list)];
}

/* ---- copies ------------------------------------------------------------------------------------------------------------ */

static bool array_copy(wg_array *to, const wg_array *from)
{
    if (wg_array_new(to, from->dtype, from->shape)) return false;
    size_t bytes = (size_t)wg_shape_count(from->shape) * wg_dtype_size(from->dtype);
    if (bytes) memcpy(to->data, from->data, bytes);
    return true;
}

bool call_copy(sample_call *to, const sample_call *from)
{
    *to = *from;
    for (int i = 0; i < from->n; i++) to->in[i].value = (wg_array){0};
    for (int i = 0; i < from->n; i++)
        if (from->in[i].tensor && !array_copy(&to->in[i].value, &from->in[i].value)) return false;
    return true;
}

bool variant_twin(const variant *v, sample_call *twin)
{
    if (!call_copy(twin, &v->call)) return false;
    for (int i = 1; i < twin->n; i++) {
        if (strcmp(twin->in[i].text, "x0") != 0) continue;
        twin->in[i] = (sample_input){.tensor = true};
        if (!array_copy(&twin->in[i].value, &v->call.in[0].value)) return false;
    }
    return true;
}

void variant_free(variant *v) { sample_free(&v->call); }

bool generator_new(generator *g, const wg_op *op, char *why, size_t size)
{
    int n = 0;
    const char *seed = getenv("WG_CATEGORY_SEED");
    while (op->samples && op->samples[n].call) n++;
    *g = (generator){.op = op, .rng = wg_rng_new((uint32_t)wg__hash(seed ? strtoull(seed, NULL, 10) : 0, op->name, strlen(op->name)))};
    g->base = calloc((size_t)n + 1, sizeof *g->base);
    g->of = calloc((size_t)n + 1, sizeof *g->of);
    snprintf(why, size, "out of memory");
    if (!g->rng || !g->base || !g->of) return false;
    for (int i = 0; i < n; i++) {
        if (op->samples[i].refused) continue;
        g->of[g->n] = &op->samples[i];
        if (!sample_read(&g->base[g->n++], &op->samples[i], op, why, size)) return false;
    }
    return true;
}

void generator_free(generator *g)
{
    for (int i = 0; i < g->n; i++) sample_free(&g->base[i]);
    free(g->base);
    free(g->of);
    wg_rng_free(g->rng);
}

/* ---- sizes --------------------------------------------------------------------------------------------------------------- */

enum { DISTINCT = 12, MOST = 2600 }; /* elements an input may have */

typedef struct mapping {
    int n;
    int64_t from[DISTINCT], to[DISTINCT];
} mapping;

static int64_t mapped(const mapping *m, int64_t size)
{
    for (int i = 0; i < m->n; i++)
        if (m->from[i] == size) return m->to[i];
    return size;
}

/* One size walks through the list, the others stay small. 0 and 1 (which broadcasts) stay. */
static mapping draw_mapping(generator *g, const sample_call *c)
{
    mapping m = {.n = 0};
    for (int i = 0; i < c->n; i++)
        for (int d = 0; c->in[i].tensor && d < c->in[i].value.shape.rank; d++) {
            int64_t size = c->in[i].value.shape.dim[d];
            bool there = size < 2 || m.n == DISTINCT;
            for (int k = 0; k < m.n; k++) there |= m.from[k] == size;
            if (!there) m.from[m.n++] = size;
        }
    int walks = m.n ? (int)wg_rng_integer(g->rng, m.n) : 0;
    bool others = wg_rng_integer(g->rng, 2); /* change too, or stay */
    for (int k = 0; k < m.n; k++)
        m.to[k] = k == walks ? category_size[g->made % CATEGORY_SIZES] : others ? 1 + wg_rng_integer(g->rng, 5) : m.from[k];
    return m;
}

/* Numbers of an attribute that is a shape follow the sizes; those of a size too where `sizes` says so. */
static void map_attributes(sample_call *c, const mapping *m, bool sizes)
{
    char out[sizeof c->attributes];
    size_t used = 0;
    const wg_attr *a = NULL;
    out[0] = 0;
    for (const char *at = c->attributes; *at;) {
        size_t word = strspn(at, "abcdefghijklmnopqrstuvwxyz_0123456789");
        bool number = *at >= '0' && *at <= '9';
        for (int i = 0; !number && word && i < c->op->n_attributes; i++)
            if (strlen(c->op->attributes[i].name) == word && strncmp(c->op->attributes[i].name, at, word) == 0) a = &c->op->attributes[i];
        bool follows = number && a && (a->type == WG_A_SHAPE || (sizes && a->type == WG_A_SIZE));
        if (!word) word = 1;
        if (follows) wg__append(out, sizeof out, &used, "%lld", (long long)mapped(m, strtoll(at, NULL, 10)));
        else wg__append(out, sizeof out, &used, "%.*s", (int)word, at);
        at += word;
    }
    memcpy(c->attributes, out, sizeof out);
}

static int tensors_of(const sample_call *c)
{
    int n = 0;
    for (int i = 0; i < c->n; i++) n += c->in[i].tensor;
    return n;
}

static wg_shape listed(const shapes *l, int i)
{
    i %= l->n;
    return wg_shape_of(l->dim[i], (size_t)l->rank[i]);
}

/* The shape that input i of the call is to have. */
static void draw_shapes(generator *g, sample_call *c, wg_shape *shape)
{
    mapping m = draw_mapping(g, c);
    bool list = g->made % 3 == 0 && (g->op->kind == WG_ELEMENTWISE || tensors_of(c) == 1);
    const shapes *l = &shape_list[g->made / 3 % SHAPES];
    int64_t lead = wg_rng_integer(g->rng, 12) == 0 ? 2 : 0;
    for (int i = 0; i < c->n; i++) {
        wg_shape s = c->in[i].value.shape;
        for (int d = 0; d < s.rank; d++) s.dim[d] = mapped(&m, s.dim[d]);
        if (lead && s.rank < WG_MAX_RANK) {
            for (int d = s.rank++; d > 0; d--) s.dim[d] = s.dim[d - 1];
            s.dim[0] = lead;
        }
        shape[i] = list ? listed(l, i) : s;
    }
    map_attributes(c, &m, wg_rng_integer(g->rng, 2));
}

/* ---- values ----------------------------------------------------------------------------------------------------------------- */

static double finite_of(const wg_array *a, wg_rng *r, double otherwise)
{
    int64_t n = wg_shape_count(a->shape);
    for (int tries = 0; n && tries < 20; tries++) {
        double v = wg_array_at(a, wg_rng_integer(r, n));
        if (isfinite(v)) return v;
    }
    return otherwise;
}

static double ordinary(const sample_input *from, bool ties, wg_rng *r)
{
    double u = wg_rng_uniform(r);
    if (from->drawn && from->low < from->high)
        return ties ? (double)(1 + wg_rng_integer(r, 4)) / 2 : from->low + (from->high - from->low) * u;
    if (from->drawn || !wg_shape_count(from->value.shape)) return ties ? (double)wg_rng_integer(r, 5) - 2 : wg_rng_normal(r);
    double a = finite_of(&from->value, r, 1);
    return ties ? a : a + (finite_of(&from->value, r, a) - a) * u;
}

static int64_t whole_of(const wg_array *a, wg_rng *r)
{
    int64_t n = wg_shape_count(a->shape), k = n ? wg_rng_integer(r, n) : 0;
    if (!n) return wg_rng_integer(r, 2);
    if (a->dtype == WG_I64) return ((const int64_t *)a->data)[k];
    return sample_whole(wg_array_at(a, k));
}

static bool is_square(const wg_shape *s) { return s->rank > 1 && s->dim[s->rank - 1] == s->dim[s->rank - 2]; }

static bool symmetric(const wg_array *a)
{
    const wg_shape *s = &a->shape;
    if (!is_square(s) || s->dim[s->rank - 1] < 2 || a->dtype != WG_F64) return false;
    int64_t n = s->dim[s->rank - 1], all = wg_shape_count(*s);
    for (int64_t k = 0; k < all; k++)
        if (wg_array_at(a, k) != wg_array_at(a, k / (n * n) * n * n + k % n * n + k / n % n)) return false;
    return all > 0;
}

/* Far from singular, and positive definite where the sample's matrix is symmetric. */
static void strengthen(wg_array *a, bool mirror)
{
    int64_t n = a->shape.dim[a->shape.rank - 1], all = wg_shape_count(a->shape);
    double *x = a->data;
    for (int64_t k = 0; k < all; k++) {
        int64_t row = k / n % n, column = k % n, other = k + (column - row) * n + row - column;
        if (mirror && row > column) x[k] = x[other];
        if (row == column) x[k] = fabs(x[k]) + 2 * (double)n;
    }
}

static bool fill(generator *g, const variant *v, const sample_input *from, int i, wg_dtype dtype, wg_shape s, wg_array *out)
{
    if (wg_array_new(out, dtype, s)) return false;
    int64_t n = wg_shape_count(s), odd = n ? wg_rng_integer(g->rng, n) : 0;
    uint32_t bit = g->op->variadic ? 1u : 1u << i;
    bool real = wg_dtype_real(dtype), was = wg_dtype_real(from->value.dtype), number = !(bit & (g->op->index | g->op->any_dtype));
    for (int64_t k = 0; k < n; k++) {
        double x = ordinary(from, v->values == TIES, g->rng);
        if (v->values == EDGES) x = edge_value(g->rng);
        if (v->values == LARGE) x = large_value(g->rng);
        if (v->values == SPECIAL) x = special_value(g->rng);
        if (v->values == ONE_NAN && k == odd) x = (double)NAN;
        int64_t w = was ? wg_rng_integer(g->rng, 9) - 4 : whole_of(&from->value, g->rng);
        if (dtype == WG_I64 && number && v->values == SPECIAL && k == odd) w = wg_rng_integer(g->rng, 2) ? INT64_MAX : INT64_MIN;
        if (dtype == WG_BOOL) w = was ? wg_rng_integer(g->rng, 2) : w != 0;
        if (dtype == WG_U8 && was) w = w < 0 ? -w : w;
        sample_set(out, k, real && !was ? (double)w : x, w);
    }
    if (g->op->kind == WG_BLOCK && dtype == WG_F64 && v->values <= TIES && is_square(&s) && is_square(&from->value.shape))
        strengthen(out, symmetric(&from->value));
    return true;
}

/* ---- attributes, dtypes, aliases, layouts ------------------------------------------------------------------------------------ */

static const char *attribute_value(generator *g, const wg_attr *a, char *room, size_t size)
{
    static const char *const ints[] = {"[0]", "[1]", "[-1]", "[0, 1]", "[0, -1]", "[-1, 0]", "[2]", "[1, 2]", "[2, 2]", "[1, 1]", "[3]"};
    static const char *const reals[] = {"0.5", "1", "2", "-1", "0", "3.25", "1e-3", "10"};
    static const char *const shape[] = {"[]", "[0]", "[1]", "[3]", "[2, 3]", "[1, 5, 1]", "[0, 4]", "[3, -1]", "[-1]"};
    static const char *const types[] = {"f32", "f64", "i64", "i32", "u8", "bool"};
    int words = 0;
    switch (a->type) {
    case WG_A_INT: snprintf(room, size, "%d", (int)wg_rng_integer(g->rng, 7) - 3); return room;
    case WG_A_SIZE: snprintf(room, size, "%lld", (long long)category_size[wg_rng_integer(g->rng, CATEGORY_SIZES)]); return room;
    case WG_A_REAL: return reals[wg_rng_integer(g->rng, sizeof reals / sizeof *reals)];
    case WG_A_BOOL: return wg_rng_integer(g->rng, 2) ? "true" : "false";
    case WG_A_DTYPE: return types[wg_rng_integer(g->rng, sizeof types / sizeof *types)];
    case WG_A_INTS: return ints[wg_rng_integer(g->rng, sizeof ints / sizeof *ints)];
    case WG_A_ENUM:
        while (a->words[words]) words++;
        snprintf(room, size, "\"%s\"", a->words[wg_rng_integer(g->rng, words)]);
        return room;
    case WG_A_SHAPE:
        if (wg_rng_integer(g->rng, 3)) return shape[wg_rng_integer(g->rng, sizeof shape / sizeof *shape)];
        snprintf(room, size, "[%d, %lld]", (int)wg_rng_integer(g->rng, 3), (long long)category_size[g->made % CATEGORY_SIZES]);
        return room;
    default: return NULL;
    }
}

/* Where the value of that attribute stands in the text; *length 0 when it does not. */
static const char *attribute_at(const char *attributes, const char *name, size_t *length)
{
    size_t n = strlen(name);
    *length = 0;
    for (const char *at = attributes; (at = strstr(at, name)); at += n) {
        if ((at > attributes && at[-1] != ' ' && at[-1] != ',') || at[n] != '=') continue;
        const char *from = at + n + 1, *end = from;
        for (int depth = 0; *end && (depth || *end != ','); end++) depth += (*end == '[' || *end == '(') - (*end == ']' || *end == ')');
        *length = (size_t)(end - from);
        return from;
    }
    return NULL;
}

static void set_attribute(sample_call *c, const char *name, const char *value)
{
    char out[sizeof c->attributes];
    size_t length, used = 0;
    const char *at = attribute_at(c->attributes, name, &length);
    out[0] = 0;
    if (at) wg__append(out, sizeof out, &used, "%.*s%s%s", (int)(at - c->attributes), c->attributes, value, at + length);
    else wg__append(out, sizeof out, &used, "%s%s%s=%s", c->attributes, c->attributes[0] ? ", " : "", name, value);
    memcpy(c->attributes, out, sizeof out);
}

static void change_attributes(generator *g, sample_call *c)
{
    char room[64];
    for (int i = 0; i < g->op->n_attributes; i++) {
        const char *value = wg_rng_integer(g->rng, 2) ? attribute_value(g, &g->op->attributes[i], room, sizeof room) : NULL;
        if (value) set_attribute(c, g->op->attributes[i].name, value);
    }
}

/* What all inputs that must agree become; 0: stay as they are. */
static wg_dtype other_dtype(generator *g)
{
    static const wg_dtype list[] = {WG_I64, WG_BOOL, WG_U8, WG_I32, WG_F32};
    uint32_t takes = g->op->takes ? g->op->takes : WG_REALS;
    wg_dtype d = list[wg_rng_integer(g->rng, sizeof list / sizeof *list)];
    return takes >> d & 1 ? d : 0;
}

static bool alias(variant *v)
{
    sample_input *a = &v->call.in[0];
    for (int i = 1; a->tensor && i < v->call.n; i++) {
        sample_input *b = &v->call.in[i];
        if (!b->tensor || b->value.dtype != a->value.dtype || !wg_shape_equal(a->value.shape, b->value.shape)) continue;
        wg_array_free(&b->value);
        *b = (sample_input){.text = "x0"};
        return true;
    }
    return false;
}

static void label(variant *v)
{
    static const char *const guise[] = {"", " transposed", " sliced", " flipped", " shifted", " unfolded", " repeated", ""};
    size_t used = 0;
    char type[128];
    wg__append(v->label, sizeof v->label, &used, "(");
    for (int i = 0; i < v->call.n; i++) {
        const sample_input *in = &v->call.in[i];
        wg__append(v->label, sizeof v->label, &used, "%s%s", i ? ", " : "",
                   in->tensor ? wg__show_type(type, (wg_type){in->value.dtype, &in->value.shape}) : in->text);
    }
    wg__append(v->label, sizeof v->label, &used, "%s%s), %s values%s, after sample %d", v->call.attributes[0] ? "; " : "",
               v->call.attributes, values_name[v->values], guise[v->guise], v->number);
}

bool generate(generator *g, variant *v)
{
    wg_shape shape[SAMPLE_INPUTS];
    *v = (variant){.number = g->made % g->n, .plain = true};
    const sample_call *from = &g->base[v->number];
    v->of = g->of[v->number];
    v->call = *from;
    for (int i = 0; i < from->n; i++) v->call.in[i].value = (wg_array){.shape = from->in[i].value.shape};
    v->values = (values)(g->made / 2 % VALUES * (g->made % 2)); /* every other one is ordinary */
    v->guise = (sample_guise)(g->made / 3 % (REPEATED + 1));
    draw_shapes(g, &v->call, shape);
    wg_dtype dtype = wg_rng_integer(g->rng, 6) == 0 ? other_dtype(g) : 0;
    if (g->op->n_attributes && (!from->n || wg_rng_integer(g->rng, 3) == 0)) change_attributes(g, &v->call), v->plain = false;
    if (dtype) v->plain = false;
    for (int i = 0; i < from->n; i++) {
        uint32_t bit = g->op->variadic ? 1u : 1u << i;
        bool agrees = !(bit & (g->op->index | g->op->bools | g->op->any_dtype | g->op->shape_only));
        if (!from->in[i].tensor) continue;
        if (wg_shape_count(shape[i]) > MOST) shape[i] = from->in[i].value.shape;
        if (!fill(g, v, &from->in[i], i, dtype && agrees ? dtype : from->in[i].value.dtype, shape[i], &v->call.in[i].value)) return false;
    }
    if (!sample_overlap(&v->call, v->guise)) return false;
    v->aliased = wg_rng_integer(g->rng, 4) == 0 && alias(v);
    g->made++;
    label(v);
    return true;
}
