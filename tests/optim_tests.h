/* optim_tests.h -- what the tests of optimisers share: golden/optim.txt, made by golden/optim.py, and the model of it. Define
 * _XOPEN_SOURCE 700 before all includes. */
#ifndef WG_TESTS_OPTIM_TESTS_H
#define WG_TESTS_OPTIM_TESTS_H

#include "with_numpy.h"
#include "nn_tests.h"

/* ---- golden numbers --------------------------------------------------------------------------------------------------- */

/* The values of one line of golden/optim.txt; exactly n of them. */
static inline void golden(const char *name, double *v, int n)
{
    char path[512], key[80], line[8192];
    const char *source = getenv("WG_SOURCE");
    snprintf(path, sizeof path, "%s/tests/golden/optim.txt", source ? source : ".");
    snprintf(key, sizeof key, "%s: ", name);
    FILE *f = open_or_fail(path, "r");
    int got = -1;
    while (got < 0 && fgets(line, sizeof line, f)) {
        if (strncmp(line, key, strlen(key)) != 0) continue;
        char *at = line + strlen(key), *end;
        for (got = 0; got < n; got++, at = end) {
            v[got] = strtod(at, &end);
            ck_assert_msg(end != at, "%s: only %d values", name, got);
        }
        ck_assert_msg(*at == '\n', "%s: more than %d values", name, n);
    }
    fclose(f);
    ck_assert_msg(got == n, "%s has no line %s", path, name);
}

static inline wg_tensor data_constant(const char *name, wg_shape shape)
{
    double v[32] = {0};
    wg_array a = wg_array_wrap(v, WG_F64, shape);
    golden(name, v, (int)wg_shape_count(shape));
    return wg_const(tape, &a);
}

static inline wg_tensor data_param(const char *name, wg_shape shape)
{
    char line[32];
    double v[32] = {0};
    wg_array a = wg_array_wrap(v, WG_F64, shape);
    snprintf(line, sizeof line, "data.%s", name);
    golden(line, v, (int)wg_shape_count(shape));
    wg_tensor p = wg_param(tape, name, shape, .dtype = WG_F64);
    ck_assert_int_eq(wg_params_set(wg_tape_params(tape), name, &a, WG_TRAINABLE), WG_OK);
    return p;
}

/* The model of golden/optim.py. */
static inline wg_tensor model(wg_tensor x, wg_tensor t)
{
    wg_tensor k = data_constant("data.k", WG_SHAPE(4)), w = data_param("w", WG_SHAPE(2, 3));
    wg_tensor b = data_param("b", WG_SHAPE(2)), u = data_param("u", WG_SHAPE(4));
    wg_tensor y = wg_tanh(wg_linear(x, w, .bias = b));
    return wg_add(wg_mse_loss(y, t), wg_mean(wg_mul(k, wg_square(wg_sub(u, wg_num(1))))));
}

static inline wg_tensor golden_loss(void)
{
    return model(data_constant("data.x", WG_SHAPE(5, 3)), data_constant("data.t", WG_SHAPE(5, 2)));
}

#endif
