/* lexer.c -- tokens of the text form. Every read is bounded by the end; nothing is copied. */
#include "tape/lexer.h"

#include <string.h>

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

wg_lexer wg__lexer_of(const char *text, size_t length)
{
    wg_lexer lx = {.next = text, .end = text, .line_start = text, .line = 1};
    if (length) lx.end = text + length;
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) lx.next = lx.line_start = text + 3; /* a byte order mark */
    return lx;
}

static void skip_blanks(wg_lexer *lx)
{
    while (lx->next < lx->end) {
        char c = *lx->next;
        if (c == '#') {
            while (lx->next < lx->end && *lx->next != '\n') lx->next++;
        } else if (c == '\n' && lx->lists > 0) {
            lx->line_start = ++lx->next;
            lx->line++;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            lx->next++;
        } else {
            return;
        }
    }
}

/* scope/scope/name, or scope/%label */
static const char *name_end(const char *p, const char *end)
{
    bool label = false;
    char last = '/';
    for (; p < end; last = *p++) {
        if (*p == '%' && last == '/' && !label) label = true;
        else if (!is_letter(*p) && !is_digit(*p) && *p != '.' && *p != '-' && (*p != '/' || label)) break;
    }
    return p;
}

/* All that could belong to a number, so that "1.2.3" and "12px" are one wrong number and not two tokens. */
static const char *number_end(const char *p, const char *end)
{
    for (p++; p < end; p++)
        if (!is_letter(*p) && !is_digit(*p) && *p != '.' && !((*p == '-' || *p == '+') && (p[-1] | 0x20) == 'e')) break;
    return p;
}

void wg__lex(wg_lexer *lx)
{
    skip_blanks(lx);
    const char *p = lx->next;
    wg_token *t = &lx->token;
    *t = (wg_token){.kind = WG_T_END, .line = lx->line, .column = (int)(p - lx->line_start) + 1, .text = p};
    if (p == lx->end) return;
    if (*p == '\n') {
        t->kind = WG_T_LINE;
        lx->line_start = lx->next = p + 1;
        lx->line++;
        return;
    }
    if (is_letter(*p) || *p == '%') {
        t->kind = WG_T_NAME;
        lx->next = name_end(p, lx->end);
    } else if (is_digit(*p) || *p == '-' || *p == '+' || *p == '.') {
        t->kind = WG_T_NUMBER;
        lx->next = number_end(p, lx->end);
    } else if (*p == '"') {
        for (p++; p < lx->end && *p != '"' && *p != '\n';) p++;
        t->kind = p < lx->end && *p == '"' ? WG_T_STRING : WG_T_BROKEN;
        t->text++;
        t->length = (size_t)(p - t->text);
        lx->next = t->kind == WG_T_STRING ? p + 1 : p;
        return;
    } else {
        t->kind = (unsigned char)*p < 0x80 ? *p : WG_T_BROKEN;
        lx->next = p + 1;
        while (lx->next < lx->end && ((unsigned char)*lx->next & 0xc0) == 0x80) lx->next++;
    }
    t->length = (size_t)(lx->next - t->text);
}

bool wg__token_is(const wg_token *t, const char *word)
{
    return t->kind == WG_T_NAME && strlen(word) == t->length && memcmp(t->text, word, t->length) == 0;
}

/* Bytes of the UTF-8 character at p, or 0: RFC 3629, so no overlong forms, surrogates, or values above 10FFFF. */
static size_t character(const unsigned char *p, size_t left)
{
    size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : 0;
    if (n > left) return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80) return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0) || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] >= 0x90))
        return 0;
    return n;
}

const char *wg__text_bad(const char *text, size_t length, int *line, int *column)
{
    size_t at = 0, start = 0;
    *line = 1;
    while (at < length) {
        size_t n = text[at] ? character((const unsigned char *)text + at, length - at) : 0;
        *column = (int)(at - start) + 1;
        if (!n) return text[at] ? "this is no UTF-8 text" : "a zero byte: this is no text";
        if (text[at] == '\n') {
            ++*line;
            start = at + 1;
        }
        at += n;
    }
    return NULL;
}
