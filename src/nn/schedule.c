/* schedule.c -- rates over time. */
#include <math.h>
#include <wengert/nn.h>

double wg_cosine(double from, double to, int64_t step, int64_t steps)
{
    if (step <= 0 && steps > 0) return from;
    if (step >= steps) return to;
    return to + (from - to) * 0.5 * (1 + cos(3.14159265358979323846 * (double)step / (double)steps));
}
