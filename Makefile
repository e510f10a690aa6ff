# uptick: `make` builds build/uptick, `make check` runs every test, `make demo` shows it at work,
# `make bench` measures it, `make install` puts it below PREFIX. V=1 shows whole commands.

VERSION = 0.1.0
BUILD = build
PREFIX = /usr/local
DESTDIR =

CC = gcc
CFLAGS = -O2 -g
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Werror
LIBRARIES = libcurl libcares yaml-0.1 sqlite3 openssl jansson zlib libzstd

# Built to be hard to misuse, as far as the compiler and the flags above go along; HARDENING= leaves
# that to a packager.
HARDENING := $(shell sh src/tools/hardening.sh $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS))
HARDENING_LINK = -pie -Wl,%

# What a packager may add to by CFLAGS, CPPFLAGS, LDFLAGS stays apart from what the code needs.
STD = -std=c11 -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE
ALL_CFLAGS = $(STD) -Isrc -I$(BUILD) -DUPTICK_VERSION='"$(VERSION)"' $(WARNINGS) -pthread \
	$(filter-out $(HARDENING_LINK),$(HARDENING)) $(CPPFLAGS) $(LIBRARY_CFLAGS) $(CFLAGS)
LIBRARY_CFLAGS := $(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null)
LIBRARY_LIBS := $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null)

# The program is src/ without tools/; its embedded files are templates/ and sql/.
SOURCES := $(sort $(filter-out src/tools/%,$(wildcard src/*.c src/*/*.c)))
ASSETS := $(sort $(wildcard templates/*) $(wildcard sql/*.sql))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/assets.o
# All of the program but its main: a test links of it what it uses, and may bring a room of its own.
ROOMS := $(BUILD)/rooms.a

# As much at once as the tests like, which wait more than they work; `make -j1` does one at a time.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j4
endif

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

ifdef V
say = @:
else
.SILENT:
say = @printf '  %-6s %s\n'
endif

.PHONY: all check unit docs structure tests threads bench install clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/uptick

$(BUILD)/uptick: $(BUILD)/src/main.o $(ROOMS)
	$(say) LINK $@
	$(CC) $(ALL_CFLAGS) $(filter $(HARDENING_LINK),$(HARDENING)) $(LDFLAGS) -o $@ $^ $(LIBRARY_LIBS)

$(ROOMS): $(filter-out $(BUILD)/src/main.o,$(OBJECTS))
	rm -f $@
	ar rcs $@ $^

$(BUILD)/%.o: %.c Makefile
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/embed: src/tools/embed.c Makefile
	mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -o $@ $<

$(BUILD)/assets.c: $(BUILD)/embed $(ASSETS)
	$(say) EMBED $@
	$(BUILD)/embed $(ASSETS) > $@

# The names of the SQL statements: state/database.h includes it.
$(BUILD)/state/statements.h: $(BUILD)/embed $(filter %.sql,$(ASSETS))
	mkdir -p $(@D)
	$(BUILD)/embed -h $(filter %.sql,$(ASSETS)) > $@

$(OBJECTS): | $(BUILD)/state/statements.h

$(BUILD)/assets.o: $(BUILD)/assets.c $(BUILD)/state/statements.h
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

include tests/e2e.mk
include $(filter-out tests/e2e.mk,$(sort $(wildcard tests/*.mk)))

# Tests. Packages may come while make runs, so that what needs them is left to another make.

CHECKS = structure security browser-quick e2e unit docs golden-compare replay mutate-example

check: packages
	$(MAKE) --no-print-directory tests
	$(MAKE) --no-print-directory --output-sync=target --keep-going $(CHECKS)

tests: $(BUILD)/uptick $(BUILD)/awkward $(UNIT_TESTS) $(E2E_TESTS) $(REPLAYS)

# One program a test file, linked with the program's own objects.
$(BUILD)/unit/%: tests/unit/%.c $(ROOMS) Makefile
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests/unit -MMD -MP $(LDFLAGS) $(LINKED) -o $@ $< $(ROOMS) \
		$(LIBRARY_LIBS) -lcmocka

# What a test program prints is shown where it fails, else how many passed or could not run here.
define run_test
$(1) $< > $@ 2>&1 || { cat $@; exit 1; }
sed -n -e 's/^\[  PASSED  \] /$(notdir $(basename $@)): passed /p' \
	-e 's/^\[  SKIPPED \] \([0-9].*\), .*/$(notdir $(basename $@)): skipped \1/p' $@
endef

$(BUILD)/unit/%.run: $(BUILD)/unit/% FORCE
	$(call run_test)

unit: $(UNIT_TESTS:=.run)

structure:
	sh tests/structure.sh

docs: $(BUILD)/uptick $(BUILD)/awkward
	sh tests/docs/run.sh $(abspath $(BUILD)/uptick) $(abspath $(BUILD)/awkward)

# What runs in more than one thread, for ThreadSanitizer.
threads: $(addprefix $(BUILD)/,unit/test_runner.run unit/test_lookups.run unit/test_nss.run \
	e2e/test_servers.run)

# Figures: the program beside the least that its checks can cost.
BENCH_TOOLS := $(patsubst tests/bench/%.c,$(BUILD)/%,\
	$(filter-out %/lookups.c,$(wildcard tests/bench/*.c)))

# What a lookup costs; see the file. It looks names up through the program's own rooms.
$(BUILD)/lookups: tests/bench/lookups.c $(ROOMS) Makefile
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(ROOMS) $(LIBRARY_LIBS)

$(BENCH_TOOLS): $(BUILD)/%: tests/bench/%.c Makefile | $(BUILD)/packages
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARY_LIBS)

# Packages may have come since this Makefile was read, so the rest is for another make.
bench:
	sh src/tools/packages.sh bench install
	$(MAKE) --no-print-directory $(BUILD)/uptick $(BUILD)/moved_clock.so $(BUILD)/dns $(BENCH_TOOLS)
	sh tests/bench/bench.sh $(abspath $(BUILD))

install: $(BUILD)/uptick
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/doc/uptick/templates
	install -m 0755 $(BUILD)/uptick $(DESTDIR)$(PREFIX)/bin/uptick
	install -m 0644 docs/uptick.1 $(DESTDIR)$(PREFIX)/share/man/man1/uptick.1
	install -m 0644 docs/uptick.yaml.5 docs/uptick-templates.5 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 0644 templates/* $(DESTDIR)$(PREFIX)/share/doc/uptick/templates

clean:
	rm -rf $(BUILD)

-include $(OBJECTS:.o=.d) $(UNIT_TESTS:=.d)
