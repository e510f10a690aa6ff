# The tests of `make check`, the browser tests, the second run under sanitizers, and the demo.
# tests/README.md describes them.

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
E2E_TESTS := $(patsubst tests/e2e/%.c,$(BUILD)/e2e/%,$(wildcard tests/e2e/test_*.c))
E2E_HARNESS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/e2e/test_%,$(wildcard tests/e2e/*.c)))
AWKWARD_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/server/*.c))

.PHONY: check one tests unit e2e docs structure security threats hardening golden golden-compare \
	browser check-again tests-again threads demo demo-picture packages

# `make check` installs packages first. Each make reads pkg-config when it starts, so what needs
# these packages is built by a second make.
CHECKS = structure security e2e unit docs golden-compare replay mutate-example figures

## check: install the packages for the tests and run all tests, without the browser
check: packages
	$(MAKE) --no-print-directory tests
	$(MAKE) --no-print-directory --output-sync=target --keep-going $(CHECKS)

## one: run one test program, with all its output: T=unit/test_csv or T=e2e/test_ticks; ONLY='any_*' runs some of its tests
one: packages
	$(if $(T),,$(error usage: make one T=unit/test_csv [ONLY='any_*']))
	$(MAKE) --no-print-directory $(BUILD)/$(T).one

packages:
	sh src/tools/packages.sh test install

# The packages needed to build are checked once for each build folder.
$(BUILD)/packages: src/tools/packages.sh
	sh src/tools/packages.sh build
	mkdir -p $(@D) && touch $@

$(OBJECTS) $(AWKWARD_OBJECTS) $(E2E_HARNESS) $(BUILD)/embed: | $(BUILD)/packages

# Prints how many tests passed or were skipped, or the whole output if the program fails.
define run_test
$(1) $< > $@ 2>&1 || { cat $@; exit 1; }
sed -n -e 's/^\[  PASSED  \] /$(notdir $(basename $@)): passed /p' \
	-e 's/^\[  SKIPPED \] \([0-9].*\), .*/$(notdir $(basename $@)): skipped \1/p' $@
endef

# Unit tests: one program for each test file, linked with the objects of the program.

## unit: run the unit tests
unit: $(UNIT_TESTS:=.run)

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/tests/only.o $(ROOMS) Makefile
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests/unit -MMD -MP $(LDFLAGS) $(LINKED) -o $@ $< $(BUILD)/tests/only.o \
		$(ROOMS) $(LIBRARY_LIBS) -lcmocka

# Those of alerts send to the awkward server.
$(BUILD)/unit/%.run: $(BUILD)/unit/% $(BUILD)/awkward FORCE
	$(call run_test,AWKWARD=$(abspath $(BUILD)/awkward))

$(BUILD)/unit/%.one: $(BUILD)/unit/% $(BUILD)/awkward FORCE
	AWKWARD=$(abspath $(BUILD)/awkward) $<

# In unit/test_faults_*, the linker sends the program's calls of these functions to
# tests/unit/faults.h, which can make them fail.
FAULTY = free malloc calloc realloc aligned_alloc posix_memalign strdup strndup setenv arena_alloc arena_copy \
	fopen open openat close read pread pwrite fsync syncfs ftruncate rename renameat linkat unlinkat mkdir mkdirat \
	stat fstat fstatat fdopendir readdir flock fork socketpair \
	sqlite3_open_v2 sqlite3_prepare_v3 sqlite3_step sqlite3_exec sqlite3_column_text sqlite3_errcode \
	sqlite3_system_errno yaml_parser_initialize yaml_parser_parse curl_url curl_url_cleanup curl_url_set curl_url_get \
	deflateInit2_ inflateInit2_ inflate ZSTD_createCCtx ZSTD_createDCtx ZSTD_compressStream2 ZSTD_decompressStream \
	interrupt_came asset_find \
	pcre2_match_data_create_8 pcre2_match_context_create_8 pcre2_match_8 \
	curl_easy_init curl_easy_setopt curl_multi_init curl_multi_setopt curl_multi_assign curl_multi_add_handle \
	curl_multi_remove_handle curl_multi_socket_action curl_multi_perform curl_multi_poll curl_slist_append \
	thread_start pipe epoll_create1 epoll_ctl
WRAPPED = $(FAULTY:%=-Wl,--wrap=%)
$(BUILD)/unit/test_faults_%: LINKED = $(WRAPPED)

# End-to-end tests: the program itself, against a server with bad manners.

# test_minute waits for a minute to pass, so it starts first.
E2E_RUNS := $(BUILD)/e2e/test_minute.run $(addsuffix .run,$(filter-out %/test_minute,$(E2E_TESTS)))

## e2e: run the end-to-end tests
e2e: $(E2E_RUNS)

$(BUILD)/e2e/%: $(BUILD)/tests/e2e/%.o $(BUILD)/tests/only.o $(E2E_HARNESS)
	$(say) LINK $@
	mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -ljansson -lsqlite3 -lcmocka

# Paths that a test program takes from its environment.
E2E_PROGRAMS = $(addprefix $(BUILD)/,uptick awkward dns launch moved_clock.so intruder.so)
E2E_ENVIRONMENT = UPTICK=$(abspath $(BUILD)/uptick) AWKWARD=$(abspath $(BUILD)/awkward) \
	DNS=$(abspath $(BUILD)/dns) LAUNCH=$(abspath $(BUILD)/launch) INTRUDER=$(abspath $(BUILD)/intruder.so) \
	MOVED_CLOCK_LIBRARY=$(abspath $(BUILD)/moved_clock.so) WALLS=$(abspath tests/walls) \
	MANUAL=$(abspath docs/uptick-templates.5) MACHINES=$(abspath tests/machines)

# A program built with sanitizers has its own allocator, which this library cannot make fail.
ifeq ($(findstring sanitize,$(CFLAGS)),)
E2E_PROGRAMS += $(BUILD)/failing_memory.so
E2E_ENVIRONMENT += FAILING_MEMORY_LIBRARY=$(abspath $(BUILD)/failing_memory.so)
endif

tests: $(UNIT_TESTS) $(E2E_TESTS) $(E2E_PROGRAMS)

$(BUILD)/e2e/%.run: $(BUILD)/e2e/% $(E2E_PROGRAMS) FORCE
	$(call run_test,$(E2E_ENVIRONMENT))

$(BUILD)/e2e/%.one: $(BUILD)/e2e/% $(E2E_PROGRAMS) FORCE
	$(E2E_ENVIRONMENT) $<

$(BUILD)/awkward: $(AWKWARD_OBJECTS)
	$(say) LINK $@
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -lssl -lcrypto -lz

# A name server. It is not in tests/server, where each file belongs to the awkward server.
$(BUILD)/dns: tests/dns/dns.c tests/unit/fake_dns.h Makefile | $(BUILD)/packages
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -g -pthread -Itests/unit -o $@ $<

# These run before or inside the program, so they are built without its sanitizers.
PRELOADED = $(addprefix $(BUILD)/,moved_clock.so intruder.so failing_memory.so)
$(BUILD)/moved_clock.so: tests/clock/moved_clock.c
$(BUILD)/intruder.so: tests/sandbox/intruder.c
$(BUILD)/failing_memory.so: tests/faults/failing_memory.c
$(PRELOADED): Makefile | $(BUILD)/packages
	$(say) CC $(filter %.c,$^)
	mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -fPIC -shared -pthread -o $@ $(filter %.c,$^) -ldl

$(BUILD)/launch: tests/sandbox/launch.c Makefile | $(BUILD)/packages
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -o $@ $<

# Tests of the sources, the documents, the pages and the binary.

## docs: run every example in the README and in the manual
docs: $(BUILD)/uptick $(BUILD)/awkward $(BUILD)/moved_clock.so
	sh tests/docs/run.sh $(abspath $(BUILD)/uptick) $(abspath $(BUILD)/awkward)

## structure: check the order of the rooms, the names and the words
structure:
	sh tests/structure.sh

## security: check that the tests in the threat model exist, and how the binary is built
security: threats hardening

threats:
	sh tests/threats.sh

# Other CFLAGS are the choice of whoever gives them, and sanitizers need different ones.
hardening: $(BUILD)/uptick
ifeq ($(origin CFLAGS)$(origin HARDENING),filefile)
	CC='$(CC)' sh tests/hardening.sh $(abspath $(BUILD)/uptick)
else
	echo "hardening: skipped: CFLAGS or HARDENING are not those of the Makefile"
endif

## golden: store the pages of a fixed history as the expected ones; review them with git diff
golden: $(BUILD)/uptick $(BUILD)/moved_clock.so
	sh tests/golden/golden.sh $(abspath $(BUILD)) write

golden-compare: $(BUILD)/uptick $(BUILD)/moved_clock.so
	sh tests/golden/golden.sh $(abspath $(BUILD))

## browser: install Chromium and node, and test the dashboard in them; QUICK=1: three pages only
browser:
	sh src/tools/packages.sh browser install || [ "$$CI" != true ]
	$(MAKE) --no-print-directory $(BUILD)/uptick $(BUILD)/awkward $(BUILD)/moved_clock.so
	UPTICK=$(abspath $(BUILD)/uptick) AWKWARD=$(abspath $(BUILD)/awkward) \
		MOVED_CLOCK_LIBRARY=$(abspath $(BUILD)/moved_clock.so) \
		BROWSER_MODULES=$(abspath $(BUILD)/browser) SCREENSHOTS=$(abspath $(BUILD)/screenshots) \
		sh tests/browser/browser.sh run.mjs $(if $(QUICK),quick)

## demo-picture: take docs/demo*.png, the pictures in the README, of the pages that make demo builds
demo-picture: demo
	sh src/tools/packages.sh browser install
	BROWSER_MODULES=$(abspath $(BUILD)/browser) \
		sh tests/browser/browser.sh demo_pictures.mjs $(abspath $(BUILD)/demo) docs

# The second run, with sanitizers, by .ci/run.

# These tests are about the order of file calls, and about what a kill, a power cut, a full disk or
# many days leave. The calls are the same with sanitizers, so the first run is enough.
ORDER_OF_CALLS = unit/test_crash e2e/test_crash_sweep e2e/test_alert_kills e2e/test_powercut e2e/test_disk_model e2e/test_disk \
	e2e/test_torture e2e/test_torture_memory e2e/test_broken_state e2e/test_kills e2e/test_minute
# These make minutes of ticks to get days of records. test_journal, test_codec, test_records and
# test_faults_* run the same code under sanitizers.
LONG_RECORDS = e2e/test_spoiled e2e/test_archives e2e/test_records e2e/test_local_faults

ONCE = $(addprefix $(BUILD)/,$(ORDER_OF_CALLS) $(LONG_RECORDS))
CHECKED_AGAIN = $(filter-out $(ONCE),$(E2E_TESTS) $(UNIT_TESTS)) $(REPLAYS)

## check-again: run the tests that .ci/run repeats with sanitizers
check-again: packages
	$(if $(filter-out $(E2E_TESTS) $(UNIT_TESTS),$(ONCE)),$(error tests/check.mk names a test that does not exist))
	$(MAKE) --no-print-directory tests-again
	$(MAKE) --no-print-directory --output-sync=target --keep-going $(CHECKED_AGAIN:=.run)

tests-again: $(E2E_PROGRAMS) $(CHECKED_AGAIN)

## threads: run the tests of the threaded parts; .ci/run does so with ThreadSanitizer
threads: $(addprefix $(BUILD)/,unit/test_runner.run unit/test_lookups.run unit/test_nss.run unit/test_builders.run unit/test_sender.run \
	e2e/test_servers.run)

## demo: build a dashboard from three months of simulated checks
demo:
	sh src/tools/packages.sh demo install
	$(MAKE) --no-print-directory $(BUILD)/uptick $(BUILD)/awkward $(BUILD)/moved_clock.so
	sh tests/demo/demo.sh $(abspath $(BUILD)) $(abspath $(BUILD)/demo)

-include $(UNIT_TESTS:=.d) $(AWKWARD_OBJECTS:.o=.d) $(E2E_HARNESS:.o=.d) \
	$(E2E_TESTS:$(BUILD)/e2e/%=$(BUILD)/tests/e2e/%.d)
