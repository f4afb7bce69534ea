/* file.c -- whole files in, whole files out.
 *
 * The writer's invariant: until rename has happened the file at `path` is the old one, byte for byte; afterwards it
 * is the new one, which was on the disk before it took the name (fsync of the file, rename, fsync of the directory). */
#define _XOPEN_SOURCE 700
#include "io/file.h"
#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 4096, TRIES = 1000 };
static const size_t READ_MOST = (size_t)1 << 30; /* in one call: Linux gives no more than 2 GiB, macOS refuses more */

/* A fault in the system's words; errno stays `error`. */
static wg_status system_fault(wg_fault *f, const char *doing, int error)
{
    char text[128];
    if (error == ENOMEM) {
        wg__fail(f, WG_ENOMEM, "%s: out of memory", doing);
    } else {
        if (strerror_r(error, text, sizeof text)) snprintf(text, sizeof text, "error %d", error);
        wg__fail(f, WG_EIO, "%s: %s", doing, text);
    }
    errno = error;
    return f->status;
}

/* read(2) until n bytes are there or the file ends; -1 on error. */
static ssize_t read_all(int fd, unsigned char *to, size_t n)
{
    size_t got = 0;
    while (got < n) {
        size_t want = n - got < READ_MOST ? n - got : READ_MOST;
        ssize_t k = read(fd, to + got, want);
        if (k < 0 && errno == EINTR) continue;
        if (k < 0) return -1;
        if (k == 0) break;
        got += (size_t)k;
    }
    return (ssize_t)got;
}

static wg_status out_of_memory(wg_fault *f, size_t bytes) { return wg__fail(f, WG_ENOMEM, "out of memory (%zu bytes)", bytes); }

/* What the system says the size is, and then on until the end: a pipe says 0, a file may grow. */
static wg_status read_open(int fd, size_t expected, wg_bytes *out, wg_fault *f)
{
    size_t room = expected < CHUNK ? CHUNK : expected + 1; /* one over, to see the end in the first pass */
    out->data = wg__alloc_big(room);
    if (!out->data) return out_of_memory(f, room);
    for (;;) {
        ssize_t got = read_all(fd, out->data + out->size, room - out->size);
        if (got < 0) return system_fault(f, "cannot be read", errno);
        out->size += (size_t)got;
        if (out->size < room) return WG_OK;
        unsigned char *more = room > SIZE_MAX / 2 ? NULL : wg__alloc_big(2 * room);
        if (!more) return out_of_memory(f, room);
        memcpy(more, out->data, out->size);
        wg__free(out->data);
        out->data = more;
        room *= 2;
    }
}

static wg_status map_open(int fd, size_t size, wg_bytes *out, wg_fault *f)
{
    if (!size) return WG_OK; /* of nothing there is no mapping */
    out->data = wg__map(fd, size);
    if (!out->data) return system_fault(f, "cannot be mapped", errno);
    out->size = size;
    return WG_OK;
}

static wg_status take_file(const char *path, bool mapped, wg_bytes *out, wg_fault *f)
{
    struct stat st;
    *out = (wg_bytes){0};
    if (!path) return wg__fail(f, WG_EARG, "no path");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return system_fault(f, "cannot be opened", errno);
    bool told = fstat(fd, &st) == 0, regular = told && S_ISREG(st.st_mode);
    if (!told) system_fault(f, "cannot be read", errno);
    else if (regular && (uintmax_t)st.st_size >= PTRDIFF_MAX) wg__fail(f, WG_ENOMEM, "is too large for this machine");
    else if (!mapped) read_open(fd, regular ? (size_t)st.st_size : 0, out, f);
    else if (regular) map_open(fd, (size_t)st.st_size, out, f);
    else system_fault(f, S_ISDIR(st.st_mode) ? "cannot be read" : "cannot be mapped", S_ISDIR(st.st_mode) ? EISDIR : ENODEV);
    int error = errno;
    close(fd);
    if (f->status != WG_OK && !mapped) wg__file_free(out);
    errno = error;
    return f->status;
}

wg_status wg__file_read(const char *path, wg_bytes *out, wg_fault *f) { return take_file(path, false, out, f); }
wg_status wg__file_map(const char *path, wg_bytes *out, wg_fault *f) { return take_file(path, true, out, f); }

void wg__file_free(wg_bytes *b)
{
    wg__free(b->data);
    *b = (wg_bytes){0};
}

/* ---- the writer ------------------------------------------------------------------------------------------------ */

/* Length of the directory part of a path, its slash included; 0 for none. */
static size_t directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Opens a new file in the directory of w->path. The name is short, because the file's own may be as long as may be. */
static int open_beside(wg_writer *w, wg_fault *f)
{
    size_t n = directory_length(w->path), room = n + 48;
    w->beside = wg__alloc(room);
    if (!w->beside) {
        out_of_memory(f, room);
        return -1;
    }
    memcpy(w->beside, w->path, n);
    for (int i = 0; i < TRIES; i++) {
        snprintf(w->beside + n, room - n, ".wengert-%ld-%d.tmp", (long)getpid(), i);
        int fd = open(w->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0) return fd;
        if (errno != EEXIST) break;
    }
    system_fault(f, "cannot be written", errno);
    return -1;
}

/* The descriptor to write to; -1 and a fault. */
static int open_target(wg_writer *w, wg_fault *f)
{
    struct stat st;
    bool there = stat(w->path, &st) == 0;
    if (there && S_ISDIR(st.st_mode)) {
        system_fault(f, "cannot be written", EISDIR);
        return -1;
    }
    if (there && !S_ISREG(st.st_mode)) { /* renaming over a device or a pipe would take it away */
        int fd = open(w->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0) system_fault(f, "cannot be written", errno);
        return fd;
    }
    if (there && access(w->path, W_OK)) { /* rename needs no leave of the file itself; a protected one means it */
        system_fault(f, "cannot be written", errno);
        return -1;
    }
    int fd = open_beside(w, f);
    if (fd >= 0 && there && fchmod(fd, st.st_mode & 07777)) {
        system_fault(f, "cannot be written", errno);
        close(fd);
        unlink(w->beside);
        return -1;
    }
    return fd;
}

static void writer_free(wg_writer *w)
{
    int error = errno;
    wg__free(w->path);
    wg__free(w->beside);
    *w = (wg_writer){0};
    errno = error;
}

wg_status wg__writer_open(wg_writer *w, const char *path, wg_fault *f)
{
    char followed[PATH_MAX];
    *w = (wg_writer){0};
    if (!path || !*path) return wg__fail(f, WG_EARG, "no path");
    w->path = wg__strdup(realpath(path, followed) ? followed : path); /* a new file has no real path yet */
    if (!w->path) return wg__fail(f, WG_ENOMEM, "out of memory");
    int fd = open_target(w, f);
    if (fd >= 0 && !(w->to = fdopen(fd, "wb"))) {
        system_fault(f, "cannot be written", errno);
        close(fd);
        if (w->beside) unlink(w->beside);
    }
    if (!w->to) writer_free(w);
    return f->status;
}

void wg__writer_put(wg_writer *w, const void *data, size_t size)
{
    if (w->error || !size) return;
    errno = 0;
    if (fwrite(data, 1, size, w->to) != size) w->error = errno ? errno : EIO;
}

/* A file system that cannot sync directories, or a directory that may be written and not read, is no failure. */
static int sync_directory(const char *path)
{
    char name[PATH_MAX];
    size_t n = directory_length(path);
    if (n >= sizeof name) return 0;
    memcpy(name, n ? path : ".", n ? n : 1);
    name[n ? n : 1] = 0;
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return 0;
    int error = fsync(fd) && errno != EINVAL && errno != ENOTSUP && errno != EROFS ? errno : 0;
    close(fd);
    return error;
}

wg_status wg__writer_close(wg_writer *w, wg_fault *f)
{
    errno = 0;
    if (!w->error && (fflush(w->to) || ferror(w->to))) w->error = errno ? errno : EIO;
    if (!w->error && f->status == WG_OK && w->beside && fsync(fileno(w->to))) w->error = errno;
    if (fclose(w->to) && !w->error) w->error = errno;
    bool good = !w->error && f->status == WG_OK;
    if (w->beside && good && rename(w->beside, w->path)) w->error = errno;
    if (w->beside && (!good || w->error)) unlink(w->beside);
    if (w->beside && good && !w->error) w->error = sync_directory(w->path);
    if (w->error) system_fault(f, "cannot be written", w->error);
    writer_free(w);
    return f->status;
}

/* ---- the end of a call ------------------------------------------------------------------------------------------ */

wg_status wg__file_array(const char *path, wg_array *out, wg_array_reader read, char *why, size_t why_size)
{
    wg_fault f = {0};
    wg_bytes file;
    if (!out) wg__fail(&f, WG_EARG, "nowhere to put the array");
    else *out = (wg_array){0};
    if (f.status == WG_OK && !wg__file_read(path, &file, &f)) {
        read(&file, out, &f);
        wg__file_free(&file);
    }
    return wg__tell(&f, path, why, why_size);
}

wg_status wg__tell(const wg_fault *f, const char *path, char *why, size_t why_size)
{
    int error = errno;
    size_t used = 0;
    if (why && why_size) {
        *why = 0;
        if (f->status != WG_OK) wg__append(why, why_size, &used, "%s: %s", path ? path : "(no path)", f->text);
    }
    errno = error;
    return f->status;
}
