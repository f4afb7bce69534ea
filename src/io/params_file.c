/* params_file.c -- a store of parameters to and from a safetensors file, by name, through the store's public functions.
 *
 * Loading compares everything before it changes anything: what is set afterwards has the store's own dtype and shape,
 * so setting it only copies. */
#include "base/alloc.h"
#include "io/format.h"
#include "tape/params.h"

#include <string.h>

enum { TEXT = sizeof((wg_fault *)0)->text };

wg_status wg_params_save(wg_params *p, const char *path)
{
    char why[TEXT];
    wg_archive a = {0};
    if (!p) return WG_EARG;
    wg__params_fail_clear(p);
    wg_status s = WG_OK;
    for (size_t i = 0; i < wg_params_count(p) && !s; i++) {
        wg_array borrowed;
        const char *name = wg_params_name(p, i);
        s = wg_params_get(p, name, &borrowed);
        if (!s) s = wg_archive_add(&a, name, &borrowed);
        if (s) wg__params_fail(p, s, "%s: %s", path ? path : "(no path)", wg_status_text(s));
    }
    if (!s && (s = wg_safetensors_write(path, &a, why, sizeof why))) wg__params_fail(p, s, "%s", why);
    wg_archive_free(&a);
    return s;
}

/* ---- what does not fit --------------------------------------------------------------------------------------------- */

typedef struct misfits {
    char text[TEXT];
    size_t room, used; /* room: of `text`, what the path and the count of the rest leave */
    size_t more;       /* that had no room                                               */
    const char *group; /* the heading that the last one stands under                     */
    wg_status status;
} misfits;

/* One more: "group: a, b; other group: c". All of it or none. */
static void add(misfits *m, wg_status status, const char *group, const char *what)
{
    bool fresh = !m->group || strcmp(m->group, group) != 0;
    size_t need = strlen(what) + 2 + (fresh ? strlen(group) + 2 : 0);
    if (!m->status) m->status = status;
    if (m->more || m->used + need >= m->room) {
        m->more++;
        return;
    }
    wg__append(m->text, m->room, &m->used, "%s%s%s%s", !m->group ? "" : fresh ? "; " : ", ", fresh ? group : "", fresh ? ": " : "", what);
    m->group = group;
}

/* WG_OK when the file's array may be copied into the store's. */
static wg_status unlike(const wg_array *here, const wg_array *there)
{
    if (here->dtype != there->dtype) return WG_EDTYPE;
    return wg_shape_equal(here->shape, there->shape) ? WG_OK : WG_ESHAPE;
}

static void compare(const wg_params *p, const wg_archive *file, misfits *m)
{
    char what[TEXT], a[WG_TYPE_TEXT], b[WG_TYPE_TEXT], shown[WG_SHOWN];
    wg_array here;
    for (size_t i = 0; i < wg_params_count(p); i++) {
        const char *name = wg_params_name(p, i);
        if (!wg_archive_find(file, name)) add(m, WG_EMISSING, "missing from the file", name);
    }
    for (size_t i = 0; i < file->count; i++) {
        const char *name = file->entry[i].name;
        if (wg_params_get(p, name, &here)) add(m, WG_EMISSING, "not among the parameters", wg__shown(shown, name, strlen(name)));
    }
    for (size_t i = 0; i < file->count; i++) {
        const char *name = file->entry[i].name;
        const wg_array *there = &file->entry[i].array;
        wg_status s = wg_params_get(p, name, &here) ? WG_OK : unlike(&here, there);
        if (!s) continue;
        snprintf(what, sizeof what, "%s is %s in the file, %s here", name, wg__type_text(a, there->dtype, &there->shape),
                 wg__type_text(b, here.dtype, &here.shape));
        add(m, s, "unlike", what);
    }
}

/* Where not everything fits: the error, or, not strict, what wg_params_left tells. */
static wg_status check(wg_params *p, const char *path, const wg_archive *file, bool strict)
{
    static const char says[] = ": does not fit the parameters: ";
    misfits m = {0};
    size_t fixed = strlen(path) + sizeof says + 32; /* 32: "; and ... more" */
    m.room = fixed < TEXT - 128 ? TEXT - fixed : 128;
    compare(p, file, &m);
    if (!m.status) return WG_OK;
    if (m.more) {
        m.room = sizeof m.text;
        wg__append(m.text, m.room, &m.used, "%sand %zu more", m.used ? "; " : "", m.more);
    }
    return wg__params_fail(p, strict ? m.status : WG_OK, "%s%s%s", path, says, m.text);
}

wg_status wg_params_load(wg_params *p, const char *path, bool strict)
{
    char why[TEXT];
    wg_archive file;
    if (!p) return WG_EARG;
    wg__params_fail_clear(p);
    wg_status s = wg_safetensors_read(path, &file, why, sizeof why);
    if (s) return wg__params_fail(p, s, "%s", why);
    s = check(p, path, &file, strict);
    for (size_t i = 0; i < file.count && !s; i++) {
        const wg_named *e = &file.entry[i];
        wg_array here;
        if (wg_params_get(p, e->name, &here) || unlike(&here, &e->array)) continue;
        s = wg_params_set(p, e->name, &e->array, wg_params_kind(p, e->name));
    }
    wg_archive_free(&file);
    return s;
}
