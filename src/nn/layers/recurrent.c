/* recurrent.c -- rnn, gru and lstm: steps unrolled on the tape. What the inputs give is one product for all steps; a step
 * adds what the state gives. The names, shapes and gates of the parameters are torch.nn's. */
#include "nn/layers/layer.h"

typedef struct cell {
    const char *kind;
    int64_t gates;
    /* The state after a step: in, back: what input and state give, (batch, gates * hidden). c: the LSTM's, else unused. */
    wg_tensor (*step)(wg_tensor in, wg_tensor back, wg_tensor h, wg_tensor *c, const wg_nn_recurrent_options *o);
} cell;

static wg_tensor gate(wg_tensor all, int64_t i, int64_t hidden) { return wg_slice(all, 1, .start = i * hidden, .stop = (i + 1) * hidden); }

static wg_tensor rnn_step(wg_tensor in, wg_tensor back, wg_tensor h, wg_tensor *c, const wg_nn_recurrent_options *o)
{
    (void)h, (void)c;
    wg_tensor sum = wg_add(in, back);
    return o->relu ? wg_relu(sum) : wg_tanh(sum);
}

static wg_tensor gru_step(wg_tensor in, wg_tensor back, wg_tensor h, wg_tensor *c, const wg_nn_recurrent_options *o)
{
    (void)c;
    int64_t n = o->hidden;
    wg_tensor r = wg_sigmoid(wg_add(gate(in, 0, n), gate(back, 0, n))), z = wg_sigmoid(wg_add(gate(in, 1, n), gate(back, 1, n)));
    wg_tensor new = wg_tanh(wg_add(gate(in, 2, n), wg_mul(r, gate(back, 2, n))));
    return wg_add(wg_mul(wg_sub(wg_num(1), z), new), wg_mul(z, h));
}

static wg_tensor lstm_step(wg_tensor in, wg_tensor back, wg_tensor h, wg_tensor *c, const wg_nn_recurrent_options *o)
{
    (void)h;
    int64_t n = o->hidden;
    wg_tensor all = wg_add(in, back);
    wg_tensor i = wg_sigmoid(gate(all, 0, n)), f = wg_sigmoid(gate(all, 1, n)), g = wg_tanh(gate(all, 2, n));
    *c = wg_add(wg_mul(f, *c), wg_mul(i, g));
    return wg_mul(wg_sigmoid(gate(all, 3, n)), wg_tanh(*c));
}

/* One direction of one layer. */
typedef struct direction {
    const wg__layer *l;
    const cell *cell;
    const wg_nn_recurrent_options *o;
    int64_t time;
    wg_tensor w_hh, b_hh, in; /* in: (batch, time, gates * hidden) */
    wg_tensor h, c;           /* at the start, then at the end     */
} direction;

static wg_tensor weight(const direction *d, const char *what, int64_t layer, bool reverse, wg_shape shape)
{
    char name[64];
    snprintf(name, sizeof name, "%s_l%lld%s", what, (long long)layer, reverse ? "_reverse" : "");
    return wg__layer_param(d->l, name, shape, wg__layer_uniform((double)d->o->hidden));
}

static void make_weights(direction *d, wg_tensor x, int64_t layer, bool reverse)
{
    int64_t rows = d->cell->gates * d->o->hidden;
    bool bias = !d->o->no_bias;
    wg_tensor w_ih = weight(d, "weight_ih", layer, reverse, WG_SHAPE(rows, wg_dim(x, -1)));
    d->w_hh = weight(d, "weight_hh", layer, reverse, WG_SHAPE(rows, d->o->hidden));
    wg_tensor b_ih = bias ? weight(d, "bias_ih", layer, reverse, WG_SHAPE(rows)) : WG_NONE;
    d->b_hh = bias ? weight(d, "bias_hh", layer, reverse, WG_SHAPE(rows)) : WG_NONE;
    d->in = wg_linear(x, w_ih, .bias = b_ih);
}

/* The steps, put side by side as (batch, time, hidden). */
static wg_tensor unroll(direction *d, wg_tensor *step, bool reverse)
{
    wg_tensor length = wg_ok(d->o->lengths) ? wg_unsqueeze(d->o->lengths, .axes = WG_INTS(1)) : WG_NONE;
    for (int64_t k = 0; k < d->time; k++) {
        int64_t i = reverse ? d->time - 1 - k : k;
        wg_tensor in = wg_squeeze(wg_slice(d->in, 1, .start = i, .stop = i + 1), .axes = WG_INTS(1)), c = d->c;
        wg_tensor h = d->cell->step(in, wg_linear(d->h, d->w_hh, .bias = d->b_hh), d->h, &c, d->o);
        step[i] = h;
        if (length.tape) { /* past its length an item gives 0 and its state stays */
            wg_tensor counts = wg_gt(length, wg_num((double)i));
            step[i] = wg_where(counts, h, wg_num(0));
            h = wg_where(counts, h, d->h);
            if (c.tape) c = wg_where(counts, c, d->c);
        }
        d->h = h;
        d->c = c;
    }
    return wg_stack(wg_tensors_of(step, (size_t)d->time), .axis = 1);
}

/* ---- states: (layers * directions, batch, hidden), or (batch, hidden) where there is one ------------------------------------ */

static wg_tensor state_at(const direction *d, wg_tensor all, wg_tensor x, int64_t i)
{
    if (wg_ok(all)) return wg_shape_get(all).rank == 2 ? all : wg_squeeze(wg_slice(all, 0, .start = i, .stop = i + 1), .axes = WG_INTS(0));
    /* zeros for each item of x, however many there are */
    wg_tensor item = wg_sum(wg_zeros_like(wg_slice(x, 1, .start = 0, .stop = 1)), .axes = WG_INTS(1, 2));
    wg_shape row = WG_SHAPE(1, d->o->hidden);
    return wg_add(wg_unsqueeze(item, .axes = WG_INTS(1)), wg_zeros(d->l->tape, row, .dtype = d->l->dtype));
}

static bool state_fits(const wg__layer *l, const char *what, wg_tensor s, int64_t count, int64_t hidden)
{
    if (!s.tape) return true;
    int rank = wg_shape_get(s).rank;
    bool fits = wg_ok(s) && ((rank == 2 && count == 1) || (rank == 3 && wg_dim(s, 0) == count)) && wg_dim(s, -1) == hidden;
    if (wg_ok(s) && !fits)
        wg__layer_refuse(l, "%s must be (%lld, batch, %lld)%s", what, (long long)count, (long long)hidden,
                         count == 1 ? " or (batch, the same)" : "");
    return fits;
}

static wg_tensor gathered(const wg_tensor *state, int64_t count, wg_tensor given)
{
    bool flat = count == 1 && (!wg_ok(given) || wg_shape_get(given).rank == 2);
    return flat ? state[0] : wg_stack(wg_tensors_of(state, (size_t)count), .axis = 0);
}

/* ---- layers --------------------------------------------------------------------------------------------------------------- */

typedef struct states {
    wg_tensor h0, c0, *h, *c;
} states;

enum { MOST = 64 }; /* layers times directions */

/* One layer above x; the states after it at end[0] and, of the LSTM, end[MOST]. */
static wg_tensor run_layer(direction *d, wg_tensor x, const states *s, int64_t layer, wg_tensor *step, wg_tensor *end)
{
    int64_t ways = d->o->bidirectional ? 2 : 1;
    wg_tensor y[2];
    for (int64_t way = 0; way < ways; way++) {
        int64_t i = layer * ways + way;
        make_weights(d, x, layer, way == 1);
        if (!wg_ok(d->in) || !wg_ok(d->w_hh)) return wg_ok(d->in) ? d->w_hh : d->in;
        d->h = state_at(d, s->h0, x, i);
        d->c = d->cell->step == lstm_step ? state_at(d, s->c0, x, i) : WG_NONE;
        y[way] = unroll(d, step, way == 1);
        end[i] = d->h;
        end[MOST + i] = d->c;
    }
    return ways == 2 ? wg_concat(wg_tensors_of(y, 2), .axis = -1) : y[0];
}

static wg_tensor run_layers(direction *d, wg_tensor x, const states *s, wg_tensor *step)
{
    const wg_nn_recurrent_options *o = d->o;
    int64_t layers = o->layers ? o->layers : 1, count = layers * (o->bidirectional ? 2 : 1);
    wg_tensor end[2 * MOST];
    for (int64_t i = 0; i < layers; i++) {
        if (i && o->dropout > 0) x = wg_dropout(x, .p = o->dropout);
        x = run_layer(d, x, s, i, step, end);
        if (!wg_ok(x)) return x;
    }
    if (s->h) *s->h = gathered(end, count, s->h0);
    if (s->c) *s->c = gathered(end + MOST, count, s->c0);
    return x;
}

static bool fits(const wg__layer *l, wg_tensor x, const states *s, const wg_nn_recurrent_options *o)
{
    int64_t ways = o->bidirectional ? 2 : 1, layers = o->layers ? o->layers : 1;
    bool three = wg_shape_get(x).rank == 3;
    if (!three || wg_dim(x, 1) < 1 || wg_dim(x, 2) < 0)
        return wg__layer_refuse(l, three ? "time (at least 1) and features of x must be known" : "x must be (batch, time, features)"),
               false;
    if (o->hidden < 1) return wg__layer_refuse(l, "hidden is %lld", (long long)o->hidden), false;
    if (layers < 1 || layers > MOST / ways)
        return wg__layer_refuse(l, "layers is %lld, at most %d", (long long)layers, MOST / (int)ways), false;
    return state_fits(l, "h0", s->h0, layers * ways, o->hidden) && state_fits(l, "c0", s->c0, layers * ways, o->hidden);
}

static wg_tensor layer(wg_tensor x, const states *s, const wg_nn_recurrent_options *o, const cell *kind)
{
    if (!wg_ok(x)) return x;
    wg__layer l = wg__layer_open(x, kind->kind, o->name, o->shared);
    wg_tensor invalid = wg_tape_node(l.tape, SIZE_MAX), y = invalid;
    if (s->h) *s->h = invalid;
    if (s->c) *s->c = invalid;
    if (fits(&l, x, s, o)) {
        direction d = {.l = &l, .cell = kind, .o = o, .time = wg_dim(x, 1)};
        wg_array room = {0}; /* for the handles of the steps */
        if (wg_array_new(&room, WG_U8, WG_SHAPE(d.time, (int64_t)sizeof(wg_tensor)))) y = wg_reject(l.tape, WG_ENOMEM, "out of memory");
        else y = run_layers(&d, x, s, room.data);
        wg_array_free(&room);
    }
    return wg__layer_close(&l, y, NULL);
}

wg_tensor wg_nn_rnn_create(wg_tensor x, wg_tensor h0, wg_tensor *h, const wg_nn_recurrent_options *o)
{
    static const cell rnn = {"rnn", 1, rnn_step};
    return layer(x, &(states){.h0 = h0, .h = h}, o, &rnn);
}

wg_tensor wg_nn_gru_create(wg_tensor x, wg_tensor h0, wg_tensor *h, const wg_nn_recurrent_options *o)
{
    static const cell gru = {"gru", 3, gru_step};
    return layer(x, &(states){.h0 = h0, .h = h}, o, &gru);
}

wg_tensor wg_nn_lstm_create(wg_tensor x, wg_tensor h0, wg_tensor c0, wg_tensor *h, wg_tensor *c, const wg_nn_recurrent_options *o)
{
    static const cell lstm = {"lstm", 4, lstm_step};
    return layer(x, &(states){h0, c0, h, c}, o, &lstm);
}
