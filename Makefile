# uptick: `make` builds build/uptick, `make check` runs every test, `make demo` shows it at work.

VERSION = 0.1.0
BUILD = build
CC = gcc
CFLAGS = -O2 -g
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Werror
LIBRARIES = libcurl yaml-0.1 sqlite3 openssl jansson

PREFIX = /usr/local

# What a packager may add to by CFLAGS, CPPFLAGS, LDFLAGS stays apart from what the code needs.
STD = -std=c11 -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE
ALL_CFLAGS = $(STD) -Isrc -DUPTICK_VERSION='"$(VERSION)"' $(WARNINGS) -pthread $(CPPFLAGS) \
	$(LIBRARY_CFLAGS) $(CFLAGS)
LIBRARY_CFLAGS := $(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null)
LIBRARY_LIBS := $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null)

# The program is src/ without tools/; its embedded files are templates/ and sql/.
SOURCES := $(sort $(filter-out src/tools/%,$(wildcard src/*.c src/*/*.c)))
ASSETS := $(sort $(wildcard templates/*) $(wildcard sql/*.sql))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/assets.o
# All of the program but its main: a test links of it what it uses, and may bring a room of its own.
ROOMS := $(BUILD)/rooms.a

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))

.PHONY: all check unit clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/uptick

$(BUILD)/uptick: $(BUILD)/src/main.o $(ROOMS)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARY_LIBS)

$(ROOMS): $(filter-out $(BUILD)/src/main.o,$(OBJECTS))
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/embed: src/tools/embed.c Makefile
	@mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -o $@ $<

$(BUILD)/assets.c: $(BUILD)/embed $(ASSETS)
	$(BUILD)/embed $(ASSETS) > $@

$(BUILD)/assets.o: $(BUILD)/assets.c
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# One program a test file, linked with the program's own objects.
$(BUILD)/tests/%: tests/unit/%.c $(ROOMS) Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests/unit -MMD -MP $(LDFLAGS) -o $@ $< $(ROOMS) \
		$(LIBRARY_LIBS) -lcmocka

unit: $(UNIT_TESTS)
	@set -e; for test in $(UNIT_TESTS); do $$test; done

check: all unit

include tests/e2e.mk

clean:
	rm -rf $(BUILD)

-include $(OBJECTS:.o=.d) $(UNIT_TESTS:=.d)
