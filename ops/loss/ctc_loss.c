/* ctc_loss(logp, target, input_len, target_len; blank, reduction): connectionist temporal classification, F.ctc_loss; Graves,
 * Fernandez, Gomez and Schmidhuber 2006: -log of the probability that the frames of a row spell its labels, repeats and blanks
 * left out, then its mean with each divided by its target_len (of at least 1), the sum or neither. logp, log probabilities, is
 * [T, N, C] with input_len frames of T in a row; target is [N, S] with target_len labels of S, or all rows' one after the
 * other; or [T, C], [S] and two numbers. The derivative is minus the share of the alignments at a class; torch's gradient is
 * exp(logp) more, since it presumes a log_softmax before: what gets through that is the same. A row that no alignment fits
 * gives inf, with gradient 0 (torch: NaN). A length or a label out of range fails the run, also a number of frames of 0.
 * Derivatives of order 2 and more need a number of frames that is known when they are recorded. */
#include "ops/loss/ctc.h"
#include "ops/loss/reduction.h"

static bool shape(wg_call *c)
{
    const wg_ctc_loss_options *o = c->attrs;
    const wg_shape *logp = c->in[0].shape, *target = c->in[1].shape;
    bool alone = logp->rank == 2;
    int64_t n = alone ? 1 : logp->dim[1];
    char text[128];
    if (!alone && logp->rank != 3) return wg__refuse(c, "logp is %s, must be [T,N,C] or [T,C]", wg__show_type(text, c->in[0]));
    if (alone ? target->rank != 1 : target->rank != 1 && target->rank != 2)
        return wg__ctc_disagree(c, 1, alone ? "[S] is wanted" : "[N,S] is wanted, or all labels along one axis");
    if (target->rank == 2 && !wg__same_size(c, &n, target->dim[0])) return wg__ctc_disagree(c, 1, "their batches differ");
    for (int i = 2; i < 4; i++) {
        if (c->in[i].shape->rank != !alone) return wg__ctc_disagree(c, i, alone ? "one number is wanted" : "one length a row is wanted");
        if (!alone && !wg__same_size(c, &n, c->in[i].shape->dim[0])) return wg__ctc_disagree(c, i, "their batches differ");
    }
    if (!wg__ctc_blank(c, o->blank, logp->dim[logp->rank - 1])) return false;
    c->shape = (wg_shape){{n}, !alone};
    return wg__reduced_shape(c, o->reduction);
}

/* [N, S] of labels that lie one after the other. S is their number: what is past a row's own is not read. */
static wg_tensor rows(wg_tensor target, wg_tensor length)
{
    wg_tensor each = wg_unsqueeze(length, WG_INTS(1)), first = wg_unsqueeze(wg_sub(wg_cumsum(length, 0), length), WG_INTS(1));
    wg_tensor place = wg_sub(wg_cumsum(wg_ones_like(target), 0), wg_num(1));
    wg_tensor mine = wg_lt(place, each), index = wg_where(mine, wg_add(first, place), wg_num(0));
    return wg_take(target, index);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_ctc_loss_options *o = r->attrs;
    wg_tensor logp = r->in[0], target = r->in[1], frames = r->in[2], length = r->in[3];
    bool alone = wg_shape_get(logp).rank == 2;
    if (alone) {
        logp = wg_unsqueeze(logp, WG_INTS(1));
        target = wg_unsqueeze(target, WG_INTS(0));
        frames = wg_unsqueeze(frames, WG_INTS(0));
        length = wg_unsqueeze(length, WG_INTS(0));
    } else if (wg_shape_get(target).rank == 1) {
        target = rows(target, length);
    }
    wg_tensor loss = wg_ctc_nll(logp, target, frames, length, .blank = o->blank);
    if (o->reduction[0] == 'm') loss = wg_div(loss, wg_cast(wg_maximum(length, wg_num(1)), wg_dtype_get(loss)));
    if (alone) loss = wg_squeeze(loss, .axes = WG_INTS(0));
    return wg__reduce_loss(loss, o->reduction);
}

/* Scores that several samples share, of two sequences and of three, and what two ways to write one call give. */
#define TWO_ITEMS "[[[-2.352, -1.602, -0.352], [-3.686, -0.186, -1.936]], [[-1.68, -0.68, -1.18], [-1.408, -0.408, -2.408]], " \
    "[[-0.331, -2.581, -1.581], [-3.443, -1.943, -0.193]], [[-1.433, -2.183, -0.433], [-0.811, -1.561, -1.061]]]"
#define THREE_ITEMS "[[[-1.172, -0.922, -1.922, -1.922], [-2.376, -2.126, -0.626, -1.376], [-3.827, -1.077, -0.577, -2.577]], " \
    "[[-2.175, -1.175, -2.675, -0.675], [-0.941, -3.191, -0.691, -2.691], [-2.096, -1.596, -2.096, -0.596]], " \
    "[[-2.112, -3.362, -0.862, -0.862], [-1.327, -2.327, -0.577, -2.577], [-1.385, -1.135, -4.135, -0.885]], " \
    "[[-1.496, -1.246, -4.246, -0.746], [-2.181, -1.181, -0.931, -1.681], [-2.942, -1.192, -1.942, -0.692]], " \
    "[[-1.957, -0.707, -2.707, -1.207], [-2.601, -0.601, -1.101, -3.101], [-0.537, -3.287, -2.287, -1.287]]]"
#define TWO_GRAD "[[[-0.24086752340076234, -0.7591324765992372, 0], [-0.3633052846503538, 0, -0.6366947153496464]], " \
    "[[-0.24921592555836994, -0.7507840744416299, 0], [-0.32150756756260934, 0, -0.6784924324373904]], " \
    "[[-0.9383718902826138, -0.06162810971738638, 0], [-0.08397719700975147, 0, -0.9160228029902492]], " \
    "[[-0.04185649939049285, -0.9581435006095071, 0], [0, 0, 0]]]"
#define THREE_GRAD "[[[-0.03302375456146468, -0.07808735654964638, 0, 0], [-0.0062748914091082224, 0, 0, -0.16039177525755846], " \
    "[-0.006339464122244835, 0, -0.32699386921108853, 0]], [[-0.015587853526261327, -0.07539247899611694, " \
    "-0.02013077858873285, 0], [-0.1433348519646258, 0, 0, -0.023331814702040838], [-0.16349693460554426, 0, " \
    "-0.169836398727789, 0]], [[-0.003049476776202468, -0.00010925103734359351, -0.0998788550036217, " \
    "-0.008073528293943298], [-0.12148763112797552, 0, 0, -0.04517903553869116], [0, 0, 0, 0]], " \
    "[[-0.025596082148679197, 0, -0.0020327819763146736, -0.08348224698611728], [-0.01705692329293263, 0, 0, " \
    "-0.149609743373734], [0, 0, 0, 0]], [[-0.027845372695617404, 0, 0, -0.08326573841549373], [0, 0, 0, 0], [0, " \
    "0, 0, 0]]]"

/* values and gradients: PyTorch 1.13.1 in f64, exp(logp) taken from its gradient */
static const wg_sample samples[] = {
    {.call = "ctc_loss(" TWO_ITEMS ", i64[[1, 2], [2, 1]], i64[4, 4], i64[2, 2])", .value = "1.4601132329469295",
     .grad = "[[[-0.05676170454741656, -0.19323829545258348, 0], [-0.021934479101724535, 0, -0.22806552089827528]], "
             "[[-0.04148975859668913, -0.17246019973518217, -0.03605004166812863], [-0.06019861144243656, -0.1353306019177139, "
             "-0.0544707866398494]], [[-0.16141414227266063, -0.01357273876215414, -0.07501311896518531], [-0.022240983342422027, "
             "-0.17942293090463168, -0.04833608575294637]], [[-0.03762919912198458, 0, -0.21237080087801546], "
             "[-0.13966996293579864, -0.11033003706420139, 0]]]"},
    {.call = "ctc_loss([[[-1.5, -0.5, -2]]], i64[[1]], i64[1], i64[1]; reduction=\"sum\")", .value = "0.5", .grad = "[[[0, -1, 0]]]"},
    {.call = "ctc_loss(" TWO_ITEMS ", i64[[1, 1], [2, -7]], i64[4, 3], i64[2, 1]; reduction=\"sum\")", .value = "8.07334433267122",
     .grad = TWO_GRAD},
    {.call = "ctc_loss(" TWO_ITEMS ", i64[[1, 1], [2, -7]], i64[4, 3], i64[2, 1]; reduction=\"none\")",
     .value = "[4.122491807938073, 3.9508525247331483]", .grad = TWO_GRAD},
    {.call = "ctc_loss(" TWO_ITEMS ", i32[[1, 2], [0, 99]], i32[4, 2], i32[1, 0]; blank=0)", .value = "4.18084482943366",
     .grad = "[[[-0.15031841222217915, -0.3496815877778209, 0], [-0.5, 0, 0]], [[-0.10949905589793098, -0.3905009441020693, 0], "
             "[-0.5000000000000002, 0, 0]], [[-0.4413491411789427, -0.05865085882105759, 0], [0, 0, 0]], [[-0.46233761044426874, "
             "-0.03766238955573139, 0], [0, 0, 0]]]"},
    {.call = "ctc_loss(" TWO_ITEMS ", i64[[1, 0], [0, 1]], i64[4, 4], i64[2, 2]; blank=2)", .value = "1.2417180589919072",
     .grad = "[[[0, -0.08998934213229565, -0.16001065786770427], [-0.11787350638635355, 0, -0.13212649361364642]], "
             "[[-0.01816991585978047, -0.20270175295983073, -0.02912833118038876], [-0.15362481893149693, -0.08697925176206713, "
             "-0.009395929306435919]], [[-0.22316669329566322, -0.00764857974308005, -0.019184726961256726], "
             "[-0.0052190279333053265, -0.06872176951521192, -0.1760592025514826]], [[-0.08370542446834266, 0, "
             "-0.16629457553165733], [0, -0.13922702970447123, -0.11077297029552868]]]"},
    {.call = "ctc_loss([[[0.348, -2.152, -2.152]], [[-1.369, -1.369, 0.131]], [[-0.439, -0.689, -0.689]]], i64[[1]], i64[3], "
             "i64[1]; reduction=\"none\")", .value = "[0.4355010182597804]",
     .grad = "[[[-0.9181182806585539, -0.0818817193414461, 0]], [[-0.3090375702754609, -0.690962429724539, 0]], "
             "[[-0.4179094079455766, -0.5820905920544233, 0]]]"},
    {.call = "ctc_loss(" THREE_ITEMS ", i64[[1, 2, 3], [3, 3, 0], [2, 0, 0]], i64[5, 4, 2], i64[3, 2, 1])",
     .value = "1.8152642734265285", .grad = THREE_GRAD},
    {.call = "ctc_loss(" THREE_ITEMS ", i64[1, 2, 3, 3, 3, 2], i64[5, 4, 2], i64[3, 2, 1])", .value = "1.8152642734265285",
     .grad = THREE_GRAD},
    {.call = "ctc_loss(" THREE_ITEMS ", i32[1, 2, 2], i64[5, 4, 2], i64[2, 0, 1]; reduction=\"none\")",
     .value = "[5.232158224247035, 6.825, 1.9606512512575804]",
     .grad = "[[[-0.34754721081392154, -0.6524527891860795, 0, 0], [-1.0000000000000013, 0, 0, 0], [-0.019018392366734506, 0, "
             "-0.9809816076332657, 0]], [[-0.16583012312765041, -0.7394945477600684, -0.09467532911228212, 0], [-1, 0, 0, 0], "
             "[-0.4904908038166328, 0, -0.509509196183367, 0]], [[-0.14202419425763116, -0.06111610488041167, -0.7968597008619572, "
             "0], [-0.9999999999999991, 0, 0, 0], [0, 0, 0, 0]], [[-0.8618505385216413, -0.04690202105881286, -0.09124744041954605, "
             "0], [-1, 0, 0, 0], [0, 0, 0, 0]], [[-0.809927671232293, 0, -0.19007232876770727, 0], [0, 0, 0, 0], [0, 0, 0, 0]]]"},
    {.call = "ctc_loss([[-1.2, -0.7, -1.5], [-0.9, -1.3, -1.1], [-2, -0.5, -1.4]], i64[1, 2], i64 3, i64 2)",
     .value = "0.8962742133610145",
     .grad = "[[-0.06077366326505293, -0.43922633673494715, 0], [-0.149479091243129, -0.1609724945885127, -0.18954841416835827], "
             "[-0.06716528522545884, 0, -0.4328347147745412]]"},
    {.call = "ctc_loss([[-1.2, -0.7, -1.5], [-0.9, -1.3, -1.1], [-2, -0.5, -1.4]], i64[1, 2], i64 3, i64 2; reduction=\"none\")",
     .value = "1.792548426722029",
     .grad = "[[-0.12154732653010586, -0.8784526734698943, 0], [-0.298958182486258, -0.3219449891770254, -0.37909682833671654], "
             "[-0.13433057045091767, 0, -0.8656694295490824]]"},
    {.call = "ctc_loss([[-1.2, -0.7, -1.5], [-0.9, -1.3, -1.1], [-2, -0.5, -1.4]], i64[2, 0], i64 2, i64 1; blank=1)",
     .value = "1.2026985197011013",
     .grad = "[[0, -0.5502946151303707, -0.4497053848696293], [0, -0.20244207549381482, -0.7975579245061853], [0, 0, 0]]"},
    {.call = "ctc_loss(" TWO_ITEMS ", i64[[1, 1], [2, 1]], i64[2, 4], i64[2, 2]; reduction=\"none\")",
     .value = "[inf, 3.956284026138355]",
     .grad = "[[[0, 0, 0], [-0.08773791640689814, 0, -0.9122620835931011]], [[0, 0, 0], [-0.24079444576974623, -0.5413224076708556, "
             "-0.2178831465593976]], [[0, 0, 0], [-0.08896393336968811, -0.7176917236185267, -0.1933443430117855]], [[0, 0, 0], "
             "[-0.5586798517431946, -0.44132014825680554, 0]]]", .kink = true},
    {.call = "ctc_loss([[[-inf, 0]], [[-0.5, -1]], [[0, -inf]]], i64[[1]], i64[3], i64[1])", .value = "0.025923015819893314",
     .grad = "[[[0, -1]], [[-0.6224593312018546, -0.3775406687981454]], [[-1, 0]]]", .kink = true},
    {.call = "ctc_loss(~[4, 2, 3], i64[[1, 2], [2, 0]], i64[4, 3], i64[2, 1])"},
    {.call = "ctc_loss(~[2, 1, 3], i64[[1]], i64[3], i64[1])", .refused = "input_len[0] is 3, must be in 1..2"},
    {.call = "ctc_loss(~[2, 1, 3], i64[[1]], i64[0], i64[1])", .refused = "input_len[0] is 0, must be in 1..2"},
    {.call = "ctc_loss(~[2, 1, 3], i64[[1]], i64[2], i64[2])", .refused = "target_len[0] is 2, must be in 0..1"},
    {.call = "ctc_loss(~[2, 2, 3], i64[[1, 9], [1, 3]], i64[2, 2], i64[1, 2])", .refused = "target[1,1] is 3, must be in 0..2"},
    {.call = "ctc_loss(~[2, 1, 3], i64[[-1]], i64[2], i64[1])", .refused = "target[0,0] is -1, must be in 0..2"},
    {.call = "ctc_loss(~[2, 1, 3], i64[[1]], i64[2], i64[1]; blank=3)", .refused = "blank is 3, must be below the number of classes, 3"},
    {.call = "ctc_loss(~[2, 1, 3], i64[[1]], i64[2], i64[1]; blank=-1)", .refused = "blank is -1, must be 0 or more"},
    {.call = "ctc_loss(~[2, 1, 3], i64[[1], [1]], i64[2], i64[1])", .refused = "their batches differ"},
    {.call = "ctc_loss(~[2, 1, 3], i64[[1]], i64[[2]], i64[1])", .refused = "one length a row is wanted"},
    {.call = "ctc_loss(~[2, 1, 3], [[1]], i64[2], i64[1])", .refused = "target is f64[1,1], which must be i64"},
    {.call = "ctc_loss(~[2, 1, 1, 3], i64[[1]], i64[2], i64[1])", .refused = "must be [T,N,C] or [T,C]"},
    {.call = "ctc_loss(~[2, 3], i64[[1]], i64 2, i64 1)", .refused = "[S] is wanted"},
    {.call = "ctc_loss(~[2, 3], i64[1], i64[2], i64 1)", .refused = "one number is wanted"},
    {.call = "ctc_loss(~[2, 2, 3], i64[1, 2], i64[2, 2], i64[1, 2])", .refused = "index[1,1] is 2, must be in 0..1"},
    {.call = "ctc_loss(~[2, 1, 3], i64[[1]], i64[2], i64[1]; reduction=\"max\")",
     .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {.call = "ctc_loss(i64[[[1]]], i64[[1]], i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_ctc_loss = {WG_LINE(ctc_loss), .kind = WG_BLOCK, .index = 14, .shape = shape, .define = define, .samples = samples};
