/* test_ops.c -- every op of the registry at every sample of its file: values, gradients to order 2, forward = reverse,
 * refusals, f32 against f64, definition against kernel, and the same bits whatever the instruction set's passes, threads
 * and layout of operands; the same, and refused too, where sizes are known only when it runs.
 *
 *     test_ops [OP...]     only those ops
 *
 * There is no list of ops here: an op that has no samples fails. */
#include "samples.h"

#include <check.h>
#include <stdarg.h>
#include <stdlib.h>

enum { ENOUGH = 20 }; /* failures of one op */

static const wg_op **chosen;
static int n_chosen;

typedef struct trial {
    const wg_op *op;
    const wg_sample *sample;
    sample_call call;
    sample_result base;
    int failures, gradchecked, refused;
    char first[3000];
    size_t used;
} trial;

static void complain(trial *t, const char *format, ...) WG_PRINTF(2, 3);
static void complain(trial *t, const char *format, ...)
{
    char text[1500];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    t->failures++;
    wg__append(t->first, sizeof t->first, &t->used, "\n  %s: %s%s%s", t->op->name, t->sample ? t->sample->call : "", t->sample ? ": " : "",
               text);
}

/* ---- comparing --------------------------------------------------------------------------------------------------------- */

static bool compare(trial *t, const char *what, const wg_array *got, const wg_array *want, measure how, double much)
{
    char why[600];
    bool same = sample_agree(got, want, how, much, why, sizeof why);
    if (!same) complain(t, "%s%s", what, why);
    return same;
}

static int first_order(const trial *t)
{
    int n = 0;
    for (int i = 0; i < t->call.n; i++) n += sample_real(&t->call.in[i]);
    return t->base.n > 1 ? n : 0;
}

static void compare_results(trial *t, const char *what, const sample_result *got, const sample_result *want, measure how, double much,
                            bool value_only)
{
    if (got->n != want->n) complain(t, "%s: %d results, must be %d", what, got->n, want->n);
    for (int k = 0; k < want->n && k < got->n && !(value_only && k); k++) {
        char name[200];
        if (k == 0) snprintf(name, sizeof name, "%s: value", what);
        else snprintf(name, sizeof name, "%s: %s x%d", what, k <= first_order(t) ? "gradient in" : "second derivative in", want->input[k]);
        if (!compare(t, name, &got->out[k], &want->out[k], how, much)) return;
    }
}

/* ---- expectations -------------------------------------------------------------------------------------------------------- */

static bool minus_zero(const wg_array *want, int64_t i)
{
    double v = wg_array_at(want, i);
    return wg_dtype_real(want->dtype) && v == 0 && signbit(v);
}

/* got against one value of the text; *text moves behind it */
static void expect(trial *t, const char *what, const wg_array *got, const char **text, measure how)
{
    wg_array want = {0};
    bool typed;
    if (!sample_value(text, &want, &typed)) {
        complain(t, "%s: cannot read the expected \"%s\"", what, *text);
    } else if (typed ? want.dtype != got->dtype : !wg_dtype_real(got->dtype)) {
        complain(t, "%s is %s, must be %s", what, wg_dtype_name(got->dtype), typed ? wg_dtype_name(want.dtype) : "real");
    } else if (compare(t, what, got, &want, how, got->dtype == WG_F32 ? 2e-7 : 1e-12)) {
        int64_t n = wg_shape_count(want.shape);
        for (int64_t i = 0; i < n; i++)
            if (minus_zero(&want, i) && !signbit(wg_array_at(got, i))) complain(t, "%s[%lld] is 0, must be -0", what, (long long)i);
    }
    wg_array_free(&want);
}

static void check_value(trial *t)
{
    const char *text = t->sample->value;
    if (text) expect(t, "value", &t->base.out[0], &text, RELATIVE);
}

static void check_grad(trial *t)
{
    const char *text = t->sample->grad;
    if (!text) return;
    int n = first_order(t), k = 1;
    for (; *text; k++) {
        char what[40];
        if (k > n) {
            complain(t, "more expected gradients than real inputs (%d)", n);
            return;
        }
        snprintf(what, sizeof what, "gradient in x%d", t->base.input[k]);
        expect(t, what, &t->base.out[k], &text, SUMMED);
        while (*text == ' ' || *text == ';') text++;
    }
    if (k - 1 != n) complain(t, "%d expected gradients for %d real inputs", k - 1, n);
}

/* ---- the same bits ---------------------------------------------------------------------------------------------------------- */

/* Runs it so, and compares with want; what cannot be recorded so is passed over if `may_refuse`. */
static void check_run(trial *t, const char *what, const sample_how *how, const sample_result *want, measure m, double much, bool may_refuse)
{
    char why[600] = "";
    sample_result r;
    sample_status s = sample_run(&t->call, how, &r, why, sizeof why);
    sample_result first = *want;
    if (!how->order_two && want->n > 1 + first_order(t)) first.n = 1 + first_order(t);
    if (s == RAN) compare_results(t, what, &r, &first, m, much, false);
    else if (s != NO_DEFINITION && !may_refuse) complain(t, "%s: %s", what, why);
    sample_result_free(&r);
}

/* Against the sample as it is, where the order of sums may differ. */
static void check_rounding(trial *t, const char *what, const sample_how *how, const sample_result *base, double ulps)
{
    check_run(t, what, how, base, t->sample->kink ? RELATIVE : ULPS, t->sample->kink ? 1e-12 : ulps, false);
}

/* The other passes, and how values lie, decide which sums are stacked: with that pass results are held within rounding,
 * without it to the bit. */
static void check_guises(trial *t, const sample_how *plain, const sample_result *base, const sample_result *packed, double ulps)
{
    static const sample_guise guises[] = {TRANSPOSED, SLICED, FLIPPED};
    static const char *const names[] = {"transposed operands", "sliced operands", "flipped operands"};
    sample_how how = *plain;
    how.without = WG_PASS_STACK | WG_PASS_REUSE;
    how.fences = true;
    for (int i = 0; i < 3; i++) {
        how.guise = guises[i];
        check_run(t, names[i], &how, packed, EXACT, 0, false);
        sample_how stacked = *plain;
        stacked.guise = guises[i];
        check_rounding(t, names[i], &stacked, base, ulps);
    }
}

static void check_passes(trial *t, const sample_how *plain, const sample_result *base, const sample_result *packed, double ulps)
{
    static const struct {
        const char *name;
        unsigned without;
    } passes[] = {
        {"without merging", WG_PASS_MERGE},
        {"without fusing", WG_PASS_FUSE},
        {"without work in place", WG_PASS_INPLACE},
        {"without reuse of buffers", WG_PASS_REUSE},
        {"with a wait at every step", WG_PASS_WAIT},
        {"without any of these", WG_PASS_MERGE | WG_PASS_FUSE | WG_PASS_INPLACE | WG_PASS_REUSE | WG_PASS_WAIT | WG_PASS_EPILOGUE}};
    sample_how how = *plain;
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        how.without = passes[i].without;
        check_rounding(t, passes[i].name, &how, base, ulps);
        how.without |= WG_PASS_STACK;
        how.fences = passes[i].without == WG_PASS_REUSE;
        check_run(t, passes[i].name, &how, packed, EXACT, 0, false);
        how.fences = false;
    }
    how.without = WG_PASS_JOIN;
    check_rounding(t, "without joining", &how, base, ulps);
    how.without = WG_PASS_JOIN | WG_PASS_STACK; /* at a kink a second derivative may be nothing but rounding, and differ by all of it */
    how.order_two = !t->sample->kink;
    check_rounding(t, "without joining and stacking", &how, base, ulps);
}

static void check_threads(trial *t, const sample_how *plain, const sample_result *base)
{
    sample_how how = *plain;
    for (how.threads = 1; how.threads <= 16; how.threads = how.threads == 3 ? 16 : how.threads + 1) {
        char name[40];
        snprintf(name, sizeof name, "with %d threads", how.threads);
        check_run(t, name, &how, base, EXACT, 0, false);
    }
}

static void check_sets(trial *t, const sample_how *plain, const sample_result *base, double ulps)
{
    sample_how how = *plain;
    for (wg_isa isa = WG_ISA_BASE; isa < WG_ISAS; isa++) {
        char name[60];
        if (!wg__isa_here(isa)) continue;
        how.isa = wg__isa_name(isa);
        snprintf(name, sizeof name, "the instruction set %s", how.isa);
        check_rounding(t, name, &how, base, ulps);
    }
}

/* With a cotangent that is drawn: where the gradient of a plain sum cancels (softmax, ctc_share), nothing but rounding would
 * be compared. */
static void check_sameness(trial *t)
{
    sample_how plain = {.real = WG_F64, .order_two = true, .drawn = true}, how = plain;
    sample_result base, packed;
    double ulps = t->sample->ulps > 0 ? t->sample->ulps : 8;
    char why[600] = "";
    how.without = WG_PASS_STACK;
    sample_status b = sample_run(&t->call, &plain, &base, why, sizeof why), p = sample_run(&t->call, &how, &packed, why, sizeof why);
    if (b != RAN || p != RAN) {
        complain(t, "with a drawn cotangent: %s", why);
    } else {
        check_passes(t, &plain, &base, &packed, ulps);
        check_threads(t, &plain, &base);
        check_guises(t, &plain, &base, &packed, ulps);
        check_sets(t, &plain, &base, ulps);
    }
    sample_result_free(&base);
    sample_result_free(&packed);
}

/* The value alone, for in a longer program what a step writes behind its scratch may be scratch still: of another step. */
static void check_fences(trial *t)
{
    char why[600] = "";
    sample_result r;
    for (int i = 0; i < 4; i++) {
        sample_how how = {.real = i % 2 ? WG_F32 : WG_F64, .without = WG_PASS_REUSE, .any_rank = true, .fences = true, .threads = 1 + i};
        how.guise = i / 2 ? TRANSPOSED : PACKED;
        if (sample_run(&t->call, &how, &r, why, sizeof why) != RAN) complain(t, "alone, between fences: %s", why);
        sample_result_free(&r);
    }
}

/* Larger than what one thread does alone: the first input, or all of its shape, again and again along axis 0. */
static void check_large(trial *t)
{
    char why[600];
    int64_t n = t->call.n && t->call.in[0].tensor ? wg_shape_count(t->call.in[0].value.shape) : 0;
    if (n < 1 || n > 4096) return;
    sample_how how = {.real = WG_F64, .tile = 60000 / n + 2, .threads = 1};
    sample_result one;
    sample_status s = sample_run(&t->call, &how, &one, why, sizeof why);
    if (s != RAN) {
        sample_result_free(&one);
        how.tile_one = true;
        s = sample_run(&t->call, &how, &one, why, sizeof why);
    }
    for (int threads = 2; s == RAN && threads <= 16; threads = threads == 3 ? 16 : threads + 1) {
        char name[60];
        how.threads = threads;
        snprintf(name, sizeof name, "repeated %lld times, %d threads", (long long)how.tile, threads);
        check_run(t, name, &how, &one, EXACT, 0, false);
    }
    how.threads = 1;
    how.without = WG_PASS_MERGE | WG_PASS_FUSE | WG_PASS_INPLACE | WG_PASS_REUSE;
    how.fences = true;
    if (s == RAN) check_run(t, "repeated, without any pass", &how, &one, EXACT, 0, false);
    sample_result_free(&one);
}

/* ---- f32, definitions, broadcasting -------------------------------------------------------------------------------------------- */

static bool f32_holds(const trial *t)
{
    bool some = false;
    for (int i = 0; i < t->call.n; i++) {
        const wg_array *a = &t->call.in[i].value;
        if (!t->call.in[i].tensor || a->dtype != WG_F64) continue;
        some = true;
        int64_t n = wg_shape_count(a->shape);
        for (int64_t k = 0; k < n; k++) {
            double v = wg_array_at(a, k);
            if (isfinite(v) && (fabs(v) > (double)FLT_MAX || (v != 0 && fabs(v) < (double)FLT_MIN))) return false;
        }
    }
    return some;
}

static void check_f32(trial *t)
{
    char why[600] = "";
    sample_result rounded, single;
    if (!f32_holds(t)) return;
    sample_status s = sample_run(&t->call, &(sample_how){.real = WG_F64, .round = true}, &rounded, why, sizeof why);
    sample_status f = s == RAN ? sample_run(&t->call, &(sample_how){.real = WG_F32}, &single, why, sizeof why) : NOT_RUN;
    if (s != RAN || f != RAN) complain(t, "f32 against f64: %s", why);
    else compare(t, "f32 against f64: value", &single.out[0], &rounded.out[0], ULPS, t->sample->ulps > 0 ? t->sample->ulps : 8);
    for (wg_isa isa = WG_ISA_BASE; f == RAN && isa < WG_ISAS; isa++) {
        char name[80];
        sample_how other = {.real = WG_F32, .isa = wg__isa_name(isa)};
        sample_result scalar;
        if (!wg__isa_here(isa)) continue;
        snprintf(name, sizeof name, "f32, the instruction set %s: value", other.isa);
        if (sample_run(&t->call, &other, &scalar, why, sizeof why) != RAN) complain(t, "%s: %s", name, why);
        else compare(t, name, &scalar.out[0], &rounded.out[0], ULPS, t->sample->ulps > 0 ? t->sample->ulps : 8);
        sample_result_free(&scalar);
    }
    if (f == RAN) sample_result_free(&single);
    sample_result_free(&rounded);
}

static void check_define(trial *t)
{
    char why[600] = "";
    sample_result by_kernel, by_definition;
    sample_status s = sample_run(&t->call, &(sample_how){.real = WG_F64, .define = true}, &by_definition, why, sizeof why);
    if (s == NO_DEFINITION) return;
    if (s != RAN) {
        complain(t, "the definition: %s", why);
        sample_result_free(&by_definition);
        return;
    }
    if (sample_run(&t->call, &(sample_how){.real = WG_F64}, &by_kernel, why, sizeof why) != RAN) complain(t, "the kernel: %s", why);
    else
        compare_results(t, "the kernel against the definition", &by_kernel, &by_definition, ULPS,
                        t->sample->ulps > 0 ? t->sample->ulps * 8 : 64, t->sample->kink);
    sample_result_free(&by_kernel);
    sample_result_free(&by_definition);
}

static void check_expanded(trial *t)
{
    wg_shape out = t->base.out[0].shape;
    bool differs = false, all = t->op->kind == WG_ELEMENTWISE;
    for (int i = 0; i < t->call.n; i++) {
        if (!t->call.in[i].tensor) continue;
        differs |= !wg_shape_equal(t->call.in[i].value.shape, out);
    }
    if (!all || !differs) return;
    sample_result packed;
    char why[600] = "";
    sample_how how = {.real = WG_F64};
    sample_status s = sample_run(&t->call, &how, &packed, why, sizeof why);
    how.guise = EXPANDED;
    how.out = out;
    if (s != RAN) complain(t, "%s", why);
    sample_result expanded;
    sample_status e = sample_run(&t->call, &how, &expanded, why, sizeof why);
    if (e != RAN) complain(t, "expanded operands: %s", why);
    if (e == RAN && s == RAN) /* the gradients are in the expanded tensors: of another shape */
        compare(t, "expanded operands: value", &expanded.out[0], &packed.out[0], EXACT, 0);
    sample_result_free(&packed);
    sample_result_free(&expanded);
}

/* ---- sizes known only when it runs ---------------------------------------------------------------------------------------------- */

/* A rule may want to know a size when it is recorded, and then says so; but what is recorded must run, and give the same. */
static bool wants_to_know(const char *why) { return strstr(why, "known") || strstr(why, "recorded with"); }

static void check_open(trial *t)
{
    char why[600] = "";
    sample_result r;
    sample_how how = {.real = WG_F64, .drawn = true, .open = ALL_OPEN, .out = t->base.out[0].shape};
    for (; how.open < OPENINGS; how.open++) {
        sample_how known = how;
        known.open = CLOSED;
        sample_status s = sample_run(&t->call, &how, &r, why, sizeof why);
        if (s == NOT_RUN) complain(t, "%s: %s", opening_name[how.open], why);
        if (s == NOT_RECORDED && !wants_to_know(why)) complain(t, "%s: is refused with \"%s\"", opening_name[how.open], why);
        sample_result_free(&r);
        if (s == RAN && sample_run(&t->call, &known, &r, why, sizeof why) == RAN)
            check_run(t, opening_name[how.open], &how, &r, t->sample->kink ? RELATIVE : ULPS,
                      t->sample->kink       ? 1e-12
                      : t->sample->ulps > 0 ? t->sample->ulps
                                            : 8,
                      false);
        if (s == RAN) sample_result_free(&r);
    }
}

/* ---- gradients ---------------------------------------------------------------------------------------------------------------- */

static bool checkable(const trial *t)
{
    int64_t elements = 0;
    if (t->sample->kink || t->op->constant || !wg_dtype_real(t->base.out[0].dtype)) return false;
    for (int i = 0; i < t->call.n; i++) elements += sample_real(&t->call.in[i]) ? wg_shape_count(t->call.in[i].value.shape) : 0;
    return elements > 0 && wg_shape_count(t->base.out[0].shape) > 0;
}

static void check_gradients(trial *t)
{
    char why[600] = "";
    wg_tensor y;
    wg_gradcheck_feed feed[SAMPLE_INPUTS];
    char name[SAMPLE_INPUTS][16];
    size_t n = 0;
    if (!checkable(t)) return;
    wg_tape *tape = sample_record(&t->call, &(sample_how){.real = WG_F64}, &y, why, sizeof why);
    if (!tape) {
        complain(t, "%s", why);
        return;
    }
    for (int i = 0; i < t->call.n; i++) {
        if (!t->call.in[i].tensor || t->call.in[i].drawn) continue;
        snprintf(name[n], sizeof name[n], "x%d", i);
        feed[n] = (wg_gradcheck_feed){name[n], t->call.in[i].value};
        n++;
    }
    wg_gradcheck_report r = wg_gradcheck(y, .feeds = feed, .n_feeds = n);
    if (r.status || r.failed) complain(t, "%s", r.text);
    t->gradchecked += r.tested[0] > 0 && !r.failed;
    wg_tape_free(tape);
}

/* ---- one op --------------------------------------------------------------------------------------------------------------------- */

static void check_refused(trial *t)
{
    char why[600] = "";
    sample_result r;
    t->refused++;
    if (sample_run(&t->call, &(sample_how){.real = WG_F64}, &r, why, sizeof why) == RAN)
        complain(t, "must be refused (%s), but runs", t->sample->refused);
    else if (!strstr(why, t->sample->refused)) complain(t, "is refused with \"%s\", which must contain \"%s\"", why, t->sample->refused);
    sample_result_free(&r);
    for (sample_open open = ALL_OPEN; open < OPENINGS; open++) {
        sample_how how = {.real = WG_F64, .open = open, .any_rank = true};
        if (sample_run(&t->call, &how, &r, why, sizeof why) == RAN) complain(t, "must be refused, but runs with %s", opening_name[open]);
        sample_result_free(&r);
    }
}

static void check_sample(trial *t)
{
    char why[600] = "";
    if (!sample_read(&t->call, t->sample, t->op, why, sizeof why)) {
        complain(t, "%s", why);
    } else if (t->sample->refused) {
        check_refused(t);
    } else if (sample_run(&t->call, &(sample_how){.real = WG_F64, .order_two = true}, &t->base, why, sizeof why) != RAN) {
        complain(t, "%s", why);
        sample_result_free(&t->base);
    } else {
        check_value(t);
        check_grad(t);
        check_sameness(t);
        check_fences(t);
        check_large(t);
        check_f32(t);
        check_define(t);
        check_expanded(t);
        check_open(t);
        check_gradients(t);
        sample_result_free(&t->base);
    }
    sample_free(&t->call);
}

static bool takes_reals(const wg_op *op)
{
    for (int i = 0; i < op->n_inputs; i++) {
        uint32_t bit = op->variadic ? 1u : 1u << i;
        if (!(bit & (op->index | op->bools | op->shape_only)) && (!op->takes || op->takes & WG_REALS)) return true;
    }
    return false;
}

/* What the descriptor says of inputs it says of such as there are; and what is not read is linear in no way. */
static void check_masks(trial *t)
{
    const wg_op *op = t->op;
    uint32_t all = op->variadic ? 1u : (1u << op->n_inputs) - 1, linear = op->linear | op->multilinear;
    if ((linear | op->index | op->bools | op->shape_only | op->any_dtype) & ~all) complain(t, "a mask names an input that is not there");
    if (linear & (op->shape_only | op->index | op->bools)) complain(t, "linear in an input that has no derivative");
}

START_TEST(test_op)
{
    trial t = {.op = chosen[_i]};
    check_masks(&t);
    if (t.op->kind == WG_LEAF) return; /* not called by name: test_tape has them */
    for (const wg_sample *s = t.op->samples; s && s->call && t.failures < ENOUGH; s++) {
        t.sample = s;
        check_sample(&t);
    }
    t.sample = NULL;
    if (!t.refused) complain(&t, "no sample of what must be refused");
    if (!t.op->constant && takes_reals(t.op) && !t.gradchecked) complain(&t, "no sample whose gradient was checked");
    ck_assert_msg(t.failures == 0, "%d failures%s", t.failures, t.first);
}
END_TEST

static bool choose(int argc, char **argv)
{
    int n = 0;
    while (wg__ops[n]) n++;
    chosen = calloc((size_t)n + 1, sizeof *chosen);
    if (!chosen) return false;
    for (int i = 0; i < n; i++) {
        bool wanted = argc < 2;
        for (int k = 1; k < argc; k++) wanted |= strcmp(argv[k], wg__ops[i]->name) == 0;
        if (wanted) chosen[n_chosen++] = wg__ops[i];
    }
    if (argc > 1 && n_chosen != argc - 1) fprintf(stderr, "test_ops: not every name given is an op\n");
    return n_chosen > 0 && (argc < 2 || n_chosen == argc - 1);
}

int main(int argc, char **argv)
{
    if (!choose(argc, argv)) return EXIT_FAILURE;
    Suite *s = suite_create("ops");
    for (int i = 0; i < n_chosen; i++) {
        TCase *c = tcase_create(chosen[i]->name);
        tcase_set_timeout(c, 300);
        tcase_add_loop_test(c, test_op, i, i + 1);
        suite_add_tcase(s, c);
    }
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    free(chosen);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
