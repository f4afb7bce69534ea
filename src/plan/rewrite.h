/* rewrite.h -- what the passes share that rewrite a program's values between layout and steps: who reads what, joints, and the order
 * of computing, of which a pass notes what goes and what comes before what, so that it is made anew once. */
#ifndef WG_PLAN_REWRITE_H
#define WG_PLAN_REWRITE_H

#include "plan/plan.h"

/* A value to be computed right before another. */
typedef struct wg_insert {
    uint32_t value, next; /* next: 1 + the one before it */
} wg_insert;

/* Terms of a sum that may be taken together: products, sums of them over their inner axes; sums over axes; pieces of a whole. */
typedef enum wg_kinship { WG_K_NONE, WG_K_PRODUCT, WG_K_SUM, WG_K_PIECE } wg_kinship;

/* Where a value lies: offset elements from the start of the outermost memory that it is a view or a part of. */
typedef struct wg_whereabouts {
    uint32_t whole;
    int64_t offset;
} wg_whereabouts;

typedef struct wg_term {
    uint32_t leaf, maker; /* what is added, and the value that it is or is a view of */
    wg_kinship kinship;
    uint32_t class;       /* of terms that are alike; 0: none are */
    int64_t key;          /* for sorting within a class */
    wg_whereabouts at[2]; /* of the maker's operands */
} wg_term;

typedef struct wg_rewrite {
    wg_plan *p;
    wg_program *g;
    size_t known;     /* values that were there before: of these we know who reads them */
    uint32_t *reads;  /* by root: edges of values that are computed which read it, itself or through a view */
    uint32_t *reader; /* the last one found */
    uint8_t *mark;    /* WG_M_... */
    uint32_t *before; /* by value: 1 + the last insert before it */
    wg_insert *insert;
    size_t inserts, insert_capacity;
    wg_term *term; /* of the sum at hand */
    size_t terms, term_capacity;
    uint32_t *add; /* and its additions */
    size_t adds, add_capacity;
} wg_rewrite;

enum {
    WG_M_FIXED = 1,  /* an output, or committed: stays a value of its own     */
    WG_M_VIEWED = 2, /* read through a view                                  */
    WG_M_GONE = 4    /* no longer computed where it was                       */
};

wg_whereabouts wg__whereabouts(const wg_program *g, uint32_t k);

/* A value like `like`, computed by op from n inputs; WG_ABSENT: no memory. Its edges are to be filled in. */
uint32_t wg__new_value(wg_program *g, uint32_t like, const wg_op *op, const wg_shape *shape, wg_role role, uint32_t n);
/* A view of whole's memory. */
uint32_t wg__new_view(wg_program *g, uint32_t like, wg_whereabouts at, const wg_layout *layout);
/* To be computed right before k, after what was inserted there before. */
bool wg__insert(wg_rewrite *r, uint32_t value, uint32_t k);

/* Read once by anything, no output, not committed. */
bool wg__read_once(const wg_rewrite *r, uint32_t k);
/* Whether value e, packed, can be computed in a joint's memory. */
bool wg__may_be_part(const wg_rewrite *r, uint32_t e);
/* Whether e shows all of a packed value, made here, as it is: which a joint could hold, if none does so yet. */
bool wg__is_whole(const wg_rewrite *r, uint32_t e);
/* Makes k, whose edges are the parts, a joint of them along its axis. Those that must stay where they are are copied, right
   before `where`. */
bool wg__join(wg_rewrite *r, uint32_t k, int axis, uint32_t where);

bool wg__stack_products(wg_rewrite *r);        /* stack.c */
bool wg__stack_sum(wg_rewrite *r, uint32_t k); /* sums.c  */

#endif
