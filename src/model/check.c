/* The state that a check gives to its domain. */
#include "model/check.h"

#include <string.h>

enum status check_state_of(enum status verdict, const char *failure)
{
    static const char slow[] = "slow:";

    return verdict == STATUS_UP && strncmp(failure, slow, sizeof slow - 1) == 0 ? STATUS_DEGRADED
                                                                                : verdict;
}
