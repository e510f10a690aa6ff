#ifndef STATE_PHASES_H
#define STATE_PHASES_H

#include "model/check.h"

/*
 * The phases of a check, packed: each four bytes of microseconds, the low byte first, of which
 * those of -1 are all ones. Pure.
 */

enum { PHASES_BYTES = 4 * PHASES };

/* What is longer than half an hour is told as that. */
void phases_pack(const struct phases *phases, unsigned char packed[PHASES_BYTES]);

/* Returns 0, or -1 where the bytes are none that phases_pack makes. */
int phases_unpack(const unsigned char packed[PHASES_BYTES], struct phases *phases);

#endif
