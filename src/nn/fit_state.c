/* fit_state.c -- what outlasts a step of wg_fit_run: the best weights, the table of epochs, checkpoints. */
#define _POSIX_C_SOURCE 200809L
#include "nn/fit.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

wg_status wg__fit_fail(wg_fit *f, wg_status s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (f->why && f->why_size && !*f->why) {
        int n = snprintf(f->why, f->why_size, "fit: ");
        if (n > 0 && (size_t)n < f->why_size) vsnprintf(f->why + n, f->why_size - (size_t)n, format, args);
    }
    va_end(args);
    return s;
}

/* ---- the best weights ----------------------------------------------------------------------------------------------------- */

static bool is_weight(const wg_fit *f, const char *name) { return wg_params_kind(f->params, name) != WG_STATE; }

/* A copy of each weight, new ones at first, then into the same memory. */
wg_status wg__fit_keep(wg_fit *f)
{
    for (size_t i = 0; i < wg_params_count(f->params); i++) {
        const char *name = wg_params_name(f->params, i);
        wg_array now, copy;
        if (!is_weight(f, name) || wg_params_get(f->params, name, &now)) continue;
        const wg_array *kept = wg_archive_find(&f->best, name);
        if (!kept) {
            wg_status s = wg_array_new(&copy, now.dtype, now.shape);
            if (!s) s = wg_archive_add(&f->best, name, &copy);
            if (s) return wg_array_free(&copy), wg__fit_fail(f, s, "the best weights: %s", wg_status_text(s));
            kept = wg_archive_find(&f->best, name);
        }
        size_t bytes = (size_t)wg_shape_count(now.shape) * wg_dtype_size(now.dtype);
        if (bytes) memcpy(kept->data, now.data, bytes);
    }
    return WG_OK;
}

wg_status wg__fit_restore(wg_fit *f)
{
    for (size_t i = 0; i < f->best.count; i++) {
        const wg_named *n = &f->best.entry[i];
        wg_status s = wg_params_set(f->params, n->name, &n->array, wg_params_kind(f->params, n->name));
        if (s) return wg__fit_fail(f, s, "%s", wg_params_error(f->params));
    }
    return WG_OK;
}

/* ---- the table ---------------------------------------------------------------------------------------------------------------- */

/* Lines of a run that was killed after its last checkpoint are cut off: they come again. */
static wg_status open_table(wg_fit *f)
{
    const char *path = f->o->csv;
    bool again = f->s.csv > 0;
    f->csv = fopen(path, again ? "r+" : "w");
    if (f->csv && again && (ftruncate(fileno(f->csv), f->s.csv) || fseek(f->csv, 0, SEEK_END))) {
        fclose(f->csv);
        f->csv = NULL;
    }
    if (!f->csv) return wg__fit_fail(f, WG_EIO, "%s: %s", path, strerror(errno));
    if (again) return WG_OK;
    fputs("epoch,step,rate,loss", f->csv);
    for (size_t i = 0; f->o->score && i < f->o->scores.n; i++) {
        const char *name = wg_name_get(f->o->scores.x[i]);
        fprintf(f->csv, ",%s", name ? name : "score");
    }
    fputc('\n', f->csv);
    return WG_OK;
}

wg_status wg__fit_line(wg_fit *f)
{
    fprintf(f->csv, "%lld,%lld,%.6g,%.9g", (long long)f->s.epoch, (long long)f->s.step, f->report.rate, f->report.epoch_loss);
    for (size_t i = 0; f->o->score && i < f->o->scores.n; i++) fprintf(f->csv, ",%.9g", f->report.score[i]);
    fputc('\n', f->csv);
    if (fflush(f->csv)) return wg__fit_fail(f, WG_EIO, "%s: %s", f->o->csv, strerror(errno));
    f->s.csv = ftell(f->csv);
    return WG_OK;
}

/* ---- checkpoints -------------------------------------------------------------------------------------------------------------- */

/* The numbers of the state as one array: 52 bits are enough for what is counted. */
enum { NUMBERS = 9 };

static void to_numbers(const wg__fit_state *s, double v[NUMBERS])
{
    const double all[NUMBERS] = {(double)s->epoch, (double)s->step,       s->loss,        s->rows,       s->last_loss,
                                 s->best,          (double)s->best_epoch, (double)s->bad, (double)s->csv};
    memcpy(v, all, sizeof all);
}

static void from_numbers(wg__fit_state *s, const double v[NUMBERS])
{
    *s = (wg__fit_state){(int64_t)v[0], (int64_t)v[1], v[2], v[3], v[4], v[5], (int64_t)v[6], (int64_t)v[7], (int64_t)v[8]};
}

wg_status wg__fit_save(wg_fit *f)
{
    double v[NUMBERS] = {0};
    char why[512];
    wg_archive store = {0}, state = {0};
    wg_array numbers = wg_array_wrap(v, WG_F64, (wg_shape){{NUMBERS}, 1});
    to_numbers(&f->s, v);
    wg_status s = wg_archive_add(&state, "state", &numbers);
    for (size_t i = 0; !s && i < wg_params_count(f->params); i++) {
        wg_array borrowed;
        s = wg_params_get(f->params, wg_params_name(f->params, i), &borrowed);
        if (!s) s = wg_archive_add(&store, wg_params_name(f->params, i), &borrowed);
    }
    const wg_saved file[] = {{"params.safetensors", &store}, {"best.safetensors", &f->best}, {"fit.safetensors", &state}};
    if (s) snprintf(why, sizeof why, "%s", wg_status_text(s));
    else s = wg_checkpoint_write(f->o->checkpoint, file, sizeof file / sizeof *file, why, sizeof why);
    wg_archive_free(&store);
    wg_archive_free(&state);
    return s ? wg__fit_fail(f, s, "checkpoint: %s", why) : WG_OK;
}

/* The store's arrays as the file has them: all of them, no others, of their shapes. */
static wg_status take_store(wg_fit *f, const wg_archive *file)
{
    for (size_t i = 0; i < file->count; i++) {
        const wg_named *n = &file->entry[i];
        wg_array here;
        bool fits = !wg_params_get(f->params, n->name, &here) && here.dtype == n->array.dtype && wg_shape_equal(here.shape, n->array.shape);
        if (!fits) return wg__fit_fail(f, WG_ESHAPE, "checkpoint: %s does not fit this model and optimiser", n->name);
    }
    for (size_t i = 0; i < wg_params_count(f->params); i++)
        if (!wg_archive_find(file, wg_params_name(f->params, i)))
            return wg__fit_fail(f, WG_EMISSING, "checkpoint: it has no %s", wg_params_name(f->params, i));
    for (size_t i = 0; i < file->count; i++) {
        const wg_named *n = &file->entry[i];
        wg_status s = wg_params_set(f->params, n->name, &n->array, wg_params_kind(f->params, n->name));
        if (s) return wg__fit_fail(f, s, "%s", wg_params_error(f->params));
    }
    return WG_OK;
}

static wg_status resume(wg_fit *f)
{
    char why[512];
    wg_archive store = {0}, state = {0};
    const char *dir = f->o->checkpoint;
    wg_status s = wg_checkpoint_read(dir, "fit.safetensors", &state, why, sizeof why);
    if (s == WG_EMISSING) return WG_OK; /* none yet: from the beginning */
    if (!s) s = wg_checkpoint_read(dir, "params.safetensors", &store, why, sizeof why);
    if (!s) s = wg_checkpoint_read(dir, "best.safetensors", &f->best, why, sizeof why);
    if (s) {
        wg__fit_fail(f, s, "checkpoint: %s", why);
    } else {
        const wg_array *v = wg_archive_find(&state, "state");
        bool known = v && v->dtype == WG_F64 && wg_shape_count(v->shape) == NUMBERS;
        s = known ? take_store(f, &store) : wg__fit_fail(f, WG_EFORMAT, "checkpoint: %s/fit.safetensors is not of wg_fit", dir);
        if (!s) from_numbers(&f->s, v->data);
    }
    wg_archive_free(&store);
    wg_archive_free(&state);
    return s;
}

wg_status wg__fit_open(wg_fit *f)
{
    wg_status s = f->o->resume ? resume(f) : WG_OK;
    return !s && f->o->csv ? open_table(f) : s;
}

wg_status wg__fit_close(wg_fit *f, wg_status s)
{
    wg_archive_free(&f->best);
    if (f->csv && fclose(f->csv) && !s) s = wg__fit_fail(f, WG_EIO, "%s: %s", f->o->csv, strerror(errno));
    return s;
}
