#ifndef DASHBOARD_CEILINGS_H
#define DASHBOARD_CEILINGS_H

/*
 * How many items a file lists at most. The rest is counted. A text of each item has a limit too
 * (FAILURE_MAX), so monitors that fail every minute cannot make a file grow without bound.
 */
enum {
    CEILING_PAGE_OUTAGES = 100,     /* on the page of a site, of all its domains */
    CEILING_PAGE_UNCONFIRMED = 50,  /* the same of those that were not confirmed */
    CEILING_JSON_OUTAGES = 200,     /* in the JSON of a site, of all its domains */
    CEILING_FEED_ENTRIES = 100,     /* in each feed */
    CEILING_INDEX_OUTAGES = 50,     /* at the foot of the index page of 50 sites or more */
    CEILING_INDEX_OUTAGES_MIN = 15, /* … of 15 sites or fewer; between, one a site */
    CEILING_PROBLEMS = 20,          /* on the index page before the others, which are folded */
    CEILING_CERTIFICATES = 10,      /* in the notices of a page */
    CEILING_LABEL_BYTES = 120,      /* of a failure in a label; the list of outages has it whole */
    CEILING_REASONS = 240,          /* of the newest bad runs of each timeline */
    CEILING_BAD_DAYS = 12,          /* named for each site or domain */
    CEILING_CHART_FAILURES = 24,    /* in each chart of a domain, with their reasons */
    CEILING_JUMP_LINKS = 100,       /* to the domains of a site */
    CEILING_BAD_RUNS = 12,          /* named for each timeline; of these, */
    CEILING_ROW_BAD_RUNS = 3        /* in a row of the index page */
};

#endif
