/* Makes the list of the reasons of an outage. */
#include "dashboard/reasons.h"

#include "base/clock.h"
#include "base/text.h"
#include "model/code.h"
#include "model/outage.h"

#include <string.h>

enum { WORD_MAX = 60 /* bytes; only of a failure that has no code */ };

/* The list is in feeds too, so its texts must be valid in XML. */
static void add_word(struct object *object, const struct outage_reason *reason)
{
    const char *word = code_short(reason->code);
    const char *other = *reason->code ? reason->code : reason->failure;
    int http_status = outage_http_status(reason->failure);
    char text[WORD_MAX];

    if (http_status) {
        object_number(object, "word", http_status);
    } else if (word) {
        object_text(object, "word", word);
    } else {
        text_one_line(text, sizeof text, other, strlen(other));
        object_xml(object, "word", text);
    }
}

/* The date is left out if it is that of the start of the outage. */
static void add_clock(struct object *object, const char *name, int64_t ms,
                      const struct outage *outage)
{
    char text[CLOCK_TEXT_MAX];

    if (clock_is_same_day(ms, outage->from_ms)) {
        object_clock(object, name, ms);
        return;
    }
    clock_write_seconds(ms, text);
    text[10] = ' ';
    object_bytes(object, name, text, 16);
}

static const struct value *reason_item(void *context, size_t i)
{
    struct reasons *reasons = context;
    const struct outage *outage = reasons->outage;
    const struct outage_reason *reason = &outage->reasons[i];
    bool is_last = i + 1 == outage->n_reasons;
    struct object *object = &reasons->object;

    object_clear(object);
    add_word(object, reason);
    object_xml(object, "code", reason->code);
    object_xml(object, "failure", reason->failure);
    add_clock(object, "from", reason->since_ms, outage);
    if (is_last)
        object_text(object, "to", "");
    else
        add_clock(object, "to", reason[1].since_ms, outage);
    object_flag(object, "last", is_last);
    object_count(object, "n_omitted", i == 0 ? outage->n_omitted : 0);
    return &object->value;
}

void reasons_add(struct reasons *reasons, const struct outage *outage, struct object *into)
{
    reasons->outage = outage;
    object_flag(into, "reason_changed", outage->n_reasons > 1);
    object_list(into, "reasons", outage->n_reasons, reason_item, reasons);
}
