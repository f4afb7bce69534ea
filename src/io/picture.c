/* picture.c -- a drawing into a file: DOT itself, or a picture by Graphviz's `dot`, which reads it from a temporary file
 * and writes into the file that will take the place of the old one. No shell, and no pipe that could fill. */
#define _XOPEN_SOURCE 700
#include "io/file.h"
#include <wengert/draw.h>

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), k = strlen(ending);
    return n > k && strcmp(path + n - k, ending) == 0;
}

/* What `dot` said, its first line. */
static void put_complaint(FILE *said, wg_fault *f)
{
    char line[200] = "";
    rewind(said);
    if (!fgets(line, sizeof line, said)) snprintf(line, sizeof line, "it failed and did not say why");
    line[strcspn(line, "\n")] = 0;
    wg__fail(f, WG_EIO, "Graphviz's `dot`: %s", line);
}

/* Runs dot on `from`; its picture goes to `to`. */
static wg_status run_dot(const char *format, FILE *from, FILE *to, wg_fault *f)
{
    char option[16], *const arguments[] = {(char[]){"dot"}, option, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int state = 0;
    snprintf(option, sizeof option, "-T%s", format);
    FILE *said = tmpfile();
    if (!said) return wg__fail(f, WG_EIO, "a temporary file cannot be made");
    if (posix_spawn_file_actions_init(&actions)) {
        fclose(said);
        return wg__fail(f, WG_ENOMEM, "out of memory");
    }
    int error = posix_spawn_file_actions_adddup2(&actions, fileno(from), 0);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, fileno(to), 1);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, fileno(said), 2);
    if (!error) error = posix_spawnp(&child, "dot", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error == ENOENT || error == EACCES) {
        wg__fail(f, WG_EMISSING, "Graphviz's `dot` is not there: install graphviz, or write a .dot file");
    } else if (error) {
        wg__fail(f, error == ENOMEM ? WG_ENOMEM : WG_EIO, "Graphviz's `dot` cannot be started");
    } else {
        pid_t done;
        while ((done = waitpid(child, &state, 0)) < 0 && errno == EINTR) continue;
        if (done >= 0 && !(WIFEXITED(state) && WEXITSTATUS(state) == 0)) put_complaint(said, f);
    }
    fclose(said);
    return f->status;
}

static wg_status draw_with_dot(FILE *to, const char *format, const wg_tape *t, const wg_draw_options *o, wg_fault *f)
{
    FILE *from = tmpfile();
    if (!from) return wg__fail(f, WG_EIO, "a temporary file cannot be made");
    wg_status s = wg_draw_dot(from, t, o);
    if (s) wg__fail(f, s, "%s", wg_status_text(s));
    else if (fflush(from) || fseek(from, 0, SEEK_SET)) wg__fail(f, WG_EIO, "a temporary file cannot be written");
    else run_dot(format, from, to, f);
    fclose(from);
    return f->status;
}

wg_status wg_draw_create(const wg_tape *t, const wg_draw_options *o)
{
    wg_fault f = {WG_OK, ""};
    wg_writer w;
    if (!o) return WG_EARG;
    const char *path = o->path, *format = NULL;
    if (!path || !t) return wg__fail(&f, WG_EARG, t ? "no path" : "no tape"), wg__tell(&f, path, o->why, o->why_size);
    bool dot = ends_in(path, ".dot") || ends_in(path, ".gv");
    format = ends_in(path, ".svg") ? "svg" : ends_in(path, ".png") ? "png" : ends_in(path, ".pdf") ? "pdf" : NULL;
    if (!dot && !format) wg__fail(&f, WG_EARG, "a drawing is a .dot, .svg, .png or .pdf file");
    if (!f.status && wg__writer_open(&w, path, &f) == WG_OK) {
        wg_status s = dot ? wg_draw_dot(w.to, t, o) : draw_with_dot(w.to, format, t, o, &f);
        if (s && s != WG_EIO) wg__fail(&f, s, "%s", wg_status_text(s)); /* what the system refused, closing tells */
        wg__writer_close(&w, &f);
    }
    return wg__tell(&f, path, o->why, o->why_size);
}
