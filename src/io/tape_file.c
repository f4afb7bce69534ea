/* tape_file.c -- tapes to and from files of the text form. */
#include "io/file.h"
#include "io/format.h"

#include <wengert/tape.h>

wg_status wg__tape_write(const wg_tape *t, const char *path, char *why, size_t why_size)
{
    wg_fault f = {WG_OK, ""};
    wg_writer w;
    if (!t || !path) wg__fail(&f, WG_EARG, "no tape, or no path");
    else if (wg__writer_open(&w, path, &f) == WG_OK) {
        wg_status s = wg_print(w.to, t);
        if (s && s != WG_EIO) wg__fail(&f, s, "%s", wg_status_text(s)); /* what the system refused, closing tells */
        wg__writer_close(&w, &f);
    }
    return wg__tell(&f, path, why, why_size);
}

wg_status wg_tape_save(const wg_tape *t, const char *path) { return wg__tape_write(t, path, NULL, 0); }

wg_status wg_tape_read(wg_tape **tape, const char *path, const wg_tape_options *o, char *why, size_t why_size)
{
    wg_bytes b;
    wg_fault f = {WG_OK, ""};
    if (!tape) return WG_EARG;
    *tape = NULL;
    if (wg__file_read(path, &b, &f)) return wg__tell(&f, path, why, why_size);
    wg_status s = wg_tape_parse(tape, (const char *)b.data, b.size, path, o, why, why_size);
    wg__file_free(&b);
    return s;
}
