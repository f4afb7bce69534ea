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
    fputs("epoch\tstep\trate\tloss", f->csv);
    for (size_t i = 0; f->o->score && i < f->o->scores.n; i++) {
        const char *name = wg_name_get(f->o->scores.x[i]);
        fprintf(f->csv, "\t%s", name ? name : "score");
    }
    fputc('\n', f->csv);
    return WG_OK;
}

wg_status wg__fit_line(wg_fit *f)
{
    fprintf(f->csv, "%lld\t%lld\t%.6g\t%.9g", (long long)f->s.epoch, (long long)f->s.step, f->report.rate, f->report.epoch_loss);
    for (size_t i = 0; f->o->score && i < f->o->scores.n; i++) fprintf(f->csv, "\t%.9g", f->report.score[i]);
    fputc('\n', f->csv);
    if (fflush(f->csv)) return wg__fit_fail(f, WG_EIO, "%s: %s", f->o->csv, strerror(errno));
    f->s.csv = ftell(f->csv);
    return WG_OK;
}
