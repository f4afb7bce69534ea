/* test_draw.c -- pictures: that the edges are the tape's, that Graphviz takes what is written, whatever names hold. Where
 * `dot` is not installed the tests that need it pass over with a line, unless WG_REQUIRE_DOT=1 makes that a failure. */
#define _XOPEN_SOURCE 700
#include "tape/tape.h"

#include <check.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wengert.h>

static char why[600], dir[] = "/tmp/wengert-draw-XXXXXX", path[128];
static wg_tape *tape;
static wg_tensor loss;

static const char *at(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

/* Two layers in nested scopes, a loss, its gradients, an effect. */
static void set_up(void)
{
    tape = wg_tape_new(.seed = 1);
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 4)), label = wg_input_range(tape, "label", WG_I64, WG_SHAPE(WG_ANY), 0, 3),
              w[2];
    wg_tensor h = x;
    for (int i = 0; i < 2; i++) {
        wg_scope_push(tape, "net");
        wg_scope_push(tape, "fc%d", i);
        w[i] = wg_param(tape, "weight", WG_SHAPE(4, 4));
        h = wg_tanh(wg_matmul(h, w[i]));
        wg_scope_pop(tape);
        h = wg_mul(h, wg_num(0.5));
        wg_scope_pop(tape);
    }
    loss = wg_name(wg_cross_entropy(h, label), "loss");
    wg_tensor g[2];
    ck_assert_int_eq(wg_grads(loss, w, 2, g), WG_OK);
    wg_assign(w[0], wg_sub(w[0], g[0]));
    ck_assert_msg(!wg_error(tape), "%s", wg_error(tape));
}

static void tear_down(void)
{
    wg_tape_free(tape);
    tape = NULL;
}

static char *drawn(const wg_draw_options *o)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(wg_draw_dot(f, tape, o), WG_OK);
    fclose(f);
    return text;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (; (text = strstr(text, what)); text += strlen(what)) n++;
    return n;
}

static bool have_dot(void)
{
    if (system("dot -V >/dev/null 2>&1") == 0) return true;
    const char *required = getenv("WG_REQUIRE_DOT");
    ck_assert_msg(!required || strcmp(required, "1") != 0, "dot is not installed, and WG_REQUIRE_DOT=1");
    puts("dot is not installed: passed over");
    return false;
}

/* What Graphviz makes of the text: no complaint, and as many nodes and edges as there should be. */
static void check_parses(const char *text, size_t nodes, size_t edges)
{
    char command[400], line[4096];
    size_t got_nodes = 0, got_edges = 0;
    if (!have_dot()) return;
    FILE *f = fopen(at("graph.dot"), "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
    snprintf(command, sizeof command, "dot -Tplain %s/graph.dot 2>%s/complaints", dir, dir);
    FILE *p = popen(command, "r");
    ck_assert_ptr_nonnull(p);
    bool fresh = true;
    while (fgets(line, sizeof line, p)) {
        if (fresh) got_nodes += strncmp(line, "node ", 5) == 0, got_edges += strncmp(line, "edge ", 5) == 0;
        fresh = strchr(line, '\n') != NULL;
    }
    ck_assert_int_eq(pclose(p), 0);
    struct stat s;
    ck_assert_int_eq(stat(at("complaints"), &s), 0);
    ck_assert_int_eq(s.st_size, 0);
    ck_assert_uint_eq(got_nodes, nodes);
    ck_assert_uint_eq(got_edges, edges);
}

static bool is_number(wg_tensor x) { return strcmp(wg_op_name(x), "number") == 0; }

static void expected_counts(size_t *nodes, size_t *edges)
{
    *nodes = *edges = 0;
    for (size_t i = 0; i < wg_tape_size(tape); i++) {
        wg_tensor x = wg_tape_node(tape, i);
        *nodes += !is_number(x);
        for (int k = 0; k < wg_node_inputs(x); k++) *edges += wg_ok(wg_node_input(x, k)) && !is_number(wg_node_input(x, k));
    }
}

/* ---- tests ---------------------------------------------------------------------------------------------------------- */

START_TEST(test_edges)
{
    char edge[64];
    size_t nodes, edges;
    char *text = drawn(NULL);
    expected_counts(&nodes, &edges);
    ck_assert_uint_eq(count(text, " -> "), edges);
    for (size_t i = 0; i < wg_tape_size(tape); i++) {
        wg_tensor x = wg_tape_node(tape, i);
        snprintf(edge, sizeof edge, "n%zu [label=<", i);
        ck_assert_uint_eq(count(text, edge), is_number(x) ? 0 : 1);
        for (int k = 0; k < wg_node_inputs(x); k++) {
            wg_tensor from = wg_node_input(x, k);
            size_t times = 0;
            for (int j = 0; j < wg_node_inputs(x); j++) times += wg_ok(from) && wg_node_input(x, j).id == from.id;
            if (!wg_ok(from)) continue;
            snprintf(edge, sizeof edge, "  n%zu -> n%zu [", wg_node_index(from), i);
            ck_assert_uint_eq(count(text, edge), is_number(from) ? 0 : times);
        }
    }
    check_parses(text, nodes, edges);
    free(text);
}
END_TEST

START_TEST(test_what_is_shown)
{
    char *text = drawn(NULL), *again = drawn(&(wg_draw_options){.depth = 0});
    ck_assert_str_eq(text, again); /* the same tape, the same text */
    static const char *const parts[] = {"\"cluster forward\"",
                                        "\"cluster derivative\"",
                                        "\"cluster net/fc0\"",
                                        "\"cluster net/fc1\"",
                                        "\"cluster derivative net/fc1\"",
                                        "<b>net.fc0.weight</b>",
                                        "<b>mul 0.5</b>",
                                        "label=\" ? \xc3\x97 4\"",
                                        "<b>loss</b>",
                                        "#fee2e2",
                                        "#dbeafe",
                                        "#fef3c7",
                                        "#ede9fe",
                                        "#dcfce7",
                                        "test_draw.c:"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) ck_assert_msg(strstr(text, parts[i]) != NULL, "%s\n%s", parts[i], text);
    /* a parameter stands in the frame of its name */
    const char *frame = strstr(text, "\"cluster net/fc0\""), *weight = strstr(text, "<b>net.fc0.weight</b>"),
               *next = strstr(text, "\"cluster net/fc1\"");
    ck_assert(frame < weight && weight < next);
    ck_assert_uint_eq(count(text, "{"), count(text, "}"));
    free(text);
    free(again);
}
END_TEST

/* Edges from and to boxes are drawn once; Graphviz finds as many nodes and edges as are written. */
static void check_boxes(const char *text)
{
    size_t lines = 0;
    for (const char *p = text; (p = strstr(p, "  n")); p++) {
        const char *q = strchr(p, '[');
        if (!q || !memchr(p, '>', (size_t)(q - p))) continue;
        char edge[64];
        snprintf(edge, sizeof edge, "%.*s", (int)(q - p), p);
        bool box = atoi(strstr(edge, "-> n") + 4) >= (int)wg_tape_size(tape) || atoi(p + 3) >= (int)wg_tape_size(tape);
        if (box) ck_assert_uint_eq(count(text, edge), 1);
        lines++;
    }
    ck_assert_uint_eq(lines, count(text, " -> "));
    check_parses(text, count(text, "label=<<b>") - count(text, "subgraph"), lines);
}

/* Each scope below the depth is one box; edges between boxes are drawn once. */
START_TEST(test_depth)
{
    char *text = drawn(&(wg_draw_options){.depth = 1});
    ck_assert(strstr(text, "\"cluster net\"") && !strstr(text, "\"cluster net/fc0\""));
    ck_assert_uint_eq(count(text, "<b>fc0</b>"), 2); /* forward and derivative */
    ck_assert_uint_eq(count(text, "<b>fc1</b>"), 2);
    ck_assert_uint_eq(count(text, "2 ops<"), 2);
    ck_assert_uint_eq(count(text, "weight  4 \xc3\x97 4<"), 2); /* in the boxes of its layer */
    check_boxes(text);
    free(text);
}
END_TEST

/* Layers that repeat, each a residual around one of two kinds; scopes with dots; calls of composed ops outside any. */
static wg_tensor repeated(wg_tensor x, int n, bool odd)
{
    for (int i = 0; i < n; i++) {
        wg_scope_push(tape, "h.%d", i);
        wg_tensor y = wg_gelu(wg_nn_linear(x, 4, .name = "up"));
        if (odd && i == 1) y = wg_neg(y);
        x = wg_add(x, wg_nn_linear(y, 4, .name = "down"));
        wg_scope_pop(tape);
    }
    return x;
}

START_TEST(test_brief)
{
    wg_tensor x = wg_input(tape, "z", WG_F32, WG_SHAPE(WG_ANY, 4)), l = wg_input_range(tape, "to", WG_I64, WG_SHAPE(WG_ANY), 0, 4);
    wg_tensor y = wg_linear(wg_linear(repeated(x, 3, false), wg_param(tape, "a", WG_SHAPE(4, 4))), wg_param(tape, "b", WG_SHAPE(4, 4)));
    wg_return(tape, WG_LIST(wg_name(wg_cross_entropy(y, l), "entropy")));
    ck_assert_msg(!wg_error(tape), "%s", wg_error(tape));
    char *text = drawn(&(wg_draw_options){.brief = true});
    ck_assert_uint_eq(count(text, "<b>h.0 \xe2\x80\xa6 h.2</b> <font point-size=\"9\">3 times<"), 1);
    ck_assert_uint_eq(count(text, "<b>gelu</b>"), 1);
    ck_assert_uint_eq(count(text, "<b>up</b><br/><font point-size=\"9\" color=\"#334155\">linear</font>"), 1);
    ck_assert_uint_eq(count(text, "bias  4<"), 2);              /* up's and down's: in the boxes, not beside them */
    ck_assert_uint_eq(count(text, "<b>linear</b>"), 2);         /* two calls, one after the other */
    ck_assert_uint_eq(count(text, ">cross_entropy</font>"), 2); /* loss and entropy */
    /* z feeds up and add of the first; inside: up gelu, gelu down, down add; add to the first linear: no edge from add back to up */
    char add[64], *at_add = strstr(text, "[label=<<b>add</b>"), *start = at_add;
    while (start > text && start[-1] != ' ') start--;
    while (start > text && start[-1] != 'n') start--;
    snprintf(add, sizeof add, "  n%d -> ", atoi(start));
    ck_assert_uint_eq(count(text, add), 1);
    check_boxes(text);
    free(text);
}
END_TEST

/* What differs in one place, or is not fed by the one before, is drawn whole. */
START_TEST(test_not_repeated)
{
    wg_tensor x = wg_input(tape, "z", WG_F32, WG_SHAPE(WG_ANY, 4));
    wg_return(tape, WG_LIST(repeated(x, 3, true)));
    char *text = drawn(&(wg_draw_options){.brief = true});
    ck_assert_ptr_null(strstr(text, "times<"));
    ck_assert_uint_eq(count(text, "<b>gelu</b>"), 3);
    free(text);
    wg_tensor y = x;
    for (int i = 0; i < 3; i++) {
        wg_scope_push(tape, "between.%d", i);
        y = wg_add(y, wg_nn_linear(y, 4, .name = "fc"));
        wg_scope_pop(tape);
        y = wg_relu(y);
    }
    text = drawn(&(wg_draw_options){.brief = true});
    ck_assert_ptr_null(strstr(text, "times<"));
    ck_assert_uint_eq(count(text, "<b>relu</b>"), 3);
    check_boxes(text);
    free(text);
}
END_TEST

START_TEST(test_plan)
{
    wg_plan *p = wg_plan_new(loss);
    ck_assert_ptr_nonnull(p);
    float x[8] = {0};
    int64_t label[2] = {0, 1};
    ck_assert_int_eq(wg_feed(p, wg_find(tape, "x"), wg_array_wrap(x, WG_F32, WG_SHAPE(2, 4))), WG_OK);
    ck_assert_int_eq(wg_feed(p, wg_find(tape, "label"), wg_array_wrap(label, WG_I64, WG_SHAPE(2))), WG_OK);
    char *text = drawn(&(wg_draw_options){.plan = p});
    ck_assert(!strstr(text, "cluster derivative") && !strstr(text, "#ede9fe") && !strstr(text, "#dcfce7")); /* only what it needs */
    check_parses(text, count(text, "label=<<b>") - count(text, "subgraph"), count(text, " -> "));
    free(text);
    ck_assert_msg(wg_run(p) == WG_OK, "%s", wg_plan_error(p));
    text = drawn(&(wg_draw_options){.plan = p});
    ck_assert_msg(strstr(text, "one group") != NULL, "%s", text);
    check_parses(text, count(text, "label=<<b>") - count(text, "subgraph"), count(text, " -> "));
    free(text);
    wg_tape *other = wg_tape_new(.seed = 0);
    ck_assert_int_eq(wg_draw_dot(stdout, other, &(wg_draw_options){.plan = p}), WG_EARG);
    wg_tape_free(other);
}
END_TEST

/* Names come from files and from other languages' bindings: whatever they hold is text. */
START_TEST(test_awkward_names)
{
    static const char *const names[] = {"a\"b",     "c\\d\\", "<e>",  "f|g",    "{h}", "i&amp;j", "k\nl\tm", "\xc3\xa9\xe2\x82\xac",
                                        "\xff\xfe", "->",     "]];}", "\\N\\G", "n0",  "%",       "--",      "\x01\x7f"};
    size_t nodes, edges;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        tape->node[i % tape->count].name = names[i];
        tape->node[i % tape->count].scope = names[(i + 5) % (sizeof names / sizeof *names)];
        tape->node[i % tape->count].file = names[i];
    }
    expected_counts(&nodes, &edges);
    char *text = drawn(NULL);
    check_parses(text, nodes, edges);
    free(text);
    text = drawn(&(wg_draw_options){.brief = true});
    check_boxes(text);
    free(text);
}
END_TEST

START_TEST(test_files)
{
    char head[8] = "";
    ck_assert_int_eq(wg_draw(tape, at("a.dot"), .why = why, .why_size = sizeof why), WG_OK);
    char *text = drawn(NULL), *file = calloc(1, strlen(text) + 2);
    FILE *f = fopen(at("a.dot"), "r");
    ck_assert(f && file);
    ck_assert_uint_eq(fread(file, 1, strlen(text) + 1, f), strlen(text));
    fclose(f);
    ck_assert_str_eq(text, file);
    free(text);
    free(file);
    if (!have_dot()) return;
    static const struct {
        const char *name, *magic;
    } pictures[] = {{"a.svg", "<?xml"}, {"a.png", "\x89PNG"}, {"a.pdf", "%PDF"}};
    for (int i = 0; i < 3; i++) {
        ck_assert_msg(wg_draw(tape, at(pictures[i].name), .depth = 1, .why = why, .why_size = sizeof why) == WG_OK, "%s", why);
        f = fopen(path, "r");
        ck_assert_ptr_nonnull(f);
        ck_assert_uint_eq(fread(head, 1, 5, f), 5);
        fclose(f);
        ck_assert(strncmp(head, pictures[i].magic, strlen(pictures[i].magic)) == 0);
    }
}
END_TEST

START_TEST(test_refused)
{
    char expected[300], *kept = getenv("PATH");
    struct stat s;
    kept = strdup(kept ? kept : "");
    ck_assert_ptr_nonnull(kept);
    ck_assert_int_eq(wg_draw(tape, at("a.jpeg"), .why = why, .why_size = sizeof why), WG_EARG);
    snprintf(expected, sizeof expected, "%s: a drawing is a .dot, .svg, .png or .pdf file", path);
    ck_assert_str_eq(why, expected);
    ck_assert_int_eq(wg_draw(tape, at("no/such/a.dot"), .why = why, .why_size = sizeof why), WG_EIO);
    ck_assert_int_eq(wg_draw(tape, NULL, .why = why, .why_size = sizeof why), WG_EARG);
    ck_assert_int_eq(wg_draw_create(NULL, &(wg_draw_options){.path = "a.dot"}), WG_EARG);
    ck_assert_int_eq(wg_draw_dot(NULL, tape, NULL), WG_EARG);
    setenv("PATH", dir, 1); /* where there is no dot */
    wg_status status = wg_draw(tape, at("b.svg"), .why = why, .why_size = sizeof why);
    setenv("PATH", kept, 1);
    free(kept);
    ck_assert_int_eq(status, WG_EMISSING);
    ck_assert_ptr_nonnull(strstr(why, "install graphviz"));
    ck_assert_int_ne(stat(at("b.svg"), &s), 0); /* nothing is left */
}
END_TEST

/* `dot` fails: what it says is told, and the old picture stays. */
START_TEST(test_failing_dot)
{
    char *kept = getenv("PATH"), head[4] = "";
    kept = strdup(kept ? kept : "");
    ck_assert_ptr_nonnull(kept);
    FILE *f = fopen(at("dot"), "w");
    ck_assert_ptr_nonnull(f);
    fputs("#!/bin/sh\necho out of ink >&2\nexit 3\n", f);
    fclose(f);
    ck_assert_int_eq(chmod(path, 0755), 0);
    f = fopen(at("c.svg"), "w");
    ck_assert_ptr_nonnull(f);
    fputs("old", f);
    fclose(f);
    setenv("PATH", dir, 1);
    wg_status status = wg_draw(tape, path, .why = why, .why_size = sizeof why);
    setenv("PATH", kept, 1);
    free(kept);
    unlink(at("dot"));
    ck_assert_int_eq(status, WG_EIO);
    ck_assert_ptr_nonnull(strstr(why, "out of ink"));
    f = fopen(at("c.svg"), "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fread(head, 1, 4, f), 3);
    fclose(f);
    ck_assert_str_eq(head, "old");
}
END_TEST

int main(void)
{
    if (!mkdtemp(dir)) return EXIT_FAILURE;
    Suite *s = suite_create("draw");
    TCase *c = tcase_create("draw");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, test_edges);
    tcase_add_test(c, test_what_is_shown);
    tcase_add_test(c, test_depth);
    tcase_add_test(c, test_brief);
    tcase_add_test(c, test_not_repeated);
    tcase_add_test(c, test_plan);
    tcase_add_test(c, test_awkward_names);
    tcase_add_test(c, test_files);
    tcase_add_test(c, test_refused);
    tcase_add_test(c, test_failing_dot);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    static const char *const left[] = {"graph.dot", "complaints", "a.dot", "a.svg", "a.png", "a.pdf", "c.svg", "dot"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) unlink(at(left[i]));
    return rmdir(dir) || failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
