/* cli.h -- what the commands of `wengert` share. The tool is written with the public API only. */
#ifndef WENGERT_CLI_H
#define WENGERT_CLI_H

#include <wengert.h>
#include <wengert/catalogue.h>

enum { CLI_WHY = 700 };

typedef struct cli_options {
    const char *command, *file; /* file: of `ops`, the op's name */
    char *const *word;          /* of `bench`: all that are no options */
    int words;
    const char *inputs, *outputs, *grad, *jvp, *isa, *out, *profile;
    bool updates, brief, plan, tsv, list, seeded;
    const char *loss;
    int threads, depth, epochs, batch;
    uint32_t seed;
    double seconds, rate;
} cli_options;

/* A text with its tape, and what its last line returns, by the names that are written there. */
typedef struct cli_model {
    char *text, **name;
    size_t length, names;
    wg_tape *tape;
    wg_tensor *output; /* those of `name`, then the extra ones asked for */
    size_t outputs;
    wg_archive given;    /* of --inputs ... */
    const char *archive; /* ... and its path, for messages */
} cli_model;

/* Every failure is one line on stderr; these return false, commands the exit status: 0, 1 (a gradient fails), 2. */
bool cli_say(const char *format, ...) WG_PRINTF(1, 2);

/* Reads the text (whose parameters start from --seed where that is given) and --inputs, puts those of --inputs that are
   parameters into the store. extra: names or labels of the text that are to be outputs, too; NULLs are passed over. */
bool cli_load(cli_model *m, const cli_options *o, const char *const *extra, size_t n);
void cli_free(cli_model *m);

bool cli_is(wg_tensor x, const char *op);
bool cli_real_leaf(wg_tensor x); /* a real input or parameter */
/* The array `name` of --inputs in the dtype that x needs: i64 becomes i32 where it fits. *made: memory to free. NULL: there
   is none, or it does not fit (*bad). */
const wg_array *cli_given(const cli_model *m, const char *name, wg_tensor x, wg_array *made, bool *bad);

int cli_run(const cli_options *o);
int cli_train(const cli_options *o);
int cli_ops(const cli_options *o);
int cli_bench(const cli_options *o);

/* The trace of a profiled plan's last run into a file, and its table on stdout. */
bool cli_profile(wg_plan *p, const cli_options *o);

#endif
