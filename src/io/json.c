/* json.c -- RFC 8259 as far as a safetensors header goes: objects, lists, strings, naturals. Strict, without recursion
 * or allocation: a string is decoded over itself, which its end always leaves room for (\uXXXX gives at most 3 bytes,
 * a pair of them 4, and the closing quote the ending zero). */
#include "io/format.h"

#include <string.h>

wg_status wg__json_fault(wg_json *j, const char *what) { return wg__fail(j->fault, WG_EFORMAT, "%s (header, byte %zu)", what, j->at); }

static void skip_space(wg_json *j)
{
    while (j->at < j->size && j->text[j->at] && strchr(" \t\r\n", j->text[j->at])) j->at++;
}

bool wg__json_try(wg_json *j, char c)
{
    skip_space(j);
    if (j->at == j->size || j->text[j->at] != c) return false;
    j->at++;
    return true;
}

bool wg__json_take(wg_json *j, char c)
{
    char what[] = "expected '?'";
    what[10] = c;
    if (wg__json_try(j, c)) return true;
    wg__json_fault(j, what);
    return false;
}

bool wg__json_end(wg_json *j)
{
    skip_space(j);
    if (j->at == j->size) return true;
    wg__json_fault(j, "something follows the header's object");
    return false;
}

bool wg__json_next(wg_json *j, char close, bool *first)
{
    if (wg__json_try(j, close)) {
        return false;
    } else if (*first) {
        *first = false;
        return true;
    }
    if (!wg__json_take(j, ',')) return false;
    if (!wg__json_try(j, close)) return true;
    wg__json_fault(j, "a comma too many");
    return false;
}

/* Four hexadecimal digits; -1 for anything else. */
static long hex4(const wg_json *j, size_t at)
{
    long v = 0;
    if (j->size - at < 4) return -1;
    for (size_t i = at; i < at + 4; i++) {
        char c = j->text[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return -1;
        v = v << 4 | digit;
    }
    return v;
}

static size_t put_utf8(char *to, long u)
{
    if (u < 0x80) {
        to[0] = (char)u;
        return 1;
    }
    size_t n = u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;
    static const int lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--, u >>= 6) to[i] = (char)(0x80 | (u & 0x3f));
    to[0] = (char)(lead[n] | (int)u);
    return n;
}

/* Behind a backslash: writes what it means, returns how many bytes; 0: fault. */
static size_t escape(wg_json *j, char *to)
{
    static const char from[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    char c = j->at < j->size ? j->text[j->at] : 0;
    const char *plain = c ? strchr(from, c) : NULL;
    if (plain) {
        j->at++;
        *to = means[plain - from];
        return 1;
    }
    long u = c == 'u' ? hex4(j, j->at + 1) : -1;
    bool high = u >= 0xd800 && u < 0xdc00;
    size_t used = 5;
    if (high && j->size - j->at >= 11 && j->text[j->at + 5] == '\\' && j->text[j->at + 6] == 'u') {
        long low = hex4(j, j->at + 7);
        u = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00) : -1;
        used = 11;
    }
    if (u <= 0 || (u >= 0xd800 && u < 0xe000)) {
        wg__json_fault(j, "an escape that is none, or of a zero");
        return 0;
    }
    j->at += used;
    return put_utf8(to, u);
}

const char *wg__json_string(wg_json *j)
{
    if (!wg__json_take(j, '"')) return NULL;
    char *text = j->text + j->at, *to = text;
    while (j->at < j->size && j->text[j->at] != '"') {
        unsigned char c = (unsigned char)j->text[j->at];
        if (c < 0x20) return wg__json_fault(j, "a control character in a string"), NULL;
        j->at++;
        size_t n = 1;
        if (c != '\\') *to = (char)c;
        else if (!(n = escape(j, to))) return NULL;
        to += n;
    }
    if (j->at == j->size) return wg__json_fault(j, "a string does not end"), NULL;
    if (!wg__utf8(text, (size_t)(to - text))) return wg__json_fault(j, "a string is not UTF-8"), NULL;
    j->at++;
    *to = 0;
    return text;
}

bool wg__json_natural(wg_json *j, uint64_t *value)
{
    skip_space(j);
    size_t first = j->at;
    *value = 0;
    for (; j->at < j->size && j->text[j->at] >= '0' && j->text[j->at] <= '9'; j->at++) {
        uint64_t digit = (uint64_t)(j->text[j->at] - '0');
        if (*value > (UINT64_MAX - digit) / 10) return wg__json_fault(j, "a number is too large"), false;
        *value = 10 * *value + digit;
    }
    if (j->at == first) return wg__json_fault(j, "expected a number that is not negative"), false;
    if (j->at - first > 1 && j->text[first] == '0') return wg__json_fault(j, "a number with a leading zero"), false;
    if (j->at < j->size && j->text[j->at] && strchr(".eE", j->text[j->at])) return wg__json_fault(j, "expected a whole number"), false;
    return true;
}
