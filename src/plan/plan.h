/* plan.h -- from wanted tensors to steps over one block of memory.
 *
 * A plan has two halves. What no size can change is settled once: which nodes are needed, which are equal (select.c).
 * The rest is a program, made for the sizes that are fed and kept for the last few of them: shapes, layouts and
 * copies (layout.c), steps (group.c), memory (memory.c). Every choice is a function of graph and sizes only, never
 * of the number of threads, so neither are the bits. */
#ifndef WG_PLAN_PLAN_H
#define WG_PLAN_PLAN_H

#include "tape/tape.h"
#include <wengert/plan.h>

enum { WG_PROGRAMS = 4, WG_TILE = 1024, WG_GROUP_MAX = 48, WG_GROUP_INPUTS = 24, WG_CHUNK = 16384, WG_FEW_INPUTS = 16, WG_COLUMNS = 64 };

/* ---- settled once --------------------------------------------------------------------------------------------------- */

typedef struct wg_need {
    uint32_t node; /* on the tape                                         */
    uint32_t edge; /* its inputs, as needs: plan->edge[edge ..]; WG_ABSENT */
    bool value;    /* false: only its shape is asked for                  */
    bool again;    /* a copy, for the reverse sweep                       */
} wg_need;

typedef struct wg_feed_slot {
    uint32_t need;  /* an input */
    wg_array array; /* as fed; data NULL: not yet */
    void *staged;   /* a copy in the input's dtype, or because it was fed the plan's own output */
    size_t staged_size;
    bool from_stage; /* this run reads the copy */
    bool settled;    /* read where it is, which no run writes: until another array is fed, or the outputs move */
} wg_feed_slot;

typedef struct wg_commit {
    uint32_t param, effect; /* needs: the parameter takes the effect's value at the end of a run */
    wg_array array;         /* the parameter's, which stays where it is                          */
} wg_commit;

/* ---- a program -------------------------------------------------------------------------------------------------------- */

typedef enum wg_role {
    WG_R_SHAPE, /* no value is kept            */
    WG_R_LEAF,  /* memory of others            */
    WG_R_ALIAS, /* a layout on another's memory */
    WG_R_GROUP, /* computed in a group         */
    WG_R_STEP,  /* computed by a step of its own */
    WG_R_JOINT  /* memory that its inputs, its parts, are computed in: no step */
} wg_role;

typedef struct wg_value {
    const wg_op *op;
    const void *attrs; /* letters replaced by sizes                                     */
    const wg_shape *shape;
    const wg_layout *layout; /* NULL: packed                                                 */
    union {
        int64_t offset;    /* of aliases: elements, from the start of root's memory              */
        struct {           /* of roots */
            uint32_t last; /* the last step that reads it, while steps are made counted from the last one */
            uint32_t home; /* 1 + the parameter in whose memory it lies, committed as it is computed; 0;  */
                           /* of parts: their place in program->part                                      */
        };
    };
    uint32_t root;          /* whose memory it lies in                                       */
    uint32_t node, edge, n; /* the tape's node; inputs as values: program->edge[edge ..]     */
    uint32_t step;          /* which computes it; WG_ABSENT                                  */
    uint8_t dtype, role;
    uint8_t mask;     /* of a partial: the axes of its input that make a row            */
    bool stored : 1;  /* has memory                                                     */
    bool output : 1;  /* and memory of its own                                          */
    bool partial : 1; /* a reduction's chunks, reduced again by the value after it      */
    bool inside : 1;  /* a part of a joint                                              */
    bool again : 1;   /* computed a second time, and not to be kept company by what is not */
} wg_value;

_Static_assert(sizeof(wg_value) == 64, "the byte budget of a value: a line of the cache");

static inline uint32_t wg__home(const wg_value *v) { return v->inside ? 0 : v->home; }
static inline int64_t wg__offset(const wg_value *v) { return v->role == WG_R_ALIAS ? v->offset : 0; }

/* How a group reads an operand from outside: in place, as one number, gathered tile by tile, or where its head has just left it
   (see epilogue.c); and how it writes a result that
   does not lie packed. */
typedef enum wg_access { WG_A_DIRECT, WG_A_SCALAR, WG_A_GATHER, WG_A_SCATTER, WG_A_HEAD } wg_access;

typedef struct wg_operand {
    const wg_layout *layout; /* over the group's shape, axes that walk as one joined; NULL: packed, or one number */
    uint32_t value;
    uint8_t access;
    uint8_t slot;        /* where a scalar or gathered tile lies          */
    uint8_t first, last; /* the first and last instruction that reads it  */
} wg_operand;

/* What an instruction reads and writes: an operand of the group (0 ..), whose tile lies in its own memory, or a slot of
   the thread's scratch (WG_SLOT + i), or what the head wrote (WG_HEAD). Before slots are given out: the result of an instruction (WG_RESULT + i). */
enum { WG_SLOT = 1 << 15, WG_RESULT = WG_SLOT, WG_HEAD = (1 << 16) - 1 };

typedef struct wg_instr {
    wg_kernel kernel;
    const void *attrs;
    const wg_dtype *dtype; /* of the inputs, then of the result */
    uint32_t value;
    uint16_t in[4], out, n;
} wg_instr;

_Static_assert(WG_GROUP_MAX * 5 < 256, "slots and instructions are numbered in bytes");
_Static_assert(sizeof(wg_instr) == 40 && sizeof(wg_operand) == 16, "the byte budget of a node that is run");

typedef enum wg_step_kind { WG_S_GROUP, WG_S_ROWS, WG_S_COLUMNS, WG_S_BLOCK } wg_step_kind;

typedef struct wg_step {
    wg_step_kind kind;
    uint32_t value;      /* rows, block: what it computes; group: the last of its values  */
    uint32_t count;      /* group: its values                                             */
    wg_instr *instr;     /* group: count of them, in program->instr                       */
    wg_operand *operand; /* group: n_operands, then its stored results; rows, columns: one */
    uint32_t n_operands, n_stored, n_gathered, n_scattered;
    size_t slot_bytes;
    int64_t tile, elements; /* group                                                         */
    uint32_t head;          /* group: the block whose result it takes over, units at a time; WG_ABSENT: none */
    uint32_t over;          /* of a head without memory: in the memory of this result, which takes its place; WG_ABSENT: scratch */
    int64_t together;       /* of a head: units                                              */
    size_t head_at, own_at; /* in the scratch: what these write, if it has no memory; the head's own */
    int64_t row, chunks;    /* rows, columns: values in each; rows: pieces a long one is cut into; columns: units side by side */
    wg_work *work;          /* block: sizes                                                  */
    const void **inputs;    /* block of many inputs: room for their addresses ...            */
    struct wg_step *many;   /* ... and the next such step                                    */
    wg_kernel kernel, prepare;
    int64_t units, prepare_units;
    double cost;              /* of all units, about nanoseconds                               */
    size_t scratch;           /* bytes a thread                                                */
    size_t shared, shared_at; /* bytes for prepare's result, and where in the arena           */
    bool parallel, fails;     /* worth splitting; may find a bad index                         */
    bool waits;               /* for all threads to be done with the steps before              */
} wg_step;

typedef struct wg_list {
    uint32_t *value;
    size_t n, capacity;
} wg_list;

/* What the passes made of several values, for the printed plan. */
typedef enum wg_noted {
    WG_N_PARTS,    /* parts of a joint         */
    WG_N_PRODUCTS, /* products that are one    */
    WG_N_TERMS,    /* terms of a sum, likewise */
    WG_N_FAILS,    /* no head of the group that reads it: it may fail */
    WG_N_LONE,     /* ... which has another one                       */
    WG_N_STREAMS,  /* ... which reads or writes more arrays as large */
    WG_N_SHORT,    /* ... what it writes at a time lies in many pieces */
    WG_N_KEEPS     /* ... what it reads would be kept for too long    */
} wg_noted;

typedef struct wg_plan_note {
    wg_noted what;
    uint32_t value, count;
} wg_plan_note;

/* Where in a joint's memory a part lies. */
typedef struct wg_joint_part {
    uint32_t value, joint;
    int64_t offset; /* elements */
} wg_joint_part;

typedef struct wg_program {
    wg_arena arena;
    wg_value *value;
    size_t values, value_capacity;
    uint32_t *edge;
    size_t edges, edge_capacity;
    uint32_t *order; /* values in an order of computing, copies before what needs them */
    size_t orders, order_capacity;
    wg_instr *instr; /* of groups, step after step */
    wg_step *step;   /* in the order of running */
    wg_step *many;   /* the first block of many inputs */
    size_t steps;
    uint32_t *result;    /* values, of the plan's outputs */
    wg_list leaf;        /* values that are parameters, constants, numbers  */
    wg_list alias;       /* values that lie in the memory of others ...     */
    wg_list fed;         /* ... and those that lie in what is fed           */
    wg_list joint;       /* joints, inner ones before those that they lie in */
    wg_joint_part *part; /* in the same order */
    size_t parts, part_capacity;
    wg_plan_note *note;
    size_t notes, note_capacity;
    size_t bytes, output_bytes, scratch;
    size_t live;                 /* of bytes: what is needed at once where most is */
    void **base;                 /* by value: its address, where the plan's memory is at ... */
    char *bound, *bound_outputs; /* ... which is NULL until the first run                    */
    wg_shape *sizes;             /* of the feeds it was made for */
    uint64_t used;               /* when it was last run */
    bool any_parallel;
    bool rewritable; /* has what join.c and stack.c look for */
    size_t waits;    /* steps that wait */
} wg_program;

/* The times of the last profiled run, and the report made of them when it is asked for. */
typedef struct wg_timing {
    bool on, taken; /* runs are profiled; the last one was */
    bool reported;
    double *clock; /* by thread, step, and whether it prepares: start and end; 0, 0 where that thread had nothing to do */
    size_t clock_size;
    int threads;
    double start;    /* of the run, by the same clock */
    wg_arena report; /* of the steps, their texts and spans */
    wg_profile profile;
} wg_timing;

struct wg_plan {
    wg_tape *tape;
    wg_plan *next;
    char *name;
    uint32_t generation;
    unsigned without;
    wg_isa isa;
    int threads;
    wg_need *need;
    size_t needs;
    uint32_t *edge;
    size_t edges;
    uint32_t *output;      /* needs, in the caller's order */
    uint32_t *output_node; /* tape nodes, likewise         */
    size_t outputs;
    wg_feed_slot *feed;
    size_t feeds, feed_capacity;
    wg_commit *commit;
    size_t commits, commit_capacity;
    wg_program *program[WG_PROGRAMS], *current;
    uint64_t clock;
    char *memory, *output_memory, *scratch;
    size_t memory_size, output_size, scratch_size, scratch_each;
    int scratch_threads; /* for whom there is scratch_each */
    wg_timing timing;
    wg_fault fault;
    bool ran;     /* outputs hold a run's values */
    bool settled; /* no feed has changed since the last run: its program fits and its addresses are bound */
};

/* select.c: fills need, edge, output, feed, commit. The tape's error on failure. */
bool wg__plan_select(wg_plan *p, wg_tensors outputs);

/* recompute.c: of what lies between marks, copies for the reverse sweep. false: no memory. */
bool wg__plan_recompute(wg_plan *p);

/* program.c: the program for the sizes that are fed; the plan's error on failure. */
wg_program *wg__program_for(wg_plan *p);
void wg__program_free(wg_program *g);

/* the passes that make one, in this order */
bool wg__place(wg_plan *p, wg_program *g, uint32_t need); /* once its shape is known; inputs first. false: no memory */
bool wg__place_outputs(wg_plan *p, wg_program *g);
bool wg__program_rewrite(wg_plan *p, wg_program *g);
bool wg__program_steps(wg_plan *p, wg_program *g);
bool wg__program_memory(wg_plan *p, wg_program *g);
bool wg__program_waits(wg_plan *p, wg_program *g);

/* Whether computing v may find a bad value: an index, an integer divisor. */
bool wg__may_fail(const wg_program *g, const wg_value *v);

bool wg__note(wg_program *g, wg_noted what, uint32_t value, uint32_t count);

/* epilogue.c */
bool wg__follows(const wg_program *g, const wg_value *reader, uint32_t e); /* whether reader may be in a group that e's root is head of */
bool wg__head_is_near(const wg_program *g, const wg_value *v, uint32_t step, size_t steps);
bool wg__head_lies_well(const wg_step *block);
bool wg__make_head(wg_plan *p, wg_program *g, wg_step *step, uint32_t head);
void wg__settle_head(wg_program *g, wg_step *step, const wg_step *block);
void wg__head_over(const wg_program *g, wg_step *step, uint32_t result);
bool wg__head_reads(const wg_program *g, const wg_step *step, uint32_t root);

wg_kernel wg__kernel(const wg_plan *p, const wg_op *op, const wg_kernel (*table)[WG_DTYPES], wg_dtype d);
wg_kernel wg__kernel_of(wg_plan *p, const wg_program *g, const wg_value *v); /* NULL: the plan's error says so */
wg_dtype wg__key_dtype(const wg_program *g, const wg_value *v, int key);

/* single.c: steps of one value, step->value. false: the plan's error says why. */
bool wg__make_rows(wg_plan *p, wg_program *g, wg_step *step);
bool wg__make_block(wg_plan *p, wg_program *g, wg_step *step);

wg_layout wg__layout_of(const wg_value *v);                                   /* packed or not */
bool wg__in_order(const wg_layout *l);                                        /* whether it is that of a packed value */
wg_work wg__work_of(const wg_program *g, const wg_value *v, wg_type type[2]); /* with the first two inputs */
bool wg__packed(const wg_value *v);
/* layout over a larger shape (broadcasting), then axes that walk as one joined. */
wg_layout wg__spread(const wg_layout *x, const wg_shape *over);
wg_layout wg__joined(const wg_layout *x);
wg_status wg__plan_fail(wg_plan *p, wg_status s, const char *format, ...) WG_PRINTF(3, 4);

/* Asks for the values that v reads, some time before they are looked at: what a gradient reads was recorded long ago, and a
   branch on what memory still owes costs the processor all that it began behind it. */
static inline void wg__fetch_inputs(const wg_program *g, const wg_value *v)
{
    for (uint32_t i = 0; i < v->n; i++)
        if (g->edge[v->edge + i] != WG_ABSENT) __builtin_prefetch(&g->value[g->edge[v->edge + i]]);
}

/* The same for what a group reads and writes. */
static inline void wg__fetch_operands(const wg_program *g, const wg_step *step)
{
    uint32_t n = step->kind == WG_S_GROUP ? step->n_operands + step->n_stored : 0;
    for (uint32_t o = 0; o < n; o++) __builtin_prefetch(&g->value[step->operand[o].value]);
}

static inline const wg_node *wg__plan_node(const wg_plan *p, uint32_t need) { return &p->tape->node[p->need[need].node]; }

#endif
