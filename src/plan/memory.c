/* memory.c -- where the stored values lie: one arena for what lives between steps, given out and taken back in the order
 * of running; memory of its own for each output. A group may write its result over an operand that nothing reads later.
 *
 * Small values get the smallest hole that is there when they are computed; numbers, of which there may be millions, the place of
 * another one that has gone. Large values lie behind them and are placed when it is known how long each lives: the largest first, each
 * as low as those allow that live at the same time (Y. Pisarchyk, J. Lee, "Efficient memory management for deep neural net inference",
 * 2020), which leaves fewer holes.
 *
 * Where buffers are not used again (WG_PASS_REUSE left out) each has a line of the cache behind it that belongs to nobody: a fence, by
 * which a test sees that something was written past an end. */
#include "plan/plan.h"

#include "base/array.h"
#include "base/shape.h"

enum { ALIGN = 64, SMALL = 16, HOLES = 512 };

typedef struct hole {
    size_t at, size;
} hole;

typedef struct space { /* free stretches of the arena, by address, none touching another */
    hole hole[HOLES];
    size_t holes, end;
} space;

static size_t up(size_t x, size_t to) { return (x + to - 1) / to * to; }

/* Whole lines of the cache, of which numbers share one. */
static size_t rounded(size_t bytes) { return up(bytes, bytes < ALIGN ? SMALL : ALIGN); }

static void give(space *s, size_t at, size_t size);

/* Where `bytes` may begin in a hole, or behind it. */
static size_t start(const hole *h, size_t bytes) { return up(h->at, bytes < ALIGN ? SMALL : ALIGN); }

static bool holds(const hole *h, size_t bytes) { return start(h, bytes) + bytes <= h->at + h->size; }

/* From hole i, which goes on behind the end of all where that is asked for; what is left in front and behind stays free. */
static size_t cut(space *s, size_t i, size_t bytes)
{
    hole h = s->hole[i];
    size_t at = start(&h, bytes), end = h.at + h.size;
    if (at + bytes > end) s->end = end = at + bytes;
    s->hole[i].size = at - h.at;
    if (at == h.at) memmove(&s->hole[i], &s->hole[i + 1], (--s->holes - i) * sizeof h);
    if (end > at + bytes) give(s, at + bytes, end - at - bytes);
    return at;
}

/* The smallest hole that holds so many; else the last one if it lies at the end; else the end. */
static size_t take(space *s, size_t bytes)
{
    size_t best = HOLES;
    for (size_t i = 0; i < s->holes && (best == HOLES || s->hole[best].size > bytes); i++)
        if (holds(&s->hole[i], bytes) && (best == HOLES || s->hole[i].size < s->hole[best].size)) best = i;
    if (best != HOLES) return cut(s, best, bytes);
    if (s->holes && s->hole[s->holes - 1].at + s->hole[s->holes - 1].size == s->end) return cut(s, s->holes - 1, bytes);
    hole none = {s->end, 0};
    size_t at = start(&none, bytes);
    if (at > s->end) give(s, s->end, at - s->end);
    s->end = at + bytes;
    return at;
}

static void give(space *s, size_t at, size_t size)
{
    size_t lo = 0, hi = s->holes;
    while (lo < hi) {
        size_t middle = (lo + hi) / 2;
        if (s->hole[middle].at < at) lo = middle + 1;
        else hi = middle;
    }
    hole *before = lo > 0 ? &s->hole[lo - 1] : NULL, *after = lo < s->holes ? &s->hole[lo] : NULL;
    bool joins_before = before && before->at + before->size == at, joins_after = after && at + size == after->at;
    if (joins_before && joins_after) {
        before->size += size + after->size;
        memmove(after, after + 1, (--s->holes - lo) * sizeof *after);
    } else if (joins_before) {
        before->size += size;
    } else if (joins_after) {
        after->at = at;
        after->size += size;
    } else if (s->holes < HOLES) { /* full: the stretch is not used again, which costs memory only */
        memmove(&s->hole[lo + 1], &s->hole[lo], (s->holes++ - lo) * sizeof *s->hole);
        s->hole[lo] = (hole){at, size};
    }
}

/* ---- large values ------------------------------------------------------------------------------------------------------------- */

enum { LARGE = 256, PIECES = 2048 }; /* bytes; so many at most, each is held against all others */

typedef struct piece {
    size_t size, at;
    uint32_t from, to; /* steps */
} piece;

typedef struct pieces {
    piece piece[PIECES];
    uint32_t turn[PIECES], n; /* in which they are placed */
    uint32_t order[PIECES];   /* by address, those that have one */
    size_t kept[PIECES];      /* the addresses of the best attempt */
} pieces;

/* Until all are placed a piece's number stands for its address. */
static const size_t NUMBER = ~(SIZE_MAX >> 1);

static size_t new_piece(pieces *s, size_t bytes, uint32_t now)
{
    s->piece[s->n] = (piece){.size = bytes, .from = now, .to = UINT32_MAX};
    return NUMBER | s->n++;
}

/* All in their turn; *top is the turn of the one that ends highest, whose end is the result. */
static size_t place_in_turn(pieces *s, uint32_t *top)
{
    size_t end = 0;
    for (uint32_t n = 0; n < s->n; n++) {
        uint32_t p = s->turn[n], at = 0;
        piece *x = &s->piece[p];
        x->at = 0;
        for (uint32_t i = 0; i < n; i++) {
            const piece *y = &s->piece[s->order[i]];
            if (y->from > x->to || x->from > y->to) continue;
            if (y->at >= x->at + x->size) break;
            if (x->at < y->at + y->size) x->at = y->at + y->size;
        }
        while (at < n && s->piece[s->order[at]].at < x->at) at++;
        memmove(&s->order[at + 1], &s->order[at], (n - at) * sizeof *s->order);
        s->order[at] = p;
        if (end < x->at + x->size) end = x->at + x->size, *top = n;
    }
    return end;
}

/* The largest first; or what takes most for longest. */
static double weight(const piece *x, bool lasting) { return (double)x->size * (lasting ? (double)x->to - x->from + 1 : 1); }

static void sort(pieces *s, bool lasting)
{
    for (uint32_t n = 0, at; n < s->n; n++) {
        double w = weight(&s->piece[n], lasting);
        for (at = n; at > 0 && weight(&s->piece[s->turn[at - 1]], lasting) < w; at--) s->turn[at] = s->turn[at - 1];
        s->turn[at] = n;
    }
}

/* While it is far from what is needed at least, what ends highest gets an earlier turn, any one: a number that only
   the attempt tells. The end of the best attempt. */
static size_t place_pieces(pieces *s, size_t least)
{
    size_t best = SIZE_MAX;
    uint32_t top = 0;
    int attempts = s->n < 128 ? 128 : s->n < 512 ? 16 : 4; /* each takes n^2 */
    for (int attempt = 0; attempt < attempts && best > least + least / 32; attempt++) {
        if (attempt % (attempts / 2) == 0) sort(s, attempt > 0);
        size_t end = place_in_turn(s, &top);
        for (uint32_t i = 0; end < best && i < s->n; i++) s->kept[i] = s->piece[i].at;
        if (end < best) best = end;
        uint32_t p = s->turn[top], to = (uint32_t)attempt * 2654435761u % (top + 1);
        memmove(&s->turn[to + 1], &s->turn[to], (top - to) * sizeof *s->turn);
        s->turn[to] = p;
    }
    for (uint32_t i = 0; i < s->n; i++) s->piece[i].at = s->kept[i];
    return best;
}

static size_t exactly(const wg_value *v) { return (size_t)wg__elements(v->shape) * wg__width(v->dtype); }
static size_t bytes_of(const wg_value *v) { return rounded(exactly(v)); }

/* ---- how long values live ----------------------------------------------------------------------------------------------- */

/* The outermost joint that a part lies in. */
static uint32_t whole_of(const wg_program *g, uint32_t k)
{
    while (g->value[k].inside) k = g->part[g->value[k].home].joint;
    return k;
}

/* What is committed lives to the end; a parameter as long as it is read; a joint as long as one of its parts. (Of other values
   the steps know it.) */
static void find_last(wg_plan *p, wg_program *g)
{
    for (size_t i = 0; i < g->joint.n; i++) {
        wg_value *v = &g->value[g->joint.value[i]];
        v->last = v->last == WG_ABSENT ? 0 : (uint32_t)(g->steps - 1 - v->last);
    }
    for (size_t i = 0; i < p->commits; i++) {
        wg_value *param = &g->value[p->commit[i].param];
        param->last = param->last == WG_ABSENT ? 0 : (uint32_t)(g->steps - 1 - param->last);
        g->value[g->value[p->commit[i].effect].root].last = (uint32_t)g->steps;
    }
    for (size_t i = 0; i < g->parts; i++) {
        const wg_value *v = &g->value[g->part[i].value];
        wg_value *whole = &g->value[whole_of(g, g->part[i].value)];
        if (whole->last < v->last) whole->last = v->last;
    }
}

/* ---- in place --------------------------------------------------------------------------------------------------------------- */

static bool arena_owned(const wg_value *v)
{
    return v->stored && !v->output && (v->role == WG_R_GROUP || v->role == WG_R_STEP) && !v->inside && !v->home;
}

/* An operand of a group whose memory a result may take over, from the last instruction that reads it on: it is read element
   for element, and by no later step. Where operands are views of others, `views`, more than one may read it. */
typedef struct candidate {
    size_t bytes;
    uint8_t operand, last, dtype;
} candidate;

static uint32_t may_go(const wg_plan *p, const wg_program *g, const wg_step *step, uint32_t now, candidate *list, bool *views)
{
    uint32_t n = 0;
    *views = false;
    if (p->without & WG_PASS_INPLACE || p->without & WG_PASS_REUSE) return 0;
    for (uint32_t o = 0; o < step->n_operands; o++) {
        const wg_operand *x = &step->operand[o];
        const wg_value *r = &g->value[x->value];
        *views |= r->root != x->value;
        if (x->access == WG_A_DIRECT && r->root == x->value && arena_owned(r) && r->last == now && r->step != now &&
            !wg__head_reads(g, step, x->value))
            list[n++] = (candidate){bytes_of(r), (uint8_t)o, x->last, r->dtype};
    }
    return n;
}

static bool only_reader(const wg_program *g, const wg_step *step, uint32_t o)
{
    for (uint32_t k = 0; k < step->n_operands; k++)
        if (k != o && g->value[step->operand[k].value].root == step->operand[o].value) return false;
    return true;
}

/* The operand whose memory v, the result of instruction i, takes over: it is off the list then. WG_ABSENT: none. */
static uint32_t overwritten(const wg_program *g, const wg_step *step, uint32_t i, const wg_value *v, candidate *list, uint32_t *n,
                            bool views)
{
    size_t bytes = bytes_of(v), width = wg__width(v->dtype);
    for (uint32_t c = 0; c < *n; c++) {
        uint32_t o = list[c].operand;
        if (list[c].last > i || list[c].bytes != bytes) continue;
        if (wg__width(list[c].dtype) != width || (views && !only_reader(g, step, o))) continue;
        memmove(&list[c], &list[c + 1], (--*n - c) * sizeof *list);
        return o;
    }
    return WG_ABSENT;
}

/* ---- committed as they are computed --------------------------------------------------------------------------------------- */

static uint32_t last_that_fails(const wg_program *g)
{
    uint32_t last = 0; /* one more than the step; 0: none */
    for (uint32_t i = 0; i < g->steps; i++)
        if (g->step[i].fails) last = i + 1;
    return last;
}

/* Whether the step that computes v, which reads the parameter too, reads each element before it writes over it. */
static bool reads_before(const wg_program *g, const wg_step *step, uint32_t k, uint32_t param)
{
    uint32_t index = 0, readers = 0;
    if (step->kind != WG_S_GROUP || k == step->head || wg__head_reads(g, step, param)) return false;
    while (step->instr[index].value != k) index++;
    for (uint32_t o = 0; o < step->n_operands; o++) {
        const wg_operand *x = &step->operand[o];
        if (g->value[x->value].root != param) continue;
        if (++readers > 1 || x->access != WG_A_DIRECT || wg__offset(&g->value[x->value]) || x->last > index) return false;
    }
    return true;
}

/* Writes the parameter's new value where the old one lies, if by then nothing can fail and nothing reads the old one. */
static void settle(wg_program *g, uint32_t effect, uint32_t param, uint32_t fails)
{
    const wg_value *x = &g->value[effect], *old = &g->value[param];
    wg_value *v = &g->value[x->root];
    if (v->inside || v->home || v->step < fails || old->last > v->step || !arena_owned(v) || wg__offset(x) || !wg__packed(v)) return;
    if (bytes_of(v) != bytes_of(old)) return;
    if (old->last == v->step && !reads_before(g, &g->step[v->step], x->root, param)) return;
    v->home = param + 1;
}

/* ---- the pass ---------------------------------------------------------------------------------------------------------------- */

typedef struct placing {
    const wg_plan *p;
    wg_program *g;
    space space;
    pieces large;
    size_t live;            /* bytes that are taken, less what rounding adds */
    uint32_t *dying, *next; /* by step: 1 + a value that is read there for the last time; by value: the next one */
    uint32_t numbers;       /* likewise: a number whose place is free again */
} placing;

static size_t fence(const placing *s) { return s->p->without & WG_PASS_REUSE ? ALIGN : 0; }

static size_t get(placing *s, size_t bytes, uint32_t now)
{
    bytes += fence(s);
    return bytes >= LARGE && s->large.n < PIECES ? new_piece(&s->large, bytes, now) : take(&s->space, bytes);
}

static void put(placing *s, size_t at, size_t bytes, uint32_t now)
{
    if (at & NUMBER) s->large.piece[at & ~NUMBER].to = now;
    else give(&s->space, at, bytes);
}

/* Of a value in the arena: who dies where. */
static void place_at(placing *s, uint32_t k, void *at)
{
    uint32_t *list = &s->dying[s->g->value[k].last];
    s->g->base[k] = at;
    s->next[k] = *list;
    *list = k + 1;
}

/* The place of the number that went last is the nearest one; others are looked for. */
static void place_anew(placing *s, uint32_t k, uint32_t now)
{
    size_t exact = exactly(&s->g->value[k]), bytes = rounded(exact);
    uint32_t gone = s->numbers;
    s->live += exact;
    if (bytes != SMALL || !gone) {
        place_at(s, k, (void *)get(s, bytes, now));
        return;
    }
    s->numbers = s->next[gone - 1];
    place_at(s, k, s->g->base[gone - 1]);
}

/* A part's memory is its joint's, which is there from the first part on. */
static void place_value(placing *s, uint32_t part, uint32_t now)
{
    wg_program *g = s->g;
    uint32_t k = whole_of(g, part);
    wg_value *v = &g->value[k];
    bool there = v->role == WG_R_JOINT && v->stored;
    if (there) return;
    if (v->role == WG_R_JOINT) v->stored = true;
    if (v->output) {
        g->base[k] = (void *)g->output_bytes;
        g->output_bytes += bytes_of(v) + fence(s);
    } else if (v->role == WG_R_JOINT || arena_owned(v)) {
        place_anew(s, k, now);
    }
}

static void place_group(placing *s, wg_step *step, uint32_t now)
{
    wg_program *g = s->g;
    candidate list[WG_GROUP_MAX * 4];
    bool views;
    uint32_t n = may_go(s->p, g, step, now, list, &views), stored = step->n_operands;
    for (; stored < step->n_operands + step->n_stored; stored++) {
        uint32_t k = step->operand[stored].value, i = step->operand[stored].first;
        const wg_value *v = &g->value[k];
        uint32_t o = n && arena_owned(v) ? overwritten(g, step, i, v, list, &n, views) : WG_ABSENT;
        if (o == WG_ABSENT) {
            place_value(s, k, now);
            wg__head_over(g, step, k);
            continue;
        }
        place_at(s, k, g->base[step->operand[o].value]);
        g->value[step->operand[o].value].last = WG_ABSENT; /* its memory has another owner now */
    }
}

static void give_back(placing *s, uint32_t now)
{
    for (uint32_t k = s->dying[now], next; k; k = next) {
        const wg_value *v = &s->g->value[k - 1];
        size_t exact = exactly(v), bytes = rounded(exact);
        next = s->next[k - 1];
        if (v->last != now || !bytes) continue;
        s->live -= exact;
        if (bytes == SMALL) s->next[k - 1] = s->numbers, s->numbers = k;
        else put(s, (size_t)s->g->base[k - 1], bytes, now);
    }
}

/* Numbers of pieces become addresses, behind all small values. */
static void settle_pieces(placing *s)
{
    wg_program *g = s->g;
    size_t first = up(s->space.end, ALIGN);
    g->bytes = s->large.n ? first + place_pieces(&s->large, g->live) : s->space.end;
    for (size_t k = 0; s->large.n && k < g->values; k++) {
        size_t at = (size_t)g->base[k];
        if (at & NUMBER) g->base[k] = (void *)(first + s->large.piece[at & ~NUMBER].at);
    }
    for (size_t i = 0; s->large.n && i < g->steps; i++) {
        size_t at = g->step[i].shared_at;
        if (at & NUMBER) g->step[i].shared_at = first + s->large.piece[at & ~NUMBER].at;
    }
}

static void place_all(placing *s)
{
    wg_program *g = s->g;
    for (uint32_t i = 0; i < g->steps; i++) {
        wg_step *step = &g->step[i];
        if (i + 1 < g->steps) wg__fetch_operands(g, step + 1);
        if (step->head != WG_ABSENT && g->value[step->head].stored) place_value(s, step->head, i);
        if (step->kind == WG_S_GROUP) place_group(s, step, i);
        else place_value(s, step->value, i);
        if (step->shared) step->shared_at = get(s, rounded(step->shared), i);
        if (g->live < s->live + step->shared) g->live = s->live + step->shared;
        if (s->p->without & WG_PASS_REUSE) continue;
        if (step->shared) put(s, step->shared_at, rounded(step->shared), i);
        give_back(s, i);
    }
    settle_pieces(s);
}

bool wg__program_memory(wg_plan *p, wg_program *g)
{
    wg_stock *stock = g->arena.stock;
    placing *s = wg__take(stock, sizeof *s); /* tables that are filled as they are used: not zeroed */
    if (s) {
        s->p = p;
        s->g = g;
        s->space.holes = s->space.end = s->live = s->large.n = s->numbers = 0;
        s->dying = wg__take_zeroed(stock, wg__mul(g->steps + 2, sizeof *s->dying));
        s->next = wg__take(stock, wg__mul(g->values, sizeof *s->next));
    }
    g->base = wg__take_zeroed(stock, wg__mul(g->values, sizeof *g->base));
    bool done = s && s->dying && s->next && g->base;
    if (done) {
        find_last(p, g);
        uint32_t fails = last_that_fails(g);
        for (size_t i = 0; !(p->without & WG_PASS_INPLACE) && i < p->commits; i++)
            settle(g, p->commit[i].effect, p->commit[i].param, fails);
        place_all(s);
    } else {
        wg__plan_fail(p, WG_ENOMEM, "out of memory while planning");
    }
    if (s) {
        wg__put(stock, s->dying);
        wg__put(stock, s->next);
    }
    wg__put(stock, s);
    return done;
}
