/* Makes what targets are sent from messages. */
#include "alert/payload.h"

#include "alert/message.h"
#include "base/arena.h"

bool payload_is_summary(const struct alert_target *target)
{
    static const bool is_for_programs[ALERT_FORMATS] = {
        [ALERT_JSON] = true,
        [ALERT_PAGERDUTY] = true,
        [ALERT_OPSGENIE] = true,
        [ALERT_ALERTMANAGER] = true,
    };

    if (target->type == ALERT_COMMAND)
        return false;
    return target->type != ALERT_WEBHOOK || !is_for_programs[target->format];
}

int payload_make(const struct config *config, const struct alert_target *target,
                 const struct template_set *templates, const char *content, int64_t now_ms,
                 struct payload *payload, struct error *error)
{
    (void)config, (void)templates, (void)now_ms;
    *payload = (struct payload){.body = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE)};
    if (target->type == ALERT_PRINT)
        return message_text(content, &payload->body, error);
    if (target->type == ALERT_COMMAND || target->format == ALERT_JSON) {
        payload->url = target->url;
        return buffer_puts(&payload->body, content)
                   ? error_set(error, EXIT_IO, "target %s: out of memory", target->id)
                   : 0;
    }
    return error_set(error, EXIT_IO, "target %s: this format is not supported yet", target->id);
}

void payload_free(struct payload *payload)
{
    buffer_free(&payload->body);
    arena_free(payload->arena);
    *payload = (struct payload){.url = NULL};
}
