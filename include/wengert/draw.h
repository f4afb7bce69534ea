/* wengert/draw.h -- a tape as a picture, by Graphviz (E. R. Gansner and S. C. North 2000, "An open graph visualization
 * system").
 *
 *     wg_draw(tape, "model.svg");                   also .png and .pdf, through Graphviz's `dot`, and .dot without it
 *     wg_draw(tape, "model.svg", .depth = 1);       scopes inside scopes as one box each
 *     wg_draw(tape, "model.svg", .brief = true);    layers as boxes, what repeats once: a transformer on a page
 *     wg_draw(tape, "model.svg", .plan = plan);     what a plan computes, its groups framed
 *
 * Inputs, parameters, ops, losses, derivatives and effects have a colour each; a loss is a scalar that is returned, or,
 * where nothing is, that nothing else is made from. Edges carry shapes, those dotted only lend theirs. Scopes are frames;
 * a parameter stands in the frame of its name. Derivatives stand apart. Numbers are written in the ops that use them. */
#ifndef WENGERT_DRAW_H
#define WENGERT_DRAW_H

#include <wengert/plan.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wg_draw_options {
    const char *path;    /* .dot, .svg, .png or .pdf: written beside and renamed         */
    int depth;           /* scopes nested deeper than this become one box each; 0: none  */
    bool brief;          /* for a page: layers and calls of composed ops are one box each,
                            with their parameters inside, and scopes that repeat, counted
                            in their names (h.0, h.1, ...), are drawn once; .depth is 1   */
    const wg_plan *plan; /* draw what it computes; NULL: all of the tape                 */
    char *why;           /* on failure: what went wrong, in words; may be NULL           */
    size_t why_size;
} wg_draw_options;

/* WG_EMISSING: `dot` is not installed; WG_EARG: the path ends in nothing known; WG_EIO; WG_ENOMEM. */
WG_API wg_status wg_draw_create(const wg_tape *t, const wg_draw_options *o);

/* The same as DOT, to a stream; of the options depth, brief and plan count. The same tape gives the same text. */
WG_API wg_status wg_draw_dot(FILE *to, const wg_tape *t, const wg_draw_options *o);

#ifdef __cplusplus
}
#endif

#ifndef __cplusplus
#define wg_draw(t, ...) wg_draw_create((t), &(wg_draw_options){.path = __VA_ARGS__})
#endif
#endif
