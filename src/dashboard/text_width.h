#ifndef DASHBOARD_TEXT_WIDTH_H
#define DASHBOARD_TEXT_WIDTH_H

#include <stddef.h>

/*
 * Estimates how wide a text is in Verdana at 11 pixels, the first choice of the badges. The layout
 * of a badge must be fixed before the fonts of its reader are known. Texts are UTF-8.
 */

/* The width in pixels, rounded up. */
int text_width(const char *text);

/*
 * Cuts a text that is wider than max pixels between two characters and ends it with "…". capacity
 * is the size of its array, in bytes.
 */
void text_width_cut(char *text, size_t capacity, int max);

#endif
