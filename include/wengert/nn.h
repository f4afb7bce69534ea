#ifndef WENGERT_NN_H
#define WENGERT_NN_H
#endif
