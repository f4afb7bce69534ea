/* wengert/tape.h -- declare and record: tapes, inputs, parameters, names, scopes, the text form.
 *
 * A tape is a Wengert list (R. E. Wengert, "A simple automatic derivative evaluation program", CACM 7(8), 1964):
 * every call records one or more nodes and computes nothing. A mistake does not stop the program: the call answers an
 * invalid tensor, ops on invalid tensors answer invalid ones, and the tape keeps the first error with op, shapes,
 * reason and file:line (wg_error). One tape belongs to one thread at a time; tapes are independent of each other. */
#ifndef WENGERT_TAPE_H
#define WENGERT_TAPE_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wg_tape wg_tape;     /* one graph; owns its nodes and its plans               */
typedef struct wg_params wg_params; /* named parameters, buffers, optimiser state            */

/* A handle to a node, or a number, or nothing. Nothing to free; dies with wg_tape_reset and wg_tape_free. */
typedef struct wg_tensor {
    wg_tape *tape;
    uint64_t id;
} wg_tensor;

/* A list of tensors, borrowed for the call (WG_LIST makes one in C). */
typedef struct wg_tensors {
    const wg_tensor *x;
    size_t n;
} wg_tensors;

#define WG_NONE (wg_tensor_none())             /* an absent optional input; not the same as an invalid tensor     */
WG_API wg_tensor wg_tensor_none(void);
WG_API wg_tensor wg_num(double value);         /* a number beside tensors: takes the other operand's dtype        */
WG_API wg_tensors wg_tensors_of(const wg_tensor *x, size_t n);
WG_API bool wg_ok(wg_tensor x);                /* a valid, living node                                            */

/* ---- tapes ---------------------------------------------------------------------------------------------------- */

typedef struct wg_tape_options {
    uint32_t seed;      /* of initialisers and of random nodes                                            */
    bool eval;          /* evaluation: dropout is the identity                                            */
    wg_params *params;  /* the store to share, which must outlive the tape; NULL: one that the tape owns  */
    int threads;        /* for the runs of its plans; 0: OpenMP's default (OMP_NUM_THREADS)               */
} wg_tape_options;

WG_API wg_tape *wg_tape_create(const wg_tape_options *o); /* NULL options: defaults. NULL: out of memory        */
WG_API void wg_tape_free(wg_tape *t);                     /* and every plan of it; NULL is fine                 */
WG_API void wg_tape_reset(wg_tape *t);                    /* drops nodes, plans and error; parameters stay; old
                                                             handles become errors                              */
WG_API const char *wg_error(const wg_tape *t);            /* the first error, or NULL; t NULL: a text too       */
WG_API wg_status wg_error_status(const wg_tape *t);
WG_API void wg_error_clear(wg_tape *t);
/* For layers of your own: keeps an error, as ops do, and returns an invalid tensor. */
WG_API wg_tensor wg_reject(wg_tape *t, wg_status s, const char *format, ...) WG_PRINTF(3, 4);
WG_API wg_params *wg_tape_params(const wg_tape *t);
WG_API bool wg_tape_eval(const wg_tape *t);
WG_API size_t wg_tape_size(const wg_tape *t);             /* nodes recorded                                     */

/* Gives the nodes recorded since the last call, and an error among them, their place; the macros wrap it around
   every op, and the innermost call wins. Returns x. `file` must live as long as the tape. */
WG_API wg_tensor wg_at(wg_tensor x, const char *file, int line);

/* ---- leaves --------------------------------------------------------------------------------------------------- */

/* A value fed when a plan runs. Names are letters, digits, `_`, `.`, `/`, `-`, and appear once on a tape. */
WG_API wg_tensor wg_input(wg_tape *t, const char *name, wg_dtype dtype, wg_shape shape);

/* The same with a range low..high-1 for integers (low..high for reals), which checks draw from: labels, positions. */
WG_API wg_tensor wg_input_range(wg_tape *t, const char *name, wg_dtype dtype, wg_shape shape, double low, double high);

/* How a new parameter is filled, from the tape's seed and the parameter's name. Kinds: "zeros" (the default), "ones",
   "constant" (hi), "uniform" (lo..hi), "normal" (mean lo, deviation hi), "kaiming_uniform" (a = sqrt 5, PyTorch's
   linear default: +-1/sqrt fan_in), "kaiming_normal", "xavier_uniform", "xavier_normal". */
typedef struct wg_init {
    const char *kind;
    double lo, hi;
} wg_init;

typedef enum wg_param_kind { WG_TRAINABLE, WG_BUFFER, WG_STATE } wg_param_kind;

typedef struct wg_param_options {
    wg_dtype dtype;     /* 0: f32                                                         */
    wg_init init;
    wg_param_kind kind; /* buffer: saved, not trained; state: an optimiser's              */
    bool shared;        /* a name already on this tape gives the same node, not an error  */
    char last_;         /* ends the macro's list                                          */
} wg_param_options;

/* The parameter `name` (under the current scopes) of the tape's store; made and initialised if the store lacks it,
   an error if it is there with another dtype or shape. */
WG_API wg_tensor wg_param_create(wg_tape *t, const char *name, wg_shape shape, const wg_param_options *o);

WG_API wg_tensor wg_const(wg_tape *t, const wg_array *a); /* a constant; copies */

/* ---- looking ------------------------------------------------------------------------------------------------------ */

WG_API wg_tensor wg_name(wg_tensor x, const char *name); /* names a node, for print, draw and files; returns x  */
WG_API wg_tensor wg_find(wg_tape *t, const char *name);  /* by that name; invalid (no error kept) when not there */
WG_API wg_tensor wg_tape_node(wg_tape *t, size_t i);     /* node i, 0 <= i < wg_tape_size; invalid outside      */
WG_API size_t wg_node_index(wg_tensor x);                 /* of a valid tensor: wg_tape_node's i; SIZE_MAX else */
WG_API wg_tape *wg_tape_of(wg_tensor x);
WG_API wg_dtype wg_dtype_get(wg_tensor x);               /* 0 for none, numbers and invalid tensors             */
WG_API wg_shape wg_shape_get(wg_tensor x);               /* WG_ANY where not known yet                          */
WG_API int64_t wg_dim(wg_tensor x, int axis);            /* negative axes count from the end; WG_ANY if unknown */
WG_API const char *wg_op_name(wg_tensor x);              /* "matmul"; NULL for invalid                          */
WG_API const char *wg_name_get(wg_tensor x);             /* the user's name or NULL                             */
WG_API wg_tensor wg_node_input(wg_tensor x, int i);      /* i-th input; WG_NONE where absent or past the last   */
WG_API int wg_node_inputs(wg_tensor x);

/* Names recorded between push and pop get "name/" (nodes) or "name." (parameters) before them. */
WG_API void wg_scope_push(wg_tape *t, const char *format, ...) WG_PRINTF(2, 3);
WG_API void wg_scope_pop(wg_tape *t);

/* ---- effects ------------------------------------------------------------------------------------------------------- */

/* Makes `assign` (of wg_assign) run in every plan that computes `node`. Returns node. */
WG_API wg_tensor wg_on(wg_tensor node, wg_tensor param, wg_tensor value);

/* ---- the text form --------------------------------------------------------------------------------------------- */

WG_API wg_status wg_print(FILE *to, const wg_tape *t);            /* one node a line; see README               */
WG_API wg_status wg_tape_save(const wg_tape *t, const char *path); /* beside, synced, renamed                   */

/* Reads what wg_print writes (and what a person writes). *tape is made with `o` (whose seed and mode the header line
   overrides). WG_EFORMAT: why says file:line:column and what. `return`ed tensors: wg_returned. */
WG_API wg_status wg_tape_read(wg_tape **tape, const char *path, const wg_tape_options *o, char *why, size_t why_size);
WG_API wg_status wg_tape_parse(wg_tape **tape, const char *text, size_t length, const char *path,
                               const wg_tape_options *o, char *why, size_t why_size);
WG_API void wg_return(wg_tape *t, wg_tensors outputs);            /* what the text's last line names            */
WG_API wg_tensors wg_returned(const wg_tape *t);                  /* borrowed until the tape changes            */

/* ---- the parameter store ----------------------------------------------------------------------------------------- */

WG_API wg_params *wg_params_new(void);                            /* NULL: out of memory                       */
WG_API void wg_params_free(wg_params *p);                         /* after every tape that shares it           */
WG_API size_t wg_params_count(const wg_params *p);
WG_API const char *wg_params_name(const wg_params *p, size_t i);  /* in order of making; NULL past the last    */
WG_API wg_param_kind wg_params_kind(const wg_params *p, const char *name);
WG_API wg_status wg_params_get(const wg_params *p, const char *name, wg_array *borrowed); /* WG_EMISSING       */
/* Copies `value` in: makes the parameter, or overwrites one of the same dtype and shape (else WG_EDTYPE, WG_ESHAPE). */
WG_API wg_status wg_params_set(wg_params *p, const char *name, const wg_array *value, wg_param_kind kind);
WG_API const char *wg_params_error(const wg_params *p);           /* the last error, or NULL                   */
/* After a wg_params_load that was not strict: what it left, in the words of the error that a strict one would have given, until
   the store's next load, save or error. NULL: nothing was left. */
WG_API const char *wg_params_left(const wg_params *p);

#ifdef __cplusplus
}
#endif

/* ---- C only: literals, options, file:line ---------------------------------------------------------------------- */
#ifndef __cplusplus
/* `.x = default, .x = given`: the later initialiser wins (C17 6.7.9p19). That is how options have defaults. */
#if defined __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#elif defined __GNUC__
#pragma GCC diagnostic ignored "-Woverride-init"
#endif
#define WG_COUNT_(type, ...) (sizeof((type[]){__VA_ARGS__}) / sizeof(type))
#define WG_SHAPE(...) (wg_shape_of(&(const int64_t[]){0, __VA_ARGS__}[1], WG_COUNT_(int64_t, 0, __VA_ARGS__) - 1))
#define WG_INTS(...) (wg_ints_of(&(const int64_t[]){0, __VA_ARGS__}[1], WG_COUNT_(int64_t, 0, __VA_ARGS__) - 1))
#define WG_LIST(...) (wg_tensors_of((const wg_tensor[]){__VA_ARGS__}, WG_COUNT_(wg_tensor, __VA_ARGS__)))
/* An array in place, as long-lived as the block it stands in (which may be a macro's: what is fed wants a variable):
   `&WG_ARRAY(double, WG_SHAPE(2, 2), 1, 2, 3, 4)`. type: float
   double int64_t int32_t uint8_t bool. WG_SHAPE() takes one value, WG_SHAPE(0, 3) none. Other counts: see wg_array_of. */
#define WG_ARRAY(type, ...) WG_ARRAY_(type, __VA_ARGS__, )
#define WG_ARRAY_(type, shape, ...)                                                                                                \
    (*(wg_array[1]){                                                                                                               \
        wg_array_of(&(type[]){0, __VA_ARGS__}[1], WG_COUNT_(type, 0, __VA_ARGS__) - 1, WG_DTYPE_(type), (shape))})
#define WG_DTYPE_(type)                                                                                                            \
    _Generic((type){0}, float: WG_F32, double: WG_F64, int64_t: WG_I64, int32_t: WG_I32, uint8_t: WG_U8, bool: WG_BOOL)
#define WG_AT(tensor) wg_at((tensor), __FILE__, __LINE__)

#define wg_tape_new(...) wg_tape_create(&(wg_tape_options){.seed = 0, __VA_ARGS__})
#define wg_input(...) WG_AT(wg_input(__VA_ARGS__))
#define wg_input_range(...) WG_AT(wg_input_range(__VA_ARGS__))
#define wg_param(tape, name, ...) WG_AT(wg_param_create((tape), (name), WG_PARAM_(__VA_ARGS__, .last_ = 0)))
#define WG_PARAM_(shape, ...) shape, &(wg_param_options){.dtype = WG_F32, __VA_ARGS__}
#define wg_const(...) WG_AT(wg_const(__VA_ARGS__))
#define wg_on(...) WG_AT(wg_on(__VA_ARGS__))
#endif
#endif
