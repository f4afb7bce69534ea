/* test_categories.c -- every op over the shared list of categories.c: at least 64 samples, its own included, and at least 6
 * refused calls, whatever the op is. What is expected is never what the kernel said the same way:
 *
 *     definition   the op's .define, recorded in the node's place
 *     alone        each of some elements by itself, where no vector is full and no thread is second (elementwise)
 *     pieces       the two parts of every axis along which the op works part by part (found on the op's own samples)
 *     composition  for an op that is a definition only: that, node by node, without a planner's pass
 *
 * and always: f32 against f64, with first derivatives, packed against strided, one thread against several, the base
 * instruction set. A line says which an op was held to. Gradients are the cotangent's, drawn; some are compared with differences
 * to order 2.
 *
 *     test_categories [OP...]     only those ops; with WG_CATEGORY_SEED=N others are drawn
 */
#include "trial.h"

#include <check.h>
#include <float.h>
#include <stdlib.h>

enum { SAMPLES = 64, REFUSED = 6, CANDIDATES = 1500, GRADCHECKS = 5, SMALL = 30 };
enum { EXACT_PASSES = WG_PASS_MERGE | WG_PASS_FUSE | WG_PASS_INPLACE | WG_PASS_REUSE | WG_PASS_WAIT | WG_PASS_EPILOGUE };
enum { ALL_PASSES = EXACT_PASSES | WG_PASS_JOIN | WG_PASS_STACK };

static const wg_op **chosen;
static int n_chosen;

/* ---- the same, run otherwise ---------------------------------------------------------------------------------------------- */

static void check_otherwise(trial *t)
{
    char why[600] = "";
    sample_how how = {.real = WG_F64, .drawn = true, .without = WG_PASS_STACK | WG_PASS_JOIN, .threads = 3};
    sample_result plain;
    if (sample_run(&t->v->call, &how, &plain, why, sizeof why) != RAN) {
        complain(t, "three threads: %s", why);
        sample_result_free(&plain);
        return;
    }
    how = (sample_how){.real = WG_F64, .drawn = true, .without = ALL_PASSES, .threads = 1};
    check_run(t, "node by node", &how, &plain, EXACT, 0);
    how.without = WG_PASS_STACK | WG_PASS_JOIN;
    how.threads = 2;
    how.guise = t->v->guise;
    how.dead = true;
    check_run(t, "strided, among dead nodes", &how, &plain, plain.products ? ULPS : EXACT, plain.products ? ulps_of(t) : 0);
    if (t->op->kind == WG_ELEMENTWISE || t->v->values != LARGE) /* 1e20 beside 1e20 - 1 is a tie or none, by how it is rounded */
        check_run(t, "the base instruction set", &(sample_how){.real = WG_F64, .drawn = true, .isa = "base"}, &t->base, ULPS, ulps_of(t));
    results_agree(t, "without joining and stacking", &plain, &t->base, ULPS, ulps_of(t), t->base.n);
    sample_result_free(&plain);
}

static bool has_f64(const sample_call *c)
{
    bool some = false;
    for (int i = 0; i < c->n; i++) some |= c->in[i].tensor && c->in[i].value.dtype == WG_F64;
    return some;
}

/* Whether f32 gives no number somewhere because a number on the way is beyond its range: inf - inf, or 0 times a slope that is inf. */
static bool overflows(const trial *t, const sample_result *single, const sample_result *rounded)
{
    char why[600];
    bool lost = false;
    sample_result r = {.n = 0};
    for (int k = 0; k < rounded->n && k < single->n; k++)
        for (int64_t i = wg_dtype_real(rounded->out[k].dtype) ? wg_shape_count(rounded->out[k].shape) : 0; i-- > 0;)
            lost |= isfinite(wg_array_at(&rounded->out[k], i)) && !isfinite(wg_array_at(&single->out[k], i));
    if (!lost) return false;
    sample_run(&t->v->call, &(sample_how){.real = WG_F64, .drawn = true, .round = true, .inside = true}, &r, why, sizeof why);
    lost = r.beyond;
    sample_result_free(&r);
    return lost;
}

static void check_f32(trial *t)
{
    char why[600] = "";
    sample_result single, rounded;
    if (!has_f64(&t->v->call) || t->v->values == LARGE) return;
    sample_how how = {.real = WG_F64, .drawn = true, .round = true};
    sample_status a = sample_run(&t->v->call, &how, &rounded, why, sizeof why);
    how.real = WG_F32;
    sample_status b = sample_run(&t->v->call, &how, &single, why, sizeof why);
    if (a != RAN || b != RAN) {
        complain(t, "f32 against f64: %s", why);
    } else if (!overflows(t, &single, &rounded)) {
        t->single += results_agree(t, "f32 against f64", &single, &rounded, ULPS, ulps_of(t), rounded.n);
        t->single_slopes += rounded.n > 1;
    }
    sample_result_free(&single);
    sample_result_free(&rounded);
}

static void check_define(trial *t)
{
    char why[600] = "";
    sample_result r;
    if (t->op->kind == WG_BLOCK && t->v->values >= LARGE) return; /* what is masked may be skipped or multiplied by 0; 1e20 may tie */
    sample_status s = sample_run(&t->v->call, &(sample_how){.real = WG_F64, .drawn = true, .define = true}, &r, why, sizeof why);
    if (s == RAN) t->define += results_agree(t, "the kernel against the definition", &t->base, &r, ULPS, 8 * ulps_of(t), 1);
    else if (s != NO_DEFINITION) complain(t, "the definition: %s", why);
    sample_result_free(&r);
}

/* The gradient in what stands in two places is the sum of those in either. */
static bool gradients_add(trial *t, const sample_result *twin)
{
    wg_array *g = &t->base.out[1];
    double most = 0;
    if (t->base.n < 2) return true;
    int64_t n = wg_shape_count(g->shape);
    for (int64_t i = 0; i < n; i++) {
        double sum = 0, room = 0;
        for (int k = 1; k < twin->n; k++) {
            if (twin->input[k] && strcmp(t->v->call.in[twin->input[k]].text, "x0") != 0) continue;
            sum += wg_array_at(&twin->out[k], i);
            room += fabs(wg_array_at(&twin->out[k], i));
        }
        most = fmax(most, isfinite(room) ? room : 0);
        double off = fabs(wg_array_at(g, i) - sum);
        if (isfinite(sum) && !(off <= ldexp(ulps_of(t) * fmax(most, 1), g->dtype == WG_F32 ? -23 : -52) || off <= ulps_of(t) * t->shake[1]))
            return complain(t, "x0 twice: gradient [%lld] is %.17g, must be %.17g", (long long)i, wg_array_at(g, i), sum), false;
    }
    return true;
}

static void check_alias(trial *t)
{
    char why[600] = "";
    sample_call twin;
    sample_result r = {.n = 0};
    if (!t->v->aliased) return;
    if (!variant_twin(t->v, &twin) || sample_run(&twin, &(sample_how){.real = WG_F64, .drawn = true}, &r, why, sizeof why) != RAN)
        complain(t, "with a copy of x0: %s", why);
    else t->aliased += results_agree(t, "x0 twice against a copy of it", &t->base, &r, EXACT, 0, 1) && gradients_add(t, &r);
    sample_result_free(&r);
    sample_free(&twin);
}

/* ---- gradients --------------------------------------------------------------------------------------------------------------- */

/* Equal elements may be a tie, which moves with none of them: what is selected then has no slope that a difference would see. */
static bool has_equals(const wg_array *a)
{
    bool any = false;
    for (int64_t i = wg_shape_count(a->shape); i-- > 1;)
        for (int64_t k = i; k-- > 0;) any |= wg_array_at(a, i) == wg_array_at(a, k);
    return any;
}

static bool smooth(const trial *t)
{
    int64_t elements = 0;
    const sample_call *c = &t->v->call;
    if (t->v->values != ORDINARY || t->v->of->kink || t->op->constant || !t->v->plain || t->v->guise > SHIFTED || has_f32(c)) return false;
    for (int i = 0; i < c->n; i++)
        for (int64_t e = sample_real(&c->in[i]) ? wg_shape_count(c->in[i].value.shape) : 0; e-- > 0; elements++)
            if (fabs(wg_array_at(&c->in[i].value, e)) > 100) return false; /* a difference would see rounding only */
    for (int k = 0; k < t->base.n; k++)
        for (int64_t e = wg_shape_count(t->base.out[k].shape); e-- > 0;)
            if (!isfinite(wg_array_at(&t->base.out[k], e))) return false;
    if (t->base.n < 2 || elements <= 0 || elements > SMALL || wg_shape_count(t->base.out[0].shape) < 1) return false;
    for (int i = 0; i < c->n && t->op->kind != WG_ELEMENTWISE; i++)
        if (sample_real(&c->in[i]) && has_equals(&c->in[i].value)) return false;
    return true;
}

static void check_gradients(trial *t)
{
    char why[600] = "", name[SAMPLE_INPUTS][16];
    wg_tensor y;
    wg_gradcheck_feed feed[SAMPLE_INPUTS];
    size_t n = 0;
    const sample_call *c = &t->v->call;
    if (t->gradchecked >= GRADCHECKS || !smooth(t)) return;
    wg_tape *tape = sample_record(c, &(sample_how){.real = WG_F64}, &y, why, sizeof why);
    for (int i = 0; i < c->n; i++) {
        if (!c->in[i].tensor) continue;
        snprintf(name[n], sizeof name[n], "x%d", i);
        feed[n] = (wg_gradcheck_feed){name[n], c->in[i].value};
        n++;
    }
    wg_gradcheck_report r = wg_gradcheck(y, .feeds = feed, .n_feeds = n);
    double terms = 1e-3; /* how large the terms of a derivative are, which may cancel: by what rounding does */
    for (int k = 1; k < t->base.n; k++) terms = fmax(terms, t->shake[k] / DBL_EPSILON);
    /* met by chance: a kink, the edge of where the op is defined */
    bool chance = strstr(r.text, "a kink") || (isnan(r.there) && isfinite(r.here)) || fabs(r.here - r.there) < 1e-9 * terms;
    if ((r.status || r.failed) && !chance) complain(t, "%s", r.text);
    t->gradchecked += !r.status && !r.failed && r.tested[0] > 0;
    wg_tape_free(tape);
}

/* ---- one op ---------------------------------------------------------------------------------------------------------------- */

/* A refusal names the op and says why. */
static bool good_refusal(const wg_op *op, const char *why) { return strstr(why, op->name) && strlen(why) > strlen(op->name) + 8; }

/* What cannot be read as that attribute's type is refused at its line and column. */
static bool misread(const char *why)
{
    int line, column, end = 0;
    return sscanf(why, "sample:%d:%d: %n", &line, &column, &end) == 2 && strlen(why) > (size_t)end + 8;
}

static bool check_variant(trial *t)
{
    char why[600] = "";
    sample_status s = sample_run(&t->v->call, &(sample_how){.real = WG_F64, .drawn = true}, &t->base, why, sizeof why);
    if (s == RAN) {
        measure_shake(t);
        check_otherwise(t);
        check_f32(t);
        check_define(t);
        check_alias(t);
        check_pieces(t);
        check_alone(t);
        check_laws(t);
        check_gradients(t);
        t->samples++;
    } else if (!good_refusal(t->op, why)) {
        complain(t, "is refused with \"%s\", which must name the op and say why", why);
    }
    sample_result_free(&t->base);
    return s == RAN;
}

static void check_samples(trial *t, generator *g)
{
    variant v;
    uint64_t seen[SAMPLES + 1];
    int n = 0;
    for (int i = 0; i < CANDIDATES && t->samples < SAMPLES && g->n && generate(g, &v); i++) {
        bool again = false;
        uint64_t h = wg__hash(0, v.label, strlen(v.label));
        for (int k = 0; k < n; k++) again |= seen[k] == h;
        t->v = &v;
        if (!again && check_variant(t)) seen[n++] = h;
        t->v = NULL;
        variant_free(&v);
    }
}

static bool runs_so(const sample_call *c, sample_open open, bool value_only, char *why, size_t size)
{
    sample_result r;
    why[0] = 0;
    sample_status s = sample_run(c, &(sample_how){.real = WG_F64, .open = open, .any_rank = value_only}, &r, why, size);
    sample_result_free(&r);
    return s == RAN;
}

/* Whether it is refused, for which op and why: one that cannot even be read does not count, nor one that is right. With its sizes open it
 * must be too, at the latest when they are known; of those the value is asked for only, as its rank may be another until then. */
static bool is_refused(trial *t, const sample_call *wrong, const char *label)
{
    char why[600], other[600];
    if (runs_so(wrong, CLOSED, false, why, sizeof why)) return false;
    bool good = good_refusal(t->op, why);
    if (!good && !misread(why)) complain(t, "%s: is refused with \"%s\", which must name the op and say why", label, why);
    for (sample_open open = ALL_OPEN; open < OPENINGS && good; open++) {
        if (!runs_so(wrong, open, true, why, sizeof why)) {
            if (!good_refusal(t->op, why)) complain(t, "%s: is refused with %s with \"%s\"", label, opening_name[open], why);
        } else if (!runs_so(wrong, CLOSED, true, other, sizeof other)) {
            complain(t, "%s: must be refused (%s), but runs with %s", label, other, opening_name[open]);
        }
    }
    return good;
}

static void check_wrong(trial *t, const generator *g)
{
    char label[300], call[700];
    bool more = true;
    sample_call wrong;
    for (int base = 0; base < g->n && base < 3; base++)
        for (int k = 0; more || k == 0; k++) {
            if (!wrong_call(&g->base[base], k, &wrong, label, sizeof label, &more)) continue;
            snprintf(call, sizeof call, "%s, %s", g->of[base]->call, label);
            t->refused += is_refused(t, &wrong, call);
            sample_free(&wrong);
        }
}

static wg_tensor named_input(wg_tape *t, int k)
{
    char name[16];
    snprintf(name, sizeof name, "x%d", k);
    return (wg_input)(t, name, WG_F32, WG_SHAPE(2));
}

/* Through the C interface: a tensor of another tape, an invalid one, none at all. Attributes are the defaults: inputs are
 * looked at first. */
static void check_strangers(trial *t)
{
    enum { ANOTHER, INVALID, MISSING, KINDS };
    for (int kind = 0; kind < KINDS; kind++)
        for (int i = 0; i < t->op->n_inputs; i++) {
            wg_tape *mine = wg_tape_new(), *other = wg_tape_new();
            wg_tensor in[SAMPLE_INPUTS], bad[] = {named_input(other, 0), wg_find(mine, "nothing"), WG_NONE};
            max_align_t options[64] = {0};
            if (!t->op->variadic) wg__attrs_init(t->op, options);
            for (int k = 0; k < t->op->n_inputs; k++) in[k] = named_input(mine, k);
            in[i] = bad[kind];
            bool absent = kind == MISSING && t->op->inputs[i].optional;
            wg_tensor y = wg__record_with(mine, t->op, options, in, t->op->n_inputs);
            if (!absent && wg_ok(y)) complain(t, "input %d is a stranger, and is taken", i);
            const char *why = wg_error(mine);
            if (!absent && kind != INVALID && (!why || !strstr(why, t->op->name)))
                complain(t, "input %d is a stranger: \"%s\" does not name the op", i, why ? why : "");
            t->refused += !wg_ok(y);
            wg_tape_free(mine);
            wg_tape_free(other);
        }
}

static void report(const trial *t)
{
    bool composed = t->op->define && !t->op->kernel;
    printf("%s: %d samples (%d its own), %d refused; definition %d, alone %d, pieces %d%s; f32 %d (gradients %d), aliased %d, "
           "sizes open %d, gradients to order 2: %d\n",
           t->op->name, t->samples, t->own, t->refused, t->define, t->alone, t->pieces, composed ? ", composition all" : "", t->single,
           t->single_slopes, t->aliased, t->open, t->gradchecked);
}

START_TEST(test_op)
{
    trial t = {.op = chosen[_i]};
    generator g;
    char why[600];
    if (t.op->kind == WG_LEAF || t.op->kind == WG_EFFECT) return; /* not called with values */
    bool ready = generator_new(&g, t.op, why, sizeof why);
    ck_assert_msg(ready, "%s: %s", t.op->name, why);
    t.samples = t.own = g.n;
    for (const wg_sample *s = t.op->samples; s->call; s++) t.refused += s->refused != NULL;
    t.splits = calloc((size_t)g.n + 1, sizeof *t.splits);
    t.own_ranks = calloc((size_t)g.n + 1, sizeof *t.own_ranks);
    ck_assert(t.splits && t.own_ranks);
    for (int i = 0; i < g.n; i++) find_splits(&t, &g, i);
    check_says_linear(&t, &g);
    check_samples(&t, &g);
    check_wrong(&t, &g);
    check_strangers(&t);
    report(&t);
    if (t.samples < SAMPLES) complain(&t, "%d samples, must be %d", t.samples, SAMPLES);
    if (t.refused < REFUSED) complain(&t, "%d refused, must be %d", t.refused, REFUSED);
    free(t.splits);
    free(t.own_ranks);
    generator_free(&g);
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
    return n_chosen > 0 && (argc < 2 || n_chosen == argc - 1);
}

int main(int argc, char **argv)
{
    if (!choose(argc, argv)) return EXIT_FAILURE;
    Suite *s = suite_create("categories");
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
