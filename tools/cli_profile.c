/* cli_profile.c -- `wengert run --profile`: the steps of a run as a table, and as a trace of events by thread, in the JSON that
 * chrome://tracing and Perfetto read ("Trace Event Format": complete events, microseconds). */
#define _XOPEN_SOURCE 700
#include "cli.h"

#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

static void put_text(FILE *f, const char *text)
{
    fputc('"', f);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\') fprintf(f, "\\%c", *c);
        else if (*c < 0x20) fprintf(f, "\\u%04x", *c);
        else fputc(*c, f);
    }
    fputc('"', f);
}

static void put_event(FILE *f, const wg_profile_step *s, size_t i, const wg_span *at)
{
    fputs("{\"name\": ", f);
    put_text(f, s->ops);
    fprintf(f, ", \"cat\": \"%s\", \"ph\": \"X\", \"pid\": 1, \"tid\": %d, \"ts\": %.3f, \"dur\": %.3f", s->kind, at->thread,
            at->start * 1e6, (at->end - at->start) * 1e6);
    fprintf(f, ", \"args\": {\"step\": %zu, \"label\": ", i);
    put_text(f, s->label);
    fputs(", \"type\": ", f);
    put_text(f, s->type);
    fprintf(f, ", \"nodes\": %zu, \"flops\": %.0f, \"bytes\": %.0f, \"prepare\": %s}}", s->count, s->flops, s->bytes,
            at->prepare ? "true" : "false");
}

static bool write_trace(const wg_profile *p, const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f) return cli_say("%s: cannot be written", path);
    fputs("{\"displayTimeUnit\": \"ns\", \"traceEvents\": [", f);
    for (int i = 0; i < p->threads; i++)
        fprintf(f, "%s\n{\"name\": \"thread_name\", \"ph\": \"M\", \"pid\": 1, \"tid\": %d, \"args\": {\"name\": \"thread %d\"}}",
                i ? "," : "", i, i);
    for (size_t i = 0; i < p->steps; i++)
        for (size_t k = 0; k < p->step[i].spans; k++) {
            fputs(",\n", f);
            put_event(f, &p->step[i], i, &p->step[i].span[k]);
        }
    fputs("\n]}\n", f);
    bool bad = ferror(f) != 0;
    if (fclose(f) || bad) return cli_say("%s: cannot be written", path);
    return true;
}

/* A step's rate is of flops where its op counts them, of bytes else; its share is of what the machine can do. */
static void show_step(const wg_profile *p, size_t i, const bench_limits *l)
{
    const wg_profile_step *s = &p->step[i];
    double ran = s->seconds > 0 ? s->seconds : 1e-9, peak = l->flops[l->isas - 1];
    char flops[16] = "-", share[16];
    if (s->flops > 0) snprintf(flops, sizeof flops, "%.1f", s->flops / ran * 1e-9);
    snprintf(share, sizeof share, "%.0f %%", 100 * (s->flops > 0 ? s->flops / ran / peak : s->bytes / ran / l->copy));
    printf("%5zu %10.1f %6.1f %% %9s %8.1f %7s  %-8s %-32s %s : %s\n", i, s->seconds * 1e6, 100 * s->seconds / p->seconds, flops,
           s->bytes / ran * 1e-9, share, s->kind, s->ops, s->label, s->type);
}

/* The steps that compute the same ops, together. */
typedef struct work {
    const char *ops;
    size_t steps;
    double seconds, flops, bytes;
} work;

static int by_ops(const void *a, const void *b) { return strcmp(((const work *)a)->ops, ((const work *)b)->ops); }

static int by_seconds(const void *a, const void *b)
{
    double x = ((const work *)a)->seconds, y = ((const work *)b)->seconds;
    return (x < y) - (x > y);
}

static bool show_together(const wg_profile *p)
{
    work *w = malloc((p->steps + 1) * sizeof *w);
    size_t n = 0;
    if (!w) return cli_say("out of memory");
    for (size_t i = 0; i < p->steps; i++) w[i] = (work){p->step[i].ops, 1, p->step[i].seconds, p->step[i].flops, p->step[i].bytes};
    qsort(w, p->steps, sizeof *w, by_ops);
    for (size_t i = 0; i < p->steps; i++) {
        if (n == 0 || strcmp(w[n - 1].ops, w[i].ops) != 0) {
            w[n++] = w[i];
            continue;
        }
        work *to = &w[n - 1];
        to->steps++, to->seconds += w[i].seconds, to->flops += w[i].flops, to->bytes += w[i].bytes;
    }
    qsort(w, n, sizeof *w, by_seconds);
    printf("\n%5s %10s %8s %9s %8s  %s\n", "steps", "us", "of run", "GFLOP/s", "GB/s", "ops");
    for (size_t i = 0; i < n; i++) {
        double ran = w[i].seconds > 0 ? w[i].seconds : 1e-9;
        char flops[16] = "-";
        if (w[i].flops > 0) snprintf(flops, sizeof flops, "%.1f", w[i].flops / ran * 1e-9);
        printf("%5zu %10.1f %6.1f %% %9s %8.1f  %s\n", w[i].steps, w[i].seconds * 1e6, 100 * w[i].seconds / p->seconds, flops,
               w[i].bytes / ran * 1e-9, w[i].ops);
    }
    free(w);
    return true;
}

bool cli_profile(wg_plan *plan, const cli_options *o)
{
    wg_profile p;
    if (wg_profile_read(plan, &p)) return cli_say("%s", wg_plan_error(plan));
    if (!write_trace(&p, o->profile)) return false;
    bench_limits l = bench_measure_limits(p.threads);
    double sum = 0;
    printf("%5s %10s %8s %9s %8s %7s  %-8s %-32s %s\n", "step", "us", "of run", "GFLOP/s", "GB/s", "peak", "kind", "ops", "label");
    for (size_t i = 0; i < p.steps; i++) {
        show_step(&p, i, &l);
        sum += p.step[i].seconds;
    }
    if (!show_together(&p)) return false;
    printf("\n%zu steps, %d thread%s: %.1f us, of which %.1f us in the steps. Peaks: %.1f GFLOP/s (%s), %.1f GB/s (copy)\n", p.steps,
           p.threads, p.threads == 1 ? "" : "s", p.seconds * 1e6, sum * 1e6, l.flops[l.isas - 1] * 1e-9, l.isa[l.isas - 1], l.copy * 1e-9);
    return fflush(stdout) == 0 || cli_say("standard output cannot be written");
}
