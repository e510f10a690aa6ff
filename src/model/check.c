/* The state that a check gives to its domain. */
#include "model/check.h"

#include <string.h>

enum status check_state_of(enum status verdict, const char *failure)
{
    static const char slow[] = "slow:";

    /* Most checks have no text. */
    if (verdict != STATUS_UP || *failure == '\0' || strncmp(failure, slow, sizeof slow - 1) != 0)
        return verdict;
    return STATUS_DEGRADED;
}
