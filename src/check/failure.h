#ifndef CHECK_FAILURE_H
#define CHECK_FAILURE_H

#include "check/transfer.h"
#include "model/check.h"
#include "model/verdict.h"

#include <stdbool.h>

/* What an exchange failed of: whose fault it is, of which kind, and words for a person. */
struct cause {
    enum fault fault; /* FAULT_NONE: it did not fail */
    bool own;         /* this machine's: it says nothing about the endpoint */
    char detail[FAILURE_MAX];
};

/* Reads it off an exchange that ended with this code. */
void failure_explain(const struct transfer *transfer, CURLcode code, struct cause *cause);

#endif
