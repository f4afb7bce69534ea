/* draw.h -- a drawing in the making: what it shows (draw.c), what is drawn as one (fold.c), and its ink (ink.c). */
#ifndef WG_IO_DRAW_H
#define WG_IO_DRAW_H

#include "tape/tape.h"
#include <wengert/draw.h>

/* What a node is to the eye. */
typedef enum wg_look {
    WG_LOOK_INPUT,
    WG_LOOK_PARAM,
    WG_LOOK_CONSTANT,
    WG_LOOK_OP,
    WG_LOOK_LOSS,
    WG_LOOK_DERIVATIVE,
    WG_LOOK_EFFECT,
    WG_LOOKS
} wg_look;

typedef struct item { /* what may be drawn, in the order of the picture */
    const char *scope;
    uint32_t node;
    uint32_t framed, titled; /* characters of scope that are frames; that, with what comes behind, name its box */
    bool derivative, hidden; /* hidden: drawn by another one */
} item;

typedef struct box {     /* several nodes as one */
    size_t first, count; /* its items */
    uint32_t ops, params;
    uint32_t last;     /* its last op */
    const wg_op *call; /* the op that recorded all of its ops; NULL: several did */
} box;

typedef struct frame { /* a scope's items; of a family of equal ones only the first is drawn */
    size_t first, count;
    uint32_t length, family; /* characters of the scope; the first frame of its family, itself where it is alone */
    uint32_t members;        /* of a first: how many there are */
    uint32_t last;           /* the last member */
} frame;

typedef struct edge {
    uint32_t from, into, value; /* boxes and nodes as they are drawn; the node whose value it is */
    bool shape_only, derivative;
} edge;

enum { WG_DRAW_RETURNED = 1, WG_DRAW_USED = 2, WG_DRAW_WANTED = 4 };

typedef struct drawing {
    FILE *to;
    const wg_tape *t;
    const wg_plan *plan;
    size_t depth;
    bool brief;
    bool sides; /* there are derivatives: two sides */
    item *item;
    size_t items, item_capacity;
    uint32_t *shown;    /* by node: what it is drawn as, a node or t->count + a box; WG_ABSENT: not at all */
    uint32_t *frame_of; /* by node: the frame of a family that it is in, or WG_ABSENT */
    uint8_t *flags;     /* by node: WG_DRAW_* */
    box *box;
    size_t boxes, box_capacity;
    frame *frame;
    size_t frames, frame_capacity;
    edge *edge;
    size_t edges, edge_capacity;
    wg_arena arena;
} drawing;

wg_look wg__look_of(const drawing *d, uint32_t node);

/* Sets what items are drawn as: boxes, and what repeats once. false: no memory. */
bool wg__fold(drawing *d);
/* Whether an edge from a node into one goes without saying: from one frame of a family into another, or drawn in the first. */
bool wg__folded_edge(const drawing *d, uint32_t from, uint32_t into);

void wg__ink_start(FILE *to);
void wg__ink_frame(FILE *to, const char *id, const char *title, const char *extra, bool derivative, int level); /* opens it */
void wg__ink_node(FILE *to, const wg_tape *t, uint32_t node, wg_look look, bool returned, int level);
void wg__ink_box(const drawing *d, uint32_t id, int level);
/* shape_only: the value is not read. */
void wg__ink_edge(FILE *to, uint32_t from, uint32_t into, const wg_node *value, bool shape_only, bool derivative);

#endif
