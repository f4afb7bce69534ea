/* test_half.c -- bf16 and f16: all 2^16 values of both out of a cast and into one, rounding around every midpoint, from every dtype
 * and in every instruction set; ops that move them; derivatives through them; text, feeds, parameters.
 *
 * What is expected comes from a slow conversion by ldexp that shares nothing with the library's. */
#define _GNU_SOURCE
#include "plan_tests.h"
#include "tape/op.h"
#include <wengert/gradcheck.h>
#include <wengert/io.h>

enum { ALL = 1 << 16, SIGN = 0x8000 };

typedef struct format {
    wg_dtype dtype;
    int digits, bias; /* bits after the point; of the exponent's zero */
} format;

static const format FORMAT[] = {{WG_BF16, 7, 127}, {WG_F16, 10, 15}};

/* For what is asked a hundred thousand times: check's own assertions write to a file each time. */
#define MUST(x, ...)                                                                                                                       \
    do {                                                                                                                                   \
        if (!(x)) ck_abort_msg(__VA_ARGS__);                                                                                               \
    } while (0)

/* ---- slowly ---------------------------------------------------------------------------------------------------------------- */

static unsigned infinite(const format *f) { return 0x7fffu >> f->digits << f->digits; }

/* Pattern h without its sign; what would follow the largest number stands for infinity. */
static double number(const format *f, unsigned h)
{
    unsigned exponent = h >> f->digits, rest = h & ((1u << f->digits) - 1);
    if (exponent == 0) return ldexp(rest, 1 - f->bias - f->digits);
    return ldexp((double)rest + ldexp(1, f->digits), (int)exponent - f->bias - f->digits);
}

static bool is_nan(const format *f, unsigned h) { return (h & 0x7fffu) > infinite(f); }

static double value(const format *f, unsigned h)
{
    double v = (h & 0x7fffu) == infinite(f) ? HUGE_VAL : is_nan(f, h) ? (double)NAN : number(f, h & 0x7fffu);
    return h & SIGN ? -v : v;
}

static unsigned quiet(const format *f, unsigned h) { return h | 1u << (f->digits - 1); }

/* ---- casting on a plan ------------------------------------------------------------------------------------------------------- */

/* from, cast to `to` by the kernels of an instruction set. The caller frees what comes back. */
static wg_array cast(const wg_array *from, wg_dtype to, const char *isa)
{
    wg_array y, out;
    wg_tape *t = wg_tape_new(.seed = 1);
    wg_tensor x = wg_input(t, "x", from->dtype, WG_SHAPE(WG_ANY)), c = wg_cast(x, to);
    wg_plan *p = wg_plan_create(&(wg_plan_options){.outputs = {&c, 1}, .isa = isa});
    ck_assert_msg(p != NULL, "%s", wg_error(t));
    ck_assert_int_eq(wg_feed(p, x, *from), WG_OK);
    run(p);
    ck_assert_int_eq(wg_read(p, c, &y), WG_OK);
    ck_assert_int_eq(wg_array_new(&out, y.dtype, y.shape), WG_OK);
    memcpy(out.data, y.data, (size_t)wg_shape_count(y.shape) * wg_dtype_size(to));
    wg_tape_free(t);
    return out;
}

static uint64_t bits(const wg_array *a, int64_t i)
{
    uint64_t u = 0;
    size_t width = wg_dtype_size(a->dtype);
    memcpy(&u, (const char *)a->data + (size_t)i * width, width);
    return u;
}

static const char *const ISA[] = {"base", "avx2", "avx512"};
static const wg_dtype REAL[] = {WG_F32, WG_F64};

static bool here(int isa) { return wg__isa_here((wg_isa)isa); }

/* The bits that a NaN of format f becomes in a wider real: quiet, but that bf16 becomes f32 as it is. */
static uint64_t wide_nan(const format *f, unsigned h, wg_dtype to)
{
    int digits = to == WG_F32 ? 23 : 52, all = to == WG_F32 ? 31 : 63;
    uint64_t sign = (uint64_t)(h >> 15) << all, exponent = (UINT64_C(1) << all) - (UINT64_C(1) << digits);
    uint64_t rest = (uint64_t)((f->dtype == WG_BF16 && to == WG_F32 ? h : quiet(f, h)) & ((1u << f->digits) - 1)) << (digits - f->digits);
    return sign | exponent | rest;
}

static uint16_t pattern[ALL];

static wg_array all_patterns(wg_dtype d)
{
    for (unsigned h = 0; h < ALL; h++) pattern[h] = (uint16_t)h;
    return wg_array_wrap(pattern, d, WG_SHAPE(ALL));
}

START_TEST(every_value_widened)
{
    const format *f = &FORMAT[_i];
    wg_array x = all_patterns(f->dtype);
    for (int isa = 0; isa < 3; isa++)
        for (int r = 0; r < 2 && here(isa); r++) {
            wg_array y = cast(&x, REAL[r], ISA[isa]);
            for (unsigned h = 0; h < ALL; h++) {
                double v = wg_array_at(&y, h), want = value(f, h);
                if (is_nan(f, h)) MUST(bits(&y, h) == wide_nan(f, h, REAL[r]), "%s %04x", ISA[isa], h);
                else MUST(v == want && !signbit(v) == !signbit(want), "%s %04x: %.17g", ISA[isa], h, v);
                MUST(is_nan(f, h) || wg_array_at(&x, h) == want, "%04x", h);
            }
            wg_array back = cast(&y, f->dtype, ISA[isa]);
            for (unsigned h = 0; h < ALL; h++) MUST(bits(&back, h) == (is_nan(f, h) ? quiet(f, h) : h), "%s %04x back", ISA[isa], h);
            wg_array_free(&y);
            wg_array_free(&back);
        }
}
END_TEST

/* ---- rounding ------------------------------------------------------------------------------------------------------------------ */

typedef struct trial { /* inputs, and the patterns that they must become */
    wg_array in;
    uint16_t *want;
    int64_t n;
} trial;

static trial trial_of(wg_dtype d)
{
    trial t = {.want = malloc(2 * 10 * (size_t)ALL)};
    ck_assert_ptr_nonnull(t.want);
    ck_assert_int_eq(wg_array_new(&t.in, d, WG_SHAPE(10 * ALL)), WG_OK);
    return t;
}

/* v and -v, if the input's dtype holds it; -v where it has a sign. */
static void try(trial *t, double v, unsigned want)
{
    for (int minus = 0; minus < 2; minus++) {
        bool real = wg_dtype_real(t->in.dtype);
        double x = minus ? -v : v;
        if (!real && !(fabs(v) < (t->in.dtype == WG_I64 ? 0x1p63 : 0x1p31) && floor(v) == v)) return;
        if (!real && minus && v == 0) return;
        wg_array_put(&t->in, t->n, x);
        if (!(wg_array_at(&t->in, t->n) == x)) return;
        MUST(t->n < 10 * ALL - 1, "too many");
        t->want[t->n++] = (uint16_t)(want | (minus ? SIGN : 0u));
    }
}

/* x, its middle to the next number, and the nearest on either side of that, of dtype d. */
static void around(trial *t, const format *f, unsigned h)
{
    double lo = number(f, h), hi = number(f, h + 1), middle = (lo + hi) / 2;
    bool single = t->in.dtype == WG_F32;
    double below = single ? (double)nextafterf((float)middle, 0) : nextafter(middle, 0);
    double above = single ? (double)nextafterf((float)middle, HUGE_VALF) : nextafter(middle, HUGE_VAL);
    try(t, lo, h);
    try(t, middle, h & 1 ? h + 1 : h);
    if (wg_dtype_real(t->in.dtype)) {
        try(t, below, h);
        try(t, above, h + 1);
    } else if (floor(middle) == middle && middle < 0x1p53) {
        try(t, middle - 1, middle - 1 < lo ? h - 1 : h);
        try(t, middle + 1, middle + 1 > hi ? h + 2 : h + 1);
    }
}

/* Beyond 2^53, where doubles have no odd integers: one more and one less than the middle. */
static void around_whole(trial *t, const format *f, unsigned h)
{
    double middle = (number(f, h) + number(f, h + 1)) / 2;
    int64_t *in = t->in.data;
    if (t->in.dtype != WG_I64 || middle < 0x1p53 || middle >= 0x1p63) return;
    for (int side = -1; side < 2; side++)
        for (int sign = -1; sign < 2; sign += 2) {
            in[t->n] = sign * ((int64_t)middle + side);
            t->want[t->n++] = (uint16_t)((side ? h + (side > 0) : h + (h & 1)) | (sign < 0 ? SIGN : 0u));
        }
}

START_TEST(every_midpoint)
{
    static const wg_dtype from[] = {WG_F32, WG_F64, WG_I64, WG_I32};
    const format *f = &FORMAT[_i];
    for (int k = 0; k < 4; k++) {
        trial t = trial_of(from[k]);
        for (unsigned h = 0; h < infinite(f); h++) {
            around(&t, f, h);
            around_whole(&t, f, h);
        }
        if (wg_dtype_real(from[k])) {
            try(&t, HUGE_VAL, infinite(f));
            try(&t, from[k] == WG_F32 ? 0x1.fffffep127 : 0x1.fffffffffffffp1023, infinite(f));
            try(&t, from[k] == WG_F32 ? 0x1p-149 : 0x1p-1074, 0);
        }
        ck_assert_int_gt(t.n, k < 2 ? 8 * infinite(f) - 100 : 1000);
        t.in.shape.dim[0] = t.n;
        for (int isa = 0; isa < 3; isa++) {
            if (!here(isa)) continue;
            wg_array y = cast(&t.in, f->dtype, ISA[isa]);
            for (int64_t i = 0; i < t.n; i++)
                MUST(bits(&y, i) == t.want[i], "%s to %s, %s: %.17g is %04x, must be %04x", wg_dtype_name(from[k]), wg_dtype_name(f->dtype),
                     ISA[isa], wg_array_at(&t.in, i), (unsigned)bits(&y, i), t.want[i]);
            wg_array_free(&y);
        }
        free(t.want);
        wg_array_free(&t.in);
    }
}
END_TEST

/* Payloads of all kinds, quiet and signalling, with nothing but low bits among them. */
START_TEST(every_nan)
{
    const format *f = &FORMAT[_i];
    for (int r = 0; r < 2; r++) {
        wg_array x;
        int wide = REAL[r] == WG_F32 ? 23 : 52, all = REAL[r] == WG_F32 ? 31 : 63, n = 0;
        static uint16_t want[4 * ALL];
        ck_assert_int_eq(wg_array_new(&x, REAL[r], WG_SHAPE(4 * ALL)), WG_OK);
        for (unsigned h = infinite(f); h < ALL; h = h == 0x7fff ? SIGN + infinite(f) : h + 1)
            for (uint64_t low = 0; low < 2; low++) {
                uint64_t payload = (uint64_t)(h & ((1u << f->digits) - 1)) << (wide - f->digits) | low;
                uint64_t u = (uint64_t)(h >> 15) << all | ((UINT64_C(1) << all) - (UINT64_C(1) << wide)) | payload;
                size_t width = wg_dtype_size(REAL[r]);
                if (payload == 0) continue;
                memcpy((char *)x.data + (size_t)n * width, &u, width);
                want[n++] = (uint16_t)quiet(f, h);
            }
        x.shape.dim[0] = n;
        ck_assert_int_gt(n, 2 << f->digits);
        for (int isa = 0; isa < 3; isa++) {
            if (!here(isa)) continue;
            wg_array y = cast(&x, f->dtype, ISA[isa]);
            for (int i = 0; i < n; i++) MUST(bits(&y, i) == want[i], "%s %04x", ISA[isa], want[i]);
            wg_array_free(&y);
        }
        wg_array_free(&x);
    }
}
END_TEST

START_TEST(every_value_to_integers)
{
    const format *f = &FORMAT[_i];
    const wg_dtype to[] = {WG_I64, WG_I32, WG_U8, WG_BOOL};
    const double low[] = {-0x1p63, -0x1p31, 0, 0}, high[] = {0x1p63, 0x1p31 - 1, 255, 1};
    wg_array x = all_patterns(f->dtype);
    for (int k = 0; k < 4; k++) {
        wg_array y = cast(&x, to[k], NULL);
        for (unsigned h = 0; h < ALL; h++) {
            double v = value(f, h), want = isnan(v) ? to[k] == WG_BOOL : fmin(fmax(trunc(v), low[k]), high[k]);
            if (to[k] == WG_BOOL) want = !(v == 0);
            MUST(wg_array_at(&y, h) == want, "%04x to %s: %g", h, wg_dtype_name(to[k]), wg_array_at(&y, h));
        }
        wg_array_free(&y);
    }
    wg_array other = cast(&x, FORMAT[1 - _i].dtype, NULL), wide = cast(&x, WG_F64, NULL), by_wide = cast(&wide, other.dtype, NULL);
    ck_assert_mem_eq(other.data, by_wide.data, 2 * ALL);
    wg_array_free(&other);
    wg_array_free(&wide);
    wg_array_free(&by_wide);
}
END_TEST

/* ---- moving -------------------------------------------------------------------------------------------------------------------- */

/* Every op that takes them, as a line of text about x, z of u16-like values, i (i64) and m (bool): moved as i32 is. */
static const char *const MOVES[] = {"concat(x, z, x; axis=1)",
                                    "stack(x, z; axis=1)",
                                    "flip(x; axes=[0, 1])",
                                    "diagonal(x)",
                                    "reshape_like(x, w)",
                                    "tile(x; reps=[2, 3])",
                                    "arc(x; axis=1, shift=9)",
                                    "repeat_interleave(x; repeats=3, axis=0)",
                                    "reshape(x; shape=[-1, 6])",
                                    "unsqueeze(x; axes=[1])",
                                    "expand(x; shape=[3, 36, 50])",
                                    "unfold(x; axis=1, size=5, step=3)",
                                    "flatten(x)",
                                    "contiguous(transpose(x))",
                                    "pad(x; before=[1, 2], after=[3, 4], mode=\"constant\", value=0)",
                                    "pad(x; before=[1, 2], after=[3, 4], mode=\"reflect\")",
                                    "roll(x; shift=7, axis=1)",
                                    "part(x, _, z)",
                                    "transpose(x)",
                                    "slice(x; axis=1, start=40, stop=3, step=-2)",
                                    "expand_like(x, z)",
                                    "squeeze(unsqueeze(x; axes=[0]); axes=[0])",
                                    "tril(x)",
                                    "triu(x; offset=1)",
                                    "pixel_shuffle(reshape(x; shape=[2, 12, 5, 15]); factor=2)",
                                    "gather(x, i; axis=1)",
                                    "take(x, i; axis=1)",
                                    "stop_gradient(transpose(x))",
                                    "checkpoint(transpose(x))",
                                    "checked(transpose(x), x; call=transpose())",
                                    "pixel_shuffle(reshape(x; shape=[4, 9, 50]); factor=2)",
                                    "masked_fill(x, m; value=0)",
                                    "where(m, x, z)",
                                    "where(m, transpose(x), transpose(z))"};
enum { MOVE_COUNT = sizeof MOVES / sizeof *MOVES, ROWS = 36, COLUMNS = 50 };

static wg_array moved(const char *line, wg_dtype d, const wg_array *x, const wg_array *z)
{
    static int64_t index[ROWS * COLUMNS];
    static bool mask[ROWS * COLUMNS];
    char text[1024], why[300];
    wg_tape *t;
    wg_array y, out;
    bool turned = strstr(line, "transpose(z)") != NULL, row = strstr(line, "take") != NULL;
    for (int i = 0; i < ROWS * COLUMNS; i++) index[i] = i * 17 % COLUMNS, mask[i] = i * 7 % 3 == 0;
    int n = snprintf(text, sizeof text,
                     "x = input() : %s[36, 50]\nz = input() : %s[36, 50]\ni = input() : i64[%s]\nm = input() : bool[%s]\n"
                     "w = input() : f32[50, 36]\ny = %s\nreturn y\n",
                     wg_dtype_name(d), wg_dtype_name(d), row ? "50" : "36, 50", turned ? "50, 36" : "36, 50", line);
    ck_assert_msg(!wg_tape_parse(&t, text, (size_t)n, "moves", NULL, why, sizeof why), "%s", why);
    wg_plan *p = wg_plan_of(wg_returned(t));
    ck_assert_msg(p != NULL, "%s: %s", line, wg_error(t));
    ck_assert_msg(!wg_feed(p, wg_find(t, "x"), *x) && !wg_feed(p, wg_find(t, "z"), *z), "%s", wg_plan_error(p));
    ck_assert(!wg_feed(p, wg_find(t, "i"), wg_array_wrap(index, WG_I64, row ? WG_SHAPE(COLUMNS) : WG_SHAPE(ROWS, COLUMNS))));
    ck_assert(!wg_feed(p, wg_find(t, "m"), wg_array_wrap(mask, WG_BOOL, turned ? WG_SHAPE(COLUMNS, ROWS) : WG_SHAPE(ROWS, COLUMNS))));
    ck_assert(!wg_feed(p, wg_find(t, "w"), drawn(WG_SHAPE(COLUMNS, ROWS))));
    ck_assert_msg(!wg_run(p), "%s: %s", line, wg_plan_error(p));
    ck_assert(!wg_read(p, wg_returned(t).x[0], &y));
    ck_assert_int_eq(y.dtype, d);
    ck_assert_int_eq(wg_array_new(&out, d, y.shape), WG_OK);
    memcpy(out.data, y.data, (size_t)wg_shape_count(y.shape) * wg_dtype_size(d));
    wg_tape_free(t);
    return out;
}

START_TEST(moves)
{
    static uint16_t x[ROWS * COLUMNS], z[ROWS * COLUMNS];
    static int32_t x32[ROWS * COLUMNS], z32[ROWS * COLUMNS];
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        x32[i] = x[i] = (uint16_t)(i * 1259 + 7);
        z32[i] = z[i] = (uint16_t)(i * 3001 + 11);
    }
    for (int k = 0; k < MOVE_COUNT; k++) {
        wg_shape s = WG_SHAPE(ROWS, COLUMNS);
        wg_array a = wg_array_wrap(x, FORMAT[_i].dtype, s), b = wg_array_wrap(z, FORMAT[_i].dtype, s);
        wg_array c = wg_array_wrap(x32, WG_I32, s), d = wg_array_wrap(z32, WG_I32, s);
        wg_array y = moved(MOVES[k], a.dtype, &a, &b), want = moved(MOVES[k], WG_I32, &c, &d);
        ck_assert(wg_shape_equal(y.shape, want.shape));
        for (int64_t i = 0, n = wg_shape_count(y.shape); i < n; i++) MUST(bits(&y, i) == bits(&want, i), "%s", MOVES[k]);
        wg_array_free(&y);
        wg_array_free(&want);
    }
}
END_TEST

/* No op that takes every dtype is left out above. */
START_TEST(all_that_move)
{
    for (int i = 0; wg__ops[i]; i++) {
        const wg_op *op = wg__ops[i];
        char call[80];
        bool found = strcmp(op->name, "cast") == 0 || strcmp(op->name, "assign") == 0; /* in tests of their own */
        snprintf(call, sizeof call, "%s(", op->name);
        for (int k = 0; k < MOVE_COUNT; k++) found |= strstr(MOVES[k], call) != NULL;
        if (op->takes & WG_HALVES) ck_assert_msg(found, "%s takes bf16 and f16, and is not tested with them", op->name);
    }
}
END_TEST

/* ---- derivatives --------------------------------------------------------------------------------------------------------------- */

static void fed(wg_plan *p, const char *name, wg_array a) { ck_assert_msg(!wg_feed(p, wg_find(tape, name), a), "%s", wg_plan_error(p)); }

static wg_array result(wg_plan *p, wg_tensor x)
{
    wg_array a;
    ck_assert_msg(!wg_read(p, x, &a), "%s", wg_plan_error(p));
    return a;
}

/* On the way they are f32, so that they are not rounded and can be added; asked for, they are of x's dtype. */
START_TEST(gradients_pass)
{
    const float x0[] = {1, 0.1f, -3, 7}, w0[] = {0.1f, 1.001f, 3, -1e-3f};
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(4)), w = wg_input(tape, "w", WG_F32, WG_SHAPE(4));
    wg_tensor h = wg_cast(x, FORMAT[_i].dtype), moved_h = wg_concat(WG_LIST(wg_slice(h, 0, .start = 2), wg_slice(h, 0, .stop = 2)));
    wg_tensor loss = wg_sum(wg_add(wg_mul(wg_cast(h, WG_F32), w), wg_mul(wg_square(wg_cast(moved_h, WG_F32)), w)));
    wg_tensor g[] = {WG_NONE, WG_NONE}, in[] = {x, h};
    ck_assert_msg(!wg_grads(loss, in, 2, g), "%s", wg_error(tape));
    ck_assert_int_eq(wg_dtype_get(g[0]), WG_F32);
    ck_assert_int_eq(wg_dtype_get(g[1]), FORMAT[_i].dtype);
    wg_tensor second = wg_grad(wg_sum(g[0]), x), wide = wg_cast(g[1], WG_F32);
    wg_tensor forward = wg_jvp(loss, x, w), tangent = wg_jvp(h, x, w), of_h = wg_jvp(h, h, h);
    ck_assert_int_eq(wg_dtype_get(tangent), FORMAT[_i].dtype);
    wg_plan *p = made(wg_plan_new(loss, g[0], g[1], wide, second, forward, tangent, of_h, h));
    fed(p, "x", wg_array_wrap(x0, WG_F32, WG_SHAPE(4)));
    fed(p, "w", wg_array_wrap(w0, WG_F32, WG_SHAPE(4)));
    run(p);
    wg_array a = result(p, g[0]), b = result(p, g[1]), c = result(p, second), v = result(p, h), t = result(p, tangent);
    float along = 0;
    for (int i = 0; i < 4; i++) {
        float at = (float)wg_array_at(&v, i), other = w0[(i + 2) % 4], want = w0[i] + 2 * at * other;
        wg_array rounded;
        ck_assert_int_eq(wg_array_new(&rounded, FORMAT[_i].dtype, WG_SHAPE(1)), WG_OK);
        ck_assert(fabsf((float)wg_array_at(&a, i) - (want)) <= 1e-6f * fabsf(want));
        wg_array_put(&rounded, 0, wg_array_at(&a, i));
        ck_assert_uint_eq(bits(&rounded, 0), bits(&b, i));
        wg_array_put(&rounded, 0, (double)w0[i]);
        ck_assert_uint_eq(bits(&rounded, 0), bits(&t, i));
        ck_assert(fabsf((float)wg_array_at(&c, i) - (2 * other)) <= 1e-6f);
        along += (float)wg_array_at(&a, i) * w0[i];
        wg_array_free(&rounded);
    }
    ck_assert(fabsf((float)wg_read_scalar(p, forward) - (along)) <= 1e-5f);
    ck_assert_mem_eq(result(p, of_h).data, v.data, 8);
}
END_TEST

/* As a smooth program in f64, where rounding is left out. */
START_TEST(gradients_checked)
{
    wg_tensor x = wg_input(tape, "x", FORMAT[_i].dtype, WG_SHAPE(3, 4)), m = wg_input(tape, "m", WG_BOOL, WG_SHAPE(3, 4));
    wg_tensor h = wg_where(m, wg_transpose(wg_transpose(x)), wg_num(0.5)), y = wg_sum(wg_tanh(wg_cast(h, WG_F32)));
    wg_tensor z = wg_add(y, wg_sum(wg_square(wg_cast(wg_cast(wg_cast(h, WG_F32), WG_F16), WG_F32))));
    wg_gradcheck_report r = wg_gradcheck(z);
    ck_assert_msg(!r.status && !r.failed && r.tested[0] > 0, "%s", r.text);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------------------------------------------------- */

START_TEST(arithmetic_is_refused)
{
    const char *name = wg_dtype_name(FORMAT[_i].dtype);
    const char *const calls[] = {"add(x, x)",
                                 "mul(x, 2)",
                                 "sum(x)",
                                 "matmul(x, x)",
                                 "eq(x, x)",
                                 "tanh(x)",
                                 "softmax(x)",
                                 "any(x)",
                                 "max(x)",
                                 "where(x, x, x)",
                                 "scatter_add(x, i, x; axis=0)",
                                 "isnan(x)",
                                 "sort(x)"};
    for (size_t k = 0; k < sizeof calls / sizeof *calls; k++) {
        char text[200], why[300], wanted[60];
        wg_tape *t;
        int n = snprintf(text, sizeof text, "x = input() : %s[2, 2]\ni = input() : i64[2, 2]\ny = %s\n", name, calls[k]);
        ck_assert_int_ne(wg_tape_parse(&t, text, (size_t)n, "text", NULL, why, sizeof why), WG_OK);
        snprintf(wanted, sizeof wanted, "is %s[2,2], which must be", name);
        ck_assert_msg(strstr(why, wanted) && strstr(why, "cast it"), "%s: %s", calls[k], why);
    }
}
END_TEST

/* ---- text, feeds, parameters -------------------------------------------------------------------------------------------------------- */

static char *as_text(const wg_tape *t, size_t *size)
{
    char *text = NULL;
    FILE *f = open_memstream(&text, size);
    ck_assert(f && !wg_print(f, t));
    fclose(f);
    return text;
}

START_TEST(every_value_in_text)
{
    const format *f = &FORMAT[_i];
    char why[300];
    size_t size, again_size;
    wg_array x = all_patterns(f->dtype), y;
    wg_tape *back;
    wg_tensor c = wg_name(wg_const(tape, &x), "c");
    wg_tensor n = wg_where(wg_const(tape, &WG_ARRAY(bool, WG_SHAPE(2), true, false)), wg_slice(c, 0, .stop = 2), wg_num(0.1));
    wg_return(tape, WG_LIST(c, n));
    char *text = as_text(tape, &size);
    ck_assert_msg(!wg_tape_parse(&back, text, size, "text", NULL, why, sizeof why), "%s", why);
    char *again = as_text(back, &again_size);
    ck_assert_str_eq(text, again);
    wg_plan *p = wg_plan_of(wg_returned(back));
    ck_assert(p && !wg_run(p) && !wg_read(p, wg_returned(back).x[0], &y));
    for (unsigned h = 0; h < ALL; h++) MUST(is_nan(f, h) ? is_nan(f, (unsigned)bits(&y, h)) : bits(&y, h) == h, "%04x", h);
    ck_assert(!wg_read(p, wg_returned(back).x[1], &y));
    ck_assert(y.dtype == f->dtype && fabs(wg_array_at(&y, 1) - 0.1) < 1e-3);
    wg_tape_free(back);
    ck_assert_int_ne(wg_tape_parse(&back, "c = constant(; data=[1e39]) : bf16[1]\n", 39, "text", NULL, why, sizeof why), WG_OK);
    free(text);
    free(again);
}
END_TEST

START_TEST(feeds)
{
    const uint16_t h[] = {0x3dcd, 0x3f80}, k[] = {0x2e66, 0x3c00};
    const float f[] = {1, 2};
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY)), z = wg_input(tape, "z", WG_F64, WG_SHAPE(WG_ANY));
    wg_tensor b = wg_input(tape, "b", WG_BF16, WG_SHAPE(WG_ANY)), i = wg_input(tape, "i", WG_I64, WG_SHAPE(WG_ANY));
    wg_tensor out[] = {wg_square(x), wg_neg(z), wg_cast(b, WG_F32), wg_neg(i)};
    wg_plan *p = made(wg_plan_new(out[0], out[1], out[2], out[3]));
    fed(p, "x", wg_array_wrap(h, WG_BF16, WG_SHAPE(2)));
    fed(p, "z", wg_array_wrap(k, WG_F16, WG_SHAPE(2)));
    fed(p, "b", wg_array_wrap(h, WG_BF16, WG_SHAPE(2)));
    fed(p, "i", WG_ARRAY(int32_t, WG_SHAPE(2), 3, 4));
    run(p);
    wg_array a = result(p, out[0]), c = result(p, out[1]), d = result(p, out[2]);
    ck_assert(((float *)a.data)[0] == 0.10009765625f * 0.10009765625f);
    ck_assert_double_eq(((double *)c.data)[0], -0.0999755859375);
    ck_assert(((float *)d.data)[0] == 0.10009765625f);
    ck_assert_int_eq(wg_feed(p, b, wg_array_wrap(f, WG_F32, WG_SHAPE(2))), WG_EDTYPE);
    ck_assert_str_eq(wg_plan_error(p), "feed b: the input is bf16[?], the array is f32[2]");
    ck_assert_int_eq(wg_feed(p, b, wg_array_wrap(k, WG_F16, WG_SHAPE(2))), WG_EDTYPE);
    ck_assert_int_eq(wg_feed(p, i, wg_array_wrap(k, WG_F16, WG_SHAPE(2))), WG_EDTYPE);
}
END_TEST

/* Stored so, trained in f32: one step is the step from the stored value, rounded. */
START_TEST(parameters)
{
    const format *f = &FORMAT[_i];
    wg_init normal = {"normal", 0, 1};
    wg_tensor w = wg_param(tape, "w", WG_SHAPE(5), .dtype = f->dtype, .init = normal);
    wg_tensor v = wg_param(tape, "v", WG_SHAPE(5), .init = normal);
    wg_tensor loss = wg_sum(wg_add(wg_square(wg_cast(w, WG_F32)), v));
    wg_array kept, now;
    double before[5];
    ck_assert(!wg_params_get(wg_tape_params(tape), "w", &kept));
    ck_assert_int_eq(kept.dtype, f->dtype);
    for (int i = 0; i < 5; i++) before[i] = wg_array_at(&kept, i);
    ck_assert(fabs(before[0]) > 0 && before[0] != before[1]);
    wg_plan *p = made(wg_minimize(loss, wg_sgd(.lr = 0.125, .momentum = 0.5)));
    run(p);
    ck_assert(!wg_params_get(wg_tape_params(tape), "w", &now));
    for (int i = 0; i < 5; i++) {
        wg_array want;
        double g = 2 * before[i];
        ck_assert_int_eq(wg_array_new(&want, f->dtype, WG_SHAPE(1)), WG_OK);
        wg_array_put(&want, 0, g);
        wg_array_put(&want, 0, before[i] - 0.125 * wg_array_at(&want, 0));
        ck_assert_uint_eq(bits(&now, i), bits(&want, 0));
        wg_array_free(&want);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("half");
    TCase *c = tcase_create("half");
    tcase_set_timeout(c, 120);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_loop_test(c, every_value_widened, 0, 2);
    tcase_add_loop_test(c, every_midpoint, 0, 2);
    tcase_add_loop_test(c, every_nan, 0, 2);
    tcase_add_loop_test(c, every_value_to_integers, 0, 2);
    tcase_add_loop_test(c, moves, 0, 2);
    tcase_add_test(c, all_that_move);
    tcase_add_loop_test(c, gradients_pass, 0, 2);
    tcase_add_loop_test(c, gradients_checked, 0, 2);
    tcase_add_loop_test(c, arithmetic_is_refused, 0, 2);
    tcase_add_loop_test(c, every_value_in_text, 0, 2);
    tcase_add_test(c, feeds);
    tcase_add_loop_test(c, parameters, 0, 2);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
