/* pictures.c -- a folder of folders of pictures: one array of images, and each one's class. */
#define _XOPEN_SOURCE 700
#include "base/alloc.h"
#include "io/file.h"

#include <wengert/data.h>
#include <wengert/image.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* ---- names of a folder ------------------------------------------------------------------------------------------------ */

typedef struct names {
    char **name;
    size_t n, capacity;
} names;

static void free_names(char **name, size_t n)
{
    for (size_t i = 0; name && i < n; i++) wg__free(name[i]);
    wg__free(name);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static bool is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static bool is_picture(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcasecmp(dot, ".png") == 0 || strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0);
}

/* "folder/name", of names that `wanted` accepts as paths, sorted. */
static wg_status list(const char *folder, bool (*wanted)(const char *path), names *out, wg_fault *f)
{
    DIR *d = opendir(folder);
    if (!d) return wg__fail(f, WG_EIO, "%s: cannot be opened: %s", folder, strerror(errno));
    for (struct dirent *e; !f->status && (e = readdir(d));) {
        if (e->d_name[0] == '.') continue;
        size_t length = strlen(folder) + strlen(e->d_name) + 2;
        char *path = wg__alloc(length);
        if (path) snprintf(path, length, "%s/%s", folder, e->d_name);
        if (path && !wanted(path)) {
            wg__free(path);
        } else if (!path || !WG_RESERVE(out->name, out->capacity, out->n + 1)) {
            wg__free(path);
            wg__fail(f, WG_ENOMEM, "out of memory");
        } else {
            out->name[out->n++] = path;
        }
    }
    closedir(d);
    if (out->n) qsort(out->name, out->n, sizeof *out->name, by_name);
    return f->status;
}

/* ---- pictures of one size --------------------------------------------------------------------------------------------------- */

/* The pixels of image a in `channels` channels. */
static void convert(const wg_array *a, int channels, uint8_t *to)
{
    const uint8_t *from = a->data;
    int has = a->shape.rank == 3 ? (int)a->shape.dim[2] : 1;
    for (int64_t i = 0, n = a->shape.dim[0] * a->shape.dim[1]; i < n; i++, from += has, to += channels)
        if (channels == 3)
            for (int k = 0; k < 3; k++) to[k] = from[has == 1 ? 0 : k];
        else *to = has == 1 ? from[0] : (uint8_t)((299 * from[0] + 587 * from[1] + 114 * from[2] + 500) / 1000);
}

static wg_status add_picture(wg_pictures *p, int64_t i, int channels, wg_fault *f)
{
    wg_array a;
    char why[512];
    wg_status s = wg_image_read(p->path[i], &a, why, sizeof why);
    if (s) return wg__fail(f, s, "%s", why);
    int64_t high = a.shape.dim[0], wide = a.shape.dim[1];
    if (i == 0 && wg_array_new(&p->images, WG_U8, (wg_shape){{p->n, high, wide, channels}, 4})) wg__fail(f, WG_ENOMEM, "out of memory");
    const int64_t *size = p->images.shape.dim;
    if (!f->status && (high != size[1] || wide != size[2]))
        wg__fail(f, WG_EFORMAT, "%s: is %lld x %lld, %s is %lld x %lld", p->path[i], (long long)high, (long long)wide, p->path[0],
                 (long long)size[1], (long long)size[2]);
    if (!f->status) convert(&a, channels, (uint8_t *)p->images.data + i * size[1] * size[2] * channels);
    wg_array_free(&a);
    return f->status;
}

/* The paths of all pictures, and how many each class has. */
static wg_status find(const char *folder, wg_pictures *p, names *paths, int64_t **counts, wg_fault *f)
{
    names classes = {0};
    list(folder, is_folder, &classes, f);
    p->class_name = classes.name;
    p->classes = (int64_t)classes.n;
    *counts = wg__alloc(wg__mul(classes.n + 1, sizeof **counts));
    if (!*counts) return wg__fail(f, WG_ENOMEM, "out of memory");
    for (size_t k = 0; !f->status && k < classes.n; k++) {
        names own = {0};
        list(classes.name[k], is_picture, &own, f);
        (*counts)[k] = (int64_t)own.n;
        if (!f->status && !WG_RESERVE(paths->name, paths->capacity, paths->n + own.n)) wg__fail(f, WG_ENOMEM, "out of memory");
        if (f->status) {
            free_names(own.name, own.n);
            break;
        }
        if (own.n) memcpy(paths->name + paths->n, own.name, own.n * sizeof *own.name);
        paths->n += own.n;
        wg__free(own.name);
        const char *base = strrchr(classes.name[k], '/') + 1;
        memmove(classes.name[k], base, strlen(base) + 1);
    }
    if (!f->status && !paths->n) wg__fail(f, WG_EMISSING, "%s", classes.n ? "no picture in its folders" : "no folder of a class in it");
    return f->status;
}

static wg_status read_all(const char *folder, int channels, wg_pictures *p, wg_fault *f)
{
    names paths = {0};
    int64_t *counts = NULL;
    wg_status s = find(folder, p, &paths, &counts, f);
    p->path = paths.name;
    p->n = (int64_t)paths.n;
    if (!s && wg_array_new(&p->labels, WG_I64, (wg_shape){{p->n}, 1})) wg__fail(f, WG_ENOMEM, "out of memory");
    for (int64_t k = 0, i = 0; !f->status && k < p->classes; k++)
        for (int64_t end = i + counts[k]; !f->status && i < end; i++) {
            ((int64_t *)p->labels.data)[i] = k;
            add_picture(p, i, channels, f);
        }
    wg__free(counts);
    return f->status;
}

wg_status wg_pictures_read(const char *folder, int channels, wg_pictures *out, char *why, size_t why_size)
{
    wg_fault f = {0};
    *out = (wg_pictures){0};
    if (!folder) wg__fail(&f, WG_EARG, "no path");
    else if (channels != 1 && channels != 3) wg__fail(&f, WG_EARG, "%d channels: 1 or 3 are wanted", channels);
    else read_all(folder, channels, out, &f);
    if (f.status) wg_pictures_free(out);
    return wg__tell(&f, folder, why, why_size);
}

void wg_pictures_free(wg_pictures *p)
{
    if (!p) return;
    wg_array_free(&p->images);
    wg_array_free(&p->labels);
    free_names(p->class_name, (size_t)p->classes);
    free_names(p->path, (size_t)p->n);
    *p = (wg_pictures){0};
}
