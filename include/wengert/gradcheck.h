/* wengert/gradcheck.h -- is a gradient right? The check that the library's own suite uses, for models of your own.
 *
 *     wg_gradcheck_report r = wg_gradcheck(loss);
 *     if (!r.ok) puts(r.text);
 *
 * The model that leads to y is recorded again on a tape of its own, in f64, with a copy of its parameters; your tape, its
 * store and its plans are left as they are. Then, for every real input and parameter that y is computed from:
 *   - reverse mode is compared, element by element, with 5-point differences of y at several steps;
 *   - forward mode is compared with reverse mode (v . J u both ways);
 *   - order 2: the gradient of (gradient . random numbers) is compared in the same two ways.
 * A y of several elements is contracted with random numbers first. Tensors of more than 200 elements are checked in some
 * random directions and at a sample of their elements.
 *
 * An error may be 1e-9 of the largest |gradient| in that tensor, and the rounding bound of the difference itself. That is
 * no option. A gradient of zero where the difference is not zero fails, and so does the reverse; a tensor whose gradient is
 * zero on both sides is untested, and the text says so; NaN and infinity never pass. Where an element does not agree because a kink
 * (of abs, relu, max) lies inside the smallest stencil, the inputs are drawn again, at most 3 times, and the text says so.
 *
 * Inputs are drawn from the normal distribution, or within their range (wg_input_range); integers need a range, or a feed;
 * bool are drawn too. Parameters have the values that they have now. Random nodes (dropout) draw the same numbers in every
 * run. An axis WG_ANY gets size 3, each WG_DIM letter a prime of its own (or 3 as well, if the model asks that), unless a
 * feed says otherwise. */
#ifndef WENGERT_GRADCHECK_H
#define WENGERT_GRADCHECK_H

#include <wengert/tape.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wg_gradcheck_report {
    double worst;       /* the largest error seen, as a share of the largest |gradient| in its tensor         */
    double here, there; /* the two numbers it is between: the gradient's, and the difference's (forward mode's) */
    char text[1024];    /* in words: what was compared, or what failed and where                              */
    bool ok;            /* nothing failed, and something was tested                                           */
    wg_status status;   /* why the check could not be made (text says), else WG_OK                            */
    size_t tested[2];   /* by order: tensors whose gradient was compared ...                                  */
    size_t untested[2]; /* ... and tensors whose gradient is zero on both sides                               */
    size_t failed;      /* 1 when a comparison failed: the check ends there                                   */
    int redrawn;        /* times that a kink made it draw again                                               */
} wg_gradcheck_report;

/* The value that an input takes in the check; its sizes are then the input's. Borrowed for the call. f64 may feed f32. */
typedef struct wg_gradcheck_feed {
    const char *name;
    wg_array value;
} wg_gradcheck_feed;

typedef struct wg_gradcheck_options {
    wg_tensors wrt; /* inputs and parameters to check; none: every real one                               */
    int order;      /* 1 or 2 (the default)                                                               */
    uint32_t seed;  /* of what is drawn                                                                   */
    const wg_gradcheck_feed *feeds;
    size_t n_feeds;
    char last_; /* ends the macro's list                                                              */
} wg_gradcheck_options;

/* y: a real tensor. The report's text begins with the place (file:line) and name of y. */
WG_API wg_gradcheck_report wg_gradcheck(wg_tensor y);
WG_API wg_gradcheck_report wg_gradcheck_with(wg_tensor y, const wg_gradcheck_options *o);

#ifdef __cplusplus
}
#endif

#ifndef __cplusplus
/* wg_gradcheck(y), wg_gradcheck(y, .order = 1, .seed = 3) */
#define wg_gradcheck(...) WG_GRADCHECK_(__VA_ARGS__, .last_ = 0)
#define WG_GRADCHECK_(y, ...) wg_gradcheck_with((y), &(wg_gradcheck_options){.order = 2, __VA_ARGS__})
#endif
#endif
