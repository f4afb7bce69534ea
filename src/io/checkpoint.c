/* checkpoint.c -- several safetensors files that change together: a directory is written beside its place, and takes it by one
 * exchange of names, so that whoever looks, and whatever was killed when, finds the old files or the new ones. */
#define _GNU_SOURCE /* renameat2 */
#include "base/alloc.h"
#include "io/file.h"

#include <wengert/io.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 4096 };

static wg_status system_fault(wg_fault *f, const char *what) { return wg__fail(f, WG_EIO, "%s: %s", what, strerror(errno)); }

static bool join(char path[PATH], const char *folder, const char *name)
{
    int n = snprintf(path, PATH, "%s/%s", folder, name);
    return n > 0 && n < PATH;
}

/* The folder beside dir: dir with `ending`, which comes where dir has no slash at its end. */
static bool beside(char path[PATH], const char *dir, const char *ending)
{
    size_t length = strlen(dir);
    while (length > 1 && dir[length - 1] == '/') length--;
    int n = snprintf(path, PATH, "%.*s%s", (int)length, dir, ending);
    return length && n > 0 && n < PATH;
}

/* A folder of files, and them; what is not there is no error. */
static void remove_folder(const char *folder)
{
    char path[PATH];
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));)
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && join(path, folder, e->d_name)) unlink(path);
    if (d) closedir(d);
    rmdir(folder);
}

static wg_status write_all(const char *folder, const wg_saved *file, size_t n, wg_fault *f)
{
    char path[PATH], why[sizeof f->text];
    remove_folder(folder); /* what a killed run left */
    if (mkdir(folder, 0777)) return system_fault(f, "its new folder");
    for (size_t i = 0; i < n && !f->status; i++) {
        if (!join(path, folder, file[i].name)) return wg__fail(f, WG_EARG, "the path is too long");
        wg_status s = wg_safetensors_write(path, file[i].arrays, why, sizeof why);
        if (s) wg__fail(f, s, "%s", why);
    }
    return f->status;
}

/* fresh takes the place of dir; the old one is then at `fresh`, or gone. */
static wg_status take_place(const char *fresh, const char *dir, const char *old, wg_fault *f)
{
    if (rename(fresh, dir) == 0) return WG_OK; /* there was none, or an empty one */
#ifdef RENAME_EXCHANGE
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, dir, RENAME_EXCHANGE) == 0) return WG_OK;
#endif
    /* where the file system cannot exchange, there is a moment without dir: wg_checkpoint_read looks at `old` then */
    remove_folder(old);
    if (rename(dir, old) || rename(fresh, dir)) return system_fault(f, "taking its place");
    remove_folder(old);
    return WG_OK;
}

static void sync_parent(const char *dir)
{
    char path[PATH];
    if (!beside(path, dir, "")) return;
    char *slash = strrchr(path, '/');
    if (slash) slash[slash == path] = 0;
    int fd = open(slash ? path : ".", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) fsync(fd), close(fd);
}

wg_status wg_checkpoint_write(const char *dir, const wg_saved *file, size_t n, char *why, size_t why_size)
{
    char fresh[PATH], old[PATH];
    wg_fault f = {0};
    bool named = true;
    for (size_t i = 0; i < n; i++) named = named && file[i].name && *file[i].name && !strchr(file[i].name, '/') && file[i].name[0] != '.';
    if (!dir || !*dir || !named) wg__fail(&f, WG_EARG, "no path, or a file without a plain name");
    else if (!beside(fresh, dir, ".new") || !beside(old, dir, ".old")) wg__fail(&f, WG_EARG, "the path is too long");
    else if (!write_all(fresh, file, n, &f) && !take_place(fresh, dir, old, &f)) sync_parent(dir);
    if (dir && *dir && named) remove_folder(fresh); /* the old one, or what could not be finished */
    return wg__tell(&f, dir, why, why_size);
}

wg_status wg_checkpoint_read(const char *dir, const char *name, wg_archive *out, char *why, size_t why_size)
{
    char path[PATH], old[PATH];
    struct stat s;
    wg_fault f = {0};
    *out = (wg_archive){0};
    bool there = dir && stat(dir, &s) == 0;
    if (!dir || !name || !beside(old, dir, ".old") || !join(path, there ? dir : old, name)) {
        wg__fail(&f, WG_EARG, "no path, or too long a one");
        return wg__tell(&f, dir, why, why_size);
    }
    if (!there && stat(old, &s)) {
        wg__fail(&f, WG_EMISSING, "there is no checkpoint");
        return wg__tell(&f, dir, why, why_size);
    }
    return wg_safetensors_read(path, out, why, why_size);
}
