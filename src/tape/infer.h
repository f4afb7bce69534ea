/* infer.h -- running a shape rule. */
#ifndef WG_TAPE_INFER_H
#define WG_TAPE_INFER_H

#include "base/error.h"
#include "base/shape.h"
#include "tape/op.h"

/* Fills c->dtype and c->shape from op, attrs and in; false with c->why worded when the call makes no sense. */
bool wg__infer(wg_call *c);

#endif
