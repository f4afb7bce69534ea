/* units.c -- a step's units by one thread: tiles of a group, rows, blocks. Kernels are called here and nowhere else. */
#include "run/pack.h"
#include "run/run.h"

#include "base/array.h"

static size_t width_of(const wg_program *g, uint32_t value) { return wg__width(g->value[value].dtype); }

static char *address(const wg_program *g, uint32_t value) { return g->base[value]; }

enum { FAR = 1 << 18, STREAMS = 16, LINE = 64 }; /* elements of a group whose arrays are far from the core; of these so many; bytes */

/* ---- groups ------------------------------------------------------------------------------------------------------------- */

static char *slot(const wg_step *step, char *scratch, uint32_t s) { return scratch + s * step->slot_bytes; }

/* Where what an instruction reads or writes lies, of a tile that begins at element `at`. */
static char *tile_of(const wg_program *g, const wg_step *step, char *scratch, char *head, uint16_t ref, int64_t at, wg_dtype dtype)
{
    if (ref >= WG_SLOT && ref != WG_HEAD) return slot(step, scratch, ref - WG_SLOT);
    char *p = ref == WG_HEAD ? head : address(g, step->operand[ref].value);
    return at ? p + at * (int64_t)wg__width(dtype) : p;
}

/* Fetches the gathered operands that instruction i is the first to read; *next is the first operand not looked at yet. */
static void gather_for(const wg_program *g, const wg_step *step, char *scratch, uint32_t i, uint32_t *next, int64_t at, int64_t n)
{
    for (; *next < step->n_operands && step->operand[*next].first == i; ++*next) {
        const wg_operand *o = &step->operand[*next];
        if (o->access != WG_A_GATHER) continue;
        wg__gather(slot(step, scratch, o->slot), address(g, o->value), o->layout, at, n, width_of(g, o->value));
    }
}

/* Writes the result of instruction i where it does not lie packed. */
static void scatter_after(const wg_program *g, const wg_step *step, char *scratch, uint32_t i, int64_t at, int64_t n)
{
    for (uint32_t k = step->n_operands; k < step->n_operands + step->n_stored; k++) {
        const wg_operand *o = &step->operand[k];
        if (o->access != WG_A_SCATTER || o->first != i) continue;
        wg__scatter(address(g, o->value), o->layout, at, n, slot(step, scratch, o->slot), width_of(g, o->value));
    }
}

/* What the next tile reads and writes is asked for while this one is computed: between two passes over memory lie many over the tile, too
   many for the processor to see that it will be wanted. A part before each pass: all at once would wait for each other. */
typedef struct streams {
    const char *at[STREAMS], *end[STREAMS]; /* what comes next, and where the next tile ends */
    size_t part[STREAMS], tile[STREAMS];    /* bytes */
    uint32_t n;
} streams;

/* Before the tile that begins at element `at`. */
static void open_streams(const wg_program *g, const wg_step *step, int64_t at, streams *s)
{
    s->n = 0;
    for (uint32_t i = 0; i < step->n_operands + step->n_stored && s->n < STREAMS; i++) {
        const wg_operand *o = &step->operand[i];
        size_t width = width_of(g, o->value);
        if (o->access != WG_A_DIRECT) continue;
        s->tile[s->n] = (size_t)step->tile * width;
        s->part[s->n] = (s->tile[s->n] / step->count / LINE + 1) * LINE;
        s->at[s->n] = s->end[s->n] = address(g, o->value) + (size_t)(at + step->tile) * width;
        s->n++;
    }
}

static void next_tile(streams *s)
{
    for (uint32_t i = 0; i < s->n; i++) s->end[i] += s->tile[i];
}

static void fetch_part(streams *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const char *at = s->at[i], *to = at + s->part[i] < s->end[i] ? at + s->part[i] : s->end[i];
        for (; at < to; at += LINE) __builtin_prefetch(at, 0, 2);
        s->at[i] = at;
    }
}

/* head: where element 0 of the head's result is, or would be */
static int64_t run_tile(const wg_program *g, const wg_step *step, char *scratch, char *head, int64_t at, int64_t n, streams *ahead)
{
    const void *from[4];
    wg_args args = {.in = from};
    uint32_t next = 0;
    for (uint32_t i = 0; i < step->count; i++) {
        const wg_instr *in = &step->instr[i];
        if (ahead) fetch_part(ahead);
        if (step->n_gathered) gather_for(g, step, scratch, i, &next, at, n);
        for (int a = 0; a < in->n; a++) from[a] = tile_of(g, step, scratch, head, in->in[a], at, in->dtype[a]);
        args.out = tile_of(g, step, scratch, head, in->out, at, in->dtype[in->n]);
        args.attrs = in->attrs;
        args.dtype = in->dtype;
        int64_t bad = in->kernel(&args, 0, n);
        if (bad >= 0) return at + bad;
        if (step->n_scattered) scatter_after(g, step, scratch, i, at, n);
    }
    return -1;
}

static void fill_scalars(const wg_program *g, const wg_step *step, char *scratch)
{
    for (uint32_t i = 0; i < step->n_operands; i++) {
        const wg_operand *o = &step->operand[i];
        int64_t n = step->tile < step->elements ? step->tile : step->elements;
        if (o->access == WG_A_SCALAR) wg__fill(slot(step, scratch, o->slot), address(g, o->value), n, width_of(g, o->value));
    }
}

static int64_t run_group(const wg_program *g, const wg_step *step, char *scratch, int64_t lo, int64_t hi)
{
    fill_scalars(g, step, scratch);
    bool far = step->elements >= FAR;
    streams ahead;
    if (far) open_streams(g, step, lo * step->tile, &ahead);
    for (int64_t u = lo; u < hi; u++) {
        int64_t at = u * step->tile, n = step->elements - at < step->tile ? step->elements - at : step->tile;
        if (far) next_tile(&ahead);
        int64_t bad = run_tile(g, step, scratch, NULL, at, n, far && u + 2 < hi ? &ahead : NULL);
        if (bad >= 0) return bad;
    }
    return -1;
}

/* ---- rows -------------------------------------------------------------------------------------------------------------------- */

/* One long row's pieces are units of their own, whose partial results the next step reduces. */
static int64_t run_pieces(const wg_program *g, const wg_step *step, wg_args *args, char *scratch, int64_t lo, int64_t hi)
{
    const wg_operand *o = &step->operand[0];
    size_t width = width_of(g, o->value), out = width_of(g, step->value);
    const void *from[1];
    for (int64_t u = lo; u < hi; u++) {
        int64_t first = u % step->chunks * WG_CHUNK, at = u / step->chunks * step->row + first;
        args->row = step->row - first < WG_CHUNK ? step->row - first : WG_CHUNK;
        from[0] = address(g, o->value) + at * (int64_t)width;
        if (o->access == WG_A_GATHER) {
            wg__gather(scratch, address(g, o->value), o->layout, at, args->row, width);
            from[0] = scratch;
        }
        args->in = from;
        args->out = address(g, step->value) + u * (int64_t)out;
        int64_t bad = step->kernel(args, 0, 1);
        if (bad >= 0) return bad;
    }
    return -1;
}

static int64_t run_rows(const wg_program *g, const wg_step *step, char *scratch, int64_t lo, int64_t hi)
{
    const wg_value *v = &g->value[step->value];
    const wg_operand *o = &step->operand[0];
    const void *few[8];
    size_t width = width_of(g, o->value), out = width_of(g, step->value) * (size_t)(v->op->kind == WG_REDUCE ? 1 : step->row);
    wg_dtype dtype[2] = {(wg_dtype)g->value[o->value].dtype, (wg_dtype)v->dtype};
    wg_args args = {.in = few, .attrs = v->attrs, .row = step->row, .dtype = dtype};
    if (v->partial) return run_pieces(g, step, &args, scratch, lo, hi);
    for (uint32_t i = 1; i < v->n && i < 8; i++) {
        uint32_t e = g->edge[v->edge + i];
        few[i] = e == WG_ABSENT ? NULL : address(g, e);
    }
    for (int64_t u = lo, n; u < hi; u += n) {
        n = o->access == WG_A_DIRECT || hi - u < step->tile ? hi - u : step->tile;
        few[0] = address(g, o->value) + u * step->row * (int64_t)width;
        if (o->access == WG_A_GATHER) {
            wg__gather(scratch, address(g, o->value), o->layout, u * step->row, n * step->row, width);
            few[0] = scratch;
        }
        args.out = address(g, step->value) + u * (int64_t)out;
        int64_t bad = step->kernel(&args, 0, n);
        if (bad >= 0) return bad + u;
    }
    return -1;
}

static int64_t run_columns(const wg_program *g, const wg_step *step, int64_t lo, int64_t hi)
{
    const wg_value *v = &g->value[step->value];
    const wg_operand *o = &step->operand[0];
    const wg_shape *s = &o->layout->shape; /* outer, down, side by side */
    wg_dtype dtype[2] = {(wg_dtype)g->value[o->value].dtype, (wg_dtype)v->dtype};
    const void *from[1];
    wg_args args = {.in = from, .attrs = v->attrs, .row = step->row, .step = o->layout->stride[1], .dtype = dtype};
    for (int64_t u = lo; u < hi; u++) {
        int64_t outer = u / step->chunks, first = u % step->chunks * WG_COLUMNS;
        from[0] = address(g, o->value) + outer * o->layout->stride[0] * (int64_t)width_of(g, o->value);
        args.out = address(g, step->value) + outer * s->dim[2] * (int64_t)width_of(g, step->value);
        int64_t bad = step->kernel(&args, first, s->dim[2] - first < WG_COLUMNS ? s->dim[2] : first + WG_COLUMNS);
        if (bad >= 0) return bad + outer * s->dim[2];
    }
    return -1;
}

/* ---- blocks -------------------------------------------------------------------------------------------------------------------- */

enum { FEW = WG_FEW_INPUTS };

static uint32_t block_of(const wg_step *step) { return step->kind == WG_S_GROUP ? step->head : step->value; }

void wg__block_inputs(const wg_program *g, const wg_step *step, const void **in)
{
    const wg_value *v = &g->value[block_of(step)];
    for (uint32_t i = 0; i < v->n; i++) {
        uint32_t e = g->edge[v->edge + i];
        bool absent = e == WG_ABSENT || wg__shape_only(v->op, i);
        in[i] = absent ? NULL : address(g, e);
    }
}

wg_args wg__block_args(const wg_program *g, const wg_step *step, char *memory, void *scratch, const void *const *in)
{
    uint32_t k = block_of(step);
    const wg_value *v = &g->value[k];
    return (wg_args){.in = in,
                     .out = address(g, k),
                     .attrs = v->attrs,
                     .size = step->work->size,
                     .dtype = step->work->dtype,
                     .layout = step->work->layout,
                     .shared = step->shared ? memory + step->shared_at : NULL,
                     .scratch = scratch};
}

static int64_t run_block(const wg_program *g, const wg_step *step, char *memory, void *scratch, int64_t lo, int64_t hi, bool prepare)
{
    const void *few[FEW], **in = step->inputs ? step->inputs : few;
    if (!step->inputs) wg__block_inputs(g, step, few);
    wg_args args = wg__block_args(g, step, memory, (char *)scratch + step->own_at, in);
    return (prepare ? step->prepare : step->kernel)(&args, lo, hi);
}

/* ---- groups with a head ---------------------------------------------------------------------------------------------------------- */

/* n elements from `at` on, in tiles as even as can be. */
static int64_t run_stretch(const wg_program *g, const wg_step *step, char *scratch, char *head, int64_t at, int64_t n)
{
    enum { EVEN = 16 };
    int64_t tiles = (n - 1) / step->tile + 1, each = ((n - 1) / tiles + EVEN) / EVEN * EVEN, end = at + n;
    for (int64_t bad; at < end; at += each) {
        if ((bad = run_tile(g, step, scratch, head, at, end - at < each ? end - at : each, NULL)) >= 0) return bad;
    }
    return -1;
}

static int64_t run_region(const wg_program *g, const wg_step *step, char *scratch, char *head, const wg_region *r)
{
    if (r->length == r->step || r->rows == 1) return run_stretch(g, step, scratch, head, r->first, r->rows * r->length);
    for (int64_t i = 0, bad; i < r->rows; i++)
        if ((bad = run_stretch(g, step, scratch, head, r->first + i * r->step, r->length)) >= 0) return bad;
    return -1;
}

/* Of bad values the first one is wanted, and regions do not come in order: so none is left out after one. */
static int64_t run_headed(const wg_program *g, const wg_step *step, char *memory, char *scratch, int64_t lo, int64_t hi)
{
    const wg_value *v = &g->value[step->head];
    const void *few[FEW], **in = step->inputs ? step->inputs : few;
    int64_t worst = -1, width = (int64_t)width_of(g, step->head);
    wg_region r;
    if (!step->inputs) wg__block_inputs(g, step, few);
    wg_args args = wg__block_args(g, step, memory, scratch + step->own_at, in);
    if (!v->stored && step->over != WG_ABSENT) args.out = address(g, step->over);
    fill_scalars(g, step, scratch);
    for (int64_t next; lo < hi; lo = next) {
        next = v->op->region(step->work, lo, hi - lo < step->together ? hi : lo + step->together, &r);
        if (!v->stored && step->over == WG_ABSENT) args.out = (void *)((uintptr_t)(scratch + step->head_at) - (uintptr_t)(r.first * width));
        step->kernel(&args, lo, next);
        int64_t bad = run_region(g, step, scratch, args.out, &r);
        if (bad >= 0 && (worst < 0 || bad < worst)) worst = bad;
    }
    return worst;
}

int64_t wg__run_units(const wg_program *g, const wg_step *step, char *memory, void *scratch, int64_t lo, int64_t hi, bool prepare)
{
    if (lo >= hi) return -1;
    if (step->head != WG_ABSENT && !prepare) return run_headed(g, step, memory, scratch, lo, hi);
    if (prepare) return run_block(g, step, memory, scratch, lo, hi, true);
    switch (step->kind) {
    case WG_S_GROUP: return run_group(g, step, scratch, lo, hi);
    case WG_S_ROWS: return run_rows(g, step, scratch, lo, hi);
    case WG_S_COLUMNS: return run_columns(g, step, lo, hi);
    default: return run_block(g, step, memory, scratch, lo, hi, false);
    }
}
