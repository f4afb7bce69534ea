/* error.c -- keeping and wording errors; no allocation, so that running out of memory can be told too. */
#include "base/error.h"

#include <stdarg.h>

const char *wg_status_text(wg_status s)
{
    static const char *const text[] = {"ok",      "bad argument",  "shapes do not fit",  "dtypes do not fit", "index out of range",
                                       "missing", "out of memory", "input/output error", "malformed"};
    size_t n = sizeof text / sizeof *text;
    return (size_t)s < n ? text[s] : "unknown status";
}

wg_status wg__fail(wg_fault *f, wg_status status, const char *format, ...)
{
    if (f->status != WG_OK) return f->status;
    va_list args;
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
    f->status = status;
    return status;
}

void wg__append(char *text, size_t size, size_t *used, const char *format, ...)
{
    va_list args;
    if (*used >= size) return;
    va_start(args, format);
    int n = vsnprintf(text + *used, size - *used, format, args);
    va_end(args);
    if (n > 0) *used = (size_t)n < size - *used ? *used + (size_t)n : size - 1;
}
