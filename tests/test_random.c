/* test_random.c -- 2,000 random programs of 3 to 40 ops of the whole catalogue: what must agree does (program_laws.c), and if not, the
 * smallest program that shows it is printed.
 *
 *     test_random [SEED [COUNT]]     COUNT (1) programs from that seed on, each printed with what was found
 *
 * Most seeds are the same in every run; FRESH of them begin at one taken from the clock, which is printed. WG_RANDOM_SEED sets it. */
#define _GNU_SOURCE /* open_memstream, MAP_ANONYMOUS */
#include "programs.h"

#include <check.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SLOW 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SLOW 1
#endif
#endif
#ifndef SLOW
#define SLOW 0
#endif

/* Under a sanitizer a tenth: a program takes ten times as long there. */
enum { PROGRAMS = SLOW ? 200 : 2000, FRESH = PROGRAMS / 10, PARTS = 20, OPS_MOST = 1024 };
static const rlim_t MEMORY = (rlim_t)1 << 30;

/* What the parts, each a process of its own, count together. */
typedef struct tally {
    int programs, ops, undecided, large;
    uint32_t current; /* the seed of the program that was being tried, for when it crashes */
    bool trying;
    int used[OPS_MOST];
} tally;

static tally *all;
static uint32_t fresh;

static void count(const program *p)
{
    all->programs++;
    all->ops += program_ops(p);
    all->large += p->large;
    for (int k = 0; k < p->n; k++)
        for (int i = 0; p->line[k].op && wg__ops[i]; i++) all->used[i] += wg__ops[i] == p->line[k].op;
}

static void describe(FILE *to, const program *p, const finding *f)
{
    const program_line *last = p->n ? &p->line[p->n - 1] : NULL;
    fprintf(to, "seed %u, op %s, %s: %s (%.3g of it)\n", p->seed, last && last->op ? last->op->name : "none", f->law, f->text, f->apart);
    program_print(to, p);
}

/* True when all laws hold; else the smallest program that breaks one is in *p. */
static bool try_one(program *p, uint32_t seed, const planted *bad, finding *f)
{
    if (!program_draw(p, seed)) return program_free(p), false;
    count(p);
    bool done = program_laws(p, bad, f);
    all->undecided += f->undecided;
    if (!done) program_shrink(p, program_laws, bad, f);
    return done;
}

static uint32_t seed_of(int i) { return i < PROGRAMS - FRESH ? (uint32_t)i : fresh + (uint32_t)(i - (PROGRAMS - FRESH)); }

START_TEST(test_programs)
{
    program *p = malloc(sizeof *p);
    char *text = NULL;
    size_t length = 0;
    ck_assert_ptr_nonnull(p);
    for (int i = _i; i < PROGRAMS; i += PARTS) {
        finding f = {.law = "drawing"};
        all->current = seed_of(i);
        all->trying = true;
        if (!try_one(p, seed_of(i), NULL, &f)) {
            FILE *to = open_memstream(&text, &length);
            ck_assert_ptr_nonnull(to);
            describe(to, p, &f);
            fclose(to);
            all->trying = false;
            ck_abort_msg("%s", text);
        }
        all->trying = false;
        program_free(p);
    }
    free(p);
}
END_TEST

/* The fixed seeds alone come to every op that can be called, but for those that draw from the tape's store. */
START_TEST(test_catalogue)
{
    char missing[1000] = "";
    size_t used = 0;
    for (int i = 0; wg__ops[i]; i++) {
        bool draws = strcmp(wg__ops[i]->family, "random") == 0 && wg__ops[i]->define;
        if (!all->used[i] && program_callable(wg__ops[i]) && !draws) wg__append(missing, sizeof missing, &used, " %s", wg__ops[i]->name);
    }
    ck_assert_int_ge(all->programs, PROGRAMS);
    ck_assert_msg(SLOW || !used, "no program has%s", missing);
}
END_TEST

/* ---- that errors are found, and programs shrunk ------------------------------------------------------------------------------ */

static wg_tensor wrong_slope(const wg_rule *r, int i)
{
    (void)i;
    return wg_mul(wg_sub(wg_num(1), wg_square(r->out)), wg_num(1.001));
}

static wg_tensor wrong_vjp(const wg_rule *r, wg_tensor g, int i) { return wg_mul(wg__op_find("softmax")->vjp(r, g, i), wg_num(1.001)); }

/* The first program that shows it by the op itself, shrunk into *p; those before show it by another one that is made of it. */
static bool found_by_programs(program *p, const planted *bad, finding *f)
{
    for (uint32_t seed = 0; seed < 1000; seed++) {
        bool shown = !try_one(p, seed, bad, f);
        if (shown) ck_assert_int_eq(program_ops(p), 1);
        if (shown && p->line[p->n - 1].op == bad->real) return true;
        program_free(p);
    }
    return false;
}

static void check_planted(const wg_op *real, const wg_op *broken)
{
    planted bad = {real, broken};
    finding f;
    program *p = malloc(sizeof *p);
    ck_assert_ptr_nonnull(p);
    ck_assert_msg(found_by_programs(p, &bad, &f), "a wrong slope of %s is not found", real->name);
    ck_assert_msg(strcmp(f.law, "forward mode") == 0 || strcmp(f.law, "differences") == 0, "%s", f.law);
    ck_assert(f.apart > 1e-5 && f.apart < 1e-2);
    program_free(p);
    free(p);
}

START_TEST(test_wrong_slope)
{
    wg_op broken = *wg__op_find("tanh");
    broken.slope = wrong_slope;
    check_planted(wg__op_find("tanh"), &broken);
    broken = *wg__op_find("softmax");
    broken.vjp = wrong_vjp;
    check_planted(wg__op_find("softmax"), &broken);
}
END_TEST

/* Does line `line` depend on a line of that family? */
static bool comes_from(const program *p, int line, const char *family)
{
    for (int i = 0; i < p->line[line].n; i++) {
        int k = p->line[line].arg[i].line;
        if (k >= 0 && p->line[k].op && (strcmp(p->line[k].op->family, family) == 0 || comes_from(p, k, family))) return true;
    }
    return false;
}

/* A law that is not true: no reduction comes after an activation. */
static bool no_reduction_after_activation(const program *p, const void *context, finding *f)
{
    (void)context;
    *f = (finding){.law = "a law that is not true"};
    for (int k = 0; k < p->n; k++)
        if (p->line[k].op && strcmp(p->line[k].op->family, "reduce") == 0 && comes_from(p, k, "activation")) return false;
    return true;
}

/* Whatever the program, little more than an activation and a reduction is left, and the leaves that they read. */
START_TEST(test_shrinking)
{
    int shrunk = 0;
    finding f;
    program *p = malloc(sizeof *p);
    ck_assert_ptr_nonnull(p);
    for (uint32_t seed = 0; shrunk < 10; seed++) {
        ck_assert_uint_lt(seed, 2000);
        ck_assert(program_draw(p, seed));
        if (program_ops(p) > 8 && !no_reduction_after_activation(p, NULL, &f)) {
            program_shrink(p, no_reduction_after_activation, NULL, &f);
            ck_assert(!no_reduction_after_activation(p, NULL, &f));
            /* four: one between them that cuts and one that shapes, where the reduction needs that */
            ck_assert_msg(program_ops(p) <= 4, "%d ops are left of seed %u", program_ops(p), seed);
            for (int k = 0; k < p->n; k++) ck_assert(p->line[k].op || program_reads(p, k));
            shrunk++;
        }
        program_free(p);
    }
    free(p);
}
END_TEST

/* ---- the whole -------------------------------------------------------------------------------------------------------------------- */

static void begin(void) { memset(all, 0, sizeof *all); }

static void end(void)
{
    if (all->trying) printf("test_random: the program of seed %u was being tried: test_random %u prints it\n", all->current, all->current);
    printf("test_random: %d programs, %d ops, %d of them large, %d with a leaf that differences could not decide\n", all->programs,
           all->ops, all->large, all->undecided);
}

static bool one_by_one(uint32_t seed, long n)
{
    bool done = true;
    program *p = malloc(sizeof *p);
    for (long i = 0; p && i < n; i++) {
        finding f = {.law = "drawing"};
        program_draw(p, seed + (uint32_t)i);
        if (n == 1) program_print(stdout, p), fflush(stdout);
        program_free(p);
        if (!try_one(p, seed + (uint32_t)i, NULL, &f)) {
            describe(stdout, p, &f);
            done = false;
        } else if (f.undecided) printf("seed %u: undecided\n", p->seed);
        fflush(stdout);
        program_free(p);
    }
    end();
    for (int i = 0; wg__ops[i]; i++)
        if (all->used[i] < 8 && n > 1000) printf("%s: %d\n", wg__ops[i]->name, all->used[i]);
    free(p);
    return p && done;
}

int main(int argc, char **argv)
{
    const char *given = getenv("WG_RANDOM_SEED");
    all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) return EXIT_FAILURE;
    if (!SLOW) setrlimit(RLIMIT_AS, &(struct rlimit){MEMORY, MEMORY}); /* an op on large operands may want more than there is */
    if (argc > 1) return one_by_one((uint32_t)strtoul(argv[1], NULL, 10), argc > 2 ? atol(argv[2]) : 1) ? EXIT_SUCCESS : EXIT_FAILURE;
    fresh = given ? (uint32_t)strtoul(given, NULL, 10) : (uint32_t)time(NULL) * 2654435761u ^ (uint32_t)getpid();
    printf("test_random: the fresh seed is %u (WG_RANDOM_SEED=%u takes it again)\n", fresh, fresh);
    Suite *s = suite_create("random");
    TCase *c = tcase_create("programs");
    tcase_add_unchecked_fixture(c, begin, end);
    tcase_set_timeout(c, 300);
    tcase_add_loop_test(c, test_programs, 0, PARTS);
    tcase_add_test(c, test_catalogue);
    suite_add_tcase(s, c);
    c = tcase_create("shrinking");
    tcase_set_timeout(c, 300);
    tcase_add_test(c, test_wrong_slope);
    tcase_add_test(c, test_shrinking);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
