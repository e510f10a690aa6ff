#ifndef DASHBOARD_TEXT_WIDTH_H
#define DASHBOARD_TEXT_WIDTH_H

#include <stddef.h>

/*
 * How wide a text is about in Verdana at 11 pixels, which badges are set in where the reader has
 * it: the layout must be known before anybody's fonts are. Texts are UTF-8.
 */

/* In pixels, rounded up. */
int text_width_width(const char *text);

/*
 * Cuts a text that is wider than most pixels at a character's border, and ends it with an ellipsis;
 * room is that of the text, its NUL included.
 */
void text_width_cut(char *text, size_t room, int most);

#endif
