/* wengert/nn.h -- what people train with, written with the public API only. Names, defaults and initialisers are PyTorch's, so that
 * weight files interchange. */
#ifndef WENGERT_NN_H
#define WENGERT_NN_H
#include <wengert/data.h>
#include <wengert/fit.h>
#include <wengert/layers.h>
#include <wengert/optim.h>
#include <wengert/schedule.h>
#endif
