#ifndef CHECK_FAILURE_H
#define CHECK_FAILURE_H

#include "check/transfer.h"
#include "model/verdict.h"

/* Why an exchange failed. */
struct cause {
    enum fault fault;         /* FAULT_NONE: it did not fail, or is_local */
    bool is_local;            /* a local fault: it shows nothing about the endpoint */
    char detail[FAILURE_MAX]; /* for people; may contain any bytes that the server sent */
};

/* Fills in the cause of an exchange that ended with this code of libcurl. */
void failure_explain(const struct transfer *transfer, CURLcode code, struct cause *cause);

#endif
