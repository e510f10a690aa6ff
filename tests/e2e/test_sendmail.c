/* A sandboxed tick gives messages to dma, a real mail server of Debian, as sendmail. dma gets its
 * group from its program, and delivers in the background. */
#include "cmocka_all.h"
#include "e2e.h"
#include "space.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char yaml[] = "alerts:\n"
                           "  - id: local\n"
                           "    type: sendmail\n"
                           "    from: uptick@example.org\n"
                           "    to: [ops@example.org, boss@example.org]\n"
                           "sites:\n"
                           "  - id: s\n"
                           "    domains:\n"
                           "      - {id: d, url: 'http://@http@%s', "
                           "interval_seconds: 60}\n";

static void skip_test(struct e2e *world, const char *why)
{
    print_message("%s\n", why);
    world->passed = true; /* so that the folder is removed */
    skip();
}

/* Any other mail server is that of this machine: it is not touched. */
static bool has_dma(void)
{
    char path[64] = "";

    return readlink("/usr/sbin/sendmail", path, sizeof path - 1) > 0 && strstr(path, "dma");
}

static void need_dma(struct e2e *world)
{
    const char *ci = getenv("CI");

    if (!has_dma() && access("/usr/sbin/sendmail", F_OK) && ci && strcmp(ci, "true") == 0)
        fail_msg("/usr/sbin/sendmail is missing: sh src/tools/packages.sh ci install");
    if (!has_dma())
        skip_test(world, "the mail server of this machine is not dma");
    if (getuid() != 0)
        skip_test(world, "only root can give dma a configuration of its own");
    space_need(world);
}

/* dma gives all mail to the awkward server, and keeps it in a folder that only this test sees. */
static void set_up_dma(struct e2e *world)
{
    char *port = e2e_expand(world, "@:smtp@");

    space_file(world, "/etc/dma/dma.conf",
               e2e_format(world, "SMARTHOST 127.0.0.1\nPORT %s\n", port + 1));
    e2e_shell(world, "chmod 644 etc/dma/dma.conf && chmod 755 . etc etc/dma && "
                     "mount -t tmpfs -o mode=2770,gid=$(stat -c %%g /var/spool/dma) none "
                     "/var/spool/dma");
}

/* Runs a tick as an ordinary user, in the sandbox if the kernel has one. */
static void tick(struct e2e *world)
{
    e2e_shell(world,
              "cp \"$UPTICK\" uptick && cp \"$MOVED_CLOCK_LIBRARY\" clock.so && chown -R "
              "65534:65534 . && "
              "\"$LAUNCH\" -u env LD_PRELOAD=\"$PWD/clock.so\" %s ./uptick -v tick > .out 2> .err",
              world->environment ? world->environment : "");
}

static char *await_mail(struct e2e *world, int number)
{
    char *name = e2e_format(world, "mails/%d", number);
    int64_t until = e2e_now() + 20000;

    while (!e2e_exists(world, name)) {
        if (e2e_now() > until) {
            e2e_shell(world, "ls -l /var/spool/dma; cat .err");
            fail_msg("no mail: %s", e2e_read_any(world, "smtp.log"));
        }
        usleep(20000);
    }
    return e2e_read(world, name);
}

/* dma sends one mail to each recipient. Returns one of the two. */
static char *check_mails(struct e2e *world, int first, const char *subject)
{
    char *one = await_mail(world, first), *other = await_mail(world, first + 1);
    const char *boss = "RCPT TO:<boss@example.org>\n";

    e2e_check((strstr(one, boss) != NULL) != (strstr(other, boss) != NULL), "%s%s", one, other);
    for (int i = 0; i < 2; i++) {
        char *mail = i == 0 ? one : other;

        e2e_check(strstr(mail, "MAIL FROM:<uptick@example.org>\n") == mail, "%s", mail);
        e2e_check(strstr(mail, subject) != NULL, "%s", mail);
    }
    return one;
}

static void a_message_is_delivered_by_the_mail_server_of_this_machine(struct e2e *world)
{
    need_dma(world);
    set_up_dma(world);
    e2e_config(world, e2e_format(world, yaml, "/status/503"));
    tick(world);
    check_mails(world, 1, "\nSubject: DOWN s/d: http_status: expected 200, got 503\n");
    e2e_config(world, e2e_format(world, yaml, "/ok"));
    *e2e_move_clocks(world) = 60000;
    tick(world);
    check_mails(world, 3, "\nSubject: UP s/d");
    assert_false(e2e_exists(world, "mails/5"));
    e2e_shell(world, "test $(grep -c ',sent,' data/live/events.log) = 2 && "
                     "! grep -q ',failed,' data/live/events.log");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_message_is_delivered_by_the_mail_server_of_this_machine),
    };

    space_enter();
    return cmocka_run_group_tests_name("sendmail", tests, NULL, NULL);
}
