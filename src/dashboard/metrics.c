/* Writes metrics.prom. */
#include "dashboard/metrics.h"

#include "base/text.h"
#include "dashboard/metrics_table.h"
#include "dashboard/snapshot.h"

#include <assert.h>
#include <string.h>

/* Longer label values are cut: they appear in legends. */
enum { LABEL_MAX = 512 };

/* Appends a label: NAME="VALUE". */
static void put_label(struct buffer *into, const char *name, const char *value)
{
    char text[LABEL_MAX];

    text_one_line(text, sizeof text, value, strlen(value));
    buffer_puts(into, name);
    buffer_puts(into, "=\"");
    for (const char *at = text; *at; at++) {
        if (*at == '\\' || *at == '"')
            buffer_putc(into, '\\');
        buffer_putc(into, *at);
    }
    buffer_putc(into, '"');
}

/* Appends the value and ends the line. */
static void put_value(struct buffer *into, int64_t value, int decimals)
{
    char text[TEXT_NUMBER_MAX];
    int64_t unit = 1;

    for (int i = 0; i < decimals; i++)
        unit *= 10;
    buffer_putc(into, ' ');
    buffer_append(into, text, text_number(text, value / unit));
    if (decimals) {
        text_number(text, unit + value % unit); /* with a 1 before leading zeros */
        text[0] = '.';
        buffer_puts(into, text);
    }
    buffer_putc(into, '\n');
}

static void put_all(struct buffer *into, const struct metric *metric,
                    const struct snapshot *snapshot)
{
    int64_t value;

    if (!metric->of_all(snapshot, &value))
        return;
    buffer_puts(into, metric->name);
    if (metric->label) {
        buffer_putc(into, '{');
        put_label(into, metric->label, metric->label_value(NULL, 0));
        buffer_putc(into, '}');
    }
    put_value(into, value, metric->decimals);
}

static void put_site(struct buffer *into, const struct metric *metric, const struct site_view *site)
{
    for (int variant = 0; variant < metric->variants; variant++) {
        int64_t value;

        if (!metric->of_site(site, variant, &value))
            continue;
        buffer_puts(into, metric->name);
        put_label(into, "{site", site->site->id);
        if (metric->label) {
            buffer_putc(into, ',');
            put_label(into, metric->label, metric->label_value(site, variant));
        }
        buffer_puts(into, "}");
        put_value(into, value, metric->decimals);
    }
}

static void put_domain(struct buffer *into, const struct metric *metric,
                       const struct site_view *site, const struct domain_view *domain)
{
    int64_t value;

    if (!metric->of_domain(domain, &value))
        return;
    buffer_puts(into, metric->name);
    put_label(into, "{site", site->site->id);
    put_label(into, ",domain", domain->domain->id);
    put_label(into, ",role", config_role_names[domain->domain->role]);
    buffer_puts(into, "}");
    put_value(into, value, metric->decimals);
}

static void put_sites(struct buffer *into, const struct metric *metric,
                      const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        const struct site_view *site = &snapshot->sites[i];

        if (metric->of_site)
            put_site(into, metric, site);
        for (size_t d = 0; metric->of_domain && d < site->n_domains; d++)
            put_domain(into, metric, site, &site->domains[d]);
        buffer_flush(into);
    }
}

int metrics_write(const struct snapshot *snapshot, struct buffer *into, struct error *error)
{
    for (size_t i = 0; i < metrics_table_size; i++) {
        const struct metric *metric = &metrics_table[i];

        assert(!!metric->of_all + !!metric->of_site + !!metric->of_domain == 1);
        buffer_printf(into, "# HELP %s %s\n# TYPE %s gauge\n", metric->name, metric->help,
                      metric->name);
        if (metric->of_all)
            put_all(into, metric, snapshot);
        else
            put_sites(into, metric, snapshot);
    }
    buffer_puts(into, "# EOF\n");
    return into->failed ? error_set(error, EXIT_IO, "metrics.prom: out of memory") : 0;
}
