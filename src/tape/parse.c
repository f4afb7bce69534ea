/* parse.c -- the text form read: each line is recorded as the call that it is, by the registry, so that a text can say
 * nothing that a program could not. A stranger's text is only data: nothing recurses on its length, nested calls are at
 * most 64 deep, nothing is allocated that the text is not long enough for.
 *
 *     line   = name "=" value [":" type] | "return" name {"," name} | "tape" {word "=" value}
 *     value  = op "(" [input {"," input}] [";" attribute {"," attribute}] ")" | literal
 *     input  = name | number | "_" | value
 *     literal = [dtype] list | [dtype] real | dtype list "()"      f64 where no dtype is said and no type follows
 *     number = real | dtype "(" real ")"            the second is not weak
 *
 * Calls and literals inside calls are what people and tests write; wg_print writes one node a line. */
#include "base/shape.h"
#include "tape/params.h"
#include "tape/reader.h"
#include "tape/text.h"

/* ---- names -------------------------------------------------------------------------------------------------------- */

static wg_known *known_slot(const wg_reader *r, const char *text, size_t length)
{
    size_t i = wg__hash(0, text, length) & (r->known_capacity - 1);
    for (; r->known[i].text; i = (i + 1) & (r->known_capacity - 1))
        if (r->known[i].length == length && memcmp(r->known[i].text, text, length) == 0) break;
    return &r->known[i];
}

static bool no_memory(wg_reader *r)
{
    wg__fail(&r->fault, WG_ENOMEM, "%s: out of memory", r->path);
    return false;
}

static bool know(wg_reader *r, const wg_token *name, uint32_t node)
{
    if ((r->known_count + 1) * 2 > r->known_capacity) {
        wg_known *old = r->known;
        size_t n = r->known_capacity, capacity = n ? n * 2 : 64;
        wg_known *fresh = wg__alloc(wg__mul(capacity, sizeof *fresh));
        if (!fresh) return no_memory(r);
        r->known = fresh;
        r->known_capacity = capacity;
        for (size_t i = 0; i < n; i++)
            if (old[i].text) *known_slot(r, old[i].text, old[i].length) = old[i];
        wg__free(old);
    }
    *known_slot(r, name->text, name->length) = (wg_known){name->text, name->length, node, (uint32_t)name->line};
    r->known_count++;
    return true;
}

/* A name of the text, or of what an earlier line's expansion made (rng.step). */
static uint32_t look_up(const wg_reader *r, const wg_token *name)
{
    const wg_known *k = r->known_capacity ? known_slot(r, name->text, name->length) : NULL;
    return k && k->text ? k->node : wg__name_find(r->t, name->text, name->length);
}

static bool is_label(const wg_token *name) { return memchr(name->text, '%', name->length) != NULL; }

/* What is recorded next stands in the scope that is written before the name. */
static bool set_scope(wg_reader *r, const wg_token *name)
{
    size_t length = name->length;
    while (length && name->text[length - 1] != '/') length--;
    if (length) length--;
    if (length && !wg__name_good(name->text, length))
        return wg__wrong(r, name, "`%.*s` is no scope", (int)(length < 60 ? length : 60), name->text);
    if (strlen(r->scope) != length || memcmp(r->scope, name->text, length) != 0) {
        r->scope = length ? wg__arena_text(&r->t->arena, name->text, length) : "";
        if (!r->scope) {
            r->scope = "";
            return no_memory(r);
        }
    }
    r->t->place.scope = r->scope;
    return true;
}

/* ---- calls --------------------------------------------------------------------------------------------------------- */

/* The tape's error, which says file:line, with the column put in. */
static bool refused(wg_reader *r, const wg_token *at)
{
    const char *text = wg_error(r->t);
    char place[300];
    if (!text) return wg__wrong(r, at, "nothing was recorded");
    int length = snprintf(place, sizeof place, "%s:%d: ", r->t->place.file, r->t->place.line);
    bool placed = length < (int)sizeof place && strncmp(text, place, (size_t)length) == 0;
    wg__fail(&r->fault, wg_error_status(r->t), "%s:%d:%d: %s", r->path, at->line, at->column, placed ? text + length : text);
    return false;
}

static bool push(wg_reader *r, wg_tensor x)
{
    if (!WG_RESERVE(r->input, r->input_capacity, r->inputs + 1)) return no_memory(r);
    r->input[r->inputs++] = x;
    return true;
}

static bool read_call(wg_reader *r, int depth, const wg_token *at, const wg_token *name, wg_written *type, wg_tensor *out);

/* A list that becomes a constant. `dtype` 0: that of the type which follows, else f64. */
static bool read_literal(wg_reader *r, const wg_token *at, wg_dtype dtype, wg_written *type, wg_tensor *out)
{
    wg_pending list;
    wg_array a;
    wg_shape shape;
    if (!wg__scan_list(r, &list)) return false;
    shape = list.shape;
    if (dtype && list.shape.rank && r->lx.token.kind == '(') { /* f64[2, 0]() */
        wg_shape sizes = list.shape;
        wg__lex(&r->lx);
        if (!wg__expect(r, ')', "`)`")) return false;
        if (sizes.rank != 1 || list.count > WG_MAX_RANK) return wg__wrong(r, &list.from.token, "these are no sizes");
        bool good = wg__read_list(r, &list, WG_I64, &sizes, &a);
        bool empty = false;
        shape.rank = (int)list.count;
        for (int i = 0; good && i < shape.rank; i++) {
            shape.dim[i] = ((const int64_t *)a.data)[i];
            empty |= shape.dim[i] == 0;
            good = shape.dim[i] >= 0 || wg__wrong(r, &list.from.token, "a size is negative");
        }
        wg__free(r->values);
        r->values = NULL;
        if (!good) return false;
        if (!empty) return wg__wrong(r, &list.from.token, "an array that is not empty needs its values");
        list.count = 0;
        list.shape = shape;
    }
    if (type && r->lx.token.kind == ':') {
        wg__lex(&r->lx);
        if (!wg__read_type(r, type)) return false;
        if (!dtype) dtype = type->dtype;
        if (list.shape.rank <= 1 && wg__shape_known(&type->shape)) shape = type->shape;
    }
    if (!wg__read_list(r, &list, dtype ? dtype : WG_F64, &shape, &a)) return false;
    *out = (wg_const)(r->t, &a);
    wg__free(r->values);
    r->values = NULL;
    return wg_ok(*out) || refused(r, at);
}

/* f64(0): a number that is not weak. At the `(`. */
static bool read_typed_number(wg_reader *r, const wg_token *at, wg_dtype dtype, wg_tensor *out)
{
    double v;
    wg__lex(&r->lx);
    if (!wg__read_number(r, &v) || !wg__expect(r, ')', "`)`")) return false;
    *out = wg__number(r->t, v, dtype);
    return wg_ok(*out) || refused(r, at);
}

static wg_dtype dtype_of(const wg_token *t)
{
    char name[8] = "";
    if (t->kind == WG_T_NAME && t->length < sizeof name) memcpy(name, t->text, t->length);
    return wg_dtype_of(name);
}

/* What is made on the spot, behind its first token: a call or a literal. type: where a type that follows goes; NULL inside
   a call. label: what it will be called, or NULL. */
static bool read_made(wg_reader *r, int depth, const wg_token *at, const wg_token *label, wg_written *type, wg_tensor *out)
{
    wg_dtype dtype = dtype_of(at);
    if (dtype && (r->lx.token.kind == '[' || wg__is_value(&r->lx.token))) return read_literal(r, at, dtype, type, out);
    if (dtype && r->lx.token.kind == '(') return read_typed_number(r, at, dtype, out);
    if (r->lx.token.kind != '(') return wg__unexpected(r, "`(`");
    if (depth == WG_CALLS_DEEP) return wg__wrong(r, at, "calls are nested at most %d deep", WG_CALLS_DEEP);
    return read_call(r, depth, at, label, type, out);
}

static bool read_input(wg_reader *r, int depth)
{
    wg_token at = r->lx.token;
    wg_tensor x = WG_NONE;
    double v;
    if (at.kind == '[') return read_literal(r, &at, (wg_dtype)0, NULL, &x) && push(r, x);
    if (at.kind == WG_T_NUMBER) return wg__read_number(r, &v) && push(r, wg_num(v));
    if (at.kind != WG_T_NAME) return wg__unexpected(r, "an input");
    uint32_t node = look_up(r, &at);
    if (node == WG_ABSENT && (wg__token_is(&at, "inf") || wg__token_is(&at, "nan"))) return wg__read_number(r, &v) && push(r, wg_num(v));
    wg__lex(&r->lx);
    if (r->lx.token.kind == '(' || (dtype_of(&at) && (r->lx.token.kind == '[' || wg__is_value(&r->lx.token))))
        return read_made(r, depth + 1, &at, NULL, NULL, &x) && push(r, x);
    if (wg__token_is(&at, "_")) return push(r, WG_NONE);
    if (node == WG_ABSENT) return wg__wrong(r, &at, "nothing is called `%.*s`", (int)(at.length < 60 ? at.length : 60), at.text);
    return push(r, wg__tensor(r->t, node));
}

/* Inputs up to `;` or `)`, or up to the attributes of an op without inputs, which need no `;`. */
static bool read_inputs(wg_reader *r, int depth, const wg_op *op)
{
    size_t first = r->inputs;
    while (r->lx.token.kind != ')' && r->lx.token.kind != ';') {
        if (op->n_inputs == 0) return r->lx.token.kind == WG_T_NAME || wg__unexpected(r, "an attribute");
        if (r->inputs > first && !wg__expect(r, ',', "`,`, `;` or `)`")) return false;
        if (!op->variadic && r->inputs - first == (size_t)op->n_inputs)
            return wg__wrong(r, &r->lx.token, "%s takes %d input%s", op->name, op->n_inputs, op->n_inputs == 1 ? "" : "s");
        if (!read_input(r, depth)) return false;
        if (r->lx.token.kind == '=') return wg__unexpected(r, "`;` before the attributes");
    }
    if (r->lx.token.kind == ';') {
        wg__lex(&r->lx);
        if (r->lx.token.kind == ')') return wg__unexpected(r, "an attribute");
    }
    return true;
}

/* A leaf's dtype and shape come from its type, its data take them, where the attributes do not say them. */
static bool complete_leaf(wg_reader *r, const wg_op *op, void *options, const wg_written *type, uint32_t *given)
{
    wg_dtype dtype = (wg_dtype)0;
    const wg_shape *shape = NULL;
    for (int i = 0; i < op->n_attributes; i++) {
        const wg_attr *a = &op->attributes[i];
        void *x = wg__attr_field(a, options);
        bool said = *given >> i & 1;
        if (a->type == WG_A_DTYPE) {
            if (!said && type->dtype) *(wg_dtype *)x = type->dtype, *given |= 1u << i;
            dtype = *(wg_dtype *)x;
        } else if (a->type == WG_A_SHAPE) {
            if (!said && type->dtype) *(wg_shape *)x = type->shape, *given |= 1u << i;
            else if (!said && r->data.any) *(wg_shape *)x = r->data.shape, *given |= 1u << i;
            shape = x;
        } else if (a->type == WG_A_DATA && said && !wg__read_list(r, &r->data, dtype, shape, x)) {
            return false;
        }
    }
    return true;
}

static bool all_given(wg_reader *r, const wg_op *op, const wg_token *at, uint32_t given)
{
    for (int i = 0; i < op->n_attributes; i++)
        if (op->attributes[i].required && !(given >> i & 1)) {
            bool type = wg__text_typed(op) && op->attributes[i].type != WG_A_DATA && op->attributes[i].type != WG_A_REAL;
            return wg__wrong(r, at, type ? "%s: the type is missing, as in `: f32[2, 3]`" : "%s: %s is missing", op->name,
                             op->attributes[i].name);
        }
    return true;
}

static bool record_param(wg_reader *r, const wg_token *at, const wg_token *label, void *options, wg_tensor *out)
{
    wg_leaf_param_options *o = options;
    char name[1024] = "", why[256];
    int kind = 0;
    if (!wg__attrs_check(&wg_op_param, o, why, sizeof why)) return wg__wrong(r, at, "param: %s", why);
    if (label->length < sizeof name) memcpy(name, label->text, label->length);
    for (int i = 0; i < wg_op_param.n_attributes; i++) {
        const wg_attr *a = &wg_op_param.attributes[i];
        if (a->offset == offsetof(wg_leaf_param_options, kind))
            for (int k = 0; a->words[k]; k++) kind = strcmp(a->words[k], o->kind) == 0 ? k : kind; /* in wg_param_kind's order */
    }
    r->t->place.scope = "";
    *out = wg_param_create(r->t, name, o->shape,
                           &(wg_param_options){.dtype = o->dtype,
                                               .init = {o->init, o->lo, o->hi, o->gain, o->fan, o->min, o->max},
                                               .kind = (wg_param_kind)kind});
    r->t->place.scope = r->scope;
    return wg_ok(*out) || refused(r, at);
}

static bool record(wg_reader *r, const wg_op *op, void *options, size_t first, const wg_token *at, const wg_token *label, wg_tensor *out)
{
    if (wg__text_bare(op) && (!label || is_label(label))) return wg__wrong(r, at, "%s: needs a name of its own", op->name);
    if (op->leaf == WG_LEAF_PARAM) return record_param(r, at, label, options, out);
    for (size_t n = r->inputs - first; !op->variadic && n < (size_t)op->n_inputs; n++)
        if (!push(r, WG_NONE)) return false;
    if (!WG_RESERVE(r->input, r->input_capacity, first + 1)) return no_memory(r); /* of a call without any, not NULL either */
    *out = wg__record_with(r->t, op, options, r->input + first, (int)(r->inputs - first));
    r->inputs = first;
    wg__free(r->values);
    r->values = NULL;
    if (!wg_ok(*out)) return refused(r, at);
    if (op->keyed) { /* the count of draws goes on behind the keys that the text has used */
        const int64_t *key = wg__attr_field(&op->attributes[op->keyed - 1], options);
        if (*key >= r->t->random_keys && *key < INT64_MAX) r->t->random_keys = *key + 1;
    }
    return true;
}

static bool read_call(wg_reader *r, int depth, const wg_token *at, const wg_token *label, wg_written *type, wg_tensor *out)
{
    char name[64] = "";
    void *options = r->options + (size_t)depth * WG_OPTIONS_MAX;
    size_t first = r->inputs;
    uint32_t given = 0;
    wg_written none = {.dtype = (wg_dtype)0};
    if (at->length < sizeof name) memcpy(name, at->text, at->length);
    const wg_op *op = wg__op_find(name);
    if (!op) return wg__wrong(r, at, "there is no op `%.*s`", (int)(at->length < 60 ? at->length : 60), at->text);
    if (op->options_size > WG_OPTIONS_MAX || op->n_attributes > 32) return wg__wrong(r, at, "%s: too many attributes to read", name);
    memset(options, 0, WG_OPTIONS_MAX);
    wg__attrs_init(op, options);
    wg__lex(&r->lx);
    if (!read_inputs(r, depth, op)) return false;
    r->data.any = false;
    while (r->lx.token.kind != ')') {
        if (given && !wg__expect(r, ',', "`,` or `)`")) return false;
        if (!wg__read_attribute(r, op, options, &given)) return false;
    }
    wg__lex(&r->lx);
    if (type && r->lx.token.kind == ':') {
        wg__lex(&r->lx);
        if (!wg__read_type(r, type)) return false;
    }
    if (wg__text_typed(op) && !complete_leaf(r, op, options, type ? type : &none, &given)) return false;
    return all_given(r, op, at, given) && record(r, op, options, first, at, label, out);
}

/* ---- lines --------------------------------------------------------------------------------------------------------- */

/* A letter that the rule has not carried along stands for one symbol throughout the text. */
static bool size_fits(wg_reader *r, int64_t written, int64_t got)
{
    if (written >= 0 || got >= 0) return written == got;
    if (written == WG_ANY) return true;
    int64_t *bound = &r->bound[(written - INT64_MIN) & 127];
    if (wg__is_letter(got) && got != written) return false;
    if (!*bound) *bound = got;
    return *bound == got;
}

static bool check_type(wg_reader *r, wg_tensor x, const wg_written *type)
{
    const wg_node *n = wg__node(x);
    bool fits = type->dtype == (wg_dtype)n->dtype && type->shape.rank == n->shape->rank;
    char a[128], b[128];
    for (int i = 0; fits && i < type->shape.rank; i++) fits = size_fits(r, type->shape.dim[i], n->shape->dim[i]);
    if (fits) return true;
    return wg__wrong(r, &type->at, "the text says %s, the op gives %s", wg__show_type(a, (wg_type){type->dtype, &type->shape}),
                     wg__show_type(b, (wg_type){(wg_dtype)n->dtype, n->shape}));
}

static bool end_of_line(wg_reader *r) { return r->lx.token.kind == WG_T_END || wg__expect(r, WG_T_LINE, "the end of the line"); }

static bool read_node(wg_reader *r, const wg_token *name)
{
    wg_tensor x = WG_NONE;
    wg_written type = {.dtype = (wg_dtype)0};
    const wg_known *k = r->known_capacity ? known_slot(r, name->text, name->length) : NULL;
    if (k && k->text)
        return wg__wrong(r, name, "`%.*s` is defined on line %u already", (int)(name->length < 60 ? name->length : 60), name->text,
                         k->line);
    wg_token at = r->lx.token;
    r->t->place.line = at.line;
    if (!set_scope(r, name)) return false;
    if (at.kind == '[' || wg__is_value(&at)) {
        if (!read_literal(r, &at, (wg_dtype)0, &type, &x)) return false;
    } else {
        if (!wg__expect(r, WG_T_NAME, "an op") || !read_made(r, 0, &at, name, &type, &x)) return false;
    }
    if (!type.dtype && r->lx.token.kind == ':') { /* behind a number */
        wg__lex(&r->lx);
        if (!wg__read_type(r, &type)) return false;
    }
    if (type.dtype && !check_type(r, x, &type)) return false;
    if (!is_label(name) && !wg__node(x)->name && wg__name_node(r->t, wg__index(x), name->text, name->length)) return refused(r, name);
    return know(r, name, wg__index(x)) && end_of_line(r);
}

/* Behind `return`: the rest of the text is blank. */
static bool read_return(wg_reader *r)
{
    do {
        wg_token at = r->lx.token;
        if (!wg__expect(r, WG_T_NAME, "a name")) return false;
        uint32_t node = look_up(r, &at);
        if (node == WG_ABSENT) return wg__wrong(r, &at, "nothing is called `%.*s`", (int)(at.length < 60 ? at.length : 60), at.text);
        if (!push(r, wg__tensor(r->t, node))) return false;
        if (r->lx.token.kind != ',') break;
        wg__lex(&r->lx);
    } while (true);
    if (!end_of_line(r)) return false;
    while (r->lx.token.kind == WG_T_LINE) wg__lex(&r->lx);
    if (r->lx.token.kind != WG_T_END) return wg__wrong(r, &r->lx.token, "`return` is the last line");
    wg_return(r->t, wg_tensors_of(r->input, r->inputs));
    return !wg_error(r->t) || refused(r, &r->lx.token);
}

/* tape seed=42 mode=train */
static bool read_header(wg_reader *r, wg_tape_options *o)
{
    while (r->lx.token.kind == WG_T_NAME) {
        wg_token key = r->lx.token;
        wg__lex(&r->lx);
        if (!wg__expect(r, '=', "`=`")) return false;
        wg_token value = r->lx.token;
        wg__lex(&r->lx);
        if (wg__token_is(&key, "mode") && wg__token_is(&value, "train")) {
            o->eval = false;
        } else if (wg__token_is(&key, "mode") && wg__token_is(&value, "eval")) {
            o->eval = true;
        } else if (wg__token_is(&key, "seed")) {
            uint64_t seed = 0;
            bool digits = value.kind == WG_T_NUMBER && value.length <= 10;
            for (size_t i = 0; digits && i < value.length; i++) {
                digits = value.text[i] >= '0' && value.text[i] <= '9';
                seed = seed * 10 + (uint64_t)(value.text[i] - '0');
            }
            if (!digits || seed > UINT32_MAX) return wg__wrong(r, &value, "a seed is 0 to %u", UINT32_MAX);
            o->seed = (uint32_t)seed;
        } else {
            return wg__wrong(r, &key, "a tape has seed=0 to %u and mode=train or eval", UINT32_MAX);
        }
    }
    return end_of_line(r);
}

static bool start(wg_reader *r, const wg_tape_options *o, wg_token *name)
{
    wg_tape_options options = o ? *o : (wg_tape_options){.seed = 0};
    wg__lex(&r->lx);
    while (r->lx.token.kind == WG_T_LINE) wg__lex(&r->lx);
    *name = r->lx.token;
    if (wg__token_is(name, "tape")) {
        wg__lex(&r->lx);
        if (r->lx.token.kind != '=') { /* else a node of that name */
            *name = (wg_token){.kind = 0};
            if (!read_header(r, &options)) return false;
        }
    } else {
        *name = (wg_token){.kind = 0};
    }
    r->t = wg_tape_create(&options);
    r->options = wg__alloc((WG_CALLS_DEEP + 1) * WG_OPTIONS_MAX);
    if (!r->t || !r->options) return no_memory(r);
    r->t->place.file = wg__arena_text(&r->t->arena, r->path, strlen(r->path));
    return r->t->place.file || no_memory(r);
}

static bool read_lines(wg_reader *r, wg_token first)
{
    if (first.kind) {
        wg__lex(&r->lx); /* over the `=` behind `tape` */
        if (!read_node(r, &first)) return false;
    }
    while (r->lx.token.kind != WG_T_END) {
        wg_token name = r->lx.token;
        if (name.kind == WG_T_LINE) {
            wg__lex(&r->lx);
            continue;
        }
        if (!wg__expect(r, WG_T_NAME, "a name")) return false;
        if (wg__token_is(&name, "return") && r->lx.token.kind != '=') return read_return(r);
        if (wg__token_is(&name, "tape") && r->lx.token.kind == WG_T_NAME) return wg__wrong(r, &name, "`tape` is the first line");
        if (!wg__expect(r, '=', "`=`") || !read_node(r, &name)) return false;
    }
    return true;
}

wg_status wg_tape_parse(wg_tape **tape, const char *text, size_t length, const char *path, const wg_tape_options *o, char *why,
                        size_t why_size)
{
    wg_token first = {.kind = 0};
    if (why && why_size) why[0] = 0;
    if (!tape) return WG_EARG;
    *tape = NULL;
    wg_reader r = {.path = path ? path : "text", .scope = ""};
    r.lx = wg__lexer_of(text ? text : "", text ? length : 0);
    const char *bad = length > INT_MAX ? "the text is larger than 2 GiB"
                      : text           ? wg__text_bad(text, length, &first.line, &first.column)
                                       : NULL;
    if (bad) wg__wrong(&r, &first, "%s", bad);
    bool good = !bad && start(&r, o, &first) && read_lines(&r, first);
    if (good) {
        r.t->place = (wg_place){.scope = ""};
        r.t->placed = r.t->count;
        *tape = r.t;
    } else {
        wg_tape_free(r.t);
        if (why && why_size) snprintf(why, why_size, "%s", r.fault.text);
    }
    wg__free(r.input);
    wg__free(r.known);
    wg__free(r.options);
    wg__free(r.values);
    return good ? WG_OK : r.fault.status;
}
