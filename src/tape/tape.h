/* tape.h -- nodes in memory. A node refers to earlier nodes only, so tape order is a topological order; a node never
 * changes after it is recorded, but for its name and place. */
#ifndef WG_TAPE_TAPE_H
#define WG_TAPE_TAPE_H

#include "base/alloc.h"
#include "base/error.h"
#include "tape/op.h"

#define WG_ABSENT UINT32_MAX /* in an edge: no input here; as an index: invalid */

typedef struct wg_node {
    const wg_op *op;
    const void *attrs;     /* wg_<op>_options, tensors empty; NULL when it has no attributes */
    const wg_shape *shape; /* sizes may be symbols: see shape.h */
    const char *name;      /* the user's, scopes included, or NULL */
    const char *scope;     /* "" outside all scopes */
    const char *file;      /* NULL: not placed */
    const wg_op *via;      /* the outermost op whose definition recorded it, or NULL */
    int line;
    uint32_t edge, n; /* its inputs: tape->edge[edge .. edge + n - 1] */
    uint8_t dtype;
    bool derivative : 1; /* recorded by reverse or forward mode */
    bool reverse : 1;    /* by reverse mode, or a derivative of what was */
    bool known : 1;      /* no size of it or of its inputs is a symbol */
    bool opens : 1;      /* the first node of a call of via */
} wg_node;

/* Where and for whom nodes are being recorded: a derivative's nodes take the place and scope of the node it is of. */
typedef struct wg_place {
    const char *file, *scope;
    int line, depth; /* depth > 0: inside a rule, where wg_at is not the user's */
    const wg_op *via;
    size_t opened;   /* how many nodes there were when via was called */
    bool derivative; /* what is recorded is part of a derivative */
    bool reverse;    /* of one by reverse mode */
} wg_place;

typedef struct wg_names { /* open addressing; a key's value is a node */
    uint32_t *slot;
    size_t capacity, used;
} wg_names;

enum { WG_NUMBER_CACHE = 64 };

struct wg_tape {
    wg_params *params;
    bool owns_params, eval;
    uint32_t seed, generation;
    int threads;
    wg_node *node;
    size_t count, node_capacity;
    uint32_t *edge;
    size_t edges, edge_capacity;
    wg_stock stock; /* big blocks of this tape, its plans and their programs: they outlive a reset */
    wg_arena arena;
    wg_fault fault;
    bool fault_placed;
    size_t placed; /* nodes before this one have their place */
    wg_place place;
    wg_names names;
    int64_t fresh; /* the next fresh symbol */
    int64_t random_keys;
    uint32_t number[WG_NUMBER_CACHE];
    wg_tensor *returned;
    size_t n_returned, returned_capacity;
    uint32_t *hook; /* assigns that hang on a node */
    size_t hooks, hook_capacity;
    struct wg_plan *plans;
    void (*free_plans)(struct wg_tape *t); /* set by the first plan: tape/ knows no plan */
};

static inline uint32_t wg__index(wg_tensor x) { return (uint32_t)x.id; }
static inline const wg_node *wg__node(wg_tensor x) { return &x.tape->node[wg__index(x)]; }
static inline const uint32_t *wg__edges(const wg_tape *t, const wg_node *n) { return t->edge + n->edge; }
static inline wg_tensor wg__tensor(wg_tape *t, uint32_t index) { return (wg_tensor){t, (uint64_t)t->generation << 32 | index}; }
static inline wg_tensor wg__invalid(wg_tape *t) { return wg__tensor(t, WG_ABSENT); }
static inline bool wg__is_none(wg_tensor x) { return !x.tape; }

/* Numbers ride in handles: this tag is their "tape", the number's bits their id. Nothing is ever stored in it. */
extern const char wg__number_tag;
static inline bool wg__is_number(wg_tensor x, double *value)
{
    if (x.tape != (const wg_tape *)(uintptr_t)&wg__number_tag) return false;
    if (value) memcpy(value, &x.id, sizeof *value);
    return true;
}

/* x is a node of t that is there. */
static inline bool wg__lives(const wg_tape *t, wg_tensor x)
{
    return x.tape == t && (uint32_t)(x.id >> 32) == t->generation && wg__index(x) < t->count;
}

/* Whether op reads no more of its input i than the shape. */
static inline bool wg__shape_only(const wg_op *op, uint32_t i) { return op->shape_only >> (op->variadic ? 0 : i) & 1u; }

/* Real numbers, computed with or only stored: what derivatives pass through. */
static inline bool wg__real(unsigned d) { return (WG_REALS | WG_HALVES) >> d & 1; }

/* The tape's first error; wg_at gives it its place. Returns an invalid tensor of the tape. */
wg_tensor wg__tape_fail(wg_tape *t, wg_status s, const char *format, ...) WG_PRINTF(3, 4);
/* x is a living node of t; else the tape's error says so for `what` ("grad: y"). */
bool wg__usable(wg_tape *t, wg_tensor x, const char *what);

/* Records with explicit inputs; attrs is a wg_<op>_options whose tensors are ignored. */
wg_tensor wg__record_with(wg_tape *t, const wg_op *op, const void *attrs, const wg_tensor *in, int n);
bool wg__may_disagree(const wg_op *op, int i);                /* input i has no say in the common dtype  */
wg_dtype wg__at_the_door(const wg_op *op, int i, wg_dtype d); /* what input i of dtype d is cast to first */
wg_tensor wg__number(wg_tape *t, double value, wg_dtype dtype);
wg_place wg__enter(wg_tape *t, const wg_node *of, const wg_op *via); /* returns what wg__leave puts back */
void wg__leave(wg_tape *t, wg_place before);
wg_rule wg__rule(wg_tape *t, uint32_t index, wg_tensor *in); /* a recorded node as its rules see it; in: room for n */
/* The definition of a node as new nodes, recorded now from its inputs. */
wg_tensor wg__expand(wg_tape *t, uint32_t index);
void wg__locate(const wg_node *n, char *text, size_t size); /* "file:line: op: ", "file:line: linear: matmul: " */

/* Names. */
wg_status wg__name_node(wg_tape *t, uint32_t index, const char *full_name, size_t length);
uint32_t wg__name_find(const wg_tape *t, const char *name, size_t length);
bool wg__name_good(const char *name, size_t length);

/* Attributes, by the op's table: see attrs.c. */
void *wg__attr_field(const wg_attr *a, const void *options);
bool wg__attrs_equal(const wg_op *op, const void *a, const void *b);
uint64_t wg__attrs_hash(const wg_op *op, const void *a);
bool wg__attr_default(const wg_attr *a, const void *options);
void wg__attrs_init(const wg_op *op, void *options);                              /* every attribute at its default */
bool wg__attrs_check(const wg_op *op, void *options, char *why, size_t why_size); /* words made canonical */
const void *wg__attrs_copy(wg_tape *t, const wg_op *op, const void *options);
uint64_t wg__hash(uint64_t h, const void *bytes, size_t n);

#endif
