/* digits.h -- the two halves of the tutorial of the digits: digits_lessons.c has arrays and the math (Parts 1 and 2), digits.c the network. */
#ifndef DIGITS_H
#define DIGITS_H

#include "tutorial.h"

void arrays(tutorial *t);   /* Part 1, Level 3: what NumPy does    */
void the_math(tutorial *t); /* Part 2: what a network needs of it  */

void heading(tutorial *t, const char *title);

wg_tensor sigmoid(wg_tensor z);            /* 1 / (1 + e^(-z))                          */
wg_tensor sigmoid_derivative(wg_tensor a); /* a (1 - a), where a is what sigmoid answered */

#endif
