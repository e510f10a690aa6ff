# uptick: `make` builds build/uptick, `make help` lists the targets. V=1 prints whole commands.

VERSION = 0.1.0
BUILD = build
PREFIX = /usr/local
DESTDIR =

CC = gcc
# -fno-plt: all names are bound at the start (-z now), so calls of libraries need no detour.
CFLAGS = -O2 -g -fno-plt
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Werror
# The dynamic linker searches them in this order at each start. libcrypto uses the most names.
LIBRARIES = openssl libcurl libcares yaml-0.1 sqlite3 jansson libpcre2-8 zlib libzstd $(BROTLI)
# Without this one, checks do not ask for bodies in brotli.
BROTLI := $(shell pkg-config --exists libbrotlidec 2>/dev/null && echo libbrotlidec)

# Flags that make the program harder to exploit, if the compiler and the flags above allow them.
# A packager sets his own with HARDENING=.
HARDENING := $(shell sh src/tools/hardening.sh $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS))
HARDENING_LINK = -pie -Wl,%

# The code needs these. CFLAGS, CPPFLAGS and LDFLAGS are free for the packager.
STD = -std=c11 -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE $(WIDE)

# On 32-bit systems, sizes of files and times need 64 bits too.
WIDE := $(if $(filter 4,$(shell echo __SIZEOF_LONG__ | $(CC) -E -P -)),\
	-D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64)
ALL_CFLAGS = $(STD) -Isrc -I$(BUILD) -DUPTICK_VERSION='"$(VERSION)"' $(WARNINGS) -pthread \
	$(filter-out $(HARDENING_LINK),$(HARDENING)) $(CPPFLAGS) $(LIBRARY_CFLAGS) $(CFLAGS)
LIBRARY_CFLAGS := $(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null) $(BROTLI:%=-DUPTICK_BROTLI)
LIBRARY_LIBS := $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null)

# The program is src/ without src/tools/.
SOURCES := $(sort $(filter-out src/tools/%,$(wildcard src/*.c src/*/*.c)))
# Files embedded in the program by src/tools/embed.c.
ASSETS := $(sort $(wildcard templates/*) $(wildcard sql/*.sql) src/model/bot_walls.tsv)
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/assets.o
# The whole program without main.c, as a library. A test links only the objects it uses, so it can
# replace one with its own.
ROOMS := $(BUILD)/rooms.a

# Four jobs at once, because tests wait more than they compute. `make -j1` runs one at a time.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j4
endif

ifdef V
say = @:
else
.SILENT:
say = @printf '  %-6s %s\n'
endif

.PHONY: all help install clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:

## all: build build/uptick
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

include tests/fuzz.mk tests/check.mk tests/sweeps.mk tests/measure.mk

## help: list the targets
help:
	sed -n 's/^## \([a-z-]*\): /\1 /p' Makefile tests/*.mk | \
		while read -r target text; do printf 'make %-14s %s\n' "$$target" "$$text"; done

FORCE:

## install: install the program, the manual and the templates below PREFIX (/usr/local)
install: $(BUILD)/uptick
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/doc/uptick/templates
	install -m 0755 $(BUILD)/uptick $(DESTDIR)$(PREFIX)/bin/uptick
	install -m 0644 docs/uptick.1 $(DESTDIR)$(PREFIX)/share/man/man1/uptick.1
	install -m 0644 docs/uptick.yaml.5 docs/uptick-templates.5 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 0644 templates/* $(DESTDIR)$(PREFIX)/share/doc/uptick/templates

## clean: delete the build folder
clean:
	rm -rf $(BUILD)

-include $(OBJECTS:.o=.d)
