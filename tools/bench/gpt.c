/* gpt.c -- a small GPT-2 (Radford et al. 2019) over characters: pre-norm blocks with biases, gelu by tanh, causal attention, the
 * head tied to the embedding. PyTorch's initial values. */
#include "bench.h"

enum { VOCAB = 65, BLOCK = 64, LAYERS = 4, HEADS = 4, WIDE = 128, BATCH = 12 };

static wg_tensor gelu(wg_tensor x) { return wg_gelu(x, .approximate = "tanh"); }

static wg_tensor layer_norm(wg_tensor x, const char *name)
{
    wg_tape *t = wg_tape_of(x);
    wg_scope_push(t, "%s", name);
    wg_tensor scale = wg_param(t, "weight", WG_SHAPE(WIDE), .init = {"ones"}), shift = wg_param(t, "bias", WG_SHAPE(WIDE));
    wg_scope_pop(t);
    return wg_layer_norm(x, scale, shift);
}

/* (batch, time, width) to (batch, heads, time, width of a head). */
static wg_tensor heads(wg_tensor x)
{
    return wg_transpose(wg_reshape(x, WG_SHAPE(BATCH, BLOCK, HEADS, WIDE / HEADS)), .axes = WG_INTS(0, 2, 1, 3));
}

static wg_tensor attend(wg_tensor qkv)
{
    wg_tensor q = heads(wg_slice(qkv, -1, .stop = WIDE)), k = heads(wg_slice(qkv, -1, .start = WIDE, .stop = 2 * WIDE));
    wg_tensor v = heads(wg_slice(qkv, -1, .start = 2 * WIDE));
    wg_tensor a = wg_attention(q, k, v, .causal = true);
    return wg_reshape(wg_transpose(a, .axes = WG_INTS(0, 2, 1, 3)), WG_SHAPE(BATCH, BLOCK, WIDE));
}

static wg_tensor block(wg_tensor x, int i)
{
    wg_tape *t = wg_tape_of(x);
    wg_scope_push(t, "blocks.%d", i);
    wg_tensor qkv = wg_nn_linear(layer_norm(x, "ln1"), 3 * WIDE, .name = "qkv");
    x = wg_add(x, wg_nn_linear(attend(qkv), WIDE, .name = "proj"));
    wg_tensor h = wg_nn_linear(layer_norm(x, "ln2"), 4 * WIDE, .act = gelu, .name = "fc");
    x = wg_add(x, wg_nn_linear(h, WIDE, .name = "out"));
    wg_scope_pop(t);
    return x;
}

static void *make(int threads)
{
    bench_job *j = bench_job_new(threads, BENCH_BATCHES);
    wg_tape *t = j->tape;
    wg_tensor id = bench_input(j, "x", WG_SHAPE(BATCH, BLOCK), BENCH_LABELS, VOCAB);
    wg_tensor next = bench_input(j, "y", WG_SHAPE(BATCH, BLOCK), BENCH_LABELS, VOCAB);
    wg_tensor wte = wg_param(t, "wte.weight", WG_SHAPE(VOCAB, WIDE), .init = {"normal", 0, 1});
    wg_tensor wpe = wg_param(t, "wpe.weight", WG_SHAPE(BLOCK, WIDE), .init = {"normal", 0, 1});
    wg_tensor x = wg_add(wg_embedding(wte, id), wpe);
    for (int i = 0; i < LAYERS; i++) x = block(x, i);
    wg_tensor logits = wg_linear(layer_norm(x, "lnf"), wte);
    wg_tensor loss = wg_cross_entropy(wg_reshape(logits, WG_SHAPE(-1, VOCAB)), wg_reshape(next, WG_SHAPE(-1)));
    return bench_plan(j, wg_minimize(loss, wg_adamw(.lr = 1e-3, .beta2 = 0.99, .weight_decay = 0.1)), loss);
}

#define ROWS (1.0 * BATCH * BLOCK)
#define LINEAR (6.0 * ROWS * WIDE * (3 * WIDE + WIDE + 2 * 4 * WIDE))
#define ATTENTION (2 * 6.0 * BATCH * BLOCK * BLOCK * WIDE) /* counted whole, as if the masked half were computed */

const bench_workload bench_gpt = {.name = "gpt",
                                  .what = "GPT-2 of 4 layers, 4 heads, 128 wide, 64 long, batch 12, vocabulary 65, AdamW",
                                  .unit = "ms/step",
                                  .scale = 1e3,
                                  .flops = LAYERS * (LINEAR + ATTENTION) + 6.0 * ROWS * WIDE * VOCAB,
                                  .make = make,
                                  .step = bench_step,
                                  .free = bench_free,
                                  .plan = bench_plan_of};
