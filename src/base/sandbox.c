/* Restricts the process with Landlock, if kernel and headers have it. */
#define _GNU_SOURCE /* O_PATH, syscall */
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#if defined(__linux__) && defined(SYS_landlock_create_ruleset)

/* Copied from the kernel, because its header may be older than the running kernel. */
enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    REMOVE_DIR = 1 << 4,
    REMOVE_FILE = 1 << 5,
    MAKE_CHAR = 1 << 6,
    MAKE_DIR = 1 << 7,
    MAKE_REG = 1 << 8,
    MAKE_SOCK = 1 << 9,
    MAKE_FIFO = 1 << 10,
    MAKE_BLOCK = 1 << 11,
    MAKE_SYM = 1 << 12,
    REFER = 1 << 13, /* rename or link from one folder to another */
    TRUNCATE = 1 << 14,
    IOCTL_DEV = 1 << 15,
    SCOPE_SIGNAL = 1 << 1, /* signals to processes outside the sandbox */
    GET_VERSION = 1 << 0,
    PATH_BENEATH = 1,
};

struct ruleset {
    uint64_t files, network, scopes;
};

/* The kernel expects no padding. */
struct beneath {
    uint64_t allowed;
    int32_t folder;
} __attribute__((packed));

/* The rights that each version of Landlock can refuse, and those allowed below the folders. */
static const struct {
    int version;
    uint64_t refused, allowed, scopes;
} rights[] = {
    {1,
     EXECUTE | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_CHAR | MAKE_DIR | MAKE_REG | MAKE_SOCK |
         MAKE_FIFO | MAKE_BLOCK | MAKE_SYM,
     WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG, 0},
    {2, REFER, REFER, 0},
    {3, TRUNCATE, TRUNCATE, 0},
    {5, IOCTL_DEV, 0, 0},
    {6, 0, 0, SCOPE_SIGNAL},
};

static int set_error(const char *call, struct error *error)
{
    if (errno == ENOSYS || errno == EOPNOTSUPP)
        return error_set(error, EXIT_IO, "this kernel has no Landlock");
    return error_errno(error, "%s", call);
}

/* Creates a ruleset of all that this kernel can refuse. Returns a descriptor, or -1. */
static int make_ruleset(uint64_t *allowed, struct error *error)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, GET_VERSION);
    struct ruleset ruleset = {0};
    int fd;

    *allowed = 0;
    if (version < 0)
        return set_error("landlock_create_ruleset", error);
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++) {
        if (rights[i].version > version)
            break;
        ruleset.files |= rights[i].refused;
        ruleset.scopes |= rights[i].scopes;
        *allowed |= rights[i].allowed;
    }
    fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof ruleset, 0);
    return fd < 0 ? set_error("landlock_create_ruleset", error) : fd;
}

static int allow_below(int ruleset, const char *folder, uint64_t allowed)
{
    struct beneath rule = {allowed, open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC)};
    int result;

    if (rule.folder < 0)
        return 0;
    result = (int)syscall(SYS_landlock_add_rule, ruleset, PATH_BENEATH, &rule, 0);
    close(rule.folder);
    return result;
}

int sandbox_enter(const char *const *folders, size_t n, struct error *error)
{
    uint64_t allowed;
    int ruleset = make_ruleset(&allowed, error);
    int result = -1;

    if (ruleset < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (allow_below(ruleset, folders[i], allowed)) {
            set_error("landlock_add_rule", error);
            goto out;
        }
    }

    /* Without privileges, Landlock requires that starting a program cannot give any. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        set_error("no_new_privs", error);
    else if (syscall(SYS_landlock_restrict_self, ruleset, 0))
        set_error("landlock_restrict_self", error);
    else
        result = 0;
out:
    close(ruleset);
    return result;
}

#else

int sandbox_enter(const char *const *folders, size_t n, struct error *error)
{
    (void)folders, (void)n;
    return error_set(error, EXIT_IO, "built without Landlock support");
}

#endif
