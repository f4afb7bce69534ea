/* wengert.h -- all of the library, in the order of its path: declare, record, differentiate, plan, run, export. */
#ifndef WENGERT_H
#define WENGERT_H
#include <wengert/base.h>
#include <wengert/tape.h>
#include <wengert/ops.h>
#include <wengert/catalogue.h>
#include <wengert/diff.h>
#include <wengert/plan.h>
#include <wengert/gradcheck.h>
#include <wengert/draw.h>
#include <wengert/io.h>
#include <wengert/image.h>
#include <wengert/nn.h>
#endif
