/* Makes the values that pages and files for programs show of certificates. */
#include "dashboard/certificate_values.h"

#include "base/clock.h"
#include "base/json_put.h"
#include "dashboard/snapshot.h"
#include "model/server_scope.h"

#include <assert.h>
#include <string.h>

static const char *const level_names[] = {
    [EXPIRY_NONE] = "OK", [EXPIRY_WARN] = "WARN", [EXPIRY_CRITICAL] = "CRITICAL"};

/* Reads the chain of a server. The state has been checked when it was read. */
static void read_facts(struct chain_facts *facts, const struct listed_server *server)
{
    int failed = chain_read(server->chain, strlen(server->chain), facts);

    assert(!failed);
    (void)failed;
}

static const struct value *link_item(void *context, size_t i)
{
    struct certificate_values *values = context;
    const struct chain_link *link = &values->facts.links[i];

    object_clear(&values->link);
    object_clean(&values->link, "subject", link->subject);
    object_clean(&values->link, "issuer", link->issuer);
    object_moment(&values->link, "ends", link->until_ms, false);
    return &values->link.value;
}

const struct object *certificate_values_fill(struct certificate_values *values,
                                             const struct listed_server *server)
{
    int64_t at_ms = values->snapshot->at_ms, left_ms = server->until_ms - at_ms;
    int64_t days = left_ms > 0 ? left_ms / MS_PER_DAY : 0;
    struct object *object = &values->object;
    size_t earliest;

    read_facts(&values->facts, server);
    earliest = values->facts.earliest;
    object_clear(object);
    object_clean(object, "server", server->scope);
    object_clean(object, "subject", values->facts.links[0].subject);
    object_clean(object, "issuer", values->facts.links[0].issuer);
    object_clean(object, "ends_with", earliest > 0 ? values->facts.links[earliest].subject : "");
    object_moment(object, "ends", server->until_ms, false);
    object_date_fields(object, server->until_ms, at_ms, values->messages);
    object_count(object, "n_days", (size_t)days);
    object_flag(object, "one_day", days == 1);
    object_flag(object, "over", left_ms < 0);
    object_flag(object, "critical", server->level == EXPIRY_CRITICAL);
    object_list(object, "chain", values->facts.n, link_item, values);
    return object;
}

static const struct value *notice_item(void *context, size_t i)
{
    struct certificate_values *values = context;

    return &certificate_values_fill(values, values->noticed[i])->value;
}

static bool is_of_site(const struct certificate_values *values, const struct listed_server *server,
                       size_t site)
{
    if (site == SIZE_MAX)
        return true;
    for (const struct server_user *user = server->users; user; user = user->next) {
        if (values->snapshot->config->domains[user->domain].site == site)
            return true;
    }
    return false;
}

void certificate_values_add_notices(struct certificate_values *values, size_t site,
                                    struct object *into)
{
    const struct server_list *list = &values->snapshot->servers;
    size_t n_all = 0;

    values->n_noticed = 0;
    for (size_t i = 0; i < list->n_warned; i++) {
        if (!is_of_site(values, list->all[i], site))
            continue;
        if (n_all++ < CEILING_CERTIFICATES)
            values->noticed[values->n_noticed++] = list->all[i];
    }
    object_list(into, "certificates", values->n_noticed, notice_item, values);
    object_count(into, "n_certificates", n_all);
    object_count(into, "n_certificates_more", n_all - values->n_noticed);
    object_flag(into, "one_certificate_more", n_all - values->n_noticed == 1);
}

static void put_chain(struct buffer *into, const struct chain_facts *facts)
{
    buffer_puts(into, ", \"chain\": [");
    for (size_t i = 0; i < facts->n; i++) {
        json_put_text(into, i ? ", {\"subject\": " : "{\"subject\": ", facts->links[i].subject);
        json_put_text(into, ", \"issuer\": ", facts->links[i].issuer);
        json_put_seconds(into, ", \"not_after\": ", facts->links[i].until_ms);
        buffer_puts(into, "}");
    }
    buffer_puts(into, "]");
}

static void put_domains(struct buffer *into, const struct snapshot *snapshot,
                        const struct listed_server *server)
{
    char name[CONFIG_MONITOR_MAX];

    buffer_puts(into, ", \"domains\": [");
    for (const struct server_user *user = server->users; user; user = user->next)
        json_put_word(into, user == server->users ? "" : ", ",
                      config_monitor_name(snapshot->config, user->domain, name));
    buffer_puts(into, "]");
}

/* The port is null if it came from a variable. */
static void put_server(struct buffer *into, const struct listed_server *server)
{
    int port = server_scope_port_number(server->scope);

    json_put_bytes(into, "{\"host\": ", server->scope, server_scope_host_size(server->scope));
    json_put_number_or_null(into, ", \"port\": ", port > 0, port);
}

void certificate_values_put_json(const struct snapshot *snapshot, struct buffer *into)
{
    const struct server_list *list = &snapshot->servers;

    buffer_puts(into, ",\n\"certificates\": [");
    for (size_t i = 0; i < list->n; i++) {
        const struct listed_server *server = list->all[i];
        struct chain_facts facts;

        read_facts(&facts, server);
        buffer_puts(into, i ? ",\n" : "\n");
        put_server(into, server);
        put_domains(into, snapshot, server);
        json_put_word(into, ", \"state\": ", level_names[server->level]);
        json_put_seconds(into, ", \"not_after\": ", server->until_ms);
        json_put_text(into, ", \"subject\": ", facts.links[0].subject);
        json_put_text(into, ", \"issuer\": ", facts.links[0].issuer);
        json_put_word(into, ", \"fingerprint\": ", facts.fingerprint);
        put_chain(into, &facts);
        buffer_puts(into, "}");
        buffer_flush(into);
    }
    buffer_puts(into, "]");
}
