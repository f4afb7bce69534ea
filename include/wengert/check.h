/* wengert/check.h -- for suites written with Check (libcheck.github.io): gradients in one line. Header only, so that
 * libwengert needs no Check.
 *
 *     ck_assert_gradients(loss);
 *     ck_assert_gradients(loss, .order = 1);     the options of wg_gradcheck
 *
 * Fork mode and OpenMP get along as long as the parent process runs no plan: set up in checked fixtures only. */
#ifndef WENGERT_CHECK_H
#define WENGERT_CHECK_H

#include <check.h>
#include <wengert.h>

#ifndef __cplusplus
#define ck_assert_gradients(...)                                                                                                           \
    do {                                                                                                                                   \
        wg_gradcheck_report wg_report_ = wg_gradcheck(__VA_ARGS__);                                                                        \
        ck_assert_msg(wg_report_.ok, "%s", wg_report_.text);                                                                               \
    } while (0)
#else
#define ck_assert_gradients(y)                                                                                                             \
    do {                                                                                                                                   \
        wg_gradcheck_report wg_report_ = wg_gradcheck(y);                                                                                  \
        ck_assert_msg(wg_report_.ok, "%s", wg_report_.text);                                                                               \
    } while (0)
#endif
#endif
