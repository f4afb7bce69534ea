/* einsum(x...; equation): the sum of products that the equation names, as torch.einsum: a letter for each axis of each tensor, a letter
 * twice in one tensor is its diagonal, a letter that is not behind "->" is summed over. "..." stands for axes that broadcast. Without
 * "->" the result has those, then the letters that stand once, in order (capitals first). Spaces do not matter; sizes of 1 broadcast.
 *
 * By definition alone: diagonals, sums, and two tensors at a time products: matmul where letters are summed over, mul where none is. The
 * order is the cheapest for the sizes that are known (one that is not counts as 100): the best of all orders up to 8 tensors, by
 * subsets (Pfeifer, Haegeman and Verstraete 2014); of more, the cheapest pairs first. */
#include "ops/linalg/formula.h"

static bool shape(wg_call *c)
{
    const wg_einsum_options *o = c->attrs;
    wg_formula f;
    if (!wg__formula(c, o->equation, &f)) return false;
    c->shape.rank = f.out.rank;
    for (int i = 0; i < f.out.rank; i++) c->shape.dim[i] = f.size[f.out.label[i]];
    return true;
}

/* ---- one tensor ------------------------------------------------------------------------------------------------------ */

/* A tensor and the labels of its axes. */
typedef struct factor {
    wg_tensor x;
    wg_labels l;
    uint64_t set;
} factor;

static void drop(wg_labels *l, int axis)
{
    l->rank--;
    for (int i = axis; i < l->rank; i++) l->label[i] = l->label[i + 1];
}

static int find(const wg_labels *l, int label)
{
    for (int i = 0; i < l->rank; i++)
        if (l->label[i] == label) return i;
    return -1;
}

/* The diagonal of axes i < j as the last axis. Sizes that are not known yet must agree when run: a view there and one back refuse. */
static void diagonal(factor *f, int i, int j)
{
    uint8_t label = f->l.label[i];
    wg_tensor x = f->x, d = wg_diagonal(x, .axis1 = i, .axis2 = j);
    if (!wg__known(wg_dim(x, i)) || !wg__known(wg_dim(x, j))) {
        d = wg_reshape_like(wg_reshape_like(d, wg_sum(x, .axes = WG_INTS(i))), d);
        d = wg_reshape_like(wg_reshape_like(d, wg_sum(x, .axes = WG_INTS(j))), d);
    }
    f->x = d;
    drop(&f->l, j);
    drop(&f->l, i);
    f->l.label[f->l.rank++] = label;
}

static void take_diagonals(factor *f)
{
    for (int j = 1; j < f->l.rank; j++) {
        int i = find(&f->l, f->l.label[j]);
        if (i == j) continue;
        diagonal(f, i, j);
        j = 0;
    }
}

/* Without the axes of `gone`, which are summed over (or of size 1). */
static void sum_over(factor *f, uint64_t gone)
{
    wg_ints axes = {.n = 0};
    if (!(f->set & gone)) return;
    for (int i = 0; i < f->l.rank; i++)
        if (gone >> f->l.label[i] & 1) axes.v[axes.n++] = i;
    f->x = wg_sum(f->x, .axes = axes);
    for (int i = axes.n - 1; i >= 0; i--) drop(&f->l, (int)axes.v[i]);
    f->set &= ~gone;
}

/* The axes in the order of `to`, which has all of them; size 1 where it has more. */
static wg_tensor arranged(const factor *f, const wg_labels *to)
{
    wg_ints axes = {.n = 0}, more = {.n = 0};
    bool moved = false;
    for (int i = 0; i < to->rank; i++) {
        int axis = find(&f->l, to->label[i]);
        if (axis < 0) {
            more.v[more.n++] = i;
        } else {
            moved |= axis != axes.n;
            axes.v[axes.n++] = axis;
        }
    }
    wg_tensor y = moved ? wg_transpose(f->x, .axes = axes) : f->x;
    return more.n ? wg_unsqueeze(y, more) : y;
}

/* ---- two tensors ------------------------------------------------------------------------------------------------------- */

/* The labels of `set`, in the order that f has them, behind what `to` has. */
static int append(wg_labels *to, const factor *f, uint64_t set)
{
    int n = 0;
    for (int i = 0; i < f->l.rank; i++)
        if (set >> f->l.label[i] & 1 && to->rank < WG_MAX_RANK) to->label[to->rank++] = f->l.label[i], n++;
    return n;
}

/* n axes from `at` on as one: a new one where there is none. */
static wg_tensor as_one(wg_tensor x, int at, int n)
{
    if (n == 0) return wg_unsqueeze(x, WG_INTS(at));
    return n == 1 ? x : wg_flatten(x, .start = at, .end = at + n - 1);
}

/* y, [batch, rows as one, columns as one], with the axes of the two factors again. */
static wg_tensor spread(wg_tensor y, const factor *a, const factor *b, const wg_labels *to, int batch, int rows, int columns)
{
    if (columns == 0) y = wg_squeeze(y, .axes = WG_INTS(-1));
    if (rows == 0) y = wg_squeeze(y, .axes = WG_INTS(batch));
    if (rows < 2 && columns < 2) return y;
    return wg_reshape_like(y, wg_mul(arranged(a, to), arranged(b, to))); /* which nothing computes */
}

/* a in the order of `to`, with the axes of `gone` as long as b's where they may turn out to be 1: a view of a, and what it takes its
 * sizes from is not computed. Numbers that differ are gone already, see drop_ones. */
static wg_tensor as_long(const factor *a, factor b, uint64_t gone, const wg_labels *to)
{
    wg_tensor y = arranged(a, to);
    bool open = false;
    for (int i = 0; i < a->l.rank; i++) {
        int64_t size = wg_dim(a->x, i);
        if (gone >> a->l.label[i] & 1) open |= size == WG_ANY || (!wg__known(size) && size != wg_dim(b.x, find(&b.l, a->l.label[i])));
    }
    if (!open) return y;
    sum_over(&b, ~gone);
    return wg_expand_like(y, wg_mul(y, arranged(&b, to)));
}

/* Sums over `gone`, which both have, as one product of matrices for each item of `both`. */
static wg_tensor matrices(factor a, factor b, uint64_t both, uint64_t gone, const wg_labels *to)
{
    wg_labels la = {.rank = 0}, lb = {.rank = 0};
    int batch = append(&la, &a, both), rows = append(&la, &a, a.set & ~both & ~gone), inner = append(&la, &a, gone);
    append(&lb, &a, both);
    append(&lb, &a, gone);
    int columns = append(&lb, &b, b.set & ~both & ~gone);
    wg_tensor left = as_one(as_one(as_long(&a, b, gone, &la), batch + rows, inner), batch, rows);
    wg_tensor right = as_one(as_one(as_long(&b, a, gone, &lb), batch + inner, columns), batch, inner);
    wg_tensor y = wg_matmul(left, right);
    sum_over(&a, gone);
    sum_over(&b, gone);
    return spread(y, &a, &b, to, batch, rows, columns);
}

/* Their product, summed over what they share and `keep` has not. */
static factor multiply(const wg_rule *r, factor a, factor b, uint64_t keep)
{
    uint64_t shared = a.set & b.set, gone = shared & ~keep, both = shared & keep;
    factor y = {.set = (a.set | b.set) & ~gone};
    if (__builtin_popcountll(a.set | b.set) > WG_MAX_RANK && !gone) {
        y.x = wg__reject(r, WG_ESHAPE, "a product on the way would have more than %d axes", WG_MAX_RANK);
        return y;
    }
    append(&y.l, &a, both);
    append(&y.l, &a, a.set & ~shared);
    append(&y.l, &b, b.set & ~shared);
    if (gone && (y.set & ~both)) {
        y.x = matrices(a, b, both, gone, &y.l);
        return y;
    }
    append(&y.l, &a, gone);
    y.x = wg_mul(arranged(&a, &y.l), arranged(&b, &y.l));
    y.set |= gone;
    sum_over(&y, gone);
    return y;
}

/* ---- the order ---------------------------------------------------------------------------------------------------------- */

enum { BEST = 8 };

static double elements(const wg_formula *f, uint64_t set)
{
    double n = 1;
    for (int i = 0; i < WG_LABELS; i++)
        if (set >> i & 1) n *= wg__known(f->size[i]) ? (double)f->size[i] : 100;
    return n;
}

/* What of the labels of the factors in `inside` is still needed when they are multiplied: by the result, or by another factor. */
static uint64_t needed(const factor *x, int n, uint32_t inside, uint64_t out)
{
    for (int i = 0; i < n; i++)
        if (!(inside >> i & 1)) out |= x[i].set;
    return out;
}

/* For each subset of n <= BEST factors the cheaper part of it that is multiplied first. */
static void find_order(const wg_formula *f, const factor *x, int n, uint64_t out, uint8_t part[1 << BEST])
{
    double cost[1 << BEST] = {0};
    uint64_t has[1 << BEST] = {0};
    for (uint32_t s = 1; s < 1u << n; s++) {
        uint64_t all = 0;
        for (int i = 0; i < n; i++) all |= s >> i & 1 ? x[i].set : 0;
        has[s] = s & (s - 1) ? all & needed(x, n, s, out) : all;
        if (!(s & (s - 1))) continue;
        cost[s] = (double)INFINITY;
        for (uint32_t a = (s - 1) & s; a; a = (a - 1) & s) {
            uint32_t b = s & ~a;
            double c = cost[a] + cost[b] + elements(f, has[a] | has[b]);
            if (a & (s & -s) && !(c >= cost[s])) cost[s] = c, part[s] = (uint8_t)a;
        }
        if (isinf(cost[s])) part[s] = (uint8_t)(s & -s);
    }
}

static factor product(const wg_rule *r, const factor *x, int n, uint32_t s, uint64_t out, const uint8_t *part)
{
    if (!(s & (s - 1))) return x[__builtin_ctz(s)];
    factor a = product(r, x, n, part[s], out, part), b = product(r, x, n, s & ~(uint32_t)part[s], out, part);
    return multiply(r, a, b, needed(x, n, s, out));
}

/* Multiplies the cheapest pair of n > BEST. */
static void merge(const wg_rule *r, const wg_formula *f, factor *x, int n, uint64_t out)
{
    int a = 0, b = 1;
    double least = (double)INFINITY;
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            double cost = elements(f, x[i].set | x[j].set);
            if (cost < least) least = cost, a = i, b = j;
        }
    x[a] = multiply(r, x[a], x[b], needed(x, n, 1u << a | 1u << b, out));
    for (int i = b; i + 1 < n; i++) x[i] = x[i + 1];
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------ */

/* Axes of size 1 where another factor has the letter too: they broadcast, so they are left out. */
static void drop_ones(const wg_formula *f, factor *x, int n)
{
    for (int k = 0; k < n; k++) {
        uint64_t gone = 0;
        for (int i = 0; i < x[k].l.rank; i++) {
            uint64_t bit = (uint64_t)1 << x[k].l.label[i], earlier = 0;
            for (int j = 0; j < k; j++) earlier |= x[j].set;
            if (wg_dim(x[k].x, i) == 1 && (f->size[x[k].l.label[i]] != 1 || earlier & bit)) gone |= bit;
        }
        if (gone) {
            wg_ints axes = {.n = 0};
            for (int i = 0; i < x[k].l.rank; i++)
                if (gone >> x[k].l.label[i] & 1) axes.v[axes.n++] = i;
            x[k].x = wg_squeeze(x[k].x, .axes = axes);
            for (int i = axes.n - 1; i >= 0; i--) drop(&x[k].l, (int)axes.v[i]);
            x[k].set &= ~gone;
        }
    }
}

static wg_tensor define(const wg_rule *r)
{
    const wg_einsum_options *o = r->attrs;
    wg_formula f;
    factor x[WG_TERMS];
    uint8_t part[1 << BEST] = {0};
    uint64_t out = 0;
    int n = r->n;
    if (!wg__formula_of(r, o->equation, &f)) return wg__reject(r, WG_EARG, "its equation does not fit");
    for (int i = 0; i < f.out.rank; i++) out |= (uint64_t)1 << f.out.label[i];
    for (int k = 0; k < n; k++) {
        x[k] = (factor){.x = r->in[k], .l = f.term[k]};
        for (int i = 0; i < x[k].l.rank; i++) x[k].set |= (uint64_t)1 << x[k].l.label[i];
        take_diagonals(&x[k]);
    }
    drop_ones(&f, x, n);
    for (int k = 0; k < n; k++) sum_over(&x[k], ~needed(x, n, 1u << k, out));
    for (; n > BEST; n--) merge(r, &f, x, n, out);
    find_order(&f, x, n, out, part);
    factor y = product(r, x, n, (1u << n) - 1, out, part);
    return wg_ok(y.x) ? arranged(&y, &f.out) : y.x;
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "einsum([[1, 2], [3, 4]], [[5, 6], [7, 8]]; equation=\"ij,jk->ik\")", .value = "[[19, 22], [43, 50]]",
     .grad = "[[11, 15], [11, 15]]; [[4, 4], [6, 6]]"},
    {.call = "einsum([[1, 2], [3, 4]], [[5, 6], [7, 8]]; equation=\" i j , j k -> k i \")", .value = "[[19, 43], [22, 50]]",
     .grad = "[[11, 15], [11, 15]]; [[4, 4], [6, 6]]"},
    {.call = "einsum([[1, 2], [3, 4]], [[5, 6], [7, 8]]; equation=\"ij,jk\")", .value = "[[19, 22], [43, 50]]",
     .grad = "[[11, 15], [11, 15]]; [[4, 4], [6, 6]]"},
    {.call = "einsum([[1, 2, 3], [4, 5, 6]]; equation=\"ba\")", .value = "[[1, 4], [2, 5], [3, 6]]", .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {.call = "einsum([[1, 2, 3], [4, 5, 6]]; equation=\"ij->\")", .value = "21", .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {.call = "einsum([[1, 2, 3], [4, 5, 6]]; equation=\"ij->j\")", .value = "[5, 7, 9]", .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {.call = "einsum([[1, 2], [3, 4]]; equation=\"ii\")", .value = "5", .grad = "[[1, 0], [0, 1]]"},
    {.call = "einsum([[1, 2], [3, 4]]; equation=\"ii->i\")", .value = "[1, 4]", .grad = "[[1, 0], [0, 1]]"},
    {.call = "einsum([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]; equation=\"iii->i\")", .value = "[1, 8]",
     .grad = "[[[1, 0], [0, 0]], [[0, 0], [0, 1]]]"},
    {.call = "einsum([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]; equation=\"iji->j\")", .value = "[7, 11]",
     .grad = "[[[1, 0], [1, 0]], [[0, 1], [0, 1]]]"},
    {.call = "einsum([1, 2, 3], [4, 5, 6]; equation=\"i,i->\")", .value = "32", .grad = "[4, 5, 6]; [1, 2, 3]"},
    {.call = "einsum([1, 2, 3], [4, 5, 6]; equation=\"i,i->i\")", .value = "[4, 10, 18]", .grad = "[4, 5, 6]; [1, 2, 3]"},
    {.call = "einsum([1, 2], [3, 4, 5]; equation=\"i,j->ij\")", .value = "[[3, 4, 5], [6, 8, 10]]", .grad = "[12, 12]; [3, 3, 3]"},
    {.call = "einsum([1, 2], [3, 4, 5]; equation=\"i,j->\")", .value = "36", .grad = "[12, 12]; [3, 3, 3]"},
    {.call = "einsum([1, 2], [3, 4, 5]; equation=\"i,j->ji\")", .value = "[[3, 6], [4, 8], [5, 10]]", .grad = "[12, 12]; [3, 3, 3]"},
    {.call = "einsum([[1, 2], [3, 4]], [1, -1]; equation=\"ij,j->i\")", .value = "[-1, -1]", .grad = "[[1, -1], [1, -1]]; [4, 6]"},
    {.call = "einsum([[1, 2], [3, 4]], [1, -1]; equation=\"ij,i->j\")", .value = "[-2, -2]", .grad = "[[1, 1], [-1, -1]]; [3, 7]"},
    {.call = "einsum([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [[1, 2], [3, 4]]; equation=\"bij,bj->bi\")", .value = "[[5, 11], [39, 53]]",
     .grad = "[[[1, 2], [1, 2]], [[3, 4], [3, 4]]]; [[4, 6], [12, 14]]"},
    {.call = "einsum([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [[1, 2], [3, 4]]; equation=\"...ij,jk->...ik\")",
     .value = "[[[7, 10], [15, 22]], [[23, 34], [31, 46]]]", .grad = "[[[3, 7], [3, 7]], [[3, 7], [3, 7]]]; [[16, 16], [20, 20]]"},
    {.call = "einsum([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [[1, 2], [3, 4]]; equation=\"...ij,...j->...i\")",
     .value = "[[5, 11], [39, 53]]", .grad = "[[[1, 2], [1, 2]], [[3, 4], [3, 4]]]; [[4, 6], [12, 14]]"},
    {.call = "einsum([[[1, 2]], [[3, 4]]], [[[1, 0], [2, 1]]]; equation=\"...i,...i->...\")", .value = "[[1, 4], [3, 10]]",
     .grad = "[[[3, 1]], [[3, 1]]]; [[[4, 6], [4, 6]]]"},
    {.call = "einsum([[1, 2], [3, 4]], [1, 2]; equation=\"i...,i->i\")", .value = "[3, 14]", .grad = "[[1, 1], [2, 2]]; [3, 7]"},
    {.call = "einsum([[1], [3]], [[5, 6, 7], [7, 8, 9]]; equation=\"ij,jk->ik\")", .value = "[[12, 14, 16], [36, 42, 48]]",
     .grad = "[[42], [42]]; [[4, 4, 4], [4, 4, 4]]"},
    {.call = "einsum([[1, 2], [3, 4]], [[5, 6]]; equation=\"ij,ij->ij\")", .value = "[[5, 12], [15, 24]]",
     .grad = "[[5, 6], [5, 6]]; [[4, 6]]"},
    {.call = "einsum([[1]], [[2]]; equation=\"ij,ij->ij\")", .value = "[[2]]", .grad = "[[2]]; [[1]]"},
    {.call = "einsum([[1, 2], [3, 4]], [[5, 6], [7, 8]], [1, -1]; equation=\"ij,jk,k->i\")", .value = "[-3, -7]",
     .grad = "[[-1, -1], [-1, -1]]; [[4, -4], [6, -6]]; [62, 72]"},
    {.call = "einsum([1, 2], [3, 4], [[[1, 2], [3, 4]], [[0, 1], [1, 0]]]; equation=\"i,j,oij->o\")", .value = "[61, 10]",
     .grad = "[15, 28]; [9, 11]; [[[3, 4], [6, 8]], [[3, 4], [6, 8]]]"},
    {.call = "einsum([[1, 2], [3, 4]], [[5, 6], [7, 8]]; equation=\"bA,Ac->Acb\")", .value = "[[[5, 15], [6, 18]], [[14, 28], [16, 32]]]",
     .grad = "[[11, 15], [11, 15]]; [[4, 4], [6, 6]]"},
    {.call = "einsum(f64[2, 0](), f64[0, 3](); equation=\"ij,jk->ik\")", .value = "[[0, 0, 0], [0, 0, 0]]"},
    {.call = "einsum(f64[0, 2](), [[1, 2], [3, 4]]; equation=\"ij,jk->ik\")", .value = "f64[0, 2]()"},
    {.call = "einsum(i64[[1, 2], [3, 4]], i64[[5, 6], [7, 8]]; equation=\"ij,jk->ik\")", .value = "i64[[19, 22], [43, 50]]"},
    {.call = "einsum(~[2, 3, 4], ~[4, 3, 5]; equation=\"bij,jik->bk\")", .ulps = 32},
    {.call = "einsum(~[2, 3, 2, 2], ~[2, 2, 3, 2]; equation=\"abcd,cebd->aeb\")", .ulps = 32},
    {.call = "einsum(~[2, 3], ~[3, 4], ~[4, 2], ~[2, 5]; equation=\"ij,jk,kl,lm->im\")", .ulps = 64},
    {.call = "einsum(~[3], ~[3], ~[3], ~[3], ~[2], ~[2], ~[2], ~[2], ~[2], ~[3]; equation=\"a,a,a,a,b,b,b,b,b,a->ab\")"},
    {.call = "einsum(~[2, 1, 2, 1, 2, 1, 1, 1]; equation=\"abcdafgh->bcdfgh\")"},
    {.call = "einsum([[1, 2]], [[1], [2], [3]]; equation=\"ij,jk->ik\")", .refused = "j is 3 in tensor 1, and 2 before"},
    {.call = "einsum([[1, 2]]; equation=\"i->i\")", .refused = "tensor 0 is f64[1,2], which has 2 axes, not 1"},
    {.call = "einsum([[1, 2]]; equation=\"ZZ->Z\")", .refused = "Z is 1 and 2 in tensor 0"},
    {.call = "einsum([[1, 2]]; equation=\"ii->i\")", .refused = "i is 1 and 2 in tensor 0"},
    {.call = "einsum([[1, 2]]; equation=\"ij->ik\")", .refused = "k is in no tensor"},
    {.call = "einsum([[1, 2]]; equation=\"ij->ii\")", .refused = "i stands twice"},
    {.call = "einsum([[1, 2]]; equation=\"ij,jk->ik\")", .refused = "2 terms for 1 tensors"},
    {.call = "einsum([[1, 2]], [[1, 2]]; equation=\"ij->ij\")", .refused = "1 terms for 2 tensors"},
    {.call = "einsum([[1, 2]]; equation=\"i1->i\")", .refused = "cannot be read at \"1->i\""},
    {.call = "einsum([[1, 2]]; equation=\"ij-i\")", .refused = "cannot be read at \"-i\""},
    {.call = "einsum([[1, 2]]; equation=\"i..->i\")", .refused = "cannot be read at \"..->i\""},
    {.call = "einsum([[1, 2]]; equation=\"...i...->i\")", .refused = "two times ..."},
    {.call = "einsum([1]; equation=\"...ij->i\")", .refused = "tensor 0 is f64[1], which has 1 axes, not 2 or more"},
    {.call = "einsum([1])", .refused = "equation is missing"},
    {.call = "einsum([1], i64[1]; equation=\"i,i->i\")", .refused = "cast one"},
    {0}};

const wg_op wg_op_einsum = {WG_LINE(einsum), .kind = WG_BLOCK, .takes = WG_NUMBERS, .shape = shape, .define = define, .samples = samples};
