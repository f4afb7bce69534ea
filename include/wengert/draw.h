#ifndef WENGERT_draw_H
#define WENGERT_draw_H
#endif
