/* params_file.c -- a store of parameters, and a whole model, to and from files, by name, through the store's public functions.
 *
 * Loading compares everything before it changes anything: what is set afterwards has the store's own dtype and shape,
 * so setting it only copies. */
#include "base/alloc.h"
#include "io/file.h"
#include "io/format.h"
#include "tape/params.h"
#include "tape/tape.h"

#include <string.h>

enum { TEXT = sizeof((wg_fault *)0)->text };

/* What is saved or loaded: arrays of the store by their names, borrowed, so that a name is found fast. */
static wg_status lend(const wg_params *p, const char *name, wg_archive *to)
{
    wg_array borrowed;
    wg_status s = wg_params_get(p, name, &borrowed);
    return s ? s : wg_archive_add(to, name, &borrowed);
}

static wg_status lend_store(const wg_params *p, wg_archive *to)
{
    wg_status s = WG_OK;
    for (size_t i = 0; i < wg_params_count(p) && !s; i++) s = lend(p, wg_params_name(p, i), to);
    return s;
}

static wg_status lend_tape(const wg_tape *t, wg_archive *to)
{
    wg_status s = WG_OK;
    for (size_t i = 0; i < t->count && !s; i++)
        if (t->node[i].op->leaf == WG_LEAF_PARAM) s = lend(t->params, t->node[i].name, to);
    return s;
}

/* Loaders of PyTorch's weights ask for the format. */
static wg_status write_weights(const char *path, wg_archive *a, char *why, size_t why_size)
{
    wg_status s = wg_archive_set_meta(a, "format", "pt");
    if (s) snprintf(why, why_size, "%s: %s", path, wg_status_text(s));
    return s ? s : wg_safetensors_write(path, a, why, why_size);
}

wg_status wg_params_save(wg_params *p, const char *path)
{
    char why[TEXT];
    wg_archive a = {0};
    if (!p) return WG_EARG;
    wg__params_fail_clear(p);
    wg_status s = lend_store(p, &a);
    if (s) snprintf(why, sizeof why, "%s: %s", path ? path : "(no path)", wg_status_text(s));
    else s = write_weights(path, &a, why, sizeof why);
    if (s) wg__params_fail(p, s, "%s", why);
    wg_archive_free(&a);
    return s;
}

/* ---- what does not fit --------------------------------------------------------------------------------------------- */

typedef struct misfits {
    char *text;
    size_t used, capacity;
    const char *group; /* the heading that the last one stands under */
    wg_status status;  /* of the first one                           */
    bool full;         /* memory ran out                             */
} misfits;

static void put(misfits *m, const char *text)
{
    size_t n = strlen(text) + 1;
    m->full = m->full || !WG_RESERVE(m->text, m->capacity, m->used + n);
    if (m->full) return;
    memcpy(m->text + m->used, text, n);
    m->used += n - 1;
}

/* One more: "group: a, b; other group: c". */
static void add(misfits *m, wg_status status, const char *group, const char *what)
{
    bool fresh = !m->group || strcmp(m->group, group) != 0;
    if (!m->status) m->status = status;
    put(m, !m->group ? "" : fresh ? "; " : ", ");
    if (fresh) put(m, group), put(m, ": ");
    put(m, what);
    m->group = group;
}

/* WG_OK when the file's array may be copied into the store's. */
static wg_status unlike(const wg_array *here, const wg_array *there)
{
    if (here->dtype != there->dtype) return WG_EDTYPE;
    return wg_shape_equal(here->shape, there->shape) ? WG_OK : WG_ESHAPE;
}

static void compare(const wg_archive *mine, const wg_archive *file, misfits *m)
{
    char what[2 * TEXT], a[WG_TYPE_TEXT], b[WG_TYPE_TEXT], shown[WG_SHOWN];
    for (size_t i = 0; i < mine->count; i++)
        if (!wg_archive_find(file, mine->entry[i].name)) add(m, WG_EMISSING, "missing from the file", mine->entry[i].name);
    for (size_t i = 0; i < file->count; i++) {
        const char *name = file->entry[i].name;
        if (!wg_archive_find(mine, name)) add(m, WG_EMISSING, "not among the parameters", wg__shown(shown, name, strlen(name)));
    }
    for (size_t i = 0; i < file->count; i++) {
        const char *name = file->entry[i].name;
        const wg_array *there = &file->entry[i].array, *here = wg_archive_find(mine, name);
        wg_status s = here ? unlike(here, there) : WG_OK;
        if (!s) continue;
        snprintf(what, sizeof what, "%s is %s in the file, %s here", name, wg__type_text(a, there->dtype, &there->shape),
                 wg__type_text(b, here->dtype, &here->shape));
        add(m, s, "unlike", what);
    }
}

/* Where not everything fits: the error, or, not strict, what wg_params_left tells. */
static wg_status check(wg_params *p, const wg_archive *mine, const wg_archive *file, const wg_load_options *o)
{
    misfits m = {0};
    put(&m, o->path);
    put(&m, ": does not fit the parameters: ");
    compare(mine, file, &m);
    if (m.status && !m.full) return wg__params_fail_long(p, o->strict ? m.status : WG_OK, m.text);
    wg__free(m.text);
    return m.full ? wg__params_fail(p, WG_ENOMEM, "%s: out of memory", o->path) : WG_OK;
}

/* Fills those of `mine`, of store p, from the file; on failure p has the error. */
static wg_status fill(wg_params *p, const wg_archive *mine, const wg_load_options *o)
{
    char why[TEXT];
    wg_archive file;
    wg_status s = wg_safetensors_read(o->path, &file, why, sizeof why);
    if (s) return wg__params_fail(p, s, "%s", why);
    s = check(p, mine, &file, o);
    for (size_t i = 0; i < mine->count && !s; i++) {
        const char *name = mine->entry[i].name;
        const wg_array *there = wg_archive_find(&file, name);
        if (there && !unlike(&mine->entry[i].array, there)) s = wg_params_set(p, name, there, wg_params_kind(p, name));
    }
    wg_archive_free(&file);
    return s;
}

wg_status wg_params_load_create(wg_params *p, const wg_load_options *o)
{
    wg_archive mine = {0};
    if (!p || !o) return WG_EARG;
    wg__params_fail_clear(p);
    wg_status s = lend_store(p, &mine);
    s = s ? wg__params_fail(p, s, "%s: %s", o->path ? o->path : "(no path)", wg_status_text(s)) : fill(p, &mine, o);
    wg_archive_free(&mine);
    return s;
}

/* ---- a model -------------------------------------------------------------------------------------------------------- */

/* path.ending, to be freed; NULL: out of memory. */
static char *joined(const char *path, const char *ending)
{
    size_t n = strlen(path), k = strlen(ending) + 1;
    char *to = wg__alloc(n + k);
    if (to) memcpy(to, path, n), memcpy(to + n, ending, k);
    return to;
}

typedef struct model_paths {
    char *tape, *weights;
} model_paths;

static bool make_paths(model_paths *m, const char *path, wg_fault *f)
{
    *m = (model_paths){path ? joined(path, ".tape") : NULL, path ? joined(path, ".safetensors") : NULL};
    if (!path) wg__fail(f, WG_EARG, "no path");
    else if (!m->tape || !m->weights) wg__fail(f, WG_ENOMEM, "out of memory");
    return f->status == WG_OK;
}

static void free_paths(model_paths *m) { wg__free(m->tape), wg__free(m->weights); }

wg_status wg_model_save(const wg_tape *t, const char *path, char *why, size_t why_size)
{
    wg_fault f = {0};
    model_paths m = {0};
    wg_archive a = {0};
    if (!t || wg_error(t)) wg__fail(&f, WG_EARG, "%s", t ? wg_error(t) : "no tape");
    if (f.status || !make_paths(&m, path, &f)) return free_paths(&m), wg__tell(&f, path, why, why_size);
    if (why && why_size) *why = 0;
    wg_status s = lend_tape(t, &a);
    if (s) wg__fail(&f, s, "%s", wg_status_text(s)), wg__tell(&f, path, why, why_size);
    else if (!(s = write_weights(m.weights, &a, why, why_size))) s = wg__tape_write(t, m.tape, why, why_size);
    wg_archive_free(&a);
    free_paths(&m);
    return s;
}

wg_status wg_model_load(wg_tape **t, const char *path, const wg_tape_options *o, char *why, size_t why_size)
{
    wg_fault f = {0};
    model_paths m = {0};
    wg_archive mine = {0};
    if (!t) wg__fail(&f, WG_EARG, "nowhere to put the tape");
    else *t = NULL;
    if (f.status || !make_paths(&m, path, &f)) return free_paths(&m), wg__tell(&f, path, why, why_size);
    wg_status s = wg_tape_read(t, m.tape, o, why, why_size);
    if (!s && (s = lend_tape(*t, &mine))) wg__fail(&f, s, "%s", wg_status_text(s)), wg__tell(&f, path, why, why_size);
    if (!s && (s = fill((*t)->params, &mine, &(wg_load_options){.path = m.weights, .strict = true})) && why && why_size)
        snprintf(why, why_size, "%s", wg_params_error((*t)->params));
    wg_archive_free(&mine);
    free_paths(&m);
    if (s) wg_tape_free(*t), *t = NULL;
    return s;
}
