/* Reads when a certificate is reported before it ends. */
#include "config/certificate_limits.h"

#include "config/duration.h"
#include "config/mapping.h"

static void read_limit(struct loader *loader, struct node *node, void *into)
{
    struct certificate_limit *limit = into;
    int64_t value;

    if (node->kind == NODE_TEXT && node_is(node, "none"))
        *limit = (struct certificate_limit){CERTIFICATE_NO_LIMIT, 0};
    else if (node->kind == NODE_TEXT &&
             duration_read_percent(node->text.data, node->text.size, &value))
        *limit = (struct certificate_limit){CERTIFICATE_PERCENT, value};
    else if (node->kind == NODE_TEXT && duration_read(node->text.data, node->text.size, &value))
        *limit = (struct certificate_limit){CERTIFICATE_DURATION, value};
    else
        loader_expected(loader, node);
}

static const char *write_limit(const struct certificate_limit *limit, char text[DURATION_TEXT_MAX])
{
    return limit->kind == CERTIFICATE_PERCENT ? duration_write_percent(limit->value, text)
                                              : duration_write(limit->value, text);
}

/* Reports limits in the wrong order, at one that this mapping has. A duration and a percentage
 * cannot be compared: it depends on the certificate. */
static void check_order(struct loader *loader, const struct mapping_values *values,
                        const struct domain *domain)
{
    const struct certificate_limit *warn = &domain->certificate_warn;
    const struct certificate_limit *critical = &domain->certificate_critical;
    struct node *at = mapping_value(values, "critical"), *other = mapping_value(values, "warn");
    char text[DURATION_TEXT_MAX];

    if (warn->kind != critical->kind || critical->value <= warn->value || (at && at->mistakes) ||
        (other && other->mistakes))
        return;
    if (at)
        mistakes_at(loader->mistakes, at,
                    "critical: would come before warn, which is %s; lower critical or raise warn",
                    write_limit(warn, text));
    else if (other)
        mistakes_at(loader->mistakes, other,
                    "warn: would come after critical, which is %s; raise warn or lower critical",
                    write_limit(critical, text));
}

/* Each key replaces that of `defaults`; the others stay. */
static void read_rules(struct loader *loader, struct node *node, void *into)
{
    struct domain *domain = into;
    struct mapping_values values;

    if (node->kind == NODE_TEXT && node_is(node, "none")) {
        domain->certificate_warn.kind = domain->certificate_critical.kind = CERTIFICATE_NO_LIMIT;
        domain->certificate_warn.value = domain->certificate_critical.value = 0;
    } else if (mapping_is_given(loader, node)) {
        mapping_read(loader, &keys_certificate, node, domain, &values);
        check_order(loader, &values, domain);
    }
}

const struct kind certificate_limits_rules = {
    "none, or a mapping with keys such as warn or critical", .read = read_rules};
const struct kind certificate_limits_one = {
    "a percentage such as 20%, a duration such as 14d, 36h, 90m or 30s (at most 10000d), or none",
    .read = read_limit};
