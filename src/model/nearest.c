/* Finds the part of a body that is most like a text. */
#include "model/nearest.h"

/* The runs of the text, by their hashes. */
enum { RUN = 3, HASHES = 4096 };

static unsigned lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (unsigned)byte + 32 : (unsigned char)byte;
}

static size_t hash_run(const char *at, size_t run)
{
    unsigned hash = 0;

    for (size_t i = 0; i < run; i++)
        hash = hash * 31 + lower(at[i]);
    return hash % HASHES;
}

bool nearest_find(const char *body, size_t size, const char *text, size_t text_size, size_t *at)
{
    bool is_in_text[HASHES] = {false};
    size_t run = text_size < RUN ? text_size : RUN, window = text_size - run + 1;
    size_t shared = 0, best = 0;

    if (run == 0)
        return false;
    for (size_t i = 0; i < window; i++)
        is_in_text[hash_run(text + i, run)] = true;
    for (size_t i = 0; i + run <= size; i++) {
        shared += is_in_text[hash_run(body + i, run)];
        if (i >= window)
            shared -= is_in_text[hash_run(body + i - window, run)];
        if (shared > best) {
            best = shared;
            *at = i >= window ? i + 1 - window : 0;
        }
    }
    return best > 0;
}
