# End-to-end tests and demo: the program as it ships, against an awkward server.

AWKWARD_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/server/*.c))
E2E_TESTS := $(patsubst tests/e2e/%.c,$(BUILD)/e2e/%,$(wildcard tests/e2e/test_*.c))
# The one that waits for a minute to pass begins first.
E2E_RUNS := $(BUILD)/e2e/test_minute.run $(addsuffix .run,$(filter-out %/test_minute,$(E2E_TESTS)))
E2E_HARNESS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/e2e/test_%,$(wildcard tests/e2e/*.c)))

.PHONY: demo e2e packages FORCE

# Installs what the tests need, where it can; instant where nothing is missing.
packages:
	sh src/tools/packages.sh test install

# What to build the program needs is looked at once a build folder.
$(BUILD)/packages: src/tools/packages.sh
	sh src/tools/packages.sh build
	mkdir -p $(@D) && touch $@

$(OBJECTS) $(AWKWARD_OBJECTS) $(E2E_HARNESS) $(BUILD)/embed $(BUILD)/moved_clock.so: \
	| $(BUILD)/packages

$(BUILD)/awkward: $(AWKWARD_OBJECTS)
	$(say) LINK $@
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -lssl -lcrypto -lz

# A name server for tests and the bench; in a folder of its own, since all of tests/server is awkward.
$(BUILD)/dns: tests/dns/dns.c tests/unit/fake_dns.h Makefile
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -g -pthread -Itests/unit -o $@ $<

# Goes before the program's own libraries, so that it is made without their sanitizers.
$(BUILD)/moved_clock.so: tests/clock/moved_clock.c Makefile
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -fPIC -shared -o $@ $<

$(BUILD)/e2e/%: $(BUILD)/tests/e2e/%.o $(E2E_HARNESS)
	$(say) LINK $@
	mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -ljansson -lsqlite3 -lcmocka

e2e: $(E2E_RUNS)

# What a test is told of the programs it runs.
E2E_ENVIRONMENT = MANUAL=$(abspath docs/uptick-templates.5) \
	UPTICK=$(abspath $(BUILD)/uptick) AWKWARD=$(abspath $(BUILD)/awkward) \
	DNS=$(abspath $(BUILD)/dns) MOVED_CLOCK_LIBRARY=$(abspath $(BUILD)/moved_clock.so)

FORCE:

$(BUILD)/e2e/%.run: $(BUILD)/e2e/% $(BUILD)/uptick $(BUILD)/awkward $(BUILD)/dns \
		$(BUILD)/moved_clock.so FORCE
	$(call run_test,$(E2E_ENVIRONMENT))

# Packages may have come since this Makefile was read, so the rest is for another make.
demo:
	sh src/tools/packages.sh demo install
	$(MAKE) --no-print-directory $(BUILD)/uptick $(BUILD)/awkward $(BUILD)/moved_clock.so
	sh tests/demo/demo.sh $(abspath $(BUILD)) $(abspath tests/demo/uptick.yaml)

-include $(AWKWARD_OBJECTS:.o=.d) $(E2E_HARNESS:.o=.d) $(E2E_TESTS:$(BUILD)/e2e/%=$(BUILD)/tests/e2e/%.d)
