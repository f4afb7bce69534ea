/* physics.c -- a network that solves a wave equation: Helmholtz's, u_xx + u_yy + k^2 u = f on the unit square, u = 0 on its edge. The
 * loss is the equation itself, so it holds second derivatives of the network, and learning takes the gradient of those: a
 * physics-informed network (Raissi, Perdikaris and Karniadakis 2019).
 *
 * usage: physics [--epochs N] [--out DIR] [--resume]
 *
 * The network never sees the solution sin(2 pi x) sin(3 pi y), from which f is made; the last line is the relative L2 distance to it on
 * a grid of 101 x 101 points. Leaves graph.svg (of the equation), curve.csv, loss.svg, model.tape and model.safetensors in the out folder. Exit
 * status: 0; 1 on an error. */
#include "example.h"

#include <math.h>

enum { POINTS = 1024, BATCHES = 100, GRID = 101 };
static const double pi = 3.14159265358979323846, wave = 4; /* k */

typedef struct model {
    wg_tape *tape;
    wg_tensor at, u, loss; /* at: points [n, 2] */
} model;

/* 16 x (1 - x) y (1 - y), which is 1 in the middle, times a network: 0 on the edge whatever it learns. */
static wg_tensor solution(wg_tensor x, wg_tensor y)
{
    wg_tensor h = wg_sub(wg_mul(wg_concat(WG_LIST(x, y), .axis = 1), wg_num(2)), wg_num(1)); /* -1 to 1 */
    for (int i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "fc%d", i + 1);
        h = wg_nn_linear(h, 64, .act = wg_tanh, .name = name, .init = {.kind = "xavier_uniform"});
    }
    wg_tensor edge = wg_mul(wg_mul(x, wg_sub(wg_num(1), x)), wg_mul(y, wg_sub(wg_num(1), y)));
    return wg_mul(wg_mul(edge, wg_num(16)), wg_nn_linear(h, 1, .name = "out"));
}

/* The second derivative of u in x: forward mode twice, each row's u depending on its own x alone. */
static wg_tensor second(wg_tensor u, wg_tensor x)
{
    wg_tensor one = wg_ones_like(x);
    return wg_jvp(wg_jvp(u, x, one), x, one);
}

static model declare(wg_params *params)
{
    model m = {.tape = wg_tape_new(.seed = 1, .params = params)};
    m.at = wg_input_range(m.tape, "at", WG_F32, WG_SHAPE(WG_ANY, 2), 0, 1);
    wg_tensor x = wg_slice(m.at, 1, .start = 0, .stop = 1), y = wg_slice(m.at, 1, .start = 1, .stop = 2);
    m.u = wg_name(solution(x, y), "u");
    wg_tensor known = wg_mul(wg_sin(wg_mul(x, wg_num(2 * pi))), wg_sin(wg_mul(y, wg_num(3 * pi))));
    wg_tensor f = wg_mul(known, wg_num(wave * wave - 13 * pi * pi));
    wg_tensor residual = wg_sub(wg_add(wg_add(second(m.u, x), second(m.u, y)), wg_mul(m.u, wg_num(wave * wave))), f);
    m.loss = wg_name(wg_mean(wg_square(wg_div(residual, wg_num(13 * pi * pi)))), "loss"); /* about 1 where nothing is learned */
    wg_return(m.tape, WG_LIST(m.u, m.loss));
    return m;
}

static wg_status draw(wg_array *batch, int n, wg_rng *r, void *user)
{
    (void)n, (void)user;
    return wg_rng_fill_uniform(r, &batch[0], 0, 1);
}

static double rate(int64_t step, int64_t steps, void *user)
{
    (void)user;
    return wg_cosine(3e-3, 1e-6, step, steps);
}

/* The distance to the solution, as a share of its own size. */
static double distance(const example *e, model m)
{
    static float at[GRID * GRID][2];
    wg_plan *p = wg_plan_new(m.u);
    wg_array u;
    double apart = 0, size = 0;
    for (int i = 0; i < GRID * GRID; i++) at[i][0] = (float)(i % GRID) / (GRID - 1), at[i][1] = (float)(i / GRID) / (GRID - 1);
    if (!p || wg_feed(p, m.at, wg_array_wrap(at, WG_F32, WG_SHAPE(GRID * GRID, 2))) || wg_run(p) || wg_read(p, m.u, &u))
        return example_fail(e, "%s", p ? wg_plan_error(p) : wg_error(m.tape)), (double)NAN;
    for (int i = 0; i < GRID * GRID; i++) {
        double known = sin(2 * pi * (double)at[i][0]) * sin(3 * pi * (double)at[i][1]), d = wg_array_at(&u, i) - known;
        apart += d * d;
        size += known * known;
    }
    return sqrt(apart / size);
}

static double train(example *e, model m, model v, wg_loader *points)
{
    wg_plan *step = wg_minimize(m.loss, wg_adam(.lr = 3e-3));
    wg_fit_options o = {.step = step, .loss = m.loss, .inputs = {&m.at, 1}, .train = points, .rate = rate};
    return example_fit(e, o) ? distance(e, v) : (double)NAN;
}

int main(int argc, char **argv)
{
    example e = {.name = "physics", .epochs = 50};
    wg_array room = {0};
    int status = example_begin(&e, argc, argv);
    if (status) return status;
    wg_loader *points = wg_array_new(&room, WG_F32, WG_SHAPE((int64_t)POINTS * BATCHES, 2))
                            ? NULL
                            : wg_loader_new(&room, .n = 1, .batch = POINTS, .seed = 1, .change = draw);
    wg_params *params = wg_params_new();
    model m = declare(params), v = declare(params); /* one to learn, one that stays as it is */
    double apart = (double)NAN;
    if (points && example_draw(&e, v.tape)) apart = train(&e, m, v, points);
    if (!(apart >= 0 && example_save(&e, v.tape) && example_result(&e, "relative L2 error %.2e", apart))) status = 1;
    wg_loader_free(points);
    wg_tape_free(m.tape);
    wg_tape_free(v.tape);
    wg_params_free(params);
    wg_array_free(&room);
    return status;
}
