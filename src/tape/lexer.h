/* lexer.h -- the text form in tokens. One token is looked at, at a time; positions are line and byte, from 1. */
#ifndef WG_TAPE_LEXER_H
#define WG_TAPE_LEXER_H

#include <stdbool.h>
#include <stddef.h>

/* What a token is; one character of punctuation is its own kind. */
enum { WG_T_END = 256, WG_T_LINE, WG_T_NAME, WG_T_NUMBER, WG_T_STRING, WG_T_BROKEN };

typedef struct wg_token {
    int kind, line, column;
    const char *text; /* of a string: what is between the quotes */
    size_t length;
} wg_token;

typedef struct wg_lexer {
    const char *next, *end, *line_start;
    int line, lists; /* inside lists > 0 a new line is a blank */
    wg_token token;
} wg_lexer;

wg_lexer wg__lexer_of(const char *text, size_t length); /* before the first token */
void wg__lex(wg_lexer *lx);                             /* to the next token; stays at the end */

bool wg__token_is(const wg_token *t, const char *word); /* a name of these letters */

/* NULL where the text is UTF-8 without zero bytes; else what is wrong, and where. */
const char *wg__text_bad(const char *text, size_t length, int *line, int *column);

#endif
