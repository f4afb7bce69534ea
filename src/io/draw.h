/* draw.h -- a drawing in the making: layout of the picture (draw.c) and its ink (ink.c). */
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

void wg__ink_start(FILE *to);
void wg__ink_frame(FILE *to, const char *id, const char *title, const char *extra, bool derivative, int level); /* opens it */
void wg__ink_node(FILE *to, const wg_tape *t, uint32_t node, wg_look look, bool returned, int level);
/* A scope as one box. */
void wg__ink_box(FILE *to, uint32_t id, const char *title, uint32_t ops, uint32_t params, bool derivative, int level);
/* shape_only: the value is not read. */
void wg__ink_edge(FILE *to, uint32_t from, uint32_t into, const wg_node *value, bool shape_only, bool derivative);

#endif
