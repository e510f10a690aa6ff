#ifndef MODEL_NEAREST_H
#define MODEL_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds the part of a body that is most like a text that the body does not contain. It has the
 * length of the text, and shares the most runs of three bytes with it, whatever the case of
 * letters. Takes some milliseconds for 1 MiB. Returns false if no part is like the text.
 */
bool nearest_find(const char *body, size_t size, const char *text, size_t text_size, size_t *at);

#endif
