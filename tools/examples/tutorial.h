/* tutorial.h -- what the programs of the tutorials share, so that each of them shows its subject and nothing else: values that can be
 * changed from the command line, printing as Python and NumPy print, and one check for the whole program.
 *
 *     int main(int argc, char **argv)
 *     {
 *         tutorial t = tutorial_start("songs", argc, argv, NULL);
 *         wg_tensor w = given(&t, "weights", &WG_ARRAY(double, WG_SHAPE(3), 0.5, 0.9, -0.4));
 *         print_array(&t, "the weights doubled:", wg_mul(w, wg_num(2)));
 *         return tutorial_end(&t);
 *     }
 *
 * songs --set weights[1]=0.8 runs it with another weight. After a mistake every function here does nothing, and
 * tutorial_end says what it was. */
#ifndef TUTORIAL_H
#define TUTORIAL_H

#include <wengert.h>

typedef struct tutorial_option {
    const char *name, *meaning; /* "--data", "DIR: the folder with the pictures" */
    const char **value;         /* what follows it on the command line           */
} tutorial_option;

enum { TUTORIAL_SETS = 16 };

typedef struct tutorial {
    wg_tape *tape;
    const char *program;
    const char *set[TUTORIAL_SETS]; /* NAME[i,j]=v, as given; NULL once used */
    int sets;
    const char *picture; /* where --draw wants one              */
    char from[1000];     /* the folder that it is named from    */
    wg_tensor subject;   /* of it, with all that it is made of; none: the whole tape */
    bool failed, help;
} tutorial;

/* Reads the command line: --set, --draw, --help and `options` (ends with {0}; NULL: none), and opens a tape. */
tutorial tutorial_start(const char *program, int argc, char **argv, const tutorial_option *options);

/* Draws the tape where --draw wants it; says on stderr what went wrong, if anything did; frees the tape. The program's exit status. */
int tutorial_end(tutorial *t);

/* Keeps going? False after a mistake; wants no check after each call, only where a loop would spin on. */
bool tutorial_fine(tutorial *t);

/* Says what is wrong, in printf's words, and stops the rest. */
void tutorial_fail(tutorial *t, const char *format, ...) WG_PRINTF(2, 3);

/* A mistake made on purpose: prints label and the error that it left on the tape, and goes on without it. A mistake that the tape did
   not see is one of the program's. */
void print_mistake(tutorial *t, const char *label, wg_tensor wrong);

/* A named constant on the tape with these values, changed where --set says so. */
wg_tensor given(tutorial *t, const char *name, const wg_array *values);
wg_tensor given_number(tutorial *t, const char *name, double value); /* f64, without axes */

/* The same, changed in place in the host's memory: for what is fed or stored. */
void given_array(tutorial *t, const char *name, wg_array *values);

/* x[i]: element i of a list, row i of a matrix. */
wg_tensor element(wg_tensor x, int64_t i);

/* np.random.randn: the generator's next draws, NumPy's to the last bit. */
wg_tensor randn(tutorial *t, wg_rng *random, wg_dtype dtype, wg_shape shape);

/* The value of x as a constant under a name that --set knows. */
wg_tensor settle(tutorial *t, const char *name, wg_tensor x);

/* The value of x, which depends on no input; valid as long as the tape. Without data after a mistake. */
wg_array value_of(tutorial *t, wg_tensor x);
double number_of(tutorial *t, wg_tensor x);

/* "label value" and a new line; no space where there is no label, or it ends with a line of its own. Values as Python prints a float
   ("2.3", "38.519999999999996"), a list of floats ("[4.8, 1.21, 2.385]"), a NumPy array, and the shape of one ("(3, 3)"). The _rounded
   ones are first rounded as np.round does. */
void print_number(tutorial *t, const char *label, wg_tensor x);
void print_list(tutorial *t, const char *label, wg_tensor x);
void print_array(tutorial *t, const char *label, wg_tensor x);
void print_shape(tutorial *t, const char *label, wg_tensor x);
void print_number_rounded(tutorial *t, const char *label, wg_tensor x, int places);
void print_list_rounded(tutorial *t, const char *label, wg_tensor x, int places);
void print_array_rounded(tutorial *t, const char *label, wg_tensor x, int places);

/* The text and a new line, as Python's f-string: each {} is the next value, a number or a list, {:.2f} the same with two places. */
void print_text(tutorial *t, const char *text, wg_tensors values);

/* A float as Python's repr: the fewest digits that read back. */
void python_float(char text[40], double v);

/* What follows an option, as a whole number from low to high. */
int64_t option_number(tutorial *t, const char *option, const char *text, int64_t low, int64_t high);

/* Goes to the folder for what is written, which is made where it is missing. */
void go_to(tutorial *t, const char *folder);

/* A file there; NULL after a mistake, which close_written passes over. */
FILE *open_for_writing(tutorial *t, const char *name);
void close_written(tutorial *t, const char *name, FILE *f);

/* Writes NAME.gp, and with gnuplot draws what it says, NAME.svg. False: it could not, and has said so. */
bool plot(tutorial *t, const char *name, const char *script);

#endif
