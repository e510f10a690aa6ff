#ifndef STATE_PAST_DAYS_H
#define STATE_PAST_DAYS_H

#include "state/days.h"

/*
 * Adds the counts of data/days to a state that all rows are indexed in. If a monitor has lost rows,
 * because their archives are gone, it gets the counts of data/days until the day of its first row.
 * So does a site with such a monitor. For other days, the counts of the rows stay, unless data/days
 * has counted more minutes. The time of a first check that is gone is taken from data/days too.
 */
struct past_days;

/* Returns NULL if out of memory. Release it with past_days_free; NULL is allowed there. */
struct past_days *past_days_new(struct storage *storage, struct error *error);
void past_days_free(struct past_days *past);

/* Adds a row. They come in the order of days_each. Needs an open transaction. */
int past_days_add(struct past_days *past, const struct day_row *row, struct error *error);

/* After all rows: stores the first checks. */
int past_days_end(struct past_days *past, struct error *error);

#endif
