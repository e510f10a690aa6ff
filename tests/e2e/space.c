/* A private network and private files, by namespaces of Linux. Other systems have none. */
#define _GNU_SOURCE
#include "space.h"
#include "cmocka_all.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    bool taken;
    const char *covered[8]; /* files that are or were replaced */
    pid_t dns;
    int dns_stdin;
    FILE *dns_stdout;
} space = {.dns_stdin = -1};

static int write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

    if (fd >= 0)
        close(fd);
    return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* An ordinary user becomes root in the namespace. */
static bool unshare_all(void)
{
    bool root = getuid() == 0;
    char users[64], groups[64];

    snprintf(users, sizeof users, "0 %u 1", (unsigned)getuid());
    snprintf(groups, sizeof groups, "0 %u 1", (unsigned)getgid());
    if (unshare(CLONE_NEWNS | (root ? 0 : CLONE_NEWUSER)))
        return false;
    if (!root &&
        (write_text("/proc/self/setgroups", "deny") || write_text("/proc/self/uid_map", users) ||
         write_text("/proc/self/gid_map", groups)))
        return false;
    /* The network last: if the mounts fail, the tests go on and need its loopback. */
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && unshare(CLONE_NEWNET) == 0;
}

static int switch_loopback_on(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int result;

    request.ifr_flags = IFF_UP | IFF_RUNNING;
    result = fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &request);
    if (fd >= 0)
        close(fd);
    return result;
}

void space_enter(void)
{
    space.taken = unshare_all() && switch_loopback_on() == 0;
}

static void skip_test(struct e2e *world, const char *why)
{
    print_message("%s\n", why);
    world->passed = true; /* so that the folder is removed */
    skip();
}

void space_need(struct e2e *world)
{
    if (!space.taken)
        skip_test(world, "this machine allows no private network");
}

/* Removes the replacement of an earlier test, whose folder is gone. */
static void uncover(const char *path)
{
    enum { COVERED = sizeof space.covered / sizeof space.covered[0] };
    int i = 0;

    while (i < COVERED && space.covered[i] && strcmp(space.covered[i], path) != 0)
        i++;
    assert_true(i < COVERED);
    if (space.covered[i])
        umount2(path, MNT_DETACH);
    space.covered[i] = path;
}

void space_file(struct e2e *world, const char *path, const char *text)
{
    uncover(path);
    e2e_write(world, path + 1, text);
    if (mount(e2e_path(world, path + 1), path, NULL, MS_BIND, NULL))
        skip_test(world, e2e_format(world, "%s: %s", path, strerror(errno)));
}

void space_names(struct e2e *world, const char *hosts)
{
    space_need(world);
    space_file(world, "/etc/resolv.conf", "nameserver 127.0.0.1\n");
    space_file(world, "/etc/hosts", hosts);
    if (access("/etc/nsswitch.conf", F_OK) == 0)
        space_file(world, "/etc/nsswitch.conf", "hosts: files dns\n");
}

bool space_add_v6(const char *address)
{
    /* The kernel's struct; its own header conflicts with those of the C library. */
    struct {
        struct in6_addr address;
        uint32_t prefix_length;
        int index;
    } request = {.prefix_length = 128, .index = (int)if_nametoindex("lo")};
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool added;

    if (fd < 0)
        return false;
    assert_int_equal(inet_pton(AF_INET6, address, &request.address), 1);
    added = ioctl(fd, SIOCSIFADDR, &request) == 0 || errno == EEXIST;
    close(fd);
    return added;
}

void space_set(struct e2e *world, const char *name, const char *value)
{
    space_need(world);
    if (write_text(e2e_format(world, "/proc/sys/net/%s", name), value))
        skip_test(world, e2e_format(world, "%s: %s", name, strerror(errno)));
}

long space_unwanted_packets(struct e2e *world)
{
    char *text = e2e_read(world, "/proc/self/net/snmp");
    char *line = strstr(text, "\nUdp: ");
    long n = 0;

    line = line ? strstr(line + 1, "\nUdp: ") : NULL;
    if (!line || sscanf(line, "\nUdp: %*s %ld", &n) != 1)
        fail_msg("/proc/self/net/snmp has no Udp:");
    return n;
}

/* The server runs only while its standard input is open, so it ends even if a test crashes. */
static void become_dns(int in, int out, const char *address, const char *delay_ms)
{
    const char *program = getenv("DNS") ? getenv("DNS") : "build/dns";

    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
        execl(program, "dns", address, delay_ms, "127.0.0.1", (char *)NULL);
    perror(program);
    _exit(127);
}

/* Closes its input; its output can still be read. */
static void end_dns(void)
{
    if (space.dns_stdin < 0)
        return;
    close(space.dns_stdin);
    space.dns_stdin = -1;
    waitpid(space.dns, NULL, 0);
}

void space_start_dns(struct e2e *world, int delay_ms)
{
    space_start_dns_at(world, "127.0.0.1:53", delay_ms);
}

void space_start_dns_at(struct e2e *world, const char *address, int delay_ms)
{
    const char *delay = e2e_format(world, "%d", delay_ms);
    int in[2], out[2];
    char line[64];

    /* An earlier test that failed may have left it. */
    end_dns();
    if (space.dns_stdout)
        fclose(space.dns_stdout);
    assert_int_equal(pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC), 0);
    space.dns = fork();
    if (space.dns == 0)
        become_dns(in[0], out[1], address, delay);
    close(in[0]);
    close(out[1]);
    space.dns_stdin = in[1];
    space.dns_stdout = fdopen(out[0], "r");
    assert_non_null(space.dns_stdout);
    while (fgets(line, sizeof line, space.dns_stdout) && line[0] != '\n')
        continue;
    if (line[0] != '\n')
        fail_msg("the name server did not start");
}

int space_stop_dns(void)
{
    int questions = -1;

    end_dns();
    if (fscanf(space.dns_stdout, "questions=%d", &questions) != 1)
        fail_msg("the name server printed no number of questions");
    fclose(space.dns_stdout);
    space.dns_stdout = NULL;
    return questions;
}
