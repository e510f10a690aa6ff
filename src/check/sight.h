#ifndef CHECK_SIGHT_H
#define CHECK_SIGHT_H

#include "check/transfer.h"
#include "model/suspicion.h"

/* Fills in what an exchange that has ended with this code saw of the network. If there is a proxy,
 * its address and its answers count. */
void sight_fill(const struct transfer *transfer, CURLcode code, struct sighting *sighting);

#endif
