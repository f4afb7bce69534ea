/* where(cond, a, b): a where cond, else b, with NumPy's broadcasting. The derivative goes to the one chosen; the other's is 0
 * whatever it holds: the slopes select. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return i == 1 ? r->in[0] : wg_eq(r->in[0], wg_num(0)); /* cond, and not cond */
}

static const wg_sample samples[] = {
    {.call = "where(bool[true, false, true], [1, 2, 3], [-1, -2, -3])", .value = "[1, -2, 3]", .grad = "[1, 0, 1]; [0, 1, 0]"},
    {.call = "where(bool[true, false], [1, nan], [inf, 2])", .value = "[1, 2]", .grad = "[1, 0]; [0, 1]", .kink = true},
    {.call = "where(bool[true, false], i64[9007199254740993, 2], i64[3, -4])", .value = "i64[9007199254740993, -4]"},
    {.call = "where(bool[true, false], i32[1, 2], i32[3, 4])", .value = "i32[1, 4]"},
    {.call = "where(bool[true, false], u8[1, 2], u8[3, 4])", .value = "u8[1, 4]"},
    {.call = "where(bool[true, false], bool[false, true], bool[true, false])", .value = "bool[false, false]"},
    {.call = "where(bool[[true], [false]], [1, 2], 0.5)", .value = "[[1, 2], [0.5, 0.5]]"},
    {.call = "where(bool[true, false], ~[3, 1], ~[1, 2])"},
    {.call = "where(bool[[true, false, true]], ~[2, 1], ~[3])"},
    {.call = "where(bool[true], f64[0, 1](), [1, 2])", .value = "f64[0, 2]()", .grad = "f64[0, 1](); [0, 0]"},
    {.call = "where([1, 0], [1, 2], [3, 4])", .refused = "must be bool"},
    {.call = "where(bool[true], [1], i64[1])", .refused = "cast one to the other's dtype"},
    {.call = "where(bool[true, false], [1, 2, 3], [1])", .refused = "do not broadcast"},
    {0}};

#define WG_OVER WG_OVER_WIDTHS
#include "tape/instances.h"

const wg_op wg_op_where = {WG_LINE(where), .kind = WG_ELEMENTWISE, .takes = WG_EVERY, .bools = 1, .slope = slope, .key = 1,
                           .by_width = true, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const uint8_t *cond = a->in[0];
    const T *x = a->in[1], *z = a->in[2];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) {
        T p = x[i], q = z[i]; /* both are read, so that no load hangs on cond */
        y[i] = cond[i] ? p : q;
    }
    return -1;
}
#endif
