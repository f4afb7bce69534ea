/* lbfgs.c -- limited-memory BFGS (Liu and Nocedal 1989) over a plan of the loss and its gradients: the host keeps the last
 * differences s of parameters and y of gradients, and has from them the direction d (Nocedal and Wright 2006, algorithm 7.4).
 * Step for step PyTorch's. x, g, d are all parameters' elements one after another, in double. */
#include "base/alloc.h"
#include "nn/optim/minimize.h"
#include "nn/optim/wolfe.h"

#include <string.h>

struct wg_lbfgs {
    wg_lbfgs_options o;
    wg_plan *plan;
    wg_tensor loss, *p, *dp; /* parameters, their gradients          */
    size_t parts;
    int64_t n; /* elements of all                      */
    double *x, *x0, *g, *g_last, *d, *al, *ro, *room[3];
    double **s, **y; /* the last `pairs`, oldest first       */
    int pairs;
    double t, h; /* the last length; the scale of H      */
    bool begun;
    int64_t evaluations;
    wg_status status; /* of the last run  */
    void *cast;       /* one parameter in its dtype           */
};

/* ---- vectors ---------------------------------------------------------------------------------------------------------- */

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void add_times(double *a, double c, const double *b, int64_t n)
{
    for (int64_t i = 0; i < n; i++) a[i] += c * b[i];
}

/* NaN where there is one. */
static double largest(const double *a, int64_t n)
{
    double most = 0;
    for (int64_t i = 0; i < n; i++)
        if (!(fabs(a[i]) <= most)) most = fabs(a[i]);
    return most;
}

/* ---- the plan --------------------------------------------------------------------------------------------------------- */

static void widen(const wg_array *a, double *to)
{
    int64_t n = wg_shape_count(a->shape);
    if (a->dtype == WG_F64 && n) memcpy(to, a->data, (size_t)n * sizeof *to);
    for (int64_t i = 0; a->dtype != WG_F64 && i < n; i++) to[i] = wg_array_at(a, i);
}

static void get_parameters(const wg_lbfgs *l, double *x)
{
    wg_array a;
    for (size_t i = 0; i < l->parts; i++) {
        wg_params_get(wg_tape_params(wg_plan_tape(l->plan)), wg_name_get(l->p[i]), &a);
        widen(&a, x);
        x += wg_shape_count(a.shape);
    }
}

/* x + t d; d may be NULL. */
static void set_parameters(wg_lbfgs *l, const double *x, double t, const double *d)
{
    for (size_t i = 0; i < l->parts; i++) {
        wg_array a = wg_array_wrap(l->cast, wg_dtype_get(l->p[i]), wg_shape_get(l->p[i]));
        int64_t n = wg_shape_count(a.shape);
        for (int64_t k = 0; k < n; k++) wg_array_put(&a, k, d ? x[k] + t * d[k] : x[k]);
        wg_params_set(wg_tape_params(wg_plan_tape(l->plan)), wg_name_get(l->p[i]), &a, WG_TRAINABLE);
        x += n;
        if (d) d += n;
    }
}

static bool evaluate(wg_lbfgs *l, double *f, double *g)
{
    wg_array a;
    l->evaluations++;
    if ((l->status = wg_run(l->plan))) return false;
    *f = wg_read_scalar(l->plan, l->loss);
    for (size_t i = 0; i < l->parts; i++) {
        if ((l->status = wg_read(l->plan, l->dp[i], &a))) return false;
        widen(&a, g);
        g += wg_shape_count(a.shape);
    }
    return true;
}

static bool look(void *of, wg__point *at)
{
    wg_lbfgs *l = of;
    set_parameters(l, l->x, at->t, l->d);
    if (!evaluate(l, &at->f, at->g)) return false;
    at->slope = dot(at->g, l->d, l->n);
    return true;
}

/* ---- the direction ---------------------------------------------------------------------------------------------------- */

/* The last step as a pair, in place of the oldest where there are as many as wanted; not where the curvature is not positive. */
static bool remember(wg_lbfgs *l)
{
    double ys = 0, yy = 0;
    for (int64_t i = 0; i < l->n; i++) {
        double y = l->g[i] - l->g_last[i];
        ys += y * (l->d[i] * l->t);
        yy += y * y;
    }
    if (!(ys > 1e-10)) return true;
    bool full = l->pairs == l->o.history_size;
    size_t bytes = wg__mul((size_t)l->n, sizeof(double));
    double *s = full ? l->s[0] : wg__alloc(bytes), *y = full ? l->y[0] : wg__alloc(bytes);
    if (!s || !y) return wg__free(s), wg__free(y), false;
    if (full) {
        l->pairs--;
        memmove(l->s, l->s + 1, (size_t)l->pairs * sizeof *l->s);
        memmove(l->y, l->y + 1, (size_t)l->pairs * sizeof *l->y);
        memmove(l->ro, l->ro + 1, (size_t)l->pairs * sizeof *l->ro);
    }
    for (int64_t i = 0; i < l->n; i++) {
        y[i] = l->g[i] - l->g_last[i];
        s[i] = l->d[i] * l->t;
    }
    l->s[l->pairs] = s;
    l->y[l->pairs] = y;
    l->ro[l->pairs++] = 1 / ys;
    l->h = ys / yy;
    return true;
}

static void forget(wg_lbfgs *l)
{
    l->begun = false;
    while (l->pairs > 0) wg__free(l->s[--l->pairs]), wg__free(l->y[l->pairs]);
}

/* d = -H g by the two loops. */
static void direct(wg_lbfgs *l)
{
    for (int64_t i = 0; i < l->n; i++) l->d[i] = -l->g[i];
    for (int i = l->pairs; i-- > 0;) {
        l->al[i] = dot(l->s[i], l->d, l->n) * l->ro[i];
        add_times(l->d, -l->al[i], l->y[i], l->n);
    }
    for (int64_t i = 0; l->pairs && i < l->n; i++) l->d[i] *= l->h;
    for (int i = 0; i < l->pairs; i++) add_times(l->d, l->al[i] - dot(l->y[i], l->d, l->n) * l->ro[i], l->s[i], l->n);
}

/* ---- a step ----------------------------------------------------------------------------------------------------------- */

/* Moves by l->t along d, where f and g then are. */
static bool advance(wg_lbfgs *l, double slope, bool last, double *f)
{
    if (l->o.strong_wolfe) {
        wg__line line = {look, l, largest(l->d, l->n), 1e-9, 0};
        wg__point found;
        if (!wg__strong_wolfe(&line, (wg__point){0, *f, slope, l->g}, l->t, l->room, &found)) return false;
        l->t = found.t;
        *f = found.f;
        if (found.g != l->g) memcpy(l->g, found.g, (size_t)l->n * sizeof *l->g);
    }
    add_times(l->x, l->t, l->d, l->n);
    set_parameters(l, l->x, 0, NULL);
    return l->o.strong_wolfe || last || evaluate(l, f, l->g);
}

static bool iterate(wg_lbfgs *l, double f)
{
    int most = l->o.max_eval > 0 ? l->o.max_eval : l->o.max_iter * 5 / 4;
    int64_t before = l->evaluations - 1;
    for (int i = 1; i <= l->o.max_iter; i++) {
        double f_last = f, sum = 0;
        if (l->begun && !remember(l)) return false;
        direct(l);
        for (int64_t k = 0; k < l->n; k++) sum += fabs(l->g[k]);
        l->t = l->begun ? l->o.lr : fmin(1, 1 / sum) * l->o.lr;
        l->begun = true;
        memcpy(l->g_last, l->g, (size_t)l->n * sizeof *l->g);
        double slope = dot(l->g, l->d, l->n);
        if (!(slope <= -l->o.tolerance_change)) break;
        if (!advance(l, slope, i == l->o.max_iter, &f)) return false;
        if (l->evaluations - before >= most || largest(l->g, l->n) <= l->o.tolerance_grad) break;
        if (fabs(l->t) * largest(l->d, l->n) <= l->o.tolerance_change || fabs(f - f_last) < l->o.tolerance_change) break;
    }
    return true;
}

wg_status wg_lbfgs_step(wg_lbfgs *l, double *loss)
{
    double f;
    if (!l) return WG_EARG;
    get_parameters(l, l->x);
    memcpy(l->x0, l->x, (size_t)l->n * sizeof *l->x);
    bool good = evaluate(l, &f, l->g);
    if (good && loss) *loss = f;
    if (good && !(largest(l->g, l->n) <= l->o.tolerance_grad)) good = iterate(l, f);
    if (good) return WG_OK;
    set_parameters(l, l->x0, 0, NULL);
    forget(l); /* what it remembers is of a step that was not made: it begins anew */
    return l->status ? l->status : WG_ENOMEM;
}

/* ---- to files and back -------------------------------------------------------------------------------------------------- */

enum { NUMBERS = 5 }; /* t, h, begun, pairs, evaluations */

static wg_status lend(wg_archive *to, const char *name, int i, const double *v, int64_t n)
{
    char full[40];
    wg_array a = wg_array_wrap(v, WG_F64, (wg_shape){{n}, 1});
    snprintf(full, sizeof full, i < 0 ? "lbfgs.%s" : "lbfgs.%s.%d", name, i);
    return wg_archive_add(to, full, &a);
}

wg_status wg_lbfgs_save(const wg_lbfgs *l, wg_archive *to)
{
    if (!l || !to) return WG_EARG;
    const double all[NUMBERS] = {l->t, l->h, l->begun, l->pairs, (double)l->evaluations};
    wg_array numbers;
    wg_status s = wg_array_new(&numbers, WG_F64, (wg_shape){{NUMBERS}, 1});
    if (s) return s;
    memcpy(numbers.data, all, sizeof all);
    s = wg_archive_add(to, "lbfgs.numbers", &numbers);
    wg_array_free(&numbers); /* the archive's now, or no one's */
    if (!s) s = lend(to, "d", -1, l->d, l->n);
    if (!s) s = lend(to, "g", -1, l->g_last, l->n);
    if (!s) s = lend(to, "ro", -1, l->ro, l->pairs);
    for (int i = 0; i < l->pairs && !s; i++) {
        s = lend(to, "s", i, l->s[i], l->n);
        if (!s) s = lend(to, "y", i, l->y[i], l->n);
    }
    return s;
}

/* n doubles of that name; NULL and a status. */
static const double *find(const wg_archive *from, const char *name, int i, int64_t n, wg_status *s)
{
    char full[40];
    snprintf(full, sizeof full, i < 0 ? "lbfgs.%s" : "lbfgs.%s.%d", name, i);
    const wg_array *a = wg_archive_find(from, full);
    bool fits = a && a->dtype == WG_F64 && a->shape.rank == 1 && a->shape.dim[0] == n;
    if (!fits && !*s) *s = a ? WG_ESHAPE : WG_EMISSING;
    return fits ? a->data : NULL;
}

/* One more pair, copied. */
static bool take_pair(wg_lbfgs *l, const double *s, const double *y, double ro)
{
    size_t bytes = wg__mul((size_t)l->n, sizeof(double));
    double *own_s = wg__alloc(bytes), *own_y = wg__alloc(bytes);
    if (!own_s || !own_y) return wg__free(own_s), wg__free(own_y), false;
    memcpy(own_s, s, bytes);
    memcpy(own_y, y, bytes);
    l->s[l->pairs] = own_s;
    l->y[l->pairs] = own_y;
    l->ro[l->pairs++] = ro;
    return true;
}

/* The pairs of an archive, which may lend l's own: so into room of their own, before l's are freed. */
static bool take_pairs(wg_lbfgs *l, const wg_archive *from, int pairs, const double *ro)
{
    wg_status s = WG_OK;
    size_t history = (size_t)l->o.history_size;
    wg_lbfgs fresh = {.o = l->o, .n = l->n};
    fresh.s = wg__alloc(wg__mul(history, sizeof *fresh.s));
    fresh.y = wg__alloc(wg__mul(history, sizeof *fresh.y));
    fresh.ro = wg__alloc(wg__mul(history, sizeof *fresh.ro));
    bool good = fresh.s && fresh.y && fresh.ro;
    for (int i = 0; good && i < pairs; i++) good = take_pair(&fresh, find(from, "s", i, l->n, &s), find(from, "y", i, l->n, &s), ro[i]);
    wg_lbfgs *old = good ? l : &fresh;
    forget(old);
    wg__free(old->s);
    wg__free(old->y);
    wg__free(old->ro);
    if (good) l->s = fresh.s, l->y = fresh.y, l->ro = fresh.ro, l->pairs = fresh.pairs;
    return good;
}

wg_status wg_lbfgs_load(wg_lbfgs *l, const wg_archive *from)
{
    if (!l || !from) return WG_EARG;
    wg_status s = WG_OK;
    const double *v = find(from, "numbers", -1, NUMBERS, &s), *d = find(from, "d", -1, l->n, &s), *g = find(from, "g", -1, l->n, &s);
    if (s) return s;
    if (!(v[3] >= 0 && v[3] <= l->o.history_size)) return WG_ESHAPE;
    int pairs = (int)v[3];
    const double *ro = find(from, "ro", -1, pairs, &s);
    for (int i = 0; i < pairs; i++) find(from, "s", i, l->n, &s), find(from, "y", i, l->n, &s);
    if (s) return s;
    if (!take_pairs(l, from, pairs, ro)) return WG_ENOMEM;
    memmove(l->d, d, (size_t)l->n * sizeof *d);
    memmove(l->g_last, g, (size_t)l->n * sizeof *g);
    l->t = v[0];
    l->h = v[1];
    l->begun = v[2] != 0;
    l->evaluations = (int64_t)v[4];
    return WG_OK;
}

/* ---- made and freed --------------------------------------------------------------------------------------------------- */

wg_plan *wg_lbfgs_plan(const wg_lbfgs *l) { return l ? l->plan : NULL; }
int64_t wg_lbfgs_evaluations(const wg_lbfgs *l) { return l ? l->evaluations : 0; }

void wg_lbfgs_free(wg_lbfgs *l)
{
    if (!l) return;
    forget(l);
    void *all[] = {l->p, l->dp, l->x, l->x0, l->g, l->g_last, l->d, l->al, l->ro, l->room[0], l->room[1], l->room[2], l->s, l->y, l->cast};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) wg__free(all[i]);
    wg__free(l);
}

static bool make_room(wg_lbfgs *l)
{
    double **vector[] = {&l->x, &l->x0, &l->g, &l->g_last, &l->d, &l->room[0], &l->room[1], &l->room[2]};
    size_t history = (size_t)l->o.history_size, largest_part = 1;
    for (size_t i = 0; i < l->parts; i++) {
        int64_t n = wg_shape_count(wg_shape_get(l->p[i]));
        l->n += n;
        if ((size_t)n > largest_part) largest_part = (size_t)n;
    }
    bool good = true;
    for (size_t i = 0; i < sizeof vector / sizeof *vector; i++)
        good &= !!(*vector[i] = wg__alloc(wg__mul((size_t)l->n + 1, sizeof(double))));
    l->cast = wg__alloc(wg__mul(largest_part, sizeof(double)));
    l->al = wg__alloc(wg__mul(history, sizeof *l->al));
    l->ro = wg__alloc(wg__mul(history, sizeof *l->ro));
    l->s = wg__alloc(wg__mul(history, sizeof *l->s));
    l->y = wg__alloc(wg__mul(history, sizeof *l->y));
    return good && l->cast && l->al && l->ro && l->s && l->y;
}

static bool make_plan(wg_lbfgs *l)
{
    l->dp = wg__alloc(wg__mul(l->parts + 1, sizeof *l->dp));
    if (!l->dp || !make_room(l)) return wg_reject(wg_tape_of(l->loss), WG_ENOMEM, "lbfgs: out of memory"), false;
    if (wg_grads(l->loss, l->p, l->parts, l->dp)) return false;
    wg_tensor *out = wg__alloc(wg__mul(l->parts + 1, sizeof *out));
    if (!out) return wg_reject(wg_tape_of(l->loss), WG_ENOMEM, "lbfgs: out of memory"), false;
    out[0] = l->loss;
    memcpy(out + 1, l->dp, l->parts * sizeof *out);
    l->plan = wg_plan_create(&(wg_plan_options){.outputs = {out, l->parts + 1}, .name = "lbfgs"});
    wg__free(out);
    return l->plan != NULL;
}

wg_lbfgs *wg_lbfgs_create(wg_tensor loss, const wg_lbfgs_options *o)
{
    wg_tape *t = wg_tape_of(loss);
    if (!t || !wg_ok(loss)) return NULL;
    if (!(o->lr > 0) || o->max_iter < 1 || o->max_eval < 0 || o->history_size < 1 || !(o->tolerance_grad >= 0) ||
        !(o->tolerance_change >= 0))
        return wg_reject(t, WG_EARG, "lbfgs: lr, max_iter and history_size must be positive, the tolerances not negative"), NULL;
    wg_lbfgs *l = wg__alloc(sizeof *l);
    if (!l) return wg_reject(t, WG_ENOMEM, "lbfgs: out of memory"), NULL;
    *l = (wg_lbfgs){.o = *o, .loss = loss};
    const wg_group all = {.match = o->match ? o->match : "*"}; /* a group, so that one that matches nothing is refused */
    l->p = wg__trained(loss, &(wg_minimize_options){.groups = {&all, 1}}, &l->parts);
    size_t kept = 0;
    for (size_t i = 0; l->p && i < l->parts; i++)
        if (wg__name_matches(all.match, wg_name_get(l->p[i]))) l->p[kept++] = l->p[i];
    l->parts = kept;
    l->o.match = NULL;
    if (l->p && make_plan(l)) return l;
    wg_lbfgs_free(l);
    return NULL;
}
