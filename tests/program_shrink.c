/* program_shrink.c -- the smallest program that still breaks the law, by trying smaller ones until none breaks it (Zeller and
 * Hildebrandt 2002, one change at a time): a line that nothing reads is left out, a line is cut off from what it reads by becoming
 * a leaf that is fed its value, a line is passed over in favour of one that it reads, a line reads an earlier one instead. */
#include "programs.h"

#include <stdlib.h>

static void remove_line(program *p, int k)
{
    wg_array_free(&p->line[k].value);
    memmove(&p->line[k], &p->line[k + 1], (size_t)(p->n - k - 1) * sizeof *p->line);
    p->n--;
    for (int j = k; j < p->n; j++)
        for (int i = 0; i < p->line[j].n; i++) p->line[j].arg[i].line -= p->line[j].arg[i].line > k;
}

static void forget_leaves(program *p)
{
    for (int k = p->n - 1; k >= 0; k--)
        if (!p->line[k].op && !program_reads(p, k)) remove_line(p, k);
}

/* What comes after line k is computed again. */
static bool compute_from(program *p, int k)
{
    for (; k < p->n; k++) {
        wg_array value = {0};
        if (!p->line[k].op) continue;
        if (!program_value(p, &p->line[k], true, &value)) return false;
        wg_array_free(&p->line[k].value);
        p->line[k].value = value;
    }
    return true;
}

/* Of whatever type: what follows takes it or does not. */
static bool pass_over(program *p, int k, int by)
{
    if (by < 0) return false;
    for (int j = k + 1; j < p->n; j++)
        for (int i = 0; i < p->line[j].n; i++)
            if (p->line[j].arg[i].line == k) p->line[j].arg[i].line = by;
    remove_line(p, k);
    return compute_from(p, k);
}

/* Line k reads line `by` where it reads a later one now. */
static bool redirect(program *p, int k, int arg, int by)
{
    if (by >= p->line[k].arg[arg].line) return false;
    p->line[k].arg[arg].line = by;
    return compute_from(p, k);
}

/* The changes that there may be at line k. */
static int ways(const program *p, int k) { return 2 + p->line[k].n * (1 + k); }

/* Change number `way` at line k; false: there is none. */
static bool change(program *p, int k, int way)
{
    program_line *l = &p->line[k];
    bool done = true;
    if (!l->op) return false;
    if (way == 0) {
        if (program_reads(p, k)) return false;
        remove_line(p, k);
    } else if (way == 1) {
        if (!program_reads(p, k) || !l->n) return false;
        l->op = NULL;
        l->n = 0;
    } else if (way - 2 < l->n) {
        done = program_reads(p, k) && pass_over(p, k, l->arg[way - 2].line);
    } else {
        done = redirect(p, k, (way - 2 - l->n) / k, (way - 2 - l->n) % k);
    }
    if (done) forget_leaves(p);
    return done && program_ops(p) > 0;
}

/* Whether a smaller one took its place. */
static bool smaller(program *p, program_law law, const void *context, finding *f, program *trial)
{
    for (int k = p->n - 1; k >= 0; k--)
        for (int way = 0; way < ways(p, k); way++) {
            finding g;
            if (!program_copy(trial, p)) return false;
            if (!change(trial, k, way) || law(trial, context, &g)) {
                program_free(trial);
                continue;
            }
            program_free(p);
            *p = *trial;
            *f = g;
            return true;
        }
    return false;
}

void program_shrink(program *p, program_law law, const void *context, finding *f)
{
    program *trial = malloc(sizeof *trial);
    while (trial && smaller(p, law, context, f, trial))
        ;
    free(trial);
}
