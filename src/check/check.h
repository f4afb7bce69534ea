/* check.h -- the parts of wg_gradcheck: the private model (model.c), differences (stencil.c), one function against its
 * gradient (compare.c). */
#ifndef WG_CHECK_CHECK_H
#define WG_CHECK_CHECK_H

#include "tape/tape.h"
#include <wengert/gradcheck.h>
#include <wengert/plan.h>

/* An input of the private tape: it stands for an input or a parameter of the model, or for random numbers of the check. */
typedef struct wg_check_leaf {
    wg_tensor x;
    const char *name;
    wg_array value;   /* owned; what x is fed, changed in place */
    double low, high; /* range to draw from; both 0: none given */
    bool drawn, checked;
} wg_check_leaf;

typedef struct wg_check_model {
    wg_tape *tape;
    wg_tensor y;
    wg_check_leaf *leaf;
    size_t n, capacity;
    wg_rng *rng;
    bool drawn; /* some leaf can be drawn again */
} wg_check_model;

/* False: r->status and r->text say why; the model can be freed all the same. */
bool wg__check_model_new(wg_check_model *m, wg_tensor y, const wg_gradcheck_options *o, wg_gradcheck_report *r);
/* One node of a model as a model: its inputs are leaves with the values that they have in the other. */
bool wg__check_model_node(wg_check_model *m, const wg_check_model *of, uint32_t node, wg_gradcheck_report *r);
void wg__check_model_free(wg_check_model *m);
void wg__check_draw(wg_check_model *m);
void wg__check_normal(wg_check_model *m, wg_array *a);
/* Another leaf, f64 and of that shape, zeros at first. NULL: r says why. */
wg_check_leaf *wg__check_leaf_add(wg_check_model *m, const char *name, wg_shape shape, wg_gradcheck_report *r);
/* A plan of those outputs, all leaves fed. NULL: r says why. */
wg_plan *wg__check_plan(const wg_check_model *m, const wg_tensor *out, size_t n, wg_gradcheck_report *r);

/* The function that is differenced: the sum over k of weight[k] . out[k]. */
typedef struct wg_check_sum {
    wg_plan *plan;
    const wg_tensor *out;
    const wg_array *const *weight;
    size_t n;
} wg_check_sum;

/* A line through the values of a leaf: along an axis (`along` NULL), or along a direction. */
typedef struct wg_check_line {
    double *x;
    const double *along, *base; /* base: a copy of x, for a direction */
    int64_t n, element;
} wg_check_line;

typedef struct wg_check_difference {
    double slope;  /* by the 5-point formula; NaN where the function is not finite */
    double bound;  /* what rounding can do to it */
    double spread; /* between the slopes on the parts of the stencil: a kink keeps it large for small steps */
    double h;
} wg_check_difference;

/* rounding: sum of |x g| along the line, which the rounding of x itself acts on. False: the run failed. */
bool wg__check_difference(const wg_check_sum *f, const wg_check_line *l, double h, double rounding, wg_check_difference *d);
bool wg__check_value(const wg_check_sum *f, double *value, double *scale);

typedef enum wg_check_verdict { WG_AGREES, WG_DIFFERS, WG_KINK, WG_STUCK } wg_check_verdict;

/* f's slope along l against g. largest: the largest |gradient| in the tensor. best: the difference that agrees best. */
wg_check_verdict wg__check_slope(const wg_check_sum *f, const wg_check_line *l, double g, double largest, double rounding,
                                 wg_check_difference *best, bool *resolved);

/* The whole check of a model, up to `order`, drawing again where kinks ask for it. */
wg_check_verdict wg__check_model(wg_check_model *m, int order, wg_gradcheck_report *r);

#endif
