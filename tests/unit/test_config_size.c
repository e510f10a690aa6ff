/* config/: the largest file. Apart from the other tests, because it takes a second. */
#include "base/file.h"
#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void a_configuration_file_has_at_most_64_mib(void **state)
{
    static const char yaml[] = "sites: [{id: s, domains: [{id: d, url: 'http://h/'}]}]\n#";
    char path[] = "/tmp/uptick-test-XXXXXX";
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    struct buffer whole = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);
    struct config *config;
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(buffer_reserve(&whole, BUFFER_MAX_CONFIG), 0);
    memset(whole.data, 'x', BUFFER_MAX_CONFIG);
    memcpy(whole.data, yaml, strlen(yaml));
    assert_int_equal(file_write_at(fd, whole.data, BUFFER_MAX_CONFIG, 0), 0);
    config = config_load(path, &mistakes);
    assert_non_null(config);
    config_free(config);
    assert_int_equal(ftruncate(fd, (off_t)BUFFER_MAX_CONFIG + 1), 0);
    assert_null(config_load(path, &mistakes));
    assert_non_null(strstr(mistakes.data, "67108865 bytes; expected at most 67108864\n"));
    buffer_free(&whole);
    buffer_free(&mistakes);
    close(fd);
    unlink(path);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_configuration_file_has_at_most_64_mib),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
