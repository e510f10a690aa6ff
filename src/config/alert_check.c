/* Checks the keys of an alert target against each other. */
#include "config/alert_check.h"

#include "config/alert_values.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static const char sendmail[] = "/usr/sbin/sendmail";

/* Kinds that are about a site or a domain. */
enum {
    KINDS_OF_SITES =
        ALERT_DOWN | ALERT_UP | ALERT_CERTIFICATE | ALERT_BOT | ALERT_SLOW | ALERT_FLAPPING
};

static void check_login(struct loader *loader, const struct mapping_values *values,
                        const struct alert_target *target)
{
    struct node *username = mapping_value(values, "username");
    struct node *password = mapping_value(values, "password"), *tls = mapping_value(values, "tls");

    if (username && !password)
        loader_report(loader, username, "'username' needs 'password' too");
    if (password && !username)
        loader_report(loader, password, "'password' needs 'username' too");
    if (!tls || !target->tls_is_optional || !target->server)
        return;
    if (strncmp(target->server, "smtps:", strlen("smtps:")) == 0)
        loader_report(loader, tls, "'tls: optional' is only for smtp://; remove it");
    else if (password)
        loader_warn(loader, tls,
                    "alerts: the password is sent without encryption if the server has no TLS; "
                    "remove 'tls: optional'");
}

/* The topic is the path. */
static void check_topic(struct loader *loader, const struct mapping_values *values,
                        const struct alert_target *target)
{
    struct node *url = mapping_value(values, "url");
    const char *host = target->url ? strstr(target->url, "://") : NULL;
    const char *path = host ? strchr(host + 3, '/') : NULL;

    if (url && target->format == ALERT_NTFY && target->url && (!path || !path[1]))
        loader_report(loader, url, "'url' needs a topic, as in https://ntfy.sh/TOPIC");
}

static bool is_program(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* A program may be installed later, so that it is missing is no mistake. */
static void check_program(struct loader *loader, const struct mapping_values *values,
                          const struct alert_target *target)
{
    struct node *command = mapping_value(values, "command");
    struct node *at = command ? command : mapping_value(values, "type");

    if (!target->command || is_program(target->command[0]))
        return;
    if (command)
        loader_warn(loader, at,
                    "alerts: the program of 'command' does not exist, or this user may not run it");
    else
        loader_warn(loader, at,
                    "alerts: %s does not exist, or this user may not run it; install a mail "
                    "server, or name another program with 'command'",
                    sendmail);
}

/* The recipients are arguments, so that the input cannot change them. */
static void complete_sendmail(struct loader *loader, struct alert_target *target)
{
    size_t n = 0, n_to = 0;
    const char **command;

    while (target->command && target->command[n])
        n++;
    while (target->to && target->to[n_to])
        n_to++;
    command = loader_alloc(loader, (n + n_to + 5) * sizeof *command);
    if (!command)
        return;
    for (size_t i = 0; i < n; i++)
        command[i] = target->command[i];
    if (n == 0)
        command[n++] = sendmail;
    command[n++] = "-i";
    if (target->from) {
        command[n++] = "-f";
        command[n++] = target->from;
    }
    for (size_t i = 0; i < n_to; i++)
        command[n++] = target->to[i];
    target->command = command;
}

/* The kinds that checks of a domain can cause. Redirects can lead to https. */
static unsigned find_kinds(const struct domain *domain)
{
    unsigned kinds = ALERT_DOWN | ALERT_UP | ALERT_FLAPPING;

    if (domain->follow_redirects || domain->proxy ||
        (domain->url && strncasecmp(domain->url, "https:", strlen("https:")) == 0))
        kinds |= ALERT_CERTIFICATE;
    if (domain->bot_detection || domain->bot_strings.n > 0)
        kinds |= ALERT_BOT;
    if (domain->expect.slow_ms > 0)
        kinds |= ALERT_SLOW;
    return kinds;
}

/* Whether messages about a domain are sent to the target. */
static bool has_domain(const struct loader *loader, const struct alert_target *target,
                       const struct domain *domain)
{
    const char *site = loader->config->sites[domain->site].id;
    bool has = target->n_scopes == 0;

    for (size_t i = 0; !has && i < target->n_scopes && site && domain->id; i++) {
        const struct alert_scope *scope = &target->scopes[i];

        has = strcmp(scope->site, site) == 0 &&
              (!scope->domain || strcmp(scope->domain, domain->id) == 0);
    }
    return has;
}

/* Whether checks can cause a message to the target. */
static bool can_happen(const struct loader *loader, const struct alert_target *target)
{
    /* These two are possible for every domain. */
    bool can = (target->on & (ALERT_DOWN | ALERT_UP)) != 0;

    for (size_t i = 0; !can && i < loader->n_domains; i++)
        can = (target->on & find_kinds(&loader->domains[i])) &&
              has_domain(loader, target, &loader->domains[i]);
    return can;
}

/* Warns of keys without an effect. */
static void check_effects(struct loader *loader, const struct mapping_values *values,
                          const struct alert_target *target)
{
    struct node *sites = mapping_value(values, "sites"), *on = mapping_value(values, "on");
    struct node *reminders = mapping_value(values, "remind_after");
    struct node *quiet = mapping_value(values, "quiet");

    if (on && target->on == 0 && on->kind == NODE_LIST && on->items.n == 0)
        loader_report(loader, on, "'on' is empty, so the target would be sent nothing");
    if (target->on == 0)
        return;
    if (sites && target->n_scopes > 0 && !(target->on & KINDS_OF_SITES))
        loader_warn(loader, sites,
                    "alerts: 'sites' has no effect, because nothing in 'on' is about a site");
    else if (on && target->on & KINDS_OF_SITES && !can_happen(loader, target))
        loader_warn(loader, sites ? sites : on,
                    "alerts: no word of 'on' applies to a site of this target; slow needs slow_ms, "
                    "bot needs bot_detection, and certificate needs an https URL");
    if (reminders && target->n_reminders > 0 && !(target->on & ALERT_DOWN))
        loader_warn(loader, reminders,
                    "alerts: 'remind_after' has no effect without 'down' in 'on'");
    if (quiet && target->quiet.except & ~target->on)
        loader_warn(loader, quiet,
                    "alerts: 'except' of 'quiet' has a word that is not in 'on', so it has no "
                    "effect");
    if (on && target->on & ALERT_UNDELIVERED && loader->alerts->items.n == 1)
        loader_warn(loader, on,
                    "alerts: 'undelivered' has no effect, because there is no other target");
}

void alert_check_keys(struct loader *loader, const struct mapping_values *values,
                      struct alert_target *target)
{
    if (target->type == ALERT_SENDMAIL)
        complete_sendmail(loader, target);
    if (target->type == ALERT_MAIL)
        check_login(loader, values, target);
    if (target->type == ALERT_WEBHOOK)
        check_topic(loader, values, target);
    if (target->type == ALERT_SENDMAIL || target->type == ALERT_COMMAND)
        check_program(loader, values, target);
    check_effects(loader, values, target);
}
