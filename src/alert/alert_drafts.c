/* Makes messages of what was decided about several subjects. */
#include "alert/alert_drafts.h"

#include "alert/payload.h"
#include "base/memory.h"
#include "state/event_table.h"
#include "state/message_table.h"
#include "state/monitors.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct alert_draft {
    const struct alert_subject *subject;
    struct alert_part part;
    int64_t created_ms; /* of a message that was withdrawn and had been tried */
    int attempts;       /* of that; 0: there was none */
    int64_t up_since_ms;
};

static int report_no_memory(struct error *error)
{
    return error_set(error, EXIT_IO, "alerts: out of memory");
}

int alert_drafts_add(struct alert_drafts *drafts, const struct alert_subject *subject,
                     const struct subject_target *before, const struct alert_part *part,
                     int64_t up_since_ms, struct error *error)
{
    struct alert_draft *draft = arena_alloc(drafts->arena, sizeof *draft);
    struct alert_draft **grown =
        memory_grow(drafts->list, &drafts->capacity, drafts->n + 1, sizeof *drafts->list);

    if (grown)
        drafts->list = grown;
    if (!draft || !grown)
        return report_no_memory(error);
    *draft =
        (struct alert_draft){subject, *part, before->created_ms, before->attempts, up_since_ms};
    drafts->list[drafts->n++] = draft;
    return 0;
}

void alert_drafts_free(struct alert_drafts *drafts)
{
    free(drafts->list);
    drafts->list = NULL;
    drafts->n = drafts->capacity = 0;
}

/* How a summary begins: with what is DOWN, the oldest first. */
static int compare_drafts(const void *a, const void *b)
{
    const struct alert_draft *one = *(struct alert_draft *const *)a;
    const struct alert_draft *other = *(struct alert_draft *const *)b;

    if (one->part.change != other->part.change)
        return one->part.change < other->part.change ? -1 : 1;
    if (one->part.outage.began_ms != other->part.outage.began_ms)
        return one->part.outage.began_ms < other->part.outage.began_ms ? -1 : 1;
    return strcmp(one->subject->scope, other->subject->scope);
}

/* The end of the outage before this one, or the first check of the monitor. */
static int load_up_since(const struct alert_scopes *scopes, const struct alert_draft *draft,
                         const struct domain *checked, int64_t *since_ms, struct error *error)
{
    struct storage *storage = scopes->storage;
    struct monitor_summary summary;
    int64_t monitor;

    if (event_table_find_end(storage, draft->subject->check, draft->subject->scope,
                             draft->part.outage.began_ms, since_ms, error))
        return -1;
    if (*since_ms != INT64_MIN)
        return 0;
    if (monitors_lookup(storage, scopes->config->sites[checked->site].id, checked->id, &monitor,
                        error))
        return -1;
    if (monitor == 0)
        return 0;
    if (monitors_load_summary(storage, monitor, &summary, error))
        return -1;
    if (summary.first_ms < draft->part.outage.began_ms)
        *since_ms = summary.first_ms;
    return 0;
}

static int fill_item(const struct alert_scopes *scopes, const struct alert_draft *draft,
                     struct message_item *item, struct error *error)
{
    size_t domain = alert_scopes_domain(scopes, draft->subject->check, draft->subject->scope);

    *item = (struct message_item){.part = draft->part,
                                  .scope = draft->subject->scope,
                                  .monitor =
                                      domain == SIZE_MAX ? NULL : &scopes->config->domains[domain],
                                  .up_since_ms = draft->up_since_ms};
    if (!item->monitor || draft->part.change != ALERT_BEGAN)
        return 0;
    item->failures = item->monitor->confirm.failures;
    return item->up_since_ms == INT64_MIN
               ? load_up_since(scopes, draft, item->monitor, &item->up_since_ms, error)
               : 0;
}

/* A message that is being made of n drafts. */
struct composing {
    const struct alert_drafts *drafts;
    struct alert_draft *const *list;
    size_t n;
    int64_t now_ms;
    struct message_item *items;
    const char **scopes;
    struct alert_part *parts;
    struct buffer content;
};

static int add_message(struct composing *composing, struct error *error)
{
    const struct alert_scopes *scopes = composing->drafts->scopes;
    struct alert_message message = {.target = composing->drafts->target->id,
                                    .created_ms = composing->now_ms,
                                    .next_ms = composing->now_ms,
                                    .answer = ""};
    struct message_head head = {.now_ms = composing->now_ms};

    for (size_t i = 0; i < composing->n; i++) {
        const struct alert_draft *draft = composing->list[i];

        if (fill_item(scopes, draft, &composing->items[i], error))
            return -1;
        composing->scopes[i] = draft->subject->scope;
        composing->parts[i] = draft->part;
        if (draft->attempts > message.attempts)
            message.attempts = draft->attempts;
        if (draft->attempts > 0 && draft->created_ms < message.created_ms)
            message.created_ms = draft->created_ms;
    }
    head.late_ms = message.attempts > 0 ? head.now_ms - message.created_ms : 0;
    if (message_write(scopes->config, &head, composing->items, composing->n, &composing->content,
                      error))
        return -1;
    message.content = composing->content.data;
    return message_table_add(scopes->storage, &message, composing->scopes, composing->parts,
                             composing->n, &message.number, error);
}

static int store_message(const struct alert_drafts *drafts, struct alert_draft *const *list,
                         size_t n, int64_t now_ms, struct error *error)
{
    struct composing composing = {.drafts = drafts,
                                  .list = list,
                                  .n = n,
                                  .now_ms = now_ms,
                                  .items = calloc(n, sizeof *composing.items),
                                  .scopes = calloc(n, sizeof *composing.scopes),
                                  .parts = calloc(n, sizeof *composing.parts),
                                  .content = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE)};
    int result = composing.items && composing.scopes && composing.parts
                     ? add_message(&composing, error)
                     : report_no_memory(error);

    buffer_free(&composing.content);
    free(composing.parts);
    free(composing.scopes);
    free(composing.items);
    return result;
}

/* The drafts that are one message, from the first of the list on. */
static size_t count_together(const struct alert_drafts *drafts, size_t first)
{
    size_t left = drafts->n - first, n = 1;

    if (payload_is_summary(drafts->target))
        return left;
    while (drafts->list[first]->subject->check == EVENT_LOCAL_NETWORK && first + n < drafts->n &&
           drafts->list[first + n]->subject->check == EVENT_LOCAL_NETWORK)
        n++;
    return n;
}

/* All scopes of a local fault have the same change, so those of one message are neighbours. */
static int compare_programs(const void *a, const void *b)
{
    const struct alert_draft *one = *(struct alert_draft *const *)a;
    const struct alert_draft *other = *(struct alert_draft *const *)b;

    if (one->subject->check != other->subject->check)
        return one->subject->check < other->subject->check ? -1 : 1;
    return compare_drafts(a, b);
}

int alert_drafts_store(const struct alert_drafts *drafts, int64_t now_ms, struct error *error)
{
    size_t n;

    if (drafts->n == 0)
        return 0;
    qsort(drafts->list, drafts->n, sizeof *drafts->list,
          payload_is_summary(drafts->target) ? compare_drafts : compare_programs);
    for (size_t i = 0; i < drafts->n; i += n) {
        n = count_together(drafts, i);
        if (store_message(drafts, &drafts->list[i], n, now_ms, error))
            return -1;
    }
    return 0;
}
