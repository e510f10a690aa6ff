#ifndef DASHBOARD_OBJECT_H
#define DASHBOARD_OBJECT_H

#include "template/values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct messages;

/*
 * An object that templates see, while it is being filled. It holds its fields and the texts made
 * for them. It has a fixed size and is filled again for each site and each domain, so a page of ten
 * thousand domains needs no more memory than a page of one.
 */
enum {
    OBJECT_FIELDS = 64,
    OBJECT_MOMENTS = 3,
    OBJECT_MOMENT_FIELDS = 4,
    OBJECT_WHEN_FIELDS = 9,
    OBJECT_SPACE = 2304
};

struct object {
    struct value value; /* the object, for the template */
    struct field fields[OBJECT_FIELDS];
    struct field moments[OBJECT_MOMENTS][OBJECT_WHEN_FIELDS]; /* fields of its moments */
    size_t n_moments;
    char space[OBJECT_SPACE];
    size_t used;
};

/* Removes all fields. Values copied from the object before are no longer valid. */
void object_clear(struct object *object);

/*
 * Add a field. The object has fewer than OBJECT_FIELDS of them. Its name must outlive the object,
 * and so must the value, text, object or context given to these six.
 */
void object_add(struct object *object, const char *name, struct value value);
void object_text(struct object *object, const char *name, const char *text);
void object_flag(struct object *object, const char *name, bool yes);
/* inner must have been filled before. */
void object_inner(struct object *object, const char *name, const struct object *inner);
/* A list of n items. item is described at struct value, key at value_key. */
void object_list(struct object *object, const char *name, size_t n,
                 const struct value *(*item)(void *context, size_t i), void *context);
void object_keyed_list(struct object *object, const char *name, size_t n,
                       const struct value *(*item)(void *context, size_t i), void *context,
                       value_key *key);

/* Add a text that is kept in the object's space. If the space is used up, the text is cut. */
/* The texts one after the other; NULL ends them. */
void object_join(struct object *object, const char *name, const char *const *texts);
void object_bytes(struct object *object, const char *name, const char *text, size_t size);
void object_number(struct object *object, const char *name, long long number);
/* A count. 0 is an empty text, so that a template can test whether there are any. */
void object_count(struct object *object, const char *name, size_t n);
/* The same with separators of thousands: "10,000". */
void object_grouped(struct object *object, const char *name, size_t n);
/* Thousandths, written as units with at most max decimals, rounded down. */
void object_decimal(struct object *object, const char *name, int thousandths, int max);

/* Add a text from the network or from a person, as one line of UTF-8. */
void object_clean(struct object *object, const char *name, const char *text);
/* The same, cut to max bytes; a cut text ends with "…". */
void object_brief(struct object *object, const char *name, const char *text, size_t max);
/* The same for XML, which does not allow two of the characters that UTF-8 has. */
void object_xml(struct object *object, const char *name, const char *text);

/* Adds the hour and minute of a moment: "09:31". */
void object_clock(struct object *object, const char *name, int64_t ms);

/* Adds a duration in its two largest units, rounded down: "2 h 10 min". */
void object_duration(struct object *object, const char *name, int64_t ms,
                     const struct messages *messages);

/* Adds the duration between two moments as the pages show them, in whole seconds. */
void object_span(struct object *object, const char *name, int64_t from_ms, int64_t to_ms,
                 const struct messages *messages);

/* The same without seconds, unless it is shorter than a minute. */
void object_rough_span(struct object *object, const char *name, int64_t from_ms, int64_t to_ms,
                       const struct messages *messages);

/* Adds a moment, at most OBJECT_MOMENTS of them: an object of iso "2026-11-23T09:31:02Z", text
 * "2026-11-23 09:31" (with seconds if wanted), date "2026-11-23" and clock "09:31". */
void object_moment(struct object *object, const char *name, int64_t ms, bool seconds);

/*
 * Adds a moment as people name it on a page that shows at_ms, for the message "when"; it is one of
 * the OBJECT_MOMENTS. An object of iso, clock, day, month (in the language of the pages) and year,
 * and how near it is: today, yesterday, weekday (in that language; empty unless it is at most 6
 * days before the day of at_ms) and other_year (than that of at_ms).
 */
void object_when(struct object *object, const char *name, int64_t ms, int64_t at_ms,
                 const struct messages *messages);

/* Adds the fields of a date for people: day, month (in the language of the pages), year, other_year
 * (than that of now_ms) and iso. */
void object_date_fields(struct object *object, int64_t ms, int64_t now_ms,
                        const struct messages *messages);

/* Adds the fields of a moment to the object itself. */
void object_moment_fields(struct object *object, int64_t ms, bool seconds);

#endif
