/* op.h -- what an op is: all that a file under ops/ may know of the library.
 *
 * An op is one const struct. Its name, family, inputs, attributes and documentation come from its line in ops.def and
 * from the comment on top of its file (WG_LINE, written by tools/opgen.py); its rules, samples and kernel from its
 * file. src/ knows an op through this struct and its kind only. */
#ifndef WG_TAPE_OP_H
#define WG_TAPE_OP_H

#include <math.h>
#include <string.h>
#include <wengert/diff.h>
#include <wengert/ops.h>
#include <wengert/tape.h>

typedef struct wg_op wg_op;

typedef enum wg_kind { WG_LEAF, WG_ELEMENTWISE, WG_VIEW, WG_REDUCE, WG_BLOCK, WG_EFFECT } wg_kind;

/* Which leaf: the closed list of what src/ makes, feeds and stores itself. */
typedef enum wg_leaf { WG_LEAF_NONE, WG_LEAF_INPUT, WG_LEAF_PARAM, WG_LEAF_NUMBER, WG_LEAF_CONSTANT } wg_leaf;

/* ---- types and the shape rule ----------------------------------------------------------------------------------- */

typedef struct wg_type {
    wg_dtype dtype; /* 0: an absent optional input */
    const wg_shape *shape;
} wg_type;

/* A call whose result is to be inferred; sizes are numbers, or symbols (negative) where they are known only when run.
   Two equal symbols are the same size, whatever it is. */
typedef struct wg_call {
    const wg_op *op;
    const void *attrs; /* wg_<op>_options, its tensors unused */
    const wg_type *in;
    int n;
    wg_dtype dtype; /* the answer; the engine fills dtype and shape before the rule runs:  */
    wg_shape shape; /* those of the first input (elementwise: what broadcasting gives)     */
    int64_t *fresh; /* the next fresh symbol                                               */
    char *why;      /* the reason when the rule answers false                              */
    size_t why_size;
    bool trusts; /* the rule took a size for right that it could not know: an op that is a definition is checked when run */
} wg_call;

bool wg__refuse(wg_call *c, const char *format, ...) WG_PRINTF(2, 3); /* words the reason; returns false */
bool wg__known(int64_t size);                                         /* a number, not a symbol          */
bool wg__settled(wg_call *c, int64_t size);                           /* likewise; else the rule trusts it        */
int64_t wg__fresh(wg_call *c);                                        /* a size nothing is known of      */
int64_t wg__times(wg_call *c, int64_t a, int64_t b);                  /* a * b, fresh where unknown      */
bool wg__same_size(wg_call *c, int64_t *a, int64_t b);                /* equal or may be: *a gets the better known */
bool wg__broadcast(wg_call *c, wg_shape *into, const wg_shape *with); /* NumPy's rule; refuses           */
bool wg__axis(wg_call *c, int64_t axis, int rank, int *out);          /* -rank..rank-1 to 0..rank-1; a scalar has axis 0 and -1; refuses */
bool wg__axes(wg_call *c, const wg_ints *axes, int rank, uint32_t *mask); /* n = 0: all; duplicates refused  */
void wg__drop_axes(wg_shape *s, uint32_t mask, bool keepdim);
uint32_t wg__axis_mask(const wg_ints *axes, int rank); /* of axes that wg__axes has passed */
const char *wg__show_type(char text[128], wg_type t);  /* "f32[?,128]" */

/* The shape that op, called so with the inputs of c from `from` on, would give; refuses as op would, by its name. */
bool wg__shape_of_call(wg_call *c, const wg_applied *call, int from, wg_shape *shape);

/* ---- derivative rules --------------------------------------------------------------------------------------------- */

/* A recorded node, as its rules see it. What they record lies beside it on the tape. */
typedef struct wg_rule {
    wg_tape *tape;
    const void *attrs;
    const wg_tensor *in; /* WG_NONE where absent */
    int n;
    wg_tensor out; /* invalid in .define   */
} wg_rule;

/* What derivatives of a tensor of d travel in: f32 for bf16 and f16, in which they could not be added; else d. */
wg_dtype wg__derived(wg_dtype d);

/* A number as a tensor of the rule's tape. */
wg_tensor wg__number_of(const wg_rule *r, double value, wg_dtype dtype);

/* The view v of x (and back in unview's derivative). */
wg_tensor wg__apply_view(const wg_applied *v, wg_tensor x);

/* Random numbers of the shape and dtype of like, "uniform" or "normal", from the tape's seed, the next key and the
   store's step, which every run that computes the draw then increments. */
wg_tensor wg__draw(const wg_rule *r, wg_tensor like, const char *kind);

/* Puts back, with size 1, the axes that a reduction of x along `axes` dropped. */
wg_tensor wg__undrop(wg_tensor g, const wg_ints *axes, wg_tensor x);

/* ---- kernels ------------------------------------------------------------------------------------------------------- */

enum { WG_NUMBERS_MAX = 40 };

/* A strided operand: element (i0, i1, ...) is at data[sum ij * stride[j]]. */
typedef struct wg_layout {
    wg_shape shape;
    int64_t stride[WG_MAX_RANK];
} wg_layout;

/* What a kernel gets. Elementwise: in[] and out are n contiguous values. Reduce: rows of `row` contiguous values;
   .columns: columns of `row` values, `step` apart, neighbours side by side.
   Block: contiguous tensors, whose sizes .units put into size[]; strided ones for ops that say so, as in layout[]. */
typedef struct wg_args {
    const void *const *in; /* NULL where absent or shape only                                   */
    void *out;
    const void *attrs;
    int64_t row;             /* reduce, and row blocks: values a row (a column)                   */
    int64_t step;            /* .columns                                                          */
    const int64_t *size;     /* block: what .units chose to say                                   */
    const wg_layout *layout; /* block, .strided: of the inputs, from the addresses in in[]        */
    const wg_dtype *dtype;   /* of the inputs; dtype[n] of the output                             */
    void *shared;            /* one a step, filled by .prepare; bytes from .units                 */
    void *scratch;           /* one a thread; bytes from .units                                   */
} wg_args;

/* Computes units lo..hi-1. Returns -1, or the position of the first bad value (see .explain). */
typedef int64_t (*wg_kernel)(const wg_args *a, int64_t lo, int64_t hi);

/* What .units is asked: how much work, how many numbers, how much scratch. Sizes are all known here. */
typedef struct wg_work {
    const wg_op *op;
    const void *attrs;
    const wg_type *in; /* n inputs                          */
    int n;
    wg_type out;
    const wg_layout *layout;      /* of the inputs, for .strided ops   */
    const wg_dtype *dtype;        /* of the inputs, then of the output */
    size_t width;                 /* bytes an element of the kernel's dtype */
    int64_t units, prepare_units; /* answers from here on; units counts in work of `cost` each */
    double cost;                  /* about nanoseconds a unit, one core */
    double flops;                 /* of all units, for who measures them; 0: not counted */
    int64_t size[WG_NUMBERS_MAX];
    size_t shared, scratch; /* bytes */
} wg_work;

/* Elements of a block's result: `rows` stretches of `length`, `step` apart from start to start, the first one from `first` on. */
typedef struct wg_region {
    int64_t first, length, rows, step;
    int64_t most; /* elements from the first to the last that as many units have between them, whichever they are */
} wg_region;

typedef enum wg_isa { WG_ISA_BASE, WG_ISA_AVX2, WG_ISA_AVX512, WG_ISAS } wg_isa; /* each has all that the one before it has */
const char *wg__isa_name(wg_isa isa);
bool wg__isa_here(wg_isa isa); /* whether this machine has it */
typedef const wg_kernel wg_kernels[WG_ISAS][WG_DTYPES];

/* ---- samples: what tests/test_ops.c runs -------------------------------------------------------------------------- */

/* One sample: calls in the text form. `call` is an expression over its own literals, e.g.
   "gelu([-1, 0, 2]; approximate=\"tanh\")": a bracketed list is an f64 input (nested for shape), `i64[...]` and
   `bool[...]` are those dtypes, `f64[2, 0]()` an empty one, `~[2, 3]` random normal numbers of that shape,
   `+[2, 3]` positive ones, and each is differentiated unless the sample says smooth = false. */
typedef struct wg_sample {
    const char *call;
    const char *value;   /* expected output, nested lists; NULL: checked against .define only */
    const char *grad;    /* expected gradients of sum(output) per real input, lists separated by `;` */
    const char *refused; /* not NULL: must be refused, and the message must contain this text */
    bool kink;           /* not differentiable here: value and .grad only, no finite differences */
    double ulps;         /* f32 against f64, in units of the last place of the largest |output|; 0: 8 */
} wg_sample;

/* ---- the descriptor -------------------------------------------------------------------------------------------------- */

typedef enum wg_attr_type {
    WG_A_INT,
    WG_A_SIZE,
    WG_A_REAL,
    WG_A_BOOL,
    WG_A_ENUM,
    WG_A_DTYPE,
    WG_A_INTS,
    WG_A_SHAPE,
    WG_A_DATA,
    WG_A_CALL,
    WG_A_TEXT
} wg_attr_type;

typedef struct wg_attr {
    const char *name;
    wg_attr_type type;
    uint16_t offset; /* in wg_<op>_options                                  */
    bool required;
    const char *fallback;     /* the default, as ops.def spells it                   */
    const char *const *words; /* of an enumeration, NULL at the end                  */
    double number;            /* the default as a number (int, size, real, bool, dtype) */
} wg_attr;

typedef struct wg_input_spec {
    const char *name;
    bool optional;
} wg_input_spec;

/* Which dtypes an op takes; the engine casts i32, u8 to i64 at the door where only i64 is taken. */
enum {
    WG_REALS = 1 << WG_F32 | 1 << WG_F64,
    WG_INTEGERS = 1 << WG_I64,
    WG_NUMBERS = WG_REALS | WG_INTEGERS,
    WG_BOOLS = 1 << WG_BOOL,
    WG_HALVES = 1 << WG_BF16 | 1 << WG_F16,
    WG_COMPUTED = WG_NUMBERS | 1 << WG_I32 | 1 << WG_U8 | WG_BOOLS, /* all that are more than stored */
    WG_EVERY = WG_COMPUTED | WG_HALVES                              /* what only moves values takes  */
};

struct wg_op {
    /* from the line in ops.def: WG_LINE(name) */
    const char *name, *family, *doc;
    const char *torch; /* PyTorch's name; NULL: it has none */
    const wg_input_spec *inputs;
    const wg_attr *attributes;
    int n_inputs, n_attributes; /* n_inputs counts optional ones; variadic: at least one, any number */
    bool variadic;
    uint16_t options_size; /* of wg_<op>_options   */
    uint16_t inputs_size;  /* of its tensors, which come first */

    wg_kind kind;
    wg_leaf leaf; /* of kind leaf: which */

    /* rules. Types: `takes` is the dtypes of the inputs that must agree (all but those in index, bools and shape_only);
       the result's dtype is theirs, or `gives`, unless .shape says otherwise. */
    uint32_t takes;      /* 0: WG_REALS                             */
    wg_dtype gives;      /* 0: as the inputs                        */
    uint32_t index;      /* a mask of inputs that are i64 (i32, u8 are cast)          */
    uint32_t bools;      /* a mask of inputs that are bool                            */
    uint32_t shape_only; /* a mask of inputs whose value is never read                */
    uint32_t any_dtype;  /* a mask of inputs of any dtype at all                      */
    bool (*shape)(wg_call *c);

    /* derivatives. A rule left out is made by the engine from the others where it can. */
    wg_tensor (*define)(const wg_rule *r);
    wg_tensor (*slope)(const wg_rule *r, int i); /* elementwise: dy/dx_i; of dtype bool it selects  */
    uint32_t linear;                             /* inputs in which, all taken together, the op is linear        */
    uint32_t multilinear;                        /* inputs in each of which alone the op is linear               */
    wg_tensor (*vjp)(const wg_rule *r, wg_tensor g, int i);
    wg_tensor (*jvp)(const wg_rule *r, const wg_tensor *dx); /* dx[i] WG_NONE: no tangent there                 */
    bool constant;                                           /* derivative 0 (order 0 ops: argmax, eq, ...)                  */
    bool define_when; /* with a kernel: .define may answer WG_NONE, "record the node"; asked at recording */

    /* placing: a view's layout; the axes a reduction takes; a block's units */
    bool (*view)(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset); /* false: x must be packed first */
    uint32_t (*axes)(const wg_work *w); /* reduce: mask of the axes of input 0              */
    int (*core)(const wg_work *w);      /* row block: the axis of input 0 along which it works; rows come contiguous */
    bool (*units)(wg_work *w);          /* block. false: sizes do not fit memory            */
    /* block: units from lo on, as many as the answer says, at most up to hi, write this region and nothing else, in one call */
    int64_t (*region)(const wg_work *w, int64_t lo, int64_t hi, wg_region *r);
    bool strided; /* block: reads layout[], so nothing is packed for it           */
    bool splits;  /* reduce: op of op is op, so long rows go in chunks            */

    /* what the planner may make of several at once */
    bool mark;                      /* a view: what lies between two such is computed again for the reverse sweep      */
    bool checks;                    /* a view of all of input 0, if its rule takes the shapes: what reads it may read input 0 */
    bool adds;                      /* elementwise: y = a + b; terms of a longer sum may change places, up to rounding */
    bool product;                   /* block: y = a b as NumPy's matmul, of whatever strides                           */
    int (*joins)(const wg_work *w); /* block: the inputs lie one after the other in the result, along this axis        */
    bool (*embeds)(const wg_work *w, wg_layout *y, int64_t *offset); /* block: input 0 lies so in the result, 0 elsewhere  */

    /* kernels, by instruction set and by dtype of input `key` (-1: of the output); movement by width */
    const wg_kernel (*kernel)[WG_DTYPES];
    const wg_kernel (*prepare)[WG_DTYPES];
    const wg_kernel (*columns)[WG_DTYPES]; /* reduce: along another axis than the last, read where it lies */
    int key;
    bool by_width;          /* kernels for 4, 8, 2 and 1 bytes serve all dtypes so wide     */
    const wg_op *kernel_of; /* runs with the kernels of that op                             */
    int keyed;              /* a draw: 1 + the attribute, of type size, that is the tape's count of draws when it is recorded */
    /* words what a kernel's position means: "index[3] is 9, must be in 0..1" */
    void (*explain)(const wg_work *w, const wg_args *a, int64_t position, char *why, size_t why_size);
    uint32_t fails; /* with .explain: the kernel's dtypes that may meet a bad value; 0: all */

    const wg_sample *samples; /* ends with an empty one */
};

/* Records op with options (a wg_<op>_options); what every generated public function is. */
wg_tensor wg__record(const wg_op *op, const void *options);

/* Refuses from inside .define: the message names the op that is being defined. Returns an invalid tensor. */
wg_tensor wg__reject(const wg_rule *r, wg_status s, const char *format, ...) WG_PRINTF(3, 4);

extern const wg_op *const wg__ops[]; /* sorted by name, NULL at the end: from ops.def */
const wg_op *wg__op_find(const char *name);

#include "lines.h"
#define WG_LINE(name) WG_LINE_##name

#endif
