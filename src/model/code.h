#ifndef MODEL_CODE_H
#define MODEL_CODE_H

#include "model/status.h"

#include <stdbool.h>

/*
 * The stable code of each failure, for programs: "tls.expired". A code is never renamed; uptick(1)
 * lists them all. Records have no column for it, so it is found from the fields that they have.
 * That is why a failure text may change only together with its row in code.c.
 */

/*
 * The code of a check with these fields, also one that an earlier version recorded. A text that is
 * not known has the most general code of its KIND. A slow check (check.h) has one too. NULL: the
 * check did not fail, or its text is not known.
 */
const char *code_of(enum status status, int http_status, const char *failure);

/* A short text for people for a code: "refused". NULL: the code is not known, or it is that of an
 * HTTP status, which the failure text has. */
const char *code_short(const char *code);

/* Sets fixed[i] to whether byte i of the failure is a word of uptick that decides its code. fixed
 * has an entry for each byte of the failure, without its NUL. */
void code_mark_fixed(const char *failure, bool *fixed);

#endif
