#ifndef MODEL_EXPECT_BODY_H
#define MODEL_EXPECT_BODY_H

#include "model/expect_case.h"

/* The tests of a body, each in the words of uptick(1). */
expect_test expect_body_contains, expect_body_excludes, expect_body_patterns, expect_body_size,
    expect_body_json;

#endif
