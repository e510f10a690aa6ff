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
static int find_up_since(const struct alert_draft *draft, const struct config *config,
                         struct storage *storage, size_t domain, int64_t *since_ms,
                         struct error *error)
{
    const struct domain *checked = &config->domains[domain];
    struct monitor_summary summary;
    int64_t monitor;

    if (event_table_find_end(storage, draft->subject->check, draft->subject->scope,
                             draft->part.outage.began_ms, since_ms, error))
        return -1;
    if (*since_ms != INT64_MIN)
        return 0;
    if (monitors_lookup(storage, config->sites[checked->site].id, checked->id, &monitor, error))
        return -1;
    if (monitor == 0)
        return 0;
    if (monitors_load_summary(storage, monitor, &summary, error))
        return -1;
    if (summary.first_ms < draft->part.outage.began_ms)
        *since_ms = summary.first_ms;
    return 0;
}

static int fill_item(const struct alert_drafts *drafts, const struct alert_draft *draft,
                     const struct config *config, struct storage *storage,
                     struct message_item *item, struct error *error)
{
    size_t domain =
        alert_scopes_domain(drafts->scopes, draft->subject->check, draft->subject->scope);

    *item = (struct message_item){.part = draft->part,
                                  .scope = draft->subject->scope,
                                  .monitor = domain == SIZE_MAX ? NULL : &config->domains[domain],
                                  .up_since_ms = draft->up_since_ms};
    if (domain == SIZE_MAX || draft->part.change != ALERT_BEGAN)
        return 0;
    item->failures = config->domains[domain].confirm.failures;
    return item->up_since_ms == INT64_MIN
               ? find_up_since(draft, config, storage, domain, &item->up_since_ms, error)
               : 0;
}

/* What a message needs of its subjects. */
struct composing {
    struct message_item *items;
    const char **scopes;
    struct alert_part *parts;
    struct buffer content;
};

static int add_message(const struct alert_drafts *drafts, struct alert_draft *const *list, size_t n,
                       struct composing *composing, const struct config *config,
                       struct storage *storage, int64_t now_ms, struct error *error)
{
    struct alert_message message = {
        .target = drafts->target->id, .created_ms = now_ms, .next_ms = now_ms, .answer = ""};
    struct message_head head = {.now_ms = now_ms};

    for (size_t i = 0; i < n; i++) {
        if (fill_item(drafts, list[i], config, storage, &composing->items[i], error))
            return -1;
        composing->scopes[i] = list[i]->subject->scope;
        composing->parts[i] = list[i]->part;
        if (list[i]->attempts > message.attempts)
            message.attempts = list[i]->attempts;
        if (list[i]->attempts > 0 && list[i]->created_ms < message.created_ms)
            message.created_ms = list[i]->created_ms;
    }
    head.late_ms = message.attempts > 0 ? now_ms - message.created_ms : 0;
    if (message_write(config, &head, composing->items, n, &composing->content, error))
        return -1;
    message.content = composing->content.data;
    return message_table_add(storage, &message, composing->scopes, composing->parts, n,
                             &message.number, error);
}

static int store_message(const struct alert_drafts *drafts, struct alert_draft *const *list,
                         size_t n, const struct config *config, struct storage *storage,
                         int64_t now_ms, struct error *error)
{
    struct composing composing = {.items = calloc(n, sizeof *composing.items),
                                  .scopes = calloc(n, sizeof *composing.scopes),
                                  .parts = calloc(n, sizeof *composing.parts),
                                  .content = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE)};
    int result = composing.items && composing.scopes && composing.parts
                     ? add_message(drafts, list, n, &composing, config, storage, now_ms, error)
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

int alert_drafts_store(const struct alert_drafts *drafts, const struct config *config,
                       struct storage *storage, int64_t now_ms, struct error *error)
{
    size_t n;

    if (drafts->n == 0)
        return 0;
    qsort(drafts->list, drafts->n, sizeof *drafts->list,
          payload_is_summary(drafts->target) ? compare_drafts : compare_programs);
    for (size_t i = 0; i < drafts->n; i += n) {
        n = count_together(drafts, i);
        if (store_message(drafts, &drafts->list[i], n, config, storage, now_ms, error))
            return -1;
    }
    return 0;
}
