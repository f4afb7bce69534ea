/* fit.c -- training in one call: see fit.h. What a run is made of is the store, the loader's place and the numbers of
 * `state`: all of it is in a checkpoint, and nothing else has a say in the next step, so a run that goes on from one
 * comes to the same bits. */
#include "nn/fit.h"

#include <math.h>
#include <string.h>

/* ---- batches ------------------------------------------------------------------------------------------------------------ */

enum { MOST_ARRAYS = 16 }; /* of a batch */

/* Runs p on the loader's next batch; *n: its rows, 0 where there is no batch more. */
static wg_status run_batch(wg_plan *p, wg_tensors inputs, wg_loader *l, double *n)
{
    wg_array batch[MOST_ARRAYS];
    wg_status s = WG_OK;
    *n = 0;
    if (!wg_next(l, batch)) return wg_loader_status(l);
    *n = (double)batch[0].shape.dim[0];
    for (size_t i = 0; !s && i < inputs.n; i++) s = wg_feed(p, inputs.x[i], batch[i]);
    return s ? s : wg_run(p);
}

wg_status wg_evaluate(wg_plan *p, wg_tensors inputs, wg_loader *l, wg_tensors scores, double *means)
{
    double rows = 0, n;
    if (!p || !l || (size_t)wg_loader_arrays(l) != inputs.n || inputs.n > MOST_ARRAYS) return WG_EARG;
    for (size_t i = 0; i < scores.n; i++) means[i] = 0;
    for (;;) {
        wg_status s = run_batch(p, inputs, l, &n);
        if (s) return s;
        if (n <= 0) break;
        rows += n;
        for (size_t i = 0; i < scores.n; i++) means[i] += n * wg_read_scalar(p, scores.x[i]);
    }
    for (size_t i = 0; i < scores.n; i++) means[i] /= rows;
    return WG_OK;
}

/* ---- one epoch ---------------------------------------------------------------------------------------------------------- */

/* What a plan, or else its loader, failed with. */
static wg_status failed(wg_fit *f, wg_status s, const wg_plan *p, const char *what)
{
    const char *error = wg_plan_error(p);
    return wg__fit_fail(f, s, "%s: %s", what, error ? error : "its loader failed");
}

static void tell(wg_fit *f, bool epoch_end)
{
    const wg_fit_options *o = f->o;
    if (!o->report) return;
    wg_fit_report r = f->report;
    r.epoch_end = epoch_end;
    r.step = f->s.step;
    o->report(&r, o->user);
}

static wg_status train_step(wg_fit *f)
{
    const wg_fit_options *o = f->o;
    double rows;
    if (o->rate) wg_set_lr(o->step, o->rate(f->s.step, f->report.steps, o->user));
    wg_loader_seek(o->train, f->s.step);
    wg_status s = run_batch(o->step, o->inputs, o->train, &rows);
    if (s) return failed(f, s, o->step, "training");
    f->report.loss = wg_read_scalar(o->step, o->loss);
    f->report.rate = wg_get_lr(o->step);
    f->report.items += (int64_t)rows;
    f->s.loss += f->report.loss * rows;
    f->s.rows += rows;
    f->s.step++;
    tell(f, false);
    bool due = o->checkpoint && o->every > 0 && f->s.step % o->every == 0;
    return due ? wg__fit_save(f) : WG_OK;
}

static wg_status validate(wg_fit *f)
{
    const wg_fit_options *o = f->o;
    wg_loader_seek(o->valid, (f->s.epoch - 1) * wg_loader_batches(o->valid)); /* the same order in a resumed run */
    wg_status s = wg_evaluate(o->score, o->score_inputs, o->valid, o->scores, f->report.score);
    return s ? failed(f, s, o->score, "validation") : WG_OK;
}

/* Keeps the weights if they are the best so far. */
static wg_status judge(wg_fit *f)
{
    double score = f->report.score[0];
    bool better = !f->s.best_epoch || (f->o->larger ? score > f->s.best : score < f->s.best);
    f->report.best = better;
    f->s.bad = better ? 0 : f->s.bad + 1;
    if (!better) return WG_OK;
    f->s.best = score;
    f->s.best_epoch = f->s.epoch;
    return f->o->keep_last ? WG_OK : wg__fit_keep(f);
}

static wg_status end_epoch(wg_fit *f)
{
    wg_status s = WG_OK;
    f->report.rate = wg_get_lr(f->o->step);
    f->report.epoch_loss = f->s.last_loss = f->s.rows > 0 ? f->s.loss / f->s.rows : (double)NAN;
    f->s.loss = f->s.rows = 0;
    f->s.epoch++;
    if (f->o->score) s = validate(f);
    if (!s && f->o->score) s = judge(f);
    if (!s && f->o->csv) s = wg__fit_line(f);
    if (!s && f->o->checkpoint) s = wg__fit_save(f);
    if (!s) tell(f, true);
    return s;
}

static bool told_to_stop(const wg_fit *f) { return f->o->stop && *f->o->stop; }

/* The rest of the epoch. */
static wg_status run_epoch(wg_fit *f)
{
    const wg_fit_options *o = f->o;
    f->report.epoch = f->s.epoch + 1;
    while (!told_to_stop(f)) {
        if (f->s.step == f->report.epoch * wg_loader_batches(o->train)) return end_epoch(f);
        wg_status s = train_step(f);
        if (s) return s;
    }
    return o->checkpoint ? wg__fit_save(f) : WG_OK;
}

/* ---- a run --------------------------------------------------------------------------------------------------------------- */

static wg_status check(wg_fit *f)
{
    const wg_fit_options *o = f->o;
    if (!o->step || !wg_ok(o->loss)) return wg__fit_fail(f, WG_EARG, "there is no plan, or no loss");
    if (isnan(wg_get_lr(o->step))) return wg__fit_fail(f, WG_EARG, "the plan was not made by wg_minimize");
    if (!o->train || !o->inputs.n || o->epochs < 0) return wg__fit_fail(f, WG_EARG, "a loader, inputs and epochs are wanted");
    if (o->score && (!o->valid || !o->scores.n || o->scores.n > WG_FIT_SCORES || !o->score_inputs.n))
        return wg__fit_fail(f, WG_EARG, "validation wants a loader, inputs and 1 to %d scores", WG_FIT_SCORES);
    if (o->score && wg_tape_params(wg_plan_tape(o->score)) != f->params)
        return wg__fit_fail(f, WG_EARG, "validation and training do not share their parameters");
    if (o->patience > 0 && !o->score) return wg__fit_fail(f, WG_EARG, "patience wants validation");
    if (o->resume && !o->checkpoint) return wg__fit_fail(f, WG_EARG, "there is no checkpoint to resume");
    int n = wg_loader_arrays(o->train), k = o->score ? wg_loader_arrays(o->valid) : 0;
    if ((size_t)n != o->inputs.n || n > MOST_ARRAYS || (o->score && ((size_t)k != o->score_inputs.n || k > MOST_ARRAYS)))
        return wg__fit_fail(f, WG_EARG, "a batch has %d arrays, in validation %d; the inputs are %zu and %zu, at most %d", n, k,
                            o->inputs.n, o->score_inputs.n, MOST_ARRAYS);
    return WG_OK;
}

static bool patient(const wg_fit *f) { return !f->o->patience || f->s.bad < f->o->patience; }

static wg_status train(wg_fit *f)
{
    wg_status s = WG_OK;
    while (!s && f->s.epoch < f->o->epochs && patient(f) && !told_to_stop(f)) s = run_epoch(f);
    bool whole = !told_to_stop(f); /* a stopped run goes on from where it is, not from its best */
    if (!s && whole && f->o->score && !f->o->keep_last && f->s.best_epoch) s = wg__fit_restore(f);
    return s;
}

wg_status wg_fit_run(const wg_fit_options *o, wg_fit_result *result, char *why, size_t why_size)
{
    wg_fit f = {.o = o, .params = o->step ? wg_tape_params(wg_plan_tape(o->step)) : NULL, .why = why, .why_size = why_size};
    if (why && why_size) *why = 0;
    wg_status s = check(&f);
    if (!s) s = wg__fit_open(&f);
    f.report.epochs = o->epochs;
    f.report.scores = o->score ? (int)o->scores.n : 0;
    f.report.steps = s ? 0 : o->epochs * wg_loader_batches(o->train);
    if (!s) s = train(&f);
    s = wg__fit_close(&f, s);
    if (result)
        *result = (wg_fit_result){.epochs = f.s.epoch,
                                  .steps = f.s.step,
                                  .best_epoch = f.s.best_epoch,
                                  .best = f.s.best,
                                  .loss = f.s.last_loss,
                                  .stopped = told_to_stop(&f),
                                  .early = !s && !patient(&f)};
    return s;
}
