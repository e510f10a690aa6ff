/*
 * launch [-u] [-e ERRNO] PROGRAM [ARGUMENT...]: starts a program. -u: as an ordinary user, if the
 * caller is root. -e: as on a kernel without Landlock; its first call fails with ERRNO, by a filter
 * of system calls that all children inherit.
 */
#define _GNU_SOURCE
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NOBODY = 65534, WRONG_USAGE = 64, FAILED = 126 };

static int become_nobody(void)
{
    if (getuid() != 0)
        return 0;
    return setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY) ? -1 : 0;
}

static int forget_landlock(int error)
{
#ifdef SYS_landlock_create_ruleset
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_create_ruleset, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof steps / sizeof steps[0], steps};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
#else
    (void)error;
    return 0;
#endif
}

int main(int argc, char **argv)
{
    int option, error = 0, user = 0;

    while ((option = getopt(argc, argv, "+ue:")) != -1) {
        if (option == 'u')
            user = 1;
        else if (option == 'e')
            error = atoi(optarg);
        else
            return WRONG_USAGE;
    }
    if (optind == argc)
        return WRONG_USAGE;
    if ((user && become_nobody()) || (error && forget_landlock(error))) {
        perror("launch");
        return FAILED;
    }
    execvp(argv[optind], argv + optind);
    perror(argv[optind]);
    return FAILED;
}
