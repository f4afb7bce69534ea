/* reader.h -- the state of reading a text: parse.c reads statements and calls, values.c attributes, types and data. */
#ifndef WG_TAPE_READER_H
#define WG_TAPE_READER_H

#include "tape/lexer.h"
#include "tape/tape.h"

enum { WG_CALLS_DEEP = 64, WG_OPTIONS_MAX = 512 };

/* A type as it is written: WG_ANY for `?`, WG_DIM(letter) for a letter. dtype 0: there is none. */
typedef struct wg_written {
    wg_dtype dtype;
    wg_shape shape;
    wg_token at;
} wg_written;

/* A list whose brackets have been read and checked; its values are read when its dtype is known, which may stand
   behind it. */
typedef struct wg_pending {
    bool any;
    wg_lexer from;
    wg_shape shape;
    int64_t count;
} wg_pending;

typedef struct wg_known {
    const char *text;
    size_t length;
    uint32_t node, line;
} wg_known;

typedef struct wg_reader {
    wg_lexer lx;
    wg_tape *t;
    const char *path; /* in messages */
    wg_fault fault;
    const char *scope; /* the last one made, in the tape's arena */
    wg_tensor *input;  /* of the calls that are being read, the innermost last */
    size_t inputs, input_capacity;
    wg_known *known; /* names and labels of the text: open addressing, text NULL where free */
    size_t known_capacity, known_count;
    char *options; /* one wg_<op>_options a level */
    wg_pending data;
    void *values;       /* of `data`, until they are recorded */
    int64_t bound[128]; /* by letter: the symbol that it stands for, or 0 */
} wg_reader;

/* Keeps "path:line:column: message" and returns false. */
bool wg__wrong(wg_reader *r, const wg_token *at, const char *format, ...) WG_PRINTF(3, 4);
bool wg__expect(wg_reader *r, int kind, const char *what); /* and passes over it */
bool wg__unexpected(wg_reader *r, const char *wanted);     /* "expected ..., found ..." */

/* At the name of an attribute of op: reads it and its value into options. *given: a bit each. */
bool wg__read_attribute(wg_reader *r, const wg_op *op, void *options, uint32_t *given);
bool wg__read_type(wg_reader *r, wg_written *type); /* at the dtype's name */

/* At a `[` or a lone value: checks brackets and commas, counts, leaves the values for later. */
bool wg__scan_list(wg_reader *r, wg_pending *list);
/* The values of a scanned list as an array of that type, in r->values. */
bool wg__read_list(wg_reader *r, const wg_pending *list, wg_dtype dtype, const wg_shape *shape, wg_array *out);
bool wg__read_number(wg_reader *r, double *v); /* a number, inf or nan */
bool wg__is_value(const wg_token *t);          /* a number, inf, nan, true or false */

#endif
